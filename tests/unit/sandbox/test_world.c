#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/sandbox/fixture.h"
#include "tests/unit/sandbox/suites.h"

START_TEST(the_published_users_are_there)
{
    struct fixture f;

    fixture_init(&f);
    const struct world_user *bob = world_user_by_phone(&f.world, "15550002");
    ck_assert_ptr_nonnull(bob);
    ck_assert_int_eq(bob->id, BOB);
    ck_assert_str_eq(bob->password, "correct horse");
    ck_assert_int_eq(world_user_by_id(&f.world, CAROL)->home_dc, 2);
    ck_assert_ptr_eq(world_user_by_name(&f.world, "ALICE"), world_user_by_id(&f.world, ALICE));
    ck_assert_ptr_null(world_user_by_name(&f.world, ""));
    fixture_fini(&f);
}
END_TEST

static const struct {
    int64_t chat, user;
    enum world_role role;
    bool may_manage;
} rights[] = {
    {5001, ALICE, WORLD_CREATOR, true}, {5001, BOB, WORLD_MEMBER, false},   {5001, CAROL, WORLD_STRANGER, false},
    {6001, ALICE, WORLD_CREATOR, true}, {6001, BOB, WORLD_STRANGER, false}, {6002, ALICE, WORLD_CREATOR, true},
    {6002, BOB, WORLD_MEMBER, false},   {6003, ALICE, WORLD_MEMBER, false}, {6003, CAROL, WORLD_CREATOR, true},
    {6004, ALICE, WORLD_ADMIN, false},  {6004, CAROL, WORLD_CREATOR, true}, {6005, ALICE, WORLD_STRANGER, false},
    {7001, ALICE, WORLD_CREATOR, true}, {7003, ALICE, WORLD_CREATOR, true}, {7003, BOB, WORLD_STRANGER, false},
};

START_TEST(each_user_has_the_published_right_in_each_chat)
{
    struct fixture f;

    fixture_init(&f);
    const struct world_chat *chat = world_chat_by_id(&f.world, rights[_i].chat, rights[_i].chat == 5001);
    const struct world_user *user = world_user_by_id(&f.world, rights[_i].user);
    ck_assert_ptr_nonnull(chat);
    ck_assert_int_eq(world_role(chat, user), rights[_i].role);
    ck_assert_int_eq(world_may_manage(chat, user), rights[_i].may_manage);
    fixture_fini(&f);
}
END_TEST

START_TEST(load_chats_are_found_by_id_and_no_further)
{
    struct fixture f;

    fixture_init(&f);
    ck_assert_str_eq(world_chat_by_id(&f.world, 7002, false)->username, "sandbox_load_2");
    ck_assert_ptr_null(world_chat_by_id(&f.world, 7004, false));
    ck_assert_ptr_null(world_chat_by_id(&f.world, 7002, true));
    ck_assert_ptr_null(world_chat_by_id(&f.world, 7000, false));
    ck_assert_ptr_null(world_chat_by_id(&f.world, -1, false));
    fixture_fini(&f);
}
END_TEST

START_TEST(access_hashes_differ_by_viewer_kind_and_id_and_follow_from_the_seed)
{
    struct fixture a, b;

    fixture_init(&a);
    fixture_init(&b);
    int64_t hash = world_access_hash(&a.world, ALICE, 'c', 6001);
    ck_assert(hash == world_access_hash(&b.world, ALICE, 'c', 6001));
    ck_assert(hash != world_access_hash(&a.world, BOB, 'c', 6001));
    ck_assert(hash != world_access_hash(&a.world, ALICE, 'u', 6001));
    ck_assert(hash != world_access_hash(&a.world, ALICE, 'c', 6002));
    fixture_fini(&a);
    fixture_fini(&b);
}
END_TEST

START_TEST(a_call_is_found_by_its_id_and_by_its_intent)
{
    struct fixture f;
    struct world_call *calls[300];

    fixture_init(&f);
    struct world_chat *chat = world_chat_by_id(&f.world, 6001, false);
    struct world_user *alice = world_user_by_id(&f.world, ALICE);
    for (int i = 0; i < 300; i++)
        calls[i] = world_add_call(&f.world, chat, alice, i);
    for (int i = 0; i < 300; i++) {
        ck_assert_ptr_eq(world_call_by_id(&f.world, calls[i]->id), calls[i]);
        ck_assert_ptr_eq(world_call_by_intent(&f.world, alice, chat, i), calls[i]);
        ck_assert(calls[i]->id > INT64_C(1) << 53);
    }
    ck_assert_ptr_null(world_call_by_id(&f.world, calls[3]->id + (INT64_C(1) << 40)));
    ck_assert_ptr_null(world_call_by_id(&f.world, -1));
    ck_assert_ptr_null(world_call_by_intent(&f.world, world_user_by_id(&f.world, BOB), chat, 3));
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *method, *message;
    int code;
} anonymous[] = {
    {"phone.createGroupCall", "AUTH_KEY_UNREGISTERED", 401},
    {"updates.getState", "AUTH_KEY_UNREGISTERED", 401},
    {"messages.sendMessage", "AUTH_KEY_UNREGISTERED", 401},
    {"account.getPassword", "AUTH_KEY_UNREGISTERED", 401},
    {"help.getSomething", "METHOD_NOT_IN_SANDBOX", 404},
};

START_TEST(nobody_gets_little)
{
    struct fixture f;

    fixture_init(&f);
    fixture_refused(&f, anonymous[_i].method, json_object(), anonymous[_i].code, anonymous[_i].message);
    fixture_fini(&f);
}
END_TEST

START_TEST(what_is_not_served_is_said_so)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_refused(&f, "messages.sendMessage", json_object(), 404, "METHOD_NOT_IN_SANDBOX");
    fixture_fini(&f);
}
END_TEST

static const struct {
    const char *name, *message;
} names[] = {
    {"nobody_here", "USERNAME_NOT_OCCUPIED"},
    {"a", "USERNAME_INVALID"},
    {"has space", "USERNAME_INVALID"},
    {"", "USERNAME_INVALID"},
};

START_TEST(a_wrong_name_is_refused)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_refused(&f, "contacts.resolveUsername", json_pack("{s:s}", "username", names[_i].name), 400,
                    names[_i].message);
    fixture_fini(&f);
}
END_TEST

START_TEST(names_phones_and_invites_resolve)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *j = fixture_call(&f, "contacts.resolveUsername", json_pack("{s:s}", "username", "Sandbox_Group"));
    const json_t *chat = json_array_get(json_object_get(j, "chats"), 0);
    ck_assert_int_eq(json_get_long(chat, "id"), 6002);
    ck_assert(json_get_true(chat, "creator") && json_get_true(chat, "megagroup"));
    ck_assert(json_get_long(chat, "access_hash") == world_access_hash(&f.world, ALICE, 'c', 6002));
    json_decref(j);
    j = fixture_call(&f, "contacts.resolvePhone", json_pack("{s:s}", "phone", "+15550002"));
    ck_assert_int_eq(json_get_long(json_object_get(j, "peer"), "user_id"), BOB);
    json_decref(j);
    j = fixture_call(&f, "messages.checkChatInvite", json_pack("{s:s}", "hash", "sandboxinvite"));
    ck_assert_str_eq(json_tag(j), "chatInviteAlready");
    json_decref(j);
    fixture_refused(&f, "messages.checkChatInvite", json_pack("{s:s}", "hash", "other"), 400, "INVITE_HASH_EXPIRED");
    fixture_become(&f, CAROL);
    j = fixture_call(&f, "messages.checkChatInvite", json_pack("{s:s}", "hash", "sandboxinvite"));
    ck_assert_str_eq(json_tag(j), "chatInvite");
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(a_channel_asks_for_its_hash_and_a_closed_one_for_membership)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *wrong = fixture_channel(&f, 6001);
    json_object_set_new(wrong, "access_hash", json_integer(1));
    fixture_refused(&f, "channels.getFullChannel", json_pack("{s:o}", "channel", wrong), 400, "CHANNEL_INVALID");
    fixture_refused(&f, "channels.getFullChannel", json_pack("{s:o}", "channel", fixture_channel(&f, 6999)), 400,
                    "CHANNEL_INVALID");
    fixture_refused(&f, "channels.getFullChannel", json_pack("{s:o}", "channel", fixture_channel(&f, 6005)), 400,
                    "CHANNEL_PRIVATE");
    fixture_refused(&f, "messages.getFullChat", json_pack("{s:i}", "chat_id", 5999), 400, "CHAT_ID_INVALID");
    json_t *j = fixture_call(&f, "channels.getFullChannel", json_pack("{s:o}", "channel", fixture_channel(&f, 6001)));
    ck_assert_ptr_nonnull(j);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(dialogs_come_in_pages_that_end)
{
    struct fixture f;
    json_t *offset = json_pack("{s:s}", "_", "inputPeerEmpty");
    size_t seen = 0, pages = 0;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    for (;;) {
        json_t *j = fixture_call(&f, "messages.getDialogs", json_pack("{s:o, s:i}", "offset_peer", offset, "limit", 2));
        const json_t *dialogs = json_object_get(j, "dialogs");
        size_t n = json_array_size(dialogs);
        ck_assert_uint_le(n, 2);
        if (n == 0) {
            json_decref(j);
            break;
        }
        const json_t *peer = json_object_get(json_array_get(dialogs, n - 1), "peer");
        bool basic = strcmp(json_tag(peer), "peerChat") == 0;
        int64_t id = json_get_long(peer, basic ? "chat_id" : "channel_id");
        offset = json_pack("{s:s, s:I}", "_", basic ? "inputPeerChat" : "inputPeerChannel",
                           basic ? "chat_id" : "channel_id", (json_int_t)id);
        seen += n;
        pages++;
        json_decref(j);
        ck_assert_uint_lt(pages, 20);
    }
    ck_assert_uint_eq(seen, 8); /* all but 6005 */
    fixture_fini(&f);
}
END_TEST

static json_t *peer_dialogs(struct fixture *f, json_t *peer)
{
    return fixture_call(f, "messages.getPeerDialogs",
                        json_pack("{s:[{s:s, s:o}]}", "peers", "_", "inputDialogPeer", "peer", peer));
}

/* A user with whom nothing was said has an empty dialog, and so has a channel that is open to strangers. */
START_TEST(a_dialog_comes_by_its_peer)
{
    struct fixture f;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    json_t *j = peer_dialogs(&f, fixture_peer(&f, 6002));
    ck_assert_str_eq(json_tag(j), "messages.peerDialogs");
    const json_t *dialog = json_array_get(json_object_get(j, "dialogs"), 0);
    ck_assert_int_eq(json_get_long(json_object_get(dialog, "peer"), "channel_id"), 6002);
    ck_assert_int_gt(json_get_long(dialog, "top_message"), 0);
    ck_assert_int_eq(json_get_long(json_array_get(json_object_get(j, "chats"), 0), "id"), 6002);
    json_decref(j);
    j = peer_dialogs(&f, json_pack("{s:s, s:i, s:I}", "_", "inputPeerUser", "user_id", BOB, "access_hash",
                                   (json_int_t)world_access_hash(&f.world, ALICE, 'u', BOB)));
    dialog = json_array_get(json_object_get(j, "dialogs"), 0);
    ck_assert_int_eq(json_get_long(json_object_get(dialog, "peer"), "user_id"), BOB);
    ck_assert_int_eq(json_get_long(dialog, "top_message"), 0);
    ck_assert_int_eq(json_get_long(json_array_get(json_object_get(j, "users"), 0), "id"), BOB);
    json_decref(j);
    json_t *params = json_pack("{s:[{s:s, s:o}]}", "peers", "_", "inputDialogPeer", "peer", fixture_peer(&f, 6005));
    fixture_refused(&f, "messages.getPeerDialogs", params, 400, "CHANNEL_PRIVATE");
    fixture_refused(&f, "messages.getPeerDialogs", json_pack("{s:[]}", "peers"), 400, "INPUT_PEERS_EMPTY");
    fixture_become(&f, BOB);
    j = peer_dialogs(&f, fixture_peer(&f, 6001));
    dialog = json_array_get(json_object_get(j, "dialogs"), 0);
    ck_assert_int_eq(json_get_long(json_object_get(dialog, "peer"), "channel_id"), 6001);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

START_TEST(the_chat_with_the_newest_message_is_the_first_dialog)
{
    static const int64_t chats[] = {6002, 5001, 6001, 5001};
    struct fixture f;
    json_t *updates;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    for (int i = 0; i < 4; i++) {
        f.wall_us += SECOND_US;
        fixture_create(&f, chats[i], i + 1, &updates);
        json_decref(updates);
        json_t *j = fixture_call(&f, "messages.getDialogs",
                                 json_pack("{s:{s:s}, s:i}", "offset_peer", "_", "inputPeerEmpty", "limit", 1));
        const json_t *peer = json_object_get(json_array_get(json_object_get(j, "dialogs"), 0), "peer");
        ck_assert_int_eq(json_get_long(peer, chats[i] == 5001 ? "chat_id" : "channel_id"), chats[i]);
        json_decref(j);
    }
    fixture_fini(&f);
}
END_TEST

/* A message whose author is unknown is nothing to a client. */
START_TEST(who_wrote_the_last_messages_is_among_the_users_of_dialogs)
{
    struct fixture f;
    json_t *updates, *item;
    bool known = false;
    size_t i;

    fixture_init(&f);
    fixture_become(&f, ALICE);
    fixture_create(&f, _i ? 5001 : 6002, 7, &updates);
    json_decref(updates);
    fixture_become(&f, BOB);
    json_t *j = fixture_call(&f, "messages.getDialogs",
                             json_pack("{s:{s:s}, s:i}", "offset_peer", "_", "inputPeerEmpty", "limit", 9));
    json_array_foreach (json_object_get(j, "users"), i, item)
        known = known || json_get_long(item, "id") == ALICE;
    ck_assert(known);
    json_decref(j);
    fixture_fini(&f);
}
END_TEST

Suite *suite_world(void)
{
    Suite *s = suite_create("world");
    TCase *t = tcase_create("world");

    tcase_add_test(t, the_published_users_are_there);
    tcase_add_loop_test(t, each_user_has_the_published_right_in_each_chat, 0, sizeof(rights) / sizeof(*rights));
    tcase_add_test(t, load_chats_are_found_by_id_and_no_further);
    tcase_add_test(t, access_hashes_differ_by_viewer_kind_and_id_and_follow_from_the_seed);
    tcase_add_test(t, a_call_is_found_by_its_id_and_by_its_intent);
    tcase_add_loop_test(t, nobody_gets_little, 0, sizeof(anonymous) / sizeof(*anonymous));
    tcase_add_test(t, what_is_not_served_is_said_so);
    tcase_add_loop_test(t, a_wrong_name_is_refused, 0, sizeof(names) / sizeof(*names));
    tcase_add_test(t, names_phones_and_invites_resolve);
    tcase_add_test(t, a_channel_asks_for_its_hash_and_a_closed_one_for_membership);
    tcase_add_test(t, dialogs_come_in_pages_that_end);
    tcase_add_test(t, a_dialog_comes_by_its_peer);
    tcase_add_test(t, the_chat_with_the_newest_message_is_the_first_dialog);
    tcase_add_loop_test(t, who_wrote_the_last_messages_is_among_the_users_of_dialogs, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
