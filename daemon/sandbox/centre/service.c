#include "daemon/sandbox/centre/service.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/writer.h"

enum { FUTURE_SALTS_MAX = 64, ANSWER_MAX = 64 << 10 };

static void reply(struct session *ss, const struct mt_message *m, struct buf *b)
{
    if (!b->err)
        session_send(ss, b->data, b->len, false, m->msg_id);
    buf_fini(b);
}

static void on_acks(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    uint32_t n = tl_read_vector(r, 8);

    for (uint32_t i = 0; i < n && n <= LIMIT_ACKS; i++) {
        uint64_t id = tl_read_u64(r);
        if (!session_sent(ss, id))
            lint_note(&ss->s->lints, LINT_ACK_UNKNOWN, ss->auth->app, NULL);
        session_acked(ss, id);
    }
}

static void pong(struct session *ss, const struct mt_message *m, uint64_t ping_id)
{
    struct buf b;

    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, MT_PONG);
    buf_put_u64(&b, m->msg_id);
    buf_put_u64(&b, ping_id);
    reply(ss, m, &b);
}

static void on_ping(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    pong(ss, m, tl_read_u64(r));
}

static void on_ping_delay(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    uint64_t ping_id = tl_read_u64(r);
    int32_t delay = tl_read_i32(r);

    pong(ss, m, ping_id);
    if (ss->seat.line && !r->err)
        line_disconnect_after(ss->seat.line, delay > 0 ? (unsigned)delay : 0);
}

static void on_future_salts(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    int32_t n = tl_read_i32(r);
    int64_t now = centres_now_us(ss->s), period = keys_salt_period_s(&ss->s->keys);
    int64_t index = keys_salt_index(&ss->s->keys, ss->auth, now);
    struct buf b;

    if (n < 1)
        n = 1;
    if (n > FUTURE_SALTS_MAX)
        n = FUTURE_SALTS_MAX;
    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, MT_FUTURE_SALTS);
    buf_put_u64(&b, m->msg_id);
    buf_put_u32(&b, (uint32_t)(now / SECOND_US));
    buf_put_u32(&b, (uint32_t)n); /* a bare vector of bare future_salt */
    for (int32_t i = 0; i < n; i++) {
        int64_t since = ss->auth->made_us / SECOND_US + (index + i) * period;
        buf_put_u32(&b, (uint32_t)since);
        buf_put_u32(&b, (uint32_t)(since + 2 * period));
        buf_put_u64(&b, keys_salt(&ss->s->keys, ss->auth, index + i));
    }
    reply(ss, m, &b);
}

/* One byte a message, as "Service messages about messages" counts the bits. */
static uint8_t state_of(struct session *ss, uint64_t msg_id)
{
    const struct seen *seen = session_seen(ss, msg_id);

    if (seen)
        return (uint8_t)(4 | (seen->is_acked ? 8 : 0) | (seen->seq_no & 1 ? 0 : 16) |
                         (seen->is_answered ? 32 | 64 : 0));
    if (msg_id > ss->highest_id)
        return 3;
    return ss->seen_n > SESSION_SEEN ? 1 : 2;
}

static void on_state_req(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    uint8_t info[LIMIT_ACKS];
    uint32_t n = tl_read_vector(r, 8);
    struct buf b;

    if (r->err || n > LIMIT_ACKS)
        return;
    for (uint32_t i = 0; i < n; i++)
        info[i] = state_of(ss, tl_read_u64(r));
    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, MT_MSGS_STATE_INFO);
    buf_put_u64(&b, m->msg_id);
    tl_write_bytes(&b, info, n);
    reply(ss, m, &b);
}

/* Asked for by our own ids (answers to send again); what is not kept is told by its state. */
static void on_resend_req(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    struct tl_reader again = *r;
    uint32_t n = tl_read_vector(r, 8);
    bool all = n <= LIMIT_ACKS;

    for (uint32_t i = 0; i < n && all; i++)
        all = session_resend(ss, tl_read_u64(r));
    if (!all)
        on_state_req(ss, m, &again);
}

static void on_destroy_session(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    uint64_t id = tl_read_u64(r);
    struct session *other = id == ss->id ? NULL : session_find(ss->auth, id);
    struct buf b;

    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, other ? MT_DESTROY_SESSION_OK : MT_DESTROY_SESSION_NONE);
    buf_put_u64(&b, id);
    if (other)
        session_free(other);
    reply(ss, m, &b);
}

static void on_destroy_key(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    const struct account *a = keys_account(&ss->s->keys, ss->auth);
    bool fail = a && a->user;
    struct buf b;

    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, fail ? MT_DESTROY_AUTH_KEY_FAIL : MT_DESTROY_AUTH_KEY_OK);
    reply(ss, m, &b);
    session_flush(ss);
    /* Logged in keys must log out first; the session ends with its key. */
    if (!fail)
        keys_drop(&ss->s->keys, ss->auth);
}

/* A query that has no answer yet gets this one: both messages are told that it was dropped. */
static void drop_running(struct session *ss, struct seen *query)
{
    struct buf b;

    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, MT_RPC_RESULT);
    buf_put_u64(&b, query->msg_id);
    buf_put_u32(&b, MT_RPC_ANSWER_DROPPED_RUNNING);
    if (!b.err)
        session_send_late(ss, b.data, b.len, query->msg_id);
    buf_fini(&b);
}

static void on_drop_answer(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    uint64_t request = tl_read_u64(r);
    struct outgoing *o = ss->first;
    struct seen *seen = session_seen(ss, request);
    struct buf b;

    /* What answers nothing has 0 there. */
    while (o && (!request || o->request != request))
        o = o->next;
    buf_init(&b, ANSWER_MAX);
    buf_put_u32(&b, MT_RPC_RESULT);
    buf_put_u64(&b, m->msg_id);
    if (o) {
        buf_put_u32(&b, MT_RPC_ANSWER_DROPPED);
        buf_put_u64(&b, o->msg_id);
        buf_put_u32(&b, o->seq_no);
        buf_put_u32(&b, (uint32_t)o->len);
        session_acked(ss, o->msg_id);
    } else if (seen && !seen->is_answered && !seen->is_container && seen->msg_id != m->msg_id) {
        buf_put_u32(&b, MT_RPC_ANSWER_DROPPED_RUNNING);
        drop_running(ss, seen);
    } else {
        buf_put_u32(&b, MT_RPC_ANSWER_UNKNOWN);
    }
    if (!b.err)
        session_send(ss, b.data, b.len, true, m->msg_id);
    buf_fini(&b);
}

static void on_http_wait(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
    lint_note(&ss->s->lints, LINT_HTTP_WAIT, ss->auth->app, NULL);
}

static void ignore(struct session *ss, const struct mt_message *m, struct tl_reader *r)
{
}

static const struct {
    uint32_t id;
    void (*handler)(struct session *ss, const struct mt_message *m, struct tl_reader *r);
    bool answers; /* the answer stands for the ack */
} table[] = {
    {MT_MSGS_ACK, on_acks, true},
    {MT_PING, on_ping, true},
    {MT_PING_DELAY_DISCONNECT, on_ping_delay, true},
    {MT_GET_FUTURE_SALTS, on_future_salts, true},
    {MT_MSGS_STATE_REQ, on_state_req, true},
    {MT_MSG_RESEND_REQ, on_resend_req, true},
    {MT_DESTROY_SESSION, on_destroy_session, true},
    {MT_DESTROY_AUTH_KEY, on_destroy_key, true},
    {MT_RPC_DROP_ANSWER, on_drop_answer, true},
    {MT_HTTP_WAIT, on_http_wait, true},
    {MT_MSGS_STATE_INFO, ignore, false},
    {MT_MSGS_ALL_INFO, ignore, false},
    {MT_BAD_MSG_NOTIFICATION, ignore, true},
};

bool service_handle(struct session *ss, const struct mt_message *m, uint32_t id)
{
    struct tl_reader r;

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        if (table[i].id != id)
            continue;
        struct seen *seen = session_seen(ss, m->msg_id);
        if (seen)
            seen->is_answered = table[i].answers;
        if (!table[i].answers && m->seq_no & 1)
            session_ack_later(ss, m->msg_id);
        tl_reader_init(&r, m->body + 4, m->len - 4);
        table[i].handler(ss, m, &r);
        return true;
    }
    return false;
}

bool service_is_content(uint32_t id)
{
    if (id == MT_MSG_CONTAINER || id == MT_GZIP_PACKED || id == MT_MSG_COPY)
        return false;
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (table[i].id == id)
            return false;
    return true;
}
