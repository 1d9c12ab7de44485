/* What records.c (when, and keys), records_keep.c (what is written of an account), records_dc.c (what is written of
 * data centres) and records_load.c share. */
#ifndef TGCALLD_WORKER_RECORDS_INTERNAL_H
#define TGCALLD_WORKER_RECORDS_INTERNAL_H

#include "daemon/net/loop.h"
#include "daemon/tg/keeper.h"
#include "daemon/worker/records.h"

enum { RECORDS_NAME = 40 };

struct records {
    struct records_host host;
    struct tg_keeper keeper;
    struct store_desk *desk;
    struct net_wake *wake;   /* completions wait */
    struct net_timer *timer; /* what was noted is due */
    bool timer_is_set;
    struct tg_account **noted;
    size_t noted_n, noted_cap;
    size_t asked_n;                   /* of the store, and not answered */
    bool has_failed;                  /* and that was said */
    char (*unreadable)[RECORDS_NAME]; /* accounts whose record is to go before they have a key; or that are gone */
    size_t unreadable_n;
    /* Loading. */
    size_t loads_n; /* under way */
    int load_err;
    char load_why[256];
    void (*loaded)(void *ctx, int err, const char *why);
    void *loaded_ctx;
};

/* So long after a write that failed it is tried again. */
enum { RECORDS_RETRY_S = 5 };

/* The state of an account whose import has not come to its end: wait_login, and not yet whoever asked for it. */
#define RECORDS_IMPORTING "importing"

/* Has what is noted be written so long from now, unless a time for that is set. */
void records_set_timer(struct records *r, int64_t in_us);
/* The account of that name has a record that cannot be read. TGC_ENOMEM. */
int records_note_unreadable(struct records *r, const char *name) TGC_MUST;

/* records_dc.c */
void records_keep_dc_options(void *records);
/* Before any account connects: what is loaded after this is told after it. */
void records_load_dc_options(struct records *r);

#endif
