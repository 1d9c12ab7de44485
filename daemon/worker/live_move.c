/* A basic group that becomes a supergroup is another chat to Telegram: its wish goes along. */
#include <inttypes.h>

#include "daemon/base/log.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/tell_live.h"

/* 0: it is still the chat that it was. */
static int64_t channel_of(const struct live_wish *w)
{
    struct tg_account *a = w->key.peer_kind == PEER_CHAT ? live_account(w) : NULL;
    const struct tg_peer *peer = a ? tg_peers_find(tg_account_peers(a), PEER_CHAT, w->key.peer_id) : NULL;

    return peer && peer->kind == PEER_CHANNEL ? peer->id : 0;
}

bool live_has_moved(const struct live_wish *w)
{
    return channel_of(w) != 0;
}

static bool rekey(struct live_wish *w, int64_t channel_id)
{
    struct live *live = w->live;

    HASH_DEL(live->by_key, w);
    w->key.peer_kind = PEER_CHANNEL;
    w->key.peer_id = channel_id;
    HASH_ADD(hh, live->by_key, key, sizeof(w->key), w);
    if (w->hh.tbl)
        return true;
    log_error("worker", "out of memory: account %s: a chat is kept live no more until the daemon is started anew",
              w->key.account);
    live_drop(w);
    return false;
}

/* What was said of the old chat says nothing of the new one. */
static void begin_anew(struct live_wish *w)
{
    w->is_refused = false;
    w->refusals = w->tries = 0;
    w->look_at_us = w->looked_at_us = w->pause_until_us = 0;
}

/* A kill between the two rows leaves the wish twice, of which the next process drops one. */
static void leave(struct live_wish *w, const struct live_wish *there)
{
    struct live *live = w->live;

    if (w->id != there->id && live->worker->tell)
        tell_live(live->worker->tell, w, "ended", w->state);
    live_unwrite_key(live, &w->key);
    live_withdraw(w);
    live_drop(w);
}

/* The row of before goes when there is another. */
static void on_moved(struct live *live, struct live_wish *w, void *ctx, const char *why_not)
{
    struct live_key *before = ctx;

    if (!why_not)
        live_unwrite_key(live, before);
    free(before);
}

bool live_follow(struct live_wish *w)
{
    struct live *live = w->live;
    const struct live_key before = w->key;
    int64_t id = channel_of(w);

    if (!id || w->is_asked || w->is_still || w->is_going || live->is_stopped)
        return true;
    /* What is being written of it is told by its key. */
    if (live->asked_n) {
        live_put(w, clock_mono_us(live->worker->env.clock) + SECOND_US / 10);
        return false;
    }
    const struct live_wish *there = live_find(live, w->key.account, PEER_CHANNEL, id);
    if (there) {
        leave(w, there);
        return false;
    }
    struct live_key *old = malloc(sizeof(*old));
    if (!old || !rekey(w, id)) {
        free(old);
        return old == NULL;
    }
    *old = before;
    log_notice("worker", "account %s: the group %" PRId64 " that is kept live became the supergroup %" PRId64,
               w->key.account, before.peer_id, id);
    begin_anew(w);
    live_set(w, w->state, w->why, w->retry_at_s, "changed");
    live_write(w, on_moved, old);
    return true;
}
