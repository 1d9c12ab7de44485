/* Faults on demand, over a real socket. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/le.h"
#include "daemon/sandbox/world/json.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

static const struct {
    const char *rule;
    int executed;
} drops[] = {{"{\"type\":\"drop_before\",\"method\":\"help.getConfig\"}", 0},
             {"{\"type\":\"drop_after\",\"method\":\"help.getConfig\"}", 1}};

START_TEST(faults_strike_on_demand)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"rpc_error\",\"method\":\"help.getConfig\",\"code\":420,\"message\":\"FLOOD_WAIT_7\"}");
    ck_assert_ptr_null(raw_call(&pair_client, "help.getConfig", json_object()));
    ck_assert_str_eq(pair_client.error, "FLOOD_WAIT_7");
    ck_assert_int_eq(pair_client.error_code, 420);
    json_t *state = server_control(&pair_server, "GET", "/state", "");
    ck_assert_int_eq(json_get_long(json_object_get(state, "methods"), "help.getConfig"), 0);
    json_decref(state);
    pair_fault("{\"type\":\"gzip\"}");
    json_t *j = raw_call(&pair_client, "help.getConfig", json_object());
    ck_assert_ptr_nonnull(j);
    json_decref(j);
    pair_fault("{\"type\":\"delay\",\"ms\":80}");
    int64_t before = clock_mono_us(&clock_system);
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    ck_assert(clock_mono_us(&clock_system) - before >= 75000);
    pair_fault("{\"type\":\"bad_msg\",\"code\":33}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert_int_eq(raw_bad_code(&pair_client), 33);
    pair_fault("{\"type\":\"transport_error\",\"code\":-429}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m;
    ck_assert(!raw_recv(&pair_client, &m));
    ck_assert_int_eq(pair_client.transport_error, -429);
}
END_TEST

START_TEST(a_dropped_connection_comes_before_or_after_the_deed)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault(drops[_i].rule);
    ck_assert_ptr_null(raw_call(&pair_client, "help.getConfig", json_object()));
    ck_assert_str_eq(pair_client.error, "");
    json_t *state = server_control(&pair_server, "GET", "/state", "");
    ck_assert_int_eq(json_get_long(json_object_get(state, "methods"), "help.getConfig"), drops[_i].executed);
    json_decref(state);
}
END_TEST

START_TEST(a_message_dropped_before_the_deed_is_done_when_it_comes_again)
{
    struct buf b;
    struct raw_message m;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault(drops[0].rule);
    buf_init(&b, 1024);
    raw_encode(&pair_client, "help.getConfig", json_object(), &b);
    uint64_t id = raw_msg_id(&pair_client);
    raw_send_as(&pair_client, pair_client.salt, id, 3, b.data, b.len);
    ck_assert(!raw_recv(&pair_client, &m));
    raw_reconnect(&pair_client);
    raw_send_as(&pair_client, pair_client.salt, id, 3, b.data, b.len);
    for (bool done = false; !done;) {
        m = pair_next(MT_RPC_RESULT);
        done = le64_load(m.body + 4) == id;
        free(m.body);
    }
    buf_fini(&b);
}
END_TEST

START_TEST(an_answer_kept_back_comes_after_the_next_one)
{
    struct buf b;
    uint64_t ids[2];

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"reorder\",\"method\":\"help.getNearestDc\"}");
    buf_init(&b, 1024);
    pair_encode_nearest(&b);
    for (int i = 0; i < 2; i++)
        ids[i] = raw_send(&pair_client, b.data, b.len, true);
    for (int i = 0; i < 2; i++) {
        struct raw_message m = pair_next(MT_RPC_RESULT);
        ck_assert(le64_load(m.body + 4) == ids[1 - i]);
        free(m.body);
    }
    buf_fini(&b);
}
END_TEST

START_TEST(an_answer_can_be_large)
{
    raw_login(&pair_client, "15550001");
    pair_fault("{\"type\":\"large\",\"method\":\"contacts.resolveUsername\",\"n\":100000}");
    json_t *j = raw_call(&pair_client, "contacts.resolveUsername", json_pack("{s:s}", "username", "alice"));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "users")), 100001);
    json_decref(j);
}
END_TEST

START_TEST(an_answer_comes_in_a_container_with_its_ack)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"container\",\"method\":\"help.getNearestDc\"}");
    uint64_t id = pair_ask_nearest();
    struct raw_message m = pair_next(MT_RPC_RESULT);
    ck_assert(m.container_id && le64_load(m.body + 4) == id);
    free(m.body);
    m = pair_next(MT_MSGS_ACK);
    ck_assert(m.container_id);
    free(m.body);
    pair_ask_nearest();
    m = pair_next(MT_RPC_RESULT);
    ck_assert(!m.container_id);
    free(m.body);
}
END_TEST

START_TEST(a_user_moves_to_the_other_data_centre)
{
    struct raw there;

    raw_login(&pair_client, "15550001");
    pair_fault("{\"type\":\"migrate\",\"dc\":2,\"method\":\"updates.getState\",\"count\":0}");
    ck_assert_ptr_null(raw_call(&pair_client, "updates.getState", json_object()));
    ck_assert_int_eq(pair_client.error_code, 303);
    ck_assert_str_eq(pair_client.error, "USER_MIGRATE_2");
    json_t *exported = raw_call(&pair_client, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", 2));
    raw_init(&there, &pair_server, 2, 229, WIRE_INTERMEDIATE, false);
    json_t *j = raw_call(
        &there, "auth.importAuthorization",
        json_pack("{s:O, s:O}", "id", json_object_get(exported, "id"), "bytes", json_object_get(exported, "bytes")));
    ck_assert_msg(j != NULL, "%s", there.error);
    json_decref(j);
    j = raw_call(&there, "updates.getState", json_object());
    ck_assert_msg(j != NULL, "%s", there.error);
    json_decref(j);
    json_decref(exported);
    raw_fini(&there);
}
END_TEST

START_TEST(a_phone_moves_to_the_other_data_centre)
{
    struct raw there;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"migrate\",\"dc\":2}");
    ck_assert_ptr_null(raw_call(&pair_client, "auth.sendCode",
                                json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "+15550001", "api_id", 1,
                                          "api_hash", "x", "settings", "_", "codeSettings")));
    ck_assert_str_eq(pair_client.error, "PHONE_MIGRATE_2");
    raw_init(&there, &pair_server, 2, 229, WIRE_INTERMEDIATE, false);
    raw_login(&there, "+15550001");
    raw_fini(&there);
}
END_TEST

START_TEST(a_forgotten_session_is_announced_anew)
{
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = pair_next(MT_NEW_SESSION_CREATED);
    free(m.body);
    pair_fault("{\"type\":\"forget_session\"}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    m = pair_next(MT_NEW_SESSION_CREATED);
    free(m.body);
}
END_TEST

START_TEST(a_salt_is_refused_and_an_answer_comes_twice)
{
    struct raw_message m;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"bad_server_salt\"}");
    uint64_t salt = pair_client.salt;
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert_int_eq(raw_bad_code(&pair_client), 48);
    ck_assert_uint_ne(pair_client.salt, salt);
    raw_send_as(&pair_client, salt, raw_msg_id(&pair_client), 0, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 48);
    pair_fault("{\"type\":\"duplicate\"}");
    pair_ask_nearest();
    m = pair_next(MT_RPC_RESULT);
    uint64_t id = m.msg_id;
    free(m.body);
    m = pair_next(MT_RPC_RESULT);
    ck_assert(m.msg_id == id);
    free(m.body);
    pair_fault("{\"type\":\"no_answer\"}");
    pair_ask_nearest();
    m = pair_next(MT_MSGS_ACK);
    free(m.body);
}
END_TEST

static void create(struct raw *r, int n)
{
    json_t *j =
        raw_call(r, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", n));

    ck_assert_msg(j != NULL, "%s", r->error);
    json_decref(j);
}

/* What the client was told since. */
static json_t *heard(void)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    json_t *list = json_copy(pair_client.updates);
    json_array_clear(pair_client.updates);
    return list;
}

static int64_t pts_of(const json_t *heard, size_t at)
{
    const json_t *item, *list = json_object_get(json_array_get(heard, at), "updates");
    size_t i;

    json_array_foreach (list, i, item)
        if (json_object_get(item, "pts"))
            return json_get_long(item, "pts");
    return 0;
}

static const struct {
    const char *rule;
    int64_t pts[4]; /* of what is heard of two creates, counted from the first; -1: updatesTooLong */
} of_updates[] = {
    {"{\"type\":\"lost_update\"}", {2}},
    {"{\"type\":\"lost_update\",\"user\":1001,\"every\":2}", {1}},
    {"{\"type\":\"lost_update\",\"user\":1002}", {1, 2}},
    {"{\"type\":\"double_update\"}", {1, 1, 2}},
    {"{\"type\":\"reorder_update\"}", {2, 1}},
    {"{\"type\":\"too_long_update\"}", {-1, 2}},
};

/* Two creates of the user's other session; the second one's first message says that the first call ended. */
START_TEST(updates_are_lost_doubled_reordered_and_too_long)
{
    struct raw other;
    size_t n = 0;

    raw_login(&pair_client, "15550001");
    raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    json_t *state = raw_call(&other, "updates.getState", json_object());
    int64_t before = json_get_long(state, "pts");
    json_decref(state);
    json_decref(heard());
    pair_fault(of_updates[_i].rule);
    create(&other, 1);
    create(&other, 2);
    json_t *list = heard();
    for (; n < 4 && of_updates[_i].pts[n]; n++) {
        const json_t *one = json_array_get(list, n);
        if (of_updates[_i].pts[n] < 0)
            ck_assert_str_eq(json_tag(one), "updatesTooLong");
        else
            ck_assert_int_eq(pts_of(list, n), before + of_updates[_i].pts[n]);
    }
    ck_assert_uint_eq(json_array_size(list), n);
    json_decref(list);
    raw_fini(&other);
}
END_TEST

START_TEST(what_counts_in_a_channel_is_withheld_and_nothing_else)
{
    raw_login(&pair_client, "15550001");
    json_decref(heard());
    pair_fault("{\"type\":\"channel_too_long_update\"}");
    json_decref(server_control(&pair_server, "POST", "/messages", "{\"chat\":5001}"));
    json_decref(server_control(&pair_server, "POST", "/messages", "{\"chat\":6002,\"count\":2}"));
    json_t *list = heard();
    ck_assert_uint_eq(json_array_size(list), 3);
    ck_assert_int_gt(pts_of(list, 0), 0);
    const json_t *update = json_object_get(json_array_get(list, 1), "update");
    ck_assert_str_eq(json_tag(update), "updateChannelTooLong");
    ck_assert_int_eq(json_get_long(update, "channel_id"), 6002);
    ck_assert_int_eq(json_get_long(update, "pts"), 2);
    ck_assert_int_eq(pts_of(list, 2), 3);
    json_decref(list);
}
END_TEST

Suite *suite_faults(void)
{
    Suite *s = suite_create("faults");
    TCase *t = tcase_create("faults");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, faults_strike_on_demand);
    tcase_add_loop_test(t, updates_are_lost_doubled_reordered_and_too_long, 0,
                        sizeof(of_updates) / sizeof(*of_updates));
    tcase_add_test(t, what_counts_in_a_channel_is_withheld_and_nothing_else);
    tcase_add_loop_test(t, a_dropped_connection_comes_before_or_after_the_deed, 0, 2);
    tcase_add_test(t, a_message_dropped_before_the_deed_is_done_when_it_comes_again);
    tcase_add_test(t, an_answer_kept_back_comes_after_the_next_one);
    tcase_add_test(t, an_answer_can_be_large);
    tcase_add_test(t, an_answer_comes_in_a_container_with_its_ack);
    tcase_add_test(t, a_user_moves_to_the_other_data_centre);
    tcase_add_test(t, a_phone_moves_to_the_other_data_centre);
    tcase_add_test(t, a_forgotten_session_is_announced_anew);
    tcase_add_test(t, a_salt_is_refused_and_an_answer_comes_twice);
    suite_add_tcase(s, t);
    return s;
}
