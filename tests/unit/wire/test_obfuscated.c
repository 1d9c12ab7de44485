#include <stdlib.h>
#include <string.h>

#include "daemon/crypto/ctr.h"
#include "tests/unit/wire/ends.h"
#include "tests/unit/wire/suites.h"

enum { HEADER = 64 };

static enum wire_framing framing_of(const json_t *v)
{
    const char *tag = unit_json_text(v, "protocol_tag");

    if (strcmp(tag, "efefefef") == 0)
        return WIRE_ABRIDGED;
    return strcmp(tag, "eeeeeeee") == 0 ? WIRE_INTERMEDIATE : WIRE_PADDED;
}

static void check_exchange(const json_t *v, struct wire *client, struct wire *server)
{
    json_t *step;
    size_t i, len;
    struct buf out;

    buf_init(&out, 1000);
    json_array_foreach (json_object_get(v, "client_to_server"), i, step) {
        uint8_t *plain = unit_json_hex(step, "plain", &len), *cipher = unit_json_hex(step, "cipher", NULL);
        buf_reset(&out);
        ck_assert_int_eq(wire_pack(client, plain + 4, len - 4, &out), 0);
        size_t head = i == 0 ? HEADER : 0;
        ck_assert_uint_eq(out.len, head + len);
        ck_assert_mem_eq(out.data + head, cipher, len);
        end_feed(server, out.data, out.len);
        struct wire_packet got = end_next(server);
        ck_assert_int_eq(got.kind, WIRE_PACKET);
        ck_assert_uint_eq(got.len, len - 4);
        ck_assert_mem_eq(got.data, plain + 4, got.len);
        free(plain);
        free(cipher);
    }
    json_array_foreach (json_object_get(v, "server_to_client"), i, step) {
        uint8_t *cipher = unit_json_hex(step, "cipher", &len);
        buf_reset(&out);
        ck_assert_int_eq(wire_pack_error(server, -404, &out), 0);
        ck_assert_uint_eq(out.len, len);
        ck_assert_mem_eq(out.data, cipher, len);
        end_feed(client, cipher, len);
        struct wire_packet got = end_next(client);
        ck_assert(got.kind == WIRE_ERROR && got.value == -404);
        free(cipher);
    }
    buf_fini(&out);
}

/* Those with a "secret" are of MTProxy: its keys are hashed with it, and the header names a data centre. */
START_TEST(published_headers)
{
    json_t *all = unit_load_json("wire/obfuscated.json"), *v;
    size_t i, len, hidden = 0;

    json_array_foreach (json_object_get(all, "headers"), i, v) {
        uint8_t *secret = json_object_get(v, "secret") ? unit_json_hex(v, "secret", NULL) : NULL;
        int16_t dc = (int16_t)json_integer_value(json_object_get(v, "dc_id_int16"));
        uint8_t *drawn = unit_json_hex(v, "random", &len), *header = unit_json_hex(v, "sent_header", NULL);
        ck_assert_uint_eq(len, HEADER);
        struct script script = {drawn, len, 0};
        struct random_source random = script_source(&script);
        struct wire *client = end_client_of_proxy(framing_of(v), &random, secret, dc),
                    *server = end_server_of_proxy(&random_system, secret);
        ck_assert(wire_is_obfuscated(client));
        if (json_object_get(v, "client_to_server") && !secret) {
            check_exchange(v, client, server);
        } else {
            struct buf out;
            uint8_t packet[24] = {1}; /* as small as an encrypted one can be */
            buf_init(&out, 200);
            ck_assert_int_eq(wire_pack(client, packet, sizeof(packet), &out), 0);
            ck_assert_mem_eq(out.data, header, HEADER);
            end_feed(server, out.data, out.len);
            ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
            buf_fini(&out);
        }
        ck_assert(wire_is_obfuscated(server));
        ck_assert_int_eq(wire_framing_of(server), framing_of(v));
        wire_free(client);
        wire_free(server);
        free(drawn);
        free(header);
        hidden += secret != NULL;
        free(secret);
    }
    ck_assert_uint_eq(hidden, 6);
    ck_assert_uint_eq(i, 8);
    json_decref(all);
}
END_TEST

static struct ctr *stream(const json_t *v, const char *key_name, const char *iv_name)
{
    uint8_t *key = unit_json_hex(v, key_name, NULL), *iv = unit_json_hex(v, iv_name, NULL);
    struct ctr *c;

    ck_assert_int_eq(ctr_new(key, iv, &c), 0);
    free(key);
    free(iv);
    return c;
}

static void check_stream(const json_t *v, const char *list, const char *from, const char *to, struct ctr *c)
{
    json_t *step;
    size_t i, len;

    json_array_foreach (json_object_get(v, list), i, step) {
        uint8_t *in = unit_json_hex(step, from, &len), *want = unit_json_hex(step, to, NULL);
        ck_assert_int_eq(ctr_apply(c, in, in, len), 0);
        ck_assert_mem_eq(in, want, len);
        free(in);
        free(want);
    }
}

/* The header and the streams from the keys that the vector names. */
START_TEST(streams_of_given_keys)
{
    json_t *all = unit_load_json("wire/obfuscated.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, "headers"), i, v) {
        struct ctr *out = stream(v, "encrypt_key", "encrypt_iv"), *in = stream(v, "decrypt_key", "decrypt_iv");
        uint8_t *init = unit_json_hex(v, "init", NULL), *header = unit_json_hex(v, "sent_header", NULL), hidden[HEADER];
        ck_assert_int_eq(ctr_apply(out, init, hidden, HEADER), 0);
        ck_assert_mem_eq(header, init, 56);
        ck_assert_mem_eq(header + 56, hidden + 56, 8);
        check_stream(v, "client_to_server", "plain", "cipher", out);
        check_stream(v, "server_to_client", "cipher", "plain", in);
        ctr_free(out);
        ctr_free(in);
        free(init);
        free(header);
    }
    ck_assert_uint_eq(i, 8);
    json_decref(all);
}
END_TEST

/* The source gives a refused header first and an acceptable one then. */
static void check_refused(const uint8_t *bad, size_t at, size_t len)
{
    uint8_t bytes[3 * HEADER];
    struct buf out;

    memset(bytes, 0x55, sizeof(bytes));
    memcpy(bytes + at, bad, len);
    memcpy(bytes + HEADER + at, bad, len);
    memset(bytes + 2 * HEADER, 0x66, HEADER);
    for (int framing = WIRE_ABRIDGED; framing <= WIRE_PADDED; framing++) {
        struct script script = {bytes, sizeof(bytes), 0};
        struct random_source random = script_source(&script);
        struct wire *client = end_client((enum wire_framing)framing, true, &random),
                    *server = end_server(&random_system);
        buf_init(&out, 1000);
        ck_assert_int_eq(wire_pack(client, bytes, 24, &out), 0);
        ck_assert_mem_eq(out.data, bytes + 2 * HEADER, 56);
        end_feed(server, out.data, out.len);
        ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
        ck_assert_int_eq(wire_framing_of(server), framing);
        buf_fini(&out);
        wire_free(client);
        wire_free(server);
    }
}

START_TEST(ambiguous_headers_are_never_sent)
{
    json_t *all = unit_load_json("wire/obfuscated.json"), *refused = json_object_get(all, "refused"), *v;
    static const struct {
        const char *list;
        size_t at, len, count;
    } kinds[] = {{"first_byte", 0, 1, 1}, {"first_four_bytes", 0, 4, 7}, {"bytes_4_to_8", 4, 4, 1}};

    for (size_t k = 0; k < 3; k++) {
        size_t i;
        json_array_foreach (json_object_get(refused, kinds[k].list), i, v) {
            uint8_t *bad = unit_hex(json_string_value(v), NULL);
            check_refused(bad, kinds[k].at, kinds[k].len);
            free(bad);
        }
        ck_assert_uint_eq(i, kinds[k].count);
    }
    json_decref(all);
}
END_TEST

START_TEST(a_source_that_only_gives_refused_headers_fails)
{
    struct script zeros = {0};
    struct random_source random = script_source(&zeros);
    struct wire_config config = {.random = &random, .packet_max = 1000};
    struct wire *w = NULL;

    ck_assert_int_eq(wire_client_new(&config, WIRE_ABRIDGED, true, &w), TGC_ECRYPTO);
    ck_assert_int_eq(wire_client_new(&config, WIRE_FULL, true, &w), TGC_EINVAL);
    ck_assert_ptr_null(w);
}
END_TEST

START_TEST(a_header_with_an_unknown_tag_is_refused)
{
    struct random_seeded seeded;
    uint8_t header[HEADER + 100];

    random_seeded_init(&seeded, 7);
    struct random_source random = random_seeded_source(&seeded);
    for (int i = 0; i < 200; i++) {
        struct wire *server = end_server(&random_system);
        random_fill(&random, header, sizeof(header));
        header[0] = 0x42;
        header[4] |= 1;
        end_feed(server, header, HEADER - 1);
        ck_assert_int_eq(end_next(server).kind, WIRE_NONE);
        end_feed(server, header + HEADER - 1, sizeof(header) - HEADER + 1);
        ck_assert_int_eq(end_next_error(server), TGC_EPROTO);
        ck_assert(!wire_is_known(server));
        wire_free(server);
    }
}
END_TEST

Suite *suite_obfuscated(void)
{
    Suite *s = suite_create("obfuscated");
    TCase *t = tcase_create("obfuscated");

    tcase_add_test(t, published_headers);
    tcase_add_test(t, streams_of_given_keys);
    tcase_add_test(t, ambiguous_headers_are_never_sent);
    tcase_add_test(t, a_source_that_only_gives_refused_headers_fails);
    tcase_add_test(t, a_header_with_an_unknown_tag_is_refused);
    suite_add_tcase(s, t);
    return s;
}
