/* The rules of sessions, over a real socket: numbers, salts, containers, what is sent again. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/container.h"
#include "daemon/sandbox/json.h"
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

static const struct {
    int64_t off_s;
    unsigned low, seq_no;
    uint32_t constructor;
    int code; /* 0: taken */
} numbers[] = {
    {-400, 0, 0, MT_PING, 16},       {-200, 0, 0, MT_PING, 0},    {60, 0, 0, MT_PING, 17},
    {20, 0, 0, MT_PING, 0},          {0, 1, 0, MT_PING, 18},      {0, 2, 0, MT_PING, 18},
    {0, 3, 0, MT_PING, 18},          {0, 0, 1, MT_PING, 0},       {0, 0, 0, 0xc4f9186b, 35},
    {0, 0, 1, MT_MSG_CONTAINER, 34}, {0, 0, 1, MT_HTTP_WAIT, 34}, {0, 0, 0, MT_MSG_CONTAINER, 64},
};

START_TEST(message_numbers_are_judged)
{
    uint8_t body[12] = {0};
    struct raw_message m;

    le32_store(body, numbers[_i].constructor);
    pair_client.now_us = clock_wall_us(&clock_system) + numbers[_i].off_s * SECOND_US;
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client) | numbers[_i].low, numbers[_i].seq_no, body,
                sizeof(body));
    if (numbers[_i].code) {
        ck_assert_int_eq(raw_bad_code(&pair_client), numbers[_i].code);
    } else {
        m = pair_next(MT_PONG);
        free(m.body);
    }
}
END_TEST

START_TEST(seqnos_grow_with_message_ids)
{
    uint64_t first = raw_msg_id(&pair_client), second = raw_msg_id(&pair_client), third = raw_msg_id(&pair_client);

    raw_send_as(&pair_client, pair_client.salt, second, 5, pair_ping, sizeof(pair_ping));
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
    raw_send_as(&pair_client, pair_client.salt, third, 3, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
    raw_send_as(&pair_client, pair_client.salt, third, 5, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
    raw_send_as(&pair_client, pair_client.salt, first, 7, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 33);
    raw_send_as(&pair_client, pair_client.salt, third, 6, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 0);
}
END_TEST

/* A container of two pings; EDIT spoils it. */
static void send_container(void (*edit)(uint8_t *body, uint64_t ids[3]))
{
    uint64_t ids[3] = {raw_msg_id(&pair_client), raw_msg_id(&pair_client), raw_msg_id(&pair_client)};
    struct buf b;

    buf_init(&b, 1024);
    mt_container_begin(&b, 2);
    mt_container_put(&b, ids[0], 0, pair_ping, sizeof(pair_ping));
    mt_container_put(&b, ids[1], 0, pair_ping, sizeof(pair_ping));
    if (edit)
        edit(b.data, ids);
    raw_send_as(&pair_client, pair_client.salt, ids[2], 0, b.data, b.len);
    buf_fini(&b);
}

static void edit_count(uint8_t *body, uint64_t ids[3])
{
    body[4] = 3;
}
static void edit_none(uint8_t *body, uint64_t ids[3])
{
    body[4] = 0;
}
static void edit_length(uint8_t *body, uint64_t ids[3])
{
    body[20] = 16;
}
static void edit_nested(uint8_t *body, uint64_t ids[3])
{
    le32_store(body + 24, MT_MSG_CONTAINER);
}
static void edit_newer(uint8_t *body, uint64_t ids[3])
{
    le64_store(body + 8, ids[2] + 4);
}
static void edit_low_bits(uint8_t *body, uint64_t ids[3])
{
    body[8] |= 1;
}

static const struct {
    void (*edit)(uint8_t *body, uint64_t ids[3]);
    int code;
} containers[] = {
    {edit_count, 64}, {edit_none, 64}, {edit_length, 64}, {edit_nested, 64}, {edit_newer, 64}, {edit_low_bits, 18},
};

START_TEST(a_broken_container_is_refused_as_a_whole)
{
    send_container(containers[_i].edit);
    ck_assert_int_eq(raw_bad_code(&pair_client), containers[_i].code);
}
END_TEST

START_TEST(a_container_is_done_message_by_message)
{
    struct raw_message m;

    send_container(NULL);
    for (int i = 0; i < 2; i++) {
        m = pair_next(MT_PONG);
        free(m.body);
    }
}
END_TEST

START_TEST(a_container_and_a_message_never_share_an_id)
{
    uint64_t id = raw_msg_id(&pair_client);
    struct buf b;

    raw_send_as(&pair_client, pair_client.salt, id, 0, pair_ping, sizeof(pair_ping));
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
    buf_init(&b, 1024);
    mt_container_begin(&b, 1);
    mt_container_put(&b, id - 4, 0, pair_ping, sizeof(pair_ping));
    raw_send_as(&pair_client, pair_client.salt, id, 0, b.data, b.len);
    buf_fini(&b);
    ck_assert_int_eq(raw_bad_code(&pair_client), 19);
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

/* What the rpc_error to these bytes says. */
static void expect_error(const struct buf *b, const char *message)
{
    raw_send(&pair_client, b->data, b->len, true);
    struct raw_message m = pair_next(MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ERROR);
    ck_assert_int_eq((int)le32_load(m.body + 16), 400);
    ck_assert_msg(m.body[20] == strlen(message) && memcmp(m.body + 21, message, strlen(message)) == 0, "%.*s",
                  m.body[20], m.body + 21);
    free(m.body);
}

START_TEST(queries_are_judged_to_the_last_byte)
{
    struct buf b;

    buf_init(&b, 4096);
    pair_encode_nearest(&b);
    expect_error(&b, "CONNECTION_NOT_INITED");
    buf_reset(&b);
    buf_put_u32(&b, 0xda9b0d0d);
    buf_put_u32(&b, 137);
    pair_encode_nearest(&b);
    expect_error(&b, "CONNECTION_LAYER_INVALID");
    le32_store(b.data + 4, 229);
    expect_error(&b, "CONNECTION_NOT_INITED");
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    buf_reset(&b);
    pair_encode_nearest(&b);
    buf_put_u32(&b, 0);
    expect_error(&b, "INPUT_REQUEST_TOO_LONG");
    buf_reset(&b);
    buf_put_u32(&b, 0x12345678);
    expect_error(&b, "INPUT_METHOD_INVALID");
    buf_reset(&b);
    raw_encode(&pair_client, "users.getUsers", json_pack("{s:[{s:s}]}", "id", "_", "inputUserSelf"), &b);
    le32_store(b.data + 12, 0x12345678);
    expect_error(&b, "INPUT_CONSTRUCTOR_INVALID");
    buf_cut(&b, 12);
    expect_error(&b, "INPUT_FETCH_ERROR");
    buf_fini(&b);
}
END_TEST

START_TEST(a_gzipped_query_is_taken)
{
    struct buf plain, packed, b;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    buf_init(&plain, 1024);
    buf_init(&packed, 1024);
    buf_init(&b, 1024);
    pair_encode_nearest(&plain);
    ck_assert_int_eq(gzip_pack(plain.data, plain.len, &packed), 0);
    buf_put_u32(&b, MT_GZIP_PACKED);
    tl_write_bytes(&b, packed.data, packed.len);
    uint64_t request = raw_send(&pair_client, b.data, b.len, true);
    struct raw_message m = pair_next(MT_RPC_RESULT);
    ck_assert(le64_load(m.body + 4) == request);
    ck_assert_uint_ne(le32_load(m.body + 12), MT_RPC_ERROR);
    free(m.body);
    buf_fini(&plain);
    buf_fini(&packed);
    buf_fini(&b);
}
END_TEST

START_TEST(thousands_of_messages_in_one_session_are_judged_as_the_first)
{
    struct raw_message m;
    uint64_t early = raw_msg_id(&pair_client);

    for (int i = 0; i < 1100; i++) {
        raw_send(&pair_client, pair_ping, sizeof(pair_ping), true);
        m = pair_next(MT_PONG);
        free(m.body);
    }
    raw_send_as(&pair_client, pair_client.salt, early, 0, pair_ping, sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 20);
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), pair_client.content * 2 - 1, pair_ping,
                sizeof(pair_ping));
    ck_assert_int_eq(raw_bad_code(&pair_client), 32);
}
END_TEST

Suite *suite_session(void)
{
    Suite *s = suite_create("session");
    TCase *t = tcase_create("session");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, the_first_message_of_a_session_is_announced_and_a_ping_answered);
    tcase_add_test(t, a_wrong_salt_is_told_with_the_right_one);
    tcase_add_loop_test(t, message_numbers_are_judged, 0, sizeof(numbers) / sizeof(*numbers));
    tcase_add_test(t, seqnos_grow_with_message_ids);
    tcase_add_loop_test(t, a_broken_container_is_refused_as_a_whole, 0, sizeof(containers) / sizeof(*containers));
    tcase_add_test(t, a_container_is_done_message_by_message);
    tcase_add_test(t, a_container_and_a_message_never_share_an_id);
    tcase_add_test(t, the_same_message_is_done_once_and_answered_again);
    tcase_add_test(t, what_is_not_acked_comes_again_on_a_new_connection);
    tcase_add_test(t, states_are_told);
    tcase_add_test(t, future_salts_start_with_the_present_one);
    tcase_add_test(t, a_key_is_destroyed_and_then_unknown);
    tcase_add_test(t, a_packet_that_does_not_decrypt_ends_the_connection);
    tcase_add_test(t, queries_are_judged_to_the_last_byte);
    tcase_add_test(t, a_gzipped_query_is_taken);
    tcase_add_test(t, thousands_of_messages_in_one_session_are_judged_as_the_first);
    suite_add_tcase(s, t);
    return s;
}
