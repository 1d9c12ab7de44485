/* Which session it is, and going over to another. */
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/mt/session_internal.h"

bool session_was_ours(const struct mt_session *s, uint64_t session_id)
{
    for (unsigned i = 0; i < OLD_SESSIONS && i < s->old_sessions_n; i++) {
        if (s->old_sessions[i] == session_id)
            return true;
    }
    return false;
}

static void count_restart(struct mt_session *s)
{
    int64_t now_us = session_now_us(s);

    if (now_us - s->restarts_since_us > RESTARTS_S * SECOND_US) {
        s->restarts_since_us = now_us;
        s->restarts_n = 0;
    }
    if (++s->restarts_n > RESTARTS_MAX)
        s->too_many_restarts = true;
}

/* What was in flight comes before what waited: the order of the owner. */
static void requeue_all(struct mt_session *s)
{
    struct request_list waited = s->queue;

    s->queue = (struct request_list){0};
    while (s->flight.first)
        mt_request_again(s, s->flight.first);
    if (!waited.first)
        return;
    waited.first->prev = s->queue.last;
    if (s->queue.last)
        s->queue.last->next = waited.first;
    else
        s->queue.first = waited.first;
    s->queue.last = waited.last;
}

void session_begin_anew(struct mt_session *s)
{
    s->old_sessions[s->old_sessions_n++ % OLD_SESSIONS] = s->session_id;
    do {
        s->session_id = random_u64(s->config.random);
    } while (s->session_id == 0 || session_was_ours(s, s->session_id));
    outbox_clear(s);
    requeue_all(s);
    acks_clear(&s->acks);
    window_fini(&s->window);
    s->ids = (struct mt_msg_id_source){0};
    s->content_n = 0;
    s->has_unique_id = false;
    s->inited = false;
    s->init_round++;
    s->ask_state = false;
    session_salt_trust(s);
    s->check_us = INT64_MAX;
    s->strays = s->faults = 0;
    s->ping_sent_us = 0;
    s->ping_next_us = session_now_us(s);
}

void session_restart(struct mt_session *s, const char *why)
{
    log_info("mt", "New session: %s", why);
    count_restart(s);
    session_begin_anew(s);
}
