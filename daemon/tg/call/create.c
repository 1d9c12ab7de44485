#include "daemon/tg/call/create.h"

#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/base/table.h"
#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/create_internal.h"

void create_leave_chat(struct create *c)
{
    net_timer_free(c->late);
    c->late = NULL;
    if (!c->locked)
        return;
    c->locked = false;
    chat_lock_give(tg_account_env(c->account)->chats, c->peer.kind, c->peer.id);
}

void create_end(struct create *c, const struct tg_create_outcome *outcome)
{
    tg_create_fn *done = c->done;
    void *ctx = c->ctx;

    create_leave_chat(c);
    free(c->refusal);
    free(c);
    done(ctx, outcome);
}

void create_end_failed(struct create *c, enum tg_fate fate, const struct tg_answer *failure)
{
    if (fate == TG_FATE_NOT_SENT && c->may_run)
        fate = TG_FATE_SENT;
    create_end(c, &(struct tg_create_outcome){.end = TG_CREATE_TROUBLE, .trouble = {.fate = fate, .answer = failure}});
}

static void end_no_memory(struct create *c)
{
    create_end_failed(c, TG_FATE_NOT_SENT,
                      &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ENOMEM, .detail = "out of memory"});
}

void create_end_exists(struct create *c, struct tg_call *call)
{
    create_end(c, &(struct tg_create_outcome){
                      .end = TG_CREATE_EXISTS, .call = call, .differs = tg_terms_differ(&c->order.terms, call)});
}

static bool has_moved(struct create *c);

static void on_chat_call(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct create *c = ctx;

    if (create_follow(c) || (!failure && has_moved(c)) || (failure && create_name_again(c, failure)))
        return;
    if (failure)
        create_end_failed(c, TG_FATE_NOT_SENT, failure);
    else if (call)
        create_end_exists(c, call);
    else
        create_send(c);
}

static void end_out_of_time(struct create *c)
{
    create_end_failed(c, TG_FATE_NOT_SENT,
                      &(struct tg_answer){.outcome = TG_NO_ANSWER,
                                          .err = TGC_ETIMEOUT,
                                          .detail = "another create in this chat did not end in time"});
}

static void leave_line(struct create *c)
{
    net_timer_free(c->late);
    c->late = NULL;
    if (c->in_line)
        DL_DELETE(c->desk->line, c);
    c->in_line = false;
}

static void ask_chat(struct create *c)
{
    if (create_unsettled(c)) /* there may be more than is known */
        tg_chat_call_again(c->account, &c->peer, c->order.deadline_us, on_chat_call, c);
    else
        tg_chat_call(c->account, &c->peer, c->order.deadline_us, on_chat_call, c);
}

static void go_on(struct create *c)
{
    /* Whoever held the chat may have used up our time too. */
    if (tg_now(tg_account_env(c->account)) >= c->order.deadline_us)
        end_out_of_time(c);
    else if (c->order.if_exists != TG_IF_EXISTS_REPLACE)
        ask_chat(c);
    else if (!has_moved(c))
        create_send(c);
}

static void on_locked(void *ctx)
{
    struct create *c = ctx;

    leave_line(c);
    c->locked = true;
    /* Also where this create does not come to ask. */
    if (c->waiter.after_other)
        tg_known_unsettle_chat(tg_account_known(c->account), c->peer.kind, c->peer.id);
    go_on(c);
}

static void on_late(void *ctx)
{
    struct create *c = ctx;

    leave_line(c);
    chat_lock_leave(tg_account_env(c->account)->chats, c->peer.kind, c->peer.id, &c->waiter);
    end_out_of_time(c);
}

/* The account goes. */
static void end_line(struct tg_desk *desk)
{
    while (desk->line) {
        struct create *c = desk->line;
        leave_line(c);
        chat_lock_leave(tg_account_env(c->account)->chats, c->peer.kind, c->peer.id, &c->waiter);
        create_end_failed(
            c, TG_FATE_NOT_SENT,
            &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = TGC_ECLOSED, .detail = "the account is closed"});
    }
}

static void stand_in_line(struct create *c)
{
    const struct tg_env *env = tg_account_env(c->account);

    if (c->peer.kind == PEER_USER) { /* there is no call that another create could end */
        go_on(c);
        return;
    }
    c->waiter = (struct chat_waiter){.granted = on_locked, .ctx = c, .owner = c->account};
    c->in_line = true;
    c->desk->end_line = end_line;
    DL_APPEND(c->desk->line, c);
    int err = chat_lock_take(env->chats, c->peer.kind, c->peer.id, &c->waiter);
    if (err == 0)
        return; /* it is under way, or over */
    if (err == 1)
        err = net_timer_new(env->loop, on_late, c, &c->late);
    if (!err) {
        log_debug("tg", "account %s: waits for a create in the same chat", tg_account_name(c->account));
        net_timer_set(c->late, c->order.deadline_us);
    } else {
        leave_line(c);
        chat_lock_leave(env->chats, c->peer.kind, c->peer.id, &c->waiter);
        end_no_memory(c);
    }
}

/* What a basic group has become is known as soon as anything told of it. */
static const struct tg_peer *channel_of_group(const struct create *c)
{
    const struct tg_peer *now =
        c->peer.kind == PEER_CHAT ? tg_peers_find(tg_account_peers(c->account), PEER_CHAT, c->peer.id) : NULL;

    return now && now->kind == PEER_CHANNEL ? now : NULL;
}

bool create_follow(struct create *c)
{
    const struct tg_peer *channel = channel_of_group(c);

    if (!channel)
        return false;
    create_leave_chat(c);
    c->peer = *channel;
    stand_in_line(c);
    return true;
}

static void on_resolved(void *ctx, const struct tg_resolved *r)
{
    struct create *c = ctx;

    if (r->failure) {
        create_end_failed(c, TG_FATE_NOT_SENT, r->failure);
        return;
    }
    if (!r->peer) {
        create_end(c, &(struct tg_create_outcome){.end = TG_CREATE_NO_PEER, .resolved = r});
        return;
    }
    c->remembered = c->asked_at == tg_known_mark(tg_account_known(c->account));
    /* What ends a call goes nowhere by a name that may be another's by now. */
    if (c->remembered && c->order.if_exists == TG_IF_EXISTS_REPLACE &&
        tg_resolve_anew(c->account, c->order.peer, c->order.deadline_us, on_resolved, c))
        return;
    c->peer = *r->peer;
    if (!create_follow(c))
        stand_in_line(c);
}

/* --- a name that leads elsewhere than it did --- */

static void on_named_again(void *ctx, const struct tg_resolved *r)
{
    struct create *c = ctx;
    bool same = r->peer && r->peer->kind == c->peer.kind && r->peer->id == c->peer.id &&
                r->peer->access_hash == c->peer.access_hash;

    if (c->refusal && same) {
        struct mt_rpc_error refusal = *c->refusal;
        create_end_failed(c, TG_FATE_NOT_SENT, &(struct tg_answer){.outcome = TG_RPC_ERROR, .error = &refusal});
        return;
    }
    on_resolved(c, r);
}

static void name_again(struct create *c)
{
    struct fault fault = {0};

    create_leave_chat(c);
    c->named_again = true;
    int err = tg_resolve_json(c->account, c->order.peer, c->order.deadline_us, on_named_again, c, &fault);
    if (err) /* it was good the first time */
        create_end_failed(c, TG_FATE_NOT_SENT,
                          &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = err, .detail = fault.text});
}

/* The chat itself has just said what it is called. */
static bool has_moved(struct create *c)
{
    if (c->named_again || tg_resolve_is_still(c->account, c->order.peer, &c->peer))
        return false;
    name_again(c);
    return true;
}

bool create_name_again(struct create *c, const struct tg_answer *failure)
{
    if (c->named_again || !c->remembered ||
        !(tg_answer_is_error(failure, "CHANNEL_INVALID") || tg_answer_is_error(failure, "CHANNEL_PRIVATE")))
        return false;
    c->refusal = malloc(sizeof(*c->refusal));
    if (!c->refusal || !tg_resolve_forget(c->account, c->order.peer))
        return false;
    *c->refusal = *failure->error;
    name_again(c);
    return true;
}

int tg_create(struct tg_account *a, const struct tg_create_order *order, tg_create_fn *done, void *ctx,
              struct fault *fault)
{
    struct tg_desk *desk = tg_desk_of(a);
    struct create *c = desk ? calloc(1, sizeof(*c)) : NULL;

    if (!c)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    c->account = a;
    c->desk = desk;
    c->order = *order;
    c->done = done;
    c->ctx = ctx;
    c->random_id = order->random_id;
    c->rtmp_stream = order->terms.rtmp_stream;
    c->start_date = order->terms.auto_start ? order->terms.schedule_date : 0;
    c->asked_at = tg_known_mark(tg_account_known(a));
    int err = tg_resolve_json(a, order->peer, order->deadline_us, on_resolved, c, fault);
    if (err)
        free(c);
    return err;
}
