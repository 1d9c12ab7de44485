/* Schedules, and how far each has come: a transition is committed before the next one begins. */
#ifndef TGCALLD_STORE_SCHEDULE_ROWS_H
#define TGCALLD_STORE_SCHEDULE_ROWS_H

#include "daemon/store/store.h"

struct store_schedule {
    int64_t id;
    const char *account;    /* it goes with the account */
    const char *name;       /* one in the whole database */
    const char *spec;       /* the owner's text */
    int64_t cursor;         /* the last occurrence that was taken up; Unix seconds, as all of these */
    int phase;              /* the owner's own number */
    int64_t at, started_at; /* of the occurrence under way; 0 */
    int64_t call_id;        /* 0 for none */
    int64_t turn;           /* the owner's count */
    int64_t skipped_at;     /* 0 */
    const char *order;      /* the owner's text; NULL for none */
    const char *last;       /* the same */
};

/* Inserts or updates by id. TGC_EUNKNOWN by DONE: there is no such account; TGC_EEXIST: another has its name. */
int store_put_schedule(struct store_desk *d, const struct store_schedule *row, store_done_fn *done,
                       void *ctx) TGC_MUST;
/* One that is not there is no error. */
int store_drop_schedule(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call: the account's, by name, at most LIMIT_SCHEDULES. */
typedef void store_schedules_fn(void *ctx, int err, const char *why, const struct store_schedule *list, size_t n);
int store_load_schedules(struct store_desk *d, const char *account, store_schedules_fn *loaded, void *ctx) TGC_MUST;

#endif
