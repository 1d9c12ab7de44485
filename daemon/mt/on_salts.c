/* get_future_salts and its answer. */
#include "daemon/mt/session_internal.h"

bool salts_are_wanted(const struct mt_session *s, int64_t now_us)
{
    return s->inited && now_us >= s->salts_next_us &&
           salts_left(&s->salts, (now_us + s->offset_us) / SECOND_US) < SALTS_FEW;
}

int salts_push(struct mt_session *s, int64_t now_us)
{
    struct buf body;

    buf_init(&body, 64);
    tl_write_u32(&body, MT_GET_FUTURE_SALTS);
    tl_write_u32(&body, SALTS_MAX);
    int err = outbox_push(s, SENT_SALTS_REQ, &body);
    buf_fini(&body);
    if (!err)
        s->salts_next_us = now_us + SALTS_AGAIN_S * SECOND_US;
    return err;
}

int on_future_salts(struct mt_session *s, const struct incoming *in, struct tl_reader *r)
{
    struct future_salt list[SALTS_MAX];
    uint64_t req_msg_id = tl_read_u64(r);

    (void)tl_read_i32(r);
    uint32_t count = tl_read_count(r, 16);
    for (uint32_t i = 0; i < count && i < SALTS_MAX; i++) {
        list[i].since = tl_read_i32(r);
        list[i].until = tl_read_i32(r);
        list[i].salt = tl_read_u64(r);
    }
    struct sent *e = id_map_find(&s->by_msg_id, req_msg_id);
    if (r->err || !e || e->kind != SENT_SALTS_REQ)
        return TGC_EPROTO;
    session_salt_proved(s, e);
    outbox_service_drop(s, e);
    salts_fill(&s->salts, list, count < SALTS_MAX ? count : SALTS_MAX);
    s->salts_next_us = session_now_us(s) + SALTS_REFRESH_S * SECOND_US;
    session_salt_choose(s);
    return 0;
}
