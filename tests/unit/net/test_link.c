/* Packets over a link: every framing, any split, many at once, large ones. */
#include <semaphore.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

static void echo(struct conn *c)
{
    struct wire_packet p;
    uint8_t copy[64 << 10];

    while (conn_read(c, &p)) {
        memcpy(copy, p.data, p.len);
        conn_send(c, copy, p.len);
    }
}

static const struct {
    enum wire_framing framing;
    bool obfuscated, one_byte;
} forms[] = {
    {WIRE_ABRIDGED, false, false},    {WIRE_ABRIDGED, true, true}, {WIRE_INTERMEDIATE, false, true},
    {WIRE_INTERMEDIATE, true, false}, {WIRE_PADDED, false, true},  {WIRE_PADDED, true, true},
    {WIRE_FULL, false, false},        {WIRE_FULL, false, true},
};

START_TEST(test_a_packet_goes_there_and_back)
{
    struct server s = {.one_byte_writes = forms[_i].one_byte};
    struct client c;

    server_start(&s, echo);
    client_init(&c);
    c.send_len = 1000;
    c.stop_after_packets = 1;
    client_connect(&c, "127.0.0.1", s.port, forms[_i].framing, forms[_i].obfuscated);
    client_run(&c);
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.packets, 1);
    ck_assert_uint_ge(c.bytes, 1000); /* padding of the padded form is the session's to strip */
    ck_assert_uint_eq(c.first[0], 0x5a);
    client_fini(&c);
    server_stop(&s);
}
END_TEST

static void send_hundred_at_once(struct conn *c)
{
    struct wire_packet p;
    struct buf out;
    uint8_t packet[16] = {0};

    if (!conn_read(c, &p))
        return;
    buf_init(&out, 1 << 20);
    for (int i = 0; i < 100; i++) {
        packet[0] = (uint8_t)i;
        if (wire_pack(c->wire, packet, sizeof(packet), &out) != 0)
            return;
    }
    conn_write(c, out.data, out.len);
    buf_fini(&out);
    conn_read(c, &p);
}

START_TEST(test_many_packets_of_one_write_come_in_order)
{
    struct server s = {0};
    struct client c;

    server_start(&s, send_hundred_at_once);
    client_init(&c);
    c.send_len = 16;
    c.stop_after_packets = 100;
    client_connect(&c, "127.0.0.1", s.port, WIRE_INTERMEDIATE, false);
    client_run(&c);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_uint_eq(c.first[i], i);
    client_fini(&c);
    server_stop(&s);
}
END_TEST

static void send_many(struct client *c)
{
    uint8_t packet[64];

    for (int i = 0; i < 100; i++) {
        memset(packet, i, sizeof(packet));
        ck_assert_int_eq(net_link_send(c->link, packet, sizeof(packet)), 0);
    }
}

START_TEST(test_many_packets_that_are_sent_come_in_order)
{
    struct server s = {0};
    struct client c;

    server_start(&s, echo);
    client_init(&c);
    c.on_open = send_many;
    c.stop_after_packets = 100;
    client_connect(&c, "localhost", s.port, WIRE_ABRIDGED, true); /* a name, with an address or two */
    client_run(&c);
    for (unsigned i = 0; i < 100; i++)
        ck_assert_uint_eq(c.first[i], i);
    client_fini(&c);
    server_stop(&s);
}
END_TEST

static size_t heard;

static void count_bytes(struct conn *c)
{
    struct wire_packet p;

    heard = 0;
    while (conn_read(c, &p)) {
        heard += p.len;
        conn_send(c, "took it", 8);
    }
}

START_TEST(test_a_large_packet_leaves_in_pieces)
{
    struct server s = {0};
    struct client c;

    server_start(&s, count_bytes);
    client_init(&c);
    c.stop_after_packets = 1;
    c.send_len = 8 << 20; /* more than a socket's buffer takes */
    client_connect(&c, "127.0.0.1", s.port, WIRE_FULL, false);
    client_run(&c);
    client_fini(&c);
    server_stop(&s);
    ck_assert_uint_eq(heard, 8 << 20);
}
END_TEST

START_TEST(test_what_was_queued_before_a_close_still_leaves)
{
    struct server s = {0};
    struct client c;
    static uint8_t farewell[64];

    server_start(&s, count_bytes);
    client_init(&c);
    c.send_len = sizeof(farewell);
    c.close_on_open = true; /* what was queued in this turn still leaves */
    client_connect(&c, "127.0.0.1", s.port, WIRE_FULL, false);
    client_run(&c);
    client_fini(&c);
    server_join(&s);
    server_stop(&s);
    ck_assert_uint_eq(heard, sizeof(farewell));
}
END_TEST

static int last_send;
static size_t taken;
static sem_t sent;

static void never_read(struct conn *c)
{
    (void)c;
    sem_wait(&sent);
}

static void send_until_full(struct client *c)
{
    static uint8_t packet[1 << 20];

    for (taken = 0; taken < 100; taken++) {
        last_send = net_link_send(c->link, packet, sizeof(packet));
        if (last_send)
            break;
    }
    /* What fits still goes. */
    ck_assert_int_eq(net_link_send(c->link, packet, 16), 0);
    sem_post(&sent);
}

START_TEST(test_what_is_not_written_has_a_limit)
{
    struct server s = {0};
    struct client c;

    sem_init(&sent, 0, 0);
    server_start(&s, never_read);
    client_init(&c);
    c.on_open = send_until_full;
    c.close_on_open = true;
    client_connect(&c, "127.0.0.1", s.port, WIRE_FULL, false);
    client_run(&c);
    ck_assert_int_eq(last_send, TGC_ELIMIT);
    ck_assert_uint_le(taken << 20, LIMIT_SEND_QUEUE);
    ck_assert_uint_ge(taken, 31);
    client_fini(&c);
    server_stop(&s);
}
END_TEST

Suite *suite_link(void)
{
    Suite *s = suite_create("link");
    TCase *t = tcase_create("link");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_a_packet_goes_there_and_back, 0, sizeof(forms) / sizeof(forms[0]));
    tcase_add_test(t, test_many_packets_of_one_write_come_in_order);
    tcase_add_test(t, test_many_packets_that_are_sent_come_in_order);
    tcase_add_test(t, test_a_large_packet_leaves_in_pieces);
    tcase_add_test(t, test_what_was_queued_before_a_close_still_leaves);
    tcase_add_test(t, test_what_is_not_written_has_a_limit);
    suite_add_tcase(s, t);
    return s;
}
