#include "daemon/tg/call/settle.h"

#include <stdlib.h>

#include "daemon/tg/call/chat.h"
#include "daemon/tg/call/desk.h"

struct settling {
    unsigned open;
    void (*done)(void *ctx);
    void *ctx;
};

struct chats_to_ask {
    struct tg_peer list[TG_SETTLE_MAX];
    unsigned n, max;
};

static void add(struct tg_account *a, struct chats_to_ask *chats, enum peer_kind kind, int64_t id)
{
    const struct tg_peer *known = tg_peers_find(tg_account_peers(a), kind, id);

    for (unsigned i = 0; i < chats->n; i++)
        if (chats->list[i].kind == kind && chats->list[i].id == id)
            return;
    if (known && chats->n < chats->max)
        chats->list[chats->n++] = *known;
}

static void find_chats(struct tg_account *a, struct chats_to_ask *chats)
{
    struct tg_desk *desk = tg_account_kept(a);

    for (struct tg_unsettled *u = desk ? tg_unsettled_next(&desk->unsettled, NULL) : NULL; u && chats->n < chats->max;
         u = tg_unsettled_next(&desk->unsettled, u))
        add(a, chats, u->kind, u->id);
    for (struct tg_call *call = tg_calls_first_stale(tg_account_calls(a)); call && chats->n < chats->max;
         call = call->next)
        if (call->has_peer)
            add(a, chats, call->peer_kind, call->peer_id);
}

static void on_told(void *ctx, struct tg_call *call, const struct tg_answer *failure)
{
    struct settling *s = ctx;

    (void)call;
    (void)failure;
    if (--s->open)
        return;
    s->done(s->ctx);
    free(s);
}

unsigned tg_settle(struct tg_account *a, unsigned max, int64_t deadline_us, void (*done)(void *ctx), void *ctx)
{
    struct chats_to_ask chats = {.max = max < TG_SETTLE_MAX ? max : TG_SETTLE_MAX};
    struct settling *s = NULL;

    if (tg_account_is_online(a))
        find_chats(a, &chats);
    if (chats.n)
        s = malloc(sizeof(*s));
    if (!s) {
        done(ctx);
        return 0;
    }
    *s = (struct settling){chats.n, done, ctx};
    for (unsigned i = 0; i < chats.n; i++)
        tg_chat_call_again(a, &chats.list[i], deadline_us, on_told, s);
    return chats.n;
}
