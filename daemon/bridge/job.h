/* One request on its way from the front end to a worker and back. It has one owner at a time: api → mailbox → worker →
 * api. The front end has checked form (members, types, ranges, the grammar of peers); the worker judges meaning. */
#ifndef TGCALLD_BRIDGE_JOB_H
#define TGCALLD_BRIDGE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/bridge/directory.h"
#include "daemon/bridge/problem.h"
#include "daemon/bridge/rows.h"

/* What a worker can be asked: one operation each. PATH members (strings, decoded), QUERY members, BODY members.
 * The front end has made them uniform: `limit` is an integer, other query members are strings; a time is an integer
 * (Unix seconds), `random_id` and a TL long an integer, a peer a string, an integer or an InputPeer object; an optional
 * member that was null is absent. name, text for logs */
#define JOB_METHODS(X)                                                                                                 \
    X(CALL_CREATE, "call_create")   /* body: account? peer title? schedule_date? rtmp_stream? random_id? if_exists? */ \
    X(CALL_LIST, "call_list")       /* query: account? peer? state? limit? cursor? */                                  \
    X(CALL_GET, "call_get")         /* path: id; query: account? limit? */                                             \
    X(CALL_EDIT, "call_edit")       /* path: id; query: account?; body: title? join_muted? reset_invite_hash?          \
                                       messages_enabled? send_paid_messages_stars? */                                  \
    X(CALL_START, "call_start")     /* path: id; query: account? */                                                    \
    X(CALL_DISCARD, "call_discard") /* path: id; query: account? */                                                    \
    X(PEER_GET, "peer_get")         /* path: peer; query: account? */                                                  \
    X(METHOD_INVOKE, "method_invoke")   /* path: method; query: account?; body: its parameters as TL JSON */           \
    X(ACCOUNT_CREATE, "account_create") /* body: name */                                                               \
    X(ACCOUNT_LIST, "account_list")                                                                                    \
    X(ACCOUNT_GET, "account_get")       /* path: name */                                                               \
    X(ACCOUNT_DELETE, "account_delete") /* path: name */                                                               \
    X(LOGIN, "login")                   /* path: name; body: phone */                                                  \
    X(LOGIN_CODE, "login_code")         /* path: name; body: code */                                                   \
    X(LOGIN_PASSWORD, "login_password") /* path: name; body: password */                                               \
    X(LOGOUT, "logout")                 /* path: name */                                                               \
    X(READY, "ready")                   /* query: account?; names_allowed says whether names may be told */

enum job_method {
#define X(name, text) JOB_##name,
    JOB_METHODS(X)
#undef X
        JOB_METHOD_COUNT
};

const char *job_method_text(enum job_method method);

struct mailbox;

struct job {
    enum job_method method;
    json_t *path, *query, *body; /* objects, never NULL; owned */
    char request_id[80];
    int64_t deadline_us; /* monotonic: an answer (a 504 at worst) leaves by then */
    json_t *
        accounts; /* array of the account names the token is bound to; NULL: any. Others are as if they did not exist */
    bool scope_admin;                 /* the token may use the methods that need it */
    bool names_allowed;               /* READY: a token was given */
    char account[DIRECTORY_NAME_MAX]; /* the one that is meant, as choose_worker() found it; "" for none or all */
    size_t worker;                    /* whose turn it is, with a job about all accounts: the first is 0 */
    struct rows rows;                 /* what the workers before have added to it */
    size_t seen, online;              /* READY: accounts so far */

    /* The answer, filled in by the worker: a problem, or a status with a body. */
    struct problem *problem; /* owned */
    int status;              /* 200, 201, 204 */
    struct buf text;         /* JSON; empty with 204 */
    char location[128];      /* "" for none */

    /* The front end's own. */
    void (*done)(struct job *job); /* called once, on the worker's thread */
    void *done_ctx;
    struct mailbox *mailbox; /* holds a slot of it until its answer is delivered; set by mailbox_post() */
    struct job *next;        /* the mailbox's, then the worker's */
};

/* Steals the three objects, NULL standing for an empty one. NULL where memory is gone. */
struct job *job_new(enum job_method method, json_t *path, json_t *query, json_t *body);
void job_free(struct job *job);

/* The worker's last step: the job goes back through done(), by way of the mailbox it came from. */
void job_reply(struct job *job);

#endif
