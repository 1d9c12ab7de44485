/* SOCKS5 and CONNECT: what is said, what is taken, and every lie that a proxy can tell, in every split. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/limits.h"
#include "tests/unit/wire/suites.h"
#include "tests/unit/wire/tunnels.h"

#define SOCKS "socks5://127.0.0.1:1080"
#define SOCKS_USER "socks5://me:word@127.0.0.1:1080"
#define GREET "050100"
#define GREET_USER "05020002"
#define LOG_IN "01026d6504776f7264"
#define ASK "050100017f00000201bb"
#define REPLY "0500000100000000ffff"

static const struct talk socks_well[] = {
    {SOCKS, TARGET_V4, "0500" REPLY, GREET ASK, 0, NULL, NULL},
    {SOCKS, TARGET_V4, "0500" REPLY "c0ffee", GREET ASK, 0, NULL, "c0ffee"},
    {SOCKS, TARGET_V6, "0500" REPLY, GREET "0501000420010db80000000000000000000000011234", 0, NULL, NULL},
    /* Where the proxy is may be said by a name, an empty one too, or in IPv6. */
    {SOCKS, TARGET_V4,
     "0500"
     "05000003036162630000"
     "01",
     GREET ASK, 0, NULL, "01"},
    {SOCKS, TARGET_V4,
     "0500"
     "05000003000000",
     GREET ASK, 0, NULL, NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "05000004000000000000000000000000000000000000",
     GREET ASK, 0, NULL, NULL},
    {SOCKS_USER, TARGET_V4,
     "0502"
     "0100" REPLY,
     GREET_USER LOG_IN ASK, 0, NULL, NULL},
    {SOCKS_USER, TARGET_V4, "0500" REPLY, GREET_USER ASK, 0, NULL, NULL}, /* it asks for no login */
};

static const struct talk socks_ill[] = {
    {SOCKS, TARGET_V4, "05ff", GREET, TGC_EREFUSED, "refused: it wants a login, by user and password perhaps", NULL},
    {SOCKS_USER, TARGET_V4, "05ff", GREET_USER, TGC_EREFUSED, "refused: it takes no login by user and password", NULL},
    {SOCKS, TARGET_V4, "0502", GREET, TGC_EPROTO, "wants to be logged in to by method 2, which was not offered", NULL},
    {SOCKS_USER, TARGET_V4, "0501", GREET_USER, TGC_EPROTO,
     "wants to be logged in to by method 1, which was not offered", NULL},
    {SOCKS_USER, TARGET_V4, "05020101", GREET_USER LOG_IN, TGC_EREFUSED, "refused: wrong user or password", NULL},
    {SOCKS_USER, TARGET_V4, "05020500", GREET_USER LOG_IN, TGC_EPROTO,
     "answers the login with version 5 where there is 1 alone", NULL},
    {SOCKS, TARGET_V4, "485454502f312e3120343030", GREET, TGC_EREFUSED,
     "does not speak SOCKS5 but HTTP: is it an http:// proxy?", NULL},
    {SOCKS, TARGET_V4, "005b", GREET, TGC_EREFUSED, "does not speak SOCKS5 but SOCKS4, which is not supported", NULL},
    {SOCKS, TARGET_V4, "150301", GREET, TGC_EREFUSED, "does not speak SOCKS5 but TLS", NULL},
    {SOCKS, TARGET_V4, "5353482d", GREET, TGC_EREFUSED, "does not speak SOCKS5 but SSH", NULL},
    {SOCKS, TARGET_V4, "99", GREET, TGC_EREFUSED, "does not speak SOCKS5: its answer begins with 0x99", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "04",
     GREET ASK, TGC_EPROTO, "answers with version 4 where SOCKS5 has 5", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0500000200",
     GREET ASK, TGC_EPROTO, "says where it is by address type 2, which SOCKS5 does not know", NULL},
    /* Two bytes are enough of a refusal. */
    {SOCKS, TARGET_V4,
     "0500"
     "0501",
     GREET ASK, TGC_ECLOSED, "refused: general failure", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0502",
     GREET ASK, TGC_ECLOSED, "refused: not allowed by its rules", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0503",
     GREET ASK, TGC_ECLOSED, "refused: network unreachable", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0504",
     GREET ASK, TGC_ECLOSED, "refused: host unreachable", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0505",
     GREET ASK, TGC_ECLOSED, "refused: connection refused", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0506",
     GREET ASK, TGC_ECLOSED, "refused: TTL expired", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0507",
     GREET ASK, TGC_EREFUSED, "refused: command not supported", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0508",
     GREET ASK, TGC_ECLOSED, "refused: address type not supported", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "0509",
     GREET ASK, TGC_EREFUSED, "refused: reply 9, which SOCKS5 does not know", NULL},
    {SOCKS, TARGET_V4,
     "0500"
     "05ff",
     GREET ASK, TGC_EREFUSED, "refused: reply 255, which SOCKS5 does not know", NULL},
};

START_TEST(socks5_is_spoken)
{
    talk_play(&socks_well[_i]);
}
END_TEST

START_TEST(socks5_waits_for_the_whole_answer)
{
    talk_cut(&socks_well[_i == 0 ? 0 : 6]);
}
END_TEST

START_TEST(socks5_takes_no_lie)
{
    talk_play(&socks_ill[_i]);
}
END_TEST

/* A login of 255 bytes each, which is what the protocol can carry. */
START_TEST(socks5_sends_the_longest_login)
{
    char url[600] = "socks5://";
    struct proxy proxy;
    struct buf out, clear;
    struct tunnel_config config = {.proxy = &proxy};
    struct tunnel *t;

    memset(url + 9, 'u', 255);
    url[9 + 255] = ':';
    memset(url + 10 + 255, 'p', 255);
    memcpy(url + 10 + 510, "@h:1", 5);
    ck_assert_int_eq(proxy_parse(url, &proxy, NULL), 0);
    ck_assert_int_eq(tunnel_new(&config, &t), 0);
    buf_init(&out, 1 << 10);
    buf_init(&clear, 1 << 10);
    ck_assert_int_eq(tunnel_begin(t, &out), 0);
    buf_reset(&out);
    ck_assert_int_eq(tunnel_feed(t, "\x05\x02", 2, &out, &clear, NULL), 0);
    ck_assert_uint_eq(out.len, 3 + 2 * 255);
    ck_assert(out.data[1] == 255 && out.data[2 + 255] == 255 && out.data[out.len - 1] == 'p');
    buf_fini(&out);
    buf_fini(&clear);
    tunnel_free(t);
}
END_TEST

/* --- HTTP: the same with text in place of hex --- */

struct http_talk {
    const char *proxy;
    struct tunnel_target target;
    const char *answers, *sent;
    int err;
    const char *text, *clear;
};

#define HTTP "http://127.0.0.1:3128"
#define CONNECT "CONNECT 127.0.0.2:443 HTTP/1.1\r\nHost: 127.0.0.2:443\r\n"

static const struct http_talk http_well[] = {
    {HTTP, TARGET_V4, "HTTP/1.1 200 Connection established\r\n\r\n", CONNECT "\r\n", 0, NULL, NULL},
    {HTTP, TARGET_V4, "HTTP/1.0 200\r\n\r\nabc", CONNECT "\r\n", 0, NULL, "abc"},
    {HTTP, TARGET_V4, "HTTP/1.1 299 x\nVia: me\n\n\r\n", CONNECT "\r\n", 0, NULL, "\r\n"},
    /* What a 2xx says of a body is not so. */
    {HTTP, TARGET_V4, "http/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", CONNECT "\r\n", 0,
     NULL, NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
     CONNECT "\r\n", 0, NULL, NULL},
    {"http://[::1]:1", TARGET_V6, "HTTP/1.1 200 OK\r\n\r\n",
     "CONNECT [2001:db8::1]:4660 HTTP/1.1\r\nHost: [2001:db8::1]:4660\r\n\r\n", 0, NULL, NULL},
    {"http://me:wo%3Ard@h:1", TARGET_V4, "HTTP/1.1 200 OK\r\n\r\n",
     CONNECT "Proxy-Authorization: Basic bWU6d286cmQ=\r\n\r\n", 0, NULL, NULL},
};

static const struct http_talk http_ill[] = {
    {HTTP, TARGET_V4, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", NULL,
     TGC_EREFUSED, "refused: 407, it wants a user and a password", NULL},
    {"http://me:word@h:1", TARGET_V4, "HTTP/1.1 407 No\r\n\r\n", NULL, TGC_EREFUSED,
     "refused: 407, wrong user or password, or it takes another scheme than Basic", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 403 Forbidden\r\n\r\n<html>", NULL, TGC_ECLOSED, "refused: 403 Forbidden", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 502\r\n\r\n", NULL, TGC_ECLOSED, "refused: 502", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 301 Moved\r\n\r\n", NULL, TGC_ECLOSED, "refused: 301 Moved", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 503 \x1b[31mred\xff\r\n\r\n", NULL, TGC_ECLOSED, "refused: 503 [31mred", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 405 Method Not Allowed\r\n\r\n", NULL, TGC_EREFUSED, "refused: 405 Method Not Allowed",
     NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 999 x\r\n\r\n", NULL, TGC_ECLOSED, "refused: 999 x", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 099 x\r\n\r\n", NULL, TGC_EPROTO, "answers with a line that is none of HTTP/1's", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 20x\r\n\r\n", NULL, TGC_EPROTO, "answers with a line that is none of HTTP/1's", NULL},
    {HTTP, TARGET_V4, "HTTP/1.1 2000\r\n\r\n", NULL, TGC_EPROTO, "answers with a line that is none of HTTP/1's", NULL},
    {HTTP, TARGET_V4, "HTTP/2 200\r\n\r\n", NULL, TGC_EPROTO, "answers with a line that is none of HTTP/1's", NULL},
    {HTTP, TARGET_V4, "H\n\n", NULL, TGC_EPROTO, "answers with a line that is none of HTTP/1's", NULL},
    {HTTP, TARGET_V4, "\x05\xff", NULL, TGC_EREFUSED, "does not speak HTTP but SOCKS5: is it a socks5:// proxy?", NULL},
    {HTTP, TARGET_V4, "\x15\x03\x01", NULL, TGC_EREFUSED, "does not speak HTTP but TLS", NULL},
    {HTTP, TARGET_V4, "<html>", NULL, TGC_EREFUSED, "does not speak HTTP: its answer begins with 0x3c", NULL},
};

static char *hex_of(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    char *hex = malloc(2 * len + 1);

    hex_encode(text ? text : "", len, hex);
    return hex;
}

static void with_hex(const struct http_talk *h, void (*play)(const struct talk *talk))
{
    char *answers = hex_of(h->answers), *sent = hex_of(h->sent), *clear = hex_of(h->clear);
    struct talk talk = {h->proxy, h->target, answers, h->sent ? sent : NULL, h->err, h->text, clear};

    play(&talk);
    free(answers);
    free(sent);
    free(clear);
}

START_TEST(connect_is_spoken)
{
    with_hex(&http_well[_i], talk_play);
}
END_TEST

START_TEST(connect_waits_for_the_whole_answer)
{
    static const int cut[] = {0, 4};

    with_hex(&http_well[cut[_i]], talk_cut);
}
END_TEST

START_TEST(connect_takes_no_lie)
{
    with_hex(&http_ill[_i], talk_play);
}
END_TEST

/* A head without an end is given up, in one piece or in many. */
START_TEST(an_answer_without_an_end_is_cut_off)
{
    struct proxy proxy;
    struct buf out, clear;
    struct fault fault = {0};
    struct tunnel_config config = {.proxy = &proxy};
    struct tunnel *t;
    size_t fed = 0;
    int err = 0;
    char piece[1000];

    memset(piece, 'H', sizeof(piece));
    ck_assert_int_eq(proxy_parse(HTTP, &proxy, NULL), 0);
    ck_assert_int_eq(tunnel_new(&config, &t), 0);
    buf_init(&out, 1 << 10);
    buf_init(&clear, 1 << 10);
    ck_assert_int_eq(tunnel_begin(t, &out), 0);
    for (; !err && fed <= LIMIT_PROXY_ANSWER; fed += sizeof(piece))
        err = tunnel_feed(t, piece, sizeof(piece), &out, &clear, &fault);
    ck_assert_int_eq(err, TGC_ELIMIT);
    ck_assert_str_eq(fault.text, "answered with more than 40960 bytes");
    buf_fini(&out);
    buf_fini(&clear);
    tunnel_free(t);
}
END_TEST

/* What comes behind the answer in the same read has the stream's maximum, not the answer's. */
START_TEST(the_stream_behind_the_answer_may_be_long)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n";
    struct proxy proxy;
    struct buf out, clear, in;
    struct tunnel_config config = {.proxy = &proxy};
    struct tunnel *t;

    ck_assert_int_eq(proxy_parse(HTTP, &proxy, NULL), 0);
    ck_assert_int_eq(tunnel_new(&config, &t), 0);
    buf_init(&in, 1 << 20);
    buf_init(&out, 1 << 10);
    buf_init(&clear, 1 << 20);
    buf_put_text(&in, answer);
    buf_put_zero(&in, 100 * 1000);
    ck_assert_int_eq(tunnel_begin(t, &out), 0);
    ck_assert_int_eq(tunnel_feed(t, in.data, in.len, &out, &clear, NULL), 0);
    ck_assert(tunnel_is_open(t));
    ck_assert_uint_eq(clear.len, 100 * 1000);
    buf_fini(&in);
    buf_fini(&out);
    buf_fini(&clear);
    tunnel_free(t);
}
END_TEST

#define N(array) ((int)(sizeof(array) / sizeof((array)[0])))

Suite *suite_tunnel(void)
{
    Suite *suite = suite_create("tunnel");
    TCase *t = tcase_create("tunnel");

    tcase_add_loop_test(t, socks5_is_spoken, 0, N(socks_well));
    tcase_add_loop_test(t, socks5_waits_for_the_whole_answer, 0, 2);
    tcase_add_loop_test(t, socks5_takes_no_lie, 0, N(socks_ill));
    tcase_add_test(t, socks5_sends_the_longest_login);
    tcase_add_loop_test(t, connect_is_spoken, 0, N(http_well));
    tcase_add_loop_test(t, connect_waits_for_the_whole_answer, 0, 2);
    tcase_add_loop_test(t, connect_takes_no_lie, 0, N(http_ill));
    tcase_add_test(t, an_answer_without_an_end_is_cut_off);
    tcase_add_test(t, the_stream_behind_the_answer_may_be_long);
    suite_add_tcase(suite, t);
    return suite;
}
