/* POST /v1/methods/{method}: any method of the layer, its parameters as TL JSON, peers in the REST grammar. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/login/login.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/text.h"
#include "daemon/worker/op.h"

/* A peer in the parameters, still to be resolved. */
struct peer_slot {
    char want[16];
    json_t *parent; /* borrowed from the job's body */
    char *key;      /* owned; NULL in an array */
    size_t index;
};

enum { SLOTS_MAX = 256 };

struct invoke {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    const struct tl_comb *method;
    struct peer_slot slots[SLOTS_MAX];
    size_t slots_n, next;
    bool resolving, again;
};

static struct job *finish(struct invoke *v)
{
    struct job *job = v->job;

    for (size_t i = 0; i < v->slots_n; i++)
        free(v->slots[i].key);
    free(v);
    return job;
}

/* What to do about something that may have happened. */
static void remedy_of(const struct invoke *v, char *out, size_t size)
{
    const json_t *id = json_object_get(v->job->body, "random_id");
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

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct invoke *v = ctx;
    struct job *job = v->job;
    struct fault fault = {0};
    char remedy[160];
    int err = 0;

    buf_reset(&job->text);
    if (answer->outcome == TG_RESULT)
        err =
            tl_text_result(v->worker->env.schema, answer->method, answer->data, answer->len, &job->text, NULL, &fault);
    if (answer->outcome != TG_RESULT || err) {
        struct tg_answer untold = err ? op_untold(answer, err, &fault) : *answer;
        remedy_of(v, remedy, sizeof(remedy));
        struct problem *p = op_problem_of_asked(v->worker, v->account, &untold, job->body, remedy);
        op_reply_problem(finish(v), p);
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
static void fill_random_id(struct invoke *v)
{
    json_t *body = v->job->body;
    uint64_t id;
    char text[24];

    if (json_object_get(body, "random_id"))
        return;
    do
        id = random_u64(v->worker->env.random);
    while ((int32_t)id == 0);
    if (has_member(v->method, "random_id", TL_INT)) {
        json_object_set_new(body, "random_id", json_integer((int32_t)id));
    } else if (has_member(v->method, "random_id", TL_LONG)) {
        snprintf(text, sizeof(text), "%" PRId64, (int64_t)id);
        json_object_set_new(body, "random_id", json_string(text));
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
                         .done = on_answer,
                         .ctx = v};
    int err = tg_login_invoke(v->account, &ask, &fault);
    if (err) {
        const struct tl_comb *method = v->method;
        struct tg_account *account = v->account;
        struct worker *w = v->worker;
        op_reply_fault(w, finish(v), account, method, err, &fault);
    }
}

static void resolve_slots(struct invoke *v);

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct invoke *v = ctx;
    struct peer_slot *s = &v->slots[v->next];

    if (!r->peer) {
        struct tg_account *account = v->account;
        struct worker *w = v->worker;
        v->again = false;
        bool nested = v->resolving;
        struct job *job = v->job;
        if (nested)
            v->job = NULL; /* resolve_slots() sees it and lets go */
        else
            finish(v);
        op_reply_problem(job, op_problem_unresolved(w, account, r));
        return;
    }
    json_t *input = tg_peer_input(r->peer, s->want);
    if (s->key)
        json_object_set_new(s->parent, s->key, input);
    else
        json_array_set_new(s->parent, s->index, input);
    v->next++;
    v->again = true;
    if (!v->resolving)
        resolve_slots(v);
}

/* Puts what leads from HERE to PARENT in front of the fault's path. PARENT lies no deeper than the visitor went. */
static bool find_path(const json_t *here, const json_t *parent, unsigned depth, struct fault *fault)
{
    const char *name;
    json_t *item;
    size_t i;

    if (here == parent)
        return true;
    if (depth == 0)
        return false;
    json_object_foreach ((json_t *)(uintptr_t)here, name, item) {
        if (find_path(item, parent, depth - 1, fault)) {
            fault_path_member(fault, name);
            return true;
        }
    }
    json_array_foreach (here, i, item) {
        if (find_path(item, parent, depth - 1, fault)) {
            fault_path_index(fault, i);
            return true;
        }
    }
    return false;
}

static struct problem *problem_of_slot(const struct invoke *v, const struct peer_slot *s, struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "%s", fault->text);

    if (s->key)
        fault_path_member(fault, s->key);
    else
        fault_path_index(fault, s->index);
    /* An array in an array is two levels of JSON for one of TL. */
    (void)find_path(v->job->body, s->parent, 2 * LIMIT_TL_DEPTH, fault);
    problem_add_error(p, fault->path, fault->text);
    return p;
}

/* One after the other; what is known is replaced in place, without a deeper stack for each. */
static void resolve_slots(struct invoke *v)
{
    struct fault fault = {0};

    v->resolving = true;
    do {
        if (v->next == v->slots_n) {
            v->resolving = false;
            send(v);
            return;
        }
        struct peer_slot *s = &v->slots[v->next];
        json_t *given = s->key ? json_object_get(s->parent, s->key) : json_array_get(s->parent, s->index);
        v->again = false;
        if (tg_resolve_json(v->account, given, v->job->deadline_us, on_resolved, v, &fault) != 0) {
            struct problem *p = problem_of_slot(v, s, &fault);
            op_reply_problem(finish(v), p);
            return;
        }
        if (!v->job) {
            finish(v);
            return;
        }
    } while (v->again);
    v->resolving = false;
}

static int on_peer(void *ctx, const char *want, json_t *parent, const char *key, size_t index)
{
    struct invoke *v = ctx;

    if (v->slots_n == SLOTS_MAX)
        return TGC_ELIMIT;
    struct peer_slot *s = &v->slots[v->slots_n];
    *s = (struct peer_slot){.parent = parent, .index = index};
    snprintf(s->want, sizeof(s->want), "%s", want);
    if (key) {
        s->key = strdup(key);
        if (!s->key)
            return TGC_ENOMEM;
    }
    v->slots_n++;
    return 0;
}

/* --- which methods ---------------------------------------------------------------------------------------------------
 */

/* True where it is refused; *RET_PROBLEM is NULL then too where memory is gone. */
static bool is_refused(const struct job *job, const char *name, struct problem **ret_problem)
{
    static const char *const admin[] = {"account.deleteAccount", "account.resetPassword"};
    bool needs_admin = strncmp(name, "auth.", 5) == 0;

    if (strncmp(name, "invoke", 6) == 0 || strcmp(name, "initConnection") == 0 ||
        strcmp(name, "auth.bindTempAuthKey") == 0) {
        *ret_problem =
            problem_new(PROBLEM_FORBIDDEN, 0, "%s belongs to the connection, which is the daemon's own", name);
        problem_set_remedy(*ret_problem, "Ask for the method that you mean by its own name: the daemon wraps it");
        return true;
    }
    for (size_t i = 0; i < sizeof(admin) / sizeof(admin[0]); i++)
        needs_admin |= strcmp(name, admin[i]) == 0;
    if (!needs_admin || job->scope_admin)
        return false;
    *ret_problem = problem_new(PROBLEM_FORBIDDEN, 0, "%s needs a token with the scope admin", name);
    problem_set_remedy(*ret_problem, "Use a token with the scope admin");
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
    fill_random_id(v);
    if (op_problem_of_members(w, method, job->body, &problem)) {
        op_reply_problem(finish(v), problem);
        return;
    }
    int err = tl_visit_peers(w->env.schema, method, job->body, on_peer, v);
    if (err) {
        if (err == TGC_ELIMIT) {
            problem = problem_new(PROBLEM_INVALID_REQUEST, 0, "more than %d peers", SLOTS_MAX);
            problem_add_error(problem, "", "it names too many peers");
        }
        op_reply_problem(finish(v), problem);
        return;
    }
    resolve_slots(v);
}
