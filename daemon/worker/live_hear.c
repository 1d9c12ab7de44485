/* What is heard of the account, its calls and its updates: whoever tells is in the midst of it, so a wish is judged
 * from the timer. */
#include <string.h>

#include "daemon/worker/live_hint.h"
#include "daemon/worker/live_internal.h"

void live_account_changed(struct live *live, const struct tg_account *account)
{
    for (struct live_wish *w = live->by_key; w; w = w->hh.next)
        if (strcmp(w->key.account, tg_account_name(account)) == 0) {
            w->look_at_us = w->pause_until_us = 0;
            live_put(w, 0);
        }
}

static void note_end(struct live_wish *w, const struct tg_call *call, const struct tg_call_news *news)
{
    w->end.call_id = call->id;
    w->end.at_s = call->ended_at;
    w->end.has_by = news->has_actor && !news->is_own;
    w->end.by_kind = news->actor_kind;
    w->end.by_id = news->actor_id;
    w->end.how = news->is_own ? LIVE_END_API : news->has_actor ? LIVE_END_ADMIN : LIVE_END_ENDED;
}

void live_call_told(struct live *live, const struct tg_account *account, const struct tg_call *call,
                    const struct tg_call_news *news)
{
    for (struct live_wish *w = live->by_key; w; w = w->hh.next) {
        bool is_here =
            call->has_peer && call->peer_kind == (enum peer_kind)w->key.peer_kind && call->peer_id == w->key.peer_id;
        if ((!is_here && call->id != w->call_id) || strcmp(w->key.account, tg_account_name(account)) != 0)
            continue;
        if (call->id == w->call_id && call->state == TG_CALL_DISCARDED && w->end.call_id != call->id)
            note_end(w, call, news);
        live_put(w, 0);
    }
}

void live_update_told(struct live *live, const struct tg_account *account, const struct tg_update *update)
{
    int64_t now = clock_mono_us(live->worker->env.clock);

    if (!live->by_key)
        return;
    bool is_of_rights = live_hint_of_rights(update);
    for (struct live_wish *w = live->by_key; w; w = w->hh.next) {
        if (strcmp(w->key.account, tg_account_name(account)) != 0)
            continue;
        if (live_has_moved(w))
            live_put(w, 0);
        if (!is_of_rights)
            continue;
        w->is_hinted |= w->is_asked; /* the answer may be from before that */
        if (!w->is_refused)
            continue;
        int64_t least_us = w->looked_at_us + LIVE_LOOK_LEAST_US;
        w->look_at_us = w->looked_at_us && least_us > now ? least_us : now;
        live_put(w, w->look_at_us);
    }
}
