/* One request on its way from the front end to a worker and back. It has one owner at a time: api → mailbox → worker →
 * api. The front end has checked form (members, types, ranges, the grammar of peers); the worker judges meaning. */
#ifndef TGCALLD_BRIDGE_JOB_H
#define TGCALLD_BRIDGE_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/bridge/directory.h"
#include "daemon/bridge/event.h"
#include "daemon/bridge/problem.h"
#include "daemon/bridge/rows.h"
#include "daemon/bridge/token_entry.h"

/* What a worker can be asked: one operation each. PATH members (strings, decoded), QUERY members, BODY members.
 * The front end has made them uniform: `limit` is an integer, other query members are strings; a time is an integer
 * (Unix seconds), `random_id` and a TL long an integer, a peer a string, an integer or an InputPeer object; an optional
 * member that was null is absent. name, text for logs */
#define JOB_METHODS(X)                                                                                                 \
    X(CALL_CREATE, "call_create")   /* body: account? peer title? schedule_date? rtmp_stream? random_id? if_exists?;   \
                                       or account? conference (true) random_id? */                                     \
    X(CALL_LIST, "call_list")       /* query: account? peer? state? limit? cursor? */                                  \
    X(CALL_GET, "call_get")         /* path: id; query: account? limit? */                                             \
    X(CALL_EDIT, "call_edit")       /* path: id; query: account?; body: title? join_muted? reset_invite_hash?          \
                                       messages_enabled? send_paid_messages_stars? */                                  \
    X(CALL_START, "call_start")     /* path: id; query: account? */                                                    \
    X(CALL_DISCARD, "call_discard") /* path: id; query: account? */                                                    \
    X(CALL_INVITE, "call_invite")   /* path: id; query: account?; body: users */                                       \
    X(CALL_INVITE_LINK, "call_invite_link")   /* path: id; query: account?; body: can_self_unmute? */                  \
    X(CALL_PARTICIPANTS, "call_participants") /* path: id; query: account? limit? cursor? */                           \
    X(CALL_PARTICIPANT_EDIT,                                                                                           \
      "call_participant_edit")    /* path: id peer; query: account?; body: muted? volume? raise_hand? video_stopped?   \
                                     video_paused? presentation_paused? */                                             \
    X(CALL_RECORD, "call_record") /* path: id; query: account?; body: title? video? video_portrait? */                 \
    X(CALL_RECORD_END, "call_record_end")   /* path: id; query: account? */                                            \
    X(CALL_SUBSCRIBE, "call_subscribe")     /* path: id; query: account? */                                            \
    X(CALL_UNSUBSCRIBE, "call_unsubscribe") /* path: id; query: account? */                                            \
    X(CALL_JOIN, "call_join")       /* path: id; query: account?; body: params (JSON text) muted? video_stopped?       \
                                       invite_hash? join_as? */                                                        \
    X(CALL_LEAVE, "call_leave")     /* path: id; query: account?; body: source */                                      \
    X(CALL_CHECK, "call_check")     /* path: id; query: account?; body: sources */                                     \
    X(CALL_MESSAGE, "call_message") /* path: id; query: account?; body: text stars? random_id? send_as? */             \
    X(CALL_MESSAGE_DELETE, "call_message_delete") /* path: id; query: account?; body: ids */                           \
    X(SCHEDULE_CREATE, "schedule_create") /* body: name account? peer title? rtmp_stream? at? start? timezone? rrule?  \
                                             announce? end_after? late_max? */                                         \
    X(SCHEDULE_LIST, "schedule_list")     /* query: account? limit? cursor? */                                         \
    X(SCHEDULE_GET, "schedule_get")       /* path: schedule */                                                         \
    X(SCHEDULE_EDIT, "schedule_edit")     /* path: schedule; body: as SCHEDULE_CREATE but name and account; null       \
                                             takes a member away */                                                    \
    X(SCHEDULE_DELETE, "schedule_delete") /* path: schedule; query: end? */                                            \
    X(SCHEDULE_SKIP, "schedule_skip")     /* path: schedule */                                                         \
    X(PEER_GET, "peer_get")               /* path: peer; query: account? */                                            \
    X(PEER_JOIN_AS, "peer_join_as")       /* path: peer; query: account? */                                            \
    X(PEER_JOIN_AS_SAVE, "peer_join_as_save") /* path: peer; query: account?; body: join_as */                         \
    X(PEER_RTMP, "peer_rtmp")                 /* path: peer; query: account?; body: revoke?, and of own jobs           \
                                                 rotated_by? (tell_stream_key.h) */                                    \
    X(PEER_PREFLIGHT, "peer_preflight")       /* path: peer; query: account? */                                        \
    X(LIVE_PUT, "live_put")                   /* path: peer; query: account?; body: account? title? rtmp_stream?       \
                                                 max_per_hour? rotate_key? */                                          \
    X(LIVE_GET, "live_get")                   /* path: peer; query: account? */                                        \
    X(LIVE_DELETE, "live_delete")             /* path: peer; query: account? */                                        \
    X(LIVE_LIST, "live_list")                 /* query: account? */                                                    \
    X(METHOD_INVOKE, "method_invoke")         /* path: method; query: account?; body: its parameters as TL JSON */     \
    X(ACCOUNT_CREATE, "account_create")       /* body: name proxy? session?{format text} */                            \
    X(ACCOUNT_LIST, "account_list")                                                                                    \
    X(ACCOUNT_GET, "account_get")               /* path: name */                                                       \
    X(ACCOUNT_EDIT, "account_edit")             /* path: name; body: proxy, which may be null */                       \
    X(ACCOUNT_DELETE, "account_delete")         /* path: name */                                                       \
    X(ACCOUNT_EXPORT, "account_export")         /* path: name; body: format */                                         \
    X(LOGIN, "login")                           /* path: name; body: phone, or qr */                                   \
    X(LOGIN_QR, "login_qr")                     /* path: name */                                                       \
    X(LOGIN_CODE, "login_code")                 /* path: name; body: code */                                           \
    X(LOGIN_RESEND, "login_resend")             /* path: name */                                                       \
    X(LOGIN_CANCEL, "login_cancel")             /* path: name */                                                       \
    X(LOGIN_REGISTRATION, "login_registration") /* path: name; body: first_name last_name? */                          \
    X(LOGIN_EMAIL, "login_email")               /* path: name; body: email */                                          \
    X(LOGIN_EMAIL_CODE, "login_email_code")     /* path: name; body: code */                                           \
    X(LOGIN_PASSWORD, "login_password")         /* path: name; body: password */                                       \
    X(LOGOUT, "logout")                         /* path: name */                                                       \
    X(TOKEN_CREATE, "token_create")             /* body: name scopes accounts? expires_at? */                          \
    X(NODES, "nodes")                                                                                                  \
    X(TOKEN_LIST, "token_list")                                                                                        \
    X(TOKEN_DELETE, "token_delete")     /* path: token */                                                              \
    X(WEBHOOK_CREATE, "webhook_create") /* body: name url types? account? */                                           \
    X(WEBHOOK_LIST, "webhook_list")                                                                                    \
    X(WEBHOOK_GET, "webhook_get")               /* path: webhook */                                                    \
    X(WEBHOOK_EDIT, "webhook_edit")             /* path: webhook; body: url? types? paused? */                         \
    X(WEBHOOK_DELETE, "webhook_delete")         /* path: webhook */                                                    \
    X(WEBHOOK_TEST, "webhook_test")             /* path: webhook */                                                    \
    X(WEBHOOK_ROTATE, "webhook_rotate")         /* path: webhook */                                                    \
    X(WEBHOOK_DELIVERIES, "webhook_deliveries") /* path: webhook; query: state? limit? cursor? */                      \
    X(WEBHOOK_REPLAY, "webhook_replay")         /* path: webhook; body: after? until? failed? */                       \
    X(AUDIT_READ, "audit_read")                 /* query: since? token? limit? cursor? */                              \
    X(EVENTS_READ, "events_read")               /* query: after limit */                                               \
    X(JOB_GET, "job_get")                       /* path: id */                                                         \
    X(JOB_LIST, "job_list")                     /* query: state? limit? cursor? */                                     \
    X(JOB_CANCEL, "job_cancel")                 /* path: id */                                                         \
    X(READY, "ready")                           /* query: account?; names_allowed says whether names may be told */

enum job_method {
#define X(name, text) JOB_##name,
    JOB_METHODS(X)
#undef X
        JOB_METHOD_COUNT
};

const char *job_method_text(enum job_method method);

struct mailbox;
struct tg_gate;

/* What a client asks of a request's delivery beside the request itself. */
enum { JOB_KEY_MAX = 255 };
struct job_terms {
    char token[TOKEN_NAME_MAX + 1], token_id[TOKEN_ID_MAX + 1]; /* whose keys they are */
    char key[JOB_KEY_MAX + 1];                                  /* Idempotency-Key; "" for none */
    bool is_async;                                              /* Prefer: respond-async */
    bool has_wait;                                              /* Prefer: wait */
    int32_t wait_s;
};

struct job {
    enum job_method method;
    json_t *path, *query, *body; /* objects, never NULL; owned */
    char request_id[80];
    int64_t deadline_us; /* monotonic: an answer (a 504 at worst) leaves by then */
    json_t *
        accounts; /* array of the account names the token is bound to; NULL: any. Others are as if they did not exist */
    bool scope_admin;                 /* the token may use the methods that need it */
    bool scope_secrets;               /* the same */
    unsigned scopes, scopes_needed;   /* the token's, and its route's (bridge/scope.h) */
    bool names_allowed;               /* READY: a token was given */
    char account[DIRECTORY_NAME_MAX]; /* the one that is meant, as choose_worker() found it; "" for none or all */
    struct job_terms *terms;          /* owned; NULL: none, as with most */
    struct tg_gate *gate;             /* what changes something waits for it; borrowed; NULL */
    bool is_again;                    /* it may have been carried out before, with the same random_id */
    int64_t node;                     /* of several, the one that is asked (relay.h); 0: who has what it is about */
    size_t worker;                    /* whose turn it is, with a job about all accounts: the first is 0 */
    struct rows rows;                 /* what the workers before have added to it */
    size_t seen, online;              /* READY: accounts so far */
    bool store_has_failed;            /* READY: a worker said so */

    /* The answer, filled in by the worker: a problem, or a status with a body. */
    struct problem *problem; /* owned */
    int status;              /* 200, 201, 204 */
    bool is_replayed;        /* the answer is that of an earlier request with the same key */
    bool is_deferred;        /* it tells of the job that the answer will come from */
    bool is_secret;          /* the answer: whatever its method's is */
    struct buf text;         /* JSON; empty with 204 */
    char location[128];      /* "" for none */
    struct event **events;   /* EVENTS_READ: the answer, instead of a text; what is taken out leaves a NULL */
    size_t events_n;
    uint64_t events_up_to; /* there the next page begins */

    /* The front end's own. */
    const atomic_bool
        *client_left; /* nobody hears the answer any more, as far as is known; borrowed; NULL: it cannot be */
    void (*done)(struct job *job); /* called once, on the worker's thread */
    void *done_ctx;
    struct mailbox *mailbox; /* holds a slot of it until its answer is delivered; set by mailbox_post() */
    struct job *next;        /* the mailbox's, then the worker's */
};

/* Steals the three objects, NULL standing for an empty one. NULL where memory is gone. */
struct job *job_new(enum job_method method, json_t *path, json_t *query, json_t *body);
void job_free(struct job *job);
/* Whether Telegram is asked to do something, so that it may take long, and be a job. */
bool job_asks_telegram(enum job_method method);
/* Wipes what is secret of a body of METHOD, which is about to go. */
void job_wipe_body(enum job_method method, json_t *body);
/* Whether the answer is a secret: whoever sends it wipes it. */
bool job_answer_is_secret(const struct job *job);

/* The worker's last step: the job goes back through done(), by way of the mailbox it came from. */
void job_reply(struct job *job);

#endif
