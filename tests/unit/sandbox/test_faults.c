/* Faults on demand, options and lints, over a real socket. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
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

START_TEST(wrong_options_change_nothing)
{
    json_t *j = server_control(&server, "POST", "/opts", "{\"gzip_min\": 5, \"colour\": 1}");

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
    tcase_add_test(t, wrong_options_change_nothing);
    tcase_add_test(t, oddities_are_served_and_noted);
    suite_add_tcase(s, t);
    return s;
}
