/* Server messages that are to be acknowledged. Internal to daemon/mt. */
#ifndef TGCALLD_MT_ACKS_H
#define TGCALLD_MT_ACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

struct acks {
    uint64_t *ids;
    size_t n, cap;
    int64_t due_us; /* when they go out even alone; INT64_MAX while there are none */
};

void acks_init(struct acks *a);
void acks_fini(struct acks *a);
/* One more; beyond LIMIT_ACKS it is left out: the server sends such a message again. */
int acks_add(struct acks *a, uint64_t id, int64_t now_us) TGC_MUST;
/* Appends them as msgs_ack. */
void acks_write(const struct acks *a, struct buf *out);
void acks_clear(struct acks *a);

#endif
