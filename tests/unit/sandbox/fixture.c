#include "tests/unit/sandbox/fixture.h"

#include <string.h>

#include <check.h>

#include "daemon/sandbox/rpc/view.h"
#include "daemon/tl/tree.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"

static int64_t fixture_mono(void *ctx)
{
    return ((struct fixture *)ctx)->wall_us;
}

static void on_push(void *ctx, const struct world_user *user, const struct telling *updates)
{
    struct fixture *f = ctx;

    json_array_append_new(f->pushed,
                          json_pack("{s:I, s:o}", "user", (json_int_t)user->id, "updates", said_json(updates)));
}

void fixture_init(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    f->wall_us = INT64_C(1790000000) * SECOND_US;
    f->clock = (struct clock_source){fixture_mono, fixture_mono, f};
    random_seeded_init(&f->seeded, 7);
    f->random = random_seeded_source(&f->seeded);
    ck_assert_int_eq(world_init(&f->world, &f->clock, &f->random), 0);
    ck_assert_int_eq(world_seed(&f->world, 3), 0);
    f->pushed = json_array();
    f->world.push = on_push;
    f->world.push_ctx = f;
    f->account.key_id = 99;
    f->account.dc = 1;
}

void fixture_fini(struct fixture *f)
{
    json_decref(f->pushed);
    world_fini(&f->world);
    buf_fini(&f->bytes);
}

void fixture_speak(struct fixture *f)
{
    f->schema = shipped_layer(229);
    buf_init(&f->bytes, 1 << 20);
}

void fixture_become(struct fixture *f, int64_t user_id)
{
    f->account.user = user_id ? world_user_by_id(&f->world, user_id) : NULL;
}

static json_t *read_bytes(struct fixture *f)
{
    struct tl_walk_stats stats = {0};
    struct fault fault = {0};
    json_t *answer = NULL;

    ck_assert_msg(tl_tree_object(f->schema, f->bytes.data, f->bytes.len, &answer, &stats, &fault) == 0, "%s",
                  fault.text);
    return answer;
}

json_t *fixture_call(struct fixture *f, const char *method, json_t *params)
{
    f->rpc = (struct rpc){.w = &f->world, .account = &f->account, .layer = FIXTURE_LAYER};
    if (f->schema) {
        buf_reset(&f->bytes);
        f->rpc.schema = f->schema;
        f->rpc.bytes = &f->bytes;
    }
    json_t *answer = rpc_dispatch(&f->rpc, method, params);
    json_decref(params);
    return answer == rpc_in_bytes() ? read_bytes(f) : answer;
}

void fixture_refused(struct fixture *f, const char *method, json_t *params, int code, const char *message)
{
    json_t *answer = fixture_call(f, method, params);

    ck_assert_msg(!answer, "%s was answered", method);
    ck_assert_str_eq(f->rpc.message, message);
    ck_assert_int_eq(f->rpc.code, code);
}

json_t *fixture_channel(struct fixture *f, int64_t chat_id)
{
    int64_t hash = world_access_hash(&f->world, f->account.user->id, 'c', chat_id);

    return json_pack("{s:s, s:I, s:I}", "_", "inputChannel", "channel_id", (json_int_t)chat_id, "access_hash",
                     (json_int_t)hash);
}

json_t *fixture_peer(struct fixture *f, int64_t chat_id)
{
    if (chat_id == 5001)
        return json_pack("{s:s, s:I}", "_", "inputPeerChat", "chat_id", (json_int_t)chat_id);
    json_t *peer = fixture_channel(f, chat_id);
    json_object_set_new(peer, "_", json_string("inputPeerChannel"));
    return peer;
}

const json_t *fixture_create(struct fixture *f, int64_t chat_id, int random_id, json_t **ret_updates)
{
    json_t *updates = fixture_call(f, "phone.createGroupCall",
                                   json_pack("{s:o, s:i}", "peer", fixture_peer(f, chat_id), "random_id", random_id));
    const json_t *call = NULL, *item;
    size_t i;

    ck_assert_msg(updates != NULL, "create in %d: %s", (int)chat_id, f->rpc.message);
    json_array_foreach (json_object_get(updates, "updates"), i, item)
        if (strcmp(json_tag(item), "updateGroupCall") == 0)
            call = json_object_get(item, "call");
    ck_assert_ptr_nonnull(call);
    *ret_updates = updates;
    return call;
}

json_t *fixture_input_call(const json_t *call)
{
    return json_pack("{s:s, s:O, s:O}", "_", "inputGroupCall", "id", json_object_get(call, "id"), "access_hash",
                     json_object_get(call, "access_hash"));
}
