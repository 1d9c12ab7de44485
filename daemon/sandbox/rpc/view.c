#include "daemon/sandbox/rpc/view.h"

#include <string.h>

#include "daemon/sandbox/world/json.h"

static bool is_contact(const struct world_user *of, const struct world_user *user)
{
    for (unsigned i = 0; of && i < of->contacts_n; i++)
        if (of->contacts[i] == user->id)
            return true;
    return false;
}

struct telling *say_user(struct say *s, const struct world *w, const struct world_user *viewer,
                         const struct world_user *user)
{
    struct telling *j = say_object(s, "user", 9);

    said_flag(j, "self", viewer == user);
    said_flag(j, "contact", is_contact(viewer, user));
    said_flag(j, "mutual_contact", is_contact(viewer, user) && is_contact(user, viewer));
    said_number(j, "id", user->id);
    if (viewer)
        said_number(j, "access_hash", world_access_hash(w, viewer->id, 'u', user->id));
    said_text(j, "first_name", user->first_name);
    if (*user->last_name)
        said_text(j, "last_name", user->last_name);
    if (*user->username)
        said_text(j, "username", user->username);
    if (viewer == user || is_contact(viewer, user))
        said_text(j, "phone", user->phone);
    return j;
}

static struct telling *admin_rights(struct say *s, const struct world_member *m)
{
    struct telling *j = say_object(s, "chatAdminRights", 10);

    said_flag(j, "change_info", true);
    said_flag(j, "post_messages", true);
    said_flag(j, "edit_messages", true);
    said_flag(j, "delete_messages", true);
    said_flag(j, "ban_users", true);
    said_flag(j, "invite_users", true);
    said_flag(j, "pin_messages", true);
    said_flag(j, "add_admins", m->role == WORLD_CREATOR);
    said_flag(j, "manage_call", m->manage_call);
    said_flag(j, "other", true);
    return j;
}

static struct telling *banned_rights(struct say *s)
{
    struct telling *j = say_object(s, "chatBannedRights", 1);

    said_number(j, "until_date", INT32_MAX);
    return j;
}

struct telling *say_chat(struct say *s, const struct world *w, const struct world_user *viewer,
                         const struct world_chat *chat)
{
    const struct world_member *m = world_member(chat, viewer);
    struct telling *j = say_object(s, chat->kind == WORLD_BASIC ? "chat" : "channel", 16);

    said_flag(j, "creator", m && m->role == WORLD_CREATOR);
    said_flag(j, "left", !m);
    said_flag(j, "broadcast", chat->kind == WORLD_CHANNEL);
    said_flag(j, "megagroup", chat->kind == WORLD_SUPERGROUP);
    said_flag(j, "call_active", chat->call != NULL);
    said_flag(j, "call_not_empty", chat->call && chat->call->participants_n);
    said_number(j, "id", chat->id);
    if (chat->kind != WORLD_BASIC && viewer)
        said_number(j, "access_hash", world_access_hash(w, viewer->id, 'c', chat->id));
    said_text(j, "title", chat->title);
    if (chat->kind != WORLD_BASIC && *chat->username)
        said_text(j, "username", chat->username);
    said_object(j, "photo", say_object(s, "chatPhotoEmpty", 0));
    said_number(j, "date", chat->date);
    if (m && m->role >= WORLD_ADMIN)
        said_object(j, "admin_rights", admin_rights(s, m));
    if (chat->kind != WORLD_CHANNEL)
        said_object(j, "default_banned_rights", banned_rights(s));
    said_number(j, "participants_count", chat->members_n);
    said_number(j, "version", chat->version);
    return j;
}

static struct telling *peer(struct say *s, const char *tag, int64_t id)
{
    struct telling *j = say_object(s, tag, 1);

    if (strcmp(tag, "peerChannel") == 0)
        said_number(j, "channel_id", id);
    else if (strcmp(tag, "peerChat") == 0)
        said_number(j, "chat_id", id);
    else
        said_number(j, "user_id", id);
    return j;
}

static struct telling *say_peer(struct say *s, int64_t id, bool is_basic)
{
    return peer(s, is_basic ? "peerChat" : "peerChannel", id);
}

static struct telling *discarded(struct say *s, const struct world_call *call)
{
    struct telling *j = say_object(s, "groupCallDiscarded", 3);

    said_number(j, "id", call->id);
    said_number(j, "access_hash", call->access_hash);
    said_number(j, "duration", call->started_at ? call->ended_at - call->started_at : 0);
    return j;
}

json_t *view_conference_link(const struct world_call *call)
{
    char slug[24];

    world_call_slug(call, slug);
    return json_sprintf("https://t.me/call/%s", slug);
}

static unsigned videos_of(const struct world_call *call)
{
    unsigned n = 0;

    for (unsigned i = 0; i < call->participants_n; i++)
        n += call->participants[i].video;
    return n;
}

/* MIN: without what depends on the viewer. */
static struct telling *say_call(struct say *s, const struct world_user *viewer, const struct world_call *call, bool min)
{
    if (call->state == WORLD_CALL_DISCARDED)
        return discarded(s, call);
    struct telling *j = say_object(s, "groupCall", 28);
    bool manages = !min && world_may_manage(call->chat, viewer);
    unsigned videos = videos_of(call);

    said_flag(j, "join_muted", call->join_muted);
    /* Who looks at a stream never speaks. */
    said_flag(j, "can_change_join_muted", manages && !call->rtmp);
    said_flag(j, "schedule_start_subscribed", !min && call->subscribed & world_member_bit(call->chat, viewer));
    said_flag(j, "can_start_video", !call->rtmp);
    said_flag(j, "record_video_active", call->record_start_date && call->record_video);
    said_flag(j, "rtmp_stream", call->rtmp);
    said_flag(j, "listeners_hidden", call->rtmp || call->chat->kind == WORLD_CHANNEL);
    said_flag(j, "conference", call->chat->kind == WORLD_CONFERENCE);
    said_flag(j, "creator", !min && viewer == call->creator);
    said_flag(j, "messages_enabled", !call->messages_off);
    said_flag(j, "can_change_messages_enabled", manages);
    said_flag(j, "min", min);
    said_number(j, "id", call->id);
    said_number(j, "access_hash", call->access_hash);
    said_number(j, "participants_count", call->participants_n);
    if (call->title.len)
        said_text_n(j, "title", call->title.bytes, call->title.len);
    if (call->record_start_date)
        said_number(j, "record_start_date", call->record_start_date);
    if (call->schedule_date)
        said_number(j, "schedule_date", call->schedule_date);
    if (videos)
        said_number(j, "unmuted_video_count", videos);
    said_number(j, "unmuted_video_limit", 30);
    said_number(j, "version", call->version);
    if (call->chat->kind == WORLD_CONFERENCE)
        said_object(j, "invite_link", say_json(s, view_conference_link(call)));
    if (call->paid_stars)
        said_number(j, "send_paid_messages_stars", call->paid_stars);
    const struct world_participant *own = min ? NULL : world_participant_of(call, viewer);
    if (own && own->has_send_as)
        said_object(j, "default_send_as",
                    own->send_as ? say_peer(s, own->send_as->id, false) : peer(s, "peerUser", viewer->id));
    return j;
}

struct telling *say_input_call(struct say *s, int64_t id, int64_t access_hash)
{
    struct telling *j = say_object(s, "inputGroupCall", 2);

    said_number(j, "id", id);
    said_number(j, "access_hash", access_hash);
    return j;
}

static struct telling *update_with(struct say *s, const struct world_call *call, const struct telling *said)
{
    struct telling *j = say_object(s, "updateGroupCall", 3);

    if (call->chat->kind != WORLD_CONFERENCE) {
        said_object(j, "peer", say_peer(s, call->chat->id, call->chat->kind == WORLD_BASIC));
        said_number(j, "chat_id", call->chat->id);
    } else if (j) {
        j->only_with = "peer"; /* where every call has a chat, there is no such call */
    }
    said_object(j, "call", said);
    return j;
}

struct telling *say_update_call(struct say *s, const struct world_user *viewer, const struct world_call *call)
{
    return update_with(s, call, say_call(s, viewer, call, false));
}

struct telling *say_update_call_min(struct say *s, const struct world_user *viewer, const struct world_call *call)
{
    struct telling *said = say_call(s, viewer, call, true);

    if (said && call->state != WORLD_CALL_DISCARDED) {
        said->only_with = "min";
        said->otherwise = say_call(s, viewer, call, false);
    }
    return update_with(s, call, said);
}

/* --- service messages --- */

static struct telling *action_call(struct say *s, const struct world_message *m)
{
    struct telling *j = say_object(s, "messageActionGroupCall", 2);

    said_object(j, "call", say_input_call(s, m->call_id, m->call_hash));
    if (m->value >= 0)
        said_number(j, "duration", m->value);
    return j;
}

static struct telling *action_scheduled(struct say *s, const struct world_message *m)
{
    struct telling *j = say_object(s, "messageActionGroupCallScheduled", 2);

    said_object(j, "call", say_input_call(s, m->call_id, m->call_hash));
    said_number(j, "schedule_date", m->value);
    return j;
}

static struct telling *action_invite(struct say *s, const struct world *w, const struct world_message *m)
{
    const struct world_chat *chat = world_chat_by_id(w, m->chat_id, m->is_basic);
    struct telling *j = say_object(s, "messageActionInviteToGroupCall", 2);
    struct said_list *users = say_list(s, WORLD_MEMBERS_MAX);

    for (unsigned i = 0; chat && i < chat->members_n; i++)
        if (m->invited >> i & 1)
            said_append(users, say_number(s, chat->members[i].user->id));
    said_object(j, "call", say_input_call(s, m->call_id, m->call_hash));
    said_items(j, "users", users);
    return j;
}

static struct telling *action_conference(struct say *s, const struct world_message *m)
{
    struct telling *j = say_object(s, "messageActionConferenceCall", 3);

    said_flag(j, "missed", m->value & WORLD_RING_MISSED);
    said_flag(j, "video", m->value & WORLD_RING_VIDEO);
    said_number(j, "call_id", m->call_id);
    if (j)
        j->otherwise = say_object(s, "messageActionEmpty", 0);
    return j;
}

static struct telling *action_custom(struct say *s, const struct world_message *m)
{
    struct telling *j = say_object(s, "messageActionCustomAction", 1);

    said_object(j, "message", say_json(s, json_string(m->text)));
    return j;
}

static struct telling *action_of(struct say *s, const struct world *w, const struct world_message *m)
{
    switch (m->action) {
    case WORLD_ACTION_CALL:
        return action_call(s, m);
    case WORLD_ACTION_SCHEDULED:
        return action_scheduled(s, m);
    case WORLD_ACTION_INVITE:
        return action_invite(s, w, m);
    case WORLD_ACTION_CONFERENCE:
        return action_conference(s, m);
    case WORLD_ACTION_CUSTOM:
        return action_custom(s, m);
    case WORLD_ACTION_NONE:
    case WORLD_ACTION_DELETED:
        break;
    }
    return NULL;
}

struct telling *say_message(struct say *s, const struct world *w, const struct world_user *viewer,
                            const struct world_message *m)
{
    bool is_service = m->action != WORLD_ACTION_NONE;
    struct telling *j = say_object(s, is_service ? "messageService" : "message", 7);

    said_flag(j, "out", viewer && viewer->id == m->actor_id);
    /* A broadcast channel speaks for itself, elsewhere the author is named. */
    said_flag(j, "post", m->is_post);
    said_number(j, "id", m->id);
    if (!m->is_post)
        said_object(j, "from_id", peer(s, "peerUser", m->actor_id));
    said_object(j, "peer_id", m->is_private ? peer(s, "peerUser", m->chat_id) : say_peer(s, m->chat_id, m->is_basic));
    said_number(j, "date", m->date);
    if (is_service)
        said_object(j, "action", action_of(s, w, m));
    else
        said_object(j, "message", say_json(s, json_string(m->text)));
    return j;
}

/* --- the same as JSON --- */

static json_t *as_json(struct say *s, const struct telling *o)
{
    json_t *j = said_json(o);

    say_fini(s);
    return j;
}

json_t *view_user(const struct world *w, const struct world_user *viewer, const struct world_user *user)
{
    struct say s = {0};

    return as_json(&s, say_user(&s, w, viewer, user));
}

json_t *view_chat(const struct world *w, const struct world_user *viewer, const struct world_chat *chat)
{
    struct say s = {0};

    return as_json(&s, say_chat(&s, w, viewer, chat));
}

json_t *view_peer(const struct world_chat *chat)
{
    struct say s = {0};

    return as_json(&s, say_peer(&s, chat->id, chat->kind == WORLD_BASIC));
}

json_t *view_peer_user(const struct world_user *user)
{
    struct say s = {0};

    return as_json(&s, peer(&s, "peerUser", user->id));
}

json_t *view_call(const struct world_user *viewer, const struct world_call *call)
{
    struct say s = {0};

    return as_json(&s, say_call(&s, viewer, call, false));
}

json_t *view_input_call(const struct world_call *call)
{
    struct say s = {0};

    return as_json(&s, say_input_call(&s, call->id, call->access_hash));
}

json_t *view_update_call(const struct world_user *viewer, const struct world_call *call)
{
    struct say s = {0};

    return as_json(&s, say_update_call(&s, viewer, call));
}

json_t *view_message(const struct world *w, const struct world_user *viewer, const struct world_message *m)
{
    struct say s = {0};

    return as_json(&s, say_message(&s, w, viewer, m));
}

json_t *view_notify_settings(void)
{
    return json_pack("{s:s}", "_", "peerNotifySettings");
}

int view_seq(const struct world_user *user)
{
    return 1 + user->containers;
}

json_t *view_state(const struct world *w, const struct world_user *user)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "_", "updates.state", "pts", user->box.pts, "qts", 1, "date",
                     world_now(w), "seq", view_seq(user), "unread_count", 0);
}
