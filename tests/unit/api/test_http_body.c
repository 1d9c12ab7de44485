#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
    const char *headers, *body;
    int status;
    const char *slug;
} bodies[] = {
    {JSON_BODY, "{\"peer\":\"me\"}", 200, NULL},
    {"Content-Type: application/json; charset=utf-8\r\n", "{\"peer\":\"me\"}", 200, NULL},
    {JSON_BODY, "  {\"peer\":\"me\"}\n", 200, NULL},
    {"", "{\"peer\":\"me\"}", 415, "media-type"},
    {"Content-Type: text/plain\r\n", "{\"peer\":\"me\"}", 415, "media-type"},
    {"Content-Type: application/x-www-form-urlencoded\r\n", "peer=me", 415, "media-type"},
    {JSON_BODY, "{\"peer\":\"me\"", 400, "bad-json"},
    {JSON_BODY, "{\"peer\":\"me\"}x", 400, "bad-json"},
    {JSON_BODY, "{\"peer\":\"me\",\"peer\":\"me\"}", 400, "bad-json"},
    {JSON_BODY, "{\"peer\":\"\xff\"}", 400, "bad-json"},
    {JSON_BODY, "{'peer':'me'}", 400, "bad-json"},
    {JSON_BODY, "{\"pe\\u0000er\":1}", 400, "bad-json"},
    {JSON_BODY, "\xef\xbb\xbf{\"peer\":\"me\"}", 200, NULL},
    {JSON_BODY, "\xef\xbb\xbf\xef\xbb\xbf{\"peer\":\"me\"}", 400, "bad-json"},
    {JSON_BODY, "\xef\xbb\xbf", 400, "bad-json"},
    {JSON_BODY, "[]", 422, "invalid-request"},
    {JSON_BODY, "\"me\"", 422, "invalid-request"},
    {JSON_BODY, "null", 422, "invalid-request"},
    {JSON_BODY, "{\"peer\":18446744073709551615}", 422, "invalid-request"},
    {JSON_BODY, "{\"peer\":\"me\",\"random_id\":9223372036854775808}", 422, "invalid-request"},
    {JSON_BODY, "{\"peer\":-9223372036854775809}", 422, "invalid-request"},
    {JSON_BODY, "{\"peer\":1e999}", 422, "invalid-request"},
    {JSON_BODY, "", 400, "bad-json"},
    {"", "", 400, "bad-json"},
};

START_TEST(a_body_is_judged)
{
    struct response r = ask("POST", "/v1/calls", bodies[_i].headers, bodies[_i].body);

    ck_assert_msg(r.status == bodies[_i].status, "%s: %d %s", bodies[_i].body, r.status, r.body);
    if (bodies[_i].slug)
        ck_assert_str_eq(response_slug(&r), bodies[_i].slug);
    response_fini(&r);
}
END_TEST

START_TEST(an_empty_body_is_called_so)
{
    struct response r = ask("POST", "/v1/calls", JSON_BODY, "");

    ck_assert_int_eq(r.status, 400);
    ck_assert_ptr_nonnull(strstr(unit_json_text(r.json, "detail"), "empty"));
    ck_assert_ptr_nonnull(strstr(unit_json_text(r.json, "detail"), "\"peer\""));
    ck_assert_ptr_null(json_object_get(r.json, "line"));
    response_fini(&r);
}
END_TEST

START_TEST(broken_json_says_where)
{
    struct response r = ask("POST", "/v1/calls", JSON_BODY, "{\"peer\":\n  \"me\",,}");

    ck_assert_int_eq(r.status, 400);
    ck_assert_int_eq(json_integer_value(json_object_get(r.json, "line")), 2);
    ck_assert_int_gt(json_integer_value(json_object_get(r.json, "column")), 0);
    ck_assert_ptr_nonnull(strstr(unit_json_text(r.json, "detail"), "line 2"));
    response_fini(&r);
}
END_TEST

START_TEST(deep_json_does_not_eat_the_stack)
{
    char *deep = calloc(1, FIXTURE_BODY_MAX + 1);

    memset(deep, '[', FIXTURE_BODY_MAX);
    expect("POST", "/v1/methods/x", JSON_BODY, deep, 400, "bad-json");
    free(deep);
}
END_TEST

/* A JSON body of exactly LEN bytes. */
static char *padded(size_t len)
{
    static const char json[] = "{\"peer\":\"me\"}";
    char *text = malloc(len + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, ' ', len);
    memcpy(text, json, sizeof(json) - 1);
    text[len] = '\0';
    return text;
}

static void send_chunked(struct client *c, const char *target, const char *body, size_t piece)
{
    size_t len = strlen(body);

    client_sendf(c,
                 "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                 "Transfer-Encoding: chunked\r\n\r\n",
                 target, fx.admin);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        client_sendf(c, "%zx\r\n%.*s\r\n", n, (int)n, body + at);
    }
    client_sendf(c, "0\r\n\r\n");
}

START_TEST(the_limit_itself_is_allowed_and_one_more_is_not)
{
    char *body = padded(FIXTURE_BODY_MAX);

    expect("POST", "/v1/calls", JSON_BODY, body, 200, NULL);
    free(body);
    body = padded(FIXTURE_BODY_MAX + 1);
    expect("POST", "/v1/calls", JSON_BODY, body, 413, "too-large");
    free(body);
}
END_TEST

START_TEST(an_announced_size_is_refused_before_any_of_it_is_read)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c,
                 "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                 "Content-Length: 99999999999999999999\r\n\r\n",
                 fx.admin);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 413);
    response_fini(&r);
    client_free(c);
    c = client_tcp(fx.port);
    client_sendf(c,
                 "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                 "Content-Length: 5000\r\n\r\n",
                 fx.admin);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 413);
    ck_assert_str_eq(response_slug(&r), "too-large");
    ck_assert_str_eq(response_header(&r, "Connection"), "close");
    ck_assert(client_is_closed(c));
    response_fini(&r);
    client_free(c);
}
END_TEST

/* All of it: a server that reads nothing of what it refuses resets the connection in the midst. */
static bool send_all(struct client *c, size_t len)
{
    static const char piece[65536];

    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(c->fd, piece, len - sent < sizeof(piece) ? len - sent : sizeof(piece), MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        sent += (size_t)n;
    }
    return true;
}

START_TEST(who_sends_it_all_the_same_still_reads_the_answer)
{
    static const size_t sizes[] = {FIXTURE_BODY_MAX + 1, 1 << 20, 32 << 20};

    for (size_t i = 0; i < 3; i++) {
        struct client *c = client_tcp(fx.port);
        struct response r;
        client_sendf(c,
                     "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                     "Content-Length: %zu\r\n\r\n",
                     fx.admin, sizes[i]);
        ck_assert_msg(send_all(c, sizes[i]), "the connection ended within %zu bytes", sizes[i]);
        ck_assert(client_read(c, false, &r));
        ck_assert_int_eq(r.status, 413);
        response_fini(&r);
        ck_assert(client_is_closed(c));
        client_free(c);
    }
}
END_TEST

START_TEST(a_stop_does_not_wait_for_who_is_still_sending)
{
    struct client *clients[70]; /* more than are held at once */
    struct response r;

    for (size_t i = 0; i < 70; i++) {
        clients[i] = client_tcp(fx.port);
        client_sendf(clients[i], "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\nx");
    }
    for (size_t i = 0; i < 70; i++) {
        ck_assert(client_read(clients[i], false, &r));
        ck_assert_int_eq(r.status, 401);
        response_fini(&r);
    }
    int64_t began_us = clock_mono_us(&clock_system);
    fixture_down();
    ck_assert_int_lt(clock_mono_us(&clock_system) - began_us, 4 * SECOND_US);
    for (size_t i = 0; i < 70; i++)
        client_free(clients[i]);
    fixture_up();
}
END_TEST

START_TEST(who_has_no_token_is_told_so_and_not_the_limit)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 401);
    response_fini(&r);
    client_free(c);
}
END_TEST

START_TEST(expect_100_is_answered_by_what_is_already_known)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c,
                 "POST /nothing HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n"
                 "Content-Length: 10\r\n\r\n",
                 fx.admin);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 404);
    response_fini(&r);
    client_free(c);
    c = client_tcp(fx.port);
    client_sendf(
        c,
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n" JSON_BODY
        "Content-Length: 13\r\n\r\n",
        fx.admin);
    client_sendf(c, "{\"peer\":\"me\"}");
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(c);
}
END_TEST

static const char *const framings[] = {
    "Content-Length: 13\r\nContent-Length: 13\r\n\r\n{\"peer\":\"me\"}",
    "Content-Length: 13\r\nContent-Length: 3\r\n\r\n{\"peer\":\"me\"}",
    "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"peer\":\"me\"}\r\n0\r\n\r\n",
    "Transfer-Encoding: gzip\r\n\r\n{\"peer\":\"me\"}",
    "Transfer-Encoding: gzip, chunked\r\n\r\nd\r\n{\"peer\":\"me\"}\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"peer\":\"me\"}\r\n0\r\n\r\n",
};

START_TEST(a_length_that_can_be_read_in_two_ways_is_400_and_the_end)
{
    struct client *c = client_tcp(fx.port);
    struct response r;

    client_sendf(c, "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY "%s",
                 fx.admin, framings[_i]);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(response_slug(&r), "bad-json");
    ck_assert_ptr_nonnull(response_header(&r, "X-Request-Id"));
    response_fini(&r);
    ck_assert(client_is_closed(c));
    client_free(c);
}
END_TEST

START_TEST(chunks_of_any_size_make_one_body)
{
    static const size_t pieces[] = {1, 3, 1000};
    char *body = padded(300);

    for (size_t i = 0; i < 3; i++) {
        struct client *c = client_tcp(fx.port);
        struct response r;
        for (int again = 0; again < 2; again++) {
            send_chunked(c, "/v1/calls", body, pieces[i]);
            ck_assert(client_read(c, false, &r));
            ck_assert_int_eq(r.status, 200);
            response_fini(&r);
        }
        client_free(c);
    }
    free(body);
}
END_TEST

START_TEST(chunks_past_the_limit_are_read_and_refused_and_the_connection_lives)
{
    struct client *c = client_tcp(fx.port);
    struct response r;
    char *body = padded(2 * FIXTURE_BODY_MAX);

    send_chunked(c, "/v1/calls", body, 1000);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 413);
    response_fini(&r);
    send_request(c, fx.admin, "GET", "/healthz", NULL, NULL);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 200);
    response_fini(&r);
    client_free(c);
    free(body);
}
END_TEST

START_TEST(chunks_past_twice_the_limit_are_refused_and_close_the_connection)
{
    struct client *c = client_tcp(fx.port);
    struct response r;
    char *body = padded(2 * FIXTURE_BODY_MAX + 1);

    send_chunked(c, "/v1/calls", body, 1000);
    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, 413);
    ck_assert_ptr_nonnull(response_header(&r, "X-Request-Id"));
    response_fini(&r);
    ck_assert(client_is_closed(c));
    client_free(c);
    free(body);
}
END_TEST

START_TEST(a_body_nobody_asked_for_is_ignored)
{
    expect("DELETE", "/v1/calls/1", "", "whatever", 200, NULL);
    expect("GET", "/v1/calls", "", "whatever", 200, NULL);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *suite_http_body(void)
{
    Suite *s = suite_create("http_body");
    TCase *t = tcase_create("http_body");

    tcase_add_checked_fixture(t, fixture_up, fixture_down);
    tcase_add_loop_test(t, a_body_is_judged, 0, COUNT(bodies));
    tcase_add_test(t, an_empty_body_is_called_so);
    tcase_add_test(t, broken_json_says_where);
    tcase_add_test(t, deep_json_does_not_eat_the_stack);
    tcase_add_test(t, the_limit_itself_is_allowed_and_one_more_is_not);
    tcase_add_test(t, an_announced_size_is_refused_before_any_of_it_is_read);
    tcase_add_test(t, who_sends_it_all_the_same_still_reads_the_answer);
    tcase_add_test(t, a_stop_does_not_wait_for_who_is_still_sending);
    tcase_add_test(t, who_has_no_token_is_told_so_and_not_the_limit);
    tcase_add_test(t, expect_100_is_answered_by_what_is_already_known);
    tcase_add_loop_test(t, a_length_that_can_be_read_in_two_ways_is_400_and_the_end, 0, COUNT(framings));
    tcase_add_test(t, chunks_of_any_size_make_one_body);
    tcase_add_test(t, chunks_past_the_limit_are_read_and_refused_and_the_connection_lives);
    tcase_add_test(t, chunks_past_twice_the_limit_are_refused_and_close_the_connection);
    tcase_add_test(t, a_body_nobody_asked_for_is_ignored);
    suite_add_tcase(s, t);
    return s;
}
