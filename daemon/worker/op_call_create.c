/* POST /v1/calls. On Telegram a second create in a chat ends the running call, so the order is: account, peer, a lock
 * on the chat, what is to happen if a call exists, create. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/known/call_text.h"
#include "daemon/base/log.h"
#include "daemon/tg/call/chat.h"
#include "daemon/worker/op.h"

enum if_exists { IF_EXISTS_RETURN, IF_EXISTS_FAIL, IF_EXISTS_REPLACE };

struct create {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    struct tg_peer peer;
    struct chat_waiter waiter;
    struct net_timer *late; /* while it waits: who has the chat may have come later, with more time left */
    enum if_exists if_exists;
    bool locked, failed_once;
    int32_t duplicate_code; /* of RANDOM_ID_DUPLICATE */
    int32_t random_id;
};

/* The lock goes on before the answer leaves: who hears of the call may ask for the chat's next at once. */
static struct job *finish(struct create *c)
{
    struct job *job = c->job;
    struct worker *w = c->worker;
    struct tg_account *account = c->account;
    enum peer_kind kind = c->peer.kind;
    int64_t id = c->peer.id;
    bool locked = c->locked;

    net_timer_free(c->late);
    free(c);
    if (locked)
        chat_lock_give(&w->locks, account, kind, id);
    return job;
}

static void fail(struct create *c, const struct tg_answer *failure)
{
    struct problem *p = op_problem_of(c->worker, c->account, failure);

    op_reply_problem(finish(c), p);
}

static void reply_existing(struct create *c, struct tg_call *call)
{
    struct tg_account *account = c->account;

    if (c->if_exists == IF_EXISTS_FAIL) {
        struct problem *p = problem_new(PROBLEM_CALL_EXISTS, 0, "the chat has a call already, which is %s",
                                        tg_call_state_text(call->state));
        problem_put(p, "call", tg_call_json(call, tg_account_name(account)));
        problem_set_remedy(p, "Use the call, end it with DELETE /v1/calls/{id}, or ask for \"if_exists\": \"replace\"");
        op_reply_problem(finish(c), p);
        return;
    }
    op_reply_call(finish(c), 200, account, call, json_pack("{s:b}", "existing", 1));
}

static int32_t draw_random_id(const struct tg_env *env)
{
    uint32_t v;

    do
        v = random_u32(env->random);
    while (v == 0);
    return (int32_t)v;
}

static void send_create(struct create *c);

/* The request's own word for what the answer did not say. */
static void complete_record(struct create *c, struct tg_call *call)
{
    const struct tl_comb *group_call = tl_find_constructor_name(c->worker->env.schema, "groupCall");
    bool layer_says_rtmp = group_call && group_call->flags_defined[0] & (UINT32_C(1) << 12);

    if (!layer_says_rtmp)
        call->rtmp_stream = json_is_true(json_object_get(c->job->body, "rtmp_stream"));
    tg_known_call_is_ours(tg_account_known(c->account), call);
}

static void reply_created(struct create *c, struct tg_call *call, const struct tg_answer *answer)
{
    complete_record(c, call);
    int err = op_put_call_and_text(c->job, c->account, call, "updates", answer);
    int64_t id = call->id;
    struct job *job = finish(c);
    if (err) {
        op_reply_no_memory(job);
        return;
    }
    snprintf(job->location, sizeof(job->location), "/v1/calls/%" PRId64, id);
    op_reply_text(job, 201);
}

/* An answer without updateGroupCall: the chat says which call it has now. Only the bytes of the answer are kept for it.
 */
struct look {
    struct create *create;
    struct tg_answer answer;
    uint8_t *data;
};

static void on_looked(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct look *l = ctx;
    struct create *c = l->create;

    if (failure)
        fail(c, failure);
    else if (!call)
        op_reply_problem(finish(c), problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0,
                                                "Telegram accepted the request, but the chat shows no call"));
    else
        reply_created(c, call, &l->answer);
    free(l->data);
    free(l);
}

static void look_for_call(struct create *c, const struct tg_answer *answer)
{
    struct look *l = calloc(1, sizeof(*l));
    uint8_t *data = malloc(answer->len);

    if (!l || !data) {
        free(l);
        free(data);
        op_reply_no_memory(finish(c));
        return;
    }
    memcpy(data, answer->data, answer->len);
    *l = (struct look){c, *answer, data};
    l->answer.data = data;
    tg_chat_call_again(c->account, &c->peer, c->job->deadline_us, on_looked, l);
}

/* What the server did with this random_id before is what was asked for. */
static void on_duplicate(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct create *c = ctx;

    if (failure) {
        fail(c, failure);
    } else if (!call) {
        struct problem *p =
            problem_new(PROBLEM_TELEGRAM_REFUSED, 409, "this random_id was used for a call that has ended");
        problem_put(p, "telegram",
                    json_pack("{s:i, s:s}", "code", (int)c->duplicate_code, "message", "RANDOM_ID_DUPLICATE"));
        problem_set_remedy(p, "Leave random_id out, or use a new one");
        op_reply_problem(finish(c), p);
    } else {
        c->if_exists = IF_EXISTS_RETURN;
        reply_existing(c, call);
    }
}

static void on_created(void *ctx, const struct tg_answer *answer)
{
    struct create *c = ctx;
    struct tg_call *call;

    if (op_error_is(answer, "CREATE_CALL_FAILED") && !c->failed_once) {
        c->failed_once = true;
        send_create(c);
        return;
    }
    if (op_error_is(answer, "RANDOM_ID_DUPLICATE")) {
        c->duplicate_code = answer->error->code;
        tg_chat_call_again(c->account, &c->peer, c->job->deadline_us, on_duplicate, c);
        return;
    }
    if (answer->outcome != TG_RESULT) {
        fail(c, answer);
        return;
    }
    call = answer->call_id ? tg_calls_find(tg_account_calls(c->account), answer->call_id) : NULL;
    if (!call) {
        look_for_call(c, answer);
        return;
    }
    if (tg_known_call_is_of(tg_account_known(c->account), call, c->peer.kind, c->peer.id) != 0) {
        op_reply_no_memory(finish(c));
        return;
    }
    reply_created(c, call, answer);
}

static void send_create(struct create *c)
{
    static const char *const members[] = {"title", "schedule_date", "rtmp_stream"};
    const json_t *body = c->job->body;
    const struct tl_comb *method = tl_find_method(c->worker->env.schema, "phone.createGroupCall");
    struct fault fault = {0};
    json_t *params =
        json_pack("{s:o, s:i}", "peer", tg_peer_input(&c->peer, "InputPeer"), "random_id", (int)c->random_id);

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *v = json_object_get(body, members[i]);
        if (v)
            json_object_set(params, members[i], v);
    }
    if (!method) {
        struct problem *p = op_problem_no_method(c->worker, "phone.createGroupCall");
        json_decref(params);
        op_reply_problem(finish(c), p);
        return;
    }
    struct tg_ask ask = {.method = method,
                         .params = params,
                         .deadline_us = c->job->deadline_us,
                         .flags = TG_INVOKE_REPEATABLE,
                         .effect = {TG_EFFECT_CHAT, c->peer.kind, c->peer.id},
                         .done = on_created,
                         .ctx = c};
    int err = tg_invoke(c->account, &ask, &fault);
    json_decref(params);
    if (err) {
        struct tg_account *account = c->account;
        struct worker *w = c->worker;
        op_reply_fault(w, finish(c), account, method, err, &fault);
    }
}

static void on_chat_call(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct create *c = ctx;

    if (failure)
        fail(c, failure);
    else if (call)
        reply_existing(c, call);
    else
        send_create(c);
}

static void on_locked(void *ctx)
{
    struct create *c = ctx;

    net_timer_free(c->late);
    c->late = NULL;
    c->locked = true;
    /* Whoever held the chat may have used up our time too. */
    if (tg_now(&c->worker->env) >= c->job->deadline_us) {
        fail(c, &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                    .err = TGC_ETIMEOUT,
                                    .detail = "another create in this chat did not end in time"});
        return;
    }
    if (c->if_exists == IF_EXISTS_REPLACE)
        send_create(c);
    else
        tg_chat_call(c->account, &c->peer, c->job->deadline_us, on_chat_call, c);
}

static void on_late(void *ctx)
{
    struct create *c = ctx;

    chat_lock_leave(&c->worker->locks, c->account, c->peer.kind, c->peer.id, &c->waiter);
    fail(c, &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                .err = TGC_ETIMEOUT,
                                .detail = "another create in this chat did not end in time"});
}

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct create *c = ctx;
    struct chat_locks *locks = &c->worker->locks;

    if (!r->peer) {
        struct tg_account *account = c->account;
        struct worker *w = c->worker;
        op_reply_unresolved(w, finish(c), account, r);
        return;
    }
    c->peer = *r->peer;
    c->waiter = (struct chat_waiter){.granted = on_locked, .ctx = c};
    if (chat_lock_is_held(locks, c->account, c->peer.kind, c->peer.id)) {
        log_debug("worker", "%s waits for a create in the same chat", c->job->request_id);
        if (net_timer_new(c->worker->loop, on_late, c, &c->late) != 0) {
            op_reply_no_memory(finish(c));
            return;
        }
        net_timer_set(c->late, c->job->deadline_us);
    }
    if (chat_lock_take(locks, c->account, c->peer.kind, c->peer.id, &c->waiter) != 0)
        op_reply_no_memory(finish(c));
}

static enum if_exists if_exists_of(const json_t *body)
{
    const char *text = json_string_value(json_object_get(body, "if_exists"));

    if (text && strcmp(text, "fail") == 0)
        return IF_EXISTS_FAIL;
    return text && strcmp(text, "replace") == 0 ? IF_EXISTS_REPLACE : IF_EXISTS_RETURN;
}

void op_call_create(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    const json_t *random_id = json_object_get(job->body, "random_id");
    struct fault fault = {0};
    struct create *c;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    c = calloc(1, sizeof(*c));
    if (!c) {
        op_reply_no_memory(job);
        return;
    }
    c->worker = w;
    c->job = job;
    c->account = account;
    c->if_exists = if_exists_of(job->body);
    c->random_id = random_id ? (int32_t)json_integer_value(random_id) : draw_random_id(&w->env);
    int err = tg_resolve_json(account, json_object_get(job->body, "peer"), job->deadline_us, on_resolved, c, &fault);
    if (err)
        op_reply_bad_peer(finish(c), &fault);
}
