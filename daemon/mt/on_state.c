/* Acknowledgements and the state of messages, ours and the server's ("Service Messages about Messages"). */
#include "daemon/base/le.h"
#include "daemon/mt/session_internal.h"

enum {
    STATE_MASK = 7,
    STATE_FORGOTTEN = 1,
    STATE_MISSING = 2,
    STATE_TOO_HIGH = 3,
    STATE_RECEIVED = 4,
    IDS_AT = 12, /* of a body with a vector of ids behind its constructor */
};

static void received(struct mt_session *s, struct mt_request *q)
{
    if (mt_request_become(s, q, MT_REQUEST_ACKED))
        mt_request_check_at(s, q, session_now_us(s) + ACKED_WAIT_S * SECOND_US);
}

int on_msgs_ack(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint32_t count = tl_read_vector(r, 8);

    for (uint32_t i = 0; i < count; i++) {
        uint64_t id = tl_read_u64(r);
        struct sent *e = id_map_find(&s->by_msg_id, id), *current = outbox_current(s, id);
        if (e)
            session_salt_proved(s, e);
        if (current)
            received(s, current->request);
    }
    return r->err ? TGC_EPROTO : 0;
}

/* Asks for what is marked: at most LIMIT_ACKS ids. */
int state_push(struct mt_session *s)
{
    struct buf body;
    uint32_t n = 0;

    buf_init(&body, IDS_AT + 8 * (size_t)LIMIT_ACKS);
    tl_write_u32(&body, MT_MSGS_STATE_REQ);
    tl_write_vector(&body, 0);
    for (struct mt_request *q = s->flight.first; q && n < LIMIT_ACKS; q = q->next) {
        if (q->state != MT_REQUEST_UNKNOWN)
            continue;
        tl_write_u64(&body, q->sent->msg_id);
        n++;
    }
    int err = buf_err(&body);
    if (!err && n) {
        le32_store(body.data + 8, n);
        err = outbox_push(s, SENT_STATE_REQ, &body);
    }
    buf_fini(&body);
    if (err)
        return err;
    for (struct mt_request *q = s->flight.first; q && n; q = q->next)
        n -= mt_request_become(s, q, MT_REQUEST_ASKED);
    s->ask_state = false;
    return 0;
}

static void learn(struct mt_session *s, uint64_t id, uint8_t state)
{
    struct sent *e = outbox_current(s, id);

    if (!e)
        return;
    switch (state & STATE_MASK) {
    case STATE_MISSING:
    case STATE_TOO_HIGH:
        mt_request_not_taken(e);
        mt_request_again(s, e->request);
        break;
    case STATE_FORGOTTEN:
        mt_request_again(s, e->request);
        break;
    case STATE_RECEIVED:
        received(s, e->request);
        break;
    default:
        break;
    }
}

int on_msgs_state_info(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t req_msg_id = tl_read_u64(r);
    size_t len;
    const uint8_t *info = tl_read_bytes(r, &len);
    struct sent *e = id_map_find(&s->by_msg_id, req_msg_id);

    if (r->err || !e || e->kind != SENT_STATE_REQ || len != (e->len - IDS_AT) / 8)
        return TGC_EPROTO;
    for (size_t i = 0; i < len; i++)
        learn(s, le64_load(e->body + IDS_AT + 8 * i), info[i]);
    session_salt_proved(s, e);
    outbox_service_drop(s, e);
    return 0;
}

int on_msgs_all_info(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint32_t count = tl_read_vector(r, 8);
    const uint8_t *ids = tl_read_raw(r, 8 * (size_t)count);
    size_t len;
    const uint8_t *info = tl_read_bytes(r, &len);

    if (r->err || len != count)
        return TGC_EPROTO;
    for (size_t i = 0; i < len; i++)
        learn(s, le64_load(ids + 8 * i), info[i]);
    return 0;
}

/* What we know of the server's message ID. */
static uint8_t state_of(const struct mt_session *s, uint64_t id)
{
    if (window_has(&s->window, id))
        return STATE_RECEIVED;
    if (window_is_below(&s->window, id))
        return STATE_FORGOTTEN;
    return id > window_newest(&s->window) ? STATE_TOO_HIGH : STATE_MISSING;
}

static int tell_states(struct mt_session *s, uint64_t req_msg_id, const uint8_t *ids, uint32_t count)
{
    uint8_t info[LIMIT_ACKS];
    struct buf body;

    for (uint32_t i = 0; i < count; i++)
        info[i] = state_of(s, le64_load(ids + 8 * (size_t)i));
    buf_init(&body, LIMIT_ACKS + 64);
    tl_write_u32(&body, MT_MSGS_STATE_INFO);
    tl_write_u64(&body, req_msg_id);
    tl_write_bytes(&body, info, count);
    int err = outbox_push(s, SENT_STATE_INFO, &body);
    buf_fini(&body);
    return err;
}

int on_msgs_state_req(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint32_t count = tl_read_vector(r, 8);
    const uint8_t *ids = tl_read_raw(r, 8 * (size_t)count);

    if (r->err || count > LIMIT_ACKS)
        return TGC_EPROTO;
    return tell_states(s, in->msg_id, ids, count);
}

int on_msg_resend_req(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint32_t count = tl_read_vector(r, 8);
    const uint8_t *ids = tl_read_raw(r, 8 * (size_t)count);
    bool all = true;

    if (r->err || count > LIMIT_ACKS)
        return TGC_EPROTO;
    for (uint32_t i = 0; i < count; i++) {
        struct sent *e = id_map_find(&s->by_msg_id, le64_load(ids + 8 * (size_t)i));
        if (e && (e->kind != SENT_QUERY || (outbox_current(s, e->msg_id) && mt_request_may_go_again(e->request))))
            outbox_resend(s, e);
        else
            all = false;
    }
    return all ? 0 : tell_states(s, in->msg_id, ids, count);
}
