/* Which of several addresses is dialled, when, and what is said where none answers. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/limits.h"
#include "daemon/net/dial.h"
#include "daemon/net/stream.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

enum { ADDRESSES_MAX = 4, FILL = 2 };

static struct net_loop *loop;
static struct net_dial *dial;
static struct net_address list[ADDRESSES_MAX];
static size_t n;
static struct server s;
static unsigned connected, failed;
static char why[160];
static int fill[FILL];

static void set_up(void)
{
    s = (struct server){0};
    dial = NULL;
    n = connected = failed = 0;
    memset(fill, -1, sizeof(fill));
    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
}

static void tear_down(void)
{
    for (int i = 0; i < FILL; i++)
        if (fill[i] >= 0)
            close(fill[i]);
    net_dial_close(dial);
    net_loop_free(loop);
    if (s.fd > 0)
        server_stop(&s);
}

static void add(const char *host, uint16_t port)
{
    list[n++] = address_of(host, port);
}

static void say_nothing(struct conn *c)
{
    struct wire_packet p;

    while (conn_read(c, &p)) {
    }
}

static void on_done(void *ctx, struct uv_tcp_s *stream, const char *cause)
{
    ck_assert_ptr_eq(ctx, list);
    if (stream) {
        connected++;
        net_stream_close(stream);
    } else {
        failed++;
        snprintf(why, sizeof(why), "%s", cause);
    }
    net_dial_close(dial);
    dial = NULL;
    net_loop_stop(loop);
}

static void go(size_t first, int64_t timeout_us)
{
    struct net_dial_config config = {.addresses = list, .n = n, .first = first, .timeout_us = timeout_us};

    ck_assert_int_eq(net_dial_new(loop, &config, on_done, list, &dial), 0);
    ck_assert_uint_eq(connected + failed, 0);
    net_loop_run(loop);
    ck_assert_uint_eq(connected + failed, 1);
}

/* A port that takes what it is sent and never says yes: its queue is full. */
static uint16_t silent_port(void)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof(a);

    server_start(&s, NULL);
    ck_assert_int_eq(listen(s.fd, 0), 0);
    ck_assert_int_eq(getsockname(s.fd, (struct sockaddr *)&a, &len), 0);
    for (int i = 0; i < FILL; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)!connect(fill[i], (struct sockaddr *)&a, len);
    }
    return s.port;
}

START_TEST(test_the_next_address_is_tried_where_one_fails)
{
    server_start(&s, say_nothing);
    add("127.0.0.1", refused_port());
    add("no..name", 1);
    add("127.0.0.1", s.port);
    go((size_t)_i, 0);
    ck_assert_uint_eq(connected, 1);
}
END_TEST

START_TEST(test_a_name_may_stand_for_several_addresses)
{
    server_start(&s, say_nothing); /* on 127.0.0.1 alone */
    add("localhost", s.port);
    go(0, 0);
    ck_assert_uint_eq(connected, 1);
}
END_TEST

START_TEST(test_the_cause_of_the_last_try_is_told)
{
    char want[160];

    add("no..name", 1);
    add("127.0.0.1", refused_port());
    snprintf(want, sizeof(want), "connection refused by 127.0.0.1:%u", list[1].port);
    go(0, 0);
    ck_assert_uint_eq(failed, 1);
    ck_assert_str_eq(why, want);
    failed = 0;
    go(1, 0);
    ck_assert_ptr_eq(strstr(why, "the look-up of the name no..name failed: "), why);
}
END_TEST

START_TEST(test_an_address_that_never_answers_leaves_time_for_the_others)
{
    struct server answering = {0};

    server_start(&answering, say_nothing);
    add("127.0.0.1", silent_port());
    add("127.0.0.1", answering.port);
    go(0, SECOND_US);
    ck_assert_uint_eq(connected, 1);
    server_stop(&answering);
}
END_TEST

/* The second sets out while the first may still answer: nothing else fits into the time. */
START_TEST(test_a_silent_address_is_tried_on_beside_the_next)
{
    struct server answering = {0};
    int64_t start_us = clock_mono_us(&clock_system);

    server_start(&answering, say_nothing);
    add("127.0.0.1", silent_port());
    add("127.0.0.1", answering.port);
    go(0, 3600 * SECOND_US); /* its share of that would be half an hour */
    ck_assert_uint_eq(connected, 1);
    ck_assert_int_ge(clock_mono_us(&clock_system), start_us + SECOND_US / 4);
    server_stop(&answering);
}
END_TEST

/* Many that are silent: the oldest makes room for the last, within its share. */
START_TEST(test_all_are_tried_however_many_are_silent)
{
    struct server answering = {0};

    server_start(&answering, say_nothing);
    add("127.0.0.1", silent_port());
    add("127.0.0.1", s.port);
    add("127.0.0.1", s.port);
    add("127.0.0.1", answering.port);
    go(0, 2 * SECOND_US);
    ck_assert_uint_eq(connected, 1);
    server_stop(&answering);
}
END_TEST

/* A clock that runs at half the speed of the machine's. */
static int64_t half_mono(void *ctx)
{
    (void)ctx;
    return clock_mono_us(&clock_system) / 2;
}

static const struct clock_source half_clock = {half_mono, half_mono, NULL};

START_TEST(test_no_answer_in_time_by_the_loops_clock_says_so)
{
    char want[160];
    int64_t start_us = clock_mono_us(&half_clock);

    net_loop_free(loop);
    ck_assert_int_eq(net_loop_new(&half_clock, &loop), 0);
    add("127.0.0.1", silent_port());
    snprintf(want, sizeof(want), "no answer from 127.0.0.1:%u in time", s.port);
    go(0, SECOND_US / 5);
    ck_assert_str_eq(why, want);
    ck_assert_int_ge(clock_mono_us(&half_clock), start_us + SECOND_US / 5);
}
END_TEST

static void on_close_it(void *ctx)
{
    (void)ctx;
    net_dial_close(dial);
    dial = NULL;
    net_loop_stop(loop);
}

START_TEST(test_a_dial_that_is_closed_is_silent)
{
    struct net_dial_config config = {.addresses = list, .n = 1};
    struct net_timer *close_it;

    if (_i == 0)
        add("localhost", refused_port()); /* closed while the name is looked up */
    else
        add("127.0.0.1", silent_port()); /* closed while it connects */
    ck_assert_int_eq(net_dial_new(loop, &config, on_done, list, &dial), 0);
    ck_assert_int_eq(net_timer_new(loop, on_close_it, NULL, &close_it), 0);
    net_timer_set(close_it, 0);
    net_loop_run(loop);
    net_timer_free(close_it);
    net_loop_free(loop); /* waits for all that is under way */
    ck_assert_uint_eq(connected + failed, 0);
    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
}
END_TEST

START_TEST(test_how_many_addresses_there_may_be)
{
    static struct net_address many[LIMIT_DIAL_ADDRESSES + 1];
    struct net_dial_config config = {.addresses = many, .n = 0};

    ck_assert_int_eq(net_dial_new(loop, &config, on_done, list, &dial), TGC_EINVAL);
    config.n = LIMIT_DIAL_ADDRESSES + 1;
    ck_assert_int_eq(net_dial_new(loop, &config, on_done, list, &dial), TGC_ELIMIT);
    ck_assert_ptr_null(dial);
}
END_TEST

Suite *suite_dial(void)
{
    Suite *suite = suite_create("dial");
    TCase *t = tcase_create("dial");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_the_next_address_is_tried_where_one_fails, 0, 3);
    tcase_add_test(t, test_a_name_may_stand_for_several_addresses);
    tcase_add_test(t, test_the_cause_of_the_last_try_is_told);
    tcase_add_test(t, test_an_address_that_never_answers_leaves_time_for_the_others);
    tcase_add_test(t, test_a_silent_address_is_tried_on_beside_the_next);
    tcase_add_test(t, test_all_are_tried_however_many_are_silent);
    tcase_add_test(t, test_no_answer_in_time_by_the_loops_clock_says_so);
    tcase_add_loop_test(t, test_a_dial_that_is_closed_is_silent, 0, 2);
    tcase_add_test(t, test_how_many_addresses_there_may_be);
    suite_add_tcase(suite, t);
    return suite;
}
