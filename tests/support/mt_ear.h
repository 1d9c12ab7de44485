/* A server's ear for what one session of a client says: each message is held to the rules for message ids, sequence
 * numbers and containers, and the test fails where one is broken. */
#ifndef TGCALLD_TESTS_MT_EAR_H
#define TGCALLD_TESTS_MT_EAR_H

#include <stdbool.h>

#include "daemon/mt/packed.h"

struct mt_ear {
    uint64_t session_id, last_msg_id; /* of the client */
    uint32_t content_n;
    bool has_missed; /* messages may have been lost before the next: its sequence number may be further on */
};

/* OUTER is the message that came in the packet: M itself, or the container around it. */
typedef void mt_ear_fn(void *ctx, const struct mt_message *m, const struct mt_message *outer);

/* M is what mt_packed_open() gave; HEAR is called for each message in it. Another session_id than before begins anew.
 */
void mt_ear_hear(struct mt_ear *ear, const struct mt_message *m, mt_ear_fn *hear, void *ctx);

#endif
