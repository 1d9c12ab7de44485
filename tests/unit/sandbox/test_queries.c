/* Queries as a session takes them: to the last byte, packed, waiting, dropped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/tl/writer.h"
#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

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
    buf_put_u32(&b, 0);
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

/* Which of LINES is not in the log at PATH; NULL: all are. */
static const char *missing_in(const char *path, const char *const *lines, size_t n)
{
    const char *missing = NULL;
    size_t len;
    char *log = unit_read_file(path, &len);

    for (size_t i = 0; i < n; i++)
        missing = strstr(log, lines[i]) ? missing : lines[i];
    free(log);
    return missing;
}

static void expect_unserved(struct raw *r, const char *method, json_t *params, const char *message)
{
    json_t *j = raw_call(r, method, params);

    ck_assert_msg(j == NULL, "%s was answered", method);
    ck_assert_str_eq(r->error, message);
}

/* What its layer shares with the nearest one is served; what is refused, and why, is in the log. */
START_TEST(a_client_of_a_layer_that_is_not_loaded_is_served_by_the_nearest)
{
    static const char *const lines[] = {
        "speaks layer 200, which is not loaded: it is served by layer 229",
        "--schema",
        "the method 0x12345678 is not in layer 229",
        "messages.sendMessage is not served by the sandbox",
    };
    struct buf b;
    struct raw other;
    int stderr_before = dup(STDERR_FILENO);

    temp_make();
    const char *path = temp_path("log");
    FILE *log = freopen(path, "w", stderr);
    ck_assert_ptr_nonnull(log);
    raw_init(&other, &pair_server, 1, 200, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    json_t *j = raw_call(&other, "users.getUsers", json_pack("{s:[{s:s}]}", "id", "_", "inputUserSelf"));
    ck_assert_str_eq(json_get_text(json_array_get(j, 0), "first_name"), "Alice");
    json_decref(j);
    expect_unserved(&other, "messages.sendMessage",
                    json_pack("{s:{s:s}, s:s, s:i}", "peer", "_", "inputPeerSelf", "message", "x", "random_id", 1),
                    "METHOD_NOT_IN_SANDBOX");
    buf_init(&b, 64);
    buf_put_u32(&b, 0x12345678);
    raw_send(&other, b.data, b.len, true);
    struct raw_message m = raw_expect(&other, MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ERROR);
    free(m.body);
    buf_fini(&b);
    raw_fini(&other);
    fflush(stderr);
    dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    const char *missing = missing_in(path, lines, sizeof(lines) / sizeof(*lines));
    ck_assert_msg(missing == NULL, "not in the log: %s", missing);
    temp_remove();
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

/* The constructor in the rpc_result for REQUEST. */
static uint32_t result_of(uint64_t request)
{
    for (;;) {
        struct raw_message m = pair_next(MT_RPC_RESULT);
        bool found = le64_load(m.body + 4) == request;
        uint32_t id = le32_load(m.body + 12);
        free(m.body);
        if (found)
            return id;
    }
}

static uint32_t drop(uint64_t request)
{
    uint8_t body[12];

    le32_store(body, MT_RPC_DROP_ANSWER);
    le64_store(body + 4, request);
    return result_of(raw_send(&pair_client, body, sizeof(body), true));
}

START_TEST(an_answer_is_dropped_once_and_unknown_when_it_is_acked)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    ck_assert_uint_eq(drop(raw_msg_id(&pair_client)), MT_RPC_ANSWER_UNKNOWN);
    uint64_t request = pair_ask_nearest();
    result_of(request);
    ck_assert_uint_eq(drop(request), MT_RPC_ANSWER_DROPPED);
    ck_assert_uint_eq(drop(request), MT_RPC_ANSWER_UNKNOWN);
}
END_TEST

/* A fault that forgets a message leaves no message with the id 0 behind. */
START_TEST(the_id_0_is_no_messages)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"drop_before\",\"method\":\"help.getNearestDc\"}");
    pair_ask_nearest();
    struct raw_message m;
    while (raw_recv(&pair_client, &m))
        free(m.body);
    raw_reconnect(&pair_client);
    ck_assert_uint_eq(drop(0), MT_RPC_ANSWER_UNKNOWN);
}
END_TEST

static const char *const slow[] = {
    "{\"type\":\"delay\",\"ms\":100,\"method\":\"help.getNearestDc\"}",
    "{\"type\":\"reorder\",\"method\":\"help.getNearestDc\"}",
    "{\"type\":\"no_answer\",\"method\":\"help.getNearestDc\"}",
};

/* The dropped query is told so as well, and not answered afterwards. */
START_TEST(a_query_under_way_is_dropped_with_two_answers)
{
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault(slow[_i]);
    uint64_t request = pair_ask_nearest();
    uint8_t body[12];
    le32_store(body, MT_RPC_DROP_ANSWER);
    le64_store(body + 4, request);
    uint64_t drops = raw_send(&pair_client, body, sizeof(body), true);
    for (int i = 0; i < 2; i++) {
        struct raw_message m = pair_next(MT_RPC_RESULT);
        uint64_t of = le64_load(m.body + 4);
        ck_assert(of == request || of == drops);
        ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ANSWER_DROPPED_RUNNING);
        free(m.body);
    }
    pair_fault("{\"type\":\"delay\",\"ms\":200,\"method\":\"help.getNearestDc\"}");
    uint64_t later = pair_ask_nearest();
    struct raw_message m = pair_next(MT_RPC_RESULT);
    ck_assert(le64_load(m.body + 4) == later);
    free(m.body);
}
END_TEST

/* help.getNearestDc behind invokeAfterMsg or invokeAfterMsgs. */
static uint64_t ask_after(uint64_t id, bool many)
{
    struct buf b;

    buf_init(&b, 1024);
    buf_put_u32(&b, many ? 0x3dc4b4f0 : 0xcb9f372d);
    if (many)
        tl_write_vector(&b, 1);
    buf_put_u64(&b, id);
    pair_encode_nearest(&b);
    uint64_t request = raw_send(&pair_client, b.data, b.len, true);
    buf_fini(&b);
    return request;
}

START_TEST(a_query_waits_only_for_what_came_and_went_well)
{
    bool many = _i;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    ck_assert_uint_ne(result_of(ask_after(pair_ask_nearest(), many)), MT_RPC_ERROR);
    ck_assert_uint_eq(result_of(ask_after(raw_msg_id(&pair_client), many)), MT_RPC_ERROR);
    pair_fault("{\"type\":\"rpc_error\",\"code\":400,\"message\":\"X\"}");
    uint64_t failed = pair_ask_nearest();
    ck_assert_uint_eq(result_of(failed), MT_RPC_ERROR);
    struct buf b;
    buf_init(&b, 1024);
    buf_put_u32(&b, 0xcb9f372d);
    buf_put_u64(&b, failed);
    pair_encode_nearest(&b);
    expect_error(&b, "MSG_WAIT_FAILED");
    buf_fini(&b);
}
END_TEST

START_TEST(a_query_that_cannot_be_unpacked_is_told_so)
{
    struct buf b;

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    buf_init(&b, 1024);
    buf_put_u32(&b, MT_GZIP_PACKED);
    tl_write_bytes(&b, "no gzip", 7);
    expect_error(&b, "INPUT_FETCH_ERROR");
    buf_fini(&b);
}
END_TEST

Suite *suite_queries(void)
{
    Suite *s = suite_create("queries");
    TCase *t = tcase_create("queries");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, queries_are_judged_to_the_last_byte);
    tcase_add_test(t, a_client_of_a_layer_that_is_not_loaded_is_served_by_the_nearest);
    tcase_add_test(t, a_gzipped_query_is_taken);
    tcase_add_test(t, an_answer_is_dropped_once_and_unknown_when_it_is_acked);
    tcase_add_test(t, the_id_0_is_no_messages);
    tcase_add_loop_test(t, a_query_under_way_is_dropped_with_two_answers, 0, sizeof(slow) / sizeof(*slow));
    tcase_add_loop_test(t, a_query_waits_only_for_what_came_and_went_well, 0, 2);
    tcase_add_test(t, a_query_that_cannot_be_unpacked_is_told_so);
    suite_add_tcase(s, t);
    return s;
}
