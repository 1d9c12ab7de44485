#include "tests/unit/sandbox/steps.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

static json_t *user_as(struct fixture *f, const char *tag, int64_t id)
{
    return json_pack("{s:s, s:I, s:I}", "_", tag, "user_id", (json_int_t)id, "access_hash",
                     (json_int_t)world_access_hash(&f->world, f->account.user->id, 'u', id));
}

static json_t *call_object(const struct fixture *f)
{
    const struct world_call *c = f->world.calls[f->world.calls_n - 1];

    return json_pack("{s:s, s:I, s:I}", "_", "inputGroupCall", "id", (json_int_t)c->id, "access_hash",
                     (json_int_t)c->access_hash);
}

/* What TEXT stands for; NULL where it stands for itself. */
static json_t *placed(struct fixture *f, const char *text)
{
    if (strcmp(text, "@call") == 0)
        return call_object(f);
    if (strncmp(text, "@peer:", 6) == 0)
        return fixture_peer(f, atoi(text + 6));
    if (strncmp(text, "@user:", 6) == 0)
        return user_as(f, "inputUser", atoi(text + 6));
    if (strncmp(text, "@as:", 4) == 0)
        return user_as(f, "inputPeerUser", atoi(text + 4));
    return NULL;
}

static void place(struct fixture *f, json_t *params)
{
    const char *key;
    json_t *value, *item;
    void *next;
    size_t i;

    json_object_foreach_safe(params, next, key, value)
    {
        json_t *with = json_is_string(value) ? placed(f, json_string_value(value)) : NULL;
        if (with) {
            json_object_set_new(params, key, with); /* and VALUE is gone */
            continue;
        }
        json_array_foreach (value, i, item)
            if (json_is_string(item) && (with = placed(f, json_string_value(item))))
                json_array_set_new(value, i, with);
    }
}

void steps_create(struct fixture *f, int64_t chat, bool scheduled, bool rtmp)
{
    fixture_become(f, chat == 6003 || chat == 6004 || chat == 6005 ? CAROL : ALICE);
    json_t *params = json_pack("{s:o, s:i}", "peer", fixture_peer(f, chat), "random_id", 1);
    if (scheduled)
        json_object_set_new(params, "schedule_date", json_integer(world_now(&f->world) + 3600));
    json_put_flag(params, "rtmp_stream", rtmp);
    json_t *j = fixture_call(f, "phone.createGroupCall", params);
    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    json_decref(j);
}

json_t *steps_call(struct fixture *f, const struct step *step)
{
    json_error_t error;
    json_t *params = json_loads(step->params, 0, &error);

    ck_assert_msg(params != NULL, "%s: %s", step->params, error.text);
    fixture_become(f, step->user);
    place(f, params);
    return fixture_call(f, step->method, params);
}

const json_t *steps_update(const json_t *updates, const char *tag)
{
    const json_t *item;
    size_t i;

    json_array_foreach (json_object_get(updates, "updates"), i, item)
        if (strcmp(json_tag(item), tag) == 0)
            return item;
    return NULL;
}

const json_t *steps_group_call(const json_t *updates)
{
    return json_object_get(steps_update(updates, "updateGroupCall"), "call");
}

const json_t *steps_participant(const json_t *updates)
{
    return json_array_get(json_object_get(steps_update(updates, "updateGroupCallParticipants"), "participants"), 0);
}

const json_t *steps_pushed(const struct fixture *f, int64_t user)
{
    for (size_t i = json_array_size(f->pushed); i > 0; i--) {
        const json_t *p = json_array_get(f->pushed, i - 1);
        if (json_get_long(p, "user") == user)
            return json_object_get(p, "updates");
    }
    return NULL;
}
