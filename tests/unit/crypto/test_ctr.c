#include "daemon/base/crc32.h"
#include "daemon/base/random.h"
#include "daemon/crypto/ctr.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

/* All of IN through a new stream in steps of STEP bytes, in place. */
static void run(const uint8_t *key, const uint8_t *iv, uint8_t *bytes, size_t len, size_t step)
{
    struct ctr *c;

    ck_assert_int_eq(ctr_new(key, iv, &c), 0);
    for (size_t at = 0; at < len; at += step) {
        size_t n = len - at < step ? len - at : step;
        ck_assert_int_eq(ctr_apply(c, bytes + at, bytes + at, n), 0);
    }
    ctr_free(c);
}

static void check_bytes(const json_t *v)
{
    uint8_t key[32], iv[16];
    size_t len;
    uint8_t *plain = unit_json_hex(v, "plaintext", &len), *out = malloc(len);

    vector_bytes(v, "key", key, 32);
    vector_bytes(v, "iv", iv, 16);
    for (size_t step = 1; step <= len; step++) {
        memcpy(out, plain, len);
        run(key, iv, out, len, step);
        vector_check(v, "ciphertext", out, len);
    }
    free(plain);
    free(out);
}

static void check_drawn(const json_t *v)
{
    size_t len = vector_number(v, "length");
    uint32_t seed = (uint32_t)len;
    uint8_t key[32], iv[16], *plain = malloc(len + 1), *out = malloc(len + 1);

    vector_tdlib_bytes(&seed, plain, len);
    vector_tdlib_bytes(&seed, key, 32);
    vector_tdlib_bytes(&seed, iv, 16);
    memcpy(out, plain, len);
    run(key, iv, out, len, 7);
    ck_assert_uint_eq(crc32_of(out, len), vector_number(v, "ciphertext_crc32"));
    /* The counter overflows at once and wraps over all 128 bits. */
    memset(iv, 0xff, 16);
    memcpy(out, plain, len);
    run(key, iv, out, len, 4096);
    ck_assert_uint_eq(crc32_of(out, len), vector_number(v, "ciphertext_crc32_iv_ff"));
    free(plain);
    free(out);
}

START_TEST(published_vectors_in_any_steps)
{
    json_t *all = unit_load_json("crypto/ctr.json"), *v;
    size_t i;

    json_array_foreach(json_object_get(all, "vectors"), i, v) {
        if (vector_has(v, "plaintext"))
            check_bytes(v);
        else
            check_drawn(v);
    }
    ck_assert_uint_eq(i, 10);
    json_decref(all);
}
END_TEST

Suite *suite_ctr(void)
{
    Suite *s = suite_create("ctr");
    TCase *t = tcase_create("ctr");

    tcase_add_test(t, published_vectors_in_any_steps);
    suite_add_tcase(s, t);
    return s;
}
