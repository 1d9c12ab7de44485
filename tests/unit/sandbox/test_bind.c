/* Temporary keys: what they may do before they are bound, what binding asks for. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/centre/keys.h"
#include "daemon/tl/writer.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/pair.h"
#include "tests/unit/sandbox/seal_v1.h"
#include "tests/unit/sandbox/suites.h"

enum { EXPIRES_IN = 3600 };

static struct raw temp; /* pair_client is the permanent one's */

static void setup(void)
{
    pair_setup();
    raw_init_temporary(&temp, &pair_server, EXPIRES_IN);
}

static void teardown(void)
{
    raw_fini(&temp);
    pair_teardown();
}

/* What a case spoils; the offsets are those of the plain message. */
struct spoil {
    const char *what;
    size_t at;      /* a byte of the sealed plain text, 0: none */
    bool cipher;    /* a byte of the ciphertext */
    bool permanent; /* sent with the permanent key */
    int expires_in; /* 0: EXPIRES_IN */
    const char *error;
};

static void send_bind(struct raw *r, const struct spoil *spoil)
{
    uint64_t msg_id = raw_msg_id(r), nonce = 77;
    int32_t expires_at =
        (int32_t)(clock_wall_us(&clock_system) / SECOND_US) + (spoil->expires_in ? spoil->expires_in : EXPIRES_IN);
    uint8_t sealed[8 + 16 + SEAL_V1_PADDED];
    struct buf plain, query;

    buf_init(&plain, 1024);
    buf_put_zero(&plain, 16);
    buf_put_u64(&plain, msg_id);
    buf_put_u32(&plain, 0);
    buf_put_u32(&plain, SEAL_V1_INNER);
    buf_put_u32(&plain, 0x75a3f765);
    buf_put_u64(&plain, nonce);
    buf_put(&plain, r->key->id, 8);
    buf_put(&plain, pair_client.key->id, 8);
    buf_put_u64(&plain, r->session_id);
    buf_put_u32(&plain, (uint32_t)expires_at);
    buf_put_zero(&plain, SEAL_V1_PADDED - SEAL_V1_PLAIN);
    if (spoil->at)
        plain.data[spoil->at] ^= 1;
    memcpy(sealed, pair_client.key->id, 8);
    ck_assert_int_eq(seal_v1(pair_client.key->key, plain.data, sealed + 8), 0);
    if (spoil->cipher)
        sealed[50] ^= 1;
    buf_init(&query, 1024);
    buf_put_u32(&query, 0xcdd42a05);
    buf_put(&query, pair_client.key->id, 8);
    buf_put_u64(&query, nonce);
    buf_put_u32(&query, (uint32_t)expires_at);
    tl_write_bytes(&query, sealed, sizeof(sealed));
    raw_send_as(r, r->salt, msg_id, r->content++ * 2 + 1, query.data, query.len);
    buf_fini(&plain);
    buf_fini(&query);
}

static const struct spoil spoils[] = {
    {"nothing", 0, false, false, 0, NULL},
    {"msg_id", 16, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"seqno", 24, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"length", 28, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"constructor", 32, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"nonce", 36, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"temp_auth_key_id", 44, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"perm_auth_key_id", 52, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"temp_session_id", 60, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"expires_at", 68, false, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"ciphertext", 0, true, false, 0, "ENCRYPTED_MESSAGE_INVALID"},
    {"a permanent key", 0, false, true, 0, "TEMP_AUTH_KEY_EMPTY"},
    {"the past", 0, false, false, -5, "EXPIRES_AT_INVALID"},
};

START_TEST(binding_asks_for_every_number)
{
    struct raw *r = spoils[_i].permanent ? &pair_client : &temp;

    send_bind(r, &spoils[_i]);
    struct raw_message m = raw_expect(r, MT_RPC_RESULT);
    if (spoils[_i].error) {
        ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ERROR);
        ck_assert_msg(memcmp(m.body + 21, spoils[_i].error, strlen(spoils[_i].error)) == 0, "%s: %.*s", spoils[_i].what,
                      m.body[20], m.body + 21);
    } else {
        ck_assert_uint_eq(le32_load(m.body + 12), TL_ID_BOOL_TRUE);
    }
    free(m.body);
}
END_TEST

START_TEST(an_unbound_key_gets_little_and_a_bound_one_its_account)
{
    json_t *j = raw_call(&temp, "help.getConfig", json_object());

    ck_assert_msg(j != NULL, "%s", temp.error);
    json_decref(j);
    ck_assert_ptr_null(raw_call(&temp, "updates.getState", json_object()));
    ck_assert_int_eq(temp.error_code, 401);
    ck_assert_str_eq(temp.error, "AUTH_KEY_PERM_EMPTY");
    raw_login(&pair_client, "15550001");
    send_bind(&temp, &spoils[0]);
    struct raw_message m = raw_expect(&temp, MT_RPC_RESULT);
    free(m.body);
    j = raw_call(&temp, "updates.getState", json_object());
    ck_assert_msg(j != NULL, "%s", temp.error);
    json_decref(j);
}
END_TEST

START_TEST(a_fault_strikes_the_binding_too)
{
    pair_fault(
        "{\"type\":\"rpc_error\",\"method\":\"auth.bindTempAuthKey\",\"code\":500,\"message\":\"RPC_CALL_FAIL\"}");
    send_bind(&temp, &spoils[0]);
    struct raw_message m = raw_expect(&temp, MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), MT_RPC_ERROR);
    ck_assert_uint_eq(le32_load(m.body + 16), 500);
    free(m.body);
    json_decref(raw_call(&temp, "help.getConfig", json_object()));
    ck_assert_ptr_null(raw_call(&temp, "updates.getState", json_object()));
    ck_assert_str_eq(temp.error, "AUTH_KEY_PERM_EMPTY");
}
END_TEST

/* {permanent}: 0 forgets the temporary key alone, 1 the permanent one too. */
START_TEST(a_forgotten_key_may_take_the_permanent_one_along)
{
    struct raw_message m;

    send_bind(&temp, &spoils[0]);
    m = raw_expect(&temp, MT_RPC_RESULT);
    free(m.body);
    json_decref(server_control(&pair_server, "POST", "/fault",
                               _i ? "{\"type\":\"forget_key\",\"permanent\":true}" : "{\"type\":\"forget_key\"}"));
    raw_send(&temp, pair_ping, sizeof(pair_ping), false);
    ck_assert(!raw_recv(&temp, &m));
    ck_assert_int_eq(temp.transport_error, -404);
    raw_send(&pair_client, pair_ping, sizeof(pair_ping), false);
    ck_assert_int_eq(raw_recv(&pair_client, &m), !_i);
    ck_assert_int_eq(pair_client.transport_error, _i ? -404 : 0);
    if (!_i)
        free(m.body);
}
END_TEST

static void bind_it(struct raw *r)
{
    send_bind(r, &spoils[0]);
    struct raw_message m = raw_expect(r, MT_RPC_RESULT);
    ck_assert_uint_eq(le32_load(m.body + 12), TL_ID_BOOL_TRUE);
    free(m.body);
}

/* "Each permanent key may only be bound to one temporary key at a time, binding a new temporary key overwrites the
 * previous one." */
START_TEST(a_new_temporary_key_takes_the_place_of_the_last)
{
    struct raw next;

    raw_login(&pair_client, "15550001");
    bind_it(&temp);
    json_decref(raw_call(&temp, "updates.getState", json_object()));
    raw_init_temporary(&next, &pair_server, EXPIRES_IN);
    bind_it(&next);
    ck_assert_ptr_null(raw_call(&temp, "updates.getState", json_object()));
    ck_assert_str_eq(temp.error, "AUTH_KEY_PERM_EMPTY");
    json_t *j = raw_call(&next, "updates.getState", json_object());
    ck_assert_msg(j != NULL, "%s", next.error);
    json_decref(j);
    bind_it(&temp);
    j = raw_call(&temp, "updates.getState", json_object());
    ck_assert_msg(j != NULL, "%s", temp.error);
    json_decref(j);
    raw_fini(&next);
}
END_TEST

/* As two processes do that have the same login and each its own temporary key. */
START_TEST(a_login_under_two_temporary_keys_is_one_at_two_places)
{
    struct raw other;

    raw_init_temporary(&other, &pair_server, EXPIRES_IN);
    bind_it(&temp);
    pair_is_heard(&temp);
    bind_it(&other);
    pair_is_heard(&other);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 0);
    pair_is_heard(&temp);
    ck_assert_int_eq(pair_lints("key_at_two_places"), 1);
    raw_fini(&other);
}
END_TEST

START_TEST(an_expired_key_is_unknown)
{
    struct raw_message m;
    json_t *j = server_control(&pair_server, "POST", "/opts", "{\"clock_skew_s\": 3700}");

    json_decref(j);
    raw_send(&temp, pair_ping, sizeof(pair_ping), false);
    ck_assert(!raw_recv(&temp, &m));
    ck_assert_int_eq(temp.transport_error, -404);
}
END_TEST

/* Updates go to all keys of an account, whichever of them logged in. */
START_TEST(a_login_by_one_key_is_one_by_all_that_are_bound_to_it)
{
    static const uint8_t bytes[3][256] = {{1}, {2}, {3}};
    static struct keys keys;
    struct world_user user = {.id = 1001};
    struct auth *auths[3];

    for (unsigned i = 0; i < 3; i++)
        auths[i] = keys_add(&keys, 1, mt_auth_key_new(bytes[i]), 1, 0);
    auths[1]->temporary = auths[2]->temporary = true;
    auths[1]->perm_id = auths[2]->perm_id = auths[0]->id;
    auths[0]->account.user = &user;
    keys_file(&keys, auths[1]);
    for (unsigned i = 0; i < 3; i++)
        ck_assert_msg(auths[i]->filed == &user, "key %u is not filed", i);
    auths[0]->account.user = NULL;
    keys_file(&keys, auths[2]);
    ck_assert_ptr_null(keys_of_user(&keys, &user));
    keys_fini(&keys);
}
END_TEST

Suite *suite_bind(void)
{
    Suite *s = suite_create("bind");
    TCase *t = tcase_create("bind");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, binding_asks_for_every_number, 0, sizeof(spoils) / sizeof(*spoils));
    tcase_add_test(t, an_unbound_key_gets_little_and_a_bound_one_its_account);
    tcase_add_test(t, a_fault_strikes_the_binding_too);
    tcase_add_loop_test(t, a_forgotten_key_may_take_the_permanent_one_along, 0, 2);
    tcase_add_test(t, a_new_temporary_key_takes_the_place_of_the_last);
    tcase_add_test(t, a_login_under_two_temporary_keys_is_one_at_two_places);
    tcase_add_test(t, an_expired_key_is_unknown);
    tcase_add_test(t, a_login_by_one_key_is_one_by_all_that_are_bound_to_it);
    suite_add_tcase(s, t);
    return s;
}
