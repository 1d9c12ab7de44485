/* POST /v1/methods/{method}: any method of the layer, its parameters as TL JSON, peers in the REST grammar. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/bridge/scope.h"
#include "daemon/tg/login/login.h"
#include "daemon/tl/text.h"
#include "daemon/worker/op.h"
#include "daemon/worker/peer_params.h"
#include "daemon/worker/tell_stream_key.h"

#define STREAM_ADDRESS "phone.getGroupCallStreamRtmpUrl"

struct invoke {
    struct worker *worker;
    struct job *job; /* NULL: it has its answer, that nobody knows */
    struct tg_account *account;
    const struct tl_comb *method;
    json_t *stream; /* the InputPeer whose stream's key is revoked; NULL: none is */
};

static struct job *finish(struct invoke *v)
{
    struct job *job = v->job;

    json_decref(v->stream);
    free(v);
    return job;
}

/* What to do about something that may have happened. */
static void remedy_of(const struct job *job, char *out, size_t size)
{
    const json_t *id = json_object_get(job->body, "random_id");
    char *text = json_is_array(id) ? NULL : json_dumps(id, JSON_ENCODE_ANY);

    if (text)
        snprintf(out, size,
                 "It may have happened: look before you repeat the request; with \"random_id\": %.24s it is the same "
                 "to Telegram",
                 text);
    else
        snprintf(out, size, "It may have happened: look before you repeat the request");
    free(text);
}

static void reply_asked(struct invoke *v, struct job *job, const struct tg_answer *answer)
{
    char remedy[160];

    remedy_of(job, remedy, sizeof(remedy));
    op_reply_problem(job, op_problem_of_asked(v->worker, v->account, answer, job->body, remedy));
}

/* Who asked goes; that the key is another one is told all the same. */
static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct invoke *v = ctx;
    struct job *job = v->job;

    v->job = NULL;
    reply_asked(v, job, answer);
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct invoke *v = ctx;
    struct job *job = v->job;
    struct fault fault = {0};
    int err = 0;

    if (v->stream && answer->outcome == TG_RESULT && v->worker->tell)
        tell_stream_key(v->worker->tell, v->account, v->stream, "request");
    if (!job) {
        (void)finish(v);
        return;
    }
    buf_reset(&job->text);
    if (answer->outcome == TG_RESULT)
        err =
            tl_text_result(v->worker->env.schema, answer->method, answer->data, answer->len, &job->text, NULL, &fault);
    if (answer->outcome != TG_RESULT || err) {
        struct tg_answer untold = err ? op_untold(answer, err, &fault) : *answer;
        reply_asked(v, job, &untold);
        (void)finish(v);
        return;
    }
    finish(v);
    op_reply_text(job, 200);
}

static bool has_member(const struct tl_comb *method, const char *name, enum tl_kind kind)
{
    for (unsigned i = 0; i < method->params_n; i++)
        if (strcmp(method->params[i].name, name) == 0 && method->params[i].expr.kind == kind)
            return true;
    return false;
}

/* What the client left out is drawn here, once, so that every resend carries the same. */
void op_fill_random_id(const struct worker *w, const char *name, json_t *body)
{
    const struct tl_comb *method = tl_find_method(w->env.schema, name);
    int32_t id;

    if (!method || json_object_get(body, "random_id"))
        return;
    if (has_member(method, "random_id", TL_INT)) {
        do
            id = (int32_t)random_u64(w->env.random);
        while (id == 0);
        json_object_set_new(body, "random_id", json_integer(id));
    } else if (has_member(method, "random_id", TL_LONG)) {
        json_object_set_new(body, "random_id", op_draw_random_id(w));
    }
}

/* A TL long as JSON bears it. */
static int64_t long_of(const json_t *object, const char *member)
{
    const json_t *v = json_object_get(object, member);

    return json_is_string(v) ? strtoll(json_string_value(v), NULL, 10) : json_integer_value(v);
}

static unsigned flags_of(const struct tl_comb *method)
{
    return strncmp(method->name, "auth.", 5) == 0 ? TG_INVOKE_LOGIN : 0;
}

/* The chat that a method of group calls is asked for, by its call or its peer. */
static struct tg_effect effect_of(const struct invoke *v)
{
    const json_t *body = v->job->body, *peer = json_object_get(body, "peer");
    const char *kind = json_string_value(json_object_get(peer, "_"));
    struct tg_effect effect = {.what = TG_EFFECT_ALL};

    if (flags_of(v->method))
        return (struct tg_effect){.what = TG_EFFECT_LOGIN};
    if (strncmp(v->method->name, "phone.", 6) != 0)
        return effect;
    const struct tg_call *call =
        tg_calls_find(tg_account_calls(v->account), long_of(json_object_get(body, "call"), "id"));
    if (call && call->has_peer) {
        effect.kind = call->peer_kind;
        effect.id = call->peer_id;
    } else if (kind && strcmp(kind, "inputPeerChannel") == 0) {
        effect.kind = PEER_CHANNEL;
        effect.id = long_of(peer, "channel_id");
    } else if (kind && strcmp(kind, "inputPeerChat") == 0) {
        effect.kind = PEER_CHAT;
        effect.id = long_of(peer, "chat_id");
    }
    return effect;
}

static void send(struct invoke *v)
{
    struct fault fault = {0};

    struct tg_ask ask = {.method = v->method,
                         .params = v->job->body,
                         .deadline_us = v->job->deadline_us,
                         .flags = flags_of(v->method),
                         .effect = effect_of(v),
                         .gate = v->job->gate,
                         .done = on_answer,
                         .unknown = v->stream ? on_unknown : NULL,
                         .ctx = v};
    /* What follows a caller's own methods lets nobody hear of an answer that is late. */
    int err = v->stream ? tg_invoke(v->account, &ask, &fault) : tg_login_invoke(v->account, &ask, &fault);
    if (err) {
        const struct tl_comb *method = v->method;
        struct tg_account *account = v->account;
        struct worker *w = v->worker;
        op_reply_fault(w, finish(v), account, method, err, &fault);
    }
}

static void on_peers(void *ctx, bool ok, struct problem *problem)
{
    struct invoke *v = ctx;

    if (!ok) {
        op_reply_problem(finish(v), problem);
        return;
    }
    const json_t *body = v->job->body;
    if (strcmp(v->method->name, STREAM_ADDRESS) == 0 && json_is_true(json_object_get(body, "revoke")))
        v->stream = json_incref(json_object_get(body, "peer"));
    send(v);
}

/* --- which methods ---------------------------------------------------------------------------------------------------
 */

static bool is_among(const char *name, const char *const *list)
{
    while (*list && strcmp(*list, name) != 0)
        list++;
    return *list != NULL;
}

/* Methods whose answer is a secret. */
static const char *const secrets[] = {STREAM_ADDRESS, NULL};

static bool is_of_logins(const char *name)
{
    return strncmp(name, "auth.", 5) == 0;
}

static unsigned scopes_of(const char *name)
{
    static const char *const admin[] = {"account.deleteAccount", "account.resetPassword", NULL};

    if (is_of_logins(name) || is_among(name, admin))
        return SCOPE_ADMIN;
    return is_among(name, secrets) ? SCOPE_SECRETS : 0;
}

unsigned op_method_scopes(const struct job *job)
{
    const char *name = json_string_value(json_object_get(job->path, "method"));

    return job->method == JOB_METHOD_INVOKE && name ? scopes_of(name) : 0;
}

/* The scope that a method needs beside `methods`, and JOB's token has not; NULL. */
static const char *scope_lacked(const struct job *job, const char *name)
{
    unsigned scope = scopes_of(name);

    if (scope == SCOPE_ADMIN && !job->scope_admin)
        return "admin";
    return scope == SCOPE_SECRETS && !job->scope_secrets ? "secrets" : NULL;
}

/* True where it is refused; *RET_PROBLEM is NULL then too where memory is gone. */
static bool is_refused(const struct job *job, const char *name, struct problem **ret_problem)
{
    static const char *const connection[] = {"initConnection", "auth.bindTempAuthKey", NULL};
    const char *lacked = scope_lacked(job, name);

    if (strncmp(name, "invoke", 6) == 0 || is_among(name, connection)) {
        *ret_problem =
            problem_new(PROBLEM_FORBIDDEN, 0, "%s belongs to the connection, which is the daemon's own", name);
        problem_set_remedy(*ret_problem, "Ask for the method that you mean by its own name: the daemon wraps it");
        return true;
    }
    if (!lacked)
        return false;
    *ret_problem = problem_new(PROBLEM_FORBIDDEN, 0, "%s needs a token with the scope %s", name, lacked);
    problem_print_remedy(*ret_problem, "Use a token with the scope %s: POST /v1/tokens makes one", lacked);
    return true;
}

void op_method_invoke(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->path, "method"));
    const struct tl_comb *method = tl_find_method(w->env.schema, name);
    struct problem *problem = NULL;
    struct tg_account *account = NULL;
    struct invoke *v;

    /* No account is the sign of a refusal, not the problem: that is NULL where memory is gone. */
    if (!is_refused(job, name, &problem)) {
        if (method)
            account = accounts_select(&w->accounts, job, &problem);
        else
            problem = op_problem_no_method(w, name);
    }
    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    struct fault fault = {0};
    if (tg_login_judge(account, method, &fault) != 0) {
        problem = problem_new(PROBLEM_EXISTS, 0, "%s", fault.text);
        problem_print_remedy(problem, "Log out first with POST /v1/accounts/%s/logout, or log in under another name",
                             tg_account_name(account));
        op_reply_problem(job, problem);
        return;
    }
    v = calloc(1, sizeof(*v));
    if (!v) {
        op_reply_no_memory(job);
        return;
    }
    v->worker = w;
    v->job = job;
    v->account = account;
    v->method = method;
    job->is_secret = is_of_logins(name) || is_among(name, secrets);
    op_fill_random_id(w, name, job->body);
    if (op_problem_of_members(w, method, job->body, &problem)) {
        op_reply_problem(finish(v), problem);
        return;
    }
    peer_params_resolve(w, account, method, job->body, job->deadline_us, on_peers, v);
}
