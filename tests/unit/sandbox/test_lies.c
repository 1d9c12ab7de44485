/* Packets and key exchanges that a client must refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/fault/packet_lie.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/suites.h"

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

START_TEST(each_packet_lie_is_told)
{
    static const uint8_t body[28] = {1};
    struct mt_message m = {.salt = 5, .session_id = 6, .msg_id = ((uint64_t)1000 << 32) + 1, .seq_no = 1, .body = body},
                      got;

    for (m.len = 4; m.len <= sizeof(body); m.len += 4) {
        struct buf b;
        buf_init(&b, LIMIT_PACKET);
        ck_assert_int_eq(packet_lie_seal(pair_client.key, &m, packet_lie_find(lies[_i].lie), &random_system, &b), 0);
        int err = mt_packed_open(pair_client.key, KDF_TO_CLIENT, b.data, b.len, &got);
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

    json_decref(raw_call(&pair_client, "help.getNearestDc", json_object()));
    pair_fault("{\"type\":\"packet\",\"lie\":\"session_id\"}");
    buf_init(&b, 1024);
    pair_encode_nearest(&b);
    uint64_t id = raw_send(&pair_client, b.data, b.len, true);
    buf_fini(&b);
    json_decref(server_control(&pair_server, "GET", "/state", ""));
    raw_reconnect(&pair_client);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    for (bool done = false; !done;) {
        m = pair_next(MT_RPC_RESULT);
        done = le64_load(m.body + 4) == id;
        free(m.body);
    }
}
END_TEST

START_TEST(each_handshake_lie_is_told_and_each_legal_oddity_served)
{
    char rule[128];
    const char *lie = mt_handshake_lie_text((enum mt_handshake_lie)_i);

    snprintf(rule, sizeof(rule), "{\"type\":\"handshake\",\"lie\":\"%s\"}", lie);
    pair_fault(rule);
    ck_assert_msg(raw_try_key(&pair_server) == (strncmp(lie, "legal_", 6) == 0), "%s", lie);
    ck_assert(raw_try_key(&pair_server));
}
END_TEST

/* An answer may be lost, the last one too; a new exchange on the same connection hears of new rules. */
START_TEST(a_query_of_the_key_exchange_is_answered_as_often_as_it_comes)
{
    struct raw other;

    raw_init_repeating(&other, &pair_server);
    json_t *j = raw_call(&other, "help.getNearestDc", json_object());
    ck_assert_msg(j != NULL, "%s", other.error);
    json_decref(j);
    ck_assert(raw_make_key(&other));
    pair_fault("{\"type\":\"handshake\",\"lie\":\"pq_prime\"}");
    ck_assert(!raw_make_key(&other));
    raw_fini(&other);
    j = server_control(&pair_server, "GET", "/state", "");
    ck_assert_int_eq(json_get_long(j, "keys"), 3);
    json_decref(j);
}
END_TEST

Suite *suite_lies(void)
{
    Suite *s = suite_create("lies");
    TCase *t = tcase_create("lies");

    tcase_add_checked_fixture(t, pair_setup, pair_teardown);
    tcase_add_loop_test(t, each_packet_lie_is_told, 0, sizeof(lies) / sizeof(*lies));
    tcase_add_test(t, a_query_of_the_key_exchange_is_answered_as_often_as_it_comes);
    tcase_add_test(t, after_a_lie_the_truth_comes_on_a_new_connection);
    tcase_add_loop_test(t, each_handshake_lie_is_told_and_each_legal_oddity_served, 1, MT_LIE_COUNT);
    suite_add_tcase(s, t);
    return s;
}
