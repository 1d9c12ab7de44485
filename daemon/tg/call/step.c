#include "daemon/tg/call/step.h"

#include <stdlib.h>

#include "daemon/tg/call/chat.h"

struct call_step {
    struct tg_account *account;
    int64_t id, deadline_us;
    const char *method;
    struct tg_gate *gate;
    json_t *params;
    tg_call_step_fn *done; /* NULL: nobody waits any more */
    void *ctx;
    bool asked_again;
};

static struct tg_call *call_of(const struct call_step *s)
{
    return tg_calls_find(tg_account_calls(s->account), s->id);
}

/* What changes nothing of a call that anybody relies on. */
static bool is_read(const struct call_step *s)
{
    static const char *const reads[] = {"phone.getGroupCall", "phone.getGroupParticipants",
                                        "phone.exportGroupCallInvite", "phone.checkGroupCall"};

    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++)
        if (strcmp(s->method, reads[i]) == 0)
            return true;
    return false;
}

static void end(struct call_step *s, struct tg_step_outcome *outcome)
{
    tg_call_step_fn *done = s->done;
    void *ctx = s->ctx;

    outcome->call = call_of(s);
    json_decref(s->params);
    free(s);
    if (done)
        done(ctx, outcome);
}

static void end_trouble(struct call_step *s, const struct tg_trouble *trouble)
{
    end(s, &(struct tg_step_outcome){.end = TG_STEP_TROUBLE, .trouble = *trouble});
}

static void mark_ended(struct call_step *s)
{
    struct tg_call *call = call_of(s);

    if (call && call->state != TG_CALL_DISCARDED)
        (void)!tg_known_call_ended(tg_account_known(s->account), call);
}

static void mark_started(struct call_step *s)
{
    struct tg_call *call = call_of(s);

    if (call && call->state == TG_CALL_SCHEDULED)
        (void)!tg_known_call_started(tg_account_known(s->account), call);
}

/* What an answer says of the call beside its updates, which a server need not send. */
static const struct said {
    const char *error;  /* NULL: a result */
    const char *method; /* NULL: any */
    void (*mark)(struct call_step *s);
    bool already_so; /* what was asked for; that a call has ended is no success of a new title */
} table[] = {
    {NULL, "phone.discardGroupCall", mark_ended, false},
    {NULL, "phone.startScheduledGroupCall", mark_started, false},
    {"GROUPCALL_NOT_MODIFIED", NULL, NULL, true},
    {"GROUPCALL_ALREADY_STARTED", "phone.startScheduledGroupCall", mark_started, true},
    {"GROUPCALL_ALREADY_STARTED", NULL, mark_started, false},
    {"GROUPCALL_ALREADY_DISCARDED", "phone.discardGroupCall", mark_ended, true},
    {"GROUPCALL_ALREADY_DISCARDED", NULL, mark_ended, false},
};

static const struct said *said_by(const struct call_step *s, const struct tg_answer *answer)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if ((table[i].error ? tg_answer_is_error(answer, table[i].error) : answer->executed) &&
            (!table[i].method || strcmp(table[i].method, s->method) == 0))
            return &table[i];
    return NULL;
}

static void send(struct call_step *s);

static void on_chat_call(void *ctx, struct tg_call *now, const struct tg_answer *failure)
{
    struct call_step *s = ctx;

    if (failure) {
        end_trouble(s, &(struct tg_trouble){.fate = is_read(s) ? TG_FATE_NONE : TG_FATE_NOT_SENT, .answer = failure});
    } else if (now && now->id == s->id) {
        send(s); /* it lives, with whatever access hash it has now */
    } else {
        mark_ended(s);
        end(s, &(struct tg_step_outcome){.end = TG_STEP_OVER, .running = now});
    }
}

/* Whoever may not manage a conference may look at it, for as long as there is one. */
static void on_conference_read(void *ctx, const struct tg_answer *answer)
{
    struct call_step *s = ctx;

    if (answer->outcome == TG_RESULT) {
        send(s);
    } else if (tg_answer_is_error(answer, "GROUPCALL_INVALID") || tg_answer_is_error(answer, "GROUPCALL_FORBIDDEN")) {
        mark_ended(s);
        end(s, &(struct tg_step_outcome){.end = TG_STEP_OVER});
    } else {
        end_trouble(s, &(struct tg_trouble){.fate = is_read(s) ? TG_FATE_NONE : TG_FATE_NOT_SENT, .answer = answer});
    }
}

/* It has no chat that could be asked. */
static bool ask_call(struct call_step *s, const struct tg_call *call)
{
    struct fault fault = {0};

    s->asked_again = true;
    return tg_invoke_named(s->account, "phone.getGroupCall",
                           json_pack("{s:o, s:i}", "call", tg_call_input(call), "limit", 1), s->deadline_us, 0,
                           on_conference_read, s, &fault) == 0;
}

/* Nobody may know the call any more, or only its hash is out of date. */
static bool ask_again(struct call_step *s)
{
    const struct tg_call *call = call_of(s);

    if (s->asked_again || !s->done || !call)
        return false;
    if (call->conference)
        return ask_call(s, call);
    if (!call->has_peer)
        return false;
    const struct tg_peer *known = tg_peers_find(tg_account_peers(s->account), call->peer_kind, call->peer_id);
    struct tg_peer peer = known ? *known : (struct tg_peer){.kind = call->peer_kind, .id = call->peer_id};
    s->asked_again = true;
    tg_chat_call_again(s->account, &peer, s->deadline_us, on_chat_call, s);
    return true;
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct call_step *s = ctx;
    const struct said *said = said_by(s, answer);
    bool invalid = tg_answer_is_error(answer, "GROUPCALL_INVALID");

    if (said && said->mark)
        said->mark(s);
    if (!call_of(s)) /* the oldest records go when there are too many */
        end(s, &(struct tg_step_outcome){.end = TG_STEP_NO_CALL});
    else if (answer->outcome == TG_RESULT || (said && said->already_so && !is_read(s)))
        end(s, &(struct tg_step_outcome){.end = TG_STEP_DONE, .answer = answer->outcome == TG_RESULT ? answer : NULL});
    else if ((invalid || tg_answer_is_error(answer, "GROUPCALL_FORBIDDEN")) && ask_again(s))
        return;
    else if (invalid) /* the chat still shows it, or there is no chat to ask */
        end(s, &(struct tg_step_outcome){.end = TG_STEP_NO_CALL});
    else if (said && said->mark == mark_ended)
        end(s, &(struct tg_step_outcome){.end = TG_STEP_OVER});
    else
        end_trouble(s, &(struct tg_trouble){.fate = is_read(s) ? TG_FATE_NONE : tg_fate_of(answer), .answer = answer});
}

/* Who waits is told; the step goes on alone. */
static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct call_step *s = ctx;
    tg_call_step_fn *done = s->done;

    s->done = NULL;
    json_decref(s->params); /* they are the waiter's too */
    s->params = NULL;
    done(s->ctx, &(struct tg_step_outcome){.end = TG_STEP_TROUBLE,
                                           .call = call_of(s),
                                           .trouble = {.fate = tg_fate_of(answer), .answer = answer}});
}

static void send(struct call_step *s)
{
    const struct tg_call *call = call_of(s);
    struct fault fault = {0};
    struct tg_ask ask = {.method = tl_find_method(tg_account_env(s->account)->schema, s->method),
                         .params = s->params,
                         .deadline_us = s->deadline_us,
                         .effect = {.what = is_read(s) ? TG_EFFECT_NONE : TG_EFFECT_CALL, .id = s->id},
                         .done = on_answer,
                         .unknown = is_read(s) ? NULL : on_unknown,
                         .gate = s->gate,
                         .ctx = s};
    int err = TGC_ENOMEM;

    if (!call) {
        end(s, &(struct tg_step_outcome){.end = TG_STEP_NO_CALL});
        return;
    }
    if (!ask.method)
        err = TGC_EUNKNOWN;
    else if (json_object_set_new(s->params, "call", tg_call_input(call)) == 0)
        err = tg_invoke(s->account, &ask, &fault);
    if (err)
        end_trouble(s, &(struct tg_trouble){.fate = is_read(s) ? TG_FATE_NONE : TG_FATE_NOT_SENT,
                                            .err = err,
                                            .method = s->method,
                                            .fault = &fault});
}

void tg_call_step_gated(struct tg_account *a, int64_t id, const char *method, json_t *params, int64_t deadline_us,
                        struct tg_gate *gate, tg_call_step_fn *done, void *ctx)
{
    struct call_step *s = calloc(1, sizeof(*s));

    if (!s || !params) {
        free(s);
        json_decref(params);
        done(ctx,
             &(struct tg_step_outcome){
                 .end = TG_STEP_TROUBLE,
                 .trouble = {.err = TGC_ENOMEM, .method = method, .fault = &(struct fault){.text = "out of memory"}}});
        return;
    }
    *s = (struct call_step){.account = a,
                            .id = id,
                            .deadline_us = deadline_us,
                            .method = method,
                            .gate = gate,
                            .params = params,
                            .done = done,
                            .ctx = ctx};
    send(s);
}

void tg_call_step(struct tg_account *a, int64_t id, const char *method, json_t *params, int64_t deadline_us,
                  tg_call_step_fn *done, void *ctx)
{
    tg_call_step_gated(a, id, method, params, deadline_us, NULL, done, ctx);
}
