/* The rules of sessions, over a real socket: salts, acks, states, what is sent again. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

START_TEST(the_first_message_of_a_session_is_announced_and_a_ping_answered)
{
    struct raw_message m;
    uint64_t id = raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);

    ck_assert(raw_recv(&pair_client, &m));
    ck_assert_uint_eq(m.id, MT_NEW_SESSION_CREATED);
    ck_assert_uint_eq(m.seq_no, 1);
    ck_assert(le64_load(m.body + 4) == id);
    ck_assert(le64_load(m.body + 20) == pair_client.salt);
    free(m.body);
    ck_assert(raw_recv(&pair_client, &m));
    ck_assert_uint_eq(m.id, MT_PONG);
    ck_assert_uint_eq(m.msg_id & 3, 1);
    ck_assert(le64_load(m.body + 4) == id);
    ck_assert_int_eq(memcmp(m.body + 12, pair_ping + 4, 8), 0);
    free(m.body);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert(raw_recv(&pair_client, &m));
    ck_assert_uint_eq(m.id, MT_PONG);
    free(m.body);
}
END_TEST

START_TEST(a_wrong_salt_is_told_with_the_right_one)
{
    uint64_t right = pair_client.salt;

    raw_send_as(&pair_client, right ^ 1, raw_msg_id(&pair_client), 0, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 48);
    ck_assert(pair_client.salt == right);
}
END_TEST

START_TEST(the_same_message_is_done_once_and_answered_again)
{
    struct buf b;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    buf_init(&b, 1024);
    raw_encode(&pair_client, "help.getNearestDc", json_object(), &b);
    uint64_t id = raw_msg_id(&pair_client);
    raw_send_as(&pair_client, pair_client.salt, id, pair_client.content * 2 + 1, b.data, b.len);
    struct raw_message first = pair_next(MT_RPC_RESULT);
    raw_send_as(&pair_client, pair_client.salt, id, pair_client.content * 2 + 1, b.data, b.len);
    struct raw_message again = pair_next(MT_RPC_RESULT);
    ck_assert(first.msg_id == again.msg_id);
    ck_assert_int_eq(memcmp(first.body, again.body, first.len), 0);
    json_t *state = server_control(&pair_server, "GET", "/state", "");
    ck_assert_int_eq(json_get_long(json_object_get(state, "methods"), "help.getNearestDc"), 2);
    json_decref(state);
    free(first.body);
    free(again.body);
    buf_fini(&b);
}
END_TEST

START_TEST(what_is_not_acked_comes_again_on_a_new_connection)
{
    struct raw_message m, again;
    uint8_t ack[20] = {0};

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    raw_reconnect(&pair_client);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    m = pair_next(MT_NEW_SESSION_CREATED);
    again = pair_next(MT_RPC_RESULT);
    le32_store(ack, MT_MSGS_ACK);
    le32_store(ack + 4, TL_ID_VECTOR);
    le32_store(ack + 8, 1);
    le64_store(ack + 12, again.msg_id);
    raw_send(&pair_client, ack, sizeof(ack), false);
    le64_store(ack + 12, m.msg_id);
    raw_send(&pair_client, ack, sizeof(ack), false);
    free(m.body);
    free(again.body);
    m = pair_next(MT_PONG);
    free(m.body);
    raw_reconnect(&pair_client);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert(raw_recv(&pair_client, &m));
    ck_assert_uint_eq(m.id, MT_PONG);
    free(m.body);
}
END_TEST

START_TEST(states_are_told)
{
    struct buf b;
    struct raw_message m;
    uint64_t known = raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);

    m = pair_next(MT_PONG);
    free(m.body);
    buf_init(&b, 1024);
    buf_put_u32(&b, MT_MSGS_STATE_REQ);
    tl_write_vector(&b, 3);
    buf_put_u64(&b, known);
    buf_put_u64(&b, known - 400);
    buf_put_u64(&b, known + ((uint64_t)1 << 40));
    uint64_t request = raw_send(&pair_client, b.data, b.len, true);
    buf_fini(&b);
    m = pair_next(MT_MSGS_STATE_INFO);
    ck_assert(le64_load(m.body + 4) == request);
    ck_assert_uint_eq(m.body[12], 3);
    ck_assert_uint_eq(m.body[13] & 7, 4);
    ck_assert_uint_eq(m.body[14] & 7, 2);
    ck_assert_uint_eq(m.body[15] & 7, 3);
    free(m.body);
}
END_TEST

START_TEST(future_salts_start_with_the_present_one)
{
    uint8_t body[8];

    le32_store(body, MT_GET_FUTURE_SALTS);
    le32_store(body + 4, 3);
    uint64_t request = raw_send(&pair_client, body, sizeof(body), true);
    struct raw_message m = pair_next(MT_FUTURE_SALTS);
    ck_assert(le64_load(m.body + 4) == request);
    ck_assert_uint_eq(le32_load(m.body + 16), 3);
    ck_assert(le64_load(m.body + 28) == pair_client.salt);
    ck_assert_uint_eq(m.len, 20 + 3 * 16);
    free(m.body);
}
END_TEST

START_TEST(a_key_is_destroyed_and_then_unknown)
{
    uint8_t body[4];

    le32_store(body, MT_DESTROY_AUTH_KEY);
    raw_send(&pair_client, body, sizeof(body), true);
    struct raw_message m = pair_next(MT_DESTROY_AUTH_KEY_OK);
    free(m.body);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert(!raw_recv(&pair_client, &m));
    ck_assert_int_eq(pair_client.transport_error, -404);
}
END_TEST

START_TEST(a_packet_that_does_not_decrypt_ends_the_connection)
{
    struct raw_message m;

    pair_client.key->key[100] ^= 1;
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert(!raw_recv(&pair_client, &m));
    ck_assert_int_eq(pair_client.transport_error, -404);
}
END_TEST

Suite *suite_session(void)
{
    Suite *s = suite_create("session");
    TCase *t = tcase_create("session");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, the_first_message_of_a_session_is_announced_and_a_ping_answered);
    tcase_add_test(t, a_wrong_salt_is_told_with_the_right_one);
    tcase_add_test(t, the_same_message_is_done_once_and_answered_again);
    tcase_add_test(t, what_is_not_acked_comes_again_on_a_new_connection);
    tcase_add_test(t, states_are_told);
    tcase_add_test(t, future_salts_start_with_the_present_one);
    tcase_add_test(t, a_key_is_destroyed_and_then_unknown);
    tcase_add_test(t, a_packet_that_does_not_decrypt_ends_the_connection);
    suite_add_tcase(s, t);
    return s;
}
