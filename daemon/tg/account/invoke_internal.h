/* A request as asking (invoke.c) and hearing (invoke_answer.c) share it. */
#ifndef TGCALLD_TG_INVOKE_INTERNAL_H
#define TGCALLD_TG_INVOKE_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/invoke.h"

struct tg_request {
    struct tg_account *account;
    const struct tl_comb *method;
    struct buf query;
    int64_t deadline_us, not_before_us;
    int64_t sent_us; /* when it went into the session */
    unsigned flags, tries, inits, moves, repeats;
    tg_answer_fn *done;
    void *ctx;
    uint64_t number; /* in the session; 0 while it waits here */
    bool has_error;  /* the last error, told when time runs out */
    bool give_error; /* it is the answer: told at the next tick */
    struct mt_rpc_error error;
    struct tg_request *prev, *next;
    UT_hash_handle hh;
};

/* Out of the session: it waits here again. */
void request_unsend(struct tg_request *r);
/* Into the session, where it may go now. */
void request_try_send(struct tg_request *r);
/* Its end: the caller hears, and the request is gone before. */
void request_finish(struct tg_request *r, struct tg_answer *answer);
void request_finish_error(struct tg_request *r); /* with r->error */
void request_finish_failed(struct tg_request *r, int err, const char *detail);
/* A wait that is short enough and ends before the deadline is waited out. */
bool request_can_wait(const struct tg_request *r, int64_t wait_us);

#endif
