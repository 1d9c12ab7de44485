#include "daemon/tg/call/settle.h"

#include <stdlib.h>

#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/desk.h"
#include "daemon/tg/call/step.h"

struct settling {
    unsigned open;
    void (*done)(void *ctx);
    void *ctx;
};

struct to_ask {
    struct tg_peer chats[TG_SETTLE_MAX];
    int64_t conferences[TG_SETTLE_MAX]; /* which have no chat: ids of calls */
    unsigned chats_n, conferences_n, max;
};

static bool is_full(const struct to_ask *t)
{
    return t->chats_n + t->conferences_n >= t->max;
}

static void add_chat(struct tg_account *a, struct to_ask *t, enum peer_kind kind, int64_t id)
{
    const struct tg_peer *known = tg_peers_find(tg_account_peers(a), kind, id);

    for (unsigned i = 0; i < t->chats_n; i++)
        if (t->chats[i].kind == kind && t->chats[i].id == id)
            return;
    if (known && !is_full(t))
        t->chats[t->chats_n++] = *known;
}

static void find(struct tg_account *a, struct to_ask *t)
{
    struct tg_desk *desk = tg_account_kept(a);

    for (struct tg_unsettled *u = desk ? tg_unsettled_next(&desk->unsettled, NULL) : NULL; u && !is_full(t);
         u = tg_unsettled_next(&desk->unsettled, u))
        add_chat(a, t, u->kind, u->id);
    for (struct tg_call *call = tg_calls_first_stale(tg_account_calls(a)); call && !is_full(t); call = call->next)
        if (call->has_peer)
            add_chat(a, t, call->peer_kind, call->peer_id);
        else if (call->conference)
            t->conferences[t->conferences_n++] = call->id;
}

static void close_one(struct settling *s)
{
    if (--s->open)
        return;
    s->done(s->ctx);
    free(s);
}

static void on_told(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    (void)call;
    (void)failure;
    close_one(ctx);
}

static void on_read(void *ctx, const struct tg_step_outcome *outcome)
{
    (void)outcome;
    close_one(ctx);
}

unsigned tg_settle(struct tg_account *a, unsigned max, int64_t deadline_us, void (*done)(void *ctx), void *ctx)
{
    struct to_ask t = {.max = max < TG_SETTLE_MAX ? max : TG_SETTLE_MAX};
    struct settling *s = NULL;

    if (tg_account_is_online(a))
        find(a, &t);
    if (t.chats_n + t.conferences_n)
        s = malloc(sizeof(*s));
    if (!s) {
        done(ctx);
        return 0;
    }
    *s = (struct settling){t.chats_n + t.conferences_n, done, ctx};
    for (unsigned i = 0; i < t.chats_n; i++)
        tg_chat_call_again(a, &t.chats[i], deadline_us, on_told, s);
    for (unsigned i = 0; i < t.conferences_n; i++)
        tg_call_step(a, t.conferences[i], "phone.getGroupCall", json_pack("{s:i}", "limit", 1), deadline_us, on_read,
                     s);
    return t.chats_n + t.conferences_n;
}
