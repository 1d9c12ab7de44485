/* Conferences: made without a chat, found by their link, invited to by message. */
#include <stdio.h>
#include <string.h>

#include "daemon/sandbox/keep/keep_world.h"
#include "daemon/sandbox/rpc/crowd.h"
#include "daemon/sandbox/rpc/view.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/steps.h"
#include "tests/unit/sandbox/suites.h"

static const struct step make = {ALICE, "phone.createConferenceCall", "{\"random_id\":7}"};
static const struct step call_bob = {ALICE, "phone.inviteConferenceCallParticipant",
                                     CALL(",\"user_id\":\"@user:1002\",\"video\":true")};

static json_t *created(struct fixture *f)
{
    fixture_init(f);
    fixture_speak(f);
    json_t *j = steps_call(f, &make);
    ck_assert_msg(j != NULL, "%s", f->rpc.message);
    return j;
}

static json_t *by_slug(const struct world_call *call)
{
    char slug[24];

    world_call_slug(call, slug);
    return json_pack("{s:{s:s, s:s}, s:i}", "call", "_", "inputGroupCallSlug", "slug", slug, "limit", 0);
}

START_TEST(a_conference_is_a_call_with_a_link_and_no_chat)
{
    struct fixture f;
    json_t *j = created(&f);
    const json_t *call = steps_group_call(j);
    const char *link = json_get_text(call, "invite_link");

    ck_assert_ptr_null(json_object_get(steps_update(j, "updateGroupCall"), "peer"));
    ck_assert(json_get_true(call, "conference") && json_get_true(call, "creator"));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "chats")), 0);
    ck_assert_int_eq(strncmp(link, "https://t.me/call/", 18), 0);
    /* Whoever has the link sees it, and manages nothing. */
    fixture_become(&f, CAROL);
    json_t *seen = fixture_call(&f, "phone.getGroupCall", by_slug(f.world.calls[0]));
    ck_assert_msg(seen != NULL, "%s", f.rpc.message);
    const json_t *theirs = json_object_get(seen, "call");
    ck_assert_str_eq(json_get_text(theirs, "invite_link"), link);
    ck_assert(json_get_true(theirs, "conference") && !json_get_true(theirs, "creator"));
    json_decref(seen);
    json_t *wrong = json_pack("{s:{s:s, s:s}, s:i}", "call", "_", "inputGroupCallSlug", "slug",
                              "0000000000000000000000", "limit", 0);
    fixture_refused(&f, "phone.getGroupCall", wrong, 400, "GROUPCALL_INVALID");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(the_same_intent_is_one_conference)
{
    static const struct step theirs = {BOB, "phone.createConferenceCall", "{\"random_id\":7}"};
    struct fixture f;
    json_t *first = created(&f), *again = steps_call(&f, &make), *other = steps_call(&f, &theirs);

    ck_assert(json_equal(first, again) && !json_equal(first, other));
    ck_assert_uint_eq(f.world.calls_n, 2);
    json_decref(first);
    json_decref(again);
    json_decref(other);
    fixture_fini(&f);
}
END_TEST

static const struct {
    struct step steps[3];
    int code;
    const char *message; /* NULL: answered */
} table[] = {
    {{{ALICE, "phone.createConferenceCall",
       "{\"random_id\":9,\"join\":true,\"public_key\":\"00\",\"block\":\"\",\"params\":{}}"}},
     400,
     "CONF_WRITE_CHAIN_INVALID"},
    {{{ALICE, "phone.joinGroupCall", JOIN(5)}}, 400, "PUBLIC_KEY_INVALID"},
    {{{BOB, "phone.joinGroupCall",
       CALL(",\"join_as\":{\"_\":\"inputPeerSelf\"},\"public_key\":\"00\",\"block\":\"\",\"params\":{}")}},
     400,
     "CONF_WRITE_CHAIN_INVALID"},
    {{{ALICE, "phone.joinGroupCall", JOIN_AS("@peer:6001", "{}")}}, 400, "JOIN_AS_PEER_INVALID"},
    {{{BOB, "phone.leaveGroupCall", CALL(",\"source\":5")}}, 0, NULL},
    {{{BOB, "phone.checkGroupCall", CALL(",\"sources\":[5]")}}, 400, "GROUPCALL_JOIN_MISSING"},
    {{{BOB, "phone.sendGroupCallMessage", SAY(1, "Hi", "")}}, 400, "GROUPCALL_JOIN_MISSING"},
    {{{ALICE, "phone.sendGroupCallEncryptedMessage", CALL("")}}, 400, "GROUPCALL_JOIN_MISSING"},
    {{{ALICE, "phone.sendConferenceCallBroadcast", CALL("")}}, 400, "CONF_WRITE_CHAIN_INVALID"},
    {{{ALICE, "phone.sendConferenceCallBroadcast", INVALID}}, 400, "GROUPCALL_INVALID"},
    {{{ALICE, "phone.deleteConferenceCallParticipants", CALL("")}}, 400, "CONF_WRITE_CHAIN_INVALID"},
    {{{ALICE, "phone.getGroupCallChainBlocks", INVALID}}, 400, "GROUPCALL_INVALID"},
    {{{BOB, "phone.getGroupCallChainBlocks", CALL(",\"sub_chain_id\":0,\"offset\":0,\"limit\":10")}}, 0, NULL},
    {{{ALICE, "phone.exportGroupCallInvite", CALL("")}}, 403, "PUBLIC_CHANNEL_MISSING"},
    {{{ALICE, "phone.inviteToGroupCall", CALL(",\"users\":[\"@user:1002\"]")}}, 403, "CHAT_TYPE_INVALID"},
    {{{BOB, "phone.discardGroupCall", CALL("")}}, 403, "GROUPCALL_FORBIDDEN"},
    {{DISCARD}, 0, NULL},
    {{DISCARD, DISCARD}, 400, "GROUPCALL_ALREADY_DISCARDED"},
    {{DISCARD, {ALICE, "phone.getGroupCall", CALL("")}}, 403, "GROUPCALL_FORBIDDEN"},
    {{{BOB, "phone.editGroupCallTitle", CALL(",\"title\":\"T\"")}}, 403, "GROUPCALL_FORBIDDEN"},
    {{{ALICE, "phone.editGroupCallTitle", CALL(",\"title\":\"T\"")}}, 0, NULL},
    {{{BOB, "phone.getGroupParticipants", CALL(",\"ids\":[],\"sources\":[],\"offset\":\"\",\"limit\":10")}}, 0, NULL},
    {{{BOB, "phone.inviteConferenceCallParticipant", CALL(",\"user_id\":\"@user:1003\"")}}, 0, NULL},
    {{{BOB, "phone.inviteConferenceCallParticipant", CALL(",\"user_id\":\"@user:1002\"")}}, 400, "USER_ID_INVALID"},
    {{{BOB, "phone.inviteConferenceCallParticipant", CALL(",\"user_id\":\"@user:4\"")}}, 400, "USER_ID_INVALID"},
    {{{BOB, "phone.inviteConferenceCallParticipant", INVALID}}, 400, "GROUPCALL_INVALID"},
    {{{BOB, "phone.declineConferenceCallInvite", "{\"msg_id\":77}"}}, 400, "MESSAGE_ID_INVALID"},
    {{{BOB, "phone.declineConferenceCallInvite", "{\"msg_id\":-1}"}}, 400, "MESSAGE_ID_INVALID"},
};

START_TEST(each_method_answers_what_the_documents_say)
{
    struct fixture f;
    const struct step *step = table[_i].steps;

    json_decref(created(&f));
    for (;; step++) {
        bool last = step == &table[_i].steps[2] || !step[1].method;
        json_t *j = steps_call(&f, step);
        const char *want = last && table[_i].message ? table[_i].message : "";
        ck_assert_msg(strcmp(f.rpc.message, want) == 0, "row %d, %s: %s", _i, step->method, f.rpc.message);
        ck_assert_int_eq(f.rpc.code, last ? table[_i].code : 0);
        ck_assert_int_eq(j != NULL, !*want);
        json_decref(j);
        if (last)
            break;
    }
    fixture_fini(&f);
}
END_TEST

/* A call in a chat is none, for what belongs to conferences. */
START_TEST(a_call_of_a_chat_is_no_conference)
{
    static const char *const methods[] = {"phone.inviteConferenceCallParticipant", "phone.getGroupCallChainBlocks",
                                          "phone.deleteConferenceCallParticipants", "phone.sendConferenceCallBroadcast",
                                          "phone.sendGroupCallEncryptedMessage"};
    struct fixture f;

    fixture_init(&f);
    steps_create(&f, 6002, false, false);
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        fixture_refused(&f, methods[i], json_pack("{s:o}", "call", view_input_call(f.world.calls[0])), 400,
                        "GROUPCALL_INVALID");
    fixture_fini(&f);
}
END_TEST

static const json_t *message_of(const json_t *updates, const char *tag)
{
    return json_object_get(steps_update(updates, tag), "message");
}

START_TEST(an_invitation_rings_until_it_is_declined)
{
    struct fixture f;
    char params[64];

    json_decref(created(&f));
    json_t *j = steps_call(&f, &call_bob);
    const json_t *own = message_of(j, "updateNewMessage");
    const json_t *theirs = message_of(steps_pushed(&f, BOB), "updateNewMessage");
    const json_t *action = json_object_get(theirs, "action");
    ck_assert_str_eq(json_tag(action), "messageActionConferenceCall");
    ck_assert_int_eq(json_get_long(action, "call_id"), f.world.calls[0]->id);
    ck_assert(json_get_true(action, "video") && !json_get_true(action, "missed") && !json_get_true(action, "active"));
    ck_assert_int_eq(json_get_long(json_object_get(own, "peer_id"), "user_id"), BOB);
    ck_assert_int_eq(json_get_long(json_object_get(theirs, "peer_id"), "user_id"), ALICE);
    ck_assert(json_get_true(own, "out") && !json_get_true(theirs, "out"));
    int id = (int)json_get_long(theirs, "id"), pts = f.world.users[1]->box.pts;
    ck_assert_int_eq(json_get_long(steps_update(steps_pushed(&f, BOB), "updateNewMessage"), "pts"), pts);
    json_decref(j);
    /* The message is as good as the link. */
    fixture_become(&f, BOB);
    j = fixture_call(
        &f, "phone.getGroupCall",
        json_pack("{s:{s:s, s:i}, s:i}", "call", "_", "inputGroupCallInviteMessage", "msg_id", id, "limit", 0));
    ck_assert_msg(j != NULL, "%s", f.rpc.message);
    ck_assert_int_eq(json_get_long(json_object_get(j, "call"), "id"), f.world.calls[0]->id);
    json_decref(j);
    snprintf(params, sizeof(params), "{\"msg_id\":%d}", id);
    const struct step decline = {BOB, "phone.declineConferenceCallInvite", params};
    j = steps_call(&f, &decline);
    ck_assert(json_get_true(json_object_get(message_of(j, "updateEditMessage"), "action"), "missed"));
    ck_assert_int_eq(json_get_long(message_of(j, "updateEditMessage"), "id"), id);
    const json_t *told = message_of(steps_pushed(&f, ALICE), "updateEditMessage");
    ck_assert(json_get_true(json_object_get(told, "action"), "missed"));
    json_decref(j);
    ck_assert_ptr_null(steps_call(&f, &decline));
    ck_assert_str_eq(f.rpc.message, "MESSAGE_ID_INVALID");
    /* Who was away hears of both. */
    fixture_become(&f, BOB);
    j = fixture_call(&f, "updates.getDifference", json_pack("{s:i, s:i, s:i}", "pts", pts - 1, "date", 1, "qts", 1));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "new_messages")), 1);
    const json_t *edit = json_array_get(json_object_get(j, "other_updates"), 0);
    ck_assert_int_eq(json_get_long(edit, "pts"), pts + 1);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(conferences_and_invitations_are_kept)
{
    struct fixture f, later;
    json_t *kept = json_object();

    json_decref(created(&f));
    json_decref(steps_call(&f, &call_bob));
    keep_world_pack(&f.world, kept);
    fixture_init(&later);
    ck_assert_int_eq(keep_world_unpack(&later.world, kept), 0);
    fixture_become(&later, CAROL);
    json_t *j = fixture_call(&later, "phone.getGroupCall", by_slug(f.world.calls[0]));
    ck_assert_msg(j != NULL, "%s", later.rpc.message);
    json_decref(j);
    const struct world_message *m = world_box_find(&later.world.users[1]->box, later.world.users[1]->last_message_id);
    ck_assert(m && m->is_private && m->action == WORLD_ACTION_CONFERENCE && m->value == WORLD_RING_VIDEO);
    json_decref(kept);
    fixture_fini(&f);
    fixture_fini(&later);
}
END_TEST

START_TEST(nobody_joins_without_a_client)
{
    const struct crowd_order o = {.act = "join", .n = 1, .batch = 1};
    struct crowd_done done;
    struct fixture f;
    struct fault fault;

    json_decref(created(&f));
    ck_assert_int_eq(crowd_act(&f.world, f.world.calls[0], &o, &done, &fault), TGC_EINVAL);
    fixture_fini(&f);
}
END_TEST

/* A layer without them: no call to be told of; the message that invites is there, its action is none. */
START_TEST(a_layer_without_conferences_has_none)
{
    struct server v;
    struct raw old, new;

    server_start(&v);
    raw_init(&old, &v, 1, 138, WIRE_INTERMEDIATE, false);
    raw_login(&old, "15550001");
    raw_init(&new, &v, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&new, "15550001");
    json_t *state = raw_call(&old, "updates.getState", json_object());
    size_t before = json_array_size(old.updates);
    json_t *made = raw_call(&new, "phone.createConferenceCall", json_pack("{s:i}", "random_id", 7));
    ck_assert_msg(made != NULL, "%s", new.error);
    json_t *bob = raw_call(&new, "contacts.resolveUsername", json_pack("{s:s}", "username", "bobby"));
    json_t *call = fixture_input_call(steps_group_call(made));
    const json_t *hash = json_object_get(json_array_get(json_object_get(bob, "users"), 0), "access_hash");
    json_t *j = raw_call(&new, "phone.inviteConferenceCallParticipant",
                         json_pack("{s:O, s:{s:s, s:i, s:O}}", "call", call, "user_id", "_", "inputUser", "user_id",
                                   BOB, "access_hash", hash));
    ck_assert_msg(j != NULL, "%s", new.error);
    json_decref(j);
    j = raw_call(&old, "updates.getDifference",
                 json_pack("{s:i, s:i, s:i}", "pts", (int)json_get_long(state, "pts"), "date", 1, "qts", 1));
    const json_t *missed = json_array_get(json_object_get(j, "new_messages"), 0);
    ck_assert_str_eq(json_tag(json_object_get(missed, "action")), "messageActionEmpty");
    ck_assert_uint_eq(json_array_size(old.updates), before + 1);
    const json_t *told = message_of(json_array_get(old.updates, before), "updateNewMessage");
    ck_assert_str_eq(json_tag(json_object_get(told, "action")), "messageActionEmpty");
    ck_assert_int_eq(json_get_long(told, "id"), json_get_long(missed, "id"));
    json_decref(j);
    json_decref(state);
    json_decref(made);
    json_decref(bob);
    json_decref(call);
    raw_fini(&old);
    raw_fini(&new);
    server_stop(&v);
}
END_TEST

Suite *suite_conference(void)
{
    Suite *s = suite_create("conference");
    TCase *t = tcase_create("conference");

    tcase_add_test(t, a_conference_is_a_call_with_a_link_and_no_chat);
    tcase_add_test(t, the_same_intent_is_one_conference);
    tcase_add_loop_test(t, each_method_answers_what_the_documents_say, 0, sizeof(table) / sizeof(*table));
    tcase_add_test(t, a_call_of_a_chat_is_no_conference);
    tcase_add_test(t, an_invitation_rings_until_it_is_declined);
    tcase_add_test(t, conferences_and_invitations_are_kept);
    tcase_add_test(t, nobody_joins_without_a_client);
    tcase_add_test(t, a_layer_without_conferences_has_none);
    suite_add_tcase(s, t);
    return s;
}
