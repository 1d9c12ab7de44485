/* What operations share: one job under way, its account, and the ways to answer. Each op_*.c is one operation; the
 * table in dispatch.c names them. The worker's thread. */
#ifndef TGCALLD_WORKER_OP_H
#define TGCALLD_WORKER_OP_H

#include <jansson.h>

#include "daemon/bridge/job.h"
#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"
#include "daemon/worker/op_problem.h"
#include "daemon/worker/worker_internal.h"

/* Takes the job over and answers it, now or later, by the time of job->deadline_us. */
typedef void op_fn(struct worker *w, struct job *job);

/* The answers; each ends the job. NULL problems and bodies mean that memory was gone. */
void op_reply_json(struct job *job, int status, json_t *body); /* steals BODY */
void op_reply_problem(struct job *job, struct problem *problem);
/* The text in job->text, written by the operation. */
void op_reply_text(struct job *job, int status);
/* A json_dump_callback_t into a struct buf. */
int op_dump_to_buf(const char *text, size_t len, void *buf);
/* A job about all accounts, to which this worker has added its rows: true where another worker took it, or where it was
 * answered because none could; false: it was the last. */
bool op_pass_on(struct worker *w, struct job *job);
/* {NAME: [the first MAX rows]}. */
void op_reply_rows(struct job *job, const char *name, size_t max);
/* The same with "next_cursor" where there are more: the text that the last row was put in order by. */
void op_reply_page(struct job *job, const char *name, size_t max);
/* The parameters did not fit the layer, or nothing could be sent. */
void op_reply_fault(struct worker *w, struct job *job, const struct tg_account *account, const struct tl_comb *method,
                    int err, const struct fault *fault);
void op_reply_no_memory(struct job *job);

/* A result as a tree, which the caller owns; NULL: it cannot be read, and the job was answered with the problem of
 * that. */
json_t *op_tree(struct worker *w, struct job *job, const struct tg_account *account, const struct tg_answer *result);
/* The query's cursor is none that this daemon gave. */
void op_reply_bad_cursor(struct job *job);
/* A TL long that is not 0, as JSON bears it: one for each intent, so that every resend carries the same. A new
 * reference; NULL where memory is gone. */
json_t *op_draw_random_id(const struct worker *w);
/* Draws the random_id that the TL method METHOD takes, where BODY has none. */
void op_fill_random_id(const struct worker *w, const char *method, json_t *body);
/* The scopes that JOB's TL method takes beside its route's; 0 where it is asked for none. */
unsigned op_method_scopes(const struct job *job);

/* What was done to a call: {"call": CALL, "updates": <the bytes of UPDATES as JSON text>}, without the latter where
 * UPDATES is NULL. Where that cannot be told, the problem says why, that it was done, and where to look. */
void op_reply_done(const struct worker *w, struct job *job, int status, struct tg_account *account,
                   const struct tg_call *call, const struct tg_answer *updates);
/* The same of a call that was made: 201, and Location says where it is. */
void op_reply_made(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                   const struct tg_answer *updates);
/* The same into job->text, to be answered later. False: it was answered with the problem. */
bool op_tell_done(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                  const struct tg_answer *updates);
bool op_tell_made(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                  const struct tg_answer *updates);
/* {"call": CALL, …members of EXTRA}; steals EXTRA (may be NULL). */
void op_reply_call(struct job *job, int status, struct tg_account *account, const struct tg_call *call, json_t *extra);
bool op_tell_call(struct job *job, struct tg_account *account, const struct tg_call *call, json_t *extra);

/* "/v1/calls/ID?account=NAME" */
enum { OP_CALL_PATH_SIZE = 96 };
void op_call_path(const struct tg_account *account, int64_t id, char out[static OP_CALL_PATH_SIZE]);
/* A new account lives here from now on. False: it cannot, it is gone, and the job was answered. */
bool op_adopt_account(struct worker *w, struct job *job, struct tg_account *account);
/* The way of the body's `proxy`, NULL where it has none or null; the caller's to unref. False: it is none for here, and
 * the job was answered. */
bool op_read_way(struct worker *w, struct job *job, struct tg_way **ret) TGC_MUST;
/* The part of op_account_create() that has a session to begin with. */
op_fn op_account_import;
/* The answer is that account, which was made: Location says where. */
void op_reply_account_made(struct job *job, struct tg_account *account, json_t *body);
/* The call id of the path; 0 where it is none (the front end lets only decimal numbers through). */
int64_t op_call_id(const struct job *job);

op_fn op_call_create, op_call_list, op_call_get, op_call_edit, op_call_start, op_call_discard, op_call_invite,
    op_call_invite_link, op_call_participants, op_call_participant_edit, op_call_record, op_call_record_end,
    op_call_subscribe, op_call_unsubscribe, op_call_join, op_call_leave, op_call_check, op_call_message,
    op_call_message_delete, op_schedule_create, op_schedule_list, op_schedule_get, op_schedule_edit, op_schedule_delete,
    op_schedule_skip, op_peer_get, op_peer_join_as, op_peer_join_as_save, op_peer_rtmp, op_peer_preflight, op_live_put,
    op_live_get, op_live_delete, op_live_list, op_method_invoke, op_account_create, op_account_list, op_account_get,
    op_account_delete, op_account_edit, op_account_export, op_login, op_login_code, op_login_qr, op_login_resend,
    op_login_cancel, op_login_registration, op_login_email, op_login_email_code, op_login_password, op_logout,
    op_token_create, op_token_delete, op_token_list, op_nodes, op_webhook_create, op_webhook_list, op_webhook_get,
    op_webhook_edit, op_webhook_delete, op_webhook_test, op_webhook_rotate, op_webhook_deliveries, op_webhook_replay,
    op_audit_read, op_events_read, op_job_get, op_job_list, op_job_cancel, op_ready;

#endif
