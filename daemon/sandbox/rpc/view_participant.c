/* Who is in a call, as one user sees them. */
#include "daemon/sandbox/rpc/view.h"
#include "daemon/sandbox/world/json.h"

json_t *view_identity(const struct world_identity *as)
{
    return as->channel ? view_peer(as->channel) : view_peer_user(as->user);
}

/* There is no media: the endpoint is a name and nothing more. */
static json_t *video(const char *name, int32_t source, bool is_paused)
{
    json_t *j = json_pack("{s:s, s:o, s:[]}", "_", "groupCallParticipantVideo", "endpoint",
                          json_sprintf("%s-%d", name, (int)source), "source_groups");

    json_put_flag(j, "paused", is_paused);
    return j;
}

static json_t *presentation(const struct world_participant *p)
{
    json_t *j = video("sandbox-screen", p->presentation_source, p->presentation_paused);

    json_put(j, "audio_source", json_integer(p->presentation_source));
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
        json_put(j, "video", video("sandbox", p->source, p->video_paused));
    if (p->presents)
        json_put(j, "presentation", presentation(p));
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
