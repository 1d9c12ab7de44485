/* The server's time. The offset is against the monotonic clock: a step of the wall clock moves nothing. */
#include <stdlib.h>

#include "daemon/mt/session_internal.h"

static void set_offset(struct mt_session *s, int64_t offset_us)
{
    int64_t moved = llabs(offset_us - s->offset_us);

    s->offset_us = offset_us;
    if (moved > SECOND_US)
        s->config.handlers->on_salt(s->config.ctx, s->salts.now);
}

void session_time_set(struct mt_session *s, uint64_t msg_id)
{
    s->time_trusted = true;
    s->strays = 0;
    set_offset(s, msg_id_us(msg_id) - session_now_us(s));
}

bool session_time_fits(struct mt_session *s, uint64_t msg_id)
{
    int64_t ahead_us = msg_id_us(msg_id) - session_server_us(s);

    if (!s->time_trusted) {
        session_time_set(s, msg_id);
        return true;
    }
    if (ahead_us > TIME_AHEAD_S * SECOND_US || ahead_us < -TIME_PAST_S * SECOND_US)
        return false;
    s->strays = 0;
    /* A message was under way for a while: what it says of the time can only be too low. */
    if (ahead_us > 0)
        set_offset(s, s->offset_us + ahead_us);
    return true;
}

void session_time_prove(struct mt_session *s, uint64_t msg_id)
{
    s->strays = 0;
    /* One that is old was only held up; whether our offset is too large shows when it is heard. */
    if (msg_id_us(msg_id) > session_server_us(s))
        session_time_set(s, msg_id);
}

void session_time_stray(struct mt_session *s)
{
    /* A pong proves the time. */
    if (s->strays++ == 0)
        s->ping_next_us = session_now_us(s);
}
