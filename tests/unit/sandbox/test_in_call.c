/* What is set on a running call, who is invited to it, and who is told. */
#include <string.h>

#include "daemon/sandbox/rpc/view.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

START_TEST(a_refusal_changes_nothing_and_tells_nobody)
{
    static const struct step wrong = {BOB, "phone.editGroupCallParticipant",
                                      EDIT("@as:1002", "\"muted\":true,\"volume\":20001")};
    static const struct step bob = BOB_IN;
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &bob));
    int version = f.world.calls[0]->version;
    size_t pushed = json_array_size(f.pushed);
    ck_assert_ptr_null(steps_call(&f, &wrong));
    ck_assert_int_eq(f.world.calls[0]->version, version);
    ck_assert(!f.world.calls[0]->participants[0].muted);
    ck_assert_uint_eq(json_array_size(f.pushed), pushed);
    fixture_fini(&f);
}
END_TEST

START_TEST(settings_count_the_version_up_and_are_told_to_all)
{
    static const struct step mute = MUTE_NEW;
    static const struct step messages = {ALICE, "phone.toggleGroupCallSettings",
                                         CALL(",\"messages_enabled\":false,\"send_paid_messages_stars\":\"7\"")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_t *j = steps_call(&f, &mute);
    ck_assert_int_eq(json_get_long(steps_group_call(j), "version"), 2);
    ck_assert(json_get_true(steps_group_call(j), "join_muted"));
    ck_assert(json_get_true(steps_group_call(j), "messages_enabled"));
    json_decref(j);
    j = steps_call(&f, &messages);
    ck_assert_int_eq(json_get_long(steps_group_call(j), "version"), 3);
    ck_assert(!json_get_true(steps_group_call(j), "messages_enabled"));
    ck_assert_int_eq(json_get_long(steps_group_call(j), "send_paid_messages_stars"), 7);
    json_decref(j);
    const json_t *told = steps_group_call(steps_pushed(&f, BOB));
    ck_assert_int_eq(json_get_long(told, "version"), 3);
    ck_assert(json_get_true(told, "join_muted") && !json_get_true(told, "can_change_messages_enabled"));
    fixture_fini(&f);
}
END_TEST

#define WITH_VIDEO                                                                                                     \
    "{\"call\":\"@call\",\"join_as\":{\"_\":\"inputPeerSelf\"},"                                                       \
    "\"params\":{\"_\":\"dataJSON\",\"data\":\"{\\\"ssrc\\\":11}\"}}"

/* What is stopped is not paused: by one query that says both, and by joining again without video. */
START_TEST(video_that_is_stopped_is_not_paused)
{
    static const struct step join = {ALICE, "phone.joinGroupCall", WITH_VIDEO},
                             both = {ALICE, "phone.editGroupCallParticipant",
                                     EDIT("@as:1001", "\"video_stopped\":true,\"video_paused\":true")},
                             pause = {ALICE, "phone.editGroupCallParticipant",
                                      EDIT("@as:1001", "\"video_paused\":true")},
                             again = ALICE_IN;
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &join));
    const struct world_participant *p = &f.world.calls[0]->participants[0];
    ck_assert(p->video);
    json_decref(steps_call(&f, &pause));
    ck_assert(p->video_paused);
    json_decref(steps_call(&f, _i ? &again : &both));
    p = &f.world.calls[0]->participants[0];
    ck_assert(!p->video && !p->video_paused);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_presentation_is_told_and_ends)
{
    static const struct step bob = BOB_IN, show = {BOB, "phone.joinGroupCallPresentation", PRESENT(23)},
                             pause = {BOB, "phone.editGroupCallParticipant",
                                      EDIT("@as:1002", "\"presentation_paused\":true")},
                             end = {BOB, "phone.leaveGroupCallPresentation", CALL("")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_decref(steps_call(&f, &bob));
    json_t *j = steps_call(&f, &show);
    ck_assert(json_get_true(steps_update(j, "updateGroupCallConnection"), "presentation"));
    const json_t *told = json_object_get(steps_participant(steps_pushed(&f, ALICE)), "presentation");
    ck_assert_int_eq(json_get_long(told, "audio_source"), 23);
    ck_assert(!json_get_true(told, "paused"));
    ck_assert_ptr_null(json_object_get(steps_participant(j), "video"));
    json_decref(j);
    static const struct step check = {BOB, "phone.checkGroupCall", CALL(",\"sources\":[22,23,24]")};
    j = steps_call(&f, &check);
    ck_assert_uint_eq(json_array_size(j), 2);
    json_decref(j);
    json_decref(steps_call(&f, &pause));
    ck_assert(json_get_true(json_object_get(steps_participant(steps_pushed(&f, ALICE)), "presentation"), "paused"));
    j = steps_call(&f, &end);
    ck_assert_ptr_null(json_object_get(steps_participant(j), "presentation"));
    ck_assert_int_eq(f.world.calls[0]->version, 5);
    json_decref(j);
    json_decref(steps_call(&f, &show));
    json_decref(steps_call(&f, &bob)); /* joining again is without it */
    ck_assert(!f.world.calls[0]->participants[0].presents);
    fixture_fini(&f);
}
END_TEST

/* A name of N two-byte characters behind one byte. */
static json_t *long_name(size_t n)
{
    char text[2048] = "x";

    for (size_t i = 0; i < n; i++)
        strcat(text, "\xc3\xa9");
    return json_string(text);
}

/* What does not fit ends with a whole character: it goes into JSON and TL as text. */
START_TEST(names_that_are_too_long_are_cut_between_characters)
{
    struct fixture f;
    json_t *title, *record;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    struct world_call *call = f.world.calls[0];
    fixture_become(&f, ALICE);
    json_decref(fixture_call(&f, "phone.editGroupCallTitle",
                             json_pack("{s:o, s:o}", "call", view_input_call(call), "title", long_name(1000))));
    json_decref(fixture_call(
        &f, "phone.toggleGroupCallRecord",
        json_pack("{s:o, s:b, s:o}", "call", view_input_call(call), "start", 1, "title", long_name(1000))));
    title = world_text_json(&call->title);
    record = world_text_json(&call->record_title);
    ck_assert_msg(title && record, "cut in the middle of a character");
    ck_assert_uint_eq(json_string_length(title), WORLD_TITLE_MAX);
    ck_assert_uint_eq(json_string_length(record), WORLD_RECORD_TITLE_MAX);
    json_decref(title);
    json_decref(record);
    json_decref(fixture_call(
        &f, "phone.createGroupCall",
        json_pack("{s:o, s:i, s:o}", "peer", fixture_peer(&f, 6002), "random_id", 9, "title", long_name(1000))));
    title = world_text_json(&f.world.calls[1]->title);
    ck_assert_ptr_nonnull(title);
    json_decref(title);
    fixture_fini(&f);
}
END_TEST

/* NUL is a character like any other; a name that is looked up has none. */
START_TEST(a_title_is_whole_whatever_is_in_it)
{
    static const char text[] = "a\0b";
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    fixture_become(&f, ALICE);
    json_t *title = json_stringn(text, 3);
    json_t *params = json_pack("{s:o, s:O}", "call", view_input_call(f.world.calls[0]), "title", title);
    json_t *j = fixture_call(&f, "phone.editGroupCallTitle", json_incref(params));
    ck_assert(json_equal(json_object_get(steps_group_call(j), "title"), title));
    json_decref(j);
    fixture_refused(&f, "phone.editGroupCallTitle", params, 400, "GROUPCALL_NOT_MODIFIED");
    j = fixture_call(&f, "phone.createGroupCall",
                     json_pack("{s:o, s:i, s:O}", "peer", fixture_peer(&f, 6002), "random_id", 9, "title", title));
    json_decref(j);
    ck_assert(world_text_is(&f.world.calls[1]->title, title, WORLD_TITLE_MAX));
    json_decref(title);
    json_t *name = json_stringn("alice\0x", 7);
    fixture_refused(&f, "contacts.resolveUsername", json_pack("{s:o}", "username", name), 400, "USERNAME_INVALID");
    fixture_fini(&f);
}
END_TEST

START_TEST(a_recording_has_a_date_and_ends)
{
    static const struct step start = {ALICE, "phone.toggleGroupCallRecord",
                                      CALL(",\"start\":true,\"video\":true,\"title\":\"R\"")};
    static const struct step stop = {ALICE, "phone.toggleGroupCallRecord", CALL("")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_t *j = steps_call(&f, &start);
    ck_assert_int_eq(json_get_long(steps_group_call(j), "record_start_date"), world_now(&f.world));
    ck_assert(json_get_true(steps_group_call(j), "record_video_active"));
    ck_assert_uint_eq(f.world.calls[0]->record_title.len, 1);
    ck_assert_int_eq(*f.world.calls[0]->record_title.bytes, 'R');
    json_decref(j);
    j = steps_call(&f, &stop);
    ck_assert_ptr_null(json_object_get(steps_group_call(j), "record_start_date"));
    ck_assert(!json_get_true(steps_group_call(j), "record_video_active"));
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_subscription_is_one_users_own)
{
    static const struct step on = {BOB, "phone.toggleGroupCallStartSubscription", CALL(",\"subscribed\":true")};
    static const struct step look = {ALICE, "phone.getGroupCall", CALL(",\"limit\":0")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, true, false);
    size_t pushed = json_array_size(f.pushed);
    json_t *j = steps_call(&f, &on);
    ck_assert(json_get_true(steps_group_call(j), "schedule_start_subscribed"));
    ck_assert_int_eq(json_get_long(steps_group_call(j), "version"), 1);
    json_decref(j);
    ck_assert_uint_eq(json_array_size(f.pushed), pushed + 1); /* Bob's other sessions */
    j = steps_call(&f, &look);
    ck_assert(!json_get_true(json_object_get(j, "call"), "schedule_start_subscribed"));
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

static json_t *link_of(struct fixture *f, int64_t user, bool speak)
{
    const struct step s = {user, "phone.exportGroupCallInvite", speak ? CALL(",\"can_self_unmute\":true") : CALL("")};
    json_t *j = steps_call(f, &s);
    json_t *link = json_incref(json_object_get(j, "link"));

    json_decref(j);
    return link;
}

START_TEST(a_link_that_lets_speak_is_an_admins_and_can_be_revoked)
{
    static const struct step reset = {ALICE, "phone.toggleGroupCallSettings", CALL(",\"reset_invite_hash\":true")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_t *plain = link_of(&f, BOB, true), *mine = link_of(&f, ALICE, true), *listener = link_of(&f, ALICE, false);
    ck_assert_str_eq(json_string_value(plain), "https://t.me/sandbox_group?videochat");
    ck_assert(json_equal(plain, listener));
    ck_assert_int_eq(strncmp(json_string_value(mine), "https://t.me/sandbox_group?videochat=", 37), 0);
    json_decref(steps_call(&f, &reset));
    json_t *later = link_of(&f, ALICE, true);
    ck_assert(!json_equal(mine, later));
    /* Who comes by it may speak though newcomers are muted. */
    static const struct step mute = MUTE_NEW, bob = BOB_IN;
    json_decref(steps_call(&f, &mute));
    json_t *j = steps_call(&f, &bob);
    ck_assert(json_get_true(steps_participant(j), "muted"));
    ck_assert(!json_get_true(steps_participant(j), "can_self_unmute"));
    json_decref(j);
    fixture_become(&f, BOB);
    j = fixture_call(&f, "phone.joinGroupCall",
                     json_pack("{s:{s:s, s:I, s:I}, s:{s:s}, s:s, s:{s:s, s:s}}", "call", "_", "inputGroupCall", "id",
                               (json_int_t)f.world.calls[0]->id, "access_hash",
                               (json_int_t)f.world.calls[0]->access_hash, "join_as", "_", "inputPeerSelf",
                               "invite_hash", json_string_value(later) + 37, "params", "_", "dataJSON", "data",
                               "{\"ssrc\": 23}"));
    ck_assert(json_get_true(steps_participant(j), "can_self_unmute"));
    json_decref(j);
    json_decref(plain);
    json_decref(mine);
    json_decref(listener);
    json_decref(later);
    fixture_fini(&f);
}
END_TEST

START_TEST(an_invitation_is_a_service_message)
{
    static const struct step s = {ALICE, "phone.inviteToGroupCall", CALL(",\"users\":[\"@user:1002\"]")};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    json_t *j = steps_call(&f, &s);
    const json_t *action =
        json_object_get(json_object_get(steps_update(j, "updateNewChannelMessage"), "message"), "action");
    ck_assert_str_eq(json_tag(action), "messageActionInviteToGroupCall");
    ck_assert_int_eq(json_as_long(json_array_get(json_object_get(action, "users"), 0)), BOB);
    ck_assert_ptr_nonnull(steps_update(steps_pushed(&f, BOB), "updateNewChannelMessage"));
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_stream_key_lasts_until_it_is_revoked)
{
    static const struct step get = {ALICE, "phone.getGroupCallStreamRtmpUrl",
                                    "{\"peer\":\"@peer:6001\",\"revoke\":false}"};
    static const struct step revoke = {ALICE, "phone.getGroupCallStreamRtmpUrl",
                                       "{\"peer\":\"@peer:6001\",\"revoke\":true}"};
    struct fixture f;

    fixture_init(&f);
    json_t *first = steps_call(&f, &get), *again = steps_call(&f, &get), *new = steps_call(&f, &revoke);
    json_t *kept = steps_call(&f, &get);
    ck_assert(json_equal(first, again) && json_equal(new, kept) && !json_equal(first, new));
    json_decref(first);
    json_decref(again);
    json_decref(new);
    json_decref(kept);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_default_to_join_as_is_kept_by_user_and_chat)
{
    static const struct step list = {ALICE, "phone.getGroupCallJoinAs", "{\"peer\":\"@peer:6002\"}"};
    static const struct step save = {ALICE, "phone.saveDefaultGroupCallJoinAs",
                                     "{\"peer\":\"@peer:5001\",\"join_as\":\"@peer:6001\"}"};
    static const struct step full = {ALICE, "messages.getFullChat", "{\"chat_id\":5001}"};
    static const struct step bobs = {BOB, "messages.getFullChat", "{\"chat_id\":5001}"};
    struct fixture f;

    fixture_init(&f);
    json_t *j = steps_call(&f, &list);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "peers")), 2);
    json_decref(j);
    j = steps_call(&f, &save);
    ck_assert(json_is_true(j));
    json_decref(j);
    j = steps_call(&f, &full);
    const json_t *as = json_object_get(json_object_get(j, "full_chat"), "groupcall_default_join_as");
    ck_assert_int_eq(json_get_long(as, "channel_id"), 6001);
    json_decref(j);
    j = steps_call(&f, &bobs);
    ck_assert_ptr_null(json_object_get(json_object_get(j, "full_chat"), "groupcall_default_join_as"));
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

Suite *suite_in_call(void)
{
    Suite *s = suite_create("in_call");
    TCase *t = tcase_create("in_call");

    tcase_add_test(t, a_refusal_changes_nothing_and_tells_nobody);
    tcase_add_test(t, settings_count_the_version_up_and_are_told_to_all);
    tcase_add_test(t, a_title_is_whole_whatever_is_in_it);
    tcase_add_test(t, a_presentation_is_told_and_ends);
    tcase_add_test(t, a_recording_has_a_date_and_ends);
    tcase_add_loop_test(t, video_that_is_stopped_is_not_paused, 0, 2);
    tcase_add_test(t, names_that_are_too_long_are_cut_between_characters);
    tcase_add_test(t, a_subscription_is_one_users_own);
    tcase_add_test(t, a_link_that_lets_speak_is_an_admins_and_can_be_revoked);
    tcase_add_test(t, an_invitation_is_a_service_message);
    tcase_add_test(t, a_stream_key_lasts_until_it_is_revoked);
    tcase_add_test(t, a_default_to_join_as_is_kept_by_user_and_chat);
    suite_add_tcase(s, t);
    return s;
}
