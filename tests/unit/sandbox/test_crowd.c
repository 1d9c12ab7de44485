/* People in a call who have no client: what members and the control port's user see of them. */
#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/rpc/crowd.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

static struct crowd_done done;

static void act(struct fixture *f, struct crowd_order o)
{
    struct fault fault;

    o.batch = o.batch ? o.batch : 1;
    ck_assert_msg(crowd_act(&f->world, f->world.calls[0], &o, &done, &fault) == 0, "%s", fault.text);
}

static void refused(struct fixture *f, const char *name, const char *users, const char *text)
{
    json_t *list = json_loads(users, 0, NULL);
    struct crowd_order o = {.act = name, .users = list, .batch = 1};
    int version = f->world.calls[0]->version;
    struct fault fault;

    ck_assert_int_eq(crowd_act(&f->world, f->world.calls[0], &o, &done, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.text, text);
    ck_assert_int_eq(f->world.calls[0]->version, version);
    json_decref(list);
}

static const json_t *told(const struct fixture *f, int64_t user)
{
    return steps_update(steps_pushed(f, user), "updateGroupCallParticipants");
}

START_TEST(guests_come_in_updates_of_any_size)
{
    static const struct step look = {BOB, "phone.getGroupCall", CALL(",\"limit\":0")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    size_t pushed = json_array_size(f.pushed);
    act(&f, (struct crowd_order){.act = "join", .n = 1000, .batch = 30});
    ck_assert_uint_eq(done.people, 1000);
    ck_assert_uint_eq(done.updates, 34);
    ck_assert_int_eq(f.world.calls[0]->version, 35);
    ck_assert_uint_eq(json_array_size(f.pushed), pushed + 2 * 34);
    const json_t *u = told(&f, BOB), *p = json_array_get(json_object_get(u, "participants"), 9);
    ck_assert_int_eq(json_get_long(u, "version"), 35);
    ck_assert_uint_eq(json_array_size(json_object_get(u, "participants")), 10);
    ck_assert_uint_eq(json_array_size(json_object_get(steps_pushed(&f, BOB), "users")), 10);
    ck_assert(json_get_true(p, "just_joined") && json_get_true(p, "versioned") && json_get_true(p, "muted"));
    ck_assert(json_get_true(p, "can_self_unmute") && !json_get_true(p, "min"));
    ck_assert_int_eq(json_get_long(json_object_get(p, "peer"), "user_id"), WORLD_GUEST_ID + 1000);
    json_t *j = steps_call(&f, &look);
    ck_assert_int_eq(json_get_long(json_object_get(j, "call"), "participants_count"), 1000);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "participants")), 100);
    json_decref(j);
    act(&f, (struct crowd_order){.act = "leave", .n = 400, .batch = 100});
    ck_assert_uint_eq(done.updates, 4);
    ck_assert_uint_eq(f.world.calls[0]->participants_n, 600);
    p = json_array_get(json_object_get(told(&f, ALICE), "participants"), 0);
    ck_assert(json_get_true(p, "left") && json_get_true(p, "versioned") && json_get_true(p, "min"));
    act(&f, (struct crowd_order){.act = "leave", .n = 5000, .batch = 100});
    ck_assert_uint_eq(done.people, 600);
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *act, *flag;
    bool is_set;
} table[] = {
    {"unmute", "muted", false},
    {"speak", "muted", false},
    {"mute", "muted", true},
    {"start_video", "video_joined", true},
    {"stop_video", "video_joined", false},
};

START_TEST(what_guests_do_is_told_to_members)
{
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    act(&f, (struct crowd_order){.act = "join", .n = 3});
    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
        int version = f.world.calls[0]->version;
        bool is_versioned = strcmp(table[i].act, "speak") != 0;
        f.wall_us += SECOND_US;
        act(&f, (struct crowd_order){.act = table[i].act, .n = 2});
        ck_assert_uint_eq(done.people, 2);
        ck_assert_int_eq(f.world.calls[0]->version, version + 2 * is_versioned);
        const json_t *u = told(&f, BOB), *p = json_array_get(json_object_get(u, "participants"), 0);
        ck_assert_int_eq(json_get_long(u, "version"), f.world.calls[0]->version);
        ck_assert_msg(json_get_true(p, table[i].flag) == table[i].is_set, "%s", table[i].act);
        ck_assert(json_get_true(p, "min") && json_get_true(p, "versioned") == is_versioned);
        if (!is_versioned)
            ck_assert_int_eq(json_get_long(p, "active_date"), world_now(&f.world));
    }
    fixture_fini(&f);
}
END_TEST

START_TEST(who_may_not_speak_raises_a_hand)
{
    static const struct step mute = MUTE_NEW, alice = ALICE_IN;
    static const struct step let = {ALICE, "phone.editGroupCallParticipant", EDIT("@as:300001", "\"muted\":false")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &mute));
    json_decref(steps_call(&f, &alice));
    act(&f, (struct crowd_order){.act = "join", .n = 2, .speaks = true});
    refused(&f, "unmute", "[300001]", "300001 cannot unmute: it is so, or is not allowed");
    act(&f, (struct crowd_order){.act = "unmute", .n = 2});
    ck_assert_uint_eq(done.people, 0);
    act(&f, (struct crowd_order){.act = "raise_hand", .n = 1});
    ck_assert(
        json_object_get(json_array_get(json_object_get(told(&f, ALICE), "participants"), 0), "raise_hand_rating"));
    json_decref(steps_call(&f, &let));
    act(&f, (struct crowd_order){.act = "unmute", .n = 2});
    ck_assert_uint_eq(done.people, 1);
    ck_assert(!f.world.calls[0]->participants[1].hand);
    fixture_fini(&f);
}
END_TEST

START_TEST(members_and_strangers_take_part_by_name)
{
    struct fixture f;
    json_t *users = json_pack("[i, i]", BOB, CAROL);

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    act(&f, (struct crowd_order){.act = "join", .users = users, .batch = 2});
    const json_t *own = json_array_get(json_object_get(told(&f, BOB), "participants"), 0);
    ck_assert(json_get_true(own, "self"));
    ck_assert_ptr_null(steps_pushed(&f, CAROL)); /* no member: nobody tells her */
    refused(&f, "join", "[1001, 1002]", "1002 is in the call");
    refused(&f, "mute", "[1002]", "1002 cannot mute: it is so, or is not allowed");
    refused(&f, "unmute", "[1002, 1001]", "1001 cannot unmute: not in the call");
    refused(&f, "unmute", "[1002, 1002]", "1002 is named twice");
    refused(&f, "leave", "[77]", "there is no user 77");
    refused(&f, "dance", "[1002]", "nobody can \"dance\" in a call");
    act(&f, (struct crowd_order){.act = "leave", .users = users, .batch = 1});
    ck_assert_uint_eq(f.world.calls[0]->participants_n, 0);
    json_decref(users);
    fixture_fini(&f);
}
END_TEST

/* A client of layer 138 has no min calls: it is told in full. */
START_TEST(a_count_is_told_as_each_layer_has_it)
{
    struct raw old;
    char path[64];

    raw_login(&pair_client, "15550001");
    raw_init(&old, &pair_server, 1, 138, WIRE_INTERMEDIATE, false);
    raw_login(&old, "15550001");
    json_t *made =
        raw_call(&old, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    snprintf(path, sizeof(path), "/calls/%s/join", json_string_value(json_object_get(steps_group_call(made), "id")));
    json_t *j = server_control(&pair_server, "POST", path, "{\"n\": 40, \"batch\": 40}");
    ck_assert_int_eq(json_get_long(j, "participants_count"), 40);
    json_decref(j);
    strcpy(strrchr(path, '/'), "/count");
    j = server_control(&pair_server, "POST", path, "{\"min\": true}");
    ck_assert_int_eq(json_get_long(j, "version"), 3);
    json_decref(j);
    struct raw *both[] = {&pair_client, &old};
    for (int i = 0; i < 2; i++) {
        json_decref(raw_call(both[i], "help.getNearestDc", json_object()));
        const json_t *last = json_array_get(both[i]->updates, json_array_size(both[i]->updates) - 1);
        const json_t *call = steps_group_call(last);
        ck_assert_int_eq(json_get_long(call, "participants_count"), 40);
        ck_assert_int_eq(json_get_long(call, "version"), 3);
        ck_assert(json_get_true(call, "min") == (i == 0));
        ck_assert(json_get_true(call, "can_change_join_muted") == (i == 1));
    }
    json_decref(made);
    raw_fini(&old);
}
END_TEST

static const struct {
    const char *path, *body, *text;
} wrong[] = {
    {"/calls/5/join", "{}", "there is no such call"},
    {"/calls/join", "{}", "there is no such call"},
    {"/calls/", "{}", "there is no such call"},
    {"dance", "{}", "in a call there is nothing like \"dance\""},
    {"", "{}", "in a call there is nothing like \"\""},
    {"join", "[]", "the body is an object"},
    {"join", "{\"n\": 0}", "n must be an integer from 1 to 5000"},
    {"join", "{\"n\": 5001}", "n must be an integer from 1 to 5000"},
    {"join", "{\"batch\": 101}", "batch must be an integer from 1 to 100"},
    {"join", "{\"speaks\": 1}", "speaks must be true or false"},
    {"join", "{\"n\": 1, \"users\": []}", "either n guests, or users"},
    {"join", "{\"users\": 5}", "users is a list of at most 1000 ids"},
    {"join", "{\"users\": [\"x\"]}", "there is no user 0"},
    {"mute", "{\"speaks\": true}", "it has no member \"speaks\""},
    {"count", "{\"n\": 1}", "it has no member \"n\""},
};

START_TEST(a_wrong_order_is_refused_with_a_sentence)
{
    char path[64];

    raw_login(&pair_client, "15550001");
    json_t *made =
        raw_call(&pair_client, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    const char *id = json_string_value(json_object_get(steps_group_call(made), "id"));
    if (*wrong[_i].path == '/')
        snprintf(path, sizeof(path), "%s", wrong[_i].path);
    else
        snprintf(path, sizeof(path), "/calls/%s/%s", id, wrong[_i].path);
    json_t *j = server_control(&pair_server, "POST", path, wrong[_i].body);
    ck_assert_str_eq(json_get_text(j, "detail"), wrong[_i].text);
    json_decref(j);
    json_decref(made);
}
END_TEST

Suite *suite_crowd(void)
{
    Suite *s = suite_create("crowd");
    TCase *t = tcase_create("crowd"), *server = tcase_create("server");

    tcase_add_test(t, guests_come_in_updates_of_any_size);
    tcase_add_test(t, what_guests_do_is_told_to_members);
    tcase_add_test(t, who_may_not_speak_raises_a_hand);
    tcase_add_test(t, members_and_strangers_take_part_by_name);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(server, pair_setup, pair_teardown);
    tcase_add_test(server, a_count_is_told_as_each_layer_has_it);
    tcase_add_loop_test(server, a_wrong_order_is_refused_with_a_sentence, 0, sizeof(wrong) / sizeof(*wrong));
    suite_add_tcase(s, server);
    return s;
}
