/* One connection of a client, from its accept to its close: it outlives its requests. A stop asks here which are idle.
 * On its front's thread. */
#ifndef TGCALLD_API_CONN_H
#define TGCALLD_API_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#include "api/edges.h"
#include "api/intake.h"
#include "daemon/base/buf.h"
#include "daemon/bridge/tokens.h"

struct door;
struct address_count;
struct client_memo;
struct front;
struct tls;

struct conn {
    struct door *door;
    struct conn *prev, *next;
    int fd;
    struct tls *tls;            /* NULL: plain, handed over, or there was no memory for it */
    size_t owed;                /* bytes that TLS has, and that libmicrohttpd is yet to be told of as sent */
    struct address_count *from; /* NULL: it is not counted */
    struct edge edge;
    struct intake intake;
    struct buf passed;       /* the intake, not yet taken by libmicrohttpd */
    unsigned begun;          /* requests that libmicrohttpd has made of it */
    struct token_memo token; /* the last good one */
    int64_t active_us;       /* when it was accepted, or last a request began or ended here */
    /* See patience.h. */
    int64_t deadline_us; /* INT64_MAX: none */
    int64_t body_end_us; /* of a request: the latest that its body may be there */
    bool is_trusted;     /* a good token was shown */
    bool is_busy;        /* a request is under way */
    bool is_answered;    /* and its answer too */
    bool is_late;        /* no more is waited for, unless a request begins */
    bool is_shut;        /* for that */
    bool has_begun;      /* a head, that is not complete */
    bool is_handed_over; /* see gate.h */
    bool is_tls;
    struct client_memo *client; /* whose certificate was shown; NULL: nobody has looked */
};

/* MHD_OPTION_NOTIFY_CONNECTION: makes and frees it. CTX is the door. */
void conn_notify(void *ctx, struct MHD_Connection *connection, void **conn, enum MHD_ConnectionNotificationCode what);

/* NULL where memory was gone at the accept. */
struct conn *conn_of(struct MHD_Connection *connection);

/* What the request of NUMBER (the first is 1) is to be answered with, whatever it asks for: its bytes were refused.
 * NULL: nothing against it as far as it was read. */
const struct refusal *conn_refusal(const struct conn *conn, unsigned number);

/* A request begins or ends. */
void conn_touch(struct conn *conn);

/* Whether at the time AT_US none had been opened or asked for something of late, nor was since: clients that wait for
 * nothing, and are not about to ask. */
bool conns_are_idle(const struct front *f, int64_t at_us);

#endif
