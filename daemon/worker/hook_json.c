/* A webhook and its tries as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/worker/hook_errand.h"

static void put_text(json_t *object, const char *name, const char *value)
{
    if (value && value[0])
        json_object_set_new(object, name, json_string(value));
}

/* The status, or why there was none. */
static void put_answer(json_t *object, int status, const char *error)
{
    if (status)
        json_object_set_new(object, "status", json_integer(status));
    put_text(object, "error", error);
}

static json_t *types_json(const struct hook_view *v)
{
    json_t *list = json_array();

    for (size_t i = 0; i < v->types_n; i++)
        json_array_append_new(list, json_string(v->types[i]));
    return list;
}

static json_t *view_json(const struct hook_view *v)
{
    json_t *object = json_pack("{s:s, s:s, s:o}", "name", v->name, "url", v->url, "types", types_json(v)), *last;

    if (!object)
        return NULL;
    put_text(object, "account", v->account);
    put_text(object, "state", hook_state_name(v->state));
    put_text(object, "reason", v->reason);
    json_object_set_new(object, "pending", json_integer((json_int_t)v->pending));
    if (v->oldest_pending_at)
        json_object_set_new(object, "oldest_pending_at", json_integer(v->oldest_pending_at));
    if (v->last.at) {
        last = json_pack("{s:I}", "at", (json_int_t)v->last.at);
        put_answer(last, v->last.status, v->last.error);
        json_object_set_new(object, "last", last);
    }
    return object;
}

static void add(void *ctx, const struct hook_view *v)
{
    json_array_append_new(ctx, view_json(v));
}

json_t *hook_json_all(struct hooks *hooks)
{
    json_t *list = json_array();

    if (list)
        hooks_each(hooks, NULL, add, list);
    return list;
}

static void keep(void *ctx, const struct hook_view *v)
{
    json_t **ret = ctx;

    *ret = view_json(v);
}

json_t *hook_json(struct hooks *hooks, const char *name)
{
    json_t *object = NULL;

    hooks_each(hooks, name, keep, &object);
    return object;
}

json_t *hook_json_delivery(const struct hook_delivery *d)
{
    json_t *object = json_pack("{s:s, s:I, s:I, s:I}", "id", d->id, "try", (json_int_t)d->try_, "at",
                               (json_int_t)(d->at_us / SECOND_US), "took_ms", (json_int_t)d->took_ms);

    if (object) {
        put_answer(object, d->status, d->error);
        put_text(object, "state", hook_delivery_state_name(d->state));
    }
    return object;
}
