/* "There is an answer, and it was not sent again": msg_detailed_info and msg_new_detailed_info. */
#include "daemon/mt/session_internal.h"

static int want(struct mt_session *s, uint64_t answer_msg_id)
{
    struct buf body;

    buf_init(&body, 64);
    tl_write_u32(&body, MT_MSG_RESEND_REQ);
    tl_write_vector(&body, 1);
    tl_write_u64(&body, answer_msg_id);
    int err = outbox_push(s, SENT_RESEND_REQ, &body);
    buf_fini(&body);
    return err;
}

static int judge(struct mt_session *s, uint64_t answer_msg_id, bool wanted)
{
    if (wanted && !window_has(&s->window, answer_msg_id))
        return want(s, answer_msg_id);
    return acks_add(&s->acks, answer_msg_id, session_now_us(s));
}

int on_msg_detailed_info(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t msg_id = tl_read_u64(r);
    uint64_t answer_msg_id = tl_read_u64(r);
    (void)tl_read_raw(r, 8);

    if (r->err)
        return TGC_EPROTO;
    /* The answer to what nobody waits for any more is not worth having. */
    struct sent *e = id_map_find(&s->by_msg_id, msg_id);
    if (e)
        session_salt_proved(s, e);
    return judge(s, answer_msg_id, e && e->kind == SENT_QUERY);
}

int on_msg_new_detailed_info(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    uint64_t answer_msg_id = tl_read_u64(r);
    (void)tl_read_raw(r, 8);

    return r->err ? TGC_EPROTO : judge(s, answer_msg_id, true);
}
