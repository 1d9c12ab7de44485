/* What an object's fields say of what is being read. */
#include <string.h>

#include "daemon/tg/known/extract_internal.h"

int fact_on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    struct fact_walk *w = ctx;
    struct tg_call_seen *seen = &w->call.call.seen;

    switch (fact_role_of(fact_walk_top(w), field)) {
    case COUNT:
        seen->participants_count = v;
        break;
    case VERSION:
        if (fact_walk_top(w)->what == CALL_PEOPLE)
            w->people.people.version = v;
        else
            seen->version = v;
        break;
    case DATE:
        if (fact_walk_top(w)->what == CALL_ACTION)
            w->said.said.scheduled = true;
        else
            seen->schedule_date = v;
        break;
    case DURATION:
        if (fact_walk_top(w)->what == CALL_ACTION)
            w->said.said.ended = true;
        else
            seen->duration = v;
        break;
    default:
        break;
    }
    return 0;
}

static void take_id(struct fact_walk *w, const struct fact_level *level, int64_t v)
{
    enum what what = level->what;

    switch (what) {
    case USER:
    case CHAT:
    case CHANNEL:
        w->peer.peer.id = v;
        break;
    case USER_NAMES:
        w->names.peer.id = v;
        break;
    case MIGRATED_TO:
        w->peer.peer.migrated_to = v;
        break;
    case GROUP_CALL:
    case CALL_DISCARDED:
        w->call.call.seen.id = v;
        break;
    case UPDATE_GROUP_CALL:
        w->update_has_chat_id = true;
        w->update_kind = PEER_CHAT;
        w->update_id = v;
        break;
    case OF_USER:
    case OF_CHAT:
    case OF_CHANNEL:
        if (w->is_place) {
            w->said.said.kind = fact_peer_kind(what);
            w->said.said.id = v;
            break;
        }
        if (level > w->stack && level[-1].what == SERVICE) {
            w->act.kind = fact_peer_kind(what);
            w->act.id = v;
            break;
        }
        w->update_has_peer = true;
        w->update_kind = fact_peer_kind(what);
        w->update_id = v;
        break;
    case CHAT_FULL:
    case CHANNEL_FULL:
        w->full.full_chat.id = v;
        break;
    case FULL_CALL:
        if (level > w->stack && level[-1].what == CALL_PEOPLE)
            w->people.people.id = v;
        else if (level > w->stack && level[-1].what == CALL_ACTION)
            w->act.call_id = w->said.said.call_id = v;
        else
            w->full.full_chat.call_id = v;
        break;
    case CHAT_CHANGED:
    case CHANNEL_CHANGED:
        w->small.peer.id = v;
        break;
    default:
        break;
    }
}

static void take_hash(struct fact_walk *w, const struct fact_level *level, int64_t v)
{
    switch (level->what) {
    case USER:
    case CHANNEL:
        w->peer.peer.access_hash = v;
        w->peer.peer.has_hash = true;
        break;
    case MIGRATED_TO:
        w->peer.peer.migrated_hash = v;
        break;
    case GROUP_CALL:
    case CALL_DISCARDED:
        w->call.call.seen.access_hash = v;
        break;
    case FULL_CALL:
        if (level > w->stack && level[-1].what == CALL_PEOPLE)
            w->people.people.access_hash = v;
        else if (level > w->stack && level[-1].what == CALL_ACTION)
            w->said.said.access_hash = v;
        break;
    default:
        break;
    }
}

int fact_on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    struct fact_walk *w = ctx;
    const struct fact_level *level = fact_walk_top(w);

    switch (fact_role_of(level, field)) {
    case ID:
        take_id(w, level, v);
        break;
    case HASH:
        take_hash(w, level, v);
        break;
    case MIGRATED_FROM:
        w->full.full_chat.migrated_from = v;
        break;
    default:
        break;
    }
    return 0;
}

int fact_on_double(void *ctx, const struct tl_param *field, double v)
{
    (void)ctx, (void)field, (void)v;
    return 0;
}

int fact_on_bool(void *ctx, const struct tl_param *field, bool v)
{
    struct fact_walk *w = ctx;
    const struct fact_level *level = fact_walk_top(w);

    switch (fact_role_of(level, field)) {
    case SELF:
        w->peer.peer.is_self = v;
        break;
    case MIN:
        if (level->what == GROUP_CALL)
            w->call.call.seen.min = v;
        else
            w->peer.peer.min = v;
        break;
    case ACTIVE:
        if (level->what == USERNAME)
            w->name_active = v;
        else
            w->peer.peer.call_active = v;
        break;
    case JOINED:
        w->people.people.change += v;
        break;
    case LEFT:
        w->people.people.change -= v;
        break;
    case VERSIONED:
        w->people.people.versioned |= v;
        break;
    case JOIN_MUTED:
        w->call.call.seen.join_muted = v;
        break;
    case RTMP_STREAM:
        w->call.call.seen.rtmp_stream = v;
        break;
    case CONFERENCE:
        w->call.call.seen.conference = v;
        break;
    default:
        break;
    }
    return 0;
}

int fact_on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    (void)ctx, (void)field, (void)v, (void)len;
    return 0;
}

int fact_on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    struct fact_walk *w = ctx;
    const struct fact_level *level = fact_walk_top(w);

    switch (fact_role_of(level, field)) {
    case NAME:
        if (level->what == GROUP_CALL) {
            w->call.call.seen.title = (const char *)v;
            w->call.call.seen.title_len = len;
        } else if (level->what == USERNAME) {
            w->name = (struct tg_fact_text){(const char *)v, len};
        } else {
            return facts_put_name(w->facts, v, len);
        }
        break;
    case LINK:
        w->call.call.seen.invite_link = (const char *)v;
        w->call.call.seen.invite_link_len = len;
        break;
    case PHONE:
        w->peer.peer.phone = (struct tg_fact_text){(const char *)v, len};
        break;
    default:
        break;
    }
    return 0;
}
