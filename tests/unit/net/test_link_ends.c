/* How a link ends: by the server, by the network, by its owner in the middle of anything. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

static struct server s;
static struct client c;

static void set_up(void)
{
    s = (struct server){0};
    client_init(&c);
}

static void tear_down(void)
{
    client_fini(&c);
    if (s.fd > 0)
        server_stop(&s);
}

static void go(void (*script)(struct conn *conn))
{
    server_start(&s, script);
    client_connect(&c, "127.0.0.1", s.port, WIRE_INTERMEDIATE, false);
    client_run(&c);
}

static void hang_up(struct conn *conn)
{
    (void)conn;
}

static void wait_for_end(struct conn *conn)
{
    struct wire_packet p;

    while (conn_read(conn, &p)) {
    }
}

START_TEST(test_a_connection_that_fails_says_why)
{
    client_connect(&c, "127.0.0.1", refused_port(), WIRE_FULL, false);
    client_run(&c);
    ck_assert_uint_eq(c.opened, 0);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_ptr_eq(strstr(c.why, "connection refused by 127.0.0.1:"), c.why);
}
END_TEST

START_TEST(test_what_cannot_be_dialled_is_refused_at_once)
{
    static const struct net_link_handlers none;
    struct net_link *link = NULL;
    struct net_address address = address_of("127.0.0.1", 1);
    struct net_link_config config = {.addresses = &address, .framing = WIRE_FULL, .random = &random_system};

    ck_assert_int_eq(net_link_new(c.loop, &config, &none, NULL, &link), TGC_EINVAL); /* no address */
    config.addresses_n = 1;
    config.obfuscated = true; /* the full framing has no such form */
    ck_assert_int_eq(net_link_new(c.loop, &config, &none, NULL, &link), TGC_EINVAL);
    ck_assert_ptr_null(link);
}
END_TEST

START_TEST(test_a_server_that_hangs_up_at_once)
{
    go(hang_up);
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, "the server closed the connection");
}
END_TEST

static void half_close(struct conn *conn)
{
    shutdown(conn->fd, SHUT_WR);
    wait_for_end(conn);
}

START_TEST(test_a_half_closed_connection_has_ended)
{
    go(half_close);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, "the server closed the connection");
}
END_TEST

static void reset_by_server(struct conn *conn)
{
    struct linger hard = {.l_onoff = 1};

    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

START_TEST(test_a_reset_connection_has_ended)
{
    go(reset_by_server);
    ck_assert_uint_eq(c.closed, 1);
}
END_TEST

static void send_nonsense(struct conn *conn)
{
    conn_write(conn, "\xff\xff\xff\x7f", 4);
    wait_for_end(conn);
}

START_TEST(test_a_frame_above_the_limit_ends_it)
{
    go(send_nonsense);
    ck_assert_uint_eq(c.packets, 0);
    ck_assert_uint_eq(c.closed, 1);
}
END_TEST

static void send_error_and_packet(struct conn *conn)
{
    struct wire_packet p;
    uint8_t packet[16] = {1};

    if (!conn_read(conn, &p))
        return;
    conn_send_error(conn, -429);
    conn_send(conn, packet, sizeof(packet));
    conn_send(conn, packet, sizeof(packet));
    wait_for_end(conn);
}

START_TEST(test_a_transport_error_leaves_it_open)
{
    c.send_len = 16;
    c.stop_after_packets = 2;
    go(send_error_and_packet);
    ck_assert_uint_eq(c.errors, 1);
    ck_assert_int_eq(c.code, -429);
    ck_assert_uint_eq(c.packets, 2);
    ck_assert_uint_eq(c.closed, 0);
}
END_TEST

START_TEST(test_the_owner_closes_it_from_each_handler)
{
    c.send_len = 16;
    c.close_on_open = _i == 0;
    c.close_on_error = _i == 1;
    c.close_on_packet = _i == 2;
    go(send_error_and_packet);
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.errors, _i >= 1);
    ck_assert_uint_eq(c.packets, _i == 2); /* the second of the same read is not told */
    ck_assert_uint_eq(c.closed, 0);
}
END_TEST

static void on_later(void *ctx)
{
    net_loop_stop(ctx);
}

START_TEST(test_a_link_that_ended_waits_for_its_owner)
{
    struct net_timer *later;

    c.keep_when_closed = true;
    go(hang_up);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_int_eq(net_link_send(c.link, "abcd", 4), TGC_ECLOSED);
    /* Many turns of the loop later it is still the owner's to close. */
    ck_assert_int_eq(net_timer_new(c.loop, on_later, c.loop, &later), 0);
    net_timer_set(later, clock_mono_us(&clock_system) + 50000);
    net_loop_run(c.loop);
    net_timer_free(later);
    ck_assert_int_eq(net_link_send(c.link, "abcd", 4), TGC_ECLOSED);
    ck_assert_uint_eq(c.closed, 1);
}
END_TEST

START_TEST(test_nothing_is_sent_before_it_opens)
{
    server_start(&s, wait_for_end);
    client_connect(&c, "127.0.0.1", s.port, WIRE_INTERMEDIATE, false);
    ck_assert_int_eq(net_link_send(c.link, "abcd", 4), TGC_ECLOSED);
}
END_TEST

Suite *suite_link_ends(void)
{
    Suite *suite = suite_create("link_ends");
    TCase *t = tcase_create("link_ends");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_connection_that_fails_says_why);
    tcase_add_test(t, test_what_cannot_be_dialled_is_refused_at_once);
    tcase_add_test(t, test_a_server_that_hangs_up_at_once);
    tcase_add_test(t, test_a_half_closed_connection_has_ended);
    tcase_add_test(t, test_a_reset_connection_has_ended);
    tcase_add_test(t, test_a_frame_above_the_limit_ends_it);
    tcase_add_test(t, test_a_transport_error_leaves_it_open);
    tcase_add_loop_test(t, test_the_owner_closes_it_from_each_handler, 0, 3);
    tcase_add_test(t, test_a_link_that_ended_waits_for_its_owner);
    tcase_add_test(t, test_nothing_is_sent_before_it_opens);
    suite_add_tcase(suite, t);
    return suite;
}
