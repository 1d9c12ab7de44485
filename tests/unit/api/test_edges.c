/* What libmicrohttpd does with its epoll set, and what it must and must not hear. */
#include "api/edges.h"
#include "tests/support/unit.h"
#include "tests/unit/api/suites.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct edges set;
static struct edge e;
static int ours, peers;
static int owner; /* its address stands for libmicrohttpd's connection */

static void up(void)
{
    int ends[2];
    int fd = epoll_create1(EPOLL_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    edges_open(&set, fd);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    ours = ends[0];
    peers = ends[1];
    edge_open(&e, &set, ours, &e);
}

static void down(void)
{
    edge_close(&e);
    edges_close(&set);
    close(set.fd);
    close(ours);
    close(peers);
}

static void add(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLET, .data.ptr = &owner};

    ck_assert_int_eq(epoll_ctl(set.fd, EPOLL_CTL_ADD, ours, &event), 0);
}

static void suspend(void)
{
    e.is_leaving = true;
    ck_assert_int_eq(epoll_ctl(set.fd, EPOLL_CTL_DEL, ours, NULL), 0);
    e.is_leaving = false;
}

/* The events that are told of the connection now; 0 for none. */
static uint32_t heard(void)
{
    struct epoll_event events[4];
    int n = epoll_wait(set.fd, events, 4, 0);

    ck_assert_int_le(n, 1);
    if (n == 1)
        ck_assert_ptr_eq(events[0].data.ptr, &owner);
    return n == 1 ? events[0].events : 0;
}

static void say(void)
{
    ck_assert_int_eq(write(peers, "x", 1), 1);
}

START_TEST(an_event_bears_what_it_was_added_with)
{
    ck_assert_ptr_eq(edge_find(ours), &e);
    ck_assert_ptr_null(edge_find(peers));
    ck_assert_ptr_null(edge_find(-1));
    ck_assert_ptr_null(edge_find(1 << 30));
    add();
    ck_assert_uint_eq(heard(), EPOLLOUT);
    ck_assert_uint_eq(heard(), 0);
    edge_is_drained(&e);
    say();
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
    ck_assert(e.has_news);
}
END_TEST

START_TEST(one_that_comes_back_is_told_of_nothing_where_nothing_happened)
{
    add();
    heard();
    edge_is_drained(&e);
    suspend();
    ck_assert_uint_eq(heard(), 0);
    add();
    ck_assert_uint_eq(heard(), 0);
    ck_assert(!e.has_news);
}
END_TEST

/* Whether the set was looked at meanwhile (0) or not (1). */
START_TEST(what_came_while_it_was_away_is_told_when_it_comes_back)
{
    add();
    heard();
    edge_is_drained(&e);
    suspend();
    say();
    if (_i == 0) {
        ck_assert_uint_eq(heard(), 0);
        ck_assert(e.has_news);
    }
    add();
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
    ck_assert(e.has_news);
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

START_TEST(a_peer_that_sends_no_more_stays_news)
{
    add();
    heard();
    suspend();
    shutdown(peers, SHUT_WR);
    ck_assert_uint_eq(heard(), 0);
    edge_is_drained(&e);
    ck_assert(e.has_news);
    add();
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
}
END_TEST

/* Held (0), or away and back (1). */
START_TEST(what_was_told_is_told_once_more_where_that_is_asked_for)
{
    add();
    say();
    shutdown(peers, SHUT_WR);
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
    ck_assert_uint_eq(heard(), 0);
    if (_i == 1)
        suspend();
    edge_look_again(&e);
    if (_i == 1) {
        ck_assert_uint_eq(heard(), 0);
        add();
    }
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
    ck_assert_uint_eq(heard(), 0);
}
END_TEST

START_TEST(a_look_that_is_skipped_loses_nothing)
{
    add();
    heard();
    say();
    set.skips = true;
    ck_assert_uint_eq(heard(), 0);
    set.skips = false;
    ck_assert_uint_eq(heard() & EPOLLIN, EPOLLIN);
}
END_TEST

/* Away (0), or as libmicrohttpd closes it (1). */
START_TEST(one_that_is_gone_is_not_heard_of_though_a_copy_of_its_descriptor_lives)
{
    struct epoll_event events[4];

    add();
    heard();
    if (_i == 0)
        suspend();
    int copy = fcntl(ours, F_DUPFD_CLOEXEC, 3);
    edge_close(&e);
    if (_i == 1)
        ck_assert_int_eq(epoll_ctl(set.fd, EPOLL_CTL_DEL, ours, NULL), 0);
    close(ours);
    say();
    ck_assert_int_eq(epoll_wait(set.fd, events, 4, 0), 0);
    ours = copy;
    edge_open(&e, &set, ours, &e);
}
END_TEST

START_TEST(other_descriptors_and_sets_are_the_kernels)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 7}, got;
    int pipes[2], other = epoll_create1(EPOLL_CLOEXEC);

    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    for (int i = 0; i < 2; i++) {
        int fd = i == 0 ? other : set.fd;
        event.data.u64 = i == 0 ? 7 : 8; /* in our sets, the lowest bit is ours */
        ck_assert_int_eq(epoll_ctl(fd, EPOLL_CTL_ADD, pipes[0], &event), 0);
        ck_assert_int_eq(epoll_wait(fd, &got, 1, 0), 0);
        ck_assert_int_eq(write(pipes[1], "x", 1), 1);
        ck_assert_int_eq(epoll_wait(fd, &got, 1, 0), 1);
        ck_assert_uint_eq(got.data.u64, event.data.u64);
        ck_assert_int_eq(epoll_ctl(fd, EPOLL_CTL_DEL, pipes[0], NULL), 0);
        char c;
        ck_assert_int_eq(read(pipes[0], &c, 1), 1);
    }
    close(other);
    close(pipes[0]);
    close(pipes[1]);
}
END_TEST

Suite *suite_edges(void)
{
    Suite *s = suite_create("edges");
    TCase *t = tcase_create("edges");

    tcase_add_checked_fixture(t, up, down);
    tcase_add_test(t, an_event_bears_what_it_was_added_with);
    tcase_add_test(t, one_that_comes_back_is_told_of_nothing_where_nothing_happened);
    tcase_add_loop_test(t, what_came_while_it_was_away_is_told_when_it_comes_back, 0, 2);
    tcase_add_test(t, a_peer_that_sends_no_more_stays_news);
    tcase_add_loop_test(t, what_was_told_is_told_once_more_where_that_is_asked_for, 0, 2);
    tcase_add_test(t, a_look_that_is_skipped_loses_nothing);
    tcase_add_loop_test(t, one_that_is_gone_is_not_heard_of_though_a_copy_of_its_descriptor_lives, 0, 2);
    tcase_add_test(t, other_descriptors_and_sets_are_the_kernels);
    suite_add_tcase(s, t);
    return s;
}
