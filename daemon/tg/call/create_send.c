/* phone.createGroupCall, and what comes back while somebody waits for it. */
#include <stdlib.h>

#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/create_internal.h"
#include "daemon/tg/known/auto_start.h"

/* Once: the random_id belongs to a call that has ended, which nobody asked for now. */
static bool send_redrawn(struct create *c)
{
    if (!c->ours || c->redrawn)
        return false;
    struct tg_unsettled *u = create_unsettled_own(c);
    if (u)
        tg_unsettled_drop(&c->desk->unsettled, u);
    c->redrawn = true;
    c->ours = false;
    c->random_id = c->order.random_id;
    if (c->order.gate)
        tg_gate_close(c->order.gate);
    create_send(c);
    return true;
}

/* The request's own word for what the answer did not say. */
void create_note_made(struct create *c, struct tg_call *call)
{
    const struct tl_comb *group_call = tl_find_constructor_name(tg_account_env(c->account)->schema, "groupCall");
    bool layer_says_rtmp = group_call && group_call->flags_defined[0] & (UINT32_C(1) << 12);

    if (!layer_says_rtmp)
        call->rtmp_stream = c->rtmp_stream;
    /* An earlier create's call has that one's date. */
    if (c->start_date && call->schedule_date == c->start_date)
        tg_known_wish_start(tg_account_known(c->account), call, true);
    tg_known_call_is_ours(tg_account_known(c->account), call);
}

static void end_made(struct create *c, struct tg_call *call, const struct tg_answer *updates)
{
    struct tg_unsettled *u = create_unsettled_own(c);
    unsigned differs = 0;

    create_note_made(c, call);
    if (u) {
        /* It may be the earlier create's call, with that one's title. */
        differs = tg_terms_differ(&c->order.terms, call);
        tg_unsettled_drop(&c->desk->unsettled, u);
    }
    if (differs)
        create_end_exists(c, call);
    else
        create_end(c, &(struct tg_create_outcome){.end = TG_CREATE_MADE, .call = call, .updates = updates});
}

/* --- the chat says which call it has now --- */

/* Of the answer only the bytes are kept. */
struct look {
    struct create *create;
    struct tg_answer answer;
    uint8_t *data; /* NULL: it could not be read */
};

static void on_looked(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct look *l = ctx;
    struct create *c = l->create;

    if (failure) {
        create_note_lost(c); /* there is a call that nobody knows */
        create_end_failed(c, TG_FATE_EXECUTED, failure);
    } else if (call) {
        end_made(c, call, l->data ? &l->answer : NULL);
    } else if (!send_redrawn(c)) {
        create_end(c, &(struct tg_create_outcome){.end = TG_CREATE_NO_CALL});
    }
    free(l->data);
    free(l);
}

/* It was carried out, but the answer shows no call, or cannot be read. */
static void look_for_call(struct create *c, const struct tg_answer *answer)
{
    struct look *l = calloc(1, sizeof(*l));
    bool readable = answer->outcome == TG_RESULT;
    uint8_t *data = readable ? malloc(answer->len) : NULL;

    if (!l || (readable && !data)) {
        free(l);
        free(data);
        create_end_failed(c, TG_FATE_EXECUTED,
                          &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ENOMEM, .detail = "out of memory"});
        return;
    }
    if (readable)
        memcpy(data, answer->data, answer->len);
    *l = (struct look){c, *answer, data};
    l->answer.data = data;
    tg_chat_call_again(c->account, &c->peer, c->order.deadline_us, on_looked, l);
}

/* --- a refusal that the chat explains --- */

struct refused {
    struct create *create;
    struct mt_rpc_error error;
};

static void look_after_refusal(struct create *c, const struct tg_answer *answer, tg_chat_call_fn *looked)
{
    struct refused *f = malloc(sizeof(*f));

    if (!f) {
        create_end_failed(c, TG_FATE_NOT_SENT, answer);
        return;
    }
    *f = (struct refused){c, *answer->error};
    tg_chat_call_again(c->account, &c->peer, c->order.deadline_us, looked, f);
}

/* A random_id that was used before. */
static void on_spent_looked(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct refused *f = ctx;
    struct create *c = f->create;

    if (failure)
        create_end_failed(c, TG_FATE_NOT_SENT, failure);
    else if (call)
        create_end_exists(c, call); /* what the server did with this random_id before is what was asked for */
    else if (!send_redrawn(c))
        create_end(c, &(struct tg_create_outcome){
                          .end = TG_CREATE_SPENT,
                          .trouble = {.answer = &(struct tg_answer){.outcome = TG_RPC_ERROR, .error = &f->error}}});
    free(f);
}

/* It is sent again where the chat still has no call: another's start may have been in the way, or came meanwhile. */
static void on_looked_again(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct create *c = ctx;

    if (failure)
        create_end_failed(c, TG_FATE_NOT_SENT, failure);
    else if (call)
        create_end_exists(c, call);
    else
        create_send(c);
}

static void send_again(struct create *c)
{
    if (c->order.if_exists == TG_IF_EXISTS_REPLACE)
        create_send(c);
    else
        tg_chat_call_again(c->account, &c->peer, c->order.deadline_us, on_looked_again, c);
}

/* What is to end no call goes out, and again, only while the chat is known to have none. */
static bool still_holds(void *ctx)
{
    const struct create *c = ctx;

    return c->peer.kind == PEER_USER ||
           tg_known_chat(tg_account_known(c->account), c->peer.kind, c->peer.id, NULL) == TG_CHAT_EMPTY;
}

enum { GIVEN_BACK_MAX = 16 };

/* It was not sent, or not again, as that no longer held. */
static bool is_given_back(struct create *c, const struct tg_answer *answer)
{
    return c->order.if_exists != TG_IF_EXISTS_REPLACE && answer->outcome == TG_NO_ANSWER &&
           (answer->err == TGC_ETIMEOUT || answer->err == TGC_ELOST) && !(c->order.gate && c->order.gate->is_shut) &&
           tg_now(tg_account_env(c->account)) < c->order.deadline_us && c->given_back++ < GIVEN_BACK_MAX;
}

/* --- a basic group that may have become a channel --- */

static void on_group_looked(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct refused *f = ctx;
    struct create *c = f->create;

    (void)call;
    (void)failure;
    if (!create_follow(c))
        create_end_failed(c, TG_FATE_NOT_SENT, &(struct tg_answer){.outcome = TG_RPC_ERROR, .error = &f->error});
    free(f);
}

/* Telegram takes no such peer, and does not say what became of it. */
static bool is_no_group(const struct create *c, const struct tg_answer *answer)
{
    return c->peer.kind == PEER_CHAT &&
           (tg_answer_is_error(answer, "PEER_ID_INVALID") || tg_answer_is_error(answer, "CHAT_ID_INVALID"));
}

static void on_result(struct create *c, const struct tg_answer *answer)
{
    struct tg_calls *calls = tg_account_calls(c->account);
    struct tg_call *call = answer->call_id ? tg_calls_find(calls, answer->call_id) : NULL;

    /* The answer to a random_id that was used before may be the first one's, of a call that has ended since. */
    if (!call || (c->ours && call->state == TG_CALL_DISCARDED) || create_unsettled_own(c)) {
        look_for_call(c, answer);
        return;
    }
    if (tg_known_call_is_of(tg_account_known(c->account), call, c->peer.kind, c->peer.id, answer->mark) != 0)
        create_end_failed(c, TG_FATE_EXECUTED,
                          &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ENOMEM, .detail = "out of memory"});
    else
        end_made(c, call, answer);
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    struct create *c = ctx;

    if (!c->done) {
        create_on_late(c, answer);
    } else if (tg_answer_is_error(answer, "CREATE_CALL_FAILED") && !c->failed_once) {
        c->failed_once = true;
        send_again(c);
    } else if (is_given_back(c, answer)) {
        if (tg_fate_of(answer) == TG_FATE_SENT) {
            create_note_lost(c);
            c->may_run = true;
        }
        send_again(c);
    } else if (tg_answer_is_error(answer, "RANDOM_ID_DUPLICATE") ||
               (c->ours && tg_answer_is_error(answer, "GROUPCALL_ALREADY_DISCARDED"))) {
        look_after_refusal(c, answer, on_spent_looked);
    } else if (create_name_again(c, answer)) {
        return;
    } else if (is_no_group(c, answer)) {
        look_after_refusal(c, answer, on_group_looked);
    } else if (answer->outcome == TG_RESULT) {
        on_result(c, answer);
    } else if (answer->executed) {
        look_for_call(c, answer);
    } else {
        if (tg_fate_of(answer) == TG_FATE_SENT)
            create_note_lost(c);
        create_end_failed(c, tg_fate_of(answer), answer);
    }
}

/* Which random_id it goes out with. */
static void choose_random_id(struct create *c)
{
    struct tg_unsettled *u = create_unsettled(c);

    if (u && c->order.if_exists != TG_IF_EXISTS_REPLACE) {
        c->ours = u->random_id != c->order.random_id;
        c->random_id = u->random_id;
    }
    if (!c->random_id) {
        c->ours = true;
        c->random_id = random_id32(tg_account_env(c->account)->random);
    }
    tg_unsettled_cross(&c->desk->unsettled, c->peer.kind, c->peer.id, c->random_id);
}

void create_send(struct create *c)
{
    static const char name[] = "phone.createGroupCall";
    struct tl_values params, peer;
    struct fault fault = {0};

    choose_random_id(c);
    if (c->order.gate)
        c->order.gate->random_id = c->random_id;
    tg_peer_values(&c->peer, &peer);
    tl_values_begin(&params, NULL);
    tl_values_object(&params, "peer", &peer);
    tl_values_int(&params, "random_id", c->random_id);
    tg_terms_put(&c->order.terms, &params);
    struct tg_ask ask = {.method = tl_find_method(tg_account_env(c->account)->schema, name),
                         .values = &params,
                         .deadline_us = c->order.deadline_us,
                         .effect = {TG_EFFECT_CHAT, c->peer.kind, c->peer.id},
                         .done = on_answer,
                         .unknown = create_on_unknown,
                         .holds = c->order.if_exists == TG_IF_EXISTS_REPLACE ? NULL : still_holds,
                         .gate = c->order.gate,
                         .ctx = c};
    int err = ask.method ? tg_invoke(c->account, &ask, &fault) : TGC_EUNKNOWN;
    if (err)
        create_end(c, &(struct tg_create_outcome){
                          .end = TG_CREATE_TROUBLE,
                          .trouble = {.fate = TG_FATE_NOT_SENT, .err = err, .method = name, .fault = &fault}});
}
