/* One HTTP request from its first line to the end of its answer, on its front's thread. Only libmicrohttpd's
 * NOTIFY_COMPLETED frees it. */
#ifndef TGCALLD_API_REQUEST_H
#define TGCALLD_API_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#include "api/conn.h"
#include "api/front.h"
#include "api/route.h"
#include "api/target.h"
#include "daemon/base/buf.h"
#include "daemon/bridge/job.h"
#include "daemon/bridge/problem.h"
#include "daemon/bridge/tokens.h"

struct api;
struct door;
struct poll;

enum request_state {
    REQUEST_FRESH,    /* the first line was read */
    REQUEST_BODY,     /* judged by its headers; the body comes in or is thrown away */
    REQUEST_WAITING,  /* suspended: a worker has the job, or events are waited for */
    REQUEST_ANSWERED, /* the job is back, or the waiting is over */
    REQUEST_DONE,     /* an answer is queued */
};

enum { REQUEST_ID_SIZE = 65 };

struct request {
    struct api *api;
    struct door *door;
    struct MHD_Connection *connection;
    struct conn *conn;
    unsigned number; /* on its connection; the first is 1 */
    enum request_state state;
    char id[REQUEST_ID_SIZE];
    char *raw; /* the target, cut up by target_parse(); behind this structure */
    struct target target;
    char target_fault[FAULT_TEXT_MAX]; /* why it could not be parsed */
    enum http_method method;
    bool is_head;
    bool is_old;               /* HTTP/1.0: its client knows no chunks */
    const struct route *route; /* NULL: none */
    unsigned methods;          /* that the path has */
    const char *origin;        /* the Origin whose page may read the answer; borrowed from the connection */
    bool authed;
    bool is_by_certificate; /* of a client that is known */
    bool must_close;        /* after this answer */
    bool body_unread;       /* the answer went out before the body came */
    struct token_grant grant;
    char account[DIRECTORY_NAME_MAX]; /* the one it was about; "": none or all */
    bool refused;                     /* the headers alone decided: answer with `problem` */
    struct problem *problem;
    struct buf body;
    size_t body_seen;    /* bytes that came, kept or not */
    const json_t *query; /* judged; while the route's handler runs */
    struct job *job;
    bool may_keep;              /* its client the answer, if it asks each time whether it still holds */
    struct poll *poll;          /* it waits for events, or did */
    bool is_counted;            /* in its front's answers */
    bool is_noted;              /* by the audit */
    const struct problem *told; /* the answer, while it is queued; NULL: it is no problem */
    struct asker asker;
    int64_t started_us;
};

/* NULL where memory is gone. */
struct request *http_request_new(struct door *door, struct MHD_Connection *connection, const char *raw_target);
void http_request_free(struct request *r);

/* A header of the request, one of those that go on (head.c), or NULL; borrowed. */
const char *http_request_header(const struct request *r, const char *name);

/* Takes the client's X-Request-Id over where it is 1..64 of [A-Za-z0-9._-], else makes one. */
void http_request_make_id(struct request *r);

/* From here on a stop waits for the end of the answer. */
void http_request_count(struct request *r);

/* Decides the answer from headers alone; P (may be NULL where memory is gone) goes to the request. */
void http_request_refuse(struct request *r, struct problem *p);

#endif
