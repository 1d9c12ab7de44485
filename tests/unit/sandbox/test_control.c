/* The control port beside its faults: options, log, lints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/le.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

START_TEST(salts_change_and_the_last_one_is_still_good)
{
    json_decref(server_control(&pair_server, "POST", "/opts", "{\"salt_period_s\": 1000}"));
    json_decref(server_control(&pair_server, "POST", "/opts", "{\"clock_skew_s\": 1500}"));
    pair_client.now_us = clock_wall_us(&clock_system) + 1500 * SECOND_US;
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = pair_next(MT_NEW_SESSION_CREATED);
    ck_assert(le64_load(m.body + 20) != pair_client.salt);
    free(m.body);
    m = pair_next(MT_PONG);
    free(m.body);
    json_decref(server_control(&pair_server, "POST", "/opts", "{\"clock_skew_s\": 2500}"));
    pair_client.now_us += 1000 * SECOND_US;
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert_int_eq(raw_bad_code(&pair_client), 48);
}
END_TEST

START_TEST(every_packet_can_be_a_container)
{
    pair_opts("{\"containers\": true}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    for (int i = 0; i < 2; i++) {
        struct raw_message m = pair_next(MT_PONG);
        ck_assert(m.container_id);
        free(m.body);
        raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    }
}
END_TEST

START_TEST(every_answer_and_update_can_be_gzipped)
{
    struct raw other;

    pair_opts("{\"gzip_min\": 1}");
    raw_login(&pair_client, "15550001");
    raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    pair_ask_nearest();
    struct raw_message m = pair_next(MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), MT_GZIP_PACKED);
    free(m.body);
    json_t *j =
        raw_call(&other, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    ck_assert_msg(j != NULL, "%s", other.error);
    json_decref(j);
    m = pair_next(MT_GZIP_PACKED);
    free(m.body);
    raw_fini(&other);
}
END_TEST

START_TEST(nothing_is_volunteered)
{
    struct raw other;

    pair_opts("{\"volunteer\": false}");
    raw_login(&pair_client, "15550001");
    raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
    raw_login(&other, "15550001");
    for (int i = 1; i <= 2; i++)
        json_decref(
            raw_call(&other, "phone.createGroupCall",
                     json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", i)));
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    ck_assert_uint_eq(json_array_size(pair_client.updates), 0);
    pair_opts("{\"volunteer\": true}");
    json_decref(
        raw_call(&other, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 3)));
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    ck_assert_uint_eq(json_array_size(pair_client.updates), 1);
    raw_fini(&other);
}
END_TEST

START_TEST(bytes_can_come_one_by_one_to_the_last_word)
{
    struct raw_message m;

    pair_opts("{\"write_size\": 1}");
    raw_login(&pair_client, "15550001");
    pair_fault("{\"type\":\"large\",\"n\":500}");
    for (int i = 0; i < 3; i++)
        pair_ask_nearest();
    json_t *j = raw_call(&pair_client, "contacts.resolveUsername", json_pack("{s:s}", "username", "alice"));
    ck_assert_uint_eq(json_array_size(json_object_get(j, "users")), 501);
    json_decref(j);
    pair_ask_nearest();
    pair_fault("{\"type\":\"transport_error\",\"code\":-429}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    while (raw_recv(&pair_client, &m))
        free(m.body);
    ck_assert_int_eq(pair_client.transport_error, -429);
}
END_TEST

/* A client that hangs up in the middle of it. */
START_TEST(single_bytes_end_with_their_connection)
{
    pair_opts("{\"write_size\": 1}");
    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    for (int i = 0; i < 20; i++)
        pair_ask_nearest();
    raw_reconnect(&pair_client);
    pair_opts("{\"write_size\": 0}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
}
END_TEST

START_TEST(a_retry_of_the_key_exchange_can_last)
{
    struct raw other;

    pair_opts("{\"handshake\": \"legal_retry_once\"}");
    for (int i = 0; i < 2; i++) {
        raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
        ck_assert_uint_eq(other.exchanges, 4);
        raw_fini(&other);
    }
    pair_opts("{\"handshake\": \"\"}");
    raw_init(&other, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
    ck_assert_uint_eq(other.exchanges, 3);
    raw_fini(&other);
    pair_opts("{\"handshake\": \"pq_prime\"}");
    ck_assert(!raw_try_key(&pair_server) && !raw_try_key(&pair_server));
}
END_TEST

static const char *const wrong_opts[] = {
    "{\"gzip_min\": 5, \"colour\": 1}",
    "{\"gzip_min\": 5, \"any_dc\": 1}",
    "{\"gzip_min\": 5, \"handshake\": \"white\"}",
    "{\"gzip_min\": 5, \"containers\": 0}",
    "{\"gzip_min\": 5, \"volunteer\": 1}",
    "{\"gzip_min\": 5, \"write_size\": -1}",
    "{\"gzip_min\": 5, \"transport_pad\": 16}",
    "{\"gzip_min\": 5, \"salt_period_s\": 0}",
    "{\"gzip_min\": 5, \"clock_skew_s\": 9223372036854775807}",
    "{\"gzip_min\": \"5\"}",
};

START_TEST(wrong_options_change_nothing)
{
    json_t *j = server_control(&pair_server, "POST", "/opts", wrong_opts[_i]);

    ck_assert_int_eq(json_get_long(j, "status"), 422);
    json_decref(j);
    j = server_control(&pair_server, "POST", "/opts", "{}");
    ck_assert_int_eq(json_get_long(j, "gzip_min"), 0);
    json_decref(j);
    j = server_control(&pair_server, "DELETE", "/state", "");
    ck_assert_int_eq(json_get_long(j, "status"), 405);
    json_decref(j);
}
END_TEST

static int64_t pts_in_state(const char *list, int64_t id)
{
    json_t *state = server_control(&pair_server, "GET", "/state", "");
    const json_t *item;
    int64_t pts = 0;
    size_t i;

    json_array_foreach (json_object_get(state, list), i, item)
        pts = json_get_long(item, "id") == id ? json_get_long(item, "pts") : pts;
    json_decref(state);
    return pts;
}

START_TEST(people_talk_where_they_are_told_to)
{
    json_t *j = server_control(&pair_server, "POST", "/messages", "{\"chat\":6002,\"from\":1002,\"count\":20}");

    ck_assert_int_eq(json_get_long(j, "pts"), 21);
    json_decref(j);
    j = server_control(&pair_server, "POST", "/messages", "{\"chat\":6002,\"delete\":4}");
    ck_assert_int_eq(json_get_long(j, "pts"), 25);
    ck_assert_int_eq(pts_in_state("chats", 6002), 25);
    json_decref(j);
    j = server_control(&pair_server, "POST", "/messages", "{\"chat\":5001,\"text\":\"hello\",\"service\":true}");
    ck_assert_int_eq(json_get_long(j, "pts"), pts_in_state("users", 1002));
    json_decref(j);
}
END_TEST

static const struct {
    const char *path, *body, *detail; /* NULL: no JSON object at all, in the parser's words */
} wrong_bodies[] = {
    {"/opts", "[1]", "options are an object"},
    {"/opts", "7", NULL},
    {"/fault", "[1]", "a fault is an object with type"},
    {"/fault", "", "a fault is an object with type"},
    {"/fault", "{\"type\":\"gzip\",\"method\":\"phone.creatGroupCall\"}",
     "no layer has a method \"phone.creatGroupCall\""},
    {"/move", "{}", "give dc, 1 or 2, and, if it is to be a certain one, address"},
    {"/move", "{\"dc\":1,\"told\":true}", "an address to be told is 127.0.0.1:PORT"},
    {"/move", "{\"dc\":1,\"told\":true,\"address\":\"127.0.0.1:0\"}", "an address to be told is 127.0.0.1:PORT"},
    {"/move", "{\"dc\":1,\"told\":true,\"address\":\"8.8.8.8:443\"}", "an address to be told is 127.0.0.1:PORT"},
    {"/move", "{\"dc\":3}", "give dc, 1 or 2, and, if it is to be a certain one, address"},
    {"/move", "{\"dc\":1,\"port\":5}", "give dc, 1 or 2, and, if it is to be a certain one, address"},
    {"/messages", "[1]", "the body is an object with chat"},
    {"/messages", "{}", "there is no chat with that id, or nobody in it"},
    {"/messages", "{\"chat\":6002,\"dog\":1}", "it has no member \"dog\""},
    {"/messages", "{\"chat\":6002,\"count\":10001}", "count must be an integer from 1 to 10000"},
    {"/messages", "{\"chat\":6002,\"delete\":1,\"text\":\"a\"}", "it has no member \"text\""},
    {"/messages", "{\"chat\":6002,\"delete\":129}", "delete must be an integer from 1 to 128"},
    {"/messages", "{\"chat\":6002,\"service\":1}", "service must be true or false"},
    {"/messages", "{\"chat\":6002,\"text\":\"12345678901234567890123456789012345678901234567890\"}",
     "text is a string of at most 41 bytes"},
    {"/messages", "{\"chat\":6002,\"from\":1003}", "from is the id of a member"},
};

START_TEST(a_body_that_says_nothing_is_refused)
{
    json_t *j = server_control(&pair_server, "POST", wrong_bodies[_i].path, wrong_bodies[_i].body);

    ck_assert_int_eq(json_get_long(j, "status"), wrong_bodies[_i].detail ? 422 : 400);
    if (wrong_bodies[_i].detail)
        ck_assert_str_eq(json_get_text(j, "detail"), wrong_bodies[_i].detail);
    json_decref(j);
}
END_TEST

static const struct {
    const char *header;
    int status;
} callers[] = {
    {"Host: localhost:80", 200},
    {"Host: 127.0.0.1", 200},
    {"Host: [::1]:5", 200},
    {"Host: rebound.example", 403},
    {"Host: 127.evil.example", 403},
    {"Host: localhost.example:80", 403},
    {"Origin: http://localhost", 403},
    {"Host: 127.0.0.1:5\r\nOrigin: null", 403},
};

/* Nor through a name that was made to lead here. */
START_TEST(a_page_in_a_browser_does_not_drive_it)
{
    char text[256];
    int status, fd = server_dial(sandbox_control_address(pair_server.s));
    int len = snprintf(text, sizeof(text), "GET /state HTTP/1.0\r\n%s\r\n\r\n", callers[_i].header);

    ck_assert_int_eq(send(fd, text, (size_t)len, 0), len);
    ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);
    close(fd);
    ck_assert(n > 12);
    text[n] = '\0';
    ck_assert_int_eq(sscanf(text, "HTTP/1.%*d %d", &status), 1);
    ck_assert_int_eq(status, callers[_i].status);
}
END_TEST

START_TEST(the_log_goes_on_from_where_one_was)
{
    char path[48];

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    json_t *all = server_control(&pair_server, "GET", "/log?since=0", "");
    ck_assert_uint_ge(json_array_size(json_object_get(all, "events")), 2);
    snprintf(path, sizeof(path), "/log?since=%d", (int)json_get_long(all, "next"));
    json_decref(raw_call(&pair_client, "help.getConfig", json_object()));
    json_t *later = server_control(&pair_server, "GET", path, "");
    ck_assert_uint_eq(json_array_size(json_object_get(later, "events")), 1);
    ck_assert_str_eq(json_get_text(json_array_get(json_object_get(later, "events"), 0), "method"), "help.getConfig");
    json_decref(all);
    json_decref(later);
}
END_TEST

START_TEST(the_log_tells_on_which_connection_a_key_was_made_and_used)
{
    static const char *const told[] = {"connection", "key_exchange", "key", "rpc"};

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    json_t *all = server_control(&pair_server, "GET", "/log?since=0", "");
    const json_t *events = json_object_get(all, "events");
    ck_assert_uint_eq(json_array_size(events), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(json_get_text(json_array_get(events, i), "event"), told[i]);
        ck_assert_int_eq(json_get_long(json_array_get(events, i), "connection"), 1);
    }
    json_decref(all);
}
END_TEST

START_TEST(oddities_are_served_and_noted)
{
    uint8_t ack[20] = {0};

    le32_store(ack, MT_MSGS_ACK);
    le32_store(ack + 4, TL_ID_VECTOR);
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), 1, ack, 12);
    raw_send_as(&pair_client, pair_client.salt, raw_msg_id(&pair_client), 2, pair_ping, sizeof(pair_ping));
    struct raw_message m = pair_next(MT_PONG);
    free(m.body);
    json_t *j = server_control(&pair_server, "GET", "/lints", "");
    const json_t *first = json_array_get(json_object_get(j, "lints"), 0);
    ck_assert_str_eq(json_get_text(first, "lint"), "ack_odd_seqno");
    json_decref(j);
}
END_TEST

/* TDLib asks so whether a connection is alive: a req_pq_multi by the id 1, padded within its length, and never the rest
 * of an exchange. Then it goes on with its key. */
START_TEST(a_connection_is_checked_with_a_query_that_begins_an_exchange)
{
    uint8_t query[20 + 48] = {0};

    le32_store(query, MT_REQ_PQ_MULTI);
    memset(query + 4, 0x5a, sizeof(query) - 4);
    ck_assert_uint_eq(raw_plain(&pair_client, 1, query, sizeof(query)), MT_RES_PQ);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    free(pair_next(MT_PONG).body);
    json_t *j = server_control(&pair_server, "GET", "/lints", "");
    const json_t *first = json_array_get(json_object_get(j, "lints"), 0);
    ck_assert_str_eq(json_get_text(first, "lint"), "plain_msg_id");
    json_decref(j);
}
END_TEST

static void send_ack(uint64_t id)
{
    uint8_t ack[20];

    le32_store(ack, MT_MSGS_ACK);
    le32_store(ack + 4, TL_ID_VECTOR);
    le32_store(ack + 8, 1);
    le64_store(ack + 12, id);
    raw_send(&pair_client, ack, sizeof(ack), false);
}

/* 0: a message, twice; 1: the container it came in; 2: an id of nothing. */
START_TEST(an_ack_of_what_was_never_sent_is_noted)
{
    pair_opts("{\"containers\": true}");
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = pair_next(MT_PONG);
    uint64_t id = _i == 0 ? m.msg_id : _i == 1 ? m.container_id : m.msg_id + 400;
    free(m.body);
    send_ack(id);
    send_ack(id);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    free(pair_next(MT_PONG).body);
    json_t *j = server_control(&pair_server, "GET", "/lints", "");
    const json_t *first = json_array_get(json_object_get(j, "lints"), 0);
    ck_assert_str_eq(json_get_text(first, "lint"), _i ? "ack_unknown" : "");
    ck_assert_int_eq(json_get_long(first, "count"), _i ? 2 : 0);
    json_decref(j);
}
END_TEST

/* One past the largest number is not none. */
START_TEST(the_log_ends_before_what_has_not_happened)
{
    json_t *j = server_control(&pair_server, "GET", "/log?since=18446744073709551615", "");

    ck_assert_uint_eq(json_array_size(json_object_get(j, "events")), 0);
    json_decref(j);
}
END_TEST

/* Characters of two bytes behind an odd number of others: wherever the name is cut, it stays text. */
START_TEST(a_long_name_in_a_refusal_is_cut_between_characters)
{
    char body[512] = "{\"type\":\"gzip\",\"method\":\"x";

    if (_i)
        strcpy(body, "{\"type\":\"gzip\",\"x");
    for (int i = 0; i < 90; i++)
        strcat(body, "\xc3\xa9");
    strcat(body, _i ? "\":1}" : "\"}");
    json_t *j = server_control(&pair_server, "POST", "/fault", body);
    ck_assert_int_eq(json_get_long(j, "status"), 422);
    json_decref(j);
}
END_TEST

Suite *suite_control(void)
{
    Suite *s = suite_create("control");
    TCase *t = tcase_create("control");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, salts_change_and_the_last_one_is_still_good);
    tcase_add_test(t, every_packet_can_be_a_container);
    tcase_add_test(t, every_answer_and_update_can_be_gzipped);
    tcase_add_test(t, nothing_is_volunteered);
    tcase_add_test(t, bytes_can_come_one_by_one_to_the_last_word);
    tcase_add_test(t, single_bytes_end_with_their_connection);
    tcase_add_test(t, a_retry_of_the_key_exchange_can_last);
    tcase_add_loop_test(t, wrong_options_change_nothing, 0, sizeof(wrong_opts) / sizeof(*wrong_opts));
    tcase_add_test(t, oddities_are_served_and_noted);
    tcase_add_test(t, a_connection_is_checked_with_a_query_that_begins_an_exchange);
    tcase_add_test(t, people_talk_where_they_are_told_to);
    tcase_add_loop_test(t, a_body_that_says_nothing_is_refused, 0, sizeof(wrong_bodies) / sizeof(*wrong_bodies));
    tcase_add_loop_test(t, a_page_in_a_browser_does_not_drive_it, 0, sizeof(callers) / sizeof(*callers));
    tcase_add_test(t, the_log_tells_on_which_connection_a_key_was_made_and_used);
    tcase_add_test(t, the_log_goes_on_from_where_one_was);
    tcase_add_loop_test(t, an_ack_of_what_was_never_sent_is_noted, 0, 3);
    tcase_add_test(t, the_log_ends_before_what_has_not_happened);
    tcase_add_loop_test(t, a_long_name_in_a_refusal_is_cut_between_characters, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
