#include <stdio.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/rsa.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

static struct rsa_key *parse(const char *pem)
{
    struct rsa_key *key;
    struct fault fault = {0};

    ck_assert_msg(rsa_key_parse(pem, strlen(pem), &key, &fault) == 0, "%s", fault.text);
    return key;
}

/* The key of a vector of RSA_PAD: a modulus with the exponent 65537. */
static struct rsa_key *key_of(const json_t *v)
{
    static const uint8_t e[] = {1, 0, 1};
    uint8_t n[256];
    struct rsa_key *key;

    vector_bytes(v, "modulus", n, 256);
    ck_assert_int_eq(rsa_key_from_numbers(n, 256, e, 3, &key), 0);
    return key;
}

START_TEST(fingerprints_of_published_keys)
{
    json_t *all = unit_load_json("crypto/rsa_keys.json"), *v;
    size_t i;

    json_array_foreach(json_object_get(all, "public_keys"), i, v) {
        uint8_t wire[8];
        struct rsa_key *key = parse(unit_json_text(v, "pem")), *same = key_of(v);
        ck_assert_uint_eq(vector_number(v, "exponent"), 65537);
        uint64_t fingerprint = rsa_key_fingerprint(key);
        ck_assert_uint_eq(fingerprint, strtoull(unit_json_text(v, "fingerprint"), NULL, 16));
        ck_assert_uint_eq(rsa_key_fingerprint(same), fingerprint);
        le64_store(wire, fingerprint);
        vector_check(v, "fingerprint_wire", wire, 8);
        ck_assert(!rsa_key_is_private(key));
        char *pem;
        ck_assert_int_eq(rsa_key_public_pem(same, &pem), 0);
        ck_assert_int_eq(strncmp(pem, "-----BEGIN RSA PUBLIC KEY-----\n", 31), 0);
        struct rsa_key *again = parse(pem);
        ck_assert_uint_eq(rsa_key_fingerprint(again), fingerprint);
        free(pem);
        rsa_key_free(again);
        rsa_key_free(same);
        rsa_key_free(key);
    }
    ck_assert_uint_eq(i, 11);
    json_decref(all);
}
END_TEST

/* A vector has a temporary key that gives its block, or one that must be refused ("retry"), or both ("first_temp_key").
 * samples_auth_key_current_encrypted_data has none, as it was never published: there only the sizes and that the value
 * is below the modulus can be looked at. */
START_TEST(rsa_pad_vectors)
{
    json_t *all = unit_load_json("crypto/rsa.json"), *v;
    size_t i, computed = 0, refused = 0, looked_at = 0;

    json_array_foreach(json_object_get(all, "pad"), i, v) {
        struct rsa_key *key = key_of(v);
        uint8_t temp_key[32], out[256], n[256];
        size_t len, padding_len;
        uint8_t *data = unit_json_hex(v, "data", &len), *padding = unit_json_hex(v, "padding", &padding_len);
        ck_assert_uint_eq(len + padding_len, 192);
        if (vector_has(v, "first_temp_key")) {
            vector_bytes(v, "first_temp_key", temp_key, 32);
            ck_assert_int_eq(rsa_pad_encrypt_with(key, data, len, padding, temp_key, out), TGC_ELIMIT);
            refused++;
        }
        if (vector_has(v, "retry")) {
            vector_bytes(v, "temp_key", temp_key, 32);
            ck_assert_int_eq(rsa_pad_encrypt_with(key, data, len, padding, temp_key, out), TGC_ELIMIT);
            refused++;
        } else if (vector_has(v, "temp_key")) {
            vector_bytes(v, "temp_key", temp_key, 32);
            ck_assert_int_eq(rsa_pad_encrypt_with(key, data, len, padding, temp_key, out), 0);
            vector_check(v, "encrypted_data", out, 256);
            computed++;
        } else {
            ck_assert_str_eq(unit_json_text(v, "name"), "samples_auth_key_current_encrypted_data");
            vector_bytes(v, "encrypted_data", out, 256);
            vector_bytes(v, "modulus", n, 256);
            ck_assert_int_lt(memcmp(out, n, 256), 0);
            looked_at++;
        }
        if (vector_has(v, "key_aes_encrypted") && !vector_has(v, "retry")) {
            uint8_t block[256];
            vector_bytes(v, "key_aes_encrypted", block, 256);
            ck_assert_int_eq(rsa_public_raw(key, block, out), 0);
            vector_check(v, "encrypted_data", out, 256);
        } else if (vector_has(v, "key_aes_encrypted")) {
            uint8_t block[256];
            vector_bytes(v, "key_aes_encrypted", block, 256);
            ck_assert_int_eq(rsa_public_raw(key, block, out), TGC_EINVAL);
        }
        free(data);
        free(padding);
        rsa_key_free(key);
    }
    ck_assert_uint_eq(computed, 4);
    ck_assert_uint_eq(refused, 2);
    ck_assert_uint_eq(looked_at, 1);
    json_decref(all);
}
END_TEST

static const json_t *with_private_key(const json_t *all)
{
    size_t i;
    const json_t *v;

    json_array_foreach(json_object_get(all, "pad"), i, v) if (vector_has(v, "private_key")) return v;
    ck_abort_msg("no private key");
    return NULL;
}

START_TEST(the_private_key_opens_rsa_pad)
{
    json_t *all = unit_load_json("crypto/rsa.json");
    const json_t *v = with_private_key(all);
    struct rsa_key *key = parse(unit_json_text(v, "private_key"));
    uint8_t in[256], out[192], block[256];
    size_t len;
    uint8_t *data = unit_json_hex(v, "data", &len);

    ck_assert(rsa_key_is_private(key));
    ck_assert_uint_eq(rsa_key_fingerprint(key), strtoull(unit_json_text(v, "fingerprint_hex_be"), NULL, 16));
    vector_bytes(v, "encrypted_data", in, 256);
    ck_assert_int_eq(rsa_private_raw(key, in, block), 0);
    vector_check(v, "key_aes_encrypted", block, 256);
    ck_assert_int_eq(rsa_pad_decrypt(key, in, out), 0);
    ck_assert_mem_eq(out, data, len);
    in[100] ^= 1;
    ck_assert_int_eq(rsa_pad_decrypt(key, in, out), TGC_ECRYPTO);
    memset(in, 0xff, 256);
    ck_assert_int_eq(rsa_pad_decrypt(key, in, out), TGC_ECRYPTO);
    ck_assert_int_eq(rsa_private_raw(key, in, block), TGC_EINVAL);
    free(data);
    rsa_key_free(key);
    json_decref(all);
}
END_TEST

START_TEST(what_rsa_pad_closes_it_opens_again)
{
    json_t *all = unit_load_json("crypto/rsa.json");
    struct rsa_key *key = parse(unit_json_text(with_private_key(all), "private_key"));
    struct random_seeded seeded;
    uint8_t data[145], out[256], back[192];

    random_seeded_init(&seeded, 3);
    struct random_source random = random_seeded_source(&seeded);
    for (size_t len = 0; len <= 144; len += 12) {
        random_fill(&random, data, len);
        ck_assert_int_eq(rsa_pad_encrypt(key, data, len, &random, out), 0);
        ck_assert_int_eq(rsa_pad_decrypt(key, out, back), 0);
        ck_assert_mem_eq(back, data, len);
    }
    ck_assert_int_eq(rsa_pad_encrypt(key, data, 145, &random, out), TGC_EINVAL);
    char *pem;
    ck_assert_int_eq(rsa_key_public_pem(key, &pem), 0);
    struct rsa_key *public_half = parse(pem);
    ck_assert(!rsa_key_is_private(public_half));
    ck_assert_int_eq(rsa_pad_decrypt(public_half, out, back), TGC_EINVAL);
    ck_assert_int_eq(rsa_private_raw(public_half, out, out), TGC_EINVAL);
    free(pem);
    rsa_key_free(public_half);
    rsa_key_free(key);
    json_decref(all);
}
END_TEST

/* Gives the key of own_must_retry_main_key first, then that of own_accept_main_key, for the padding of both. */
struct script {
    uint8_t padding[192], keys[2][32];
    size_t calls;
};

static void scripted_fill(void *ctx, void *out, size_t len)
{
    struct script *s = ctx;

    if (s->calls == 0)
        memcpy(out, s->padding, len);
    else
        memcpy(out, s->keys[s->calls > 1], len);
    s->calls++;
}

START_TEST(a_block_above_the_modulus_draws_a_new_key)
{
    json_t *all = unit_load_json("crypto/rsa.json"), *v;
    const json_t *retry = NULL, *accept = NULL;
    struct script script = {.calls = 0};
    size_t i, len, padding_len;
    uint8_t out[256];

    json_array_foreach(json_object_get(all, "pad"), i, v) {
        if (strcmp(unit_json_text(v, "name"), "own_must_retry_main_key") == 0)
            retry = v;
        if (strcmp(unit_json_text(v, "name"), "own_accept_main_key") == 0)
            accept = v;
    }
    ck_assert(retry && accept);
    uint8_t *data = unit_json_hex(accept, "data", &len), *padding = unit_json_hex(accept, "padding", &padding_len);
    memcpy(script.padding, padding, padding_len);
    vector_bytes(retry, "temp_key", script.keys[0], 32);
    vector_bytes(accept, "temp_key", script.keys[1], 32);
    struct rsa_key *key = key_of(accept);
    struct random_source random = {scripted_fill, &script};
    ck_assert_int_eq(rsa_pad_encrypt(key, data, len, &random, out), 0);
    vector_check(accept, "encrypted_data", out, 256);
    ck_assert_uint_eq(script.calls, 3);
    /* A source that only ever gives the refused key does not hang us. */
    memcpy(script.keys[1], script.keys[0], 32);
    script.calls = 0;
    ck_assert_int_eq(rsa_pad_encrypt(key, data, len, &random, out), TGC_ECRYPTO);
    free(data);
    free(padding);
    rsa_key_free(key);
    json_decref(all);
}
END_TEST

/* The plain text is the first 256 bytes of the key's own PEM text. */
START_TEST(raw_power)
{
    json_t *all = unit_load_json("crypto/rsa.json"), *v;
    size_t i;

    json_array_foreach(json_object_get(all, "raw"), i, v) {
        const char *pem = unit_json_text(v, "pem");
        struct rsa_key *key = parse(pem);
        uint8_t in[256], out[256], digest[32];
        ck_assert_uint_eq(rsa_key_fingerprint(key), strtoull(unit_json_text(v, "fingerprint"), NULL, 16));
        memcpy(in, pem, 256);
        ck_assert_int_eq(rsa_public_raw(key, in, out), 0);
        vector_check(v, "ciphertext", out, 256);
        hash_sha256(HASH_PIECES({out, 256}), digest);
        vector_check(v, "ciphertext_sha256", digest, 32);
        rsa_key_free(key);
    }
    ck_assert_uint_eq(i, 1);
    json_decref(all);
}
END_TEST

START_TEST(texts_that_hold_no_usable_key)
{
    static const char *const none[] = {
        "",
        "-----BEGIN RSA PUBLIC KEY-----\n",
        "-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----\n",
        "-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEA6LszBcC1\n-----END RSA PUBLIC KEY-----\n",
        "just text",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n",
    };
    struct rsa_key *key = NULL;
    struct fault fault;

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        fault_clear(&fault);
        ck_assert_msg(rsa_key_parse(none[i], strlen(none[i]), &key, &fault) == TGC_ESYNTAX, "%zu", i);
        ck_assert_int_eq(fault.err, TGC_ESYNTAX);
        ck_assert_ptr_null(key);
    }
    ck_assert_int_eq(rsa_key_read("/nonexistent", &key, &fault), TGC_EIO);
}
END_TEST

START_TEST(keys_of_another_kind_or_size_are_refused)
{
    static const char rsa_1024[] = "-----BEGIN RSA PUBLIC KEY-----\n"
                                   "MIGJAoGBAMRKXPiFQK4Ahm6tcjlR0+TdK8E4qV99ez3NaXLhC1b4VyDn6YGcEoC1\n"
                                   "VHWPAbLmFflhhiEdncexbl0vKuU6QCXlpu2baLD+WV6vdEBHwOQWO9tmwfiToxGt\n"
                                   "kRpeSJh5TF/7l3+GEyFVM5/RfWAhk55qC06H8yIYYLVK2Zk5vav5AgMBAAE=\n"
                                   "-----END RSA PUBLIC KEY-----\n";
    static const char ec_256[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkaxLwBIPu/YI0c0Ny2yij+LLOiRj\n"
                                 "0NdQymGrQRYrruAow95ojo2NWaSAcZoiHhoFxFaoc3fZefb9RtkGvWCC5Q==\n"
                                 "-----END PUBLIC KEY-----\n";
    struct rsa_key *key = NULL;
    struct fault fault;
    uint8_t n[257], e[] = {1, 0, 1};

    ck_assert_int_eq(rsa_key_parse(rsa_1024, strlen(rsa_1024), &key, &fault), TGC_EINVAL);
    ck_assert_int_eq(rsa_key_parse(ec_256, strlen(ec_256), &key, &fault), TGC_EINVAL);
    memset(n, 0xff, sizeof(n));
    ck_assert_int_eq(rsa_key_from_numbers(n, 255, e, 3, &key), TGC_EINVAL);
    ck_assert_int_eq(rsa_key_from_numbers(n, 257, e, 3, &key), TGC_EINVAL);
    ck_assert_int_eq(rsa_key_from_numbers(n, 0, e, 3, &key), TGC_EINVAL);
    ck_assert_int_eq(rsa_key_from_numbers(n, 256, e, 1, &key), TGC_EINVAL); /* 1 */
    ck_assert_int_eq(rsa_key_from_numbers(n, 256, e, 2, &key), TGC_EINVAL); /* even */
    ck_assert_int_eq(rsa_key_from_numbers(n, 256, n, 9, &key), TGC_EINVAL);
    ck_assert_int_eq(rsa_key_from_numbers(n, 256, e, 0, &key), TGC_EINVAL);
    ck_assert_ptr_null(key);
    n[0] = 0;
    ck_assert_int_eq(rsa_key_from_numbers(n, 257, e, 3, &key), 0);
    rsa_key_free(key);
}
END_TEST

/* The shipped files, which carry a remark in front of the key. */
START_TEST(shipped_keys)
{
    static const struct {
        const char *name;
        uint64_t fingerprint;
        bool is_private;
    } shipped[] = {
        {"production.pem", 0xd09d1d85de64fd85, false},
        {"test.pem", 0xb25898df208d2603, false},
        {"sandbox.pem", 0x47dd241f9bce121e, true},
        {"sandbox.pub.pem", 0x47dd241f9bce121e, false},
    };

    for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
        char path[4096];
        struct rsa_key *key;
        struct fault fault = {0};
        const char *top = getenv("TGCALLD_SRCDIR");
        snprintf(path, sizeof(path), "%s/config/keys/%s", top ? top : ".", shipped[i].name);
        ck_assert_msg(rsa_key_read(path, &key, &fault) == 0, "%s", fault.text);
        ck_assert_uint_eq(rsa_key_fingerprint(key), shipped[i].fingerprint);
        ck_assert(rsa_key_is_private(key) == shipped[i].is_private);
        rsa_key_free(key);
    }
}
END_TEST

/* The other forms in which tools write the same keys. */
START_TEST(every_pem_form)
{
    static const char spki[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3mE+f6a5ixGtkLWTQ/lM\n"
                               "E5on/JJdlZV2jAo49ZNZSSavAakvHFTNrz5zj8xaIgti2MpIZuJJO4KAgmR+sHs/\n"
                               "cmpINvH3KtGHL9MfAy9SvlShybsCIVX0LP/yGNf3ATqzBEnPjUKMD279bUyBcQTt\n"
                               "oHm56S7rHobfIse17aRguKgGhzdmhL09nEbJwO+kwCtUVcX9TmBlBQQ82N9fFqVW\n"
                               "X1SI3EOyvfnlOm9mG/OFS5byV8N3ta78Pnwc8dhI6Q+M4V8tdWKaVg8lehxG9obN\n"
                               "3Bkvy2x3x73XEn4pdqJmiT/ezAxBGNhxcY0fxOQhH9rLrz81+F0t0RPkt9mhCWmk\n"
                               "GwIDAQAB\n"
                               "-----END PUBLIC KEY-----\n";
    static const char pkcs1[] = "-----BEGIN RSA PRIVATE KEY-----\n"
                                "MIIEowIBAAKCAQEA3mE+f6a5ixGtkLWTQ/lME5on/JJdlZV2jAo49ZNZSSavAakv\n"
                                "HFTNrz5zj8xaIgti2MpIZuJJO4KAgmR+sHs/cmpINvH3KtGHL9MfAy9SvlShybsC\n"
                                "IVX0LP/yGNf3ATqzBEnPjUKMD279bUyBcQTtoHm56S7rHobfIse17aRguKgGhzdm\n"
                                "hL09nEbJwO+kwCtUVcX9TmBlBQQ82N9fFqVWX1SI3EOyvfnlOm9mG/OFS5byV8N3\n"
                                "ta78Pnwc8dhI6Q+M4V8tdWKaVg8lehxG9obN3Bkvy2x3x73XEn4pdqJmiT/ezAxB\n"
                                "GNhxcY0fxOQhH9rLrz81+F0t0RPkt9mhCWmkGwIDAQABAoIBACqN10TcJbNMDbec\n"
                                "V3LxeLJjlHVLmObv9AB2UFIGAVbzNRgPRPmZ7MY1IC4LP9A195Nemh49/R+LKIZL\n"
                                "LsccvpZpaipBgTfLYqAvOUcFvkK3tUICLDUu2ovl6nEAmr68edc/PJ1ed6jYZ1yM\n"
                                "AFUdSU+lG4NYvBtaWcaxCspP40ZSXZho3+r44rR//zz5IITyfw+NpPd2EXMvnbjo\n"
                                "KmA0KS2afA4hBn2K19dAdR+x61i1flqeSjtWF7SoEFKZY+pGMu9m1Wo28WE784I2\n"
                                "mirIe+IwTtLk97R07VxtHXChm9FUf3Kj/9R/5QvWwJwKgBnnzbrBiUGSBJb07K6S\n"
                                "EFznmbECgYEA9ltOEvhY6mGBY5xBV+ni+IrdNWn7OTN/wugnCOSULTeqfjWuDQki\n"
                                "C6Jd98cIWpJ/O86nQAx2sAWEFUPFMHT7q5fNOcH5MzdwG33Q5rcdCCfLyuBxaZLU\n"
                                "Y36cAVYZVbZtXaAGBaqrLghdr1ltbZjNmDkquAJ0RwngW/z+pESFtDMCgYEA5xWs\n"
                                "CiqoguLbsgTpJBIXsZZu8fYXtJnew92doXNwZnXKtZ4sOMAatx1MRi0XhgnEq+Xq\n"
                                "SkkMJLp5U5+WUgukZm3uM8bBiMG29+Vt9+NrMAWqMRCLgaJAb2f8VDl1cIqio/kv\n"
                                "zc1ZGXJ0+ivVfx51AkEfiQW0MRUGl4ons3IyqHkCgYAiFVHA6CENFD5ddKHJsu8W\n"
                                "6cde+3GpYUmcwpeb8FvbwabR3UVeQlQ2fdk4TY4HUdtOf/G9t7u38JtsgbrHUHf9\n"
                                "LnxTMFX00weslgSP1ueqWC8mu1SVgZ3mwf59ZNcOd7W7zUboA8u5C6lCeEHedtSC\n"
                                "6e3SFWzW4zPqJh9oxJ4m5wKBgQCDOWtY2qCWsvzPOrqqIRwTXLnj7TvI8xftYgwB\n"
                                "guxxQrK6L/gswepp0dlegHy7QRDODOHfDVw3/yymsBlMvg+9mu+Jt3RvlJGydDbe\n"
                                "beaQfqcG9b5C/0BYA1Tm/zoRjqiNNRRQaiwOp1CGQB4c8c7AWPrvdK2+sZHsvCeP\n"
                                "X2olAQKBgGjIDoBL0AeR9fWS+bTJJQPwyrU8/zRczeGcP7zT1W+3jZ+I4PTNuXfc\n"
                                "ary+GnDmvp7ld5yx23FFhNf+0k18NYE+fAr6BJg9QIj/eZ7qfhyhxDSdQ1jIBeTA\n"
                                "31UMBgr1j+f0MvPcm69HhvB425XWzTKUps89sDs9edqBnTnd7Mk+\n"
                                "-----END RSA PRIVATE KEY-----\n";
    struct rsa_key *key = parse(spki);

    ck_assert_uint_eq(rsa_key_fingerprint(key), 0x47dd241f9bce121e);
    ck_assert(!rsa_key_is_private(key));
    rsa_key_free(key);
    key = parse(pkcs1);
    ck_assert_uint_eq(rsa_key_fingerprint(key), 0x47dd241f9bce121e);
    ck_assert(rsa_key_is_private(key));
    rsa_key_free(key);
}
END_TEST

Suite *suite_rsa(void)
{
    Suite *s = suite_create("rsa");
    TCase *t = tcase_create("rsa");

    tcase_add_test(t, fingerprints_of_published_keys);
    tcase_add_test(t, rsa_pad_vectors);
    tcase_add_test(t, the_private_key_opens_rsa_pad);
    tcase_add_test(t, what_rsa_pad_closes_it_opens_again);
    tcase_add_test(t, a_block_above_the_modulus_draws_a_new_key);
    tcase_add_test(t, raw_power);
    tcase_add_test(t, texts_that_hold_no_usable_key);
    tcase_add_test(t, keys_of_another_kind_or_size_are_refused);
    tcase_add_test(t, shipped_keys);
    tcase_add_test(t, every_pem_form);
    suite_add_tcase(s, t);
    return s;
}
