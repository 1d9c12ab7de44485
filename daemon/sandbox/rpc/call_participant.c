/* phone.editGroupCallParticipant: each member of the query is judged first, then all are done; what only the asker
 * hears or sees is told to nobody else. */
#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/rpc/call.h"

enum { VOLUME_MAX = 20000 };

struct edit {
    struct world_call *call;
    struct world_participant *p;
    unsigned viewer; /* the asker's place among the members */
    bool own, manages;
    bool shared; /* it changes for everybody */
};

static const char *judge_muted(const struct edit *e, const json_t *value)
{
    bool free_to_speak = e->manages || e->p->can_self_unmute;

    return e->own && json_is_false(value) && !free_to_speak ? "GROUPCALL_FORBIDDEN" : NULL;
}

static const char *judge_volume(const struct edit *e, const json_t *value)
{
    int64_t n = json_as_long(value);

    return n < 1 || n > VOLUME_MAX ? "USER_VOLUME_INVALID" : NULL;
}

/* Up goes only one's own hand, and only where one may not just speak; an admin may take hands down. */
static const char *judge_hand(const struct edit *e, const json_t *value)
{
    bool ok = json_is_true(value) ? e->own && !e->p->can_self_unmute : e->own || e->manages;

    return ok ? NULL : "RAISE_HAND_FORBIDDEN";
}

static const char *judge_video_stopped(const struct edit *e, const json_t *value)
{
    bool ok = json_is_true(value) ? e->own || e->manages : e->own && e->p->can_self_unmute && !e->call->rtmp;

    return ok ? NULL : "VIDEO_STOP_FORBIDDEN";
}

static const char *judge_video_paused(const struct edit *e, const json_t *value)
{
    return e->own && e->p->video ? NULL : "VIDEO_PAUSE_FORBIDDEN";
}

static const char *judge_presentation(const struct edit *e, const json_t *value)
{
    return e->own && e->p->presents ? NULL : "PARTICIPANT_JOIN_MISSING";
}

static void set_muted(struct edit *e, struct world *w, const json_t *value)
{
    uint64_t bit = UINT64_C(1) << e->viewer;
    bool mute = json_is_true(value);

    if (!e->own && !e->manages) {
        e->p->muted_for = mute ? e->p->muted_for | bit : e->p->muted_for & ~bit;
        return;
    }
    e->shared = true;
    /* An admin's word is a leave to speak: whether to do so stays theirs. */
    if (e->own)
        e->p->muted = mute;
    else
        e->p->can_self_unmute = !mute;
    if (!e->own && mute)
        e->p->muted = true;
    if (!mute)
        e->p->hand = 0;
}

static void set_volume(struct edit *e, struct world *w, const json_t *value)
{
    uint16_t n = (uint16_t)json_as_long(value);

    if (e->manages) {
        e->p->volume = n;
        e->shared = true;
        return;
    }
    if (!e->p->volume_for)
        e->p->volume_for = calloc(WORLD_MEMBERS_MAX, sizeof(*e->p->volume_for));
    if (e->p->volume_for)
        e->p->volume_for[e->viewer] = n;
}

static void set_hand(struct edit *e, struct world *w, const json_t *value)
{
    e->p->hand = json_is_true(value) ? world_now_us(w) : 0;
    e->shared = true;
}

static void set_video_stopped(struct edit *e, struct world *w, const json_t *value)
{
    e->p->video = !json_is_true(value);
    e->p->video_paused = false;
    e->shared = true;
}

static void set_video_paused(struct edit *e, struct world *w, const json_t *value)
{
    e->p->video_paused = json_is_true(value) && e->p->video;
    e->shared = true;
}

static void set_presentation_paused(struct edit *e, struct world *w, const json_t *value)
{
    e->p->presentation_paused = json_is_true(value);
    e->shared = true;
}

static const struct {
    const char *key;
    const char *(*judge)(const struct edit *e, const json_t *value);
    void (*set)(struct edit *e, struct world *w, const json_t *value);
} fields[] = {
    {"muted", judge_muted, set_muted},
    {"volume", judge_volume, set_volume},
    {"raise_hand", judge_hand, set_hand},
    {"video_stopped", judge_video_stopped, set_video_stopped},
    {"video_paused", judge_video_paused, set_video_paused},
    {"presentation_paused", judge_presentation, set_presentation_paused},
};

enum { FIELDS = sizeof(fields) / sizeof(*fields) };

static bool find(struct rpc *r, const json_t *params, struct edit *e)
{
    const json_t *peer = json_object_get(params, "participant");
    struct world_identity as;

    e->call = rpc_call_living(r, params);
    if (!e->call)
        return false;
    if (!rpc_call_identity(r, peer, &as))
        return rpc_fail(r, 400, "USER_ID_INVALID"), false;
    e->p = rpc_call_participant(r, e->call, peer);
    if (!e->p || !world_participant_of(e->call, r->user))
        return rpc_fail(r, 400, "PARTICIPANT_JOIN_MISSING"), false;
    e->own = e->p->as.user == r->user;
    e->manages = world_may_manage(e->call->chat, r->user);
    e->viewer = (unsigned)(world_member(e->call->chat, r->user) - e->call->chat->members);
    return true;
}

static json_t *edit(struct rpc *r, const json_t *params)
{
    struct update_batch batch;
    struct edit e = {0};

    if (!find(r, params, &e))
        return NULL;
    for (size_t i = 0; i < FIELDS; i++) {
        const json_t *value = json_object_get(params, fields[i].key);
        const char *wrong = value ? fields[i].judge(&e, value) : NULL;
        if (wrong)
            return rpc_fail(r, strcmp(wrong, "GROUPCALL_FORBIDDEN") == 0 ? 403 : 400, "%s", wrong);
    }
    for (size_t i = 0; i < FIELDS; i++) {
        const json_t *value = json_object_get(params, fields[i].key);
        if (value)
            fields[i].set(&e, r->w, value);
    }
    e.call->version += e.shared;
    update_begin(&batch, r->w, e.call->chat, r->user);
    batch.actor_only = !e.shared;
    update_participant(&batch, e.call, e.p, e.shared, false);
    return update_answer(&batch, r);
}

const struct rpc_row rpc_call_participant_rows[] = {
    {"phone.editGroupCallParticipant", edit, 0},
    {NULL, NULL, 0},
};
