#include "daemon/worker/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/tl/text.h"
#include "daemon/tl/tree.h"

/* What a call's own text takes, nearly always. */
enum { CALL_TEXT_USUAL = 512 };

void op_reply_no_memory(struct job *job)
{
    buf_fini(&job->text);
    job->problem = problem_new(PROBLEM_INTERNAL, 0, "out of memory");
    job_reply(job);
}

void op_reply_problem(struct job *job, struct problem *problem)
{
    if (!problem) {
        op_reply_no_memory(job);
        return;
    }
    job->problem = problem;
    job_reply(job);
}

int op_dump_to_buf(const char *text, size_t len, void *buf)
{
    return buf_put(buf, text, len);
}

void op_reply_json(struct job *job, int status, json_t *body)
{
    buf_reset(&job->text);
    if (!body || json_dump_callback(body, op_dump_to_buf, &job->text, JSON_COMPACT | JSON_ENCODE_ANY) != 0) {
        json_decref(body);
        op_reply_no_memory(job);
        return;
    }
    json_decref(body);
    op_reply_text(job, status);
}

void op_reply_text(struct job *job, int status)
{
    job->status = status;
    job_reply(job);
}

int64_t op_call_id(const struct job *job)
{
    const char *id = json_string_value(json_object_get(job->path, "id"));

    return id ? strtoll(id, NULL, 10) : 0;
}

void op_reply_fault(struct worker *w, struct job *job, const struct tg_account *account, const struct tl_comb *method,
                    int err, const struct fault *fault)
{
    op_reply_problem(job, op_problem_of_fault(w, account, method, err, fault));
}

json_t *op_tree(struct worker *w, struct job *job, const struct tg_account *account, const struct tg_answer *result)
{
    struct fault fault = {0};
    json_t *tree = NULL;
    int err = tl_tree_result(w->env.schema, result->method, result->data, result->len, &tree, NULL, &fault);

    if (!err)
        return tree;
    struct tg_answer untold = op_untold(result, err, &fault);
    op_reply_problem(job, op_problem_of(w, account, &untold));
    return NULL;
}

void op_reply_bad_cursor(struct job *job)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "cursor is not one that this daemon gave");

    problem_add_error(p, "/cursor", "not a cursor of an earlier answer");
    op_reply_problem(job, p);
}

json_t *op_draw_random_id(const struct worker *w)
{
    uint64_t id;
    char text[24];

    do
        id = random_u64(w->env.random);
    while (id == 0);
    snprintf(text, sizeof(text), "%" PRId64, (int64_t)id);
    return json_string(text);
}

/* --- calls --- */

void op_call_path(const struct tg_account *account, int64_t id, char out[static OP_CALL_PATH_SIZE])
{
    snprintf(out, OP_CALL_PATH_SIZE, "/v1/calls/%" PRId64 "?account=%s", id, tg_account_name(account));
}

bool op_tell_done(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                  const struct tg_answer *updates)
{
    struct fault fault = {0};
    struct buf *text = &job->text;
    int err = 0;

    buf_reset(text);
    /* TL grows to about five times its bytes: room for all of it at once. */
    if (updates)
        (void)!buf_room(text, CALL_TEXT_USUAL + 5 * updates->len);
    buf_put_text(text, "{\"call\":");
    tg_call_text(call, tg_account_name(account), text);
    if (updates) {
        buf_put_text(text, ",\"updates\":");
        err = tl_text_result(tg_account_env(account)->schema, updates->method, updates->data, updates->len, text, NULL,
                             &fault);
    }
    buf_put_byte(text, '}');
    if (!err)
        err = buf_err(text);
    if (!err)
        return true;
    char look[OP_CALL_PATH_SIZE], remedy[OP_CALL_PATH_SIZE + 32];
    op_call_path(account, call->id, look);
    snprintf(remedy, sizeof(remedy), "It was done: read GET %s", look);
    op_reply_problem(job, op_problem_untold(w, account, updates ? updates : &(struct tg_answer){.executed = true}, err,
                                            &fault, remedy));
    return false;
}

void op_reply_done(const struct worker *w, struct job *job, int status, struct tg_account *account,
                   const struct tg_call *call, const struct tg_answer *updates)
{
    if (op_tell_done(w, job, account, call, updates))
        op_reply_text(job, status);
}

bool op_tell_made(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                  const struct tg_answer *updates)
{
    snprintf(job->location, sizeof(job->location), "/v1/calls/%" PRId64, call->id);
    return op_tell_done(w, job, account, call, updates);
}

void op_reply_made(const struct worker *w, struct job *job, struct tg_account *account, const struct tg_call *call,
                   const struct tg_answer *updates)
{
    if (op_tell_made(w, job, account, call, updates))
        op_reply_text(job, 201);
}

bool op_tell_call(struct job *job, struct tg_account *account, const struct tg_call *call, json_t *extra)
{
    struct buf *text = &job->text;
    int err = 0;

    buf_reset(text);
    buf_put_text(text, "{\"call\":");
    tg_call_text(call, tg_account_name(account), text);
    if (json_object_size(extra)) {
        buf_put_byte(text, ',');
        err = json_dump_callback(extra, op_dump_to_buf, text, JSON_COMPACT | JSON_EMBED);
    }
    json_decref(extra);
    buf_put_byte(text, '}');
    if (!err && !buf_err(text))
        return true;
    op_reply_no_memory(job);
    return false;
}

void op_reply_call(struct job *job, int status, struct tg_account *account, const struct tg_call *call, json_t *extra)
{
    if (op_tell_call(job, account, call, extra))
        op_reply_text(job, status);
}
