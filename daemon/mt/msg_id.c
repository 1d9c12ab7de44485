#include "daemon/mt/msg_id.h"

#include "daemon/base/clock.h"

uint64_t mt_msg_id_next(struct mt_msg_id_source *s, int64_t unix_us, enum mt_msg_id_low low)
{
    uint64_t us = unix_us > 0 ? (uint64_t)unix_us : 0;
    uint64_t fraction = ((us % (uint64_t)SECOND_US) << 32) / (uint64_t)SECOND_US;
    uint64_t id = (us / (uint64_t)SECOND_US) << 32 | (fraction & ~UINT64_C(3));

    /* A clock that stands still or goes back must not repeat an id. */
    if (id <= s->last)
        id = s->last + 4;
    s->last = id;
    return id | (uint64_t)low;
}
