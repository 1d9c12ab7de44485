/* What is said becomes the bytes that its JSON would become, in every layer. */
#include <string.h>

#include "daemon/sandbox/rpc/said_bytes.h"
#include "daemon/sandbox/rpc/view.h"
#include "daemon/tl/encode.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

static const int layers[] = {138, 229};
static const struct tl_schema *schema;
static struct fixture f;
static struct say say;

static void setup(void)
{
    fixture_init(&f);
    fixture_become(&f, ALICE);
}

static void teardown(void)
{
    say_fini(&say);
    fixture_fini(&f);
}

static void check_same(const struct telling *o)
{
    struct fault fault = {0};
    struct buf said, encoded;
    json_t *json = said_json(o);

    buf_init(&said, 1 << 16);
    buf_init(&encoded, 1 << 16);
    ck_assert_msg(said_bytes(schema, o, &said, &fault) == 0, "%s", fault.text);
    ck_assert_msg(tl_encode_object(schema, json, TL_ENCODE_LENIENT, &encoded, &fault) == 0, "%s: %s", fault.path,
                  fault.text);
    ck_assert_uint_gt(said.len, 4);
    ck_assert_mem_eq(said.data, encoded.data, encoded.len);
    ck_assert_uint_eq(said.len, encoded.len);
    json_decref(json);
    buf_fini(&said);
    buf_fini(&encoded);
}

static void check_world(int64_t viewer_id)
{
    const struct world_user *viewer = world_user_by_id(&f.world, viewer_id);

    for (size_t i = 0; i < f.world.users_n; i++)
        check_same(say_user(&say, &f.world, viewer, f.world.users[i]));
    for (size_t i = 0; i < f.world.chats_n; i++) {
        const struct world_chat *c = f.world.chats[i];
        check_same(say_chat(&say, &f.world, viewer, c));
        for (unsigned k = 0; k < c->members_n; k++)
            if (c->members[k].top.id)
                check_same(say_message(&say, &f.world, viewer, &c->members[k].top));
    }
    for (size_t i = 0; i < f.world.calls_n; i++)
        check_same(say_update_call(&say, viewer, f.world.calls[i]));
}

static void create(int64_t chat, bool scheduled, bool rtmp)
{
    static int random_id = 100;
    fixture_become(&f, ALICE);
    json_t *params =
        json_pack("{s:o, s:i, s:s}", "peer", fixture_peer(&f, chat), "random_id", ++random_id, "title", "t");

    if (scheduled)
        json_object_set_new(params, "schedule_date", json_integer(world_now(&f.world) + 3600));
    json_put_flag(params, "rtmp_stream", rtmp);
    json_t *answer = fixture_call(&f, "phone.createGroupCall", params);
    ck_assert_msg(answer != NULL, "%s", f.rpc.message);
    json_decref(answer);
}

static void run(const struct step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_t *answer = steps_call(&f, &steps[i]);
        ck_assert_msg(answer != NULL, "%s: %s", steps[i].method, f.rpc.message);
        json_decref(answer);
    }
}

START_TEST(what_is_said_of_a_world_is_what_its_json_says)
{
    static const int64_t chats[] = {5001, 6001, 6002}, viewers[] = {ALICE, BOB, CAROL};
    static const struct step steps[] = {
        ALICE_IN,
        MUTE_NEW,
        {ALICE, "phone.inviteToGroupCall", CALL(",\"users\":[\"@user:1002\"]")},
    };

    schema = shipped_layer(layers[_i]);
    for (size_t i = 0; i < 3; i++)
        for (size_t v = 0; v < 4; v++) {
            create(chats[i], v & 1, v & 2);
            check_world(viewers[i]);
        }
    create(6002, false, false);
    run(steps, 3);
    for (size_t v = 0; v < 3; v++)
        check_world(viewers[v]);
}
END_TEST

static void refused(const struct telling *o, int err, const char *says)
{
    struct fault fault = {0};
    struct buf out;

    buf_init(&out, 1 << 16);
    ck_assert_int_eq(said_bytes(schema, o, &out, &fault), err);
    ck_assert_msg(strstr(fault.text, says) != NULL, "%s", fault.text);
    buf_fini(&out);
}

START_TEST(what_a_layer_cannot_express_is_refused)
{
    schema = shipped_layer(229);
    struct telling *o = say_object(&say, "inputGroupCall", 4);
    said_number(o, "id", 1);
    refused(o, TGC_EINVAL, "inputGroupCall has no access_hash");
    said_text(o, "access_hash", "2");
    refused(o, TGC_EINVAL, "a text");
    refused(say_object(&say, "noSuchThing", 0), TGC_EUNKNOWN, "noSuchThing");
    o = say_object(&say, "updateGroupCall", 4);
    said_object(o, "call", say_object(&say, "inputPeerSelf", 0));
    refused(o, TGC_EINVAL, "inputPeerSelf is no GroupCall");
    o = say_object(&say, "peerUser", 1);
    said_flag(o, "user_id", true);
    refused(o, TGC_EINVAL, "a flag");
    o = say_object(&say, "dcOption", 9);
    said_number(o, "id", INT64_C(1) << 40);
    refused(o, TGC_EINVAL, "does not fit");
    refused(NULL, TGC_ENOMEM, "memory");
}
END_TEST

START_TEST(what_was_said_is_forgotten_from_a_mark_on)
{
    struct say_mark mark;
    struct say_block *first;

    (void)say_object(&say, "inputPeerSelf", 0);
    mark = say_mark(&say);
    first = say.block;
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_nonnull(say_json(&say, json_string("a tree")));
    ck_assert_ptr_ne(say.block, first);
    say_forget(&say, &mark);
    ck_assert_ptr_eq(say.block, first);
    ck_assert_ptr_null(say.json);
    /* One that is larger than any block. */
    ck_assert_ptr_nonnull(say_list(&say, 100000));
    ck_assert_int_eq(say.err, 0);
}
END_TEST

Suite *suite_said(void)
{
    Suite *s = suite_create("said");
    TCase *t = tcase_create("said");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, what_is_said_of_a_world_is_what_its_json_says, 0, 2);
    tcase_add_test(t, what_a_layer_cannot_express_is_refused);
    tcase_add_test(t, what_was_said_is_forgotten_from_a_mark_on);
    suite_add_tcase(s, t);
    return s;
}
