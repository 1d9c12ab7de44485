/* Message identifiers ("Message Identifier (msg_id)"): server time in 2^-32 s, strictly growing, low bits by who
 * speaks. */
#ifndef TGCALLD_MT_MSG_ID_H
#define TGCALLD_MT_MSG_ID_H

#include <stdint.h>

enum mt_msg_id_low { MT_MSG_ID_CLIENT = 0, MT_MSG_ID_ANSWER = 1, MT_MSG_ID_SERVER = 3 };

struct mt_msg_id_source {
    uint64_t last;
};

/* The next id for the server time UNIX_US, with low two bits LOW. */
uint64_t mt_msg_id_next(struct mt_msg_id_source *s, int64_t unix_us, enum mt_msg_id_low low);

static inline int64_t mt_msg_id_seconds(uint64_t msg_id)
{
    return (int64_t)(msg_id >> 32);
}

#endif
