/* Each try to deliver an event to a webhook, and the events that are to be sent to one again. A try is kept as long as
 * its event is, and of one hook at most STORE_DELIVERIES_MAX. */
#ifndef TGCALLD_STORE_DELIVERY_ROWS_H
#define TGCALLD_STORE_DELIVERY_ROWS_H

#include "daemon/store/store.h"

/* A page of the list has fifty; a hook whose receiver is away for weeks makes ten an event. */
enum { STORE_DELIVERIES_MAX = 200000, STORE_DELIVERIES_PAGE_MAX = 256 };

enum store_delivery_state {
    STORE_DELIVERED,
    STORE_DELIVERY_RETRIED, /* it failed, and the event was or will be sent again */
    STORE_DELIVERY_FAILED,  /* it failed, and was the event's last */
};
enum { STORE_DELIVERY_ANY = -1 };

struct store_delivery {
    int64_t hook_id, n; /* N: from 1, one more for each of the hook's */
    int64_t event_id;   /* below 0: of no event of the log */
    int64_t number;     /* of the event's tries, from 1 */
    int64_t at_us;      /* when it began; wall clock */
    int64_t took_ms;
    int64_t status;    /* HTTP's; 0: no answer came */
    int64_t state;     /* enum store_delivery_state */
    const char *error; /* a sentence, or NULL */
};

/* What hook it is of may be gone. */
int store_put_deliveries(struct store_desk *d, const struct store_delivery *rows, size_t n, store_done_fn *done,
                         void *ctx) TGC_MUST;

/* LIST lives as long as the call: the hook's deliveries before BEFORE, the newest first, at most LIMIT; of one STATE,
 * or STORE_DELIVERY_ANY. */
typedef void store_deliveries_fn(void *ctx, int err, const char *why, const struct store_delivery *list, size_t n);
int store_load_deliveries(struct store_desk *d, int64_t hook_id, int state, int64_t before, size_t limit,
                          store_deliveries_fn *loaded, void *ctx) TGC_MUST;

/* --- what is sent again --- */

struct store_again {
    int64_t hook_id, event_id;
};

/* LIST lives as long as the call. */
typedef void store_again_fn(void *ctx, int err, const char *why, const int64_t *list, size_t n);
/* Marks for being sent again what was tried of the events above AFTER and up to UNTIL, or with FAILED_ONLY what failed
 * of them, which is failed no more. MARKED hears how many these are, without a LIST. */
int store_mark_again(struct store_desk *d, int64_t hook_id, int64_t after, int64_t until, bool failed_only,
                     store_again_fn *marked, void *ctx) TGC_MUST;
/* Marks one event. What hook it is of may be gone. */
int store_put_again(struct store_desk *d, int64_t hook_id, int64_t event_id, store_done_fn *done, void *ctx) TGC_MUST;
/* The ids of the first LIMIT events that are marked, in their order. */
int store_load_again(struct store_desk *d, int64_t hook_id, size_t limit, store_again_fn *loaded, void *ctx) TGC_MUST;
/* These are not to be sent again any more. */
int store_end_again(struct store_desk *d, const struct store_again *rows, size_t n, store_done_fn *done,
                    void *ctx) TGC_MUST;

#endif
