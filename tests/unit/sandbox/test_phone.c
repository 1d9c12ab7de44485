#include <malloc.h>
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/suites.h"

static const struct {
    int64_t user, chat;
    int in_s; /* schedule_date from now; 0: none */
    bool rtmp, wrong_hash;
    const char *message; /* NULL: it is created */
} creates[] = {
    {ALICE, 6001, 0, false, false, NULL},
    {ALICE, 6001, 0, true, false, NULL},
    {ALICE, 6002, 0, false, false, NULL},
    {ALICE, 5001, 0, false, false, NULL},
    {ALICE, 7002, 0, false, false, NULL},
    {CAROL, 6005, 0, true, false, NULL},
    {ALICE, 6003, 0, false, false, "CHAT_ADMIN_REQUIRED"},
    {ALICE, 6004, 0, false, false, "CHAT_ADMIN_REQUIRED"},
    {ALICE, 6004, 0, true, false, "CHAT_ADMIN_REQUIRED"},
    {BOB, 6001, 0, false, false, "CHAT_ADMIN_REQUIRED"},
    {BOB, 6002, 0, false, false, "CHAT_ADMIN_REQUIRED"},
    {BOB, 5001, 0, false, false, "CHAT_ADMIN_REQUIRED"},
    {ALICE, 6005, 0, false, false, "CHANNEL_PRIVATE"},
    {CAROL, 5001, 0, false, false, "PEER_ID_INVALID"},
    {ALICE, 6999, 0, false, false, "PEER_ID_INVALID"},
    {ALICE, 6001, 0, false, true, "PEER_ID_INVALID"},
    {ALICE, 6001, 9, false, false, "SCHEDULE_DATE_INVALID"},
    {ALICE, 6001, -100, false, false, "SCHEDULE_DATE_INVALID"},
    {ALICE, 6001, 10, false, false, NULL},
    {ALICE, 6001, 8 * 86400, false, false, NULL},
    {ALICE, 6001, 8 * 86400 + 1, false, false, "SCHEDULE_DATE_INVALID"},
    {ALICE, 6003, 5, false, false, "CHAT_ADMIN_REQUIRED"},
};

START_TEST(create_is_judged_by_peer_right_and_date)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, creates[_i].user);
    json_t *peer = fixture_peer(&f, creates[_i].chat);
    if (creates[_i].wrong_hash)
        json_object_set_new(peer, "access_hash", json_integer(42));
    json_t *params = json_pack("{s:o, s:i, s:s}", "peer", peer, "random_id", 5, "title", "T");
    if (creates[_i].in_s)
        json_object_set_new(params, "schedule_date", json_integer(world_now(&f.world) + creates[_i].in_s));
    json_put_flag(params, "rtmp_stream", creates[_i].rtmp);
    json_t *answer = fixture_call(&f, "phone.createGroupCall", params);
    if (creates[_i].message) {
        ck_assert_ptr_null(answer);
        ck_assert_str_eq(f.rpc.message, creates[_i].message);
        ck_assert_int_eq(f.rpc.code, 400);
        ck_assert_uint_eq(f.world.calls_n, 0);
    } else {
        ck_assert_msg(answer != NULL, "%s", f.rpc.message);
        ck_assert_uint_eq(f.world.calls_n, 1);
        ck_assert_int_eq(f.world.calls[0]->state, creates[_i].in_s ? WORLD_CALL_SCHEDULED : WORLD_CALL_ACTIVE);
        ck_assert_int_eq(f.world.calls[0]->rtmp, creates[_i].rtmp);
    }
    json_decref(answer);
    fixture_fini(&f);
}
END_TEST

static const char *const not_chats[] = {"inputPeerSelf", "inputPeerEmpty", "inputPeerUser",
                                        "inputPeerChannelFromMessage"};

START_TEST(a_peer_that_is_no_chat_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_refused(&f, "phone.createGroupCall",
                    json_pack("{s:{s:s}, s:i}", "peer", "_", not_chats[_i], "random_id", 5), 400, "PEER_ID_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(the_answer_has_the_call_a_service_message_the_chat_and_the_user)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    const json_t *call = fixture_create(&f, 6002, 5, &updates);
    ck_assert_str_eq(json_tag(call), "groupCall");
    const json_t *list = json_object_get(updates, "updates");
    const json_t *first = json_array_get(list, 0), *second = json_array_get(list, 1);
    ck_assert_int_eq(json_get_long(first, "chat_id"), 6002);
    ck_assert_int_eq(json_get_long(json_object_get(first, "peer"), "channel_id"), 6002);
    ck_assert_str_eq(json_tag(second), "updateNewChannelMessage");
    ck_assert_int_eq(json_get_long(second, "pts"), 2);
    const json_t *action = json_object_get(json_object_get(second, "message"), "action");
    ck_assert_str_eq(json_tag(action), "messageActionGroupCall");
    ck_assert_int_eq(json_get_long(json_array_get(json_object_get(updates, "chats"), 0), "id"), 6002);
    ck_assert_int_eq(json_get_long(json_array_get(json_object_get(updates, "users"), 0), "id"), ALICE);
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

START_TEST(the_same_intent_answers_the_first_updates_again)
{
    struct fixture f;
    struct buf first;
    json_t *j;

    fixture_init(&f);
    fixture_speak(&f);
    fixture_become(&f, ALICE);
    fixture_create(&f, 6001, 5, &j);
    json_decref(j);
    buf_init(&first, 1 << 16);
    buf_put(&first, f.bytes.data, f.bytes.len);
    ck_assert_uint_gt(first.len, 0);
    f.wall_us += 60 * SECOND_US;
    fixture_create(&f, 6001, 5, &j);
    json_decref(j);
    ck_assert_uint_eq(f.bytes.len, first.len);
    ck_assert_mem_eq(f.bytes.data, first.data, first.len);
    ck_assert_uint_eq(f.world.calls_n, 1);
    fixture_create(&f, 6002, 5, &j);
    json_decref(j);
    ck_assert_uint_eq(f.world.calls_n, 2);
    buf_fini(&first);
    fixture_fini(&f);
}
END_TEST

static void create_many(struct fixture *f, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        json_t *j;
        fixture_create(f, 6001, i, &j);
        json_decref(j);
        json_array_clear(f->pushed);
    }
}

/* Nothing is made twice, whatever is still known of the first answer. */
START_TEST(an_intent_whose_answer_is_forgotten_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_speak(&f);
    fixture_become(&f, ALICE);
    json_t *other, *params = json_pack("{s:o, s:i}", "peer", fixture_peer(&f, 6001), "random_id", 1);
    json_t *living = json_pack("{s:o, s:i}", "peer", fixture_peer(&f, 6002), "random_id", 1);
    fixture_create(&f, 6002, 1, &other);
    json_decref(other);
    create_many(&f, 1, WORLD_FIRSTS + 1);
    fixture_refused(&f, "phone.createGroupCall", params, 400, "GROUPCALL_ALREADY_DISCARDED");
    fixture_refused(&f, "phone.createGroupCall", living, 500, "RANDOM_ID_DUPLICATE");
    ck_assert_uint_eq(f.world.calls_n, WORLD_FIRSTS + 2);
    fixture_fini(&f);
}
END_TEST

/* Once the rings are full. A build whose allocator does not tell counts nothing. */
START_TEST(a_call_costs_no_more_than_itself)
{
    enum { WARM = 1500, MANY = 2000, ITSELF = 512 };
    struct fixture f;

    fixture_init(&f);
    fixture_speak(&f);
    fixture_become(&f, ALICE);
    create_many(&f, 1, WARM);
    size_t before = mallinfo2().uordblks;
    create_many(&f, WARM + 1, MANY);
    size_t each = (mallinfo2().uordblks - before) / MANY;
    ck_assert_msg(each <= ITSELF, "%zu bytes a call", each);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_second_create_ends_the_running_call)
{
    struct fixture f;
    json_t *first, *second;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_create(&f, 6001, 5, &first);
    f.wall_us += 60 * SECOND_US;
    fixture_create(&f, 6001, 6, &second);
    const json_t *ended = json_object_get(json_array_get(json_object_get(second, "updates"), 0), "call");
    ck_assert_str_eq(json_tag(ended), "groupCallDiscarded");
    ck_assert_int_eq(json_get_long(ended, "duration"), 60);
    ck_assert_int_eq(f.world.calls[0]->state, WORLD_CALL_DISCARDED);
    ck_assert_ptr_eq(world_chat_by_id(&f.world, 6001, false)->call, f.world.calls[1]);
    json_decref(first);
    json_decref(second);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_silent_world_tells_what_was_asked_and_no_more)
{
    struct fixture f;
    json_t *first, *second;

    fixture_init(&f);
    f.world.is_silent = true;
    fixture_become(&f, ALICE);
    fixture_create(&f, 6002, 5, &first);
    fixture_create(&f, 6002, 6, &second);
    const json_t *updates = json_object_get(second, "updates");
    ck_assert_uint_eq(json_array_size(updates), 2);
    ck_assert_str_eq(json_tag(json_object_get(json_array_get(updates, 0), "call")), "groupCall");
    ck_assert_str_eq(json_tag(json_array_get(updates, 1)), "updateNewChannelMessage");
    ck_assert_int_eq(f.world.calls[0]->state, WORLD_CALL_DISCARDED);
    ck_assert_uint_eq(json_array_size(f.pushed), 0);
    json_t *params =
        json_pack("{s:o}", "call", fixture_input_call(json_object_get(json_array_get(updates, 0), "call")));
    json_t *ended = fixture_call(&f, "phone.discardGroupCall", params);
    ck_assert_uint_eq(json_array_size(json_object_get(ended, "updates")), 2);
    ck_assert_uint_eq(json_array_size(f.pushed), 0);
    json_decref(ended);
    json_decref(first);
    json_decref(second);
    fixture_fini(&f);
}
END_TEST

START_TEST(members_are_told_and_strangers_are_not)
{
    struct fixture f;
    json_t *updates, *item;
    size_t i;
    bool bob = false;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_create(&f, 6002, 5, &updates);
    ck_assert_uint_eq(json_array_size(f.pushed), 2);
    json_array_foreach (f.pushed, i, item) {
        ck_assert_int_ne(json_get_long(item, "user"), CAROL);
        if (json_get_long(item, "user") != BOB)
            continue;
        const json_t *told = json_object_get(item, "updates");
        const json_t *chat = json_array_get(json_object_get(told, "chats"), 0);
        ck_assert(json_get_long(chat, "access_hash") == world_access_hash(&f.world, BOB, 'c', 6002));
        const json_t *call = json_object_get(json_array_get(json_object_get(told, "updates"), 0), "call");
        ck_assert(!json_get_true(call, "can_change_join_muted"));
        bob = true;
    }
    ck_assert(bob);
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

static json_t *call_params(const json_t *call, const char *title)
{
    json_t *params = json_pack("{s:o, s:i}", "call", fixture_input_call(call), "limit", 0);

    if (title)
        json_object_set_new(params, "title", json_string(title));
    return params;
}

START_TEST(a_title_is_changed_once)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    const json_t *call = fixture_create(&f, 6001, 5, &updates);
    json_t *j = fixture_call(&f, "phone.editGroupCallTitle", call_params(call, "New"));
    const json_t *now = json_object_get(json_array_get(json_object_get(j, "updates"), 0), "call");
    ck_assert_str_eq(json_get_text(now, "title"), "New");
    ck_assert_int_eq(json_get_long(now, "version"), 2);
    json_decref(j);
    fixture_refused(&f, "phone.editGroupCallTitle", call_params(call, "New"), 400, "GROUPCALL_NOT_MODIFIED");
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_scheduled_call_starts_once)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *updates = fixture_call(&f, "phone.createGroupCall",
                                   json_pack("{s:o, s:i, s:i}", "peer", fixture_peer(&f, 6001), "random_id", 1,
                                             "schedule_date", world_now(&f.world) + 3600));
    const json_t *list = json_object_get(updates, "updates");
    const json_t *call = json_object_get(json_array_get(list, 0), "call");
    const json_t *message = json_object_get(json_array_get(list, 1), "message");
    ck_assert_str_eq(json_tag(json_object_get(message, "action")), "messageActionGroupCallScheduled");
    json_t *j = fixture_call(&f, "phone.startScheduledGroupCall", call_params(call, NULL));
    const json_t *now = json_object_get(json_array_get(json_object_get(j, "updates"), 0), "call");
    ck_assert_ptr_null(json_object_get(now, "schedule_date"));
    json_decref(j);
    fixture_refused(&f, "phone.startScheduledGroupCall", call_params(call, NULL), 403, "GROUPCALL_ALREADY_STARTED");
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *method;
    int code;
    const char *message;
} after_end[] = {
    {"phone.discardGroupCall", 400, "GROUPCALL_ALREADY_DISCARDED"},
    {"phone.editGroupCallTitle", 403, "GROUPCALL_FORBIDDEN"},
    {"phone.startScheduledGroupCall", 403, "GROUPCALL_FORBIDDEN"},
    {"phone.getGroupCall", 403, "GROUPCALL_FORBIDDEN"},
};

START_TEST(an_ended_call_is_over)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    const json_t *call = fixture_create(&f, 6001, 5, &updates);
    json_decref(fixture_call(&f, "phone.discardGroupCall", call_params(call, NULL)));
    ck_assert_int_eq(f.world.calls[0]->state, WORLD_CALL_DISCARDED);
    fixture_refused(&f, after_end[_i].method, call_params(call, "x"), after_end[_i].code, after_end[_i].message);
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

static const struct {
    int64_t user;
    const char *method;
    bool wrong_hash;
    int code;
    const char *message; /* NULL: answered */
} by_others[] = {
    {BOB, "phone.getGroupCall", false, 0, NULL},
    {BOB, "phone.getGroupCall", true, 400, "GROUPCALL_INVALID"},
    {BOB, "phone.editGroupCallTitle", false, 403, "GROUPCALL_FORBIDDEN"},
    {BOB, "phone.discardGroupCall", false, 403, "GROUPCALL_FORBIDDEN"},
    {CAROL, "phone.getGroupCall", false, 403, "GROUPCALL_FORBIDDEN"},
    {ALICE, "phone.discardGroupCall", true, 400, "GROUPCALL_INVALID"},
};

START_TEST(others_may_look_and_not_touch)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    const json_t *call = fixture_create(&f, 6002, 5, &updates);
    fixture_become(&f, by_others[_i].user);
    json_t *params = call_params(call, "x");
    if (by_others[_i].wrong_hash)
        json_object_set_new(json_object_get(params, "call"), "access_hash", json_integer(7));
    json_t *j = fixture_call(&f, by_others[_i].method, params);
    ck_assert_str_eq(f.rpc.message, by_others[_i].message ? by_others[_i].message : "");
    ck_assert_int_eq(f.rpc.code, by_others[_i].code);
    ck_assert_int_eq(j != NULL, by_others[_i].message == NULL);
    json_decref(j);
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

START_TEST(the_full_chat_names_the_call_while_it_lives)
{
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    const json_t *call = fixture_create(&f, 5001, 5, &updates);
    json_t *j = fixture_call(&f, "messages.getFullChat", json_pack("{s:i}", "chat_id", 5001));
    const json_t *named = json_object_get(json_object_get(j, "full_chat"), "call");
    ck_assert(json_get_long(named, "id") == json_get_long(call, "id"));
    json_decref(j);
    json_decref(fixture_call(&f, "phone.discardGroupCall", call_params(call, NULL)));
    j = fixture_call(&f, "messages.getFullChat", json_pack("{s:i}", "chat_id", 5001));
    ck_assert_ptr_null(json_object_get(json_object_get(j, "full_chat"), "call"));
    json_decref(j);
    json_decref(updates);
    fixture_fini(&f);
}
END_TEST

Suite *suite_phone(void)
{
    Suite *s = suite_create("phone");
    TCase *t = tcase_create("phone");

    tcase_add_loop_test(t, create_is_judged_by_peer_right_and_date, 0, sizeof(creates) / sizeof(*creates));
    tcase_add_loop_test(t, a_peer_that_is_no_chat_is_refused, 0, sizeof(not_chats) / sizeof(*not_chats));
    tcase_add_test(t, the_answer_has_the_call_a_service_message_the_chat_and_the_user);
    tcase_add_test(t, the_same_intent_answers_the_first_updates_again);
    tcase_add_test(t, an_intent_whose_answer_is_forgotten_is_refused);
    tcase_add_test(t, a_call_costs_no_more_than_itself);
    tcase_add_test(t, a_second_create_ends_the_running_call);
    tcase_add_test(t, a_silent_world_tells_what_was_asked_and_no_more);
    tcase_add_test(t, members_are_told_and_strangers_are_not);
    tcase_add_test(t, a_title_is_changed_once);
    tcase_add_test(t, a_scheduled_call_starts_once);
    tcase_add_loop_test(t, an_ended_call_is_over, 0, sizeof(after_end) / sizeof(*after_end));
    tcase_add_loop_test(t, others_may_look_and_not_touch, 0, sizeof(by_others) / sizeof(*by_others));
    tcase_add_test(t, the_full_chat_names_the_call_while_it_lives);
    suite_add_tcase(s, t);
    return s;
}
