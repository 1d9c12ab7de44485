/* What becomes of a call, as an event: the call as it is, who did it where Telegram says so, and what changed. */
#include <string.h>

#include "daemon/tg/account/account.h"
#include "daemon/tg/known/call_before.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/tl/text.h"
#include "daemon/worker/tell_events.h"
#include "daemon/worker/tell_internal.h"

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

/* One member as it was and as it is; where HAS_ is false there was, or is, none. */
struct sides {
    bool has_old, has_new;
    int64_t old, now;
};

static void change(struct buf *out, bool *any, const char *name, const struct sides *s,
                   void (*put)(struct buf *out, int64_t v))
{
    if (s->has_old == s->has_new && (!s->has_old || s->old == s->now))
        return;
    tell_change_begin(out, any, name);
    if (s->has_old) {
        tell_old(out);
        put(out, s->old);
    }
    if (s->has_new) {
        tell_new(out, s->has_old);
        put(out, s->now);
    }
    tell_change_end(out);
}

static void put_number(struct buf *out, int64_t v)
{
    tl_text_put_number(out, v);
}

static void put_bool(struct buf *out, int64_t v)
{
    buf_put_text(out, v ? "true" : "false");
}

static void put_state(struct buf *out, int64_t v)
{
    const char *text = tg_call_state_text((enum tg_call_state)v);

    tl_text_put_string(out, text, strlen(text));
}

static void change_number(struct buf *out, bool *any, const char *name, int64_t old, int64_t now)
{
    change(out, any, name, &(struct sides){true, true, old, now}, put_number);
}

/* 0 is none. */
static void change_date(struct buf *out, bool *any, const char *name, int64_t old, int64_t now)
{
    change(out, any, name, &(struct sides){old != 0, now != 0, old, now}, put_number);
}

static void change_bool(struct buf *out, bool *any, const char *name, bool old, bool now)
{
    change(out, any, name, &(struct sides){true, true, old, now}, put_bool);
}

static void change_title(struct buf *out, bool *any, const struct tg_call *old, const struct tg_call *now)
{
    if (!old->title == !now->title &&
        (!old->title || (old->title_len == now->title_len && memcmp(old->title, now->title, old->title_len) == 0)))
        return;
    tell_change_begin(out, any, "title");
    if (old->title) {
        tell_old(out);
        tl_text_put_tl_string(out, (const uint8_t *)old->title, old->title_len);
    }
    if (now->title) {
        tell_new(out, old->title != NULL);
        tl_text_put_tl_string(out, (const uint8_t *)now->title, now->title_len);
    }
    tell_change_end(out);
}

/* NULL is none. */
static void change_link(struct buf *out, bool *any, const char *old, const char *now)
{
    if (!old == !now && (!old || strcmp(old, now) == 0))
        return;
    tell_change_begin(out, any, "invite_link");
    if (old) {
        tell_old(out);
        tl_text_put_tl_string(out, (const uint8_t *)old, strlen(old));
    }
    if (now) {
        tell_new(out, old != NULL);
        tl_text_put_tl_string(out, (const uint8_t *)now, strlen(now));
    }
    tell_change_end(out);
}

static void put_kind(struct buf *out, int64_t v)
{
    buf_put_text(out, v ? "\"conference\"" : "\"group\"");
}

static void change_peer(struct buf *out, bool *any, const struct tg_call *old, const struct tg_call *now)
{
    if (old->has_peer == now->has_peer &&
        (!old->has_peer || (old->peer_kind == now->peer_kind && old->peer_id == now->peer_id)))
        return;
    tell_change_begin(out, any, "peer");
    if (old->has_peer) {
        tell_old(out);
        tg_peer_text(old->peer_kind, old->peer_id, out);
    }
    if (now->has_peer) {
        tell_new(out, old->has_peer);
        tg_peer_text(now->peer_kind, now->peer_id, out);
    }
    tell_change_end(out);
}

/* What the call's text shows, member by member. */
static bool put_changes(struct buf *out, const struct tg_call_before *before, const struct tg_call *now)
{
    const struct tg_call *old = &before->call;
    bool had_end = old->state == TG_CALL_DISCARDED && old->duration >= 0;
    bool has_end = now->state == TG_CALL_DISCARDED && now->duration >= 0;
    bool any = false;

    change(out, &any, "kind", &(struct sides){true, true, old->conference, now->conference}, put_kind);
    change_peer(out, &any, old, now);
    change_link(out, &any, old->invite_link, now->invite_link);
    if (!before->title_is_lost)
        change_title(out, &any, old, now);
    change_date(out, &any, "schedule_date", old->schedule_date, now->schedule_date);
    change_bool(out, &any, "rtmp_stream", old->rtmp_stream, now->rtmp_stream);
    change(out, &any, "state", &(struct sides){true, true, old->state, now->state}, put_state);
    change_date(out, &any, "ended_at", old->ended_at, now->ended_at);
    change(out, &any, "duration", &(struct sides){had_end, has_end, old->duration, now->duration}, put_number);
    change_number(out, &any, "participants_count", old->participants_count, now->participants_count);
    change_number(out, &any, "version", old->version < 0 ? 0 : old->version, now->version < 0 ? 0 : now->version);
    change_bool(out, &any, "join_muted", old->join_muted, now->join_muted);
    change(out, &any, "auto_start",
           &(struct sides){tg_call_is_to_start(old) || tg_call_start_was_missed(old),
                           tg_call_is_to_start(now) || tg_call_start_was_missed(now), tg_call_is_to_start(old),
                           tg_call_is_to_start(now)},
           put_bool);
    tell_changes_end(out, any);
    return any || before->title_is_lost;
}

static const char *what_happened(const struct tg_call *call, const struct tg_call_news *news)
{
    bool was_over = news->before->is_known && news->before->call.state == TG_CALL_DISCARDED;

    if (news->change == TG_FORGOTTEN)
        return "forgotten";
    if (call->state == TG_CALL_DISCARDED && !was_over)
        return "ended";
    return news->before->is_known ? "changed" : "made";
}

static void put_who(struct buf *out, const struct tg_account *account, const struct tg_call_news *news)
{
    int64_t self = tg_account_self_id(account);

    if (!news->has_actor && !(news->is_own && self))
        return;
    PUT(out, ",\"who\":");
    if (news->has_actor)
        tg_peer_text(news->actor_kind, news->actor_id, out);
    else
        tg_peer_text(PEER_USER, self, out);
}

void tell_call(struct tell_events *t, struct tg_account *account, const struct tg_call *call,
               const struct tg_call_news *news)
{
    /* Nothing happens to a call that is over: its record only makes room for another. */
    if (news->change == TG_FORGOTTEN && call->state == TG_CALL_DISCARDED)
        return;
    const char *name = tg_account_name(account);
    int64_t at = tell_begin(t, name);

    PUT(&t->text, ",\"what\":\"");
    buf_put_text(&t->text, what_happened(call, news));
    PUT(&t->text, "\",\"call\":");
    tg_call_text(call, name, &t->text);
    bool is_change = news->change != TG_FORGOTTEN && news->before->is_known;
    if (is_change && !put_changes(&t->text, news->before, call))
        return;
    if (news->change != TG_FORGOTTEN)
        put_who(&t->text, account, news);
    tell_end(t, name, "call", at);
}
