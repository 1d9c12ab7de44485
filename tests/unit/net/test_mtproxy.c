/* A link through an MTProxy: hidden by its secret, plainly or in the records of TLS. */
#include <stdio.h>
#include <string.h>

#include "daemon/crypto/hmac.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

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

static void ends_with(const char *what)
{
    snprintf(want, sizeof(want), "the proxy at %s %s", name, what);
    ck_assert_uint_eq(c.opened, 0);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, want);
}

static void echo(struct conn *conn)
{
    struct wire_packet p;
    uint8_t copy[4096];

    while (conn_read(conn, &p)) {
        memcpy(copy, p.data, p.len);
        conn_send(conn, copy, p.len);
    }
}

#define SECRET "f05fb7acb549be047a7c585116581418"

static const uint8_t secret[] = {0xf0, 0x5f, 0xb7, 0xac, 0xb5, 0x49, 0xbe, 0x04,
                                 0x7a, 0x7c, 0x58, 0x51, 0x16, 0x58, 0x14, 0x18};

/* The client's bytes are those of a stream that is hidden by the secret. */
static void hidden_echo(struct conn *conn)
{
    struct wire_config config = {.random = &random_system, .packet_max = 1 << 20, .padding_max = 15, .secret = secret};

    wire_free(conn->wire);
    conn->wire = NULL;
    if (wire_server_new(&config, &conn->wire) == 0)
        echo(conn);
}

START_TEST(test_packets_go_through_an_mtproxy)
{
    static const struct {
        const char *mark;
        enum wire_framing framing;
    } forms[] = {{"", WIRE_ABRIDGED}, {"", WIRE_INTERMEDIATE}, {"", WIRE_PADDED}, {"dd", WIRE_PADDED}};
    char text[100];

    s.one_byte_writes = true;
    c.send_len = 1000;
    c.stop_after_packets = 1;
    server_start(&s, hidden_echo);
    snprintf(text, sizeof(text), "mtproxy://127.0.0.1:%u?secret=%s" SECRET, s.port, forms[_i].mark);
    ck_assert_int_eq(proxy_parse(text, &proxy, NULL), 0);
    /* The addresses are the proxy's to know: nobody listens here. */
    client_connect(&c, "no..name", 443, forms[_i].framing, false);
    client_run(&c);
    ck_assert_str_eq(c.why, "");
    ck_assert_uint_eq(c.packets, 1);
}
END_TEST

/* The same in the records of TLS, behind the greetings: all that comes in is unpacked and handed to the hidden stream.
 */
static bool greet_as_tls(struct conn *conn)
{
    uint8_t hello[517], answer[5 + 122 + 6 + 5 + 50] = {0x16, 3, 3, 0, 122};

    if (!conn_read_bytes(conn, hello, sizeof(hello)))
        return false;
    memcpy(answer + 127, "\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x32", 11);
    hmac_sha256(secret, sizeof(secret), HASH_PIECES({hello + 11, 32}, {answer, sizeof(answer)}), answer + 11);
    conn_write(conn, answer, sizeof(answer));
    return true;
}

static bool feed_record(struct conn *conn)
{
    uint8_t head[5], data[1 << 14];
    size_t len;

    if (!conn_read_bytes(conn, head, sizeof(head)))
        return false;
    len = (size_t)head[3] << 8 | head[4];
    if (len > sizeof(data) || !conn_read_bytes(conn, data, len))
        return false;
    return head[0] == 0x14 || (head[0] == 0x17 && wire_feed(conn->wire, data, len) == 0);
}

/* Each packet goes back in records of one byte and of the rest. */
static void tls_echo(struct conn *conn)
{
    struct wire_config config = {.random = &random_system, .packet_max = 1 << 20, .padding_max = 15, .secret = secret};
    struct wire_packet p;
    struct buf packed;

    wire_free(conn->wire);
    conn->wire = NULL;
    buf_init(&packed, 1 << 16);
    if (wire_server_new(&config, &conn->wire) == 0 && greet_as_tls(conn))
        while (feed_record(conn)) {
            if (wire_next(conn->wire, &p, NULL) != 0 || p.kind != WIRE_PACKET)
                continue;
            if (wire_pack(conn->wire, p.data, p.len, &packed) != 0)
                break;
            uint8_t head[] = {0x17,
                              3,
                              3,
                              0,
                              1,
                              packed.data[0],
                              0x17,
                              3,
                              3,
                              (uint8_t)((packed.len - 1) >> 8),
                              (uint8_t)(packed.len - 1)};
            conn_write(conn, head, sizeof(head));
            conn_write(conn, packed.data + 1, packed.len - 1);
            buf_reset(&packed);
        }
    buf_fini(&packed);
}

static void proxy_of_tls(void)
{
    char text[160];

    snprintf(text, sizeof(text), "mtproxy://127.0.0.1:%u?secret=ee" SECRET "6578616d706c652e6f7267", s.port);
    ck_assert_int_eq(proxy_parse(text, &proxy, NULL), 0);
    proxy_name(&proxy, name);
}

START_TEST(test_packets_go_through_an_mtproxy_that_plays_tls)
{
    s.one_byte_writes = _i == 1;
    c.send_len = 8000; /* several records */
    c.stop_after_packets = 1;
    server_start(&s, tls_echo);
    proxy_of_tls();
    client_connect(&c, "no..name", 443, WIRE_PADDED, false);
    client_run(&c);
    ck_assert_str_eq(c.why, "");
    ck_assert_uint_eq(c.packets, 1);
    ck_assert_uint_ge(c.bytes, 7992);
}
END_TEST

static void alert_after_greeting(struct conn *conn)
{
    uint8_t byte;

    if (greet_as_tls(conn))
        conn_write(conn, "\x15\x03\x03\x00\x02\x02\x28", 7);
    conn_read_bytes(conn, &byte, 1);
}

START_TEST(test_an_alert_ends_a_link)
{
    server_start(&s, alert_after_greeting);
    proxy_of_tls();
    client_connect(&c, "no..name", 443, WIRE_PADDED, false);
    client_run(&c);
    /* It may come with the greeting or behind it. */
    if (c.opened)
        ck_assert_str_eq(c.why, "the proxy ended the connection with a TLS alert");
    else
        ends_with("ended the connection with a TLS alert");
}
END_TEST

static void greet_as_a_stranger(struct conn *conn)
{
    uint8_t hello[517], answer[5 + 122 + 6 + 5 + 1] = {0x16, 3, 3, 0, 122};

    memcpy(answer + 127, "\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x01", 11);
    if (conn_read_bytes(conn, hello, sizeof(hello)))
        conn_write(conn, answer, sizeof(answer));
    conn_read_bytes(conn, hello, 1);
}

START_TEST(test_a_proxy_without_the_secret_is_told)
{
    server_start(&s, greet_as_a_stranger);
    proxy_of_tls();
    client_connect(&c, "no..name", 443, WIRE_PADDED, false);
    client_run(&c);
    ends_with("answers as example.org itself would: the secret may be another, or a clock is wrong");
}
END_TEST

START_TEST(test_a_wrong_secret_is_guessed_where_the_proxy_closes)
{
    char text[100];

    c.send_len = 1000;
    server_start(&s, hidden_echo);
    snprintf(text, sizeof(text), "mtproxy://127.0.0.1:%u?secret=00112233445566778899aabbccddeeff", s.port);
    ck_assert_int_eq(proxy_parse(text, &proxy, NULL), 0);
    client_connect(&c, "127.0.0.2", 443, WIRE_PADDED, true);
    client_run(&c);
    ck_assert_str_eq(c.why, "the proxy closed the connection: its secret may be another");
}
END_TEST

START_TEST(test_a_framing_that_the_secret_forbids_is_refused)
{
    static const struct net_link_handlers none;
    struct net_address address = address_of("127.0.0.1", 1);
    struct net_link_config config = {
        .addresses = &address, .addresses_n = 1, .proxy = &proxy, .random = &random_system};
    struct net_link *link = NULL;

    ck_assert_int_eq(proxy_parse("mtproxy://h:1?secret=" SECRET, &proxy, NULL), 0);
    config.framing = WIRE_FULL;
    ck_assert_int_eq(net_link_new(c.loop, &config, &none, NULL, &link), TGC_EINVAL);
    ck_assert_int_eq(proxy_parse("mtproxy://h:1?secret=dd" SECRET, &proxy, NULL), 0);
    config.framing = WIRE_ABRIDGED;
    ck_assert_int_eq(net_link_new(c.loop, &config, &none, NULL, &link), TGC_EINVAL);
    ck_assert_ptr_null(link);
}
END_TEST

Suite *suite_mtproxy(void)
{
    Suite *suite = suite_create("mtproxy");
    TCase *t = tcase_create("mtproxy");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_packets_go_through_an_mtproxy, 0, 4);
    tcase_add_loop_test(t, test_packets_go_through_an_mtproxy_that_plays_tls, 0, 2);
    tcase_add_test(t, test_an_alert_ends_a_link);
    tcase_add_test(t, test_a_proxy_without_the_secret_is_told);
    tcase_add_test(t, test_a_wrong_secret_is_guessed_where_the_proxy_closes);
    tcase_add_test(t, test_a_framing_that_the_secret_forbids_is_refused);
    suite_add_tcase(suite, t);
    return suite;
}
