/* rpc_result: the end of a request. */
#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/session_internal.h"

static void hand_over(struct mt_session *s, uint64_t request, const uint8_t *data, size_t len)
{
    struct tl_reader r;
    struct mt_rpc_error error;
    size_t text_len;

    tl_reader_init(&r, data, len);
    uint32_t id = tl_read_u32(&r);
    if (r.err || id == MT_GZIP_PACKED) {
        session_tell_failed(s, request, TGC_EPROTO);
        return;
    }
    if (id != MT_RPC_ERROR) {
        session_tell_result(s, request, data, len);
        return;
    }
    int32_t code = tl_read_i32(&r);
    const uint8_t *text = tl_read_bytes(&r, &text_len);
    if (r.err) {
        session_tell_failed(s, request, TGC_EPROTO);
        return;
    }
    mt_rpc_error_set(&error, code, text, text_len);
    session_tell_error(s, request, &error);
}

static void hand_over_unpacked(struct mt_session *s, uint64_t request, struct tl_reader *r)
{
    struct buf plain;
    size_t len;

    (void)tl_read_u32(r);
    const uint8_t *packed = tl_read_bytes(r, &len);
    buf_init(&plain, LIMIT_UNPACKED);
    int err = r->err ? TGC_EPROTO : gzip_unpack(packed, len, &plain, NULL);
    if (err)
        session_tell_failed(s, request, err == TGC_ELIMIT || err == TGC_ENOMEM ? err : TGC_EPROTO);
    else
        hand_over(s, request, plain.data, plain.len);
    buf_fini(&plain);
}

/* An answer so much below its request shows that our offset is too large, though the server still took the request. */
static void check_offset(struct mt_session *s, uint64_t answer_id, uint64_t request_id)
{
    if (msg_id_us(answer_id) + TIME_BEHIND_S * SECOND_US < msg_id_us(request_id))
        session_time_set(s, answer_id);
}

/* pong and future_salts have no rpc_result around them, but some servers put one there. */
static int on_service_result(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    struct incoming inner = *in;
    uint32_t id = tl_peek_u32(r);

    inner.body = r->at;
    inner.len = tl_reader_left(r);
    return id == MT_PONG || id == MT_FUTURE_SALTS ? session_dispatch(s, &inner) : 0;
}

int on_rpc_result(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t req_msg_id = tl_read_u64(r);
    struct sent *e = id_map_find(&s->by_msg_id, req_msg_id);

    if (r->err)
        return TGC_EPROTO;
    if (!e)
        return 0; /* late: acknowledged like any other, and dropped */
    session_salt_proved(s, e);
    if (e->kind != SENT_QUERY)
        return on_service_result(s, in, r);
    struct mt_request *q = e->request;
    uint64_t request = q->id;
    if (!s->prefix.len || e->init_round == s->init_round)
        s->inited = true;
    check_offset(s, in->msg_id, req_msg_id);
    mt_request_become(s, q, MT_REQUEST_DONE);
    /* One level of gzip in all: none here where the rpc_result itself came out of one. */
    if (tl_peek_u32(r) == MT_GZIP_PACKED && !in->unpacked)
        hand_over_unpacked(s, request, r);
    else
        hand_over(s, request, r->at, tl_reader_left(r));
    return 0;
}

/* destroy_session and destroy_auth_key may be answered outside an rpc_result. Their queries are bare and never packed.
 */
int on_destroyed(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint32_t id = le32_load(in->body);
    bool is_session = id == MT_DESTROY_SESSION_OK || id == MT_DESTROY_SESSION_NONE;
    uint32_t method = is_session ? MT_DESTROY_SESSION : MT_DESTROY_AUTH_KEY;

    for (struct mt_request *q = s->flight.first; q; q = q->next) {
        if (q->method != method)
            continue;
        uint64_t request = q->id;
        mt_request_become(s, q, MT_REQUEST_DONE);
        session_tell_result(s, request, in->body, in->len);
        return 0;
    }
    return 0;
}
