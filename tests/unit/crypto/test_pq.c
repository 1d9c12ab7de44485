#include "daemon/base/random.h"
#include "daemon/crypto/pq.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

static void check_bytes_of(const json_t *v, const char *number_key, const char *bytes_key, uint64_t got)
{
    uint8_t bytes[8];
    uint64_t parsed;

    ck_assert_uint_eq(got, strtoull(unit_json_text(v, number_key), NULL, 10));
    size_t len = pq_bytes(got, bytes);
    vector_check(v, bytes_key, bytes, len);
    ck_assert_int_eq(pq_parse(bytes, len, &parsed), 0);
    ck_assert_uint_eq(parsed, got);
}

START_TEST(published_products)
{
    json_t *all = unit_load_json("crypto/pq.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, "factorisations"), i, v) {
        uint64_t pq = strtoull(unit_json_text(v, "pq"), NULL, 10), p = 0, q = 0;
        ck_assert_int_eq(pq_factor(pq, &p, &q), 0);
        check_bytes_of(v, "pq", "pq_bytes", pq);
        check_bytes_of(v, "p", "p_bytes", p);
        check_bytes_of(v, "q", "q_bytes", q);
    }
    ck_assert_uint_eq(i, 9);
    json_decref(all);
}
END_TEST

static bool slowly_prime(uint64_t n)
{
    for (uint64_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n > 1;
}

START_TEST(every_small_number_gets_the_verdict_of_trial_division)
{
    for (uint64_t n = 0; n < 20000; n++) {
        uint64_t d = 2, p = 77, q = 78;
        while (d * d <= n && n % d)
            d++;
        bool want = d > 2 && d * d < n && n % d == 0 && slowly_prime(n / d);
        int err = pq_factor(n, &p, &q);
        ck_assert_msg((err == 0) == want, "%u", (unsigned)n);
        if (want)
            ck_assert(p == d && q == n / d);
        else
            ck_assert(err == TGC_EINVAL && p == 77 && q == 78);
    }
}
END_TEST

START_TEST(hostile_numbers_are_refused)
{
    static const uint64_t bad[] = {
        9223372036854775783u,           /* the largest prime below 2^63 */
        9223372036854775807u,           /* 2^63 - 1 = 7^2 * 73 * 127 * 337 * 92737 * 649657 */
        18446744073709551615u,          /* above 2^63 - 1 */
        9223372036854775808u,           /* 2^63 */
        3037000493u * 3037000493ull,    /* the square of a prime near 2^31.5 */
        2147483647ull * 2147483647ull,  /* (2^31 - 1)^2 */
        2097143ull * 2097143 * 2097143, /* a cube */
        1000003ull * 1000033 * 1000037, /* three primes */
        4294967296ull * 2147483647,     /* 2^32 times a prime */
        2 * 2147483647ull,              /* even */
        3215031751ull,                  /* a strong pseudoprime to 2, 3, 5 and 7: 151 * 751 * 28351 */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t p = 1, q = 2;
        ck_assert_msg(pq_factor(bad[i], &p, &q) == TGC_EINVAL, "%zu", i);
        ck_assert(p == 1 && q == 2);
    }
}
END_TEST

START_TEST(products_of_any_sizes_come_apart)
{
    struct random_seeded seeded;

    random_seeded_init(&seeded, 2);
    struct random_source random = random_seeded_source(&seeded);
    for (int round = 0; round < 60; round++) {
        uint64_t a = random_below(&random, 1u << (2 + round % 29)) | 1, b = random_below(&random, 1u << 31) | 1, p, q;
        while (!slowly_prime(a))
            a += 2;
        while (!slowly_prime(b) || b == a)
            b += 2;
        ck_assert_int_eq(pq_factor(a * b, &p, &q), 0);
        ck_assert(p == (a < b ? a : b) && q == (a < b ? b : a));
    }
}
END_TEST

/* Just below 2^63, where the least is to spare. */
START_TEST(the_largest_products_come_apart)
{
    uint64_t b = 3037000493;

    for (int round = 0; round < 40; round++) {
        uint64_t a = b - 2, p, q;
        while (!slowly_prime(a))
            a -= 2;
        ck_assert_int_eq(pq_factor(a * b, &p, &q), 0);
        ck_assert(p == a && q == b);
        b = a;
    }
}
END_TEST

START_TEST(bytes_that_are_no_number)
{
    uint64_t v = 5;

    ck_assert_int_eq(pq_parse((const uint8_t *)"", 0, &v), TGC_EINVAL);
    ck_assert_int_eq(pq_parse((const uint8_t *)"\0\0", 2, &v), TGC_EINVAL);
    ck_assert_int_eq(pq_parse((const uint8_t *)"123456789", 9, &v), TGC_EINVAL);
    ck_assert_uint_eq(v, 5);
    ck_assert_int_eq(pq_parse((const uint8_t *)"\0\1\2", 3, &v), 0);
    ck_assert_uint_eq(v, 258);
}
END_TEST

Suite *suite_pq(void)
{
    Suite *s = suite_create("pq");
    TCase *t = tcase_create("pq");

    tcase_add_test(t, published_products);
    tcase_add_test(t, every_small_number_gets_the_verdict_of_trial_division);
    tcase_add_test(t, hostile_numbers_are_refused);
    tcase_add_test(t, products_of_any_sizes_come_apart);
    tcase_add_test(t, the_largest_products_come_apart);
    tcase_add_test(t, bytes_that_are_no_number);
    suite_add_tcase(s, t);
    return s;
}
