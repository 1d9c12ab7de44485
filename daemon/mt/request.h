/* A query of the owner on its way, from mt_session_send() to its end: its state, and what may follow on what.
 * Internal to daemon/mt. */
#ifndef TGCALLD_MT_REQUEST_H
#define TGCALLD_MT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/mt/sent.h"

struct mt_session;

enum mt_request_state {
    MT_REQUEST_QUEUED,   /* waits to be sent, for the first time or again */
    MT_REQUEST_SENT,     /* on its way; no word of it yet */
    MT_REQUEST_ACKED,    /* the server has it; its answer is to come */
    MT_REQUEST_UNKNOWN,  /* sent, then the link was lost or nothing came: its state is to be asked for */
    MT_REQUEST_ASKED,    /* its state was asked for */
    MT_REQUEST_GIVEN_UP, /* no answer is waited for any more; its owner is to be told */
    MT_REQUEST_DONE,     /* over: it is freed */
};

/* Whether it may be put on a wire once more. */
enum mt_request_again {
    MT_AGAIN_ALWAYS,
    MT_AGAIN_UNLESS_RUN, /* only where it certainly did not run */
    MT_AGAIN_NEVER,      /* it has expired */
};

struct mt_request {
    uint64_t id;
    enum mt_request_state state;
    enum mt_request_again again;
    uint32_t method;
    uint8_t *body; /* packed where that is smaller; owned; NULL when it is never sent again */
    size_t len;
    struct mt_request *prev, *next;
    struct sent *sent; /* the youngest first; the first is current while the request is in flight */
    int64_t check_us;  /* in flight: when to ask for the state */
    uint8_t sent_n;
    uint8_t bad_n;      /* bad_msg_notifications it got */
    uint8_t blamed_n;   /* of those, the ones that are our fault */
    int give_up_err;    /* what its owner is told, where it did not run */
    uint32_t may_run_n; /* the times it was sent and not said not to have been taken: it may have run */
    struct salted salted;
};

struct request_list {
    struct mt_request *first, *last;
};

/* From mt_session_send() on: in the queue, to be known by its id. */
void mt_request_begin(struct mt_session *s, struct mt_request *r);
/* The only way from state to state: moves the request to the list of its new one (DONE: out of the session, and freed).
 * False, and nothing happens, where that may not follow. */
bool mt_request_become(struct mt_session *s, struct mt_request *r, enum mt_request_state to);
/* On its way: sent, and neither to be sent again nor given up. */
bool mt_request_in_flight(const struct mt_request *r);
/* MTProto's own method: without prefix. */
bool mt_request_is_bare(const struct mt_request *r);

bool mt_request_may_go_again(const struct mt_request *r);
/* Back to the queue, to be sent under a new id; given up where that may not be. */
void mt_request_again(struct mt_session *s, struct mt_request *r);
/* See mt_session_expire(). */
int mt_request_expire(struct mt_session *s, struct mt_request *r) TGC_MUST;
/* Its owner is told ERR, or TGC_ELOST where it may have run. */
void mt_request_give_up(struct mt_session *s, struct mt_request *r, int err);
/* In flight under the message E, which becomes the current one. */
void mt_request_sent(struct mt_session *s, struct mt_request *r, struct sent *e, int64_t now_us);
/* The server did not take the query under E's id, and says so. */
void mt_request_not_taken(struct sent *e);
/* Its state is to be asked for with the next packet, and again where that is not answered. */
void mt_request_doubt(struct mt_session *s, struct mt_request *r, int64_t now_us);
void mt_request_check_at(struct mt_session *s, struct mt_request *r, int64_t at_us);
void mt_request_drop_ids(struct mt_session *s, struct mt_request *r);
/* Calls the owner for all that were given up. */
void mt_requests_tell_given_up(struct mt_session *s);

#endif
