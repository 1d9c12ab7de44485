#include "daemon/worker/op.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/tg/call/remedy.h"
#include "daemon/tg/account/retry.h"
#include "daemon/tl/text.h"

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

bool op_error_is(const struct tg_answer *answer, const char *message)
{
    return answer->outcome == TG_RPC_ERROR && strcmp(answer->error->message, message) == 0;
}

int64_t op_call_id(const struct job *job)
{
    const char *id = json_string_value(json_object_get(job->path, "id"));

    return id ? strtoll(id, NULL, 10) : 0;
}

/* --- what Telegram refused --- */

/* A move that could not be made. */
static struct problem *problem_of_move(const struct tg_account *account, const struct mt_rpc_error *e)
{
    const struct tg_env *env = tg_account_env(account);
    struct problem *p = problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram answered %d %s", e->code, e->message);
    char remedy[160];

    if (e->has_parameter && e->parameter <= INT32_MAX && !tg_dc_find(env->dcs, (int32_t)e->parameter) &&
        strcmp(env->environment, "custom") == 0) {
        snprintf(remedy, sizeof(remedy),
                 "Add a section [dc %d] with the address and public key of that data centre to the configuration",
                 (int)e->parameter);
        problem_set_remedy(p, remedy);
    }
    return p;
}

/* The table of the REST contract, by the code and, for waits and dead logins, by the decision table's own judgement. */
static struct problem *problem_of_error(const struct tg_account *account, const struct mt_rpc_error *e)
{
    struct problem *p;
    enum tg_reaction reaction = tg_retry_judge(e);

    switch (reaction) {
    case TG_REACT_WAIT:
        p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram asks to wait %" PRId64 " s", tg_retry_wait_s(e));
        problem_set_retry_after(p, tg_retry_wait_s(e));
        problem_set_remedy(p, "Repeat the request after Retry-After seconds, not before");
        break;
    case TG_REACT_REVOKED:
    case TG_REACT_DUPLICATED:
    case TG_REACT_BANNED:
    case TG_REACT_FROZEN:
        p = accounts_not_ready(account);
        break;
    case TG_REACT_MIGRATE:
        p = problem_of_move(account, e);
        break;
    default:
        if (e->code == 400 || e->code == 403 || e->code == 404)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, e->code, "Telegram answered %s", e->message);
        else if (e->code == 406)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "Telegram answered %s", e->message);
        else if (e->code == 401)
            p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "Telegram answered %s", e->message);
        else if (e->code >= 300 && e->code < 500 && e->code != 420)
            p = problem_new(PROBLEM_TELEGRAM_REFUSED, 400, "Telegram answered %d %s", e->code, e->message);
        else if (e->code == 420) /* a limit without a number */
            p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram answered %s", e->message);
        else
            p = problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram answered %d %s", e->code, e->message);
        if (tg_remedy(e->family))
            problem_set_remedy(p, tg_remedy(e->family));
        break;
    }
    json_t *telegram = json_pack("{s:i, s:s}", "code", (int)e->code, "message", e->message);
    if (telegram && e->has_parameter)
        json_object_set_new(telegram, "parameter", json_integer(e->parameter));
    problem_put(p, "telegram", telegram);
    return p;
}

struct problem *op_problem_of(struct worker *w, const struct tg_account *account, const struct tg_answer *failure)
{
    if (failure->outcome == TG_RPC_ERROR)
        return problem_of_error(account, failure->error);
    switch (failure->err) {
    case TGC_ETIMEOUT:
    case TGC_ELOST:
        return problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0, "%s", failure->detail);
    case TGC_ESTATE:
        return accounts_not_ready(account);
    case TGC_ECLOSED:
        if (w->stopping)
            return problem_new(PROBLEM_STOPPING, 0, "the daemon is stopping");
        return problem_new(PROBLEM_NOT_FOUND, 0, "the account was removed meanwhile");
    case TGC_EPROTO:
    case TGC_EUNKNOWN:
        return problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "%s", failure->detail);
    default:
        return problem_new(PROBLEM_INTERNAL, 0, "%s", failure->detail);
    }
}

void op_reply_failure(struct worker *w, struct job *job, const struct tg_account *account,
                      const struct tg_answer *failure)
{
    op_reply_problem(job, op_problem_of(w, account, failure));
}

/* --- what does not fit the layer --- */

static int layer_with_member(const struct worker *w, const struct tl_comb *method, const char *path)
{
    const char *name = path[0] == '/' ? path + 1 : path;

    for (size_t i = 0; i < w->config.schemas_n; i++) {
        const struct tl_comb *other = tl_find_method(w->config.schemas[i], method->name);
        for (unsigned p = 0; other && p < other->params_n; p++)
            if (other->params[p].expr.kind != TL_FLAGS && strcmp(other->params[p].name, name) == 0)
                return tl_schema_layer(w->config.schemas[i]);
    }
    return 0;
}

struct problem *op_problem_no_method(const struct worker *w, const char *name)
{
    for (size_t i = 0; i < w->config.schemas_n; i++)
        if (tl_find_method(w->config.schemas[i], name)) {
            int layer = tl_schema_layer(w->config.schemas[i]);
            struct problem *p = problem_new(PROBLEM_NOT_IN_LAYER, 0, "layer %d has no %s, layer %d has it",
                                            tl_schema_layer(w->env.schema), name, layer);
            problem_put(p, "layer_needed", json_integer(layer));
            return p;
        }
    return problem_new(PROBLEM_NOT_FOUND, 0, "there is no method %.100s", name);
}

struct problem *op_problem_of_fault(struct worker *w, const struct tg_account *account, const struct tl_comb *method,
                                    int err, const struct fault *fault)
{
    int layer = tl_schema_layer(w->env.schema), other;
    struct problem *p;

    switch (err) {
    case TGC_EINVAL:
    case TGC_EUNKNOWN:
    case TGC_ELIMIT:
        other = err == TGC_EUNKNOWN && method ? layer_with_member(w, method, fault->path) : 0;
        if (other) {
            p = problem_new(PROBLEM_NOT_IN_LAYER, 0, "in layer %d %s has no %s", layer, method->name, fault->path + 1);
            problem_put(p, "layer_needed", json_integer(other));
        } else {
            p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);
            problem_add_error(p, fault->path, fault->text);
        }
        return p;
    default:
        return op_problem_of(w, account,
                             &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = fault->text});
    }
}

void op_reply_fault(struct worker *w, struct job *job, const struct tg_account *account, const struct tl_comb *method,
                    int err, const struct fault *fault)
{
    op_reply_problem(job, op_problem_of_fault(w, account, method, err, fault));
}

void op_reply_unresolved(struct worker *w, struct job *job, const struct tg_account *account,
                         const struct tg_resolved *r)
{
    if (r->failure) {
        op_reply_failure(w, job, account, r->failure);
        return;
    }
    struct problem *p = problem_new(PROBLEM_PEER_UNKNOWN, 0, "%s", r->detail);
    problem_set_remedy(p, r->remedy);
    op_reply_problem(job, p);
}

void op_reply_bad_peer(struct job *job, struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);

    fault_path_member(fault, "peer");
    problem_add_error(p, fault->path, fault->text);
    op_reply_problem(job, p);
}

/* --- calls --- */

int op_put_call_and_text(struct job *job, struct tg_account *account, const struct tg_call *call, const char *name,
                         const struct tg_answer *answer)
{
    struct fault fault = {0};
    struct buf *text = &job->text;

    buf_reset(text);
    /* TL grows to about three times its bytes: room for all of it at once. */
    (void)!buf_room(text, CALL_TEXT_USUAL + 3 * answer->len);
    buf_put_text(text, "{\"call\":");
    tg_call_text(call, tg_account_name(account), text);
    buf_put_text(text, ",\"");
    buf_put_text(text, name);
    buf_put_text(text, "\":");
    int err =
        tl_text_result(tg_account_env(account)->schema, answer->method, answer->data, answer->len, text, NULL, &fault);
    buf_put_byte(text, '}');
    return err ? err : buf_err(text);
}

void op_reply_call(struct job *job, int status, struct tg_account *account, const struct tg_call *call, json_t *extra)
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
    if (err || buf_err(text))
        op_reply_no_memory(job);
    else
        op_reply_text(job, status);
}
