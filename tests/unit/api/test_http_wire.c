/* What two readers of one connection could take for two things (RFC 9112): sent byte by byte over a raw socket, and the
 * answers counted on the wire. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* "$" stands for the token. */
#define GET "GET /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $\r\n"
#define POST                                                                                                           \
    "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $\r\nContent-Type: application/json\r\n"
/* 13 bytes, and the same in chunks. */
#define BODY "{\"peer\":\"me\"}"
#define CHUNKS "Transfer-Encoding: chunked\r\n\r\n"
#define A_CHUNK "d\r\n" BODY "\r\n"
#define HEALTH "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"

struct wire {
    const char *text;
    size_t len;
    const char *statuses; /* "200 200": the connection lives on afterwards; "200 400!": it ends with the last one */
    size_t jobs;          /* that reached the worker */
};
#define CASE(text, statuses, jobs)                                                                                     \
    {                                                                                                                  \
        text, sizeof(text) - 1, statuses, jobs                                                                         \
    }

static const struct wire cases[] = {
    CASE(GET "\r\n", "200", 1),
    CASE(GET "\r\n" GET "\r\n", "200 200", 2),
    CASE("\r\n\r\n" GET "\r\n", "200", 1),
    CASE("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET "\r\n", "200", 1),
    CASE("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET "\r\n", "400!", 0),
    CASE(GET "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n" GET "\r\n", "200 400!", 1),
    CASE(POST "Content-Length: 13\r\n\r\n" BODY, "200", 1),
    CASE(POST "Content-Length: 0000000000000000000000013\r\n\r\n" BODY, "200", 1),
    CASE(POST CHUNKS A_CHUNK "0\r\n\r\n", "200", 1),

    /* White space before a colon, names that are no tokens, lines that are no fields. */
    CASE(POST "Content-Length : 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length\t: 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Transfer-Encoding : chunked\r\n\r\n" A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE(POST "X-Anything : x\r\nContent-Length: 13\r\n\r\n" BODY, "400!", 0),
    CASE(GET "X Y: z\r\n\r\n", "400!", 0),
    CASE(GET "(x): z\r\n\r\n", "400!", 0),
    CASE(GET "X\xc3\xa9: z\r\n\r\n", "400!", 0),
    CASE(GET ": z\r\n\r\n", "400!", 0),
    CASE(GET "no colon\r\n\r\n", "400!", 0),
    CASE(GET "X:\r\n\r\n", "200", 1),
    CASE(GET "!#$%&'*+-.^_`|~09aZ: z\r\n\r\n", "200", 1),

    /* Folds. */
    CASE(POST "Content-Length:\r\n 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 1\r\n 3\r\n\r\n" BODY, "400!", 0),
    CASE(POST "X: a\r\n\tb\r\nContent-Length: 13\r\n\r\n" BODY, "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\n Host: localhost\r\n\r\n", "400!", 0),

    /* Ends of lines and other controls. */
    CASE("GET /healthz HTTP/1.1\nHost: localhost\n\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\nHost: localhost\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n", "400!", 0),
    CASE("\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: a\rb\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: a\r\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: a\0b\r\n\r\n", "400!", 0),
    CASE(HEALTH "X\0Y: b\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: \x01\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: \x7f\r\n\r\n", "400!", 0),
    CASE(HEALTH "X: a\tb \xc3\xa9\r\n\r\n", "200", 0),
    CASE(HEALTH "\0Content-Length: 5\r\n\r\n", "400!", 0),
    CASE("\0" HEALTH "\r\n", "400!", 0),
    CASE("GET /healthz\0junk HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\nHost: localhost\0.evil.example\r\n\r\n", "400!", 0),
    CASE("GET /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $\0junk\r\n\r\n", "400!", 0),
    CASE(POST "Content-Length: 13\0\r\n\r\n" BODY, "400!", 0),

    /* The request's line. */
    CASE("GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz  HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1 \r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE(" GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /heal thz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET\t/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("G(T /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz http/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.10\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n", "200", 0),
    CASE("GET /healthz HTTP/0.9\r\nHost: localhost\r\n\r\n", "505!", 0),
    CASE("GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n", "505!", 0),
    CASE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505!", 0),

    /* Lengths. */
    CASE(POST "Content-Length: 13 \t\r\n\r\n" BODY, "200", 1),
    CASE(POST "Content-Length:13\r\n\r\n" BODY, "200", 1),
    CASE(POST "Content-Length: 13, 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: +13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: -1\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 0xd\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 1 3\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length:\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 18446744073709551629\r\n\r\n" BODY, "413!", 0),
    CASE(POST "Content-Length: 13\r\nContent-Length: 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 13\r\nContent-Length: 3\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Content-Length: 3\r\n" CHUNKS A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE(GET "Content-Length: x\r\n\r\n", "400!", 0),

    /* Codings. */
    CASE(POST "Transfer-Encoding: chunked \t\r\n\r\n" A_CHUNK "0\r\n\r\n", "200", 1),
    CASE(POST "Transfer-Encoding: Chunked\r\n\r\n" A_CHUNK "0\r\n\r\n", "200", 1),
    CASE(POST "Transfer-Encoding: gzip\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Transfer-Encoding: gzip, chunked\r\n\r\n" A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE(POST "Transfer-Encoding: chunked, chunked\r\n\r\n" A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE(POST "Transfer-Encoding: \"chunked\"\r\n\r\n" A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE(POST "Transfer-Encoding:\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Transfer-Encoding: identity\r\nContent-Length: 13\r\n\r\n" BODY, "400!", 0),
    CASE(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" A_CHUNK "0\r\n\r\n", "400!", 0),
    CASE("POST /v1/calls HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer $\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n" A_CHUNK "0\r\n\r\n",
         "400!", 0),

    /* Chunks. */
    CASE(POST CHUNKS "5\r\n{\"pee\r\n008\r\nr\":\"me\"}\r\n000\r\n\r\n", "200", 1),
    CASE(POST CHUNKS "D;a=b;c=\"d\"\r\n" BODY "\r\n0;e\r\n\r\n", "200", 1),
    CASE(POST CHUNKS "d \t;a\r\n" BODY "\r\n0\r\n\r\n", "200", 1),
    CASE(POST CHUNKS A_CHUNK "0\r\nX: y\r\nZ:\r\n\r\n" GET "\r\n", "200 200", 2),
    CASE(POST CHUNKS "d\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d\r\n" BODY "\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS A_CHUNK "0\n\r\n", "400!", 0),
    CASE(POST CHUNKS A_CHUNK "0\r\n\n", "400!", 0),
    CASE(POST CHUNKS "d;a=\nb\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d;a=\rb\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d;a=\0b\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d\r\n" BODY "xx0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d\r\n" BODY BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "0xd\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "+d\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS " d\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "d \r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "dg\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "-1\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS ";a\r\n" BODY "\r\n0\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS "1000000000000000d\r\n" BODY "\r\n0\r\n\r\n", "413!", 0),
    CASE(POST CHUNKS A_CHUNK "0\r\nX : y\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS A_CHUNK "0\r\nX: y\r\n z\r\n\r\n", "400!", 0),
    CASE(POST CHUNKS A_CHUNK "0\r\nX: \0\r\n\r\n", "400!", 0),

    /* One value each. */
    CASE("GET /healthz HTTP/1.1\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "403", 0),
    CASE(HEALTH "Host: localhost\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\nHost: local host\r\n\r\n", "400!", 0),
    CASE("GET /healthz HTTP/1.1\r\nHost: localhost, localhost\r\n\r\n", "400!", 0),
    CASE("GET /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $\r\nAuthorization: Bearer x\r\n\r\n",
         "400!", 0),
    CASE(HEALTH "Origin: https://dash.example\r\nOrigin: https://evil.example\r\n\r\n", "400!", 0),
    CASE(POST "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n" BODY, "400!", 0),

    /* Expect. */
    CASE(GET "Expect: 100-continue\r\n\r\n" GET "\r\n", "200 200", 2),
    CASE(POST "Expect: 100-Continue\r\nContent-Length: 13\r\n\r\n" BODY, "100 200", 1),
    CASE(POST "Expect: miracles\r\nContent-Length: 13\r\n\r\n" BODY, "417!", 0),
    CASE(GET "Expect: miracles\r\n\r\n", "417!", 0),
    CASE(GET "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", "400!", 0),

    /* A body that runs as a request where the length is passed over. */
    CASE(POST "Content-Length : 62\r\n\r\nDELETE /v1/calls/1 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400!", 0),
    CASE(GET "\r\n" POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" GET "\r\n", "200 400!", 1),
};

static char *with_token(const struct wire *w, const char *last, size_t *ret_len)
{
    char *text = malloc(w->len + strlen(last) + 8 * sizeof(fx.admin)), *out = text;

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < w->len; i++) {
        /* "#$" is a name of a header's own. */
        if (w->text[i] == '$' && w->text[i - 1] == ' ')
            out = stpcpy(out, fx.admin);
        else
            *out++ = w->text[i];
    }
    out = stpcpy(out, last);
    *ret_len = (size_t)(out - text);
    return text;
}

/* All that comes until the end, as statuses; each body as long as its head says. */
static void read_all(struct client *c, char *statuses, size_t size, const char *last)
{
    size_t len = 0, at = 0, n = 0, bodies_end = 0;
    ssize_t got;

    while ((got = recv(c->fd, c->data + len, sizeof(c->data) - 1 - len, 0)) > 0)
        len += (size_t)got;
    ck_assert_msg(got == 0, "the connection was reset or not closed after %zu bytes", len);
    c->data[len] = '\0';
    statuses[0] = '\0';
    while (at < len) {
        int status, head = 0;
        ck_assert_msg(sscanf(c->data + at, "HTTP/1.1 %d ", &status) == 1, "no answer at byte %zu: %s", at, c->data);
        const char *end = strstr(c->data + at, "\r\n\r\n");
        ck_assert_ptr_nonnull(end);
        head = (int)(end + 4 - (c->data + at));
        const char *length = strcasestr(c->data + at, "\r\nContent-Length: ");
        bodies_end = at + (size_t)head + (length && length < end ? (size_t)atol(length + 18) : 0);
        const char *id = strcasestr(c->data + at, "\r\nX-Request-Id: last\r\n");
        if (id && id < end) {
            ck_assert_uint_eq(bodies_end, len);
            return;
        }
        const char *type = strcasestr(c->data + at, "\r\nContent-Type: application/problem+json\r\n");
        ck_assert_msg(status < 400 || (type && type < end), "no problem: %s", c->data + at);
        n += (size_t)snprintf(statuses + n, size - n, "%s%d", n ? " " : "", status);
        at = bodies_end;
    }
    ck_assert_uint_eq(at, len);
    snprintf(statuses + n, size - n, "!");
}

static void run_case(const struct wire *w, size_t piece)
{
    static const char last[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: last\r\nConnection: close\r\n\r\n";
    struct client *c = client_tcp(fx.port);
    size_t len, before = fake_worker_answered(fx.worker);
    char *text = with_token(w, last, &len), statuses[64];

    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    for (size_t at = 0; at < len; at += piece)
        client_send(c, text + at, len - at < piece ? len - at : piece);
    read_all(c, statuses, sizeof(statuses), last);
    ck_assert_msg(strcmp(statuses, w->statuses) == 0, "\"%s\" instead of \"%s\" in pieces of %zu for:\n%s", statuses,
                  w->statuses, piece, text);
    ck_assert_msg(fake_worker_answered(fx.worker) - before == w->jobs, "%zu jobs instead of %zu for:\n%s",
                  fake_worker_answered(fx.worker) - before, w->jobs, text);
    free(text);
    client_free(c);
}

START_TEST(each_request_has_one_answer_or_the_connection_ends)
{
    static const size_t pieces[] = {100000, 7, 1};

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        run_case(&cases[_i], pieces[i]);
}
END_TEST

/* HEAD with N bytes of FILL in its middle. */
static void run_long(const char *before, char fill, size_t n, const char *after, const char *statuses, size_t jobs)
{
    char *text = malloc(strlen(before) + n + strlen(after) + 1);

    ck_assert_ptr_nonnull(text);
    char *p = stpcpy(text, before);
    memset(p, fill, n);
    strcpy(p + n, after);
    struct wire w = {text, strlen(text), statuses, jobs};
    run_case(&w, 100000);
    run_case(&w, 1000);
    free(text);
}

START_TEST(what_is_too_long_is_said_once)
{
    run_long("GET /healthz?", 'x', 20000, " HTTP/1.1\r\nHost: localhost\r\n\r\n", "414!", 0);
    run_long(HEALTH "X: ", 'x', 20000, "\r\n\r\n", "431!", 0);
    run_long(HEALTH "Cookie: a=", 'x', 20000, "\r\n\r\n", "431!", 0);
    run_long(HEALTH "Cookie: a=", ';', 12000, "\r\n\r\n", "200", 0);
    run_long(POST CHUNKS "d;a=", 'x', 20000, "\r\n" BODY "\r\n0\r\n\r\n", "400!", 0);
    run_long(POST CHUNKS, '0', 20000, "d\r\n" BODY "\r\n0\r\n\r\n", "400!", 0);
    run_long(POST CHUNKS A_CHUNK "0\r\nX: ", 'x', 20000, "\r\n\r\n", "431!", 0);
}
END_TEST

START_TEST(a_client_that_speaks_tls_is_told_at_once)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_send(c, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 400);
    response_fini(&r);
    client_free(c);
}
END_TEST

START_TEST(a_refused_head_has_no_body_in_its_answer)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "HEAD /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n");
    ck_assert(client_read(c, true, &r));
    ck_assert_int_eq(r.status, 400);
    response_fini(&r);
    ck_assert(client_is_closed(c));
    client_free(c);
}
END_TEST

Suite *suite_http_wire(void)
{
    Suite *s = suite_create("http_wire");
    TCase *t = tcase_create("http_wire");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_loop_test(t, each_request_has_one_answer_or_the_connection_ends, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(t, what_is_too_long_is_said_once);
    tcase_add_test(t, a_client_that_speaks_tls_is_told_at_once);
    tcase_add_test(t, a_refused_head_has_no_body_in_its_answer);
    suite_add_tcase(s, t);
    return s;
}
