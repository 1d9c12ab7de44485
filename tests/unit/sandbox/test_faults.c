/* Faults on demand, options and lints, over a real socket. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/json.h"
#include "daemon/sandbox/packet_lie.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/raw.h"
#include "tests/unit/sandbox/suites.h"

static struct server server;
static struct raw r;

static void setup(void)
{
    server_start(&server);
    raw_init(&r, &server, 1, 229, WIRE_INTERMEDIATE, false);
}

static void teardown(void)
{
    raw_fini(&r);
    server_stop(&server);
}

static const uint8_t ping[12] = {0xec, 0x77, 0xbe, 0x7a, 1, 2, 3, 4, 5, 6, 7, 8};

static struct raw_message next(uint32_t id)
{
    struct raw_message m = raw_expect(&r, id);

    return m;
}

static void encode_nearest(struct buf *b)
{
    raw_encode(&r, "help.getNearestDc", json_object(), b);
}

static void fault(const char *rule)
{
    json_t *j = server_control(&server, "POST", "/fault", rule);

    ck_assert_msg(json_object_get(j, "faults") != NULL, "%s", json_get_text(j, "detail"));
    json_decref(j);
}

static const struct {
    const char *rule;
    int executed;
} drops[] = {{"{\"type\":\"drop_before\",\"method\":\"help.getConfig\"}", 0},
             {"{\"type\":\"drop_after\",\"method\":\"help.getConfig\"}", 1}};

static const struct {
    const char *lie;
    int err; /* what opening the packet says; 0: the lie is in what it holds */
} lies[] = {
    {"msg_key", TGC_ECRYPTO},
    {"key_id", TGC_ECRYPTO},
    {"not_16", TGC_ECRYPTO},
    {"session_id", 0},
    {"even_msg_id", 0},
    {"old_msg_id", 0},
    {"future_msg_id", 0},
    {"length_long", TGC_EPROTO},
    {"length_negative", TGC_EPROTO},
    {"length_odd", TGC_EPROTO},
    {"padding_short", TGC_EPROTO},
    {"padding_long", TGC_EPROTO},
};

START_TEST(faults_strike_on_demand)
{
    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"rpc_error\",\"method\":\"help.getConfig\",\"code\":420,\"message\":\"FLOOD_WAIT_7\"}");
    ck_assert_ptr_null(raw_call(&r, "help.getConfig", json_object()));
    ck_assert_str_eq(r.error, "FLOOD_WAIT_7");
    ck_assert_int_eq(r.error_code, 420);
    fault("{\"type\":\"gzip\"}");
    json_t *j = raw_call(&r, "help.getConfig", json_object());
    ck_assert_ptr_nonnull(j);
    json_decref(j);
    fault("{\"type\":\"delay\",\"ms\":80}");
    int64_t before = clock_mono_us(&clock_system);
    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    ck_assert(clock_mono_us(&clock_system) - before >= 75000);
    fault("{\"type\":\"bad_msg\",\"code\":33}");
    raw_send(&r, ping, sizeof(ping), false);
    ck_assert_int_eq(raw_bad_code(&r), 33);
    fault("{\"type\":\"transport_error\",\"code\":-429}");
    raw_send(&r, ping, sizeof(ping), false);
    struct raw_message m;
    ck_assert(!raw_recv(&r, &m));
    ck_assert_int_eq(r.transport_error, -429);
}
END_TEST

START_TEST(a_dropped_connection_comes_before_or_after_the_deed)
{
    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault(drops[_i].rule);
    ck_assert_ptr_null(raw_call(&r, "help.getConfig", json_object()));
    ck_assert_str_eq(r.error, "");
    json_t *state = server_control(&server, "GET", "/state", "");
    ck_assert_int_eq(json_get_long(json_object_get(state, "methods"), "help.getConfig"), drops[_i].executed);
    json_decref(state);
}
END_TEST

START_TEST(a_message_dropped_before_the_deed_is_done_when_it_comes_again)
{
    struct buf b;
    struct raw_message m;

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault(drops[0].rule);
    buf_init(&b, 1024);
    raw_encode(&r, "help.getConfig", json_object(), &b);
    uint64_t id = raw_msg_id(&r);
    raw_send_as(&r, r.salt, id, 3, b.data, b.len);
    ck_assert(!raw_recv(&r, &m));
    raw_reconnect(&r);
    raw_send_as(&r, r.salt, id, 3, b.data, b.len);
    for (bool done = false; !done;) {
        m = next(MT_RPC_RESULT);
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

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"reorder\",\"method\":\"help.getNearestDc\"}");
    buf_init(&b, 1024);
    encode_nearest(&b);
    for (int i = 0; i < 2; i++)
        ids[i] = raw_send(&r, b.data, b.len, true);
    for (int i = 0; i < 2; i++) {
        struct raw_message m = next(MT_RPC_RESULT);
        ck_assert(le64_load(m.body + 4) == ids[1 - i]);
        free(m.body);
    }
    buf_fini(&b);
}
END_TEST

START_TEST(an_answer_can_be_large)
{
    raw_login(&r, "15550001");
    fault("{\"type\":\"large\",\"method\":\"contacts.resolveUsername\",\"n\":100000}");
    json_t *j = raw_call(&r, "contacts.resolveUsername", json_pack("{s:s}", "username", "alice"));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "users")), 100001);
    json_decref(j);
}
END_TEST

START_TEST(each_packet_lie_is_told)
{
    static const uint8_t body[28] = {1};
    struct mt_message m = {.salt = 5, .session_id = 6, .msg_id = ((uint64_t)1000 << 32) + 1, .seq_no = 1, .body = body},
                      got;

    for (m.len = 4; m.len <= sizeof(body); m.len += 4) {
        struct buf b;
        buf_init(&b, LIMIT_PACKET);
        ck_assert_int_eq(packet_lie_seal(r.key, &m, packet_lie_find(lies[_i].lie), &b), 0);
        int err = mt_packed_open(r.key, KDF_TO_CLIENT, b.data, b.len, &got);
        ck_assert_msg(err == lies[_i].err, "%s, %zu bytes: %s", lies[_i].lie, m.len, tgc_err_text(err));
        if (!err)
            ck_assert(got.session_id != m.session_id || got.msg_id != m.msg_id);
        buf_fini(&b);
    }
}
END_TEST

START_TEST(after_a_lie_the_truth_comes_on_a_new_connection)
{
    struct raw_message m;
    struct buf b;

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"packet\",\"lie\":\"session_id\"}");
    buf_init(&b, 1024);
    encode_nearest(&b);
    uint64_t id = raw_send(&r, b.data, b.len, true);
    buf_fini(&b);
    json_decref(server_control(&server, "GET", "/state", ""));
    raw_reconnect(&r);
    raw_send(&r, ping, sizeof(ping), false);
    for (bool done = false; !done;) {
        m = next(MT_RPC_RESULT);
        done = le64_load(m.body + 4) == id;
        free(m.body);
    }
}
END_TEST

START_TEST(salts_change_and_the_last_one_is_still_good)
{
    json_decref(server_control(&server, "POST", "/opts", "{\"salt_period_s\": 1000}"));
    json_decref(server_control(&server, "POST", "/opts", "{\"clock_skew_s\": 1500}"));
    r.now_us = clock_wall_us(&clock_system) + 1500 * SECOND_US;
    raw_send(&r, ping, sizeof(ping), false);
    struct raw_message m = next(MT_NEW_SESSION_CREATED);
    ck_assert(le64_load(m.body + 20) != r.salt);
    free(m.body);
    m = next(MT_PONG);
    free(m.body);
    json_decref(server_control(&server, "POST", "/opts", "{\"clock_skew_s\": 2500}"));
    r.now_us += 1000 * SECOND_US;
    raw_send(&r, ping, sizeof(ping), false);
    ck_assert_int_eq(raw_bad_code(&r), 48);
}
END_TEST

static void opts(const char *text)
{
    json_t *j = server_control(&server, "POST", "/opts", text);

    ck_assert_msg(json_object_get(j, "status") == NULL, "%s", json_get_text(j, "detail"));
    json_decref(j);
}

static uint64_t ask_nearest(void)
{
    struct buf b;

    buf_init(&b, 1024);
    encode_nearest(&b);
    uint64_t id = raw_send(&r, b.data, b.len, true);
    buf_fini(&b);
    return id;
}

START_TEST(an_answer_comes_in_a_container_with_its_ack)
{
    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"container\",\"method\":\"help.getNearestDc\"}");
    uint64_t id = ask_nearest();
    struct raw_message m = next(MT_RPC_RESULT);
    ck_assert(m.boxed && le64_load(m.body + 4) == id);
    free(m.body);
    m = next(MT_MSGS_ACK);
    ck_assert(m.boxed);
    free(m.body);
    ask_nearest();
    m = next(MT_RPC_RESULT);
    ck_assert(!m.boxed);
    free(m.body);
}
END_TEST

START_TEST(every_packet_can_be_a_container)
{
    opts("{\"containers\": true}");
    raw_send(&r, ping, sizeof(ping), false);
    for (int i = 0; i < 2; i++) {
        struct raw_message m = next(MT_PONG);
        ck_assert(m.boxed);
        free(m.body);
        raw_send(&r, ping, sizeof(ping), false);
    }
}
END_TEST

START_TEST(every_answer_and_update_can_be_gzipped)
{
    struct raw other;

    opts("{\"gzip_min\": 1}");
    raw_login(&r, "15550001");
    raw_init(&other, &server, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    ask_nearest();
    struct raw_message m = next(MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), MT_GZIP_PACKED);
    free(m.body);
    json_t *j =
        raw_call(&other, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    ck_assert_msg(j != NULL, "%s", other.error);
    json_decref(j);
    m = next(MT_GZIP_PACKED);
    free(m.body);
    raw_fini(&other);
}
END_TEST

START_TEST(bytes_can_come_one_by_one_to_the_last_word)
{
    struct raw_message m;

    opts("{\"write_size\": 1}");
    raw_login(&r, "15550001");
    fault("{\"type\":\"large\",\"n\":500}");
    for (int i = 0; i < 3; i++)
        ask_nearest();
    json_t *j = raw_call(&r, "contacts.resolveUsername", json_pack("{s:s}", "username", "alice"));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "users")), 501);
    json_decref(j);
    ask_nearest();
    fault("{\"type\":\"transport_error\",\"code\":-429}");
    raw_send(&r, ping, sizeof(ping), false);
    while (raw_recv(&r, &m))
        free(m.body);
    ck_assert_int_eq(r.transport_error, -429);
}
END_TEST

/* A client that hangs up in the middle of it. */
START_TEST(single_bytes_end_with_their_connection)
{
    opts("{\"write_size\": 1}");
    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    for (int i = 0; i < 20; i++)
        ask_nearest();
    raw_reconnect(&r);
    opts("{\"write_size\": 0}");
    raw_send(&r, ping, sizeof(ping), false);
    struct raw_message m = next(MT_PONG);
    free(m.body);
}
END_TEST

START_TEST(a_retry_of_the_key_exchange_can_last)
{
    struct raw other;

    opts("{\"handshake\": \"legal_retry_once\"}");
    for (int i = 0; i < 2; i++) {
        raw_init(&other, &server, 1, 229, WIRE_INTERMEDIATE, false);
        ck_assert_uint_eq(other.exchanges, 4);
        raw_fini(&other);
    }
    opts("{\"handshake\": \"\"}");
    raw_init(&other, &server, 1, 229, WIRE_INTERMEDIATE, false);
    ck_assert_uint_eq(other.exchanges, 3);
    raw_fini(&other);
    opts("{\"handshake\": \"pq_prime\"}");
    ck_assert(!raw_try_key(&server) && !raw_try_key(&server));
}
END_TEST

START_TEST(each_handshake_lie_is_told_and_each_legal_oddity_served)
{
    char rule[128];
    const char *lie = mt_handshake_lie_text((enum mt_handshake_lie)_i);

    snprintf(rule, sizeof(rule), "{\"type\":\"handshake\",\"lie\":\"%s\"}", lie);
    fault(rule);
    ck_assert_msg(raw_try_key(&server) == (strncmp(lie, "legal_", 6) == 0), "%s", lie);
    ck_assert(raw_try_key(&server));
}
END_TEST

START_TEST(a_user_moves_to_the_other_data_centre)
{
    struct raw there;

    raw_login(&r, "15550001");
    fault("{\"type\":\"migrate\",\"dc\":2,\"method\":\"updates.getState\",\"count\":0}");
    ck_assert_ptr_null(raw_call(&r, "updates.getState", json_object()));
    ck_assert_int_eq(r.error_code, 303);
    ck_assert_str_eq(r.error, "USER_MIGRATE_2");
    json_t *exported = raw_call(&r, "auth.exportAuthorization", json_pack("{s:i}", "dc_id", 2));
    raw_init(&there, &server, 2, 229, WIRE_INTERMEDIATE, false);
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

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"migrate\",\"dc\":2}");
    ck_assert_ptr_null(raw_call(&r, "auth.sendCode",
                                json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "+15550001", "api_id", 1,
                                          "api_hash", "x", "settings", "_", "codeSettings")));
    ck_assert_str_eq(r.error, "PHONE_MIGRATE_2");
    raw_init(&there, &server, 2, 229, WIRE_INTERMEDIATE, false);
    raw_login(&there, "+15550001");
    raw_fini(&there);
}
END_TEST

START_TEST(a_forgotten_session_is_announced_anew)
{
    raw_send(&r, ping, sizeof(ping), false);
    struct raw_message m = next(MT_NEW_SESSION_CREATED);
    free(m.body);
    fault("{\"type\":\"forget_session\"}");
    raw_send(&r, ping, sizeof(ping), false);
    m = next(MT_NEW_SESSION_CREATED);
    free(m.body);
}
END_TEST

START_TEST(a_salt_is_refused_and_an_answer_comes_twice)
{
    struct raw_message m;

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    fault("{\"type\":\"bad_server_salt\"}");
    raw_send(&r, ping, sizeof(ping), false);
    ck_assert_int_eq(raw_bad_code(&r), 48);
    fault("{\"type\":\"duplicate\"}");
    ask_nearest();
    m = next(MT_RPC_RESULT);
    uint64_t id = m.msg_id;
    free(m.body);
    m = next(MT_RPC_RESULT);
    ck_assert(m.msg_id == id);
    free(m.body);
    fault("{\"type\":\"no_answer\"}");
    ask_nearest();
    m = next(MT_MSGS_ACK);
    free(m.body);
}
END_TEST

START_TEST(the_log_goes_on_from_where_one_was)
{
    char path[48];

    json_decref(raw_call(&r, "help.getNearestDc", json_object()));
    json_t *all = server_control(&server, "GET", "/log?since=0", "");
    ck_assert_uint_ge(json_array_size(json_object_get(all, "events")), 2);
    snprintf(path, sizeof(path), "/log?since=%d", (int)json_get_long(all, "next"));
    json_decref(raw_call(&r, "help.getConfig", json_object()));
    json_t *later = server_control(&server, "GET", path, "");
    ck_assert_uint_eq(json_array_size(json_object_get(later, "events")), 1);
    ck_assert_str_eq(json_get_text(json_array_get(json_object_get(later, "events"), 0), "method"), "help.getConfig");
    json_decref(all);
    json_decref(later);
}
END_TEST

static const char *const wrong_opts[] = {
    "{\"gzip_min\": 5, \"colour\": 1}",
    "{\"gzip_min\": 5, \"any_dc\": 1}",
    "{\"gzip_min\": 5, \"handshake\": \"white\"}",
    "{\"gzip_min\": 5, \"containers\": 0}",
    "{\"gzip_min\": 5, \"write_size\": -1}",
    "{\"gzip_min\": 5, \"transport_pad\": 16}",
    "{\"gzip_min\": 5, \"salt_period_s\": 0}",
    "{\"gzip_min\": 5, \"clock_skew_s\": 9223372036854775807}",
    "{\"gzip_min\": \"5\"}",
};

START_TEST(wrong_options_change_nothing)
{
    json_t *j = server_control(&server, "POST", "/opts", wrong_opts[_i]);

    ck_assert_int_eq(json_get_long(j, "status"), 422);
    json_decref(j);
    j = server_control(&server, "POST", "/opts", "{}");
    ck_assert_int_eq(json_get_long(j, "gzip_min"), 0);
    json_decref(j);
    j = server_control(&server, "DELETE", "/state", "");
    ck_assert_int_eq(json_get_long(j, "status"), 405);
    json_decref(j);
}
END_TEST

START_TEST(oddities_are_served_and_noted)
{
    uint8_t ack[20] = {0};

    le32_store(ack, MT_MSGS_ACK);
    le32_store(ack + 4, TL_ID_VECTOR);
    raw_send_as(&r, r.salt, raw_msg_id(&r), 1, ack, 12);
    raw_send_as(&r, r.salt, raw_msg_id(&r), 2, ping, sizeof(ping));
    struct raw_message m = next(MT_PONG);
    free(m.body);
    json_t *j = server_control(&server, "GET", "/lints", "");
    const json_t *first = json_array_get(json_object_get(j, "lints"), 0);
    ck_assert_str_eq(json_get_text(first, "lint"), "ack_odd_seqno");
    json_decref(j);
}
END_TEST

Suite *suite_faults(void)
{
    Suite *s = suite_create("faults");
    TCase *t = tcase_create("faults");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, faults_strike_on_demand);
    tcase_add_loop_test(t, a_dropped_connection_comes_before_or_after_the_deed, 0, 2);
    tcase_add_test(t, a_message_dropped_before_the_deed_is_done_when_it_comes_again);
    tcase_add_test(t, an_answer_kept_back_comes_after_the_next_one);
    tcase_add_test(t, an_answer_can_be_large);
    tcase_add_loop_test(t, each_packet_lie_is_told, 0, sizeof(lies) / sizeof(*lies));
    tcase_add_test(t, after_a_lie_the_truth_comes_on_a_new_connection);
    tcase_add_test(t, salts_change_and_the_last_one_is_still_good);
    tcase_add_test(t, an_answer_comes_in_a_container_with_its_ack);
    tcase_add_test(t, every_packet_can_be_a_container);
    tcase_add_test(t, every_answer_and_update_can_be_gzipped);
    tcase_add_test(t, bytes_can_come_one_by_one_to_the_last_word);
    tcase_add_test(t, single_bytes_end_with_their_connection);
    tcase_add_test(t, a_retry_of_the_key_exchange_can_last);
    tcase_add_loop_test(t, each_handshake_lie_is_told_and_each_legal_oddity_served, 1, MT_LIE_COUNT);
    tcase_add_test(t, a_user_moves_to_the_other_data_centre);
    tcase_add_test(t, a_phone_moves_to_the_other_data_centre);
    tcase_add_test(t, a_forgotten_session_is_announced_anew);
    tcase_add_test(t, a_salt_is_refused_and_an_answer_comes_twice);
    tcase_add_test(t, the_log_goes_on_from_where_one_was);
    tcase_add_loop_test(t, wrong_options_change_nothing, 0, sizeof(wrong_opts) / sizeof(*wrong_opts));
    tcase_add_test(t, oddities_are_served_and_noted);
    suite_add_tcase(s, t);
    return s;
}
