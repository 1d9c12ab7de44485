#include <string.h>

#include "daemon/crypto/dh.h"
#include "daemon/crypto/dh_internal.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

START_TEST(telegrams_prime_and_its_generators)
{
    json_t *all = unit_load_json("crypto/dh.json"), *v = json_object_get(all, "prime"), *allowed;
    const char *g;
    bool safe = false;

    vector_check(v, "p", dh_telegram_prime, 256);
    ck_assert_uint_eq(vector_number(v, "bits"), 2048);
    ck_assert_uint_eq(dh_telegram_prime[0] >> 7, 1);
    json_object_foreach(json_object_get(v, "g_allowed_by_rule"), g, allowed) {
        int want = json_is_true(allowed) ? 0 : TGC_ECRYPTO;
        ck_assert_int_eq(dh_check_group(dh_telegram_prime, 256, atoi(g), NULL), want);
    }
    /* It is recognised without a test above; here is the test. */
    ck_assert_int_eq(dh_is_safe_prime(dh_telegram_prime, &safe), 0);
    ck_assert(safe);
    json_decref(all);
}
END_TEST

/* The published cases switch the rule on the length off, so they go to the two halves of the check. */
START_TEST(rules_on_small_groups)
{
    json_t *all = unit_load_json("crypto/dh.json"), *v;
    size_t i;

    json_array_foreach(json_object_get(all, "small_groups"), i, v) {
        uint8_t p[256];
        bool safe;
        dh_number((int32_t)vector_number(v, "p"), p);
        ck_assert_int_eq(dh_is_safe_prime(p, &safe), 0);
        bool got = safe && dh_generator_fits(p, (int32_t)vector_number(v, "g"));
        ck_assert_msg(got == json_is_true(json_object_get(v, "accept")), "%s", unit_json_text(v, "name"));
    }
    ck_assert_uint_eq(i, 16);
    json_decref(all);
}
END_TEST

START_TEST(a_prime_of_the_wrong_length_or_kind_is_refused)
{
    struct fault fault;
    uint8_t p[257] = {0};

    ck_assert_int_eq(dh_check_group(dh_telegram_prime, 255, 3, &fault), TGC_ECRYPTO);
    ck_assert_int_eq(dh_check_group(dh_telegram_prime, 0, 3, NULL), TGC_ECRYPTO);
    /* Leading zeros change nothing, another byte does. */
    memcpy(p + 1, dh_telegram_prime, 256);
    ck_assert_int_eq(dh_check_group(p, 257, 3, NULL), 0);
    p[0] = 1;
    ck_assert_int_eq(dh_check_group(p, 257, 3, NULL), TGC_ECRYPTO);
    /* p + 12 keeps all residues that g = 3 asks for and is not prime. Twice: tested, then remembered. */
    memcpy(p, dh_telegram_prime, 256);
    p[255] += 12;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(dh_check_group(p, 256, 3, &fault), TGC_ECRYPTO);
        ck_assert_str_eq(fault.text, "the number is not a safe prime");
    }
    for (int32_t g = -1; g < 10; g++)
        if (g != 3 && g != 4 && g != 7)
            ck_assert_int_eq(dh_check_group(dh_telegram_prime, 256, g, NULL), TGC_ECRYPTO);
}
END_TEST

/* The 2048-bit MODP group of RFC 3526 is a safe prime that is not Telegram's: 2^2048 - 2^1984 - 1 + 2^64 * ([2^1918 pi]
 * + 124476). */
START_TEST(another_safe_prime_passes_and_is_remembered)
{
    uint8_t *p = unit_hex("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
                          "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
                          "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                          "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05"
                          "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb"
                          "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
                          "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718"
                          "3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff",
                          NULL);

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(dh_check_group(p, 256, 2, NULL), 0);
    ck_assert_int_eq(dh_check_group(p, 256, 3, NULL), 0);
    free(p);
}
END_TEST

/* Adds or takes 1 at the last byte, with carry. */
static void nudge(uint8_t *v, int by)
{
    for (size_t i = 256; i-- > 0;) {
        v[i] = (uint8_t)(v[i] + by);
        if (by > 0 ? v[i] != 0 : v[i] != 0xff)
            return;
    }
}

START_TEST(public_values_stay_inside_their_bounds)
{
    json_t *all = unit_load_json("crypto/dh.json"), *v = json_object_get(all, "public_range");
    uint8_t number[256];

    vector_bytes(v, "lower", number, 256);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), 0);
    nudge(number, -1);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), TGC_ECRYPTO);
    vector_bytes(v, "upper", number, 256);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), 0);
    nudge(number, 1);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), TGC_ECRYPTO);
    json_decref(all);

    for (int32_t small = 0; small < 3; small++) {
        dh_number(small, number);
        ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), TGC_ECRYPTO);
    }
    memcpy(number, dh_telegram_prime, 256);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), TGC_ECRYPTO);
        nudge(number, -1);
    }
    memset(number, 0xff, 256);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, number), TGC_ECRYPTO);
    uint8_t tiny[256] = {0};
    ck_assert_int_eq(dh_check_public(tiny, number), TGC_ECRYPTO);
}
END_TEST

START_TEST(both_sides_reach_the_same_number)
{
    uint8_t a[256], b[256], g_a[256], g_b[256], left[256], right[256];

    memset(a, 0xa5, 256);
    memset(b, 0x3c, 256);
    ck_assert_int_eq(dh_power_small(dh_telegram_prime, 3, a, 256, g_a), 0);
    ck_assert_int_eq(dh_power_small(dh_telegram_prime, 3, b, 256, g_b), 0);
    ck_assert_int_eq(dh_check_public(dh_telegram_prime, g_a), 0);
    ck_assert_int_eq(dh_power(dh_telegram_prime, g_b, a, 256, left), 0);
    ck_assert_int_eq(dh_power(dh_telegram_prime, g_a, b, 256, right), 0);
    ck_assert_mem_eq(left, right, 256);
}
END_TEST

START_TEST(results_are_padded_on_the_left)
{
    static const uint8_t five = 5;
    uint8_t out[256], want[256], even[256] = {0};

    ck_assert_int_eq(dh_power_small(dh_telegram_prime, 3, &five, 1, out), 0);
    dh_number(243, want);
    ck_assert_mem_eq(out, want, 256);
    /* An empty exponent is 0. */
    ck_assert_int_eq(dh_power_small(dh_telegram_prime, 3, &five, 0, out), 0);
    dh_number(1, want);
    ck_assert_mem_eq(out, want, 256);
    /* No modulus that constant-time powers work with. */
    ck_assert_int_lt(dh_power_small(even, 3, &five, 1, out), 0);
    even[255] = 8;
    ck_assert_int_lt(dh_power_small(even, 3, &five, 1, out), 0);
    ck_assert_int_eq(dh_power_small(dh_telegram_prime, -3, &five, 1, out), TGC_EINVAL);
}
END_TEST

START_TEST(pad_takes_up_to_256_significant_bytes)
{
    uint8_t in[300] = {0}, out[256], zero[256] = {0};

    ck_assert_int_eq(dh_pad(in, 0, out), 0);
    ck_assert_mem_eq(out, zero, 256);
    ck_assert_int_eq(dh_pad(in, 300, out), 0);
    ck_assert_mem_eq(out, zero, 256);
    in[43] = 9;
    ck_assert_int_eq(dh_pad(in, 300, out), TGC_EINVAL);
    ck_assert_mem_eq(out, zero, 256);
    ck_assert_int_eq(dh_pad(in, 44, out), 0);
    ck_assert_uint_eq(out[255], 9);
    ck_assert_int_eq(dh_pad(in, 299, out), 0);
    ck_assert_uint_eq(out[0], 9);
}
END_TEST

Suite *suite_dh(void)
{
    Suite *s = suite_create("dh");
    TCase *t = tcase_create("dh");

    tcase_add_test(t, telegrams_prime_and_its_generators);
    tcase_add_test(t, rules_on_small_groups);
    tcase_add_test(t, a_prime_of_the_wrong_length_or_kind_is_refused);
    tcase_add_test(t, another_safe_prime_passes_and_is_remembered);
    tcase_add_test(t, public_values_stay_inside_their_bounds);
    tcase_add_test(t, both_sides_reach_the_same_number);
    tcase_add_test(t, results_are_padded_on_the_left);
    tcase_add_test(t, pad_takes_up_to_256_significant_bytes);
    suite_add_tcase(s, t);
    return s;
}
