/* Client and server against each other: honest, odd and lying. */
#include <string.h>

#include "tests/unit/mt/exchange.h"
#include "tests/unit/mt/suites.h"

static void check_agreement(struct exchange *e)
{
    struct mt_handshake_result c = mt_handshake_client_take(e->client);
    struct mt_handshake_server_result s = mt_handshake_server_take(e->server);

    ck_assert_ptr_nonnull(c.key);
    ck_assert_ptr_nonnull(s.key);
    check_bytes(c.key->key, 256, s.key->key, 256, "key");
    check_bytes(c.key->id, 8, s.key->id, 8, "id");
    check_bytes(c.key->aux_hash, 8, s.key->aux_hash, 8, "aux hash");
    ck_assert_uint_eq(c.salt, s.salt);
    ck_assert_uint_eq(s.oddities, 0);
    ck_assert_int_eq(s.dc, e->client_config.dc);
    ck_assert_int_eq(s.temporary, e->client_config.expires_in != 0);
    ck_assert_int_eq(s.expires_in, e->client_config.expires_in);
    int64_t server_now = (e->clock.wall_us + e->server_config.time_skew_us) / SECOND_US;
    ck_assert_int_eq(c.time_offset_us, server_now * SECOND_US - e->clock.mono_us);
    ck_assert_int_eq(c.expires_at, e->client_config.expires_in ? server_now + e->client_config.expires_in : 0);
    mt_auth_key_free(c.key);
    mt_auth_key_free(s.key);
    ck_assert_ptr_null(mt_handshake_server_take(e->server).key);
}

START_TEST(both_sides_agree_for_any_randomness)
{
    for (uint64_t seed = (uint64_t)_i * 8; seed < (uint64_t)_i * 8 + 8; seed++) {
        struct exchange e;
        exchange_init(&e, seed);
        /* Numbers that begin with zero bytes: half of all exchanges have them everywhere. */
        e.client_random.leading_zeros = seed % 2;
        e.server_random.leading_zeros = seed % 4 == 3;
        e.server_config.time_skew_us = (int64_t)(seed % 5) * 3600 * SECOND_US;
        exchange_open(&e);
        ck_assert_msg(exchange_run(&e) == 1, "%s%s", e.client_fault.text, e.server_fault.text);
        check_agreement(&e);
        exchange_fini(&e);
    }
}
END_TEST

START_TEST(keys_that_begin_with_a_zero_byte_are_kept_whole)
{
    enum { SEED_WITH_ZERO = 5326 };
    struct exchange e;

    exchange_init(&e, SEED_WITH_ZERO);
    exchange_open(&e);
    ck_assert_int_eq(exchange_run(&e), 1);
    struct mt_handshake_result c = mt_handshake_client_take(e.client);
    struct mt_handshake_server_result s = mt_handshake_server_take(e.server);
    ck_assert_int_eq(c.key->key[0], 0);
    check_bytes(c.key->key, 256, s.key->key, 256, "key");
    mt_auth_key_free(c.key);
    mt_auth_key_free(s.key);
    exchange_fini(&e);
}
END_TEST

START_TEST(temporary_keys_and_test_dcs_are_made)
{
    struct exchange e;

    exchange_init(&e, 1000);
    e.client_config.dc = -10002; /* media, test */
    e.client_config.expires_in = 86400;
    e.server_config.test = true;
    exchange_open(&e);
    ck_assert_int_eq(exchange_run(&e), 1);
    check_agreement(&e);
    exchange_fini(&e);
}
END_TEST

static const struct {
    enum mt_handshake_lie lie;
    int err;
    const char *sentence; /* a part of it */
} lies[] = {
    {MT_LIE_RES_PQ_NONCE, TGC_ECRYPTO, "resPQ carries another nonce"},
    {MT_LIE_FINGERPRINT_UNKNOWN, TGC_EUNKNOWN, "None of the server's keys"},
    {MT_LIE_PQ_PRIME, TGC_ECRYPTO, "product of two primes"},
    {MT_LIE_PQ_ONE, TGC_ECRYPTO, "product of two primes"},
    {MT_LIE_DH_PARAMS_NONCE, TGC_ECRYPTO, "server_DH_params carries another nonce"},
    {MT_LIE_DH_PARAMS_SERVER_NONCE, TGC_ECRYPTO, "server_DH_params carries another server_nonce"},
    {MT_LIE_DH_PARAMS_FAIL, TGC_EPROTO, "refused our req_DH_params"},
    {MT_LIE_ANSWER_LENGTH, TGC_ECRYPTO, "impossible length"},
    {MT_LIE_ANSWER_HASH, TGC_ECRYPTO, "wrong SHA-1"},
    {MT_LIE_ANSWER_PADDING, TGC_ECRYPTO, "too much padding"},
    {MT_LIE_INNER_NONCE, TGC_ECRYPTO, "server_DH_inner_data carries another nonce"},
    {MT_LIE_INNER_SERVER_NONCE, TGC_ECRYPTO, "server_DH_inner_data carries another server_nonce"},
    {MT_LIE_PRIME_SIZE, TGC_ECRYPTO, "bit"},
    {MT_LIE_PRIME_NOT_PRIME, TGC_ECRYPTO, "prime"},
    {MT_LIE_PRIME_NOT_SAFE, TGC_ECRYPTO, "prime"},
    {MT_LIE_GENERATOR, TGC_ECRYPTO, "generat"},
    {MT_LIE_G_A_ONE, TGC_ECRYPTO, "g_a is out of range"},
    {MT_LIE_G_A_SMALL, TGC_ECRYPTO, "g_a is out of range"},
    {MT_LIE_G_A_LARGE, TGC_ECRYPTO, "g_a is out of range"},
    {MT_LIE_DH_GEN_NONCE, TGC_ECRYPTO, "dh_gen carries another nonce"},
    {MT_LIE_DH_GEN_SERVER_NONCE, TGC_ECRYPTO, "dh_gen carries another server_nonce"},
    {MT_LIE_DH_GEN_HASH, TGC_ECRYPTO, "wrong new_nonce_hash"},
    {MT_LIE_DH_GEN_FAIL, TGC_EPROTO, "refused to make the key"},
    {MT_LIE_DH_GEN_RETRY_ALWAYS, TGC_EPROTO, "too often"},
};

START_TEST(each_lie_is_refused_for_what_it_is)
{
    struct exchange e;

    exchange_init(&e, 2000 + (uint64_t)_i);
    e.server_config.lie = lies[_i].lie;
    exchange_open(&e);
    const char *name = mt_handshake_lie_text(lies[_i].lie);
    int err = exchange_run(&e);
    ck_assert_msg(err == lies[_i].err, "%s: %d, %s", name, err, e.client_fault.text);
    ck_assert_msg(strstr(e.client_fault.text, lies[_i].sentence) != NULL, "%s: %s", name, e.client_fault.text);
    ck_assert_int_eq(e.client_fault.err, err);
    ck_assert_ptr_null(mt_handshake_client_take(e.client).key);
    ck_assert_uint_eq(e.to_server.len, 0);
    ck_assert_int_eq(exchange_take(&e), TGC_ESTATE);
    exchange_fini(&e);
}
END_TEST

START_TEST(every_oddity_that_is_legal_is_taken)
{
    struct exchange e;

    exchange_init(&e, 3000 + (uint64_t)_i);
    e.server_config.lie = (enum mt_handshake_lie)_i;
    exchange_open(&e);
    int err = exchange_run(&e);
    ck_assert_msg(err == 1, "%s: %s", mt_handshake_lie_text(e.server_config.lie), e.client_fault.text);
    check_agreement(&e);
    exchange_fini(&e);
}
END_TEST

START_TEST(every_lie_is_tested_and_found_by_its_name)
{
    bool seen[MT_LIE_COUNT] = {false};

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
        seen[lies[i].lie] = true;
    for (int i = MT_LIE_NONE; i < MT_LIE_COUNT; i++) {
        ck_assert_int_eq(mt_handshake_lie_find(mt_handshake_lie_text((enum mt_handshake_lie)i)), i);
        ck_assert_int_eq(seen[i], i != MT_LIE_NONE && i < MT_LIE_LEGAL_RETRY_ONCE);
    }
    ck_assert_int_eq(mt_handshake_lie_find("something else"), MT_LIE_NONE);
}
END_TEST

START_TEST(a_server_key_that_is_not_ours_is_refused)
{
    struct exchange e;

    exchange_init(&e, 4000);
    e.client_config.keys_n = 0;
    exchange_open(&e);
    ck_assert_int_eq(exchange_run(&e), TGC_EUNKNOWN);
    exchange_fini(&e);
}
END_TEST

Suite *suite_handshake(void)
{
    Suite *s = suite_create("mt/handshake");
    TCase *t = tcase_create("handshake");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, both_sides_agree_for_any_randomness, 0, 10);
    tcase_add_test(t, keys_that_begin_with_a_zero_byte_are_kept_whole);
    tcase_add_test(t, temporary_keys_and_test_dcs_are_made);
    tcase_add_loop_test(t, each_lie_is_refused_for_what_it_is, 0, sizeof(lies) / sizeof(lies[0]));
    tcase_add_loop_test(t, every_oddity_that_is_legal_is_taken, MT_LIE_LEGAL_RETRY_ONCE, MT_LIE_COUNT);
    tcase_add_test(t, every_lie_is_tested_and_found_by_its_name);
    tcase_add_test(t, a_server_key_that_is_not_ours_is_refused);
    suite_add_tcase(s, t);
    return s;
}
