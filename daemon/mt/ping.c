#include "daemon/mt/session_internal.h"

int ping_push(struct mt_session *s, int64_t now_us)
{
    struct buf body;

    buf_init(&body, 64);
    tl_write_u32(&body, MT_PING_DELAY_DISCONNECT);
    tl_write_u64(&body, random_u64(s->config.random));
    tl_write_u32(&body, (uint32_t)(s->ping_interval_us / SECOND_US) + PING_DELAY_S - PING_INTERVAL_S);
    int err = outbox_push(s, SENT_PING, &body);
    buf_fini(&body);
    if (err)
        return err;
    s->ping_next_us = now_us + s->ping_interval_us;
    if (!s->ping_sent_us)
        s->ping_sent_us = s->heard_us = now_us;
    return 0;
}

static int64_t dead_us(const struct mt_session *s)
{
    if (!s->ping_sent_us)
        return INT64_MAX;
    int64_t silent_us = s->heard_us + PONG_WAIT_S * SECOND_US, endless_us = s->ping_sent_us + PACKET_WAIT_S * SECOND_US;
    return silent_us < endless_us ? silent_us : endless_us;
}

bool ping_is_dead(const struct mt_session *s, int64_t now_us)
{
    return now_us >= dead_us(s);
}

int64_t ping_deadline_us(const struct mt_session *s)
{
    return dead_us(s) < s->ping_next_us ? dead_us(s) : s->ping_next_us;
}
