#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire/ends.h"
#include "tests/unit/wire/suites.h"

static const uint8_t mark[24] = {1};

static enum wire_framing framing_of(const json_t *v)
{
    int framing = wire_framing_parse(unit_json_text(v, "framing"));

    ck_assert_int_ge(framing, 0);
    return (enum wire_framing)framing;
}

START_TEST(names)
{
    static const char *const want[] = {"abridged", "intermediate", "padded", "full"};

    for (int i = WIRE_ABRIDGED; i <= WIRE_FULL; i++) {
        ck_assert_str_eq(wire_framing_name((enum wire_framing)i), want[i]);
        ck_assert_int_eq(wire_framing_parse(want[i]), i);
    }
    ck_assert_int_eq(wire_framing_parse("Full"), -1);
    ck_assert_int_eq(wire_framing_parse(""), -1);
}
END_TEST

/* What a client packs and what a server finds in it. Frames of number 1 follow one of number 0. */
START_TEST(published_frames)
{
    json_t *all = unit_load_json("wire/frames.json"), *v;
    size_t i, len, packet_len, init_len = 0;

    json_array_foreach (json_object_get(all, "frames"), i, v) {
        enum wire_framing framing = framing_of(v);
        uint8_t *payload = unit_json_hex(v, "payload", &len), *packet = unit_json_hex(v, "packet", &packet_len);
        uint8_t *init = json_object_get(v, "init") ? unit_json_hex(v, "init", &init_len) : NULL;
        struct wire *client = end_client(framing, false, &random_system), *server = end_server(&random_system);
        struct buf out;
        buf_init(&out, 1000);
        if (json_integer_value(json_object_get(v, "seqno")) == 1) {
            ck_assert_int_eq(wire_pack(client, mark, sizeof(mark), &out), 0);
            end_feed(server, out.data, out.len);
            ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
            buf_reset(&out);
        }
        ck_assert_int_eq(wire_pack(client, payload, len, &out), 0);
        end_feed(server, out.data, out.len);
        if (init) {
            ck_assert_mem_eq(out.data, init, init_len);
            buf_drop_front(&out, init_len);
        }
        ck_assert_uint_eq(out.len, packet_len);
        ck_assert_mem_eq(out.data, packet, packet_len);

        struct wire_packet got = end_next(server);
        ck_assert_int_eq(got.kind, WIRE_PACKET);
        ck_assert_uint_eq(got.len, len);
        ck_assert_mem_eq(got.data, payload, len);
        ck_assert(!got.wants_quick_ack);
        ck_assert_int_eq(wire_framing_of(server), framing);
        ck_assert(!wire_is_obfuscated(server));
        ck_assert_int_eq(end_next(server).kind, WIRE_NONE);
        buf_fini(&out);
        wire_free(client);
        wire_free(server);
        free(payload);
        free(packet);
        free(init);
    }
    ck_assert_uint_eq(i, 5);
    json_decref(all);
}
END_TEST

START_TEST(a_request_for_a_quick_ack_is_seen_and_taken_off)
{
    json_t *all = unit_load_json("wire/frames.json"), *v;
    size_t i, len, payload_len, head_len, seen = 0;

    json_array_foreach (json_object_get(all, "frames"), i, v) {
        if (!json_object_get(v, "quick_ack_request"))
            continue;
        struct wire *server = end_server(&random_system);
        uint8_t *packet = unit_json_hex(v, "packet", &len), *payload = unit_json_hex(v, "payload", &payload_len);
        uint8_t *head = unit_json_hex(v, "quick_ack_request", &head_len);
        memcpy(packet, head, head_len);
        end_feed_hex(server, unit_json_text(v, "init"));
        end_feed(server, packet, len);
        struct wire_packet got = end_next(server);
        ck_assert_int_eq(got.kind, WIRE_PACKET);
        ck_assert(got.wants_quick_ack);
        ck_assert_uint_eq(got.len, payload_len);
        ck_assert_mem_eq(got.data, payload, payload_len);
        wire_free(server);
        free(packet);
        free(payload);
        free(head);
        seen++;
    }
    ck_assert_uint_eq(seen, 2);
    json_decref(all);

    /* The long abridged form, and padded. */
    static uint8_t bytes[600];
    struct wire *server = end_server(&random_system);
    memset(bytes, 5, sizeof(bytes));
    memcpy(bytes, "\xef\xff\x80\0\0", 5);
    end_feed(server, bytes, 5 + 512);
    struct wire_packet got = end_next(server);
    ck_assert(got.wants_quick_ack && got.len == 512);
    wire_free(server);
    server = end_server(&random_system);
    memcpy(bytes, "\xdd\xdd\xdd\xdd\x2b\0\0\x80", 8);
    end_feed(server, bytes, 8 + 43);
    got = end_next(server);
    ck_assert(got.wants_quick_ack && got.len == 40);
    wire_free(server);
}
END_TEST

START_TEST(published_long_headers)
{
    json_t *all = unit_load_json("wire/frames.json"), *v;
    static const uint8_t packet[1024] = {1};
    size_t i;

    json_array_foreach (json_object_get(all, "long_headers"), i, v) {
        struct wire *client = end_client(framing_of(v), false, &random_system);
        struct buf out;
        size_t len = (size_t)json_integer_value(json_object_get(v, "payload_len")), head_len;
        uint8_t *head = unit_json_hex(v, "header", &head_len);
        buf_init(&out, 2000);
        ck_assert_int_eq(wire_pack(client, packet, len, &out), 0);
        ck_assert_uint_eq(out.len, 1 + head_len + len);
        ck_assert_mem_eq(out.data + 1, head, head_len);
        /* The longest short form. */
        buf_reset(&out);
        ck_assert_int_eq(wire_pack(client, packet, 504, &out), 0);
        ck_assert_uint_eq(out.data[0], 0x7e);
        ck_assert_uint_eq(out.len, 505);
        buf_fini(&out);
        wire_free(client);
        free(head);
    }
    ck_assert_uint_eq(i, 2);
    json_decref(all);
}
END_TEST

/* A server of FRAMING, as it is after the client's first packet. */
static struct wire *greeted_server(enum wire_framing framing, const struct random_source *random)
{
    struct wire *client = end_client(framing, false, &random_system), *server = end_server(random);
    struct buf out;

    buf_init(&out, 1000);
    ck_assert_int_eq(wire_pack(client, mark, sizeof(mark), &out), 0);
    end_feed(server, out.data, out.len);
    ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
    buf_fini(&out);
    wire_free(client);
    return server;
}

static void check_from_server(enum wire_framing framing, const struct buf *sent, const char *want_hex,
                              enum wire_kind kind, int32_t value)
{
    struct wire *client = end_client(framing, false, &random_system);
    size_t len;
    uint8_t *want = unit_hex(want_hex, &len);

    ck_assert_uint_eq(sent->len, len);
    ck_assert_mem_eq(sent->data, want, len);
    end_feed(client, want, len);
    struct wire_packet got = end_next(client);
    ck_assert_int_eq(got.kind, kind);
    ck_assert_int_eq(got.value, value);
    ck_assert_int_eq(end_next(client).kind, WIRE_NONE);
    wire_free(client);
    free(want);
}

START_TEST(published_error_codes)
{
    json_t *all = unit_load_json("wire/frames.json"), *v;
    size_t i;

    json_array_foreach (json_object_get(all, "errors"), i, v) {
        int32_t code = (int32_t)json_integer_value(json_object_get(v, "code"));
        for (int framing = WIRE_ABRIDGED; framing <= WIRE_INTERMEDIATE; framing++) {
            struct wire *server = greeted_server((enum wire_framing)framing, &random_system);
            struct buf out;
            buf_init(&out, 100);
            ck_assert_int_eq(wire_pack_error(server, code, &out), 0);
            const char *name = wire_framing_name((enum wire_framing)framing);
            check_from_server((enum wire_framing)framing, &out, unit_json_text(v, name), WIRE_ERROR, code);
            buf_fini(&out);
            wire_free(server);
        }
    }
    ck_assert_uint_eq(i, 3);
    json_decref(all);
}
END_TEST

/* The vector's padding comes from the random source: its length, then its bytes. */
START_TEST(published_padded_error)
{
    json_t *all = unit_load_json("wire/frames.json"), *v;
    size_t i, len;

    json_array_foreach (json_object_get(all, "padded_errors"), i, v) {
        uint8_t *padding = unit_json_hex(v, "padding", &len), bytes[20];
        uint32_t drawn = (uint32_t)len;
        memcpy(bytes, &drawn, 4);
        memcpy(bytes + 4, padding, len);
        struct script script = {bytes, 4 + len, 0};
        struct random_source random = script_source(&script);
        struct wire *server = greeted_server(WIRE_PADDED, &random);
        struct buf out;
        buf_init(&out, 100);
        int32_t code = (int32_t)json_integer_value(json_object_get(v, "code"));
        ck_assert_int_eq(wire_pack_error(server, code, &out), 0);
        check_from_server(WIRE_PADDED, &out, unit_json_text(v, "packet"), WIRE_ERROR, code);
        buf_fini(&out);
        wire_free(server);
        free(padding);
    }
    ck_assert_uint_eq(i, 1);
    json_decref(all);
}
END_TEST

START_TEST(published_quick_acks)
{
    json_t *all = unit_load_json("wire/frames.json");
    json_t *v = json_array_get(json_object_get(all, "quick_acks"), 0);
    uint32_t token = (uint32_t)json_integer_value(json_object_get(v, "token"));
    char padded[64];

    ck_assert_uint_eq(json_array_size(json_object_get(all, "quick_acks")), 1);
    snprintf(padded, sizeof(padded), "08000000%s", unit_json_text(v, "padded_payload"));
    for (int framing = WIRE_ABRIDGED; framing <= WIRE_PADDED; framing++) {
        uint32_t drawn = 9; /* of 0..8 bytes of padding: none */
        struct script script = {(const uint8_t *)&drawn, sizeof(drawn), 0};
        struct random_source random = script_source(&script);
        struct wire *server = greeted_server((enum wire_framing)framing, &random);
        struct buf out;
        buf_init(&out, 100);
        /* Bit 31 is part of every token on the wire. */
        ck_assert_int_eq(wire_pack_quick_ack(server, token & 0x7fffffff, &out), 0);
        const char *want =
            framing == WIRE_PADDED ? padded : unit_json_text(v, wire_framing_name((enum wire_framing)framing));
        check_from_server((enum wire_framing)framing, &out, want, WIRE_QUICK_ACK, (int32_t)token);
        buf_fini(&out);
        wire_free(server);
    }
    /* The bare form over padded, which servers had before, and the marked one with padding. */
    struct wire *client = end_client(WIRE_PADDED, false, &random_system);
    end_feed_hex(client, unit_json_text(v, "intermediate"));
    struct wire_packet got = end_next(client);
    ck_assert(got.kind == WIRE_QUICK_ACK && got.value == (int32_t)token);
    end_feed_hex(client, "10000000ffffffff213c5b9a0102030405060708");
    got = end_next(client);
    ck_assert(got.kind == WIRE_QUICK_ACK && got.value == (int32_t)token);
    wire_free(client);
    json_decref(all);
}
END_TEST

/* However many times over it comes, and however it is split: one code, and nothing after it. */
START_TEST(a_full_server_may_send_a_bare_error)
{
    static const char *const forms[][3] = {
        {"53feffff53feffff53feffff", "", ""},
        {"53feff", "ff53feffff53fe", "ffff"},
        {"53feffff", "53feffff53feffff", ""},
        {"53feffff53feffff", "53feffff", ""},
        {"53feffff", "", ""},
        {"53feffff", "10000000000000000102030400000000", ""},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct wire *client = end_client(WIRE_FULL, false, &random_system);
        unsigned errors = 0;
        for (size_t k = 0; k < 3; k++) {
            struct wire_packet got = {.kind = WIRE_NONE};
            end_feed_hex(client, forms[i][k]);
            if (wire_next(client, &got, NULL) == 0 && got.kind != WIRE_NONE) {
                ck_assert(got.kind == WIRE_ERROR && got.value == -429);
                errors++;
            }
        }
        ck_assert_uint_eq(errors, 1);
        ck_assert_int_eq(end_next_error(client), TGC_EPROTO);
        wire_free(client);
    }
}
END_TEST

Suite *suite_frames(void)
{
    Suite *s = suite_create("frames");
    TCase *t = tcase_create("frames");

    tcase_add_test(t, names);
    tcase_add_test(t, published_frames);
    tcase_add_test(t, a_request_for_a_quick_ack_is_seen_and_taken_off);
    tcase_add_test(t, published_long_headers);
    tcase_add_test(t, published_error_codes);
    tcase_add_test(t, published_padded_error);
    tcase_add_test(t, published_quick_acks);
    tcase_add_test(t, a_full_server_may_send_a_bare_error);
    suite_add_tcase(s, t);
    return s;
}
