#include "daemon/tg/known/calls.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/number_text.h"

struct tg_calls {
    struct tg_call *by_id;
    struct tg_call *by_chat; /* those that run or are scheduled, one a chat */
    void (*known)(void *ctx, int64_t id, bool created_here);
    void (*forgotten)(void *ctx, int64_t id);
    void *ctx;
};

int tg_calls_new(struct tg_calls **ret)
{
    struct tg_calls *c = calloc(1, sizeof(*c));

    if (!c)
        return TGC_ENOMEM;
    *ret = c;
    return 0;
}

void tg_calls_listen(struct tg_calls *c, void (*known)(void *ctx, int64_t id, bool created_here),
                     void (*forgotten)(void *ctx, int64_t id), void *ctx)
{
    c->known = known;
    c->forgotten = forgotten;
    c->ctx = ctx;
}

static void leave_chat(struct tg_calls *c, struct tg_call *call)
{
    if (call->in_chat)
        HASH_DELETE(by_chat, c->by_chat, call);
    call->in_chat = false;
}

/* A chat has one call at a time: the newest takes the place. */
static void enter_chat(struct tg_calls *c, struct tg_call *call)
{
    struct tg_call *other;

    if (call->in_chat || !call->has_peer)
        return;
    call->chat = (struct tg_chat_key){call->peer_kind, call->peer_id};
    HASH_FIND(by_chat, c->by_chat, &call->chat, sizeof(call->chat), other);
    if (other)
        leave_chat(c, other);
    HASH_ADD(by_chat, c->by_chat, chat, sizeof(call->chat), call);
    call->in_chat = call->by_chat.tbl != NULL;
}

/* A basic group may become a channel, and its call goes along; else a call stays with its chat. */
static void take_peer(struct tg_calls *c, struct tg_call *call, enum peer_kind kind, int64_t id)
{
    if (call->has_peer && !(call->peer_kind == PEER_CHAT && kind == PEER_CHANNEL))
        return;
    bool was_in_chat = call->in_chat;
    leave_chat(c, call);
    call->has_peer = true;
    call->peer_kind = kind;
    call->peer_id = id;
    if (was_in_chat)
        enter_chat(c, call);
}

static void drop(struct tg_calls *c, struct tg_call *call)
{
    if (c->forgotten)
        c->forgotten(c->ctx, call->id);
    leave_chat(c, call);
    HASH_DEL(c->by_id, call);
    free(call->title);
    free(call);
}

void tg_calls_clear(struct tg_calls *c)
{
    while (c->by_id)
        drop(c, c->by_id);
}

void tg_calls_free(struct tg_calls *c)
{
    if (!c)
        return;
    tg_calls_clear(c);
    free(c);
}

struct tg_call *tg_calls_find(struct tg_calls *c, int64_t id)
{
    struct tg_call *call;

    HASH_FIND(hh, c->by_id, &id, sizeof(id), call);
    return call;
}

/* The oldest call that has ended; where all are running, simply the oldest. */
static void make_room(struct tg_calls *c)
{
    for (struct tg_call *call = c->by_id; call; call = call->hh.next)
        if (call->state == TG_CALL_DISCARDED) {
            drop(c, call);
            return;
        }
    drop(c, c->by_id);
}

static int make(struct tg_calls *c, int64_t id, int64_t now, struct tg_call **ret)
{
    if (HASH_COUNT(c->by_id) >= LIMIT_CALLS)
        make_room(c);
    struct tg_call *call = calloc(1, sizeof(*call));
    if (!call)
        return TGC_ENOMEM;
    call->id = id;
    call->created_at = now;
    call->duration = -1;
    call->version = -1;
    HASH_ADD(hh, c->by_id, id, sizeof(call->id), call);
    if (!call->hh.tbl) {
        free(call);
        return TGC_ENOMEM;
    }
    if (c->known)
        c->known(c->ctx, id, false);
    *ret = call;
    return 0;
}

void tg_calls_set_created_here(struct tg_calls *c, struct tg_call *call)
{
    call->created_here = true;
    if (c->known)
        c->known(c->ctx, call->id, true);
}

static int set_title(struct tg_call *call, const char *title, size_t len)
{
    char *copy = NULL;

    if (title) {
        copy = malloc(len ? len : 1);
        if (!copy)
            return TGC_ENOMEM;
        memcpy(copy, title, len);
    }
    free(call->title);
    call->title = copy;
    call->title_len = len;
    return 0;
}

int tg_calls_fold(struct tg_calls *c, const struct tg_call_seen *seen, int64_t now, struct tg_call **ret, bool *ret_gap)
{
    struct tg_call *call = tg_calls_find(c, seen->id);
    bool gap = false;
    int err = 0;

    if (!call && !seen->min)
        err = make(c, seen->id, now, &call);
    if (err || !call)
        goto done;
    if (seen->has_peer)
        take_peer(c, call, seen->peer_kind, seen->peer_id);
    call->access_hash = seen->access_hash;
    call->seen_at = now;
    if (seen->discarded) {
        if (call->state != TG_CALL_DISCARDED)
            call->ended_at = now;
        call->state = TG_CALL_DISCARDED;
        call->duration = seen->duration;
        call->stale = false;
        leave_chat(c, call);
        goto done;
    }
    /* An ended call never runs again, and an old word does not undo a newer one. */
    if (call->state == TG_CALL_DISCARDED || (seen->from_update && seen->version < call->version))
        goto done;
    gap = seen->from_update && call->version >= 0 && seen->version > call->version + 1;
    err = set_title(call, seen->title, seen->title_len);
    if (err)
        goto done;
    call->version = seen->version;
    call->participants_count = seen->participants_count;
    call->schedule_date = seen->schedule_date;
    call->state = seen->schedule_date ? TG_CALL_SCHEDULED : TG_CALL_ACTIVE;
    call->join_muted = seen->join_muted;
    if (!seen->layer_lacks_rtmp)
        call->rtmp_stream = seen->rtmp_stream;
    call->stale = false;
    enter_chat(c, call);
done:
    if (ret)
        *ret = err ? NULL : call;
    if (ret_gap)
        *ret_gap = gap;
    return err;
}

void tg_calls_set_peer(struct tg_calls *c, struct tg_call *call, enum peer_kind kind, int64_t id)
{
    take_peer(c, call, kind, id);
    if (call->state != TG_CALL_DISCARDED)
        enter_chat(c, call);
}

struct tg_call *tg_calls_find_running(struct tg_calls *c, enum peer_kind kind, int64_t id)
{
    struct tg_chat_key key = {kind, id};
    struct tg_call *found;

    HASH_FIND(by_chat, c->by_chat, &key, sizeof(key), found);
    return found;
}

struct tg_call *tg_calls_next(struct tg_calls *c, struct tg_call *after)
{
    return after ? after->hh.next : c->by_id;
}

void tg_calls_mark_stale(struct tg_calls *c)
{
    for (struct tg_call *call = c->by_id; call; call = call->hh.next)
        if (call->state != TG_CALL_DISCARDED)
            call->stale = true;
}

const char *tg_call_state_text(enum tg_call_state state)
{
    static const char *const texts[] = {"active", "scheduled", "discarded"};

    return texts[state];
}

static json_t *text_of(int64_t v)
{
    char text[TL_LONG_TEXT_MAX];

    return json_stringn_nocheck(text, tl_long_text(text, v));
}

json_t *tg_call_input(const struct tg_call *call)
{
    return json_pack("{s:s, s:o, s:o}", "_", "inputGroupCall", "id", text_of(call->id), "access_hash",
                     text_of(call->access_hash));
}
