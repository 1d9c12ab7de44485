/* A link through a proxy: packets there and back, the next address where one is refused, and a proxy that closes, falls
 * silent or lies at every point. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

enum { SHORT_US = 100 * 1000 };

static struct server s;
static struct client c;
static struct proxy proxy;
static char name[PROXY_NAME_SIZE], want[192];

static void set_up(void)
{
    s = (struct server){0};
    client_init(&c);
    c.proxy = &proxy;
}

static void tear_down(void)
{
    client_fini(&c);
    if (s.fd > 0)
        server_stop(&s);
}

/* The proxy is FORM with its port in place of %u. */
static void proxy_at(const char *form, uint16_t port)
{
    char text[100], before[80];
    size_t n = strcspn(form, "%");

    memcpy(before, form, n);
    before[n] = '\0';
    snprintf(text, sizeof(text), "%s%u", before, port);
    ck_assert_int_eq(proxy_parse(text, &proxy, NULL), 0);
    proxy_name(&proxy, name);
}

static void start(const char *form, void (*script)(struct conn *conn))
{
    server_start(&s, script);
    proxy_at(form, s.port);
}

static void go(void)
{
    client_connect(&c, "127.0.0.2", 443, WIRE_PADDED, true);
    client_run(&c);
}

static void ends_with(const char *what)
{
    snprintf(want, sizeof(want), "the proxy at %s %s", name, what);
    ck_assert_uint_eq(c.opened, 0);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, want);
}

/* --- proxies that agree --- */

static bool hears(struct conn *conn, const void *what, size_t len)
{
    uint8_t in[64];

    return conn_read_bytes(conn, in, len) && memcmp(in, what, len) == 0;
}

static bool hear_head(struct conn *conn)
{
    char in[512] = "";
    size_t n = 0;

    while (n + 1 < sizeof(in) && !strstr(in, "\r\n\r\n"))
        if (!conn_read_bytes(conn, in + n++, 1))
            return false;
    return strncmp(in, "CONNECT 127.0.0.2:443 HTTP/1.1\r\n", 32) == 0;
}

static const uint8_t ask[] = {5, 1, 0, 1, 127, 0, 0, 2, 1, 0xbb}, reply[] = {5, 0, 0, 1, 0, 0, 0, 0, 0, 0};

static void echo(struct conn *conn)
{
    struct wire_packet p;
    uint8_t copy[4096];

    while (conn_read(conn, &p)) {
        memcpy(copy, p.data, p.len);
        conn_send(conn, copy, p.len);
    }
}

static void socks(struct conn *conn)
{
    if (!hears(conn, "\x05\x01\x00", 3))
        return;
    conn_write(conn, "\x05\x00", 2);
    if (!hears(conn, ask, sizeof(ask)))
        return;
    conn_write(conn, reply, sizeof(reply));
    echo(conn);
}

static void socks_with_login(struct conn *conn)
{
    if (!hears(conn, "\x05\x02\x00\x02", 4))
        return;
    conn_write(conn, "\x05\x02", 2);
    if (!hears(conn, "\x01\x02me\x04word", 9))
        return;
    conn_write(conn, "\x01\x00", 2);
    if (!hears(conn, ask, sizeof(ask)))
        return;
    conn_write(conn, reply, sizeof(reply));
    echo(conn);
}

static void http(struct conn *conn)
{
    if (!hear_head(conn))
        return;
    conn_write(conn, "HTTP/1.1 200 OK\r\nVia: test\r\n\r\n", 30);
    echo(conn);
}

static const struct {
    const char *form;
    void (*script)(struct conn *conn);
} agreeing[] = {
    {"socks5://127.0.0.1:%u", socks},
    {"socks5://me:word@127.0.0.1:%u", socks_with_login},
    {"socks5://localhost:%u", socks},
    {"http://127.0.0.1:%u", http},
};

START_TEST(test_packets_go_through_a_proxy)
{
    s.one_byte_writes = _i % 2;
    c.send_len = 1000;
    c.stop_after_packets = 1;
    start(agreeing[_i / 2].form, agreeing[_i / 2].script);
    go();
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.packets, 1);
    ck_assert_uint_eq(c.closed, 0);
}
END_TEST

/* What the proxy sends in one write with its agreement is the stream's. */
static void send_early(struct conn *conn)
{
    uint8_t both[sizeof(reply) + 8];

    if (!hears(conn, "\x05\x01\x00", 3))
        return;
    conn_write(conn, "\x05\x00", 2);
    if (!hears(conn, ask, sizeof(ask)))
        return;
    memcpy(both, reply, sizeof(reply));
    memcpy(both + sizeof(reply), "\x04\x00\x00\x00\x53\xfe\xff\xff", 8); /* -429 in the intermediate framing */
    conn_write(conn, both, sizeof(both));
    conn_read_bytes(conn, both, sizeof(both)); /* until the end */
}

START_TEST(test_what_comes_with_the_agreement_is_the_streams)
{
    c.close_on_error = _i == 0;
    c.close_on_open = _i == 1; /* then it is nobody's */
    start("socks5://127.0.0.1:%u", send_early);
    client_connect(&c, "127.0.0.2", 443, WIRE_INTERMEDIATE, false);
    client_run(&c);
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.errors, _i == 0);
    ck_assert_uint_eq(c.closed, 0);
}
END_TEST

/* --- addresses that are refused --- */

static void refuse_but_the_third(struct conn *conn)
{
    static const uint8_t hosts[] = {9, 3, 2};
    uint8_t in[10];

    if (!hears(conn, "\x05\x01\x00", 3))
        return;
    conn_write(conn, "\x05\x00", 2);
    if (!conn_read_bytes(conn, in, sizeof(in)) || in[7] != hosts[conn->number % 3])
        return;
    if (conn->number == 2) {
        conn_write(conn, reply, sizeof(reply));
        echo(conn);
    } else {
        conn_write(conn, "\x05\x04\x00\x01", 4);
    }
}

START_TEST(test_the_next_address_is_asked_for_where_one_is_refused)
{
    struct net_address list[] = {address_of("127.0.0.9", 443), address_of("no..name", 1), address_of("127.0.0.3", 80),
                                 address_of("127.0.0.2", 443)};

    s.connections = 3;
    c.send_len = 1000;
    c.stop_after_packets = 1;
    start("socks5://127.0.0.1:%u", refuse_but_the_third);
    client_connect_to(&c, list, 4, WIRE_PADDED, false);
    client_run(&c);
    ck_assert_str_eq(c.why, "");
    ck_assert_uint_eq(c.packets, 1);
}
END_TEST

static void refuse_all(struct conn *conn)
{
    uint8_t in[10];

    if (!hears(conn, "\x05\x01\x00", 3))
        return;
    conn_write(conn, "\x05\x00", 2);
    if (conn_read_bytes(conn, in, sizeof(in)))
        conn_write(conn, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00", 10);
}

START_TEST(test_the_last_refusal_is_told_with_its_address)
{
    struct net_address list[] = {address_of("127.0.0.2", 443), address_of("127.0.0.3", 80)};

    s.connections = 2;
    start("socks5://127.0.0.1:%u", refuse_all);
    client_connect_to(&c, list, 2, WIRE_PADDED, false);
    client_run(&c);
    ends_with("refused: connection refused (127.0.0.3:80)");
    server_join(&s); /* both were asked for */
}
END_TEST

static void refuse_us(struct conn *conn)
{
    if (hear_head(conn))
        conn_write(conn, "HTTP/1.1 407 x\r\n\r\n", 18);
}

START_TEST(test_a_refusal_of_us_ends_it_at_once)
{
    struct net_address list[] = {address_of("127.0.0.2", 443), address_of("127.0.0.3", 443)};

    start("http://127.0.0.1:%u", refuse_us);
    client_connect_to(&c, list, 2, WIRE_PADDED, false);
    client_run(&c);
    ends_with("refused: 407, it wants a user and a password");
}
END_TEST

START_TEST(test_no_address_at_all_is_told)
{
    start("http://127.0.0.1:%u", NULL);
    client_connect(&c, "no..name", 443, WIRE_PADDED, false);
    client_run(&c);
    ck_assert_ptr_eq(strstr(c.why, "the look-up of the name no..name failed: "), c.why);
}
END_TEST

START_TEST(test_a_proxy_that_cannot_be_reached_is_told)
{
    proxy_at("socks5://127.0.0.1:%u", refused_port());
    go();
    snprintf(want, sizeof(want), "the proxy cannot be reached: connection refused by %s", name);
    ck_assert_str_eq(c.why, want);
}
END_TEST

/* --- silence, an end, a lie: at each point --- */

/* Half of the steps that were answered; an odd one is answered by half. */
static int point;

static void stop_at_point(struct conn *conn)
{
    uint8_t in[64];
    static const size_t hear[] = {4, 9, 10};
    static const char answers[][3] = {"\x05\x02", "\x01\x00", "\x05\x00"};

    for (int i = 0; i < point / 2; i++)
        if (conn_read_bytes(conn, in, hear[i]))
            conn_write(conn, answers[i], 2);
    if (conn_read_bytes(conn, in, hear[point / 2]) && point % 2)
        conn_write(conn, answers[point / 2], 1);
}

static void stop_and_stay(struct conn *conn)
{
    uint8_t byte;

    stop_at_point(conn);
    conn_read_bytes(conn, &byte, 1); /* until the client leaves */
}

static const char *const awaited[] = {"the greeting", "user and password", "the request to connect"};

START_TEST(test_a_proxy_that_closes_is_told_at_every_point)
{
    char what[120];

    point = _i;
    start("socks5://me:word@127.0.0.1:%u", stop_at_point);
    go();
    snprintf(what, sizeof(what), "closed the connection instead of answering %s", awaited[_i / 2]);
    ends_with(what);
}
END_TEST

START_TEST(test_a_proxy_that_is_silent_is_told_at_every_point)
{
    char what[120];

    point = _i;
    c.timeout_us = SHORT_US;
    start("socks5://me:word@127.0.0.1:%u", stop_and_stay);
    go();
    snprintf(what, sizeof(what), "did not answer %s in time", awaited[_i / 2]);
    ends_with(what);
}
END_TEST

static void say_http(struct conn *conn)
{
    if (hears(conn, "\x05\x01\x00", 3))
        conn_write(conn, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
}

START_TEST(test_a_proxy_of_another_protocol_is_told)
{
    start("socks5://127.0.0.1:%u", say_http);
    go();
    ends_with("does not speak SOCKS5 but HTTP: is it an http:// proxy?");
}
END_TEST

static void on_close_it(void *ctx)
{
    (void)ctx;
    net_link_close(c.link);
    c.link = NULL;
    net_loop_stop(c.loop);
}

/* While it is dialled, while its greeting is waited for, and while a name is looked up. */
START_TEST(test_a_link_that_is_closed_on_its_way_is_silent)
{
    struct net_timer *close_it;

    point = 0;
    start("socks5://me:word@127.0.0.1:%u", stop_and_stay);
    ck_assert_int_eq(net_timer_new(c.loop, on_close_it, NULL, &close_it), 0);
    client_connect(&c, _i == 2 ? "localhost" : "127.0.0.2", 443, WIRE_PADDED, false);
    net_timer_set(close_it, _i == 1 ? clock_mono_us(&clock_system) + SHORT_US : 0);
    client_run(&c);
    net_timer_free(close_it);
    ck_assert_uint_eq(c.opened + c.closed, 0);
}
END_TEST

Suite *suite_route(void)
{
    Suite *suite = suite_create("route");
    TCase *t = tcase_create("route");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_packets_go_through_a_proxy, 0, 8);
    tcase_add_loop_test(t, test_what_comes_with_the_agreement_is_the_streams, 0, 2);
    tcase_add_test(t, test_the_next_address_is_asked_for_where_one_is_refused);
    tcase_add_test(t, test_the_last_refusal_is_told_with_its_address);
    tcase_add_test(t, test_a_refusal_of_us_ends_it_at_once);
    tcase_add_test(t, test_no_address_at_all_is_told);
    tcase_add_test(t, test_a_proxy_that_cannot_be_reached_is_told);
    tcase_add_loop_test(t, test_a_proxy_that_closes_is_told_at_every_point, 0, 6);
    tcase_add_loop_test(t, test_a_proxy_that_is_silent_is_told_at_every_point, 0, 6);
    tcase_add_test(t, test_a_proxy_of_another_protocol_is_told);
    tcase_add_loop_test(t, test_a_link_that_is_closed_on_its_way_is_silent, 0, 3);
    suite_add_tcase(suite, t);
    return suite;
}
