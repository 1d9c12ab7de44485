#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "tests/unit/wire/ends.h"
#include "tests/unit/wire/suites.h"

enum { PACKETS = 60, SPLITS = 4 };

struct want {
    enum wire_kind kind;
    int32_t value;
    uint8_t *data;
    size_t len;
};

struct flow {
    struct wire *from, *to;
    struct buf bytes;
    struct want want[PACKETS];
    size_t n;
};

static size_t draw_length(const struct random_source *random)
{
    static const size_t edges[] = {1, 2, 29, 30, 31, 4095, 4096, 20000};

    if (random_below(random, 4) == 0)
        return edges[random_below(random, sizeof(edges) / sizeof(edges[0]))];
    return 1 + random_below(random, 60);
}

/* An encrypted packet has 24 bytes and blocks of 16, a plain one says its own length. */
static void draw_packet(const struct random_source *random, struct want *ret)
{
    size_t blocks = draw_length(random);

    *ret = (struct want){.kind = WIRE_PACKET};
    if (random_below(random, 3) == 0) {
        ret->len = 20 + 4 * blocks;
        ret->data = malloc(ret->len);
        random_fill(random, ret->data, ret->len);
        memset(ret->data, 0, 8);
        le32_store(ret->data + 16, (uint32_t)(4 * blocks));
    } else {
        ret->len = 24 + 16 * blocks;
        ret->data = malloc(ret->len);
        random_fill(random, ret->data, ret->len);
        ret->data[random_below(random, 8)] |= 1;
    }
}

static void send_some(struct flow *flow, bool server, const struct random_source *random)
{
    while (flow->n < PACKETS) {
        struct want *want = &flow->want[flow->n++];
        unsigned dice = server ? random_below(random, 8) : 7;
        if (dice == 0) {
            *want = (struct want){.kind = WIRE_ERROR, .value = -1 - (int32_t)random_below(random, 999)};
            ck_assert_int_eq(wire_pack_error(flow->from, want->value, &flow->bytes), 0);
        } else if (dice == 1 && wire_framing_of(flow->from) != WIRE_FULL) {
            uint32_t token = random_u32(random);
            *want = (struct want){.kind = WIRE_QUICK_ACK, .value = (int32_t)(token | 0x80000000u)};
            ck_assert_int_eq(wire_pack_quick_ack(flow->from, token, &flow->bytes), 0);
        } else {
            draw_packet(random, want);
            ck_assert_int_eq(wire_pack(flow->from, want->data, want->len, &flow->bytes), 0);
        }
    }
}

/* Split 0: one byte each; 1: up to 9; 2: up to 3000; 3: all at once. */
static size_t draw_split(int split, const struct random_source *random, size_t left)
{
    size_t n = split == 0 ? 1 : split == 1 ? 1 + random_below(random, 9) : 1 + random_below(random, 3000);

    return split == 3 || n > left ? left : n;
}

static void deliver(struct flow *flow, int split, const struct random_source *random)
{
    size_t found = 0;

    for (size_t at = 0; at < flow->bytes.len;) {
        size_t n = draw_split(split, random, flow->bytes.len - at);
        end_feed(flow->to, flow->bytes.data + at, n);
        at += n;
        /* Now and then the reader does not look before more comes in. */
        if (at < flow->bytes.len && random_below(random, 4) == 0)
            continue;
        for (;;) {
            struct wire_packet got = end_next(flow->to);
            if (got.kind == WIRE_NONE)
                break;
            ck_assert_uint_lt(found, flow->n);
            const struct want *want = &flow->want[found++];
            ck_assert_int_eq(got.kind, want->kind);
            ck_assert_int_eq(got.value, want->value);
            ck_assert_uint_eq(got.len, want->len);
            ck_assert(!got.wants_quick_ack);
            if (want->len) {
                ck_assert_mem_eq(got.data, want->data, want->len);
                memset(got.data, 0xee, got.len); /* the reader may write there */
            }
        }
    }
    ck_assert_uint_eq(found, flow->n);
}

static void flow_init(struct flow *flow, struct wire *from, struct wire *to)
{
    memset(flow, 0, sizeof(*flow));
    flow->from = from;
    flow->to = to;
    buf_init(&flow->bytes, 64 << 20);
}

static void flow_fini(struct flow *flow)
{
    buf_fini(&flow->bytes);
    for (size_t i = 0; i < flow->n; i++)
        free(flow->want[i].data);
}

static void check(enum wire_framing framing, bool obfuscated, int split)
{
    static struct flow up, down;
    struct random_seeded seeded;

    random_seeded_init(&seeded, (uint64_t)framing * 100 + (uint64_t)split * 10 + obfuscated);
    struct random_source random = random_seeded_source(&seeded);
    struct wire *client = end_client(framing, obfuscated, &random), *server = end_server(&random);
    flow_init(&up, client, server);
    flow_init(&down, server, client);
    send_some(&up, false, &random);
    deliver(&up, split, &random);
    ck_assert(wire_is_known(server) && wire_is_obfuscated(server) == obfuscated);
    ck_assert_int_eq(wire_framing_of(server), framing);
    send_some(&down, true, &random);
    deliver(&down, split, &random);
    flow_fini(&up);
    flow_fini(&down);
    wire_free(client);
    wire_free(server);
}

START_TEST(packets_arrive_as_they_were_sent)
{
    int obfuscated = _i / SPLITS % 2, framing = _i / SPLITS / 2;

    check((enum wire_framing)framing, obfuscated, _i % SPLITS);
}
END_TEST

/* All frames of a MiB in one read, and one packet that makes the buffer grow and shrink again. */
START_TEST(many_packets_in_one_read)
{
    struct wire *client = end_client(WIRE_INTERMEDIATE, false, &random_system), *server = end_server(&random_system);
    static uint8_t packet[ENDS_PACKET_MAX] = {1};
    struct buf out;
    size_t n = 0;

    buf_init(&out, 4 << 20);
    for (int i = 0; i < 20000; i++)
        ck_assert_int_eq(wire_pack(client, packet, 40, &out), 0);
    end_feed(server, out.data, out.len);
    while (end_next(server).kind == WIRE_PACKET)
        n++;
    ck_assert_uint_eq(n, 20000);
    for (int i = 0; i < 3; i++) {
        buf_reset(&out);
        ck_assert_int_eq(wire_pack(client, packet, ENDS_PACKET_MAX, &out), 0);
        ck_assert_int_eq(wire_pack(client, packet, 24, &out), 0);
        end_feed(server, out.data, out.len);
        ck_assert_uint_eq(end_next(server).len, ENDS_PACKET_MAX);
        ck_assert_uint_eq(end_next(server).len, 24);
        ck_assert_int_eq(end_next(server).kind, WIRE_NONE);
    }
    buf_fini(&out);
    wire_free(client);
    wire_free(server);
}
END_TEST

START_TEST(padding_stays_within_its_maximum_and_varies)
{
    struct wire_config config = {.random = &random_system, .packet_max = 1000, .padding_max = 5};
    static const uint8_t packet[40] = {1};
    struct wire *client;
    struct buf out;
    unsigned seen = 0;

    buf_init(&out, 100);
    ck_assert_int_eq(wire_client_new(&config, WIRE_PADDED, false, &client), 0);
    ck_assert_int_eq(wire_pack(client, packet, 40, &out), 0);
    for (int i = 0; i < 500; i++) {
        buf_reset(&out);
        ck_assert_int_eq(wire_pack(client, packet, 40, &out), 0);
        ck_assert_uint_ge(out.len, 44);
        ck_assert_uint_le(out.len, 49);
        seen |= 1u << (out.len - 44);
    }
    ck_assert_uint_eq(seen, 0x3f);
    buf_fini(&out);
    wire_free(client);
}
END_TEST

Suite *suite_round_trip(void)
{
    Suite *s = suite_create("round_trip");
    TCase *t = tcase_create("round_trip");

    /* The four framings, the last of which has no obfuscated form. */
    tcase_add_loop_test(t, packets_arrive_as_they_were_sent, 0, (2 * WIRE_FULL + 1) * SPLITS);
    tcase_add_test(t, many_packets_in_one_read);
    tcase_add_test(t, padding_stays_within_its_maximum_and_varies);
    suite_add_tcase(s, t);
    return s;
}
