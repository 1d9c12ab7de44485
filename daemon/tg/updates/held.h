/* Updates that wait for those before them, with their bytes, in the order in which they came; in bounded memory. */
#ifndef TGCALLD_TG_UPDATES_HELD_H
#define TGCALLD_TG_UPDATES_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/tg/listener.h"

enum held_box {
    HELD_COMMON,
    HELD_QTS,
    HELD_CHANNEL,
    HELD_SEQ, /* of a container: what moves no other sequence */
};

struct held {
    struct held *next;
    enum held_box box;
    int64_t channel_id;
    int32_t pts, count;      /* HELD_SEQ: the container's seq, and how many it stands for */
    int32_t date;            /* of the container */
    size_t size;             /* of all that it takes */
    bool is_update;          /* else it only moves the sequence */
    struct tg_update update; /* its bytes follow this */
};

struct held_list {
    struct held *first, **last; /* LAST: NULL before the first */
    size_t n, bytes;
};

/* Copies UPDATE (NULL: none). TGC_ELIMIT: LIMIT_HELD_UPDATES, LIMIT_HELD_BYTES. TGC_ENOMEM. */
int held_put(struct held_list *list, const struct held *like, const struct tg_update *update) TGC_MUST;
/* Takes out what *AT points to, a link of the list; the caller's to free(). */
struct held *held_take(struct held_list *list, struct held **at);
void held_clear(struct held_list *list);

#endif
