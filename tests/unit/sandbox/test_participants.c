/* Who is in a running call: what others are told of them, and how they are named. */
#include <stdio.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

/* Later changes are told as min objects to those whom they do not concern. */
START_TEST(who_joins_is_told_to_others_in_full)
{
    static const struct step bob = BOB_IN;
    static const struct step mute = {BOB, "phone.editGroupCallParticipant", EDIT("@as:1002", "\"muted\":true")};
    static const struct step leave = {BOB, "phone.leaveGroupCall", CALL(",\"source\":22")};
    static const struct step stale = {BOB, "phone.leaveGroupCall", CALL(",\"source\":21")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_t *j = steps_call(&f, &bob);
    const json_t *own = steps_participant(j), *told = steps_participant(steps_pushed(&f, ALICE));
    ck_assert(json_get_true(own, "self") && json_get_true(own, "just_joined") && json_get_true(own, "versioned"));
    ck_assert(!json_get_true(own, "min"));
    ck_assert_int_eq(json_get_long(steps_update(j, "updateGroupCallParticipants"), "version"), 2);
    ck_assert_ptr_nonnull(steps_update(j, "updateGroupCallConnection"));
    const json_t *call = json_object_get(steps_update(j, "updateGroupCall"), "call");
    ck_assert_int_eq(json_get_long(call, "version"), 2);
    ck_assert_int_eq(json_get_long(call, "participants_count"), 1);
    ck_assert_ptr_null(steps_update(steps_pushed(&f, ALICE), "updateGroupCall"));
    ck_assert(json_get_true(told, "just_joined") && !json_get_true(told, "self") && json_get_true(told, "versioned"));
    ck_assert(!json_get_true(told, "min"));
    ck_assert_ptr_null(steps_update(steps_pushed(&f, ALICE), "updateGroupCallConnection"));
    ck_assert(json_get_true(json_array_get(json_object_get(j, "chats"), 0), "call_not_empty"));
    json_decref(j);
    json_decref(steps_call(&f, &mute));
    ck_assert(json_get_true(steps_participant(steps_pushed(&f, ALICE)), "min"));
    j = steps_call(&f, &stale);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "updates")), 0);
    json_decref(j);
    j = steps_call(&f, &leave);
    ck_assert(json_get_true(steps_participant(j), "left"));
    ck_assert_int_eq(json_get_long(steps_update(j, "updateGroupCallParticipants"), "version"), 4);
    ck_assert(!json_get_true(json_array_get(json_object_get(j, "chats"), 0), "call_not_empty"));
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(speaking_as_another_is_leaving_first)
{
    static const struct step self = ALICE_IN;
    static const struct step channel = {ALICE, "phone.joinGroupCall", JOIN_AS("@peer:6001", "{\\\"ssrc\\\":12}")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &self));
    json_t *j = steps_call(&f, &channel);
    const json_t *list = json_object_get(j, "updates");
    const json_t *left = json_array_get(json_object_get(json_array_get(list, 0), "participants"), 0);
    const json_t *came = json_array_get(json_object_get(json_array_get(list, 1), "participants"), 0);
    ck_assert(json_get_true(left, "left"));
    ck_assert_str_eq(json_tag(json_object_get(left, "peer")), "peerUser");
    ck_assert_int_eq(json_get_long(json_object_get(came, "peer"), "channel_id"), 6001);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "chats")), 2);
    const struct step again = {ALICE, "phone.joinGroupCall", JOIN_AS("@peer:6001", "{\\\"ssrc\\\":13}")};
    json_decref(steps_call(&f, &again));
    ck_assert_uint_eq(json_array_size(json_object_get(steps_pushed(&f, BOB), "users")), 0);
    ck_assert_uint_eq(f.world.calls[0]->participants_n, 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(what_one_user_hears_stays_theirs)
{
    static const struct step in[] = {ALICE_IN, BOB_IN};
    static const struct step quiet = {BOB, "phone.editGroupCallParticipant",
                                      EDIT("@as:1001", "\"muted\":true,\"volume\":500")};
    static const struct step loud = {ALICE, "phone.editGroupCallParticipant", EDIT("@as:1002", "\"volume\":12000")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    for (int i = 0; i < 2; i++)
        json_decref(steps_call(&f, &in[i]));
    size_t pushed = json_array_size(f.pushed);
    json_t *j = steps_call(&f, &quiet);
    const json_t *p = steps_participant(j);
    ck_assert(json_get_true(p, "muted_by_you") && !json_get_true(p, "muted") && !json_get_true(p, "versioned"));
    ck_assert_int_eq(json_get_long(p, "volume"), 500);
    ck_assert_uint_eq(json_array_size(f.pushed), pushed + 1);
    json_decref(j);
    j = steps_call(&f, &loud);
    ck_assert(json_get_true(steps_participant(j), "volume_by_admin"));
    ck_assert(json_get_true(steps_participant(j), "versioned"));
    ck_assert_int_eq(json_get_long(steps_participant(steps_pushed(&f, BOB)), "volume"), 12000);
    ck_assert(!json_get_true(steps_participant(steps_pushed(&f, BOB)), "min")); /* it is about Bob */
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

/* A group with more members than one page shows. */
static void crowd(struct fixture *f, int n)
{
    struct world_chat *chat = world_chat_by_id(&f->world, 6002, false);

    steps_create(f, 6002, false, false);
    for (int i = 0; i < n; i++) {
        struct world_user *u = world_add_user(&f->world, 0, "", "Guest", "", "", 1);
        struct world_identity as = {.user = u};
        ck_assert_int_eq(world_add_member(chat, u, WORLD_MEMBER, false), 0);
        ck_assert_ptr_nonnull(world_participant_add(&f->world, f->world.calls[0], &as, 100 + i));
    }
}

START_TEST(participants_come_in_pages_that_end)
{
    static const struct step first = {BOB, "phone.getGroupCall", CALL(",\"limit\":1")};
    struct fixture f;
    char offset[16], params[160];
    size_t seen = 0, pages = 0;

    fixture_init(&f);
    crowd(&f, 50);
    json_t *j = steps_call(&f, &first);
    const char *next = json_get_text(j, "participants_next_offset");
    ck_assert_uint_eq(json_array_size(json_object_get(j, "participants")), 3);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "users")), 4);
    ck_assert_int_eq(json_get_long(json_object_get(j, "call"), "participants_count"), 50);
    for (seen = 3; *next; pages++) {
        snprintf(offset, sizeof(offset), "%s", next);
        json_decref(j);
        snprintf(params, sizeof(params), CALL(",\"ids\":[],\"sources\":[],\"offset\":\"%s\",\"limit\":20"), offset);
        const struct step page = {BOB, "phone.getGroupParticipants", params};
        j = steps_call(&f, &page);
        ck_assert_int_eq(json_get_long(j, "count"), 50);
        seen += json_array_size(json_object_get(j, "participants"));
        next = json_get_text(j, "next_offset");
    }
    ck_assert_uint_eq(seen, 50);
    ck_assert_uint_eq(pages, 3);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

/* Who is told of somebody in a min object may have no hash of theirs. */
START_TEST(participants_are_named_without_their_hash)
{
    static const struct step alice = ALICE_IN;
    static const struct step named = {
        BOB, "phone.getGroupParticipants",
        CALL(",\"ids\":[{\"_\":\"inputPeerUser\",\"user_id\":1001,\"access_hash\":0}],\"sources\":[],"
             "\"offset\":\"\",\"limit\":1")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &alice));
    json_t *j = steps_call(&f, &named);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "participants")), 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(participants_are_named_by_source_or_peer)
{
    static const struct step named = {
        BOB, "phone.getGroupParticipants",
        CALL(",\"ids\":[\"@as:1001\",\"@as:1003\"],\"sources\":[100,7],\"offset\":\"\",\"limit\":1")};
    static const struct step behind = {BOB, "phone.getGroupParticipants",
                                       CALL(",\"ids\":[],\"sources\":[],\"offset\":\"4000000000\",\"limit\":1")};
    static const struct step alice = ALICE_IN;
    struct fixture f;

    fixture_init(&f);
    crowd(&f, 5);
    json_decref(steps_call(&f, &alice));
    json_t *j = steps_call(&f, &named);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "participants")), 2);
    ck_assert_str_eq(json_get_text(j, "next_offset"), "");
    json_decref(j);
    j = steps_call(&f, &behind);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "participants")), 0);
    ck_assert_str_eq(json_get_text(j, "next_offset"), "");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_check_tells_which_sources_live)
{
    static const struct step bob = BOB_IN;
    static const struct step check = {BOB, "phone.checkGroupCall", CALL(",\"sources\":[5,22]")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &bob));
    json_t *j = steps_call(&f, &check);
    ck_assert_uint_eq(json_array_size(j), 1);
    ck_assert_int_eq(json_as_long(json_array_get(j, 0)), 22);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

Suite *suite_participants(void)
{
    Suite *s = suite_create("participants");
    TCase *t = tcase_create("participants");

    tcase_add_test(t, who_joins_is_told_to_others_in_full);
    tcase_add_test(t, speaking_as_another_is_leaving_first);
    tcase_add_test(t, what_one_user_hears_stays_theirs);
    tcase_add_test(t, participants_come_in_pages_that_end);
    tcase_add_test(t, participants_are_named_without_their_hash);
    tcase_add_test(t, participants_are_named_by_source_or_peer);
    tcase_add_test(t, a_check_tells_which_sources_live);
    suite_add_tcase(s, t);
    return s;
}
