/* Who holds a connection and asks for nothing, or takes for ever to ask. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 8, PACE_MS = 20, BIG = 16 << 20 };

static char big[BIG + 1];

/* Soon for who shows no token, long for who does. */
static void soon(struct api_config *config)
{
    config->head_timeout_us = SECOND_US;
}

static void both_soon(struct api_config *config)
{
    config->head_timeout_us = config->idle_timeout_us = SECOND_US;
}

static void narrow(struct api_config *config)
{
    config->connections_max = ROOM;
}

static void with_a_big_answer(struct api_config *config)
{
    both_soon(config);
    memset(big, 'x', BIG);
    config->openapi = big;
}

/* Sends TEXT again and again, a byte at a time, until there is an answer or the end. */
static void trickle(struct client *c, const char *text)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};

    for (size_t i = 0; poll(&fd, 1, PACE_MS) == 0; i = text[i + 1] ? i + 1 : 0)
        client_send(c, &text[i], 1);
}

static void expect_status(struct client *c, int status, const char *slug)
{
    struct response r;

    ck_assert(client_read(c, false, &r));
    ck_assert_int_eq(r.status, status);
    ck_assert_str_eq(response_slug(&r), slug);
    response_fini(&r);
}

static struct client *trusted(void)
{
    struct client *c = client_tcp(fx.port);

    send_request(c, fx.admin, "GET", "/v1/calls", NULL, NULL);
    expect_status(c, 200, "");
    return c;
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
START_TEST(a_body_without_a_token_that_trickles_in_is_closed)
{
    fixture_up_with(FIXTURE_SLOTS, soon);
    struct client *c = client_tcp(fx.port), *known = client_tcp(fx.port);
    const char *head = "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\n" JSON_BODY "Content-Length: 4000\r\n";

    client_sendf(known, "%sAuthorization: Bearer %s\r\n\r\n{", head, fx.admin);
    client_sendf(c, "%s\r\n", head);
    trickle(c, " ");
    ck_assert(client_is_closed(c));
    client_sendf(known, "%3998s}", "");
    expect_status(known, 422, "invalid-request");
    client_free(c);
    client_free(known);
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

START_TEST(where_there_is_no_room_who_shows_no_token_makes_it)
{
    struct client *silent[4 * ROOM], *known;

    fixture_up_with(FIXTURE_SLOTS, narrow);
    known = trusted();
    for (size_t i = 0; i < 4 * ROOM; i++) {
        silent[i] = client_tcp(fx.port);
        struct client *newcomer = trusted();
        client_free(newcomer);
    }
    /* The first ones went, the last is there, and who is known too. */
    ck_assert(client_is_closed(silent[0]));
    send_request(silent[4 * ROOM - 1], NULL, "GET", "/healthz", NULL, NULL);
    expect_status(silent[4 * ROOM - 1], 200, "");
    send_request(known, fx.admin, "GET", "/v1/calls", NULL, NULL);
    expect_status(known, 200, "");
    for (size_t i = 0; i < 4 * ROOM; i++)
        client_free(silent[i]);
    client_free(known);
    fixture_down();
}
END_TEST

START_TEST(where_all_show_a_token_an_idle_one_makes_room)
{
    struct client *idle[4 * ROOM];

    fixture_up_with(FIXTURE_SLOTS, narrow);
    for (size_t i = 0; i < 4 * ROOM; i++)
        idle[i] = trusted();
    ck_assert(client_is_closed(idle[0]));
    send_request(idle[4 * ROOM - 1], fx.admin, "GET", "/v1/calls", NULL, NULL);
    expect_status(idle[4 * ROOM - 1], 200, "");
    for (size_t i = 0; i < 4 * ROOM; i++)
        client_free(idle[i]);
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
    tcase_add_test(t, a_body_without_a_token_that_trickles_in_is_closed);
    tcase_add_test(t, what_a_worker_takes_its_time_for_is_waited_for);
    tcase_add_test(t, an_answer_without_a_token_that_nobody_reads_is_given_up);
    tcase_add_test(t, a_stop_that_waits_for_somebody_who_does_not_read_does_not_spin);
    tcase_add_test(t, where_there_is_no_room_who_shows_no_token_makes_it);
    tcase_add_test(t, where_all_show_a_token_an_idle_one_makes_room);
    suite_add_tcase(s, t);
    return s;
}
