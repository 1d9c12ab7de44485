/* Which constructor goes to which handler. */
#include "daemon/base/gzip.h"
#include "daemon/mt/session_internal.h"

static session_handler on_gzip_packed, on_msg_copy, on_misplaced;

/* What a message proves of ours that were on their way: that those up to the one it names were taken, or maybe all. */
enum proof { PROVES_ALL, PROVES_NAMED, PROVES_LISTED, PROVES_INNER };

static const struct {
    uint32_t id;
    session_handler *handler;
    enum proof proof;
} handlers[] = {
    {MT_RPC_RESULT, on_rpc_result, PROVES_NAMED},
    {MT_MSGS_ACK, on_msgs_ack, PROVES_LISTED},
    {MT_GZIP_PACKED, on_gzip_packed, PROVES_INNER},
    {MT_MSG_COPY, on_msg_copy, PROVES_INNER},
    {MT_BAD_SERVER_SALT, on_bad_server_salt, PROVES_ALL},
    {MT_BAD_MSG_NOTIFICATION, on_bad_msg_notification, PROVES_ALL},
    {MT_NEW_SESSION_CREATED, on_new_session_created, PROVES_ALL},
    {MT_PONG, on_pong, PROVES_NAMED},
    {MT_FUTURE_SALTS, on_future_salts, PROVES_NAMED},
    {MT_MSGS_STATE_REQ, on_msgs_state_req, PROVES_ALL},
    {MT_MSGS_STATE_INFO, on_msgs_state_info, PROVES_NAMED},
    {MT_MSGS_ALL_INFO, on_msgs_all_info, PROVES_ALL},
    {MT_MSG_DETAILED_INFO, on_msg_detailed_info, PROVES_ALL},
    {MT_MSG_NEW_DETAILED_INFO, on_msg_new_detailed_info, PROVES_ALL},
    {MT_MSG_RESEND_REQ, on_msg_resend_req, PROVES_ALL},
    {MT_DESTROY_SESSION_OK, on_destroyed, PROVES_ALL},
    {MT_DESTROY_SESSION_NONE, on_destroyed, PROVES_ALL},
    {MT_DESTROY_AUTH_KEY_OK, on_destroyed, PROVES_ALL},
    {MT_DESTROY_AUTH_KEY_NONE, on_destroyed, PROVES_ALL},
    {MT_DESTROY_AUTH_KEY_FAIL, on_destroyed, PROVES_ALL},
    {MT_MSG_CONTAINER, on_misplaced, PROVES_ALL}, /* inside something: the outermost never gets here */
    {MT_RPC_ERROR, on_misplaced, PROVES_ALL},
};

static void taken(struct mt_session *s, uint64_t msg_id)
{
    if (msg_id > s->taken_msg_id && msg_id <= s->ids.last)
        s->taken_msg_id = msg_id;
}

static void learn_taken(struct mt_session *s, enum proof proof, struct tl_reader r)
{
    switch (proof) {
    case PROVES_ALL:
        s->taken_msg_id = s->ids.last;
        break;
    case PROVES_NAMED:
        taken(s, tl_read_u64(&r));
        break;
    case PROVES_LISTED:
        for (uint32_t count = tl_read_vector(&r, 8); count > 0; count--)
            taken(s, tl_read_u64(&r));
        break;
    case PROVES_INNER:
        break;
    }
}

int session_dispatch(struct mt_session *s, const struct incoming *in)
{
    struct tl_reader r;

    tl_reader_init(&r, in->body, in->len);
    uint32_t id = tl_read_u32(&r);
    if (r.err)
        return TGC_EPROTO;
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
        if (handlers[i].id == id) {
            learn_taken(s, handlers[i].proof, r);
            return handlers[i].handler(s, in, &r);
        }
    }
    learn_taken(s, PROVES_ALL, r);
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
