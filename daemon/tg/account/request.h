/* A request on its way, as asking (invoke.c), hearing (invoke_answer.c) and waiting (invoke_time.c) share it: where it
 * stands, and its end. */
#ifndef TGCALLD_TG_REQUEST_H
#define TGCALLD_TG_REQUEST_H

#include "daemon/base/buf.h"
#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/ask.h"

/* Long after any honest answer, and soon enough for a second one within the usual deadline of 30 s. */
#define REQUEST_REPEAT_US (12 * SECOND_US)

enum tg_request_state {
    REQUEST_QUEUED,  /* waits here for a session */
    REQUEST_SENT,    /* in the session, which sends it */
    REQUEST_DELAYED, /* waits here for a time: a flood wait, server trouble */
    REQUEST_UNKNOWN, /* sent, and not answered at its deadline */
    REQUEST_DONE,    /* its end is known; who asked hears of it at the next tick, or now */
    REQUEST_STATES,
};

struct tg_request {
    struct tg_account *account;
    const struct tl_comb *method;
    struct buf query;
    enum tg_request_state state; /* changed by request_set() alone */
    int64_t begun_us, deadline_us;
    /* DELAYED: when it goes on. SENT: when it is asked again in the same session. UNKNOWN: when its fate is given up.
     */
    int64_t until_us;
    uint64_t mark; /* what was known when it was asked: see tg_known_mark() */
    unsigned flags, tries, inits, moves, repeats;
    bool repeatable; /* running it twice does no harm */
    struct flood_key flood;
    struct tg_effect effect;
    struct tg_effect doubt;       /* the chat that it acts in, from its sending to its fate */
    tg_answer_fn *done, *unknown; /* DONE is NULL once it was called */
    bool (*holds)(void *ctx);
    struct tg_gate *gate; /* NULL: there is none, or its asker has heard already */
    void *ctx;
    uint64_t number;   /* in the session: SENT and UNKNOWN; else 0 */
    bool may_have_run; /* in a session that is gone, or before an error that does not rule it out */
    struct mt_rpc_error error;
    int err; /* DONE: 0: ERROR is the answer; else TG_NO_ANSWER's */
    struct tg_request *prev, *next;
    UT_hash_handle hh;
};

void request_set(struct tg_request *r, enum tg_request_state state);
/* When something is to be done about it. */
int64_t request_due_us(const struct tg_request *r);
/* Out of the session; whether it may have run there is noted. */
void request_leave_session(struct tg_request *r);
/* The same, and it waits here again, QUEUED. */
void request_unsend(struct tg_request *r);
/* Into the session, where it may go now. What may have run and is not to run twice is lost instead. */
void request_try_send(struct tg_request *r);
/* Where it is to be sent no more, as its asker says: from here on only its answer counts, if it can have one. */
void request_hold(struct tg_request *r);
/* Waits here for so long, DELAYED. */
void request_delay(struct tg_request *r, int64_t wait_us);
/* A wait that is short enough and ends before the deadline is waited out. */
bool request_can_wait(const struct tg_request *r, int64_t wait_us);

/* Its end: the request is gone, then who asked hears. ANSWER's method, error and sent are filled in here. */
void request_finish(struct tg_request *r, struct tg_answer *answer);
void request_finish_error(struct tg_request *r); /* with r->error */
void request_finish_failed(struct tg_request *r, int err, const char *detail);
/* There was a result, which cannot be read. */
void request_finish_unread(struct tg_request *r, int err, const char *detail);
/* The same at the next tick: from where nobody may be called. */
void request_settle_error(struct tg_request *r);
void request_settle_lost(struct tg_request *r);
/* It was not sent, and never will be. */
void request_settle_unsent(struct tg_request *r);
void request_finish_settled(struct tg_request *r);

#endif
