#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/store/relay_link_internal.h"

static struct relay_taken *find(struct relay_link *l, int64_t id)
{
    struct relay_taken *t;

    HASH_FIND(hh, l->takes, &id, sizeof(id), t);
    return t;
}

static struct relay_taken *add(struct relay_link *l, const struct relay_row *row)
{
    struct relay_taken *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    *t = (struct relay_taken){.id = row->id, .asker = row->asker, .until_us = relay_now(l) + row->left_us};
    buf_init(&t->sealed, LIMIT_JSON_TEXT + LIMIT_STORE_VALUE);
    HASH_ADD(hh, l->takes, id, sizeof(t->id), t);
    if (t->hh.tbl)
        return t;
    free(t);
    return NULL;
}

static void forget(struct relay_link *l, struct relay_taken *t)
{
    HASH_DEL(l->takes, t);
    buf_fini(&t->sealed);
    free(t);
}

/* --- in --- */

/* One that is under way here came again: the table was lost, or this node was taken for dead. Its answer is for that
 * row too. */
static void on_taken(void *link, const struct relay_row *row)
{
    struct relay_link *l = link;

    l->taken_n++;
    l->read_bytes += row->len;
    if (find(l, row->id))
        return;
    struct relay_taken *t = add(l, row);
    if (!t)
        return; /* its asker is told of it at its deadline */
    int err = relay_open(&l->seal, RELAY_REQUEST, row->id, row->bytes, row->len, &l->opened);
    if (!err) {
        unsigned lease = row->node ? RELAY_FOR_NODE : (unsigned)row->lease;
        l->config.calls.take(l->config.calls.ctx, row->id, lease, row->left_us, l->opened.data, l->opened.len);
        return;
    }
    log_warning("cluster", "what another node was asked cannot be read here: %s; all nodes need the same seal key",
                tgc_err_text(err));
    relay_link_answer(l, row->id, NULL, 0);
}

int relay_takes_take(struct relay_link *l, bool *ret_more, struct fault *fault)
{
    size_t room = l->config.calls.room(l->config.calls.ctx), before = HASH_COUNT(l->takes);

    *ret_more = room == 0; /* they wait for it */
    if (room > RELAY_BATCH)
        room = RELAY_BATCH;
    if (room == 0)
        return 0;
    l->read_bytes = 0;
    int err = relay_sql_take(l->db, l->node, atomic_load(&l->leases), room, on_taken, l, fault);
    bool is_full = HASH_COUNT(l->takes) - before >= room || l->read_bytes >= RELAY_SQL_BYTES;
    *ret_more = !err && is_full && !l->has_returned;
    return err;
}

/* --- out --- */

static void finish(struct relay_link *l, struct relay_taken *t)
{
    t->is_answered = true;
    DL_APPEND(l->done, t);
}

void relay_link_answer(struct relay_link *l, int64_t id, const uint8_t *bytes, size_t len)
{
    struct relay_taken *t = find(l, id);

    if (!t || t->is_answered)
        return;
    t->is_lost = bytes && relay_seal(&l->seal, RELAY_ANSWER, id, bytes, len, &t->sealed) != 0;
    finish(l, t);
}

void relay_link_lose(struct relay_link *l, int64_t id)
{
    struct relay_taken *t = find(l, id);

    if (!t || t->is_answered)
        return;
    t->is_lost = true;
    finish(l, t);
}

void relay_link_return(struct relay_link *l, int64_t id)
{
    struct relay_taken *t = find(l, id);

    if (!t || t->is_answered)
        return;
    t->is_returned = true;
    l->has_returned = true;
    finish(l, t);
}

bool relay_link_is_empty(const struct relay_link *l)
{
    return !l->takes;
}

bool relay_takes_has_more(const struct relay_link *l)
{
    return l->done != NULL;
}

static int answer(struct relay_link *l, const struct relay_taken *t, int64_t now_us, struct fault *fault)
{
    bool has_answer = t->sealed.len && !t->is_lost;
    const struct relay_row row = {.id = t->id,
                                  .asker = t->asker,
                                  .taker = l->node,
                                  .left_us = t->until_us - now_us,
                                  .state = has_answer || t->is_lost ? RELAY_ANSWERED : RELAY_UNREAD,
                                  .bytes = has_answer ? t->sealed.data : NULL,
                                  .len = has_answer ? t->sealed.len : 0};

    return row.left_us > 0 ? relay_sql_answer(l->db, &row, fault) : 0;
}

static int give_back(struct relay_link *l, struct buf *ids, struct fault *fault)
{
    int err = ids->len ? relay_sql_give_back(l->db, l->node, buf_text(ids), fault) : 0;

    buf_fini(ids);
    return err;
}

int relay_takes_send(struct relay_link *l, struct fault *fault)
{
    int64_t now_us = relay_now(l), asker = 0;
    size_t n = 0, bytes = 0;
    struct relay_taken *t;
    struct buf ids;
    int err = 0;

    buf_init(&ids, LIMIT_STORE_VALUE);
    DL_FOREACH (l->done, t) {
        if (err || n == RELAY_BATCH || bytes > RELAY_BATCH_BYTES)
            break;
        n++;
        bytes += t->sealed.len;
        if (t->is_returned) {
            relay_add_id(&ids, t->id);
            continue;
        }
        err = answer(l, t, now_us, fault);
        if (!err && t->asker != asker)
            err = relay_sql_tell_asker(l->db, t->asker, fault);
        asker = t->asker;
    }
    l->sent_n = n;
    return err ? (buf_fini(&ids), err) : give_back(l, &ids, fault);
}

void relay_takes_sent(struct relay_link *l)
{
    struct relay_taken *t, *next;

    DL_FOREACH_SAFE(l->done, t, next)
    {
        if (l->sent_n == 0)
            break;
        l->sent_n--;
        DL_DELETE(l->done, t);
        forget(l, t);
    }
}

/* --- after a connection was lost --- */

int relay_takes_look(struct relay_link *l, struct fault *fault)
{
    struct buf ids;

    buf_init(&ids, LIMIT_STORE_QUEUE);
    for (struct relay_taken *t = l->takes; t; t = t->hh.next)
        relay_add_id(&ids, t->id);
    const char *text = buf_text(&ids);
    int err = text ? relay_sql_forget(l->db, l->node, text, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");
    buf_fini(&ids);
    return err;
}

void relay_takes_free(struct relay_link *l)
{
    struct relay_taken *t, *next;

    for (t = l->takes; t; t = next) {
        next = t->hh.next;
        forget(l, t);
    }
}
