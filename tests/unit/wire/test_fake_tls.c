/* The TLS that an MTProxy plays: published greetings, ours against a server's digest, records in every split, and lies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/hmac.h"
#include "daemon/wire/fake_tls_internal.h"
#include "tests/unit/wire/ends.h"
#include "tests/unit/wire/suites.h"

enum { ROOM = 1 << 20, NOW_S = 0x6543210f, RANDOM_END = CLIENT_RANDOM_AT + CLIENT_RANDOM_SIZE };

#define KEY "00112233445566778899aabbccddeeff"

static struct proxy proxy;
static struct tunnel *t;
static struct buf out, clear, reply;
static struct random_seeded seeded;
static struct random_source source;
static struct fault fault;

static void begin(const char *domain)
{
    char text[600] = "mtproxy://h:443?secret=ee" KEY;
    size_t n = strlen(text);

    for (; *domain; domain++, n += 2)
        snprintf(text + n, sizeof(text) - n, "%02x", (unsigned char)*domain);
    random_seeded_init(&seeded, 7);
    source = random_seeded_source(&seeded);
    struct tunnel_config config = {.proxy = &proxy, .random = &source, .wall_s = NOW_S};
    fault = (struct fault){0};
    ck_assert_int_eq(proxy_parse(text, &proxy, NULL), 0);
    ck_assert(tunnel_is_needed(&proxy));
    ck_assert_int_eq(tunnel_new(&config, &t), 0);
    buf_init(&out, ROOM);
    buf_init(&clear, ROOM);
    buf_init(&reply, ROOM);
    ck_assert_int_eq(tunnel_begin(t, &out), 0);
}

static void finish(void)
{
    tunnel_free(t);
    buf_fini(&out);
    buf_fini(&clear);
    buf_fini(&reply);
}

static void put_record(uint8_t type, const void *data, size_t len)
{
    const uint8_t head[] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};

    buf_put(&reply, head, sizeof(head));
    buf_put(&reply, data, len);
}

/* What a proxy that knows the key sends back. */
static void make_reply(size_t hello_len, size_t data_len)
{
    uint8_t *zeros = calloc(1, RECORD_MAX + 1);

    put_record(RECORD_HANDSHAKE, zeros, hello_len);
    put_record(RECORD_CHANGE_CIPHER, "\1", 1);
    put_record(RECORD_DATA, zeros, data_len);
    if (reply.len >= RANDOM_END)
        hmac_sha256(proxy.key, PROXY_KEY_SIZE,
                    HASH_PIECES({out.data + CLIENT_RANDOM_AT, CLIENT_RANDOM_SIZE}, {reply.data, reply.len}),
                    reply.data + CLIENT_RANDOM_AT);
    free(zeros);
}

static int feed(size_t piece)
{
    int err = 0;

    for (size_t at = 0; at < reply.len && !err; at += piece)
        err = tunnel_feed(t, reply.data + at, piece < reply.len - at ? piece : reply.len - at, &out, &clear, &fault);
    return err;
}

START_TEST(published_greetings_have_the_digest)
{
    json_t *all = unit_load_json("wire/fake_tls.json"), *v;
    size_t i, len;
    uint8_t digest[32];

    json_array_foreach (all, i, v) {
        uint8_t *key = unit_json_hex(v, "key", NULL), *client_random = unit_json_hex(v, "client_random", NULL);
        uint8_t *stream = unit_json_hex(v, "reply", &len);
        fake_tls_server_random(key, client_random, stream, len, digest);
        ck_assert_mem_eq(digest, stream + CLIENT_RANDOM_AT, sizeof(digest));
        free(key);
        free(client_random);
        free(stream);
    }
    ck_assert_uint_eq(i, 2);
    json_decref(all);
}
END_TEST

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* Each length inside is that of what it is of, each extension comes once, and one of them is the domain. */
static void check_extensions(const uint8_t *p, size_t len, const char *domain)
{
    bool seen[1 << 16] = {false};
    size_t n;

    for (size_t at = 0; at < len; at += 4 + n) {
        ck_assert_uint_ge(len - at, 4);
        unsigned type = be16(p + at);
        n = be16(p + at + 2);
        ck_assert_uint_le(n, len - at - 4);
        ck_assert(!seen[type]);
        seen[type] = true;
        if (type != 0)
            continue;
        ck_assert_uint_eq(be16(p + at + 7), strlen(domain));
        ck_assert_uint_eq(n, 5 + strlen(domain));
        ck_assert_mem_eq(p + at + 9, domain, strlen(domain));
    }
    ck_assert(seen[0] && seen[43] && seen[51]);
}

static const char *domain_of(int i)
{
    static char longest[PROXY_DOMAIN_MAX + 1];

    memset(longest, 'x', PROXY_DOMAIN_MAX);
    return i == 0 ? "a" : i == 1 ? "www.example.org" : longest;
}

START_TEST(our_greeting_is_a_whole_client_hello)
{
    const char *domain = domain_of(_i);

    begin(domain);
    const uint8_t *p = out.data;
    ck_assert_uint_eq(out.len, CLIENT_HELLO_SIZE);
    ck_assert_mem_eq(p, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    size_t ciphers = be16(p + 76), extensions = 76 + 2 + ciphers + 2;
    ck_assert_uint_eq(p[43], 32);
    ck_assert_uint_eq(be16(p + extensions), CLIENT_HELLO_SIZE - extensions - 2);
    check_extensions(p + extensions + 2, CLIENT_HELLO_SIZE - extensions - 2, domain);
    finish();
}
END_TEST

START_TEST(our_random_is_the_digest_and_the_time)
{
    uint8_t hello[CLIENT_HELLO_SIZE], digest[32];

    begin("example.org");
    memcpy(hello, out.data, sizeof(hello));
    memset(hello + CLIENT_RANDOM_AT, 0, CLIENT_RANDOM_SIZE);
    hmac_sha256(proxy.key, PROXY_KEY_SIZE, HASH_PIECES({hello, sizeof(hello)}), digest);
    ck_assert_mem_eq(digest, out.data + CLIENT_RANDOM_AT, 28);
    static const uint8_t time_le[] = {0x0f, 0x21, 0x43, 0x65};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(digest[28 + i] ^ out.data[CLIENT_RANDOM_AT + 28 + i], time_le[i]);
    finish();
}
END_TEST

static const size_t pieces[] = {ROOM, 1, 3, 4096};

START_TEST(a_greeting_with_the_digest_opens_it)
{
    begin("example.org");
    make_reply(122, _i < 2 ? 1000 : RECORD_MAX);
    ck_assert_int_eq(feed(pieces[_i]), 0);
    ck_assert(tunnel_is_open(t) && tunnel_has_records(t));
    ck_assert_uint_eq(clear.len, 0);
    finish();
}
END_TEST

START_TEST(it_waits_for_the_whole_greeting)
{
    begin("example.org");
    make_reply(122, 100);
    for (size_t i = 0; i + 1 < reply.len; i++) {
        ck_assert_int_eq(tunnel_feed(t, reply.data + i, 1, &out, &clear, NULL), 0);
        ck_assert(!tunnel_is_open(t));
    }
    ck_assert_str_eq(tunnel_awaits(t), "the greeting");
    ck_assert_int_eq(tunnel_feed(t, reply.data + reply.len - 1, 1, &out, &clear, NULL), 0);
    ck_assert(tunnel_is_open(t));
    finish();
}
END_TEST

/* One bit anywhere but in the lengths and types, which are judged as such. */
START_TEST(a_greeting_of_another_key_is_refused)
{
    static const size_t at[] = {CLIENT_RANDOM_AT, RANDOM_END - 1, RANDOM_END, 122 + 5 - 1, 122 + 5 + 6 + 5 + 99};

    begin("example.org");
    make_reply(122, 100);
    reply.data[at[_i]] ^= 1;
    ck_assert_int_eq(feed(pieces[_i % 2]), TGC_EREFUSED);
    ck_assert_str_eq(fault.text, "answers as example.org itself would: the secret may be another, or a clock is wrong");
    ck_assert(!tunnel_is_open(t));
    finish();
}
END_TEST

START_TEST(what_is_no_greeting_is_refused)
{
    static const struct {
        const char *hex;
        int err;
        const char *text;
    } cases[] = {
        {"485454502f312e31", TGC_EREFUSED, "does not speak TLS but HTTP: is it an http:// proxy?"},
        {"15030300020228", TGC_EREFUSED, "refused: with a TLS alert"},
        {"1603030002aabb15030300020228", TGC_EPROTO, "sends a ServerHello of 7 bytes"},
        {"1603034101", TGC_EPROTO, "sends a TLS record of 16641 bytes"},
        {"1602030001", TGC_EPROTO, "sends what is no TLS record: 0x1602"},
    };

    for (size_t piece = 0; piece < 2; piece++) {
        size_t len;
        uint8_t *bytes = unit_hex(cases[_i].hex, &len);
        begin("example.org");
        buf_put(&reply, bytes, len);
        ck_assert_int_eq(feed(pieces[piece]), cases[_i].err);
        ck_assert_str_eq(fault.text, cases[_i].text);
        finish();
        free(bytes);
    }
}
END_TEST

START_TEST(records_in_the_wrong_place_are_refused)
{
    static const uint8_t zeros[122];

    begin("example.org");
    put_record(RECORD_HANDSHAKE, zeros, sizeof(zeros));
    put_record(RECORD_DATA, zeros, 1);
    ck_assert_int_eq(feed(1), TGC_EPROTO);
    ck_assert_str_eq(fault.text, "sends a TLS record of type 0x17 where 0x14 belongs");
    finish();
}
END_TEST

/* Several records in one read, others between them, an empty one, and what comes with the greeting. */
START_TEST(data_are_taken_out_of_records)
{
    uint8_t data[5000];

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    begin("example.org");
    make_reply(122, 100);
    put_record(RECORD_DATA, data, 1);
    put_record(RECORD_CHANGE_CIPHER, "\1", 1);
    put_record(RECORD_DATA, data + 1, 3000);
    put_record(RECORD_HANDSHAKE, data, 200);
    put_record(RECORD_DATA, data, 0);
    put_record(RECORD_DATA, data + 3001, sizeof(data) - 3001);
    ck_assert_int_eq(feed(pieces[_i]), 0);
    ck_assert_uint_eq(clear.len, sizeof(data));
    ck_assert_mem_eq(clear.data, data, sizeof(data));
    finish();
}
END_TEST

START_TEST(a_broken_stream_of_records_ends)
{
    static const struct {
        uint8_t head[RECORD_HEAD];
        int err;
        const char *text;
    } cases[] = {
        {{RECORD_ALERT, 3, 3, 0, 2}, TGC_ECLOSED, "ended the connection with a TLS alert"},
        {{0x18, 3, 3, 0, 2}, TGC_EPROTO, "sends what is no TLS record: 0x1803"},
        {{RECORD_DATA, 4, 3, 0, 2}, TGC_EPROTO, "sends what is no TLS record: 0x1704"},
        {{RECORD_DATA, 3, 3, 0x41, 1}, TGC_EPROTO, "sends a TLS record of 16641 bytes"},
    };

    begin("example.org");
    make_reply(122, 100);
    put_record(RECORD_DATA, "abcd", 4);
    buf_put(&reply, cases[_i].head, RECORD_HEAD);
    ck_assert_int_eq(feed(pieces[_i % 2]), cases[_i].err);
    ck_assert_str_eq(fault.text, cases[_i].text);
    ck_assert_uint_eq(clear.len, 4); /* what came before it is there */
    finish();
}
END_TEST

/* What is sent: a change of ciphers once, then records that are not too long, and all of it. */
START_TEST(data_are_put_into_records)
{
    uint8_t data[10000], got[10000];
    size_t n = 0, at = 6;

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 3);
    begin("example.org");
    buf_reset(&out);
    ck_assert_int_eq(tunnel_pack(t, data, 64, &out), 0);
    ck_assert_mem_eq(out.data, "\x14\x03\x03\x00\x01\x01", 6);
    ck_assert_int_eq(tunnel_pack(t, data + 64, sizeof(data) - 64, &out), 0);
    while (at < out.len) {
        size_t len = be16(out.data + at + 3);
        ck_assert_mem_eq(out.data + at, "\x17\x03\x03", 3);
        ck_assert(len > 0 && len <= 16384 && len <= sizeof(got) - n && len <= out.len - at - 5);
        memcpy(got + n, out.data + at + 5, len);
        n += len;
        at += 5 + len;
    }
    ck_assert_uint_eq(n, sizeof(data));
    ck_assert_mem_eq(got, data, n);
    finish();
}
END_TEST

Suite *suite_fake_tls(void)
{
    Suite *suite = suite_create("fake_tls");
    TCase *c = tcase_create("fake_tls");

    tcase_add_test(c, published_greetings_have_the_digest);
    tcase_add_loop_test(c, our_greeting_is_a_whole_client_hello, 0, 3);
    tcase_add_test(c, our_random_is_the_digest_and_the_time);
    tcase_add_loop_test(c, a_greeting_with_the_digest_opens_it, 0, 4);
    tcase_add_test(c, it_waits_for_the_whole_greeting);
    tcase_add_loop_test(c, a_greeting_of_another_key_is_refused, 0, 5);
    tcase_add_loop_test(c, what_is_no_greeting_is_refused, 0, 5);
    tcase_add_test(c, records_in_the_wrong_place_are_refused);
    tcase_add_loop_test(c, data_are_taken_out_of_records, 0, 4);
    tcase_add_loop_test(c, a_broken_stream_of_records_ends, 0, 4);
    tcase_add_test(c, data_are_put_into_records);
    suite_add_tcase(suite, c);
    return suite;
}
