#include "daemon/tg/account/refresh.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/invoke.h"

/* Telegram counts questions: five a second bring a thousand calls up to date in minutes, and no more is urgent, since
 * who relies on one call has it asked for by itself. */
#define PACE_US (SECOND_US / 5)
/* A call that was asked for in vain waits so long, and twice as long each further time; so do all where one call after
 * the other is. */
#define BACKOFF_US SECOND_US
enum { BACKOFF_DOUBLINGS = 8 };

struct refresh {
    struct tg_account *account;
    struct net_timer *timer;
    int64_t not_before_us;
    unsigned failures; /* calls in a row that were asked for in vain, each counted once */
    bool under_way;
    int64_t call_id; /* of the question under way */
};

static void ask(void *ctx);

int refresh_new(struct tg_account *a, struct refresh **ret)
{
    struct refresh *r = calloc(1, sizeof(*r));

    if (!r)
        return TGC_ENOMEM;
    r->account = a;
    int err = net_timer_new(a->env->loop, ask, r, &r->timer);
    if (err) {
        free(r);
        return err;
    }
    *ret = r;
    return 0;
}

void refresh_free(struct refresh *r)
{
    if (!r)
        return;
    net_timer_free(r->timer);
    free(r);
}

/* One of the two, or none (false). */
struct subject {
    const struct tg_call *call;     /* stale */
    const struct tg_rumour *rumour; /* of a call that there is no record of */
    int64_t ask_at_us;
};

static bool next_subject(const struct refresh *r, struct subject *ret)
{
    struct tg_known *k = r->account->known;

    *ret = (struct subject){.call = tg_calls_next_to_ask(tg_known_calls(k)),
                            .rumour = tg_rumours_next_to_ask(tg_known_rumours(k))};
    if (ret->call && ret->rumour) {
        if (ret->rumour->ask_at_us < ret->call->ask_at_us)
            ret->call = NULL;
        else
            ret->rumour = NULL;
    }
    if (ret->call)
        ret->ask_at_us = ret->call->ask_at_us;
    else if (ret->rumour)
        ret->ask_at_us = ret->rumour->ask_at_us;
    return ret->call || ret->rumour;
}

static void set_timer(struct refresh *r)
{
    struct subject next;

    if (!r->under_way && next_subject(r, &next))
        net_timer_set(r->timer, next.ask_at_us > r->not_before_us ? next.ask_at_us : r->not_before_us);
}

void refresh_wake(struct refresh *r)
{
    set_timer(r);
}

void refresh_begin(struct refresh *r)
{
    int64_t soon_us = tg_now(r->account->env) + PACE_US;

    r->failures = 0;
    if (r->not_before_us > soon_us)
        r->not_before_us = soon_us;
    set_timer(r);
}

static int64_t backoff_us(unsigned times)
{
    return BACKOFF_US << (times < BACKOFF_DOUBLINGS ? times : BACKOFF_DOUBLINGS);
}

static void settle(struct refresh *r)
{
    struct tg_call *call = tg_calls_find(tg_known_calls(r->account->known), r->call_id);
    struct tg_rumour *rumour = tg_rumours_find(tg_known_rumours(r->account->known), r->call_id);
    int64_t now = tg_now(r->account->env);

    r->under_way = false;
    if (call && call->stale) {
        r->failures += !call->asked_in_vain;
        tg_calls_asked_in_vain(call, now + backoff_us(call->asked_in_vain));
    } else if (rumour && !rumour->is_of_none) {
        r->failures += !rumour->asked_in_vain;
        rumour->ask_at_us = now + backoff_us(rumour->asked_in_vain++);
    } else {
        r->failures = 0;
    }
    r->not_before_us = now + (r->failures ? backoff_us(r->failures - 1) : PACE_US);
    if (!r->account->closing)
        set_timer(r);
}

static void on_chat(void *ctx, const struct tg_answer *answer)
{
    (void)answer;
    settle(ctx);
}

/* Telegram does not show the call: whether it has ended, its chat says, which is learnt from the answer. */
static int ask_chat(struct refresh *r, const struct tg_call *call)
{
    const struct tg_peer *peer = tg_peers_find(tg_known_peers(r->account->known), call->peer_kind, call->peer_id);
    int64_t deadline_us = tg_now(r->account->env) + r->account->env->request_timeout_us;
    struct fault fault;
    char id[24];

    if (call->peer_kind == PEER_CHAT && (!peer || peer->kind == PEER_CHAT)) {
        snprintf(id, sizeof(id), "%" PRId64, call->peer_id);
        return tg_invoke_named(r->account, "messages.getFullChat", json_pack("{s:s}", "chat_id", id), deadline_us, 0,
                               on_chat, r, &fault);
    }
    if (!peer)
        return TGC_EUNKNOWN;
    return tg_invoke_named(r->account, "channels.getFullChannel",
                           json_pack("{s:o}", "channel", tg_peer_input(peer, "InputChannel")), deadline_us, 0, on_chat,
                           r, &fault);
}

/* Over, or none of ours. Where people come and go in it, it is told of again and again. */
static void end_rumour(struct refresh *r)
{
    struct tg_rumours *rumours = tg_known_rumours(r->account->known);
    struct tg_rumour *rumour = tg_rumours_find(rumours, r->call_id);

    if (rumour && !rumour->id)
        rumour->is_of_none = true;
    else
        tg_rumours_drop(rumours, r->call_id);
}

static void on_call(void *ctx, const struct tg_answer *answer)
{
    struct refresh *r = ctx;
    struct tg_call *call = tg_calls_find(tg_known_calls(r->account->known), r->call_id);
    const char *error = answer->outcome == TG_RPC_ERROR ? answer->error->message : "";
    bool invalid = strcmp(error, "GROUPCALL_INVALID") == 0;
    bool forbidden = strcmp(error, "GROUPCALL_FORBIDDEN") == 0;

    if (!call && (invalid || forbidden))
        end_rumour(r);
    if (call && call->has_peer && (invalid || forbidden) && ask_chat(r, call) == 0)
        return;
    if (call && !call->has_peer && (invalid || (forbidden && call->conference)))
        (void)!tg_known_call_ended(r->account->known, call); /* without memory it is asked for again */
    settle(r);
}

static json_t *input_of(const struct subject *s)
{
    struct tg_call as_call = {0};

    if (s->call)
        return tg_call_input(s->call);
    as_call.id = s->rumour->call_id;
    as_call.access_hash = s->rumour->access_hash;
    return tg_call_input(&as_call);
}

static void ask(void *ctx)
{
    struct refresh *r = ctx;
    struct subject next;
    struct fault fault;

    if (r->under_way || !next_subject(r, &next) || r->account->state != TG_ACCOUNT_READY)
        return;
    int64_t now = tg_now(r->account->env);
    /* What a link took with it is settled first: a server that ends the link with each answer would give it to us. */
    if (r->account->client && tg_client_in_doubt(r->account->client)) {
        r->not_before_us = now + PACE_US;
        set_timer(r);
        return;
    }
    if (next.ask_at_us > now) { /* whom the timer was set for is settled */
        set_timer(r);
        return;
    }
    r->call_id = next.call ? next.call->id : next.rumour->call_id;
    r->under_way = true;
    if (tg_invoke_named(r->account, "phone.getGroupCall", json_pack("{s:o, s:i}", "call", input_of(&next), "limit", 1),
                        now + r->account->env->request_timeout_us, 0, on_call, r, &fault) != 0)
        settle(r);
}
