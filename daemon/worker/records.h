/* What the worker's accounts leave to the next process, and what they find of the one before: between the accounts and
 * the store. A key is in the store before it is used; all else follows within a moment, so that what changes often is
 * written once. The worker's thread, but for records_new() and _free(). */
#ifndef TGCALLD_WORKER_RECORDS_H
#define TGCALLD_WORKER_RECORDS_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/store/store.h"
#include "daemon/tg/env.h"
#include "daemon/worker/accounts.h"

struct records;

/* Whose accounts they are; all borrowed. */
struct records_host {
    struct store *store;
    struct tg_env *env; /* complete but for its keeper, which is set by records_new() */
    const struct accounts *accounts;
    struct records_share {
        size_t index, n; /* it has the INDEX-th part of N of what is in the store; N 0: no account */
        bool is_lasting; /* a part has the same accounts at each load, and they alone are loaded with it */
    } share;
    /* A restored account lives there from now on; its state has been told to nobody. */
    int (*adopt)(void *ctx, struct tg_account *account);
    /* The account goes, as an import that came to nothing. */
    void (*bury)(void *ctx, struct tg_account *account);
    /* Each account that is restored, before what it knew is, and "" before all: what else there is of it is loaded, and
     * then records_loaded_more() called, before LOADED hears. */
    void (*load_more)(void *ctx, const char *account);
    /* The accounts are there, and go on. */
    void (*go_on)(void *ctx);
    void *ctx;
};

int records_new(const struct records_host *host, struct records **ret) TGC_MUST;
/* When the worker's accounts are gone and nothing is under way. NULL is fine. */
void records_free(struct records *r);

/* Restores where the data centres were last, then the worker's share of the accounts, with all that they knew; LOADED
 * hears when they are there and go on. */
void records_load(struct records *r, void (*loaded)(void *ctx, int err, const char *why), void *ctx);

/* What was asked for by load_more() is there, or failed. */
void records_loaded_more(struct records *r);
/* From within load_more(): one more thing is loaded, for which records_loaded_more() is called too. */
void records_load_one_more(struct records *r);
/* It could not be loaded: LOADED hears of it. */
void records_fail(struct records *r, int err, const char *why);

/* By which what concerns the accounts is put, so that it comes after them. */
struct store_desk *records_desk(struct records *r);

/* The account as it is, at once; DONE hears when it is kept. TGC_ENOMEM, TGC_ELIMIT: it will not. */
int records_keep(struct records *r, struct tg_account *account, store_done_fn *done, void *ctx) TGC_MUST;
/* The account is removed, and no record of it stays. */
int records_drop(struct records *r, struct tg_account *account, store_done_fn *done, void *ctx) TGC_MUST;

/* Whether its record is one that cannot be read, and is not to be touched before the account has a new key. */
bool records_is_unreadable(const struct records *r, const struct tg_account *account);

/* The account leaves the worker, or goes: what was noted of it is not written any more. */
void records_leave(struct records *r, const struct tg_account *account);

/* Writes at once what was noted so far. */
void records_flush(struct records *r);
/* Whether the store has answered all that it was given. */
bool records_are_kept(const struct records *r);
/* Whether the last that it was given could not be written: it is given it again. */
bool records_have_failed(const struct records *r);
/* The database's server does not answer. */
bool records_wait_for_server(const struct records *r);

#endif
