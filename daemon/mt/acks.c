#include "daemon/mt/acks.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/writer.h"

enum { ACK_WAIT_S = 10, ACKS_AT_ONCE = 16, CAP_MIN = 16 };

void acks_init(struct acks *a)
{
    *a = (struct acks){.due_us = INT64_MAX};
}

void acks_fini(struct acks *a)
{
    free(a->ids);
    acks_init(a);
}

int acks_add(struct acks *a, uint64_t id, int64_t now_us)
{
    if (a->n == LIMIT_ACKS)
        return 0;
    if (a->n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : CAP_MIN;
        uint64_t *ids = reallocarray(a->ids, cap, sizeof(*ids));
        if (!ids)
            return TGC_ENOMEM;
        a->ids = ids;
        a->cap = cap;
    }
    if (a->n == 0)
        a->due_us = now_us + ACK_WAIT_S * SECOND_US;
    a->ids[a->n++] = id;
    if (a->n > ACKS_AT_ONCE)
        a->due_us = now_us;
    return 0;
}

void acks_write(const struct acks *a, struct buf *out)
{
    tl_write_u32(out, MT_MSGS_ACK);
    tl_write_vector(out, (uint32_t)a->n);
    for (size_t i = 0; i < a->n; i++)
        tl_write_u64(out, a->ids[i]);
}

void acks_clear(struct acks *a)
{
    a->n = 0;
    a->due_us = INT64_MAX;
}
