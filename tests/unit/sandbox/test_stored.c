/* Stored answers: as good as true ones for who is answered, and nothing to the world. */
#include <string.h>

#include "daemon/sandbox/centre/stored.h"
#include "daemon/tl/tree.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/desk.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

static struct desk desk;
static struct desk_client *const alice = &desk.clients[0], *const bob = &desk.clients[1];
static int random_id;

static void setup(void)
{
    desk_init(&desk);
    desk.s.stored = stored_new();
    ck_assert_ptr_nonnull(desk.s.stored);
    desk_dial(alice, WIRE_INTERMEDIATE, false);
    desk_begin(alice, ALICE);
    random_id = 0;
}

static void teardown(void)
{
    desk_fini(&desk);
}

static json_t *peer(const char *name)
{
    const struct world_chat *chat = world_chat_by_name(&desk.s.world, name);

    ck_assert_ptr_nonnull(chat);
    return json_pack("{s:s, s:I, s:I}", "_", "inputPeerChannel", "channel_id", (json_int_t)chat->id, "access_hash",
                     (json_int_t)world_access_hash(&desk.s.world, ALICE, 'c', chat->id));
}

static json_t *read_answer(void)
{
    struct tl_walk_stats stats = {0};
    struct fault fault = {0};
    json_t *j = NULL;

    ck_assert_msg(tl_tree_object(desk.schema, alice->answer, alice->answer_len, &j, &stats, &fault) == 0, "%s",
                  fault.text);
    return j;
}

/* Each with a random_id of its own; the answer is the caller's. */
static json_t *create(const char *chat, const char *title)
{
    unsigned before = alice->answers;

    desk_ask(alice, "phone.createGroupCall",
             json_pack("{s:o, s:i, s:s}", "peer", peer(chat), "random_id", ++random_id, "title", title));
    desk_settle(&desk);
    ck_assert_uint_eq(alice->answers, before + 1);
    return read_answer();
}

/* The ids of the call that an answer ends and of the one that it begins, which become the same in all answers. */
static void take_ids(json_t *updates, int64_t *ret_ended, int64_t *ret_made)
{
    size_t i;
    json_t *u;

    *ret_ended = *ret_made = 0;
    json_array_foreach (json_object_get(updates, "updates"), i, u) {
        json_t *call = json_object_get(u, "call");
        json_t *action = json_object_get(json_object_get(u, "message"), "action");
        if (call)
            *(strcmp(json_tag(call), "groupCall") == 0 ? ret_made : ret_ended) = json_get_long(call, "id");
        else
            call = json_object_get(action, "call");
        int64_t id = json_get_long(call, "id");
        ck_assert(id == *ret_ended || id == *ret_made);
        json_object_set_new(call, "id", json_string(id == *ret_ended ? "ended" : "made"));
    }
}

START_TEST(what_was_asked_for_before_is_answered_with_new_ids)
{
    int64_t ended, made, last;

    json_decref(create("sandbox_group", "again"));
    json_t *first = create("sandbox_group", "again");
    take_ids(first, &ended, &last);
    ck_assert(ended && last);
    ck_assert_uint_eq(desk.s.world.calls_n, 2);
    for (int i = 0; i < 100; i++) {
        json_t *answer = create("sandbox_group", "again");
        take_ids(answer, &ended, &made);
        ck_assert_int_eq(ended, last);
        ck_assert_int_ne(made, last);
        ck_assert_ptr_null(world_call_by_id(&desk.s.world, made));
        ck_assert(json_equal(answer, first));
        last = made;
        json_decref(answer);
    }
    json_decref(first);
    ck_assert_uint_eq(desk.s.world.calls_n, 2);
    ck_assert_uint_eq(alice->errors + alice->failures, 0);
    ck_assert_int_eq(desk_executed(&desk, "phone.createGroupCall"), 2);
}
END_TEST

START_TEST(what_was_not_asked_for_before_is_done)
{
    static const struct {
        const char *chat, *title;
        size_t calls;
    } asks[] = {
        {"sandbox_group", "a", 1},   {"sandbox_group", "b", 2},   {"sandbox_group", "a", 3},
        {"sandbox_group", "b", 3},   {"sandbox_channel", "a", 4}, {"sandbox_channel", "a", 5},
        {"sandbox_channel", "a", 5}, {"sandbox_group", "a", 5},
    };

    for (size_t i = 0; i < sizeof(asks) / sizeof(*asks); i++) {
        json_decref(create(asks[i].chat, asks[i].title));
        ck_assert_uint_eq(desk.s.world.calls_n, asks[i].calls);
    }
}
END_TEST

START_TEST(nobody_else_hears_of_them)
{
    desk_dial(bob, WIRE_INTERMEDIATE, false);
    desk_begin(bob, BOB);
    desk_ask(bob, "help.getNearestDc", json_object());
    json_decref(create("sandbox_group", "again"));
    json_decref(create("sandbox_group", "again"));
    unsigned heard = bob->updates;
    ck_assert_uint_gt(heard, 0);
    json_decref(create("sandbox_group", "again"));
    ck_assert_uint_eq(bob->updates, heard);
}
END_TEST

START_TEST(a_fault_strikes_them_too)
{
    for (int i = 0; i < 3; i++)
        json_decref(create("sandbox_group", "again"));
    desk_fault(&desk, json_pack("{s:s, s:s, s:i, s:s}", "type", "rpc_error", "method", "phone.createGroupCall", "code",
                                400, "message", "CHAT_ADMIN_REQUIRED"));
    desk_ask(alice, "phone.createGroupCall",
             json_pack("{s:o, s:i, s:s}", "peer", peer("sandbox_group"), "random_id", 77, "title", "again"));
    desk_settle(&desk);
    ck_assert_uint_eq(alice->errors, 1);
}
END_TEST

Suite *suite_stored(void)
{
    Suite *s = suite_create("stored");
    TCase *t = tcase_create("stored");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, what_was_asked_for_before_is_answered_with_new_ids);
    tcase_add_test(t, what_was_not_asked_for_before_is_done);
    tcase_add_test(t, nobody_else_hears_of_them);
    tcase_add_test(t, a_fault_strikes_them_too);
    suite_add_tcase(s, t);
    return s;
}
