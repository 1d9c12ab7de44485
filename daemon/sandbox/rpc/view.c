#include "daemon/sandbox/rpc/view.h"

#include "daemon/sandbox/world/json.h"

static bool is_contact(const struct world_user *of, const struct world_user *user)
{
    for (unsigned i = 0; of && i < of->contacts_n; i++)
        if (of->contacts[i] == user->id)
            return true;
    return false;
}

json_t *view_user(const struct world *w, const struct world_user *viewer, const struct world_user *user)
{
    json_t *j = json_pack("{s:s, s:I, s:s}", "_", "user", "id", (json_int_t)user->id, "first_name", user->first_name);
    bool self = viewer == user;

    if (viewer)
        json_put(j, "access_hash", json_integer(world_access_hash(w, viewer->id, 'u', user->id)));
    if (*user->last_name)
        json_put(j, "last_name", json_string(user->last_name));
    if (*user->username)
        json_put(j, "username", json_string(user->username));
    if (self || is_contact(viewer, user))
        json_put(j, "phone", json_string(user->phone));
    json_put_flag(j, "self", self);
    json_put_flag(j, "contact", is_contact(viewer, user));
    json_put_flag(j, "mutual_contact", is_contact(viewer, user) && is_contact(user, viewer));
    return j;
}

static json_t *admin_rights(const struct world_member *m)
{
    json_t *j = json_pack("{s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "_", "chatAdminRights", "change_info", 1,
                          "post_messages", 1, "edit_messages", 1, "delete_messages", 1, "ban_users", 1, "invite_users",
                          1, "pin_messages", 1, "other", 1);

    json_put_flag(j, "manage_call", m->manage_call);
    json_put_flag(j, "add_admins", m->role == WORLD_CREATOR);
    return j;
}

json_t *view_chat(const struct world *w, const struct world_user *viewer, const struct world_chat *chat)
{
    const struct world_member *m = world_member(chat, viewer);
    json_t *j =
        json_pack("{s:s, s:I, s:s, s:{s:s}, s:i, s:i, s:i}", "_", chat->kind == WORLD_BASIC ? "chat" : "channel", "id",
                  (json_int_t)chat->id, "title", chat->title, "photo", "_", "chatPhotoEmpty", "date", chat->date,
                  "participants_count", (int)chat->members_n, "version", chat->version);

    if (chat->kind != WORLD_BASIC) {
        if (viewer)
            json_put(j, "access_hash", json_integer(world_access_hash(w, viewer->id, 'c', chat->id)));
        if (*chat->username)
            json_put(j, "username", json_string(chat->username));
        json_put_flag(j, "broadcast", chat->kind == WORLD_CHANNEL);
        json_put_flag(j, "megagroup", chat->kind == WORLD_SUPERGROUP);
    }
    if (chat->kind != WORLD_CHANNEL)
        json_put(j, "default_banned_rights",
                 json_pack("{s:s, s:i}", "_", "chatBannedRights", "until_date", 2147483647));
    json_put_flag(j, "creator", m && m->role == WORLD_CREATOR);
    json_put_flag(j, "left", !m);
    json_put_flag(j, "call_active", chat->call != NULL);
    json_put_flag(j, "call_not_empty", chat->call && chat->call->participants_n);
    if (m && m->role >= WORLD_ADMIN)
        json_put(j, "admin_rights", admin_rights(m));
    return j;
}

json_t *view_peer(const struct world_chat *chat)
{
    if (chat->kind == WORLD_BASIC)
        return json_pack("{s:s, s:I}", "_", "peerChat", "chat_id", (json_int_t)chat->id);
    return json_pack("{s:s, s:I}", "_", "peerChannel", "channel_id", (json_int_t)chat->id);
}

json_t *view_peer_user(const struct world_user *user)
{
    return json_pack("{s:s, s:I}", "_", "peerUser", "user_id", (json_int_t)user->id);
}

json_t *view_call(const struct world *w, const struct world_user *viewer, const struct world_call *call)
{
    if (call->state == WORLD_CALL_DISCARDED) {
        int64_t duration = call->started_at ? call->ended_at - call->started_at : 0;
        return json_pack("{s:s, s:I, s:I, s:i}", "_", "groupCallDiscarded", "id", (json_int_t)call->id, "access_hash",
                         (json_int_t)call->access_hash, "duration", (int)duration);
    }
    bool manages = world_may_manage(call->chat, viewer);
    json_t *j = json_pack("{s:s, s:I, s:I, s:i, s:i, s:i}", "_", "groupCall", "id", (json_int_t)call->id, "access_hash",
                          (json_int_t)call->access_hash, "participants_count", 0, "unmuted_video_limit", 30, "version",
                          call->version);
    unsigned videos = 0;
    for (unsigned i = 0; i < call->participants_n; i++)
        videos += call->participants[i].video;
    json_put(j, "participants_count", json_integer(call->participants_n));
    if (videos)
        json_put(j, "unmuted_video_count", json_integer(videos));
    if (call->record_start_date)
        json_put(j, "record_start_date", json_integer(call->record_start_date));
    if (call->paid_stars)
        json_put(j, "send_paid_messages_stars", json_integer(call->paid_stars));
    json_put_flag(j, "join_muted", call->join_muted);
    json_put_flag(j, "record_video_active", call->record_start_date && call->record_video);
    json_put_flag(j, "schedule_start_subscribed", call->subscribed & world_member_bit(call->chat, viewer));
    json_put_flag(j, "messages_enabled", !call->messages_off);
    json_put_flag(j, "can_change_messages_enabled", manages);
    if (call->title.len)
        json_put(j, "title", world_text_json(&call->title));
    if (call->schedule_date)
        json_put(j, "schedule_date", json_integer(call->schedule_date));
    /* Who looks at a stream never speaks. */
    json_put_flag(j, "can_change_join_muted", manages && !call->rtmp);
    json_put_flag(j, "can_start_video", !call->rtmp);
    json_put_flag(j, "rtmp_stream", call->rtmp);
    json_put_flag(j, "listeners_hidden", call->rtmp || call->chat->kind == WORLD_CHANNEL);
    json_put_flag(j, "creator", viewer == call->creator);
    return j;
}

json_t *view_identity(const struct world_identity *as)
{
    return as->channel ? view_peer(as->channel) : view_peer_user(as->user);
}

/* There is no media: the endpoint is a name and nothing more. */
static json_t *video(const struct world_participant *p)
{
    json_t *j = json_pack("{s:s, s:o, s:[]}", "_", "groupCallParticipantVideo", "endpoint",
                          json_sprintf("sandbox-%d", (int)p->source), "source_groups");

    json_put_flag(j, "paused", p->video_paused);
    return j;
}

json_t *view_participant(const struct world_user *viewer, const struct world_call *call,
                         const struct world_participant *p, bool min)
{
    json_t *j = json_pack("{s:s, s:o, s:i, s:i, s:i}", "_", "groupCallParticipant", "peer", view_identity(&p->as),
                          "date", p->date, "active_date", p->active_date, "source", (int)p->source);
    const struct world_member *m = min ? NULL : world_member(call->chat, viewer);
    int mine = m && p->volume_for ? p->volume_for[m - call->chat->members] : 0;

    if (mine || p->volume)
        json_put(j, "volume", json_integer(mine ? mine : p->volume));
    if (p->hand)
        json_put(j, "raise_hand_rating", json_integer(p->hand));
    if (p->video)
        json_put(j, "video", video(p));
    json_put_flag(j, "volume_by_admin", !mine && p->volume);
    json_put_flag(j, "muted", p->muted);
    json_put_flag(j, "left", p->left);
    json_put_flag(j, "can_self_unmute", p->can_self_unmute);
    json_put_flag(j, "video_joined", p->video);
    json_put_flag(j, "min", min);
    json_put_flag(j, "self", viewer == p->as.user);
    json_put_flag(j, "muted_by_you", m && p->muted_for & UINT64_C(1) << (m - call->chat->members));
    return j;
}

json_t *view_input_call(const struct world_call *call)
{
    return json_pack("{s:s, s:I, s:I}", "_", "inputGroupCall", "id", (json_int_t)call->id, "access_hash",
                     (json_int_t)call->access_hash);
}

json_t *view_update_call(const struct world *w, const struct world_user *viewer, const struct world_call *call)
{
    return json_pack("{s:s, s:I, s:o, s:o}", "_", "updateGroupCall", "chat_id", (json_int_t)call->chat->id, "peer",
                     view_peer(call->chat), "call", view_call(w, viewer, call));
}

json_t *view_updates(const struct world *w, json_t *updates, json_t *users, json_t *chats)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:i, s:i}", "_", "updates", "updates", updates, "users", users, "chats",
                     chats, "date", world_now(w), "seq", 0);
}

json_t *view_notify_settings(void)
{
    return json_pack("{s:s}", "_", "peerNotifySettings");
}

json_t *view_state(const struct world *w, const struct world_user *user)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:i}", "_", "updates.state", "pts", user->box.pts, "qts", 1, "date",
                     world_now(w), "seq", 1, "unread_count", 0);
}
