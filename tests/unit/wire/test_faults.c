#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire/ends.h"
#include "tests/unit/wire/suites.h"

struct bad {
    enum wire_framing framing;
    int err;
    const char *hex; /* from the server; or from the client with the init tag in front */
};

static const struct bad from_server[] = {
    {WIRE_ABRIDGED, TGC_EPROTO, "00000000"},
    {WIRE_ABRIDGED, TGC_EPROTO, "7f000000"},
    {WIRE_ABRIDGED, TGC_ELIMIT, "7fffffff"},
    {WIRE_ABRIDGED, TGC_ELIMIT, "7f010004"},
    {WIRE_ABRIDGED, TGC_EPROTO, "0100000000"}, /* an error code of 0 */
    {WIRE_ABRIDGED, TGC_EPROTO, "0101000000"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "00000000"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "03000000010203"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "29000000"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "2a000000"},
    {WIRE_INTERMEDIATE, TGC_ELIMIT, "04001000"},
    {WIRE_INTERMEDIATE, TGC_ELIMIT, "ffffff7f"},
    {WIRE_PADDED, TGC_EPROTO, "00000000"},
    {WIRE_PADDED, TGC_EPROTO, "03000000"},
    {WIRE_PADDED, TGC_EPROTO, "0c000000000000000102030405060708"},
    {WIRE_PADDED, TGC_EPROTO, "110000000100000000000000000000000000000000"},
    {WIRE_PADDED, TGC_ELIMIT, "10001000"},
    /* A plain message that says 5 bytes and has 4, or -1. */
    {WIRE_PADDED, TGC_EPROTO, "18000000000000000000000001000000000000000500000001020304"},
    {WIRE_PADDED, TGC_EPROTO, "1800000000000000000000000100000000000000ffffffff01020304"},
    {WIRE_FULL, TGC_EPROTO, "00000000"},
    {WIRE_FULL, TGC_EPROTO, "0c000000"},
    {WIRE_FULL, TGC_EPROTO, "1000000001000000"}, /* number 1 first */
    {WIRE_FULL, TGC_ELIMIT, "10001000"},
    {WIRE_FULL, TGC_EPROTO, "10000000000000000102030400000000"}, /* checksum */
};

static const struct bad from_client[] = {
    {WIRE_ABRIDGED, TGC_EPROTO, "ef00000000"},
    {WIRE_ABRIDGED, TGC_EPROTO, "ef80000000"},
    {WIRE_ABRIDGED, TGC_EPROTO, "efff000000"},
    {WIRE_ABRIDGED, TGC_ELIMIT, "efffffffff"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "eeeeeeee00000080"},
    {WIRE_INTERMEDIATE, TGC_EPROTO, "eeeeeeee29000080"},
    {WIRE_INTERMEDIATE, TGC_ELIMIT, "eeeeeeee04001080"},
    {WIRE_PADDED, TGC_EPROTO, "dddddddd040000006cfeffff"}, /* clients have no error codes */
    {WIRE_PADDED, TGC_EPROTO, "dddddddd170000000102030405060708090a0b0c0d0e0f1011121314151617"},
    {WIRE_FULL, TGC_EPROTO, "0c00000000000000"},
    {WIRE_FULL, TGC_ELIMIT, "53feffff00000000"},
    {WIRE_ABRIDGED, TGC_EPROTO, "474554202f"}, /* GET / */
    {WIRE_ABRIDGED, TGC_EPROTO, "48454144"},
    {WIRE_ABRIDGED, TGC_EPROTO, "504f5354"},
    {WIRE_ABRIDGED, TGC_EPROTO, "4f505449"},
    {WIRE_ABRIDGED, TGC_EPROTO, "16030102"},
};

/* Fed byte by byte: the fault comes with the last byte at the latest, and never as a packet. */
static void check_bad(struct wire *w, const struct bad *bad)
{
    size_t len;
    uint8_t *bytes = unit_hex(bad->hex, &len);
    struct wire_packet packet;
    int err = 0;

    for (size_t i = 0; i < len && !err; i++) {
        end_feed(w, bytes + i, 1);
        err = wire_next(w, &packet, NULL);
        if (!err)
            ck_assert_msg(packet.kind == WIRE_NONE, "%s", bad->hex);
    }
    ck_assert_msg(err == bad->err, "%s: %d", bad->hex, err);
    ck_assert_int_eq(end_next_error(w), bad->err);
    wire_free(w);
    free(bytes);
}

START_TEST(bad_frames_from_a_server)
{
    for (size_t i = 0; i < sizeof(from_server) / sizeof(from_server[0]); i++)
        check_bad(end_client(from_server[i].framing, false, &random_system), &from_server[i]);
}
END_TEST

START_TEST(bad_frames_from_a_client)
{
    for (size_t i = 0; i < sizeof(from_client) / sizeof(from_client[0]); i++)
        check_bad(end_server(&random_system), &from_client[i]);
}
END_TEST

/* Every single changed bit of a full frame is found, whichever field it hits. */
START_TEST(full_notices_every_changed_bit)
{
    static const uint8_t packet[24] = {1, 2, 3};
    struct buf out;

    for (size_t bit = 0; bit < 36 * 8; bit++) {
        struct wire *client = end_client(WIRE_FULL, false, &random_system), *server = end_server(&random_system);
        buf_init(&out, 200);
        ck_assert_int_eq(wire_pack(client, packet, sizeof(packet), &out), 0);
        end_feed(server, out.data, out.len);
        ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
        buf_reset(&out);
        ck_assert_int_eq(wire_pack(client, packet, sizeof(packet), &out), 0);
        ck_assert_uint_eq(out.len, 36);
        out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        end_feed(server, out.data, out.len);
        struct wire_packet got;
        int err = wire_next(server, &got, NULL);
        ck_assert(err < 0 || got.kind == WIRE_NONE); /* a longer length waits for the rest */
        buf_fini(&out);
        wire_free(client);
        wire_free(server);
    }
}
END_TEST

START_TEST(a_repeated_or_skipped_full_frame_is_refused)
{
    static const uint8_t packet[24] = {1, 2, 3};
    struct wire *client = end_client(WIRE_FULL, false, &random_system), *server = end_server(&random_system);
    struct buf out;

    buf_init(&out, 200);
    ck_assert_int_eq(wire_pack(client, packet, sizeof(packet), &out), 0);
    end_feed(server, out.data, out.len);
    end_feed(server, out.data, out.len);
    ck_assert_int_eq(end_next(server).kind, WIRE_PACKET);
    ck_assert_int_eq(end_next_error(server), TGC_EPROTO);
    /* The server's numbers are its own. */
    buf_reset(&out);
    ck_assert_int_eq(wire_pack(server, packet, sizeof(packet), &out), 0);
    ck_assert_int_eq(wire_pack(server, packet, sizeof(packet), &out), 0);
    end_feed(client, out.data, out.len);
    ck_assert_int_eq(end_next(client).kind, WIRE_PACKET);
    ck_assert_int_eq(end_next(client).kind, WIRE_PACKET);
    end_feed(client, out.data, out.len);
    ck_assert_int_eq(end_next_error(client), TGC_EPROTO);
    buf_fini(&out);
    wire_free(client);
    wire_free(server);
}
END_TEST

START_TEST(packets_that_cannot_be_packed_leave_no_trace)
{
    static const uint8_t packet[ENDS_PACKET_MAX + 4] = {1};
    struct buf out, small;

    for (int framing = WIRE_ABRIDGED; framing <= WIRE_FULL; framing++) {
        struct wire *client = end_client((enum wire_framing)framing, framing != WIRE_FULL, &random_system);
        struct wire *server = end_server(&random_system);
        buf_init(&out, 1000);
        buf_init(&small, 80);
        ck_assert_int_eq(wire_pack(client, packet, 0, &out), TGC_EINVAL);
        ck_assert_int_eq(wire_pack(client, packet, sizeof(packet), &out), TGC_ELIMIT);
        if (framing <= WIRE_INTERMEDIATE)
            ck_assert_int_eq(wire_pack(client, packet, 41, &out), TGC_EINVAL);
        ck_assert_int_eq(wire_pack_error(client, -404, &out), TGC_ESTATE);
        ck_assert_int_eq(wire_pack_quick_ack(client, 1, &out), TGC_ESTATE);
        ck_assert_int_eq(wire_pack(server, packet, 40, &out), TGC_ESTATE);
        ck_assert_int_eq(wire_pack_error(server, -404, &out), TGC_ESTATE);
        ck_assert_int_eq(wire_pack_quick_ack(server, 1, &out), TGC_ESTATE);
        ck_assert_uint_eq(out.len, 0);
        ck_assert_int_eq(buf_err(&out), 0);
        /* No room: not even the header goes out, and the stream is where it was. */
        ck_assert_int_eq(wire_pack(client, packet, 104, &small), TGC_ELIMIT);
        ck_assert_uint_eq(small.len, 0);
        ck_assert_int_eq(wire_pack(client, packet, 104, &out), 0);
        end_feed(server, out.data, out.len);
        ck_assert_uint_eq(end_next(server).len, 104);
        if (framing == WIRE_FULL)
            ck_assert_int_eq(wire_pack_quick_ack(server, 1, &out), TGC_ESTATE);
        buf_fini(&out);
        buf_fini(&small);
        wire_free(client);
        wire_free(server);
    }
}
END_TEST

START_TEST(a_reader_that_never_looks_is_stopped)
{
    static const uint8_t bytes[1 << 16] = {0xef};
    struct wire *server = end_server(&random_system);
    size_t fed = 0;

    while (wire_feed(server, bytes, sizeof(bytes)) == 0)
        fed += sizeof(bytes);
    ck_assert_uint_eq(fed, ENDS_PACKET_MAX + (1 << 20));
    ck_assert_int_eq(wire_feed(server, bytes, 1), TGC_ELIMIT);
    wire_free(server);
}
END_TEST

/* Whatever comes in, the ends answer with packets inside what came in, or with an error. */
START_TEST(garbage_never_crashes)
{
    struct random_seeded seeded;
    uint8_t bytes[300];

    random_seeded_init(&seeded, 9);
    struct random_source random = random_seeded_source(&seeded);
    for (int round = 0; round < 4000; round++) {
        unsigned kind = random_below(&random, 8);
        struct wire *w =
            kind == 7 ? end_server(&random) : end_client((enum wire_framing)(kind % 4), kind < 3 && kind % 2, &random);
        size_t total = 0;
        int err = 0;
        for (int piece = 0; piece < 6 && !err; piece++) {
            size_t n = random_below(&random, sizeof(bytes));
            random_fill(&random, bytes, n);
            /* Small lengths get further than random ones. */
            for (size_t i = 0; i < n; i++)
                if (random_below(&random, 2))
                    bytes[i] &= 0x1f & (uint8_t)random_below(&random, 256);
            if (piece == 0 && n > 4 && random_below(&random, 2))
                memset(bytes, random_below(&random, 2) ? 0xdd : 0xee, 4);
            end_feed(w, bytes, n);
            total += n;
            struct wire_packet got = {.kind = WIRE_PACKET};
            while (!err && got.kind != WIRE_NONE) {
                err = wire_next(w, &got, NULL);
                if (!err && got.kind == WIRE_PACKET) {
                    if (got.len == 0 || got.len > total)
                        ck_abort_msg("a packet of %zu bytes", got.len);
                    memset(got.data, 0xaa, got.len);
                }
            }
        }
        ck_assert(err == 0 || err == TGC_EPROTO || err == TGC_ELIMIT);
        wire_free(w);
    }
}
END_TEST

Suite *suite_faults(void)
{
    Suite *s = suite_create("faults");
    TCase *t = tcase_create("faults");

    tcase_add_test(t, bad_frames_from_a_server);
    tcase_add_test(t, bad_frames_from_a_client);
    tcase_add_test(t, full_notices_every_changed_bit);
    tcase_add_test(t, a_repeated_or_skipped_full_frame_is_refused);
    tcase_add_test(t, packets_that_cannot_be_packed_leave_no_trace);
    tcase_add_test(t, a_reader_that_never_looks_is_stopped);
    tcase_add_test(t, garbage_never_crashes);
    suite_add_tcase(s, t);
    return s;
}
