/* The gate of the node's lease: what leaves by a link while it is open, and nothing after. */
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/lease_gate.h"
#include "daemon/net/gate.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

enum {
    LARGE = 12 << 20,                  /* more than the sockets' buffers take */
    EXPECTED = 4 + 4 + LARGE + 4 + 16, /* of that and a small packet: the framing's name, and a length each */
};

static struct lease_gate gate;
static struct server s;
static struct client c;
static struct net_gate_ear ear;
static struct proxy proxy;
static unsigned times_shut, times_opened;
static int64_t closed_us;

static int64_t now_us(void)
{
    return clock_mono_us(&clock_system);
}

static void on_shut(void *ctx)
{
    (void)ctx;
    times_shut++;
}

static void on_opened(void *ctx)
{
    times_opened++;
    net_loop_stop(ctx);
}

static void set_up(void)
{
    s = (struct server){0};
    lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
    client_init(&c);
    ck_assert_int_eq(net_gate_set(c.loop, &gate), 0);
    ear = (struct net_gate_ear){.shut = on_shut, .opened = on_opened, .ctx = c.loop};
    net_gate_listen(c.loop, &ear);
    times_shut = times_opened = 0;
}

static void tear_down(void)
{
    net_gate_forget(&ear);
    client_fini(&c);
    if (s.fd > 0)
        server_stop(&s);
}

static void connect_to(void (*script)(struct conn *conn))
{
    server_start(&s, script);
    client_connect(&c, "127.0.0.1", s.port, WIRE_INTERMEDIATE, false);
}

/* One round, which does not wait. */
static void turn_once(void)
{
    net_gate_moved(c.loop);
    net_loop_step(c.loop);
}

static void sleep_until(int64_t until_us)
{
    while (now_us() < until_us)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* --- the server */

static uint8_t in[64 << 10];
static size_t heard;
static int end_error; /* of reading; 0: it was closed in order */
static sem_t may_read;

static void read_all(struct conn *conn)
{
    ssize_t n;

    for (heard = 0; (n = read(conn->fd, in, sizeof(in))) > 0; heard += (size_t)n)
        ;
    end_error = n < 0 ? errno : 0;
}

static void read_all_later(struct conn *conn)
{
    sem_wait(&may_read);
    read_all(conn);
}

static void read_expected_later(struct conn *conn)
{
    ssize_t n;

    sem_wait(&may_read);
    for (heard = 0; heard < EXPECTED && (n = read(conn->fd, in, sizeof(in))) > 0; heard += (size_t)n)
        ;
}

/* --- what leaves */

static void stop_on_open(struct client *client)
{
    net_loop_stop(client->loop);
}

START_TEST(test_what_is_sent_while_it_is_open_leaves)
{
    lease_gate_move(&gate, now_us() + 3600 * SECOND_US);
    c.send_len = 1000;
    c.on_open = stop_on_open;
    connect_to(read_all);
    client_run(&c);
    turn_once();
    net_link_close(c.link);
    c.link = NULL;
    server_join(&s);
    ck_assert_uint_eq(heard, 4 + 4 + 1000); /* the framing's name, a length, the packet */
    ck_assert_uint_eq(c.closed, 0);
}
END_TEST

/* The round's time is from before the lapse. */
static void lapse_while_it_opens(struct client *client)
{
    int64_t round_us = clock_mono_us(net_loop_clock(client->loop));

    lease_gate_move(&gate, now_us() + 20000);
    sleep_until(lease_gate_until_us(&gate));
    ck_assert_int_eq(clock_mono_us(net_loop_clock(client->loop)), round_us);
    ck_assert_int_lt(round_us, lease_gate_until_us(&gate));
}

/* Behind what was queued, and before it is written. */
static bool lapse_before_the_round_writes(void *ctx)
{
    if (c.opened && lease_gate_until_us(&gate) == LEASE_GATE_FOR_EVER)
        lapse_while_it_opens(ctx);
    return false;
}

START_TEST(test_no_byte_leaves_after_the_lapse_though_the_time_of_the_round_is_old)
{
    c.send_len = 1000;
    net_loop_on_turn(c.loop, lapse_before_the_round_writes, &c);
    connect_to(read_all);
    client_run(&c);
    ck_assert_str_eq(c.why, NET_GATE_SHUT);
    server_join(&s);
    ck_assert_uint_eq(heard, 0);
    ck_assert_int_eq(end_error, ECONNRESET);
}
END_TEST

START_TEST(test_a_farewell_does_not_leave_after_the_lapse)
{
    c.send_len = 1000;
    c.on_open = lapse_while_it_opens;
    c.close_on_open = true; /* what was queued leaves with that where it may */
    connect_to(read_all);
    client_run(&c);
    server_join(&s);
    ck_assert_uint_eq(heard, 0);
}
END_TEST

static void send_more_than_fits(void (*script)(struct conn *conn))
{
    sem_init(&may_read, 0, 0);
    c.send_len = LARGE;
    c.on_open = stop_on_open;
    connect_to(script);
    client_run(&c);
    turn_once(); /* the socket takes what it can; the rest waits for room */
    ck_assert_uint_eq(c.closed, 0);
    ck_assert_int_eq(net_link_send(c.link, in, 16), 0);
}

START_TEST(test_what_waits_for_room_does_not_leave_after_the_lapse)
{
    send_more_than_fits(read_all_later);
    lease_gate_move(&gate, LEASE_GATE_SHUT);
    sem_post(&may_read); /* there is room from now on; nobody was told of the gate */
    client_run(&c);
    ck_assert_str_eq(c.why, NET_GATE_SHUT);
    server_join(&s);
    ck_assert_uint_lt(heard, LARGE);
    ck_assert_int_eq(end_error, ECONNRESET);
}
END_TEST

START_TEST(test_what_waits_for_room_leaves_while_it_is_open)
{
    lease_gate_move(&gate, now_us() + 3600 * SECOND_US);
    send_more_than_fits(read_expected_later);
    sem_post(&may_read);
    client_run(&c);
    ck_assert_str_eq(c.why, "the server closed the connection");
    server_join(&s);
    ck_assert_uint_eq(heard, EXPECTED);
}
END_TEST

/* What the kernel had is dropped with the connection: the server, which reads only when that is over, has no more than
 * was in its own buffer. */
START_TEST(test_what_waits_in_the_kernel_does_not_leave_after_a_shut_gate)
{
    send_more_than_fits(read_all_later);
    lease_gate_move(&gate, LEASE_GATE_SHUT);
    net_gate_moved(c.loop);
    client_run(&c);
    ck_assert_str_eq(c.why, NET_GATE_SHUT);
    sem_post(&may_read);
    server_join(&s);
    ck_assert_uint_lt(heard, LARGE);
    ck_assert_int_eq(end_error, ECONNRESET);
}
END_TEST

/* --- links that are idle */

static void lapse_soon(struct client *client)
{
    (void)client;
    lease_gate_move(&gate, now_us() + 50000);
    net_gate_moved(c.loop);
}

static void *shut_it(void *ctx)
{
    (void)ctx;
    lease_gate_move(&gate, LEASE_GATE_SHUT);
    net_gate_moved(c.loop);
    return NULL;
}

static void shut_by_another_thread(struct client *client)
{
    pthread_t thread;

    (void)client;
    ck_assert_int_eq(pthread_create(&thread, NULL, shut_it, NULL), 0);
    pthread_join(thread, NULL);
}

static void (*const ends[])(struct client *client) = {lapse_soon, shut_by_another_thread};

START_TEST(test_an_idle_link_ends_when_it_is_shut)
{
    lease_gate_move(&gate, now_us() + 3600 * SECOND_US);
    c.on_open = ends[_i];
    connect_to(read_all);
    client_run(&c);
    closed_us = now_us();
    ck_assert_uint_eq(c.opened, 1);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, NET_GATE_SHUT);
    ck_assert_int_ge(closed_us, lease_gate_until_us(&gate));
    ck_assert_uint_eq(times_shut, 1);
}
END_TEST

START_TEST(test_an_idle_link_stays_where_the_gate_moves_forward_before_its_moment)
{
    struct net_timer *later;
    int64_t first_us;

    do {
        first_us = now_us() + SECOND_US;
        lease_gate_move(&gate, first_us);
        turn_once();
        lease_gate_move(&gate, first_us + 3600 * SECOND_US); /* nobody is told */
    } while (now_us() >= first_us);                          /* anew, if this thread was held up */
    c.on_open = stop_on_open;
    connect_to(read_all);
    client_run(&c);
    ck_assert_int_eq(net_timer_new(c.loop, on_opened, c.loop, &later), 0);
    net_timer_set(later, first_us + 100000);
    client_run(&c);
    net_timer_free(later);
    ck_assert_uint_eq(c.closed, 0);
    ck_assert_uint_eq(times_shut, 0);
}
END_TEST

/* --- links that are to come */

START_TEST(test_no_connection_is_begun_while_it_is_shut)
{
    lease_gate_move(&gate, LEASE_GATE_SHUT);
    if (_i == 1) {
        proxy = (struct proxy){.kind = PROXY_SOCKS5, .address = {.host = "127.0.0.1", .port = refused_port()}};
        c.proxy = &proxy;
    }
    client_connect(&c, "127.0.0.1", refused_port(), WIRE_INTERMEDIATE, false);
    client_run(&c);
    ck_assert_uint_eq(c.opened, 0);
    ck_assert_uint_eq(c.closed, 1);
    ck_assert_str_eq(c.why, NET_GATE_SHUT); /* and not that nobody listens there */
}
END_TEST

static void *open_it(void *ctx)
{
    lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
    if (ctx)
        net_gate_moved(c.loop);
    return NULL;
}

START_TEST(test_that_it_opens_again_is_heard)
{
    pthread_t thread;

    lease_gate_move(&gate, LEASE_GATE_SHUT);
    net_gate_moved(c.loop);
    while (times_shut == 0)
        net_loop_step(c.loop);
    ck_assert_int_eq(pthread_create(&thread, NULL, open_it, _i == 0 ? &gate : NULL), 0); /* said, or found out */
    client_run(&c);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(times_opened, 1);
    ck_assert(net_gate_is_open(c.loop));
}
END_TEST

START_TEST(test_who_saw_it_shut_hears_that_it_opens_though_nobody_was_told_that_it_was_shut)
{
    turn_once();
    lease_gate_move(&gate, LEASE_GATE_SHUT);
    ck_assert(!net_gate_is_open(c.loop));
    lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
    client_run(&c);
    ck_assert_uint_eq(times_shut, 0);
    ck_assert_uint_eq(times_opened, 1);
}
END_TEST

START_TEST(test_a_loop_without_a_gate_is_open)
{
    struct net_loop *loop;
    struct net_gate_ear other = {.shut = on_shut};

    ck_assert_int_eq(net_loop_new(&clock_system, &loop), 0);
    ck_assert_int_eq(net_gate_left_us(loop), INT64_MAX);
    net_gate_moved(loop);
    net_gate_listen(loop, &other);
    net_gate_forget(&other);
    net_loop_free(loop);
}
END_TEST

Suite *suite_gate(void)
{
    Suite *suite = suite_create("gate");
    TCase *t = tcase_create("gate");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_what_is_sent_while_it_is_open_leaves);
    tcase_add_test(t, test_no_byte_leaves_after_the_lapse_though_the_time_of_the_round_is_old);
    tcase_add_test(t, test_a_farewell_does_not_leave_after_the_lapse);
    tcase_add_test(t, test_what_waits_for_room_does_not_leave_after_the_lapse);
    tcase_add_test(t, test_what_waits_for_room_leaves_while_it_is_open);
    tcase_add_test(t, test_what_waits_in_the_kernel_does_not_leave_after_a_shut_gate);
    tcase_add_loop_test(t, test_an_idle_link_ends_when_it_is_shut, 0, 2);
    tcase_add_test(t, test_an_idle_link_stays_where_the_gate_moves_forward_before_its_moment);
    tcase_add_loop_test(t, test_no_connection_is_begun_while_it_is_shut, 0, 2);
    tcase_add_loop_test(t, test_that_it_opens_again_is_heard, 0, 2);
    tcase_add_test(t, test_who_saw_it_shut_hears_that_it_opens_though_nobody_was_told_that_it_was_shut);
    tcase_add_test(t, test_a_loop_without_a_gate_is_open);
    suite_add_tcase(suite, t);
    return suite;
}
