/* Room for who comes, where connections or descriptors are all in use. */
#include "tests/unit/api/fixture.h"
#include "tests/unit/api/suites.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ROOM = 8, CROWD = 6 * ROOM };

static void narrow(struct api_config *config)
{
    config->connections_max = ROOM;
}

/* One connection for each loop. */
static void narrowest(struct api_config *config)
{
    config->connections_max = FIXTURE_LOOPS;
}

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

/* All that are there wait for a worker when the next one comes: nobody could have been closed for him. */
START_TEST(who_came_while_all_were_busy_has_his_turn_when_they_are_idle)
{
    struct client *crowd[CROWD];

    fixture_up_with(FIXTURE_SLOTS, _i ? narrowest : narrow);
    fake_worker_hold(fx.worker, true);
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = client_tcp(fx.port);
        send_request(crowd[i], fx.admin, "GET", "/v1/calls", NULL, NULL);
    }
    /* With so many, the kernel gives each loop more than it has room for. */
    fake_worker_await(fx.worker, _i ? FIXTURE_LOOPS : ROOM);
    fake_worker_hold(fx.worker, false);
    for (size_t i = 0; i < CROWD; i++)
        expect_status(crowd[i], 200, "");
    for (size_t i = 0; i < CROWD; i++)
        client_free(crowd[i]);
    fixture_down();
}
END_TEST

/* Those that are open stay so, and one more can be: the client's own. What was allowed before comes back. */
static struct rlimit allow_one_descriptor_more(void)
{
    struct rlimit before, now;
    int next = fcntl(0, F_DUPFD_CLOEXEC, 0);

    ck_assert_int_ge(next, 0);
    close(next);
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    now.rlim_cur = (rlim_t)next + 1;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
    return before;
}

/* Whichever loop it came to: another one may have all the connections. */
START_TEST(where_no_descriptor_is_left_an_idle_connection_makes_room)
{
    struct client *idle, *newcomer;

    fixture_up();
    idle = trusted();
    struct rlimit before = allow_one_descriptor_more();
    newcomer = client_tcp(fx.port);
    send_request(newcomer, fx.admin, "GET", "/v1/calls", NULL, NULL);
    expect_status(newcomer, 200, "");
    ck_assert(client_is_closed(idle));
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    client_free(idle);
    client_free(newcomer);
    fixture_down();
}
END_TEST

static unsigned turns(void)
{
    unsigned n = 0;

    for (size_t i = 0; i < FIXTURE_LOOPS; i++)
        n += fake_host_turns(fx.hosts[i]);
    return n;
}

/* With nobody to be closed for it: busy ones on every loop (_i 0), or none at all. */
START_TEST(where_descriptors_are_to_be_had_again_who_waits_is_accepted)
{
    enum { BUSY = 16, LOOK_MS = 300 };
    struct client *busy[BUSY], *newcomer;
    size_t n = _i ? 0 : BUSY;

    fixture_up();
    fake_worker_hold(fx.worker, true);
    for (size_t i = 0; i < n; i++) {
        busy[i] = client_tcp(fx.port);
        send_request(busy[i], fx.admin, "GET", "/v1/calls", NULL, NULL);
    }
    fake_worker_await(fx.worker, n);
    struct rlimit before = allow_one_descriptor_more();
    newcomer = client_tcp(fx.port);
    send_request(newcomer, NULL, "GET", "/healthz", NULL, NULL);
    unsigned turns_before = turns();
    int64_t begun_us = clock_mono_us(&clock_system);
    while (clock_mono_us(&clock_system) - begun_us < LOOK_MS * 1000)
        usleep(10000);
    /* It looks again and again, and does not spin. */
    ck_assert_uint_lt(turns() - turns_before, LOOK_MS / 4);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_status(newcomer, 200, "");
    client_free(newcomer);
    fake_worker_hold(fx.worker, false);
    for (size_t i = 0; i < n; i++) {
        expect_status(busy[i], 200, "");
        client_free(busy[i]);
    }
    fixture_down();
}
END_TEST

Suite *suite_http_room(void)
{
    Suite *s = suite_create("http_room");
    TCase *t = tcase_create("http_room");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, where_there_is_no_room_who_shows_no_token_makes_it);
    tcase_add_test(t, where_all_show_a_token_an_idle_one_makes_room);
    tcase_add_loop_test(t, who_came_while_all_were_busy_has_his_turn_when_they_are_idle, 0, 2);
    tcase_add_test(t, where_no_descriptor_is_left_an_idle_connection_makes_room);
    tcase_add_loop_test(t, where_descriptors_are_to_be_had_again_who_waits_is_accepted, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
