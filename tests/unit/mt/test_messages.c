/* Message ids, plain and encrypted messages, containers: known answers and malformed input. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/msg_id.h"
#include "daemon/mt/plain.h"
#include "tests/unit/mt/suites.h"
#include "tests/unit/mt/support.h"

static struct mt_auth_key *key_of(const json_t *v)
{
    size_t len;
    uint8_t *bytes = unit_json_hex(v, "auth_key", &len);

    ck_assert_uint_eq(len, 256);
    struct mt_auth_key *key = mt_auth_key_new(bytes);
    ck_assert_ptr_nonnull(key);
    free(bytes);
    return key;
}

static struct mt_auth_key *some_key(void)
{
    uint8_t bytes[256];

    for (int i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    return mt_auth_key_new(bytes);
}

static const json_t *packet_named(json_t *all, const char *name)
{
    json_t *v;
    size_t i;

    json_array_foreach (all, i, v) {
        if (strcmp(unit_json_text(v, "name"), name) == 0)
            return v;
    }
    ck_abort_msg("no packet %s", name);
}

static void read_message(const json_t *v, struct mt_message *m, uint8_t **ret_body)
{
    size_t n;
    uint8_t *salt = unit_json_hex(v, "salt_wire", &n), *session = unit_json_hex(v, "session_id_wire", &n);

    m->salt = le64_load(salt);
    m->session_id = le64_load(session);
    m->msg_id = strtoull(unit_json_text(v, "msg_id"), NULL, 10);
    m->seq_no = (uint32_t)json_integer_value(json_object_get(v, "seq_no"));
    m->body = *ret_body = unit_json_hex(v, "body", &m->len);
    free(salt);
    free(session);
}

START_TEST(sealing_gives_the_known_packet)
{
    json_t *all = unit_load_json("mt/packets.json");
    const json_t *v = packet_named(all, "own_ping_client_to_server");
    struct mt_auth_key *key = key_of(v);
    struct mt_message m;
    struct script random;
    struct buf out;
    uint8_t *body;
    size_t len;

    read_message(v, &m, &body);
    script_init(&random, 1);
    script_add(&random, v, "padding", 20);
    buf_init(&out, 1000);
    ck_assert_int_eq(mt_packed_seal(key, KDF_TO_SERVER, &m, &random.source, &out), 0);
    uint8_t *packet = unit_json_hex(v, "packet", &len);
    check_bytes(out.data, out.len, packet, len, "packet");
    ck_assert_uint_eq(mt_packed_key_id(packet, len), le64_load(key->id));
    free(packet);
    free(body);
    buf_fini(&out);
    script_fini(&random);
    mt_auth_key_free(key);
    json_decref(all);
}
END_TEST

START_TEST(opening_the_known_packets_gives_their_messages)
{
    json_t *all = unit_load_json("mt/packets.json");
    static const struct {
        const char *name;
        int x;
    } wanted[] = {{"own_ping_client_to_server", KDF_TO_SERVER}, {"own_pong_server_to_client", KDF_TO_CLIENT}};

    for (size_t i = 0; i < 2; i++) {
        const json_t *v = packet_named(all, wanted[i].name);
        struct mt_auth_key *key = key_of(v);
        struct mt_message want, got;
        uint8_t *body;
        size_t len;
        read_message(v, &want, &body);
        uint8_t *packet = unit_json_hex(v, "packet", &len);
        ck_assert_int_eq(mt_packed_open(key, wanted[i].x, packet, len, &got), 0);
        ck_assert_uint_eq(got.salt, want.salt);
        ck_assert_uint_eq(got.session_id, want.session_id);
        ck_assert_uint_eq(got.msg_id, want.msg_id);
        ck_assert_uint_eq(got.seq_no, want.seq_no);
        check_bytes(got.body, got.len, want.body, want.len, wanted[i].name);
        free(packet);
        free(body);
        mt_auth_key_free(key);
    }
    json_decref(all);
}
END_TEST

START_TEST(a_captured_container_opens)
{
    json_t *all = unit_load_json("mt/packets.json");
    const json_t *v = packet_named(all, "grammers_server_container");
    struct mt_auth_key *key = key_of(v);
    struct mt_message m, inner;
    struct tl_reader r;
    uint32_t count;
    size_t len;
    uint8_t *packet = unit_json_hex(v, "packet", &len);

    ck_assert_int_eq(mt_packed_open(key, KDF_TO_CLIENT, packet, len, &m), 0);
    ck_assert_uint_eq(m.msg_id, 6787078096601346049u);
    ck_assert_uint_eq(m.session_id, 7542758775007277664u);
    ck_assert_uint_eq(m.len, 88);
    ck_assert_int_eq(mt_container_open(m.body, m.len, &r, &count), 0);
    ck_assert_uint_eq(count, 2);
    ck_assert_int_eq(mt_container_next(&r, &inner), 0);
    ck_assert_uint_eq(inner.msg_id, 6787078096601327617u);
    ck_assert_uint_eq(inner.seq_no, 1);
    ck_assert_uint_eq(le32_load(inner.body), MT_NEW_SESSION_CREATED);
    ck_assert_int_eq(mt_container_next(&r, &inner), 0);
    ck_assert_uint_eq(inner.msg_id, 6787078096601336833u);
    ck_assert_uint_eq(le32_load(inner.body), MT_PONG);
    ck_assert_uint_eq(tl_reader_left(&r), 0);
    free(packet);
    mt_auth_key_free(key);
    json_decref(all);
}
END_TEST

START_TEST(the_message_key_comes_before_every_other_field)
{
    /* A raw text instead of header and body: the key is right, what is inside is no message. */
    json_t *all = unit_load_json("mt/packets.json");
    const json_t *v = packet_named(all, "grammers_gotd_hello");
    struct mt_auth_key *key = key_of(v);
    struct mt_message m;
    size_t len;

    uint8_t *packet = unit_json_hex(v, "packet", &len);
    ck_assert_int_eq(mt_packed_open(key, KDF_TO_SERVER, packet, len, &m), TGC_EPROTO);
    free(packet);
    mt_auth_key_free(key);
    json_decref(all);
}
END_TEST

/* Encrypts PLAIN as it is: for headers that mt_packed_seal() would never write. */
static void seal_raw(const struct mt_auth_key *key, const uint8_t *plain, size_t len, uint8_t *packet)
{
    uint8_t large[32], aes_key[32], iv[32];

    kdf_msg_key_large(key->key, KDF_TO_CLIENT, plain, len, large);
    memcpy(packet, key->id, 8);
    memcpy(packet + 8, large + 8, 16);
    kdf_aes(key->key, large + 8, KDF_TO_CLIENT, aes_key, iv);
    ck_assert_int_eq(ige_encrypt(aes_key, iv, plain, packet + 24, len), 0);
}

static int open_with_length(uint32_t length, size_t plain_len)
{
    struct mt_auth_key *key = some_key();
    uint8_t *plain = calloc(1, plain_len), *packet = malloc(24 + plain_len);
    struct mt_message m;

    le32_store(plain + 28, length);
    seal_raw(key, plain, plain_len, packet);
    int err = mt_packed_open(key, KDF_TO_CLIENT, packet, 24 + plain_len, &m);
    free(plain);
    free(packet);
    mt_auth_key_free(key);
    return err;
}

START_TEST(length_and_padding_of_an_authentic_packet_are_still_judged)
{
    ck_assert_int_eq(open_with_length(4, 48), 0);                   /* padding 12 */
    ck_assert_int_eq(open_with_length(8, 48), TGC_EPROTO);          /* padding 8 */
    ck_assert_int_eq(open_with_length(20, 64), 0);                  /* padding 12 */
    ck_assert_int_eq(open_with_length(24, 64), TGC_EPROTO);         /* padding 8 */
    ck_assert_int_eq(open_with_length(32, 64), TGC_EPROTO);         /* padding 0 */
    ck_assert_int_eq(open_with_length(36, 64), TGC_EPROTO);         /* past the end */
    ck_assert_int_eq(open_with_length(18, 64), TGC_EPROTO);         /* no multiple of 4 */
    ck_assert_int_eq(open_with_length(0xfffffffc, 64), TGC_EPROTO); /* negative */
    ck_assert_int_eq(open_with_length(0, 32 + 1024), 0);            /* padding 1024 */
    ck_assert_int_eq(open_with_length(0, 32 + 1040), TGC_EPROTO);   /* padding 1040 */
    ck_assert_int_eq(open_with_length(16, 32 + 16 + 1024), 0);
}
END_TEST

START_TEST(a_changed_or_cut_packet_never_opens)
{
    struct mt_auth_key *key = some_key();
    struct script random;
    struct buf out;
    struct mt_message m = {.salt = 1, .session_id = 2, .msg_id = 4, .body = (const uint8_t *)"abcdefgh", .len = 8}, got;
    uint8_t copy[512];

    script_init(&random, 5);
    buf_init(&out, sizeof(copy));
    ck_assert_int_eq(mt_packed_seal(key, KDF_TO_CLIENT, &m, &random.source, &out), 0);
    for (size_t i = 0; i < out.len; i++) {
        memcpy(copy, out.data, out.len);
        copy[i] ^= 0x40;
        ck_assert_int_eq(mt_packed_open(key, KDF_TO_CLIENT, copy, out.len, &got), TGC_ECRYPTO);
    }
    for (size_t i = 0; i < out.len; i++) {
        memcpy(copy, out.data, out.len);
        ck_assert_int_eq(mt_packed_open(key, KDF_TO_CLIENT, copy, i, &got), TGC_ECRYPTO);
    }
    /* Reflected: what we sent is not taken back. */
    memcpy(copy, out.data, out.len);
    ck_assert_int_eq(mt_packed_open(key, KDF_TO_SERVER, copy, out.len, &got), TGC_ECRYPTO);
    memcpy(copy, out.data, out.len);
    ck_assert_int_eq(mt_packed_open(key, KDF_TO_CLIENT, copy, out.len, &got), 0);
    buf_fini(&out);
    mt_auth_key_free(key);
}
END_TEST

START_TEST(every_length_is_sealed_with_legal_padding_and_opens_again)
{
    struct mt_auth_key *key = some_key();
    struct script random;
    uint8_t body[3000];
    struct buf out;

    script_init(&random, 6);
    random_fill(&random.source, body, sizeof(body));
    buf_init(&out, 1 << 16);
    for (size_t len = 0; len <= sizeof(body); len += 4) {
        struct mt_message m = {.salt = 9, .session_id = 8, .msg_id = 7, .seq_no = 6, .body = body, .len = len}, got;
        buf_reset(&out);
        ck_assert_int_eq(mt_packed_seal(key, KDF_TO_SERVER, &m, &random.source, &out), 0);
        ck_assert_int_eq(mt_packed_open(key, KDF_TO_SERVER, out.data, out.len, &got), 0);
        ck_assert_uint_eq(got.salt, 9);
        ck_assert_uint_eq(got.seq_no, 6);
        check_bytes(got.body, got.len, body, len, "body");
    }
    struct mt_message odd = {.body = body, .len = 5};
    ck_assert_int_eq(mt_packed_seal(key, KDF_TO_SERVER, &odd, &random.source, &out), TGC_EINVAL);
    buf_fini(&out);
    mt_auth_key_free(key);
}
END_TEST

START_TEST(a_full_buffer_refuses_a_packet_and_stays_as_it_was)
{
    struct mt_auth_key *key = some_key();
    struct script random;
    struct buf out;
    struct mt_message m = {.body = (const uint8_t *)"abcd", .len = 4};

    script_init(&random, 7);
    buf_init(&out, 80);
    ck_assert_int_eq(mt_packed_seal(key, KDF_TO_SERVER, &m, &random.source, &out), TGC_ELIMIT);
    ck_assert_uint_eq(out.len, 0);
    buf_fini(&out);
    mt_auth_key_free(key);
}
END_TEST

START_TEST(published_message_ids_decode)
{
    json_t *all = unit_load_json("mt/messages.json");
    json_t *v = json_array_get(json_object_get(all, "msg_id"), 0), *wire, *decoded;
    size_t i, len;

    json_array_foreach (json_object_get(v, "ids_wire"), i, wire) {
        decoded = json_array_get(json_object_get(v, "decoded"), i);
        uint8_t *bytes = unit_hex(json_string_value(wire), &len);
        uint64_t id = le64_load(bytes);
        const char *text = json_string_value(json_object_get(decoded, "int"));
        ck_assert_uint_eq(id, text ? strtoull(text, NULL, 10)
                                   : (uint64_t)json_integer_value(json_object_get(decoded, "int")));
        ck_assert_int_eq(mt_msg_id_seconds(id), json_integer_value(json_object_get(decoded, "unixtime")));
        ck_assert_uint_eq(id % 4, 0);
        free(bytes);
    }
    json_array_foreach (json_object_get(v, "server_ids_wire"), i, wire) {
        uint8_t *bytes = unit_hex(json_string_value(wire), &len);
        ck_assert_uint_eq(le64_load(bytes) % 4, MT_MSG_ID_ANSWER);
        free(bytes);
    }
    json_decref(all);
}
END_TEST

START_TEST(ids_grow_while_the_clock_stands_still_or_goes_back)
{
    struct mt_msg_id_source s = {0};
    int64_t now = 1700000000 * SECOND_US + 123456;
    uint64_t last = 0;

    for (int i = 0; i < 1000; i++) {
        enum mt_msg_id_low low = i % 3 == 0 ? MT_MSG_ID_CLIENT : i % 3 == 1 ? MT_MSG_ID_ANSWER : MT_MSG_ID_SERVER;
        uint64_t id = mt_msg_id_next(&s, i < 500 ? now : now - i * SECOND_US, low);
        ck_assert_uint_gt(id, last);
        ck_assert_uint_eq(id % 4, low);
        ck_assert_int_eq(mt_msg_id_seconds(id), 1700000000);
        last = id;
    }
    ck_assert_int_eq(mt_msg_id_seconds(mt_msg_id_next(&s, now + SECOND_US, MT_MSG_ID_CLIENT)), 1700000001);
    struct mt_msg_id_source zero = {0};
    ck_assert_uint_eq(mt_msg_id_next(&zero, -5, MT_MSG_ID_CLIENT), 4);
}
END_TEST

START_TEST(the_fraction_of_a_second_is_in_the_low_word)
{
    struct mt_msg_id_source s = {0};

    ck_assert_uint_eq(mt_msg_id_next(&s, 500000, MT_MSG_ID_CLIENT), UINT64_C(0x80000000));
    ck_assert_uint_eq(mt_msg_id_next(&s, 2750000, MT_MSG_ID_SERVER), UINT64_C(0x2c0000003));
}
END_TEST

START_TEST(plain_messages_are_judged)
{
    struct buf out;
    const uint8_t *body;
    uint64_t id;
    size_t len;

    buf_init(&out, 100);
    mt_plain_pack(&out, 0x1122334455667788, "abcdefgh", 8);
    buf_put_text(&out, "tail");
    ck_assert_int_eq(mt_plain_parse(out.data, out.len, &id, &body, &len), 0);
    ck_assert_uint_eq(id, 0x1122334455667788);
    check_bytes(body, len, "abcdefgh", 8, "body");
    for (size_t cut = 0; cut < 28; cut++)
        ck_assert_int_eq(mt_plain_parse(out.data, cut, &id, &body, &len), TGC_EPROTO);
    static const uint32_t wrong[] = {0, 3, 6, 16, 0x7ffffffc, 0xfffffffc};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        le32_store(out.data + 16, wrong[i]);
        ck_assert_int_eq(mt_plain_parse(out.data, out.len, &id, &body, &len), TGC_EPROTO);
    }
    le32_store(out.data + 16, 8);
    out.data[3] = 1;
    ck_assert_int_eq(mt_plain_parse(out.data, out.len, &id, &body, &len), TGC_EPROTO);
    buf_fini(&out);
}
END_TEST

START_TEST(containers_are_written_as_published)
{
    json_t *all = unit_load_json("mt/messages.json");
    const json_t *v = packet_named(json_object_get(all, "service_messages"), "container_ping_and_ack");
    struct mt_message m;
    struct tl_reader r;
    struct buf out;
    uint32_t count;
    size_t len;
    uint8_t *want = unit_json_hex(v, "encoded", &len);

    ck_assert_int_eq(mt_container_open(want, len, &r, &count), 0);
    buf_init(&out, 1000);
    mt_container_begin(&out, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(mt_container_next(&r, &m), 0);
        ck_assert_uint_lt(m.msg_id, strtoull(unit_json_text(v, "container_msg_id"), NULL, 10));
        mt_container_put(&out, m.msg_id, m.seq_no, m.body, m.len);
    }
    ck_assert_int_eq(mt_container_next(&r, &m), TGC_EPROTO);
    check_bytes(out.data, out.len, want, len, "container");
    free(want);
    buf_fini(&out);
    json_decref(all);
}
END_TEST

START_TEST(malformed_containers_are_refused)
{
    struct mt_message m;
    struct tl_reader r;
    struct buf out;
    uint32_t count;

    buf_init(&out, 1 << 20);
    mt_container_begin(&out, 2);
    mt_container_put(&out, 1, 1, "abcd", 4);
    ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), TGC_EPROTO); /* two cannot fit */
    le32_store(out.data + 4, 0xffffffff);
    ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), TGC_EPROTO);
    le32_store(out.data + 4, 1);
    static const uint32_t wrong[] = {3, 6, 8, 0xfffffffc};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        le32_store(out.data + 8 + 12, wrong[i]);
        ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), 0);
        ck_assert_int_eq(mt_container_next(&r, &m), TGC_EPROTO);
    }
    le32_store(out.data, MT_MSGS_ACK);
    ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), TGC_EPROTO);

    buf_reset(&out);
    mt_container_begin(&out, LIMIT_CONTAINER_READ + 1);
    for (int i = 0; i <= LIMIT_CONTAINER_READ; i++)
        mt_container_put(&out, 1, 1, "abcd", 4);
    ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), TGC_EPROTO);
    le32_store(out.data + 4, LIMIT_CONTAINER_READ);
    ck_assert_int_eq(mt_container_open(out.data, out.len, &r, &count), 0);
    buf_fini(&out);
}
END_TEST

START_TEST(keys_are_called_as_published)
{
    struct mt_auth_key *key = some_key();
    char text[17];

    hex_encode(key->id, 8, text);
    ck_assert_str_eq(text, "32d1586ea457dfc8");
    hex_encode(key->aux_hash, 8, text);
    ck_assert_str_eq(text, "4916d6bdb7f78e68");
    mt_auth_key_free(key);
    mt_auth_key_free(NULL);
}
END_TEST

Suite *suite_messages(void)
{
    Suite *s = suite_create("mt/messages");
    TCase *t = tcase_create("messages");

    tcase_add_test(t, sealing_gives_the_known_packet);
    tcase_add_test(t, opening_the_known_packets_gives_their_messages);
    tcase_add_test(t, a_captured_container_opens);
    tcase_add_test(t, the_message_key_comes_before_every_other_field);
    tcase_add_test(t, length_and_padding_of_an_authentic_packet_are_still_judged);
    tcase_add_test(t, a_changed_or_cut_packet_never_opens);
    tcase_add_test(t, every_length_is_sealed_with_legal_padding_and_opens_again);
    tcase_add_test(t, a_full_buffer_refuses_a_packet_and_stays_as_it_was);
    tcase_add_test(t, published_message_ids_decode);
    tcase_add_test(t, ids_grow_while_the_clock_stands_still_or_goes_back);
    tcase_add_test(t, the_fraction_of_a_second_is_in_the_low_word);
    tcase_add_test(t, plain_messages_are_judged);
    tcase_add_test(t, containers_are_written_as_published);
    tcase_add_test(t, malformed_containers_are_refused);
    tcase_add_test(t, keys_are_called_as_published);
    suite_add_tcase(s, t);
    return s;
}
