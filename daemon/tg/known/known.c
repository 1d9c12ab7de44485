#include "daemon/tg/known/known.h"

#include <stdlib.h>

#include "daemon/tg/known/facts_internal.h"
#include "daemon/tg/known/known_internal.h"

static const struct tg_listener nobody;

static void on_forgotten(void *ctx, const struct tg_call *call)
{
    struct tg_call_before before;

    tg_call_look(call, &before);
    known_tell_call(ctx, call, &before, TG_FORGOTTEN);
}

int tg_known_new(const struct tl_schema *schema, const struct clock_source *clock, const struct tg_listener *listener,
                 struct tg_account *account, struct tg_known **ret)
{
    struct tg_known *k = calloc(1, sizeof(*k));
    int err;

    if (!k)
        return TGC_ENOMEM;
    k->clock = clock;
    k->listener = listener ? listener : &nobody;
    k->account = account;
    k->mark = 1;
    k->heard_us = clock_mono_us(clock);
    tg_facts_init(&k->facts);
    err = tg_words_init(schema, &k->words);
    if (!err)
        err = tg_peers_new(&k->peers);
    if (!err)
        err = tg_names_new(&k->names);
    if (!err)
        err = tg_chats_new(&k->chats);
    if (!err)
        err = tg_calls_new(clock, &k->calls);
    if (err) {
        tg_known_free(k);
        return err;
    }
    tg_calls_on_forgotten(k->calls, on_forgotten, k);
    *ret = k;
    return 0;
}

void tg_known_free(struct tg_known *k)
{
    if (!k)
        return;
    tg_calls_free(k->calls);
    tg_rumours_clear(&k->rumours);
    tg_chats_free(k->chats);
    tg_names_free(k->names);
    tg_peers_free(k->peers);
    tg_changes_fini(&k->changed_peers);
    tg_changes_fini(&k->changed_calls);
    tg_facts_fini(&k->facts);
    free(k);
}

struct tg_peers *tg_known_peers(struct tg_known *k)
{
    return k->peers;
}

struct tg_calls *tg_known_calls(struct tg_known *k)
{
    return k->calls;
}

struct tg_rumours *tg_known_rumours(struct tg_known *k)
{
    return &k->rumours;
}

uint64_t tg_known_mark(const struct tg_known *k)
{
    return k->mark;
}

/* --- across processes --- */

static void change_noted(struct tg_known *k, struct tg_changes *changes, int kind, int64_t id)
{
    tg_changes_add(changes, kind, id);
    k->noted(k->noted_ctx);
}

static void on_peer_changed(void *ctx, enum peer_kind kind, int64_t id)
{
    struct tg_known *k = ctx;

    change_noted(k, &k->changed_peers, kind, id);
}

void tg_known_note(struct tg_known *k, void (*noted)(void *ctx), void *ctx)
{
    k->noted = noted;
    k->noted_ctx = ctx;
    tg_peers_on_change(k->peers, on_peer_changed, k);
}

struct tg_changes tg_known_take_peers(struct tg_known *k)
{
    return tg_changes_take(&k->changed_peers);
}

struct tg_changes tg_known_take_calls(struct tg_known *k)
{
    return tg_changes_take(&k->changed_calls);
}

void tg_known_untake(struct tg_known *k)
{
    k->changed_peers.all = k->changed_calls.all = true;
    k->noted(k->noted_ctx);
}

int tg_known_restore_peer(struct tg_known *k, const struct tg_peer *peer)
{
    return tg_peers_put(k->peers, peer, false);
}

int tg_known_restore_call(struct tg_known *k, const struct tg_call *call)
{
    struct tg_call *record;
    int err = tg_calls_restore(k->calls, call, &record);

    if (err)
        return err;
    known_doubt_call(k, record);
    if (k->listener->call_changed)
        k->listener->call_changed(k->listener->ctx, k->account, record, TG_MADE);
    return 0;
}

/* --- telling --- */

static void tell_news(struct tg_known *k, const struct tg_call *call, const struct tg_call_before *before,
                      enum tg_change change)
{
    const struct tg_fact_act *act = facts_act_of(&k->facts, call->id);
    struct tg_call_news news = {.change = change, .before = before, .is_own = k->is_own, .has_actor = act != NULL};

    if (act) {
        news.actor_kind = act->kind;
        news.actor_id = act->id;
    }
    k->listener->call_told(k->listener->ctx, k->account, call, &news);
}

void known_tell_call(struct tg_known *k, const struct tg_call *call, const struct tg_call_before *before,
                     enum tg_change change)
{
    /* What came and went between two looks needs no record. */
    if (k->noted && (call->is_saved || (change != TG_FORGOTTEN && call->state != TG_CALL_DISCARDED)))
        change_noted(k, &k->changed_calls, change == TG_FORGOTTEN ? TG_CALL_IS_GONE : 0, call->id);
    if (k->listener->call_changed)
        k->listener->call_changed(k->listener->ctx, k->account, call, change);
    if (before && k->listener->call_told)
        tell_news(k, call, before, change);
}

void known_doubt_call(struct tg_known *k, struct tg_call *call)
{
    if (call)
        tg_calls_doubt(k->calls, call, k->mark);
}

int tg_known_see_call(struct tg_known *k, const struct tg_call_seen *seen)
{
    struct tg_call_seen now = *seen;

    k->mark++;
    now.mark = KNOWN_NOW;
    return known_see_call(k, &now);
}

/* --- what is believed, and how long --- */

static bool is_current(const struct tg_known *k, int64_t at_us)
{
    return known_now(k) - (at_us > k->heard_us ? at_us : k->heard_us) < TG_KNOWN_QUIET_US;
}

/* After a long silence an update says nothing of what was missed in it. */
void tg_known_heard(struct tg_known *k)
{
    if (!is_current(k, 0))
        tg_known_missed(k);
    k->heard_us = known_now(k);
}

void tg_known_missed(struct tg_known *k)
{
    k->lost_mark = ++k->mark;
    tg_calls_doubt_all(k->calls, k->lost_mark);
}

void tg_known_link_lost(struct tg_known *k)
{
    tg_known_missed(k);
}

enum tg_chat_state tg_known_chat(struct tg_known *k, enum peer_kind kind, int64_t id, struct tg_call **ret_call)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, kind, id);

    if (!chat || chat->state == TG_CHAT_UNKNOWN)
        return TG_CHAT_UNKNOWN;
    if (chat->state == TG_CHAT_EMPTY)
        return chat->mark >= k->lost_mark && known_now(k) - chat->learnt_us < TG_KNOWN_EMPTY_US ? TG_CHAT_EMPTY
                                                                                                : TG_CHAT_UNKNOWN;
    struct tg_call *call = tg_calls_find(k->calls, chat->call_id);
    if (!call || call->state == TG_CALL_DISCARDED || call->stale || !is_current(k, call->seen_us))
        return TG_CHAT_UNKNOWN;
    if (ret_call)
        *ret_call = call;
    return TG_CHAT_CALL;
}

int tg_known_call_is_of(struct tg_known *k, struct tg_call *call, enum peer_kind kind, int64_t id, uint64_t mark)
{
    struct tg_call_before before;

    tg_call_look(call, &before);
    bool changed = known_set_peer(k, call, kind, id);
    int err = call->state == TG_CALL_DISCARDED ? 0 : known_chat_runs(k, call, mark);

    if (changed)
        known_tell_call(k, call, &before, TG_CHANGED);
    return err;
}

void tg_known_call_is_ours(struct tg_known *k, struct tg_call *call)
{
    call->created_here = true;
    known_tell_call(k, call, NULL, TG_OURS);
}

int tg_known_call_ended(struct tg_known *k, struct tg_call *call)
{
    struct tg_call_seen gone = {.id = call->id, .access_hash = call->access_hash, .discarded = true, .duration = -1};

    return tg_known_see_call(k, &gone);
}

int tg_known_call_started(struct tg_known *k, struct tg_call *call)
{
    struct tg_call_seen started = {
        .id = call->id,
        .access_hash = call->access_hash,
        .title = call->title,
        .title_len = call->title_len,
        .participants_count = call->participants_count,
        .version = call->version,
        .rtmp_stream = call->rtmp_stream,
        .join_muted = call->join_muted,
    };

    return tg_known_see_call(k, &started);
}

void tg_known_unsettle_call(struct tg_known *k, int64_t call_id)
{
    struct tg_call *call = tg_calls_find(k->calls, call_id);

    k->mark++;
    known_doubt_call(k, call);
}

void tg_known_end_login(struct tg_known *k)
{
    tg_rumours_clear(&k->rumours);
    tg_peers_clear(k->peers);
    tg_names_clear(k->names);
    k->dialogs_read = false;
    tg_known_missed(k);
}

void tg_known_clear(struct tg_known *k)
{
    tg_peers_clear(k->peers);
    tg_names_clear(k->names);
    k->dialogs_read = false;
    tg_chats_clear(k->chats);
    tg_calls_clear(k->calls);
    tg_rumours_clear(&k->rumours);
    tg_known_missed(k);
}
