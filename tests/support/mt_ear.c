#include "tests/support/mt_ear.h"

#include <check.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"

static bool needs_ack(uint32_t id)
{
    return id != MT_MSGS_ACK && id != MT_MSG_CONTAINER && id != MT_PING_DELAY_DISCONNECT && id != MT_GET_FUTURE_SALTS &&
           id != MT_MSGS_STATE_INFO;
}

/* The container comes after its messages. */
static void judge(struct mt_ear *ear, const struct mt_message *m)
{
    ck_assert_uint_ge(m->len, 4);
    ck_assert_uint_eq(m->msg_id % 4, 0);
    ck_assert_uint_gt(m->msg_id, ear->last_msg_id);
    ear->last_msg_id = m->msg_id;
    bool content = needs_ack(le32_load(m->body));
    if (ear->has_missed && m->seq_no / 2 > ear->content_n)
        ear->content_n = m->seq_no / 2;
    ear->has_missed = false;
    ck_assert_uint_eq(m->seq_no, 2 * ear->content_n + content);
    ear->content_n += content;
}

static void hear_container(struct mt_ear *ear, const struct mt_message *m, mt_ear_fn *hear, void *ctx)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    ck_assert_int_eq(mt_container_open(m->body, m->len, &r, &count), 0);
    ck_assert_uint_ge(count, 2);
    ck_assert_uint_le(count, LIMIT_CONTAINER_MESSAGES);
    ck_assert_uint_le(m->len, LIMIT_CONTAINER_BYTES);
    while (count-- > 0) {
        ck_assert_int_eq(mt_container_next(&r, &inner), 0);
        judge(ear, &inner);
        ck_assert_uint_ne(le32_load(inner.body), MT_MSG_CONTAINER);
        hear(ctx, &inner, m);
    }
    ck_assert_uint_eq(tl_reader_left(&r), 0);
    judge(ear, m);
}

void mt_ear_hear(struct mt_ear *ear, const struct mt_message *m, mt_ear_fn *hear, void *ctx)
{
    if (m->session_id != ear->session_id)
        *ear = (struct mt_ear){.session_id = m->session_id};
    if (m->len >= 4 && le32_load(m->body) == MT_MSG_CONTAINER) {
        hear_container(ear, m, hear, ctx);
    } else {
        judge(ear, m);
        hear(ctx, m, m);
    }
}
