/* From the first byte to a group call over a real socket, in both layers and every framing. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/sandbox/world/json.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"

static const struct {
    int layer;
    enum wire_framing framing;
    bool obfuscated;
} ways[] = {
    {138, WIRE_INTERMEDIATE, false}, {229, WIRE_INTERMEDIATE, false}, {229, WIRE_ABRIDGED, false},
    {229, WIRE_PADDED, true},        {229, WIRE_FULL, false},         {138, WIRE_ABRIDGED, true},
};

static json_t *peer_of(struct raw *r, const char *name)
{
    json_t *j = raw_call(r, "contacts.resolveUsername", json_pack("{s:s}", "username", name));

    ck_assert_msg(j != NULL, "%s", r->error);
    const json_t *chat = json_array_get(json_object_get(j, "chats"), 0);
    json_t *peer = json_pack("{s:s, s:O, s:O}", "_", "inputPeerChannel", "channel_id", json_object_get(chat, "id"),
                             "access_hash", json_object_get(chat, "access_hash"));
    json_decref(j);
    return peer;
}

static json_t *create(struct raw *r, const char *name, int random_id)
{
    return raw_call(r, "phone.createGroupCall",
                    json_pack("{s:o, s:i, s:s}", "peer", peer_of(r, name), "random_id", random_id, "title", "Raw"));
}

START_TEST(a_client_logs_in_and_creates_a_call)
{
    struct server v;
    struct raw r;

    server_start(&v);
    raw_init(&r, &v, 1, ways[_i].layer, ways[_i].framing, ways[_i].obfuscated);
    raw_login(&r, "+15550001");
    json_t *updates = create(&r, "sandbox_channel", 5);
    ck_assert_msg(updates != NULL, "%s", r.error);
    const json_t *update = json_array_get(json_object_get(updates, "updates"), 0);
    ck_assert_str_eq(json_tag(update), "updateGroupCall");
    /* Each layer names the chat in its own way. */
    ck_assert_int_eq(json_object_get(update, "chat_id") != NULL, ways[_i].layer == 138);
    ck_assert_int_eq(json_object_get(update, "peer") != NULL, ways[_i].layer == 229);
    ck_assert_str_eq(json_get_text(json_object_get(update, "call"), "title"), "Raw");
    json_decref(updates);
    ck_assert_ptr_null(create(&r, "sandbox_readonly", 6));
    ck_assert_int_eq(r.error_code, 400);
    ck_assert_str_eq(r.error, "CHAT_ADMIN_REQUIRED");
    raw_fini(&r);
    json_t *state = server_control(&v, "GET", "/state", "");
    ck_assert_uint_eq(json_array_size(json_object_get(state, "calls")), 1);
    json_decref(state);
    server_stop(&v);
}
END_TEST

static const struct {
    const char *method, *params;
} methods[] = {
    {"help.getConfig", "{}"},
    {"help.getNearestDc", "{}"},
    {"help.getTermsOfServiceUpdate", "{}"},
    {"help.getPromoData", "{}"},
    {"account.getPassword", "{}"},
    {"account.updateStatus", "{\"offline\": false}"},
    {"auth.dropTempAuthKeys", "{\"except_auth_keys\": []}"},
    {"users.getUsers", "{\"id\": [{\"_\": \"inputUserSelf\"}]}"},
    {"users.getFullUser", "{\"id\": {\"_\": \"inputUserSelf\"}}"},
    {"contacts.getContacts", "{\"hash\": 0}"},
    {"contacts.resolveUsername", "{\"username\": \"alice\"}"},
    {"contacts.resolvePhone", "{\"phone\": \"15550002\"}"},
    {"messages.getDialogs",
     "{\"offset_date\": 0, \"offset_id\": 0, \"offset_peer\": {\"_\": \"inputPeerEmpty\"}, \"limit\": 9, \"hash\": 0}"},
    {"messages.getPinnedDialogs", "{\"folder_id\": 0}"},
    {"messages.getPeerDialogs", "{\"peers\": [{\"_\": \"inputDialogPeer\", \"peer\": {\"_\": \"inputPeerSelf\"}}]}"},
    {"messages.getFullChat", "{\"chat_id\": 5001}"},
    {"messages.getChats", "{\"id\": [5001, 1]}"},
    {"messages.checkChatInvite", "{\"hash\": \"sandboxinvite\"}"},
    {"updates.getState", "{}"},
    {"updates.getDifference", "{\"pts\": 1, \"date\": 1, \"qts\": 1}"},
    {"auth.exportAuthorization", "{\"dc_id\": 2}"},
    {"auth.logOut", "{}"},
};

/* Whether the encoder could say it: a member that a layer wants and the sandbox forgot would be a 500. */
START_TEST(every_method_is_answered_in_both_layers)
{
    struct server v;
    struct raw r;
    int layer = _i ? 229 : 138;

    server_start(&v);
    raw_init(&r, &v, 1, layer, WIRE_INTERMEDIATE, false);
    raw_login(&r, "15550001");
    json_t *app = raw_call(&r, "help.getAppConfig", layer == 138 ? json_object() : json_pack("{s:i}", "hash", 0));
    ck_assert_msg(app != NULL, "%s", r.error);
    json_decref(app);
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (!tl_find_method(shipped_layer(layer), methods[i].method))
            continue; /* resolvePhone came after 138 */
        json_t *j = raw_call(&r, methods[i].method, json_loads(methods[i].params, 0, NULL));
        ck_assert_msg(j != NULL, "%s: %d %s", methods[i].method, r.error_code, r.error);
        json_decref(j);
    }
    raw_fini(&r);
    server_stop(&v);
}
END_TEST

/* "call" or, where the name is followed by a peer's, "peer" is added. */
static const struct {
    const char *method, *params, *peer;
} call_methods[] = {
    {"phone.joinGroupCall",
     "{\"join_as\": {\"_\": \"inputPeerSelf\"}, \"params\": {\"_\": \"dataJSON\", \"data\": \"{\\\"ssrc\\\": 7}\"}}",
     NULL},
    {"phone.getGroupCall", "{\"limit\": 0}", NULL},
    {"phone.getGroupParticipants", "{\"ids\": [], \"sources\": [7], \"offset\": \"\", \"limit\": 0}", NULL},
    {"phone.checkGroupCall", "{\"sources\": [7]}", NULL},
    {"phone.editGroupCallParticipant",
     "{\"participant\": {\"_\": \"inputPeerSelf\"}, \"muted\": true, \"volume\": 9000, \"video_paused\": true}", NULL},
    {"phone.editGroupCallTitle", "{\"title\": \"other\"}", NULL},
    {"phone.toggleGroupCallSettings", "{\"join_muted\": true, \"reset_invite_hash\": true}", NULL},
    {"phone.toggleGroupCallRecord", "{\"start\": true, \"title\": \"R\"}", NULL},
    {"phone.exportGroupCallInvite", "{\"can_self_unmute\": true}", NULL},
    {"phone.getGroupCallStreamChannels", "{}", NULL},
    {"phone.getGroupCallStreamRtmpUrl", "{\"revoke\": true}", "peer"},
    {"phone.getGroupCallJoinAs", "{}", "peer"},
    {"phone.saveDefaultGroupCallJoinAs", "{\"join_as\": {\"_\": \"inputPeerSelf\"}}", "peer"},
    {"phone.leaveGroupCall", "{\"source\": 7}", NULL},
    {"phone.discardGroupCall", "{}", NULL},
};

START_TEST(the_call_methods_are_answered_in_both_layers)
{
    struct server v;
    struct raw r;
    int layer = _i ? 229 : 138;

    server_start(&v);
    raw_init(&r, &v, 1, layer, WIRE_INTERMEDIATE, false);
    raw_login(&r, "15550001");
    json_t *updates = create(&r, "sandbox_group", 5);
    const json_t *call = json_object_get(json_array_get(json_object_get(updates, "updates"), 0), "call");
    for (size_t i = 0; i < sizeof(call_methods) / sizeof(*call_methods); i++) {
        json_t *params = json_loads(call_methods[i].params, 0, NULL);
        if (!tl_find_method(shipped_layer(layer), call_methods[i].method)) {
            json_decref(params);
            continue; /* streams came after 138 */
        }
        if (call_methods[i].peer)
            json_object_set_new(params, "peer", peer_of(&r, "sandbox_group"));
        else
            json_object_set_new(params, "call",
                                json_pack("{s:s, s:O, s:O}", "_", "inputGroupCall", "id", json_object_get(call, "id"),
                                          "access_hash", json_object_get(call, "access_hash")));
        json_t *j = raw_call(&r, call_methods[i].method, params);
        ck_assert_msg(j != NULL, "%s: %s", call_methods[i].method, r.error);
        json_decref(j);
    }
    json_decref(updates);
    json_t *channel = peer_of(&r, "sandbox_group");
    json_object_set_new(channel, "_", json_string("inputChannel"));
    json_t *j = raw_call(&r, "channels.getFullChannel", json_pack("{s:O}", "channel", channel));
    ck_assert_msg(j != NULL, "%s", r.error);
    json_decref(j);
    j = raw_call(&r, "channels.getChannels", json_pack("{s:[O]}", "id", channel));
    ck_assert_msg(j != NULL, "%s", r.error);
    json_decref(j);
    j = raw_call(&r, "updates.getChannelDifference",
                 json_pack("{s:o, s:{s:s}, s:i, s:i}", "channel", channel, "filter", "_", "channelMessagesFilterEmpty",
                           "pts", 1, "limit", 10));
    ck_assert_msg(j != NULL, "%s", r.error);
    ck_assert_str_eq(json_tag(j), "updates.channelDifference");
    json_decref(j);
    raw_fini(&r);
    server_stop(&v);
}
END_TEST

START_TEST(another_session_is_told_in_its_own_layer)
{
    struct server v;
    struct raw r, other;
    struct raw_message m;

    server_start(&v);
    raw_init(&r, &v, 1, 229, WIRE_INTERMEDIATE, false);
    raw_init(&other, &v, 1, 138, WIRE_INTERMEDIATE, false);
    raw_login(&r, "15550001");
    raw_login(&other, "15550001");
    json_decref(create(&r, "sandbox_channel", 5));
    const struct tl_schema *old = shipped_layer(138);
    m = raw_expect(&other, tl_find_constructor_name(old, "updates")->id);
    ck_assert_uint_eq(m.seq_no & 1, 1);
    ck_assert_uint_eq(m.msg_id & 3, 3);
    ck_assert_uint_eq(le32_load(m.body + 12), tl_find_constructor_name(old, "updateGroupCall")->id);
    free(m.body);
    raw_fini(&other);
    raw_fini(&r);
    server_stop(&v);
}
END_TEST

START_TEST(a_number_of_the_other_data_centre_is_sent_there)
{
    struct server v;
    struct raw r;

    server_start(&v);
    raw_init(&r, &v, 1, 229, WIRE_INTERMEDIATE, false);
    json_t *j = raw_call(&r, "auth.sendCode",
                         json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "15550003", "api_id", 1, "api_hash", "x",
                                   "settings", "_", "codeSettings"));
    ck_assert_ptr_null(j);
    ck_assert_int_eq(r.error_code, 303);
    ck_assert_str_eq(r.error, "PHONE_MIGRATE_2");
    raw_fini(&r);
    raw_init(&r, &v, 2, 229, WIRE_INTERMEDIATE, false);
    raw_login(&r, "15550003");
    raw_fini(&r);
    server_stop(&v);
}
END_TEST

Suite *suite_client(void)
{
    Suite *s = suite_create("client");
    TCase *t = tcase_create("client");

    tcase_add_loop_test(t, a_client_logs_in_and_creates_a_call, 0, sizeof(ways) / sizeof(*ways));
    tcase_add_loop_test(t, every_method_is_answered_in_both_layers, 0, 2);
    tcase_add_loop_test(t, the_call_methods_are_answered_in_both_layers, 0, 2);
    tcase_add_test(t, another_session_is_told_in_its_own_layer);
    tcase_add_test(t, a_number_of_the_other_data_centre_is_sent_there);
    suite_add_tcase(s, t);
    return s;
}
