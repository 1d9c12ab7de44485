/* Who holds a connection and asks for nothing, or takes for ever to ask. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PACE_MS = 20, BIG = 16 << 20 };

/* Not in the program's data: the memory sanitizer looks through that for each test. */
static char *big;

/* Soon for who shows no token, long for who does. */
static void soon(struct api_config *config)
{
    config->head_timeout_us = SECOND_US;
}

static void both_soon(struct api_config *config)
{
    config->head_timeout_us = config->idle_timeout_us = SECOND_US;
}

static void with_a_big_answer(struct api_config *config)
{
    both_soon(config);
    big = malloc(BIG + 1);
    ck_assert_ptr_nonnull(big);
    memset(big, 'x', BIG);
    big[BIG] = '\0';
    config->openapi = big;
}

/* Sends TEXT again and again, a byte at a time, until there is an answer or the end. */
static void trickle(struct client *c, const char *text)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};

    for (size_t i = 0; poll(&fd, 1, PACE_MS) == 0; i = text[i + 1] ? i + 1 : 0)
        client_send(c, &text[i], 1);
}

/* Whether a good token was shown before makes no difference to a head. */
START_TEST(a_head_that_trickles_in_is_given_up_by_408)
{
    fixture_up_with(FIXTURE_SLOTS, soon);
    struct client *c = _i ? trusted() : client_tcp(fx.port);

    client_sendf(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    trickle(c, "slow");
    expect_status(c, 408, "too-slow");
    ck_assert(client_is_closed(c));
    client_free(c);
    fixture_down();
}
END_TEST

START_TEST(an_idle_connection_is_closed_soon_only_where_no_good_token_was_shown)
{
    fixture_up_with(FIXTURE_SLOTS, soon);
    struct client *known = trusted(), *silent = client_tcp(fx.port), *unknown = client_tcp(fx.port);

    send_request(unknown, NULL, "GET", "/healthz", NULL, NULL);
    expect_status(unknown, 200, "");
    ck_assert(client_is_closed(silent));
    ck_assert(client_is_closed(unknown));
    send_request(known, NULL, "GET", "/healthz", NULL, NULL);
    expect_status(known, 200, "");
    client_free(known);
    client_free(silent);
    client_free(unknown);
    fixture_down();
}
END_TEST

START_TEST(an_idle_connection_with_a_token_has_its_end_too)
{
    fixture_up_with(FIXTURE_SLOTS, both_soon);
    struct client *c = trusted();

    ck_assert(client_is_closed(c));
    client_free(c);
    fixture_down();
}
END_TEST

/* With a token it may take its time. */
START_TEST(a_body_without_a_token_that_trickles_in_is_given_up_by_408)
{
    fixture_up_with(FIXTURE_SLOTS, soon);
    struct client *c = client_tcp(fx.port), *known = client_tcp(fx.port);
    const char *head = "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\n" JSON_BODY "Content-Length: 4000\r\n";

    client_sendf(known, "%sAuthorization: Bearer %s\r\n\r\n{", head, fx.admin);
    client_sendf(c, "%s\r\n", head);
    trickle(c, " ");
    expect_status(c, 408, "too-slow");
    ck_assert(client_is_closed(c));
    client_sendf(known, "%3998s}", "");
    expect_status(known, 422, "invalid-request");
    client_free(c);
    client_free(known);
    fixture_down();
}
END_TEST

/* A request up to somewhere in its body. */
static const char *const parts[] = {
    "Content-Length: 4000\r\n\r\n",
    "Content-Length: 4000\r\n\r\n{\"peer\"",
    "Transfer-Encoding: chunked\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n4",
    "Transfer-Encoding: chunked\r\n\r\n1800\r\n{\"pe",
    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r",
    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n",
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* One of these with a token, or without. */
static struct client *send_part(int i)
{
    struct client *c = client_tcp(fx.port);

    client_sendf(c, "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\n" JSON_BODY);
    if (i >= PARTS)
        client_sendf(c, "Authorization: Bearer %s\r\n", fx.admin);
    client_sendf(c, "%s", parts[i % PARTS]);
    return c;
}

static void soon_in_all(struct api_config *config)
{
    config->body_timeout_us = SECOND_US;
}

START_TEST(a_body_with_a_token_that_trickles_in_has_its_end_too)
{
    fixture_up_with(FIXTURE_SLOTS, soon_in_all);
    struct client *c = trusted();

    client_sendf(c,
                 "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n" JSON_BODY
                 "Transfer-Encoding: chunked\r\n\r\n",
                 fx.admin);
    trickle(c, "1\r\n \r\n");
    expect_status(c, 408, "too-slow");
    ck_assert(client_is_closed(c));
    client_free(c);
    fixture_down();
}
END_TEST

START_TEST(a_body_that_stalls_is_given_up_by_408)
{
    fixture_up_with(FIXTURE_SLOTS, both_soon);
    struct client *c = send_part(_i);

    expect_status(c, 408, "too-slow");
    ck_assert(client_is_closed(c));
    client_free(c);
    fixture_down();
}
END_TEST

/* In its head too. */
START_TEST(a_request_that_the_client_ends_in_its_middle_is_answered_by_400)
{
    fixture_up();
    struct client *c = send_part(_i), *head = client_tcp(fx.port);

    ck_assert_int_eq(shutdown(c->fd, SHUT_WR), 0);
    expect_status(c, 400, "bad-json");
    ck_assert(client_is_closed(c));
    client_sendf(head, "GET /healthz HTTP/1.1\r\nHo");
    ck_assert_int_eq(shutdown(head->fd, SHUT_WR), 0);
    expect_status(head, 400, "bad-json");
    ck_assert(client_is_closed(head));
    client_free(c);
    client_free(head);
    fixture_down();
}
END_TEST

START_TEST(what_was_asked_before_the_clients_end_is_answered)
{
    fixture_up();
    struct client *c = client_tcp(fx.port);

    send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
    ck_assert_int_eq(shutdown(c->fd, SHUT_WR), 0);
    expect_status(c, 200, "");
    ck_assert(client_is_closed(c));
    client_free(c);
    fixture_down();
}
END_TEST

START_TEST(what_a_worker_takes_its_time_for_is_waited_for)
{
    fixture_up_with(FIXTURE_SLOTS, both_soon);
    struct client *c = client_tcp(fx.port), *silent;

    fake_worker_hold(fx.worker, true);
    send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
    for (int i = 0; i < 3; i++) {
        silent = client_tcp(fx.port);
        ck_assert(client_is_closed(silent));
        client_free(silent);
    }
    fake_worker_hold(fx.worker, false);
    expect_status(c, 200, "");
    client_free(c);
    fixture_down();
}
END_TEST

/* The other connection's time began later, so that both are over when that is closed. */
START_TEST(an_answer_without_a_token_that_nobody_reads_is_given_up)
{
    struct client *c, *later;
    size_t got = 0;
    ssize_t n;

    fixture_up_with(FIXTURE_SLOTS, with_a_big_answer);
    c = client_tcp(fx.port);
    send_request(c, NULL, "GET", "/openapi.json", NULL, NULL);
    ck_assert_int_gt(recv(c->fd, c->data, 1, 0), 0);
    later = client_tcp(fx.port);
    ck_assert(client_is_closed(later));
    while ((n = recv(c->fd, c->data, sizeof(c->data), 0)) > 0)
        got += (size_t)n;
    ck_assert_uint_lt(got, BIG);
    client_free(c);
    client_free(later);
    fixture_down();
}
END_TEST

/* The host looks once a millisecond, and waits between. */
START_TEST(a_stop_that_waits_for_somebody_who_does_not_read_does_not_spin)
{
    unsigned turns[FIXTURE_LOOPS];

    fixture_up_with(FIXTURE_SLOTS, with_a_big_answer);
    struct client *c = client_tcp(fx.port);
    send_request(c, fx.admin, "GET", "/openapi.json", NULL, NULL);
    ck_assert_int_gt(recv(c->fd, c->data, 1, 0), 0);
    int64_t begun_us = clock_mono_us(&clock_system);
    api_quiesce(fx.api);
    for (size_t i = 0; i < FIXTURE_LOOPS; i++) {
        turns[i] = fake_host_turns(fx.hosts[i]);
        fake_host_end(fx.hosts[i]);
    }
    while (clock_mono_us(&clock_system) - begun_us < SECOND_US / 2)
        usleep(10000);
    for (size_t i = 0; i < FIXTURE_LOOPS; i++) {
        unsigned now = fake_host_turns(fx.hosts[i]) - turns[i];
        int64_t ms = (clock_mono_us(&clock_system) - begun_us) / 1000;
        ck_assert_msg(now < 2 * ms + 50, "%u turns in %d ms", now, (int)ms);
    }
    client_free(c);
    fixture_down();
}
END_TEST

Suite *suite_http_slow(void)
{
    Suite *s = suite_create("http_slow");
    TCase *t = tcase_create("http_slow");

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_head_that_trickles_in_is_given_up_by_408, 0, 2);
    tcase_add_test(t, an_idle_connection_is_closed_soon_only_where_no_good_token_was_shown);
    tcase_add_test(t, an_idle_connection_with_a_token_has_its_end_too);
    tcase_add_test(t, a_body_without_a_token_that_trickles_in_is_given_up_by_408);
    tcase_add_test(t, a_body_with_a_token_that_trickles_in_has_its_end_too);
    tcase_add_loop_test(t, a_body_that_stalls_is_given_up_by_408, 0, 2 * PARTS);
    tcase_add_loop_test(t, a_request_that_the_client_ends_in_its_middle_is_answered_by_400, 0, 2 * PARTS);
    tcase_add_test(t, what_was_asked_before_the_clients_end_is_answered);
    tcase_add_test(t, what_a_worker_takes_its_time_for_is_waited_for);
    tcase_add_test(t, an_answer_without_a_token_that_nobody_reads_is_given_up);
    tcase_add_test(t, a_stop_that_waits_for_somebody_who_does_not_read_does_not_spin);
    suite_add_tcase(s, t);
    return s;
}
