#include "daemon/base/crc32.h"
#include "daemon/base/random.h"
#include "daemon/crypto/ige.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

static void check_bytes(const json_t *v)
{
    uint8_t key[32], iv[32];
    size_t len, cipher_len;
    uint8_t *plain = unit_json_hex(v, "plaintext", &len), *cipher = unit_json_hex(v, "ciphertext", &cipher_len);
    uint8_t *out = malloc(len);

    ck_assert_uint_eq(len, cipher_len);
    vector_bytes(v, "key", key, 32);
    vector_bytes(v, "iv", iv, 32);
    ck_assert_int_eq(ige_encrypt(key, iv, plain, out, len), 0);
    ck_assert_mem_eq(out, cipher, len);
    ck_assert_int_eq(ige_decrypt(key, iv, cipher, out, len), 0);
    ck_assert_mem_eq(out, plain, len);
    free(plain);
    free(cipher);
    free(out);
}

static void check_drawn(const json_t *v)
{
    size_t len = vector_number(v, "length");
    uint32_t seed = (uint32_t)len;
    uint8_t key[32], iv[32], *plain = malloc(len + 1), *out = malloc(len + 1);

    vector_tdlib_bytes(&seed, plain, len);
    vector_tdlib_bytes(&seed, key, 32);
    vector_tdlib_bytes(&seed, iv, 32);
    ck_assert_int_eq(ige_encrypt(key, iv, plain, out, len), 0);
    ck_assert_uint_eq(crc32_of(out, len), vector_number(v, "ciphertext_crc32"));
    ck_assert_int_eq(ige_decrypt(key, iv, out, out, len), 0);
    ck_assert_mem_eq(out, plain, len);
    free(plain);
    free(out);
}

START_TEST(published_vectors)
{
    json_t *all = unit_load_json("crypto/ige.json"), *v;
    size_t i, drawn = 0, given = 0;

    json_array_foreach(json_object_get(all, "vectors"), i, v) {
        if (vector_has(v, "plaintext")) {
            check_bytes(v);
            given++;
        }
        if (vector_has(v, "length")) {
            check_drawn(v);
            drawn++;
        }
    }
    ck_assert_uint_eq(given, 6);
    ck_assert_uint_eq(drawn, 6);
    json_decref(all);
}
END_TEST

/* Block by block with the iv carried along as the definition has it: c[i-1] and p[i-1]. */
START_TEST(any_length_in_place_equals_block_by_block)
{
    static const size_t lengths[] = {16, 32, 48, 4080, 4096, 4112, 4128, 8192, 8208, 20000};
    struct random_seeded seeded;
    uint8_t key[32], iv[32], carried[32];
    static uint8_t plain[20000], want[20000], got[20000];

    random_seeded_init(&seeded, 1);
    struct random_source random = random_seeded_source(&seeded);
    for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
        size_t len = lengths[l];
        random_fill(&random, key, 32);
        random_fill(&random, iv, 32);
        random_fill(&random, plain, len);
        memcpy(carried, iv, 32);
        for (size_t i = 0; i < len; i += 16) {
            ck_assert_int_eq(ige_encrypt(key, carried, plain + i, want + i, 16), 0);
            memcpy(carried, want + i, 16);
            memcpy(carried + 16, plain + i, 16);
        }
        ck_assert_int_eq(ige_encrypt(key, iv, plain, got, len), 0);
        ck_assert_mem_eq(got, want, len);
        memcpy(got, plain, len);
        ck_assert_int_eq(ige_encrypt(key, iv, got, got, len), 0);
        ck_assert_mem_eq(got, want, len);
        ck_assert_int_eq(ige_decrypt(key, iv, got, got, len), 0);
        ck_assert_mem_eq(got, plain, len);
    }
}
END_TEST

START_TEST(part_of_a_block_is_refused_and_nothing_written)
{
    uint8_t key[32] = {0}, iv[32] = {0}, in[32] = {0}, out[32] = {7};

    for (size_t len = 1; len < 32; len++) {
        if (len % 16 == 0)
            continue;
        ck_assert_int_eq(ige_encrypt(key, iv, in, out, len), TGC_EINVAL);
        ck_assert_int_eq(ige_decrypt(key, iv, in, out, len), TGC_EINVAL);
    }
    ck_assert_uint_eq(out[0], 7);
}
END_TEST

Suite *suite_ige(void)
{
    Suite *s = suite_create("ige");
    TCase *t = tcase_create("ige");

    tcase_add_test(t, published_vectors);
    tcase_add_test(t, any_length_in_place_equals_block_by_block);
    tcase_add_test(t, part_of_a_block_is_refused_and_nothing_written);
    suite_add_tcase(s, t);
    return s;
}
