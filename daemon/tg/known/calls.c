#include "daemon/tg/known/calls.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"

struct tg_calls {
    const struct clock_source *clock;
    struct tg_call *by_id;
    struct tg_call *stale, *ended; /* a call is in one of them, or in none; the oldest in front */
    void (*forgotten)(void *ctx, const struct tg_call *call);
    void *ctx;
};

int tg_calls_new(const struct clock_source *clock, struct tg_calls **ret)
{
    struct tg_calls *c = calloc(1, sizeof(*c));

    if (!c)
        return TGC_ENOMEM;
    c->clock = clock;
    *ret = c;
    return 0;
}

void tg_calls_on_forgotten(struct tg_calls *c, void (*forgotten)(void *ctx, const struct tg_call *call), void *ctx)
{
    c->forgotten = forgotten;
    c->ctx = ctx;
}

/* Of a record that nobody was told of nobody hears. */
static void take_out(struct tg_calls *c, struct tg_call *call)
{
    if (call->state == TG_CALL_DISCARDED)
        DL_DELETE(c->ended, call);
    else if (call->stale)
        DL_DELETE(c->stale, call);
    HASH_DEL(c->by_id, call);
    free(call->missed_why);
    free(call->title);
    free(call->invite_link);
    free(call);
}

static void drop(struct tg_calls *c, struct tg_call *call)
{
    if (c->forgotten)
        c->forgotten(c->ctx, call);
    take_out(c, call);
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
    c->forgotten = NULL;
    tg_calls_clear(c);
    free(c);
}

size_t tg_calls_count(const struct tg_calls *c)
{
    return HASH_COUNT(c->by_id);
}

struct tg_call *tg_calls_find(struct tg_calls *c, int64_t id)
{
    struct tg_call *call;

    HASH_FIND(hh, c->by_id, &id, sizeof(id), call);
    return call;
}

struct tg_call *tg_calls_next(struct tg_calls *c, struct tg_call *after)
{
    return after ? after->hh.next : c->by_id;
}

/* --- lists --- */

void tg_calls_doubt(struct tg_calls *c, struct tg_call *call, uint64_t mark)
{
    if (call->state == TG_CALL_DISCARDED)
        return;
    if (mark > call->stale_mark)
        call->stale_mark = mark;
    if (call->stale)
        return;
    call->stale = true;
    DL_APPEND(c->stale, call);
}

void tg_calls_doubt_all(struct tg_calls *c, uint64_t mark)
{
    for (struct tg_call *call = c->by_id; call; call = call->hh.next)
        tg_calls_doubt(c, call, mark);
}

static void settle(struct tg_calls *c, struct tg_call *call)
{
    if (!call->stale)
        return;
    call->stale = false;
    call->ask_at_us = 0;
    call->asked_in_vain = 0;
    DL_DELETE(c->stale, call);
}

struct tg_call *tg_calls_first_stale(struct tg_calls *c)
{
    return c->stale;
}

struct tg_call *tg_calls_next_to_ask(struct tg_calls *c)
{
    struct tg_call *call, *first = c->stale;

    DL_FOREACH (c->stale, call)
        if (call->ask_at_us < first->ask_at_us)
            first = call;
    return first;
}

void tg_calls_asked_in_vain(struct tg_call *call, int64_t at_us)
{
    call->asked_in_vain++;
    call->ask_at_us = at_us;
}

static void end(struct tg_calls *c, struct tg_call *call)
{
    if (call->state == TG_CALL_DISCARDED)
        return;
    settle(c, call);
    call->state = TG_CALL_DISCARDED;
    call->ended_at = clock_wall_us(c->clock) / SECOND_US;
    DL_APPEND(c->ended, call);
}

void tg_calls_infer_end(struct tg_calls *c, struct tg_call *call, uint64_t mark)
{
    if (call->state == TG_CALL_DISCARDED)
        return;
    end(c, call);
    call->end_inferred = true;
    call->ended_mark = mark;
}

void tg_calls_revive(struct tg_calls *c, struct tg_call *call)
{
    if (call->state != TG_CALL_DISCARDED || !call->end_inferred)
        return;
    DL_DELETE(c->ended, call);
    call->state = call->schedule_date ? TG_CALL_SCHEDULED : TG_CALL_ACTIVE;
    call->end_inferred = false;
    call->ended_at = 0;
    tg_calls_doubt(c, call, call->ended_mark);
}

/* --- what was seen --- */

static struct tg_call *least_wanted(struct tg_calls *c)
{
    struct tg_call *call = c->ended ? c->ended : c->by_id;

    while (call && tg_call_is_to_start(call))
        call = call->hh.next;
    return call ? call : c->by_id;
}

static int make(struct tg_calls *c, int64_t id, struct tg_call **ret)
{
    if (HASH_COUNT(c->by_id) >= LIMIT_CALLS)
        drop(c, least_wanted(c));
    struct tg_call *call = calloc(1, sizeof(*call));
    if (!call)
        return TGC_ENOMEM;
    call->id = id;
    call->created_at = clock_wall_us(c->clock) / SECOND_US;
    call->duration = -1;
    call->version = -1;
    HASH_ADD(hh, c->by_id, id, sizeof(call->id), call);
    if (!call->hh.tbl) {
        free(call);
        return TGC_ENOMEM;
    }
    *ret = call;
    return 0;
}

static int set_title(struct tg_call *call, const char *title, size_t len)
{
    char *copy = NULL;

    if (title && call->title && len == call->title_len && memcmp(title, call->title, len) == 0)
        return 0;
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

/* What is too long, or no text, is none that anybody could follow. */
static int set_invite_link(struct tg_call *call, const char *link, size_t len)
{
    if (len > LIMIT_CALL_LINK || memchr(link, 0, len))
        return 0;
    if (call->invite_link && strlen(call->invite_link) == len && memcmp(call->invite_link, link, len) == 0)
        return 0;
    char *copy = strndup(link, len);
    if (!copy)
        return TGC_ENOMEM;
    free(call->invite_link);
    call->invite_link = copy;
    return 0;
}

bool tg_calls_set_peer(struct tg_call *call, enum peer_kind kind, int64_t id)
{
    if (call->has_peer && !(call->peer_kind == PEER_CHAT && kind == PEER_CHANNEL))
        return false;
    call->has_peer = true;
    call->peer_kind = kind;
    call->peer_id = id;
    return true;
}

int tg_call_set_auto_start(struct tg_call *call, enum tg_auto_start to, int64_t at, const char *why)
{
    char *copy = NULL;

    if (to == TG_AUTO_START_MISSED && !(copy = strdup(why ? why : "")))
        return TGC_ENOMEM;
    free(call->missed_why);
    call->missed_why = copy;
    call->missed_at = copy ? at : 0;
    call->auto_start = to;
    return 0;
}

/* Told twice, it ended the first time. */
static void fold_end(struct tg_calls *c, struct tg_call *call, const struct tg_call_seen *seen)
{
    end(c, call);
    call->end_inferred = false;
    if (call->duration < 0)
        call->duration = seen->duration;
}

/* Fields of a min object that depend on who looks are not ours. */
static int fold_running(struct tg_calls *c, struct tg_call *call, const struct tg_call_seen *seen)
{
    int err = set_title(call, seen->title, seen->title_len);

    if (!err && seen->invite_link) /* whom it is not shown to knows it all the same */
        err = set_invite_link(call, seen->invite_link, seen->invite_link_len);
    if (err)
        return err;
    call->conference |= seen->conference; /* older layers do not say it */
    call->version = seen->version;
    call->participants_count = seen->participants_count;
    call->schedule_date = seen->schedule_date;
    call->state = seen->schedule_date ? TG_CALL_SCHEDULED : TG_CALL_ACTIVE;
    if (!seen->layer_lacks_rtmp)
        call->rtmp_stream = seen->rtmp_stream;
    if (!seen->min) {
        call->join_muted = seen->join_muted;
        if (seen->mark >= call->stale_mark)
            settle(c, call);
    }
    return 0;
}

int tg_calls_fold(struct tg_calls *c, const struct tg_call_seen *seen, struct tg_call **ret, enum tg_fold *ret_fold)
{
    struct tg_call *call = tg_calls_find(c, seen->id);
    enum tg_fold fold = TG_FOLD_OLD;
    bool made = !call && !seen->min;
    int err = made ? make(c, seen->id, &call) : 0;

    if (err || !call)
        goto done;
    if (!seen->min)
        call->access_hash = seen->access_hash;
    if (seen->discarded) {
        fold = call->state == TG_CALL_DISCARDED && !call->end_inferred ? TG_FOLD_OLD : TG_FOLD_APPLIED;
        fold_end(c, call, seen);
        goto made;
    }
    if (!seen->from_update && call->end_inferred && seen->mark >= call->ended_mark)
        tg_calls_revive(c, call);
    if (!made && (call->state == TG_CALL_DISCARDED || seen->version < call->version))
        goto done;
    bool gap = seen->from_update && call->version >= 0 && seen->version > call->version + 1;
    err = fold_running(c, call, seen);
    if (err && made)
        take_out(c, call);
    if (err)
        goto done;
    call->seen_us = clock_mono_us(c->clock);
    fold = gap ? TG_FOLD_GAP : TG_FOLD_APPLIED;
    if (gap) /* whatever has this version or a later one, fills it */
        tg_calls_doubt(c, call, 0);
made:
    if (made)
        fold = TG_FOLD_MADE;
done:
    if (ret)
        *ret = err ? NULL : call;
    if (ret_fold)
        *ret_fold = fold;
    return err;
}

int tg_calls_restore(struct tg_calls *c, const struct tg_call *saved, struct tg_call **ret)
{
    struct tg_call *call;

    if (tg_calls_find(c, saved->id))
        return TGC_EEXIST;
    int err = make(c, saved->id, &call);
    if (err)
        return err;
    if (set_title(call, saved->title, saved->title_len) != 0 ||
        (saved->invite_link && set_invite_link(call, saved->invite_link, strlen(saved->invite_link)) != 0) ||

        tg_call_set_auto_start(call, saved->auto_start, saved->missed_at, saved->missed_why) != 0) {
        take_out(c, call);
        return TGC_ENOMEM;
    }
    call->access_hash = saved->access_hash;
    call->has_peer = saved->has_peer;
    call->peer_kind = saved->peer_kind;
    call->peer_id = saved->peer_id;
    call->conference = saved->conference;
    call->state = saved->state;
    call->schedule_date = saved->schedule_date;
    call->duration = saved->duration;
    call->rtmp_stream = saved->rtmp_stream;
    call->join_muted = saved->join_muted;
    call->participants_count = saved->participants_count;
    call->version = saved->version;
    call->created_at = saved->created_at;
    call->ended_at = saved->ended_at;
    call->created_here = saved->created_here;
    call->end_inferred = saved->end_inferred;
    call->is_saved = saved->is_saved;
    if (call->state == TG_CALL_DISCARDED)
        DL_APPEND(c->ended, call);
    *ret = call;
    return 0;
}

const char *tg_call_state_text(enum tg_call_state state)
{
    static const char *const texts[] = {"active", "scheduled", "discarded"};

    return texts[state];
}

static json_t *text_of(int64_t v)
{
    char text[LONG_TEXT_MAX];

    return json_stringn_nocheck(text, long_text(text, v));
}

json_t *tg_call_input(const struct tg_call *call)
{
    return json_pack("{s:s, s:o, s:o}", "_", "inputGroupCall", "id", text_of(call->id), "access_hash",
                     text_of(call->access_hash));
}
