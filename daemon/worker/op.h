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
/* The parameters did not fit the layer, or nothing could be sent. */
void op_reply_fault(struct worker *w, struct job *job, const struct tg_account *account, const struct tl_comb *method,
                    int err, const struct fault *fault);
void op_reply_no_memory(struct job *job);

/* What was done to a call: {"call": CALL, "updates": <the bytes of UPDATES as JSON text>}, without the latter where
 * UPDATES is NULL. Where that cannot be told, the problem says why, that it was done, and where to look. */
void op_reply_done(const struct worker *w, struct job *job, int status, struct tg_account *account,
                   const struct tg_call *call, const struct tg_answer *updates);
/* {"call": CALL, …members of EXTRA}; steals EXTRA (may be NULL). */
void op_reply_call(struct job *job, int status, struct tg_account *account, const struct tg_call *call, json_t *extra);

/* "/v1/calls/ID?account=NAME" */
enum { OP_CALL_PATH_SIZE = 96 };
void op_call_path(const struct tg_account *account, int64_t id, char out[static OP_CALL_PATH_SIZE]);
/* The call id of the path; 0 where it is none (the front end lets only decimal numbers through). */
int64_t op_call_id(const struct job *job);

op_fn op_call_create, op_call_list, op_call_get, op_call_edit, op_call_start, op_call_discard, op_peer_get,
    op_method_invoke, op_account_create, op_account_list, op_account_get, op_account_delete, op_login, op_login_code,
    op_login_password, op_logout, op_ready;

#endif
