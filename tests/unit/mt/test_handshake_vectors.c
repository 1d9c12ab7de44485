/* The client's side replayed against published and computed exchanges. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/handshake_packets.h"
#include "tests/unit/mt/suites.h"
#include "tests/unit/mt/support.h"

enum { BODY_AT = 20, ENCRYPTED_AT = BODY_AT + 64 };

static json_t *data;

static void load(void)
{
    data = unit_load_json("mt/handshakes.json");
}

static void unload(void)
{
    json_decref(data);
}

struct replay {
    const json_t *v, *packets;
    struct fake_clock clock;
    struct script random;
    struct rsa_key *published[2];
    const struct rsa_key *keys[3];
    struct mt_handshake_client *h;
    struct buf out;
};

static void replay_init(struct replay *r, size_t i)
{
    struct fault fault;

    r->v = json_array_get(json_object_get(data, "exchanges"), i);
    r->packets = json_object_get(r->v, "packets");
    fake_clock_init(&r->clock);
    script_init(&r->random, i);
    script_add(&r->random, r->v, "nonce", 16);
    script_add(&r->random, r->v, "new_nonce", 32);
    script_add(&r->random, r->v, "rsa_pad_random_padding", 192);
    script_add(&r->random, r->v, "rsa_pad_temp_key", 32);
    script_add(&r->random, r->v, "b", 256);
    script_add(&r->random, r->v, "client_padding", 12);
    for (size_t k = 0; k < 2; k++) {
        const char *pem = json_string_value(json_array_get(json_object_get(data, "public_keys"), k));
        ck_assert_int_eq(rsa_key_parse(pem, strlen(pem), &r->published[k], &fault), 0);
        r->keys[k] = r->published[k];
    }
    r->keys[2] = test_server_key();
    struct mt_handshake_client_config config = {
        .clock = &r->clock.source,
        .random = &r->random.source,
        .keys = r->keys,
        .keys_n = 3,
        .dc = (int32_t)json_integer_value(json_object_get(r->v, "dc")),
        .expires_in = (int32_t)json_integer_value(json_object_get(r->v, "expires_in")),
    };
    ck_assert_int_eq(mt_handshake_client_new(&config, &r->h), 0);
    buf_init(&r->out, 1 << 16);
    ck_assert_int_eq(mt_handshake_client_start(r->h, &r->out), 0);
}

static void replay_fini(struct replay *r)
{
    mt_handshake_client_free(r->h);
    rsa_key_free(r->published[0]);
    rsa_key_free(r->published[1]);
    script_fini(&r->random);
    buf_fini(&r->out);
}

static int feed_changed(struct replay *r, const char *name, size_t at, uint8_t change, struct fault *fault)
{
    size_t len;
    uint8_t *packet = unit_json_hex(r->packets, name, &len);

    /* Where a published packet was cut before its declared end, the end does not matter: it is ignored. */
    le32_store(packet + 16, (uint32_t)(len - BODY_AT));
    if (change)
        packet[at] ^= change;
    buf_reset(&r->out);
    int err = mt_handshake_client_feed(r->h, packet, len, &r->out, fault);
    free(packet);
    return err;
}

static int feed(struct replay *r, const char *name)
{
    struct fault fault;
    int err = feed_changed(r, name, 0, 0, &fault);

    if (err < 0)
        ck_assert_str_ne(fault.text, "");
    return err;
}

/* From FROM to TO; TO 0 is the end. */
static void expect(struct replay *r, const char *name, size_t from, size_t to)
{
    size_t len;
    uint8_t *packet = unit_json_hex(r->packets, name, &len);

    ck_assert_uint_eq(r->out.len, len);
    to = to ? to : len;
    check_bytes(r->out.data + from, to - from, packet + from, to - from, name);
    free(packet);
}

static void check_result(struct replay *r)
{
    struct mt_handshake_result result = mt_handshake_client_take(r->h);
    int64_t server_time = json_integer_value(json_object_get(r->v, "server_time"));
    int64_t expires_in = json_integer_value(json_object_get(r->v, "expires_in"));
    size_t len;

    ck_assert_ptr_nonnull(result.key);
    uint8_t *key = unit_json_hex(r->v, "auth_key", &len);
    check_bytes(result.key->key, 256, key, len, "auth_key");
    uint8_t *id = unit_json_hex(r->v, "auth_key_id_wire_hex", &len);
    check_bytes(result.key->id, 8, id, len, "auth_key_id");
    uint8_t *salt = unit_json_hex(r->v, "server_salt_wire_hex", &len);
    ck_assert_uint_eq(result.salt, le64_load(salt));
    ck_assert_int_eq(result.time_offset_us, server_time * SECOND_US - r->clock.mono_us);
    ck_assert_int_eq(result.expires_at, expires_in ? server_time + expires_in : 0);
    free(key);
    free(id);
    free(salt);
    mt_auth_key_free(result.key);
}

START_TEST(an_exchange_is_repeated_byte_by_byte)
{
    struct replay r;

    replay_init(&r, (size_t)_i);
    expect(&r, "c1_req_pq_multi", BODY_AT, 0);
    ck_assert_int_eq(feed(&r, "s1_resPQ"), 0);
    /* The block is the same only where its randomness is known and the inner data has today's form. */
    bool whole = json_object_get(r.v, "rsa_pad_temp_key") && !json_object_get(r.v, "old_inner_data");
    expect(&r, "c2_req_DH_params", BODY_AT, whole ? 0 : ENCRYPTED_AT);
    ck_assert_int_eq(feed(&r, "s2_server_DH_params_ok"), 0);
    expect(&r, "c3_set_client_DH_params", BODY_AT, 0);
    ck_assert_int_eq(feed(&r, "s3_dh_gen_ok"), 1);
    ck_assert_uint_eq(r.out.len, 0);
    check_result(&r);
    ck_assert_int_eq(feed(&r, "s3_dh_gen_ok"), TGC_ESTATE);
    replay_fini(&r);
}
END_TEST

START_TEST(a_retry_is_taken_and_a_refusal_ends_the_exchange)
{
    struct replay r;
    uint8_t first[400];

    replay_init(&r, 2);
    ck_assert_int_eq(feed(&r, "s1_resPQ"), 0);
    ck_assert_int_eq(feed(&r, "s2_server_DH_params_ok"), 0);
    memcpy(first, r.out.data, 396);
    ck_assert_int_eq(feed(&r, "s3_dh_gen_retry"), 0);
    ck_assert_uint_eq(r.out.len, 396);
    ck_assert_int_ne(memcmp(first + 64, r.out.data + 64, 300), 0);
    replay_fini(&r);

    replay_init(&r, 2);
    ck_assert_int_eq(feed(&r, "s1_resPQ"), 0);
    ck_assert_int_eq(feed(&r, "s2_server_DH_params_ok"), 0);
    ck_assert_int_eq(feed(&r, "s3_dh_gen_fail"), TGC_EPROTO);
    ck_assert_ptr_null(mt_handshake_client_take(r.h).key);
    ck_assert_int_eq(feed(&r, "s3_dh_gen_ok"), TGC_ESTATE);
    replay_fini(&r);
}
END_TEST

START_TEST(a_changed_byte_anywhere_in_the_answers_ends_the_exchange)
{
    struct fault fault;
    struct replay r;

    for (size_t at = BODY_AT; at < BODY_AT + 632; at += at < BODY_AT + 44 ? 1 : 13) {
        replay_init(&r, 2);
        ck_assert_int_eq(feed(&r, "s1_resPQ"), 0);
        int err = feed_changed(&r, "s2_server_DH_params_ok", at, 0x11, &fault);
        ck_assert_msg(err == TGC_ECRYPTO || err == TGC_EPROTO, "byte %zu: %d", at, err);
        ck_assert_str_ne(fault.text, "");
        ck_assert_uint_eq(r.out.len, 0);
        replay_fini(&r);
    }
    for (size_t at = BODY_AT; at < BODY_AT + 52; at += 3) {
        replay_init(&r, 2);
        ck_assert_int_eq(feed(&r, "s1_resPQ"), 0);
        ck_assert_int_eq(feed(&r, "s2_server_DH_params_ok"), 0);
        int err = feed_changed(&r, "s3_dh_gen_ok", at, 0x80, &fault);
        ck_assert_msg(err == TGC_ECRYPTO || err == TGC_EPROTO, "byte %zu: %d", at, err);
        replay_fini(&r);
    }
}
END_TEST

START_TEST(answers_out_of_turn_or_cut_end_the_exchange)
{
    static const char *const names[] = {"s2_server_DH_params_ok", "s3_dh_gen_ok", "c1_req_pq_multi"};
    struct replay r;

    for (size_t i = 0; i < 3; i++) {
        replay_init(&r, 2);
        ck_assert_int_eq(feed(&r, names[i]), TGC_EPROTO);
        ck_assert_int_eq(feed(&r, "s1_resPQ"), TGC_ESTATE);
        replay_fini(&r);
    }
    for (size_t cut = 0; cut < 84; cut++) {
        size_t len;
        replay_init(&r, 2);
        uint8_t *packet = unit_json_hex(r.packets, "s1_resPQ", &len);
        if (cut >= BODY_AT)
            le32_store(packet + 16, (uint32_t)(cut - BODY_AT));
        buf_reset(&r.out);
        int err = mt_handshake_client_feed(r.h, packet, cut, &r.out, NULL);
        ck_assert_msg(err == TGC_EPROTO || err == TGC_ECRYPTO, "cut %zu: %d", cut, err);
        free(packet);
        replay_fini(&r);
    }
}
END_TEST

START_TEST(an_older_published_answer_decrypts)
{
    const json_t *v = json_array_get(json_object_get(data, "answers"), 0);
    uint8_t plain[HANDSHAKE_HASHED_MAX];
    struct handshake_tmp tmp;
    size_t len, n;

    uint8_t *new_nonce = unit_json_hex(v, "new_nonce", &n), *server_nonce = unit_json_hex(v, "server_nonce", &n);
    uint8_t *enc = unit_json_hex(v, "encrypted_answer", &len), *answer = unit_json_hex(v, "answer", &n);
    kdf_tmp_aes(new_nonce, server_nonce, tmp.key, tmp.iv);
    ck_assert_int_eq(handshake_hashed_open(&tmp, enc, len, plain), 0);
    check_bytes(plain + 20, n, answer, n, "answer");
    ck_assert_int_eq(handshake_hashed_check(plain, len, n), 0);
    ck_assert_int_eq(handshake_hashed_check(plain, len, n - 4), TGC_ECRYPTO);
    free(new_nonce);
    free(server_nonce);
    free(enc);
    free(answer);
}
END_TEST

Suite *suite_handshake_vectors(void)
{
    Suite *s = suite_create("mt/handshake_vectors");
    TCase *t = tcase_create("vectors");

    tcase_add_checked_fixture(t, load, unload);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, an_exchange_is_repeated_byte_by_byte, 0, 4);
    tcase_add_test(t, a_retry_is_taken_and_a_refusal_ends_the_exchange);
    tcase_add_test(t, a_changed_byte_anywhere_in_the_answers_ends_the_exchange);
    tcase_add_test(t, answers_out_of_turn_or_cut_end_the_exchange);
    tcase_add_test(t, an_older_published_answer_decrypts);
    suite_add_tcase(s, t);
    return s;
}
