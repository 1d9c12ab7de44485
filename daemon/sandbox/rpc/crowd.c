#include "daemon/sandbox/rpc/crowd.h"

#include <string.h>

#include "daemon/sandbox/rpc/call.h"
#include "daemon/sandbox/world/json.h"

/* What has changed and is not told yet. */
struct crowd {
    struct world *w;
    struct world_call *call;
    const struct crowd_order *o;
    const struct crowd_act *act;
    struct crowd_done done;
    struct world_participant changed[CROWD_BATCH_MAX];
    unsigned changed_n;
};

struct crowd_act {
    const char *name;
    bool (*can)(const struct world_call *call, const struct world_participant *p);
    void (*set)(struct world *w, struct world_participant *p);
    bool is_versioned;
};

static bool can_always(const struct world_call *call, const struct world_participant *p)
{
    return true;
}

static bool can_speak(const struct world_call *call, const struct world_participant *p)
{
    return !p->muted;
}

static bool can_unmute(const struct world_call *call, const struct world_participant *p)
{
    return p->muted && p->can_self_unmute;
}

static bool can_raise(const struct world_call *call, const struct world_participant *p)
{
    return !p->can_self_unmute && !p->hand;
}

static bool can_lower(const struct world_call *call, const struct world_participant *p)
{
    return p->hand != 0;
}

static bool can_show(const struct world_call *call, const struct world_participant *p)
{
    return p->can_self_unmute && !p->video && !call->rtmp;
}

static bool can_hide(const struct world_call *call, const struct world_participant *p)
{
    return p->video;
}

static void set_left(struct world *w, struct world_participant *p)
{
    p->left = true;
}

static void set_active(struct world *w, struct world_participant *p)
{
    p->active_date = world_now(w);
}

static void set_muted(struct world *w, struct world_participant *p)
{
    p->muted = true;
}

static void set_unmuted(struct world *w, struct world_participant *p)
{
    p->muted = false;
    p->hand = 0;
}

static void set_hand(struct world *w, struct world_participant *p)
{
    p->hand = world_now_us(w);
}

static void set_no_hand(struct world *w, struct world_participant *p)
{
    p->hand = 0;
}

static void set_video(struct world *w, struct world_participant *p)
{
    p->video = true;
}

static void set_no_video(struct world *w, struct world_participant *p)
{
    p->video = p->video_paused = false;
}

static const struct crowd_act acts[] = {
    {"leave", can_always, set_left, true},      {"speak", can_speak, set_active, false},
    {"mute", can_speak, set_muted, true},       {"unmute", can_unmute, set_unmuted, true},
    {"raise_hand", can_raise, set_hand, true},  {"lower_hand", can_lower, set_no_hand, true},
    {"start_video", can_show, set_video, true}, {"stop_video", can_hide, set_no_video, true},
};

static const struct crowd_act joining = {"join", can_always, NULL, true};

static const struct crowd_act *find_act(const char *name)
{
    if (strcmp(name, joining.name) == 0)
        return &joining;
    for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    return NULL;
}

/* --- telling --- */

static void tell(struct crowd *c)
{
    struct update_batch batch;

    if (!c->changed_n)
        return;
    c->call->version += c->act->is_versioned;
    update_begin(&batch, c->w, c->call->chat, c->changed[0].as.user);
    update_crowd(&batch, c->call, c->changed, c->changed_n, c->act->is_versioned, c->act == &joining);
    json_decref(update_finish(&batch));
    c->done.updates++;
    c->changed_n = 0;
}

static void note(struct crowd *c, const struct world_participant *p)
{
    c->changed[c->changed_n++] = *p;
    c->done.people++;
    if (c->changed_n == c->o->batch)
        tell(c);
}

/* --- who --- */

static bool is_guest(const struct world_user *u)
{
    return u->id > WORLD_GUEST_ID && u->id <= WORLD_GUEST_ID + WORLD_GUESTS_MAX;
}

static bool is_named(const json_t *users, int64_t id)
{
    const json_t *item;
    size_t i;

    json_array_foreach (users, i, item)
        if (json_as_long(item) == id)
            return true;
    return false;
}

static bool is_meant(const struct crowd *c, const struct world_participant *p)
{
    if (!c->act->can(c->call, p))
        return false;
    return c->o->users ? is_named(c->o->users, p->as.user->id) : is_guest(p->as.user) && c->done.people < c->o->n;
}

static int check_named(const struct crowd *c, struct fault *fault)
{
    const json_t *item;
    size_t i, k;

    json_array_foreach (c->o->users, i, item) {
        int64_t id = json_as_long(item);
        const struct world_user *u = world_user_by_id(c->w, id);
        const struct world_participant *p = u ? world_participant_of(c->call, u) : NULL;
        for (k = 0; k < i; k++)
            if (json_as_long(json_array_get(c->o->users, k)) == id)
                return fault_set(fault, TGC_EINVAL, "%lld is named twice", (long long)id);
        if (!u)
            return fault_set(fault, TGC_EINVAL, "there is no user %lld", (long long)id);
        if (c->act == &joining && p)
            return fault_set(fault, TGC_EINVAL, "%lld is in the call", (long long)id);
        if (c->act != &joining && (!p || !c->act->can(c->call, p)))
            return fault_set(fault, TGC_EINVAL, "%lld cannot %s: %s", (long long)id, c->act->name,
                             p ? "it is so, or is not allowed" : "not in the call");
    }
    return 0;
}

/* --- doing --- */

/* Sources that no client of a test picks. */
static int32_t free_source(const struct world_call *call, const struct world_user *u)
{
    int32_t source = 0x40000000 + (int32_t)(u->id & 0xffffff);

    while (world_participant_by_source(call, source))
        source++;
    return source;
}

static int enter(struct crowd *c, struct world_user *u)
{
    const struct world_identity as = {.user = u};
    struct world_participant *p = u ? world_participant_add(c->w, c->call, &as, free_source(c->call, u)) : NULL;

    if (!p)
        return TGC_ENOMEM;
    p->can_self_unmute = !c->call->rtmp && (!c->call->join_muted || world_may_manage(c->call->chat, u));
    p->muted = !p->can_self_unmute || !c->o->speaks;
    note(c, p);
    return 0;
}

static int join_guests(struct crowd *c)
{
    int err = 0;

    for (unsigned i = 1; !err && i <= WORLD_GUESTS_MAX && c->done.people < c->o->n; i++) {
        struct world_user *u = world_guest(c->w, i);
        if (!u || !world_participant_of(c->call, u))
            err = enter(c, u);
    }
    return err;
}

static int join_named(struct crowd *c)
{
    const json_t *item;
    size_t i;
    int err = 0;

    json_array_foreach (c->o->users, i, item)
        err = err ? err : enter(c, world_user_by_id(c->w, json_as_long(item)));
    return err;
}

static void act(struct crowd *c)
{
    for (unsigned i = 0; i < c->call->participants_n;) {
        struct world_participant *p = &c->call->participants[i];
        if (!is_meant(c, p)) {
            i++;
            continue;
        }
        c->act->set(c->w, p);
        struct world_participant now = *p;
        if (!now.left) {
            i++;
        } else {
            world_participant_drop(c->call, p);
            now.volume_for = NULL;
        }
        note(c, &now);
    }
}

int crowd_act(struct world *w, struct world_call *call, const struct crowd_order *o, struct crowd_done *ret,
              struct fault *fault)
{
    struct crowd c = {.w = w, .call = call, .o = o, .act = find_act(o->act)};
    int err = 0;

    if (!c.act)
        return fault_set(fault, TGC_EINVAL, "nobody can \"%s\" in a call", o->act);
    if (call->chat->kind == WORLD_CONFERENCE)
        return fault_set(fault, TGC_EINVAL, "nobody is in a conference without its end-to-end chain");
    if (call->state != WORLD_CALL_ACTIVE)
        return fault_set(fault, TGC_EINVAL, "nobody is in a call that does not run");
    if (check_named(&c, fault))
        return fault->err;
    if (c.act != &joining)
        act(&c);
    else
        err = o->users ? join_named(&c) : join_guests(&c);
    tell(&c);
    if (err)
        return fault_set(fault, err, "out of memory, or %d users are there", WORLD_USERS_MAX);
    *ret = c.done;
    return 0;
}

void crowd_tell_call(struct world *w, struct world_call *call, bool min)
{
    struct update_batch batch;

    call->version++;
    update_begin(&batch, w, call->chat, call->creator);
    if (min)
        update_call_min(&batch, call);
    else
        update_call(&batch, call);
    json_decref(update_finish(&batch));
}

void crowd_end_call(struct world *w, struct world_call *call)
{
    struct update_batch batch;

    update_begin(&batch, w, call->chat, call->creator);
    call_end(w, call);
    update_call(&batch, call);
    json_decref(update_finish(&batch));
}
