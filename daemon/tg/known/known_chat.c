/* Which call a chat has: what is evidence of it, and what two words that contradict each other leave. */
#include "daemon/tg/known/known_internal.h"

/* What is written of a chat; CALL_ID is kept where nobody knows, so that the call's end is seen when the chat is asked.
 * Whoever falls out of the table takes the proof along: its call is to be asked for. */
static int put(struct tg_known *k, enum peer_kind kind, int64_t id, enum tg_chat_state state, int64_t call_id)
{
    const struct tg_chat *was = tg_chats_find(k->chats, kind, id);
    struct tg_chat chat = was ? *was : (struct tg_chat){.kind = kind, .id = id}, gone;
    bool changed = was ? was->state != state || was->call_id != call_id : state != TG_CHAT_UNKNOWN || call_id;
    chat.state = state;
    chat.call_id = call_id;
    chat.learnt_us = known_now(k);
    chat.mark = k->mark;
    *(state == TG_CHAT_EMPTY ? &chat.gone_mark : &chat.runs_mark) = k->mark;
    int err = tg_chats_put(k->chats, &chat, &gone);
    if (err)
        return err;
    if (gone.call_id)
        known_doubt_call(k, tg_calls_find(k->calls, gone.call_id));
    if (changed && k->listener->chat_changed)
        k->listener->chat_changed(k->listener->ctx, k->account, kind, id);
    return 0;
}

/* Nobody knows: its call, if it has one, is asked for before it is believed. */
static int doubt(struct tg_known *k, enum peer_kind kind, int64_t id, int64_t call_id)
{
    known_doubt_call(k, call_id ? tg_calls_find(k->calls, call_id) : NULL);
    return put(k, kind, id, TG_CHAT_UNKNOWN, call_id);
}

/* The same, where that may be because its call has ended: what was asked for before does not bring it back. */
static int doubt_call(struct tg_known *k, enum peer_kind kind, int64_t id, int64_t call_id)
{
    int err = doubt(k, kind, id, call_id);
    const struct tg_chat *chat = err ? NULL : tg_chats_find(k->chats, kind, id);

    if (!chat)
        return err;
    struct tg_chat gone = *chat;
    gone.gone_mark = k->mark;
    return tg_chats_put(k->chats, &gone, NULL);
}

/* What is known stands, but what was asked for before does not say any more that there is none. */
static int note_runs(struct tg_known *k, const struct tg_chat *chat)
{
    struct tg_chat runs = *chat;

    runs.runs_mark = k->mark;
    return tg_chats_put(k->chats, &runs, NULL);
}

static void infer_end(struct tg_known *k, int64_t call_id)
{
    struct tg_call *call = call_id ? tg_calls_find(k->calls, call_id) : NULL;

    if (!call || call->state == TG_CALL_DISCARDED)
        return;
    struct tg_call_before before;
    tg_call_look(call, &before);
    tg_calls_infer_end(k->calls, call, k->mark);
    known_tell_call(k, call, &before, TG_CHANGED);
}

/* A chat has one call at a time: it is CALL_ID (0: none), as asked for at ASKED, and not OTHER, which was known as its
 * call, nor any that an earlier process knew of, of whose chat nothing was kept. */
static void infer_ends(struct tg_known *k, enum peer_kind kind, int64_t id, int64_t call_id, int64_t other,
                       uint64_t asked)
{
    struct tg_call *next;

    if (other != call_id)
        infer_end(k, other);
    for (struct tg_call *call = tg_calls_first_stale(k->calls); call; call = next) {
        next = call->next;
        if (call->has_peer && call->peer_kind == kind && call->peer_id == id && call->id != call_id &&
            asked >= call->stale_mark)
            infer_end(k, call->id);
    }
}

/* What the same bytes say one after the other is in order. */
static bool is_before(const struct tg_known *k, uint64_t asked, uint64_t told)
{
    return asked < told && told != k->mark;
}

/* Whether the word that CALL_ID (0: nothing) runs in the chat, asked for at ASKED, may be older than another: than what
 * is known for sure, or than a doubt of it, or than a loss of what would have contradicted it. */
static bool may_be_older(const struct tg_known *k, const struct tg_chat *chat, int64_t call_id, uint64_t asked)
{
    if (asked < k->lost_mark)
        return true;
    if (!chat)
        return false;
    if (!call_id)
        return is_before(k, asked, chat->runs_mark);
    if (chat->state == TG_CHAT_CALL && chat->call_id == call_id)
        return false; /* which has been told since */
    return is_before(k, asked, chat->gone_mark) ||
           (is_before(k, asked, chat->mark) && chat->call_id && chat->call_id != call_id);
}

/* The chat that it leaves is a basic group that became a channel: nothing is in there any more. */
bool known_set_peer(struct tg_known *k, struct tg_call *call, enum peer_kind kind, int64_t id)
{
    const struct tg_chat *left = call->has_peer ? tg_chats_find(k->chats, call->peer_kind, call->peer_id) : NULL;
    struct tg_chat old = left ? *left : (struct tg_chat){0};

    if (!tg_calls_set_peer(call, kind, id))
        return false;
    if (left && old.call_id == call->id)
        (void)!put(k, old.kind, old.id, TG_CHAT_UNKNOWN, 0); /* it is in the table: nothing is allocated */
    return true;
}

int known_chat_runs(struct tg_known *k, struct tg_call *call, uint64_t asked)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, call->peer_kind, call->peer_id);
    int64_t other = chat ? chat->call_id : 0;

    if (may_be_older(k, chat, call->id, asked)) {
        known_doubt_call(k, call);
        return doubt(k, call->peer_kind, call->peer_id, other ? other : call->id);
    }
    infer_ends(k, call->peer_kind, call->peer_id, call->id, other, asked);
    return put(k, call->peer_kind, call->peer_id, TG_CHAT_CALL, call->id);
}

int known_chat_ended(struct tg_known *k, const struct tg_call *call, bool was_unknown)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, call->peer_kind, call->peer_id);

    if (!chat)
        return 0;
    /* Nobody told of its start, which may have ended the one that is known. */
    if (chat->call_id != call->id)
        return was_unknown && chat->state != TG_CHAT_EMPTY ? doubt_call(k, chat->kind, chat->id, chat->call_id) : 0;
    /* Where the call was not known for sure to be the chat's, its end may be the news of another's start. */
    bool sure = chat->state == TG_CHAT_CALL && chat->mark >= k->lost_mark;
    return put(k, call->peer_kind, call->peer_id, sure ? TG_CHAT_EMPTY : TG_CHAT_UNKNOWN, 0);
}

int known_chat_shows(struct tg_known *k, enum peer_kind kind, int64_t id, int64_t call_id, uint64_t asked)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, kind, id);
    struct tg_call *call = call_id ? tg_calls_find(k->calls, call_id) : NULL;
    int64_t other = chat ? chat->call_id : 0;

    if (may_be_older(k, chat, call_id, asked))
        return !call_id || (other && other != call_id) ? doubt_call(k, kind, id, other) : doubt(k, kind, id, call_id);
    infer_ends(k, kind, id, call_id, other, asked);
    if (!call_id)
        return put(k, kind, id, TG_CHAT_EMPTY, 0);
    if (!call)
        return put(k, kind, id, TG_CHAT_CALL, call_id);
    (void)known_set_peer(k, call, kind, id);
    if (call->end_inferred && asked >= call->ended_mark) {
        struct tg_call_before before;
        tg_call_look(call, &before);
        tg_calls_revive(k->calls, call);
        known_tell_call(k, call, &before, TG_CHANGED);
    }
    /* Telegram told of its end: the chat does not know yet. */
    return put(k, kind, id, call->state == TG_CALL_DISCARDED ? TG_CHAT_UNKNOWN : TG_CHAT_CALL,
               call->state == TG_CALL_DISCARDED ? 0 : call_id);
}

/* The same bytes, or later ones, told for sure. */
static bool is_newer(const struct tg_known *k, const struct tg_chat *chat)
{
    return chat->mark == k->mark;
}

int known_chat_flag(struct tg_known *k, enum peer_kind kind, int64_t id, bool active)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, kind, id);

    if (!chat || is_newer(k, chat))
        return 0;
    /* Where nobody knows, the word is kept all the same: an answer that is under way may say that there is none. */
    if (active)
        return chat->state == TG_CHAT_CALL ? note_runs(k, chat) : doubt(k, kind, id, chat->call_id);
    if (chat->state == TG_CHAT_UNKNOWN)
        return doubt_call(k, kind, id, chat->call_id);
    if (chat->state != TG_CHAT_CALL)
        return 0;
    /* Whether a call that is only scheduled counts as active is not documented. */
    const struct tg_call *call = tg_calls_find(k->calls, chat->call_id);
    return !call || call->state == TG_CALL_ACTIVE ? doubt_call(k, kind, id, chat->call_id) : 0;
}

int known_chat_doubt_empty(struct tg_known *k, enum peer_kind kind, int64_t id)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, kind, id);

    if (!chat || is_newer(k, chat))
        return 0;
    return chat->state == TG_CHAT_CALL ? note_runs(k, chat) : doubt(k, kind, id, chat->call_id);
}

int tg_known_chat_is_asked(struct tg_known *k, enum peer_kind kind, int64_t id)
{
    return tg_chats_find(k->chats, kind, id) ? 0 : put(k, kind, id, TG_CHAT_UNKNOWN, 0);
}

void tg_known_unsettle_chat(struct tg_known *k, enum peer_kind kind, int64_t id)
{
    const struct tg_chat *chat = tg_chats_find(k->chats, kind, id);

    k->mark++;
    if (chat)
        (void)!doubt(k, kind, id, chat->call_id); /* it is in the table: nothing is allocated */
}
