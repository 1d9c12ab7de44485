#include "daemon/crypto/dh.h"
#include "daemon/crypto/srp.h"
#include "daemon/crypto/srp_internal.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

static void load_salt(const json_t *v, const char *key, uint8_t *out, size_t *ret_len)
{
    uint8_t *p = unit_json_hex(v, key, ret_len);

    ck_assert_uint_le(*ret_len, SRP_SALT_MAX);
    memcpy(out, p, *ret_len);
    free(p);
}

static struct srp_algo load_algo(const json_t *v)
{
    struct srp_algo algo = {.g = (int32_t)vector_number(v, "g")};

    load_salt(v, "salt1", algo.salt1, &algo.salt1_len);
    load_salt(v, "salt2", algo.salt2, &algo.salt2_len);
    vector_bytes(v, "p", algo.p, 256);
    return algo;
}

static void load_x(const json_t *v, const struct srp_algo *algo, uint8_t x[32])
{
    size_t len;
    uint8_t *password = unit_json_hex(v, "password", &len);

    ck_assert_int_eq(srp_password_hash(algo, password, len, x), 0);
    free(password);
}

static const json_t *named(const json_t *all, const char *name)
{
    size_t i;
    const json_t *v;

    json_array_foreach(json_object_get(all, "exchanges"), i,
                       v) if (strcmp(unit_json_text(v, "name"), name) == 0) return v;
    ck_abort_msg("no vector %s", name);
    return NULL;
}

/* grammers_tiny_padding has p = 47: it shows that every hashed number is padded to 256 bytes, but no client may accept
 * its group, so that one goes to the formulas below the checks. */
START_TEST(published_exchanges)
{
    json_t *all = unit_load_json("crypto/srp.json"), *v;
    size_t i, tiny = 0;

    json_array_foreach(json_object_get(all, "exchanges"), i, v) {
        struct srp_algo algo = load_algo(v);
        uint8_t x[32], b[256], a[256], out_a[256], out_m1[32], verifier[256];
        load_x(v, &algo, x);
        vector_check(v, "x", x, 32);
        ck_assert_int_eq(srp_verifier(&algo, x, verifier), 0);
        vector_check(v, "v", verifier, 256);
        vector_bytes(v, "B", b, 256);
        vector_bytes(v, "a", a, 256);
        if (vector_number(v, "B_len") == 256) {
            ck_assert_int_eq(srp_client(&algo, x, b, 256, NULL, a, out_a, out_m1, NULL), 0);
        } else {
            ck_assert_int_eq(srp_client(&algo, x, b, 256, NULL, a, out_a, out_m1, NULL), TGC_ECRYPTO);
            ck_assert_int_eq(srp_answer(&algo, x, b, a, out_a, out_m1), 0);
            tiny++;
        }
        vector_check(v, "A", out_a, 256);
        vector_check(v, "M1", out_m1, 32);
    }
    ck_assert_uint_eq(i, 6);
    ck_assert_uint_eq(tiny, 1);
    json_decref(all);
}
END_TEST

START_TEST(published_verifiers_of_new_passwords)
{
    json_t *all = unit_load_json("crypto/srp.json"), *v;
    size_t i;

    json_array_foreach(json_object_get(all, "verifiers"), i, v) {
        struct srp_algo algo = load_algo(v);
        uint8_t x[32], verifier[256];
        load_x(v, &algo, x);
        ck_assert_int_eq(srp_verifier(&algo, x, verifier), 0);
        vector_check(v, "v", verifier, 256);
    }
    ck_assert_uint_eq(i, 2);
    json_decref(all);
}
END_TEST

START_TEST(the_server_believes_the_right_password_only)
{
    json_t *all = unit_load_json("crypto/srp.json");
    const json_t *v = named(all, "own_full_exchange_with_server_secret");
    struct srp_algo algo = load_algo(v);
    uint8_t verifier[256], secret[256], b[256], a[256], m1[32];

    vector_bytes(v, "v", verifier, 256);
    vector_bytes(v, "server_b", secret, 256);
    vector_bytes(v, "A", a, 256);
    vector_bytes(v, "M1", m1, 32);
    ck_assert_int_eq(srp_server_public(&algo, verifier, secret, b), 0);
    vector_check(v, "B", b, 256);
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), 0);
    m1[31] ^= 1;
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), TGC_ECRYPTO);
    m1[31] ^= 1;
    a[0] ^= 1;
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), TGC_ECRYPTO);
    /* A of 0 (or p, which is 0) would let anyone in. */
    memset(a, 0, sizeof(a));
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), TGC_ECRYPTO);
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 0, m1), TGC_ECRYPTO);
    ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, algo.p, 256, m1), TGC_ECRYPTO);
    json_decref(all);
}
END_TEST

START_TEST(drawn_secrets_agree_on_both_sides)
{
    json_t *all = unit_load_json("crypto/srp.json");
    const json_t *v = named(all, "own_full_exchange_with_server_secret");
    struct srp_algo algo = load_algo(v);
    struct random_seeded seeded;
    uint8_t x[32], verifier[256], secret[256], b[256], a[256], m1[32];

    random_seeded_init(&seeded, 4);
    struct random_source random = random_seeded_source(&seeded);
    for (int i = 0; i < 5; i++) {
        random_fill(&random, x, sizeof(x));
        random_fill(&random, secret, sizeof(secret));
        ck_assert_int_eq(srp_verifier(&algo, x, verifier), 0);
        ck_assert_int_eq(srp_server_public(&algo, verifier, secret, b), 0);
        ck_assert_int_eq(srp_client(&algo, x, b, 256, &random, NULL, a, m1, NULL), 0);
        ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), 0);
        x[0] ^= 1;
        ck_assert_int_eq(srp_client(&algo, x, b, 256, &random, NULL, a, m1, NULL), 0);
        ck_assert_int_eq(srp_server_check(&algo, verifier, secret, b, a, 256, m1), TGC_ECRYPTO);
    }
    json_decref(all);
}
END_TEST

START_TEST(the_client_refuses_a_bad_group_or_b)
{
    json_t *all = unit_load_json("crypto/srp.json");
    const json_t *v = named(all, "gotd_123123");
    struct srp_algo algo = load_algo(v), bad;
    uint8_t x[32], b[300] = {0}, a[256], out_a[256] = {1}, m1[32] = {2};
    struct fault fault;

    vector_bytes(v, "x", x, 32);
    vector_bytes(v, "B", b, 256);
    vector_bytes(v, "a", a, 256);
    bad = algo;
    bad.g = 2;
    ck_assert_int_eq(srp_client(&bad, x, b, 256, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    bad = algo;
    bad.p[255] += 12;
    ck_assert_int_eq(srp_client(&bad, x, b, 256, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    ck_assert_int_eq(srp_client(&algo, x, b, 247, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    ck_assert_int_eq(srp_client(&algo, x, b, 257, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    ck_assert_int_eq(srp_client(&algo, x, b, 0, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    ck_assert_int_eq(srp_client(&algo, x, algo.p, 256, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    memset(b, 0, 256);
    ck_assert_int_eq(srp_client(&algo, x, b, 256, NULL, a, out_a, m1, &fault), TGC_ECRYPTO);
    ck_assert_str_eq(fault.text, "srp_B is out of range");
    ck_assert(out_a[0] == 1 && m1[0] == 2);
    b[255] = 1;
    ck_assert_int_eq(srp_client(&algo, x, b, 256, NULL, a, out_a, m1, &fault), 0);
    ck_assert_int_eq(srp_client(&algo, x, b + 8, 248, NULL, a, out_a, m1, &fault), 0);
    json_decref(all);
}
END_TEST

Suite *suite_srp(void)
{
    Suite *s = suite_create("srp");
    TCase *t = tcase_create("srp");

    tcase_set_timeout(t, 30);
    tcase_add_test(t, published_exchanges);
    tcase_add_test(t, published_verifiers_of_new_passwords);
    tcase_add_test(t, the_server_believes_the_right_password_only);
    tcase_add_test(t, drawn_secrets_agree_on_both_sides);
    tcase_add_test(t, the_client_refuses_a_bad_group_or_b);
    suite_add_tcase(s, t);
    return s;
}
