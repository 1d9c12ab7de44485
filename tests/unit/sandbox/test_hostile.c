/* Bytes that no client sends. The sandbox refuses them and goes on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/sandbox/world/json.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

enum { ROUNDS = 400 };

/* It still answers. */
static void check_alive(void)
{
    json_t *state = server_control(&pair_server, "GET", "/state", "");

    ck_assert_ptr_nonnull(json_object_get(state, "users"));
    json_decref(state);
}

START_TEST(mutated_queries_are_refused_one_by_one)
{
    struct random_seeded seeded;
    struct buf b;

    raw_login(&pair_client, "15550001");
    random_seeded_init(&seeded, 3);
    struct random_source random = random_seeded_source(&seeded);
    buf_init(&b, 4096);
    for (int i = 0; i < ROUNDS; i++) {
        buf_reset(&b);
        raw_encode(&pair_client, "phone.createGroupCall",
                   json_pack("{s:{s:s, s:i, s:i}, s:i, s:s}", "peer", "_", "inputPeerChannel", "channel_id", 6001,
                             "access_hash", 1, "random_id", i, "title", "a title of some length"),
                   &b);
        for (uint32_t k = 0; k < 1 + random_below(&random, 4); k++)
            b.data[4 + random_below(&random, (uint32_t)b.len - 4)] = (uint8_t)random_u32(&random);
        buf_cut(&b, b.len - 4 * random_below(&random, 3));
        uint64_t id = raw_send(&pair_client, b.data, b.len, true);
        struct raw_message m = raw_expect(&pair_client, MT_RPC_RESULT);
        ck_assert_uint_eq(le64_load(m.body + 4), id);
        ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ERROR);
        free(m.body);
    }
    buf_fini(&b);
    json_t *state = server_control(&pair_server, "GET", "/state", "");
    ck_assert_uint_eq(json_array_size(json_object_get(state, "calls")), 0);
    json_decref(state);
}
END_TEST

static const struct {
    const char *method, *params; /* "call" is added */
} on_calls[] = {
    {"phone.joinGroupCall",
     "{\"join_as\": {\"_\": \"inputPeerSelf\"}, \"params\": {\"_\": \"dataJSON\", \"data\": \"{\\\"ssrc\\\": 7}\"}}"},
    {"phone.getGroupParticipants",
     "{\"ids\": [{\"_\": \"inputPeerSelf\"}], \"sources\": [7, 8], \"offset\": \"1\", \"limit\": 0}"},
    {"phone.checkGroupCall", "{\"sources\": [7, 8]}"},
    {"phone.editGroupCallParticipant",
     "{\"participant\": {\"_\": \"inputPeerSelf\"}, \"muted\": true, \"volume\": 9000, \"raise_hand\": false}"},
    {"phone.toggleGroupCallSettings", "{\"join_muted\": true, \"send_paid_messages_stars\": \"3\"}"},
    {"phone.toggleGroupCallRecord", "{\"start\": true, \"title\": \"R\"}"},
    {"phone.inviteToGroupCall", "{\"users\": [{\"_\": \"inputUserSelf\"}]}"},
    {"phone.leaveGroupCall", "{\"source\": 7}"},
};

/* The ids are right, what follows is not: the methods themselves see it. */
START_TEST(mutated_queries_on_a_call_are_answered_one_by_one)
{
    struct random_seeded seeded;
    struct buf b;

    raw_login(&pair_client, "15550001");
    random_seeded_init(&seeded, (uint64_t)_i);
    struct random_source random = random_seeded_source(&seeded);
    json_t *updates =
        raw_call(&pair_client, "phone.createGroupCall",
                 json_pack("{s:{s:s, s:i}, s:i}", "peer", "_", "inputPeerChat", "chat_id", 5001, "random_id", 1));
    const json_t *call = json_object_get(json_array_get(json_object_get(updates, "updates"), 0), "call");
    buf_init(&b, 4096);
    for (int i = 0; i < ROUNDS; i++) {
        json_t *params = json_loads(on_calls[_i].params, 0, NULL);
        json_object_set_new(params, "call",
                            json_pack("{s:s, s:O, s:O}", "_", "inputGroupCall", "id", json_object_get(call, "id"),
                                      "access_hash", json_object_get(call, "access_hash")));
        buf_reset(&b);
        raw_encode(&pair_client, on_calls[_i].method, params, &b);
        for (uint32_t k = 0; k < random_below(&random, 3) && b.len > 28; k++)
            b.data[b.len - 1 - random_below(&random, (uint32_t)b.len - 28)] = (uint8_t)random_u32(&random);
        uint64_t id = raw_send(&pair_client, b.data, b.len, true);
        struct raw_message m = raw_expect(&pair_client, MT_RPC_RESULT);
        ck_assert_uint_eq(le64_load(m.body + 4), id);
        free(m.body);
    }
    buf_fini(&b);
    json_decref(updates);
    check_alive();
}
END_TEST

static const uint32_t services[] = {
    MT_MSGS_ACK,
    MT_PING,
    MT_PING_DELAY_DISCONNECT,
    MT_GET_FUTURE_SALTS,
    MT_MSGS_STATE_REQ,
    MT_MSG_RESEND_REQ,
    MT_DESTROY_SESSION,
    MT_RPC_DROP_ANSWER,
    MT_GZIP_PACKED,
    MT_MSGS_STATE_INFO,
    MT_MSGS_ALL_INFO,
    MT_HTTP_WAIT,
    MT_MSG_CONTAINER,
    MT_MSG_COPY,
    0xda9b0d0d,
    0xc1cd5ea9,
    0xcdd42a05,
    0,
};

START_TEST(service_messages_of_rubbish_do_no_harm)
{
    struct random_seeded seeded;
    uint8_t body[64];

    random_seeded_init(&seeded, (uint64_t)_i);
    struct random_source random = random_seeded_source(&seeded);
    for (size_t len = 4; len <= sizeof(body); len += 4) {
        random_fill(&random, body, sizeof(body));
        le32_store(body, services[_i]);
        /* A vector of very many. */
        if (len % 8 == 0)
            le32_store(body + 4, 0x1cb5c415);
        raw_send(&pair_client, body, len, services[_i] == 0 || services[_i] > 0xc0000000);
    }
    /* ping_delay_disconnect of a random delay may have ended the connection by now; a new one must do. */
    raw_reconnect(&pair_client);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = raw_expect(&pair_client, MT_PONG);
    free(m.body);
    check_alive();
}
END_TEST

START_TEST(streams_of_rubbish_end_their_connection_only)
{
    struct random_seeded seeded;
    uint8_t bytes[600], answer[64];

    random_seeded_init(&seeded, 11);
    struct random_source random = random_seeded_source(&seeded);
    for (int i = 0; i < 60; i++) {
        int fd = server_dial(sandbox_dc_address(pair_server.s, 1 + i % 2));
        random_fill(&random, bytes, sizeof(bytes));
        if (i % 3 == 0)
            memset(bytes, 0xee, 4);
        if (i % 3 == 0)
            le32_store(bytes + 4, 40 + (uint32_t)i);
        if (i % 6 == 0)
            memset(bytes + 8, 0, 8);
        ck_assert_int_eq(send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL), sizeof(bytes));
        ssize_t n;
        while ((n = recv(fd, answer, sizeof(answer), 0)) > 0) {
        }
        ck_assert_msg(n == 0 || errno == ECONNRESET, "stream %d: %s", i, strerror(errno));
        close(fd);
    }
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    struct raw_message m = raw_expect(&pair_client, MT_PONG);
    free(m.body);
    check_alive();
}
END_TEST

Suite *suite_hostile(void)
{
    Suite *s = suite_create("hostile");
    TCase *t = tcase_create("hostile");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_test(t, mutated_queries_are_refused_one_by_one);
    tcase_add_loop_test(t, mutated_queries_on_a_call_are_answered_one_by_one, 0, sizeof(on_calls) / sizeof(*on_calls));
    tcase_add_loop_test(t, service_messages_of_rubbish_do_no_harm, 0, sizeof(services) / sizeof(*services));
    tcase_add_test(t, streams_of_rubbish_end_their_connection_only);
    suite_add_tcase(s, t);
    return s;
}
