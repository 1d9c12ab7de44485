/* Which constructor goes to which handler. */
#include "daemon/base/gzip.h"
#include "daemon/mt/session_internal.h"

static session_handler on_gzip_packed, on_msg_copy, on_misplaced;

static const struct {
    uint32_t id;
    session_handler *handler;
} handlers[] = {
    {MT_RPC_RESULT, on_rpc_result},
    {MT_MSGS_ACK, on_msgs_ack},
    {MT_GZIP_PACKED, on_gzip_packed},
    {MT_MSG_COPY, on_msg_copy},
    {MT_BAD_SERVER_SALT, on_bad_server_salt},
    {MT_BAD_MSG_NOTIFICATION, on_bad_msg_notification},
    {MT_NEW_SESSION_CREATED, on_new_session_created},
    {MT_PONG, on_pong},
    {MT_FUTURE_SALTS, on_future_salts},
    {MT_MSGS_STATE_REQ, on_msgs_state_req},
    {MT_MSGS_STATE_INFO, on_msgs_state_info},
    {MT_MSGS_ALL_INFO, on_msgs_all_info},
    {MT_MSG_DETAILED_INFO, on_msg_detailed_info},
    {MT_MSG_NEW_DETAILED_INFO, on_msg_new_detailed_info},
    {MT_MSG_RESEND_REQ, on_msg_resend_req},
    {MT_DESTROY_SESSION_OK, on_destroyed},
    {MT_DESTROY_SESSION_NONE, on_destroyed},
    {MT_DESTROY_AUTH_KEY_OK, on_destroyed},
    {MT_DESTROY_AUTH_KEY_NONE, on_destroyed},
    {MT_DESTROY_AUTH_KEY_FAIL, on_destroyed},
    {MT_MSG_CONTAINER, on_misplaced}, /* inside something: the outermost never gets here */
    {MT_RPC_ERROR, on_misplaced},
};

int session_dispatch(struct mt_session *s, const struct incoming *in)
{
    struct tl_reader r;

    tl_reader_init(&r, in->body, in->len);
    uint32_t id = tl_read_u32(&r);
    if (r.err)
        return TGC_EPROTO;
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (handlers[i].id == id)
            return handlers[i].handler(s, in, &r);
    }
    s->config.handlers->on_update(s->config.ctx, in->body, in->len);
    return 0;
}

static int on_misplaced(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    return TGC_EPROTO;
}

static int on_gzip_packed(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    struct incoming inner = *in;
    struct buf plain;
    size_t len;
    const uint8_t *packed = tl_read_bytes(r, &len);

    if (r->err || in->unpacked)
        return TGC_EPROTO;
    buf_init(&plain, LIMIT_UNPACKED);
    int err = gzip_unpack(packed, len, &plain, NULL);
    if (!err) {
        inner.body = plain.data;
        inner.len = plain.len;
        inner.unpacked = true;
        err = session_dispatch(s, &inner);
    }
    buf_fini(&plain);
    return err == TGC_ENOMEM ? err : err ? TGC_EPROTO : 0;
}

static int on_msg_copy(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    struct incoming inner = {.copied = true, .unpacked = in->unpacked};

    inner.msg_id = tl_read_u64(r);
    inner.seq_no = tl_read_u32(r);
    inner.len = tl_read_u32(r);
    if (r->err || in->copied || inner.len % 4 != 0)
        return TGC_EPROTO;
    inner.body = tl_read_raw(r, inner.len);
    if (r->err || inner.msg_id % 2 == 0 || inner.msg_id >= in->msg_id)
        return TGC_EPROTO;
    return session_take(s, &inner);
}
