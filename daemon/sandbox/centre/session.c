#include "daemon/sandbox/centre/session.h"

#include <stdlib.h>

struct session *session_find(const struct auth *a, uint64_t id)
{
    for (struct session *ss = a->sessions; ss; ss = ss->next)
        if (ss->id == id)
            return ss;
    return NULL;
}

void session_free(struct session *ss)
{
    line_seat(&ss->seat, NULL);
    for (struct session **p = &ss->auth->sessions; *p; p = &(*p)->next) {
        if (*p == ss) {
            *p = ss->next;
            ss->auth->sessions_n--;
            break;
        }
    }
    while (ss->first) {
        struct outgoing *o = ss->first;
        ss->first = o->next;
        free(o);
    }
    if (ss->s->acting == ss)
        ss->s->acting = NULL;
    buf_fini(&ss->held);
    buf_fini(&ss->held_update);
    free(ss);
}

/* Makes room: the oldest session without a connection goes, else the oldest. */
static void evict(struct auth *a)
{
    struct session *victim = NULL;

    for (struct session *ss = a->sessions; ss; ss = ss->next)
        if (!victim || !ss->seat.line || victim->seat.line)
            victim = ss;
    if (victim)
        session_free(victim);
}

struct session *session_new(struct centres *s, struct auth *a, uint64_t id)
{
    struct session *ss = calloc(1, sizeof(*ss));

    if (!ss)
        return NULL;
    if (a->sessions_n >= KEYS_SESSIONS_MAX)
        evict(a);
    ss->s = s;
    ss->auth = a;
    ss->id = id;
    ss->unique_id = random_u64(&s->random);
    ss->next = a->sessions;
    a->sessions = ss;
    a->sessions_n++;
    return ss;
}

void session_attach(struct session *ss, struct line *l)
{
    if (ss->seat.line == l)
        return;
    line_seat(&ss->seat, l);
    for (struct outgoing *o = ss->first; o; o = o->next)
        o->is_written = false;
}

struct seen *session_seen(struct session *ss, uint64_t msg_id)
{
    size_t n = ss->seen_n < SESSION_SEEN ? ss->seen_n : SESSION_SEEN;

    if (!msg_id || msg_id > ss->highest_id)
        return NULL;
    /* The latest first: it is the one that is asked for most. */
    for (size_t i = 1; i <= n; i++) {
        struct seen *seen = &ss->seen[(ss->seen_n - i) % SESSION_SEEN];
        if (seen->msg_id == msg_id)
            return seen;
    }
    return NULL;
}

void session_remember(struct session *ss, const struct mt_message *m, bool is_container)
{
    struct seen *seen = &ss->seen[ss->seen_n++ % SESSION_SEEN];

    *seen = (struct seen){.msg_id = m->msg_id, .seq_no = m->seq_no, .is_container = is_container};
    if (m->msg_id > ss->highest_id)
        ss->highest_id = m->msg_id;
    if (m->seq_no > ss->highest_seq)
        ss->highest_seq = m->seq_no;
}

static bool speaks(const struct auth *a)
{
    for (const struct session *ss = a->sessions; ss; ss = ss->next)
        if (ss->seat.line)
            return true;
    return false;
}

static void forget(struct auth *a)
{
    while (a->sessions)
        session_free(a->sessions);
}

const struct key_holder session_key_holder = {speaks, forget};
