#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "tests/unit/crypto/suites.h"
#include "tests/unit/crypto/vectors.h"

typedef void kdf_fn(const uint8_t auth_key[static 256], const uint8_t msg_key[static 16], int x, uint8_t key[static 32],
                    uint8_t iv[static 32]);

static void check_keys_and_ivs(const char *section, kdf_fn *kdf, size_t count)
{
    json_t *all = unit_load_json("crypto/kdf.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, section), i, v) {
        uint8_t auth_key[256], msg_key[16], key[32], iv[32];
        vector_bytes(v, "auth_key", auth_key, 256);
        vector_bytes(v, "msg_key", msg_key, 16);
        kdf(auth_key, msg_key, (int)vector_number(v, "x"), key, iv);
        vector_check(v, "aes_key", key, 32);
        vector_check(v, "aes_iv", iv, 32);
    }
    ck_assert_uint_eq(i, count);
    json_decref(all);
}

START_TEST(message_keys_and_ivs)
{
    check_keys_and_ivs("aes", kdf_aes, 4);
}
END_TEST

START_TEST(message_keys_and_ivs_of_mtproto_1)
{
    check_keys_and_ivs("aes_v1", kdf_aes_v1, 4);
}
END_TEST

/* auth_key_id, msg_key and cipher text of whole packets, one of them from a real server. */
START_TEST(whole_messages)
{
    json_t *all = unit_load_json("crypto/kdf.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, "messages"), i, v) {
        uint8_t auth_key[256], large[32], key[32], iv[32], id[8], aux[8];
        size_t len, packet_len;
        int x = (int)vector_number(v, "x");
        uint8_t *plain = unit_json_hex(v, "plaintext", &len), *packet = unit_json_hex(v, "packet", &packet_len);
        vector_bytes(v, "auth_key", auth_key, 256);
        ck_assert_uint_eq(packet_len, 24 + len);
        kdf_auth_key_id(auth_key, id, aux);
        ck_assert_mem_eq(packet, id, 8);
        kdf_msg_key_large(auth_key, x, plain, len, large);
        ck_assert_mem_eq(packet + 8, large + 8, 16);
        kdf_aes(auth_key, packet + 8, x, key, iv);
        ck_assert_int_eq(ige_encrypt(key, iv, plain, plain, len), 0);
        ck_assert_mem_eq(packet + 24, plain, len);
        free(plain);
        free(packet);
    }
    ck_assert_uint_eq(i, 4);
    json_decref(all);
}
END_TEST

/* One vector, mtcute_nonce, has a new_nonce of 16 bytes: a test of the formula on a value that the protocol does not
 * have and our fixed-width function cannot take. It is left out. */
START_TEST(temporary_keys_of_the_exchange)
{
    json_t *all = unit_load_json("crypto/kdf.json"), *v;
    size_t i, left_out = 0;

    json_array_foreach (json_object_get(all, "tmp_aes"), i, v) {
        uint8_t new_nonce[32], server_nonce[16], key[32], iv[32];
        if (strlen(unit_json_text(v, "new_nonce")) != 64) {
            ck_assert_str_eq(unit_json_text(v, "name"), "mtcute_nonce");
            left_out++;
            continue;
        }
        vector_bytes(v, "new_nonce", new_nonce, 32);
        vector_bytes(v, "server_nonce", server_nonce, 16);
        kdf_tmp_aes(new_nonce, server_nonce, key, iv);
        vector_check(v, "tmp_aes_key", key, 32);
        vector_check(v, "tmp_aes_iv", iv, 32);
    }
    ck_assert_uint_eq(i - left_out, 3);
    json_decref(all);
}
END_TEST

START_TEST(what_an_auth_key_is_called_by)
{
    json_t *all = unit_load_json("crypto/kdf.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, "auth_key_hashes"), i, v) {
        uint8_t auth_key[256], new_nonce[32], id[8], aux[8], hash[16];
        const char *name = unit_json_text(v, "name");
        vector_bytes(v, "auth_key", auth_key, 256);
        kdf_auth_key_id(auth_key, id, aux);
        if (strcmp(name, "auth_key_id") == 0) {
            vector_check(v, "value", id, 8);
        } else if (strcmp(name, "auth_key_aux_hash") == 0) {
            vector_check(v, "value", aux, 8);
        } else {
            ck_assert_int_eq(strncmp(name, "new_nonce_hash", 14), 0);
            vector_bytes(v, "new_nonce", new_nonce, 32);
            kdf_new_nonce_hash(new_nonce, name[14] - '0', aux, hash);
            vector_check(v, "value", hash, 16);
        }
    }
    ck_assert_uint_eq(i, 5);
    json_decref(all);
}
END_TEST

Suite *suite_kdf(void)
{
    Suite *s = suite_create("kdf");
    TCase *t = tcase_create("kdf");

    tcase_add_test(t, message_keys_and_ivs);
    tcase_add_test(t, message_keys_and_ivs_of_mtproto_1);
    tcase_add_test(t, whole_messages);
    tcase_add_test(t, temporary_keys_of_the_exchange);
    tcase_add_test(t, what_an_auth_key_is_called_by);
    suite_add_tcase(s, t);
    return s;
}
