#include "daemon/sandbox/control/calls.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/control/body.h"
#include "daemon/sandbox/rpc/crowd.h"
#include "daemon/sandbox/world/json.h"

static const char *const acts[] = {
#define X(name, text) name,
    CROWD_ACTS(X)
#undef X
};

enum { ACTS = sizeof(acts) / sizeof(*acts), NAMED_MAX = 1000 };

static bool is_act(const char *name)
{
    for (size_t i = 0; i < ACTS; i++)
        if (strcmp(acts[i], name) == 0)
            return true;
    return false;
}

static int read_order(const json_t *body, struct crowd_order *o, struct fault *fault)
{
    static const char *const for_join[] = {"n", "users", "batch", "speaks", NULL};
    static const char *const for_rest[] = {"n", "users", "batch", NULL};
    int err = body_check_members(body, strcmp(o->act, "join") == 0 ? for_join : for_rest, fault);

    o->users = json_object_get(body, "users");
    if (!err && o->users && (!json_is_array(o->users) || json_array_size(o->users) > NAMED_MAX))
        err = fault_set(fault, TGC_EINVAL, "users is a list of at most %d ids", NAMED_MAX);
    if (!err && o->users && json_object_get(body, "n"))
        err = fault_set(fault, TGC_EINVAL, "either n guests, or users");
    err = err ? err : body_number(body, "n", WORLD_GUESTS_MAX, &o->n, fault);
    err = err ? err : body_number(body, "batch", CROWD_BATCH_MAX, &o->batch, fault);
    return err ? err : body_flag(body, "speaks", &o->speaks, fault);
}

static int count(struct centres *s, struct world_call *call, const json_t *body, struct fault *fault)
{
    static const char *const names[] = {"min", NULL};
    bool min = false;
    int err = body_check_members(body, names, fault);

    err = err ? err : body_flag(body, "min", &min, fault);
    if (!err && call->state == WORLD_CALL_DISCARDED)
        err = fault_set(fault, TGC_EINVAL, "the call has ended");
    if (!err)
        crowd_tell_call(&s->world, call, min);
    return err;
}

static int end_call(struct centres *s, struct world_call *call, const json_t *body, struct fault *fault)
{
    static const char *const none[] = {NULL};
    int err = body_check_members(body, none, fault);

    if (!err && call->state == WORLD_CALL_DISCARDED)
        err = fault_set(fault, TGC_EINVAL, "the call has ended");
    if (!err)
        crowd_end_call(&s->world, call);
    return err;
}

json_t *calls_act(struct centres *s, const char *path, const json_t *body, struct fault *fault)
{
    struct crowd_order o = {.n = 1, .batch = 1};
    struct crowd_done done = {0};
    char *end;
    struct world_call *call = world_call_by_id(&s->world, strtoll(path, &end, 10));
    int err = 0;

    o.act = *end == '/' ? end + 1 : "";
    if (!call || end == path)
        err = fault_set(fault, TGC_EUNKNOWN, "there is no such call");
    else if (body && !json_is_object(body))
        err = fault_set(fault, TGC_EINVAL, "the body is an object");
    else if (strcmp(o.act, "count") == 0)
        err = count(s, call, body, fault);
    else if (strcmp(o.act, "end") == 0)
        err = end_call(s, call, body, fault);
    else if (!is_act(o.act))
        err = fault_set(fault, TGC_EUNKNOWN, "in a call there is nothing like \"%.32s\"", o.act);
    else if (!(err = read_order(body, &o, fault)))
        err = crowd_act(&s->world, call, &o, &done, fault);
    if (err)
        return NULL;
    return json_pack("{s:i, s:i, s:i, s:i}", "people", (int)done.people, "updates", (int)done.updates, "version",
                     call->version, "participants_count", (int)call->participants_n);
}
