/* A process that is stopped (SIGSTOP) over the end of its lease and goes on: nothing of it leaves. The process is a
 * child, the server is the test. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/lease_gate.h"
#include "daemon/net/gate.h"
#include "tests/unit/net/server.h"
#include "tests/unit/net/suites.h"

enum { LARGE = 12 << 20, GUARD_S = 30, OPEN_MS = 2500, EXIT_OF_GATE = 7 };

static struct lease_gate gate;
static struct server s;
static int fd; /* the server's end of the child's connection */
static pid_t child;

static int64_t now_us(void)
{
    return clock_mono_us(&clock_system);
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static void set_up(void)
{
    s = (struct server){0};
    server_start(&s, NULL);
    fd = -1;
    child = 0;
}

static void tear_down(void)
{
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    if (fd >= 0)
        close(fd);
    server_stop(&s);
}

/* --- the child */

struct talker {
    struct client client;
    struct net_timer *next;
};

/* All the time: there is always a packet on its way to the socket. */
static void talk(void *ctx)
{
    struct talker *t = ctx;

    if (t->client.opened && t->client.link)
        (void)!net_link_send(t->client.link, "a packet", 8);
    net_timer_set(t->next, 0);
}

static void run_child(bool is_large)
{
    static struct talker t;

    client_init(&t.client);
    if (net_gate_set(t.client.loop, &gate) != 0)
        _exit(1);
    t.client.send_len = is_large ? LARGE : 8;
    client_connect(&t.client, "127.0.0.1", s.port, WIRE_INTERMEDIATE, false);
    if (!is_large && net_timer_new(t.client.loop, talk, &t, &t.next) == 0)
        net_timer_set(t.next, 0);
    /* Not client_run(): its guard's time passes while this process is stopped; the test's own ends it. */
    net_loop_run(t.client.loop);
    _exit(strcmp(t.client.why, NET_GATE_SHUT) == 0 ? EXIT_OF_GATE : 2);
}

/* Its lease is over in a moment, and is never renewed. */
static void start_child(bool is_large)
{
    lease_gate_move(&gate, now_us() + OPEN_MS * INT64_C(1000));
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        run_child(is_large);
    fd = accept(s.fd, NULL, NULL);
    ck_assert_int_ge(fd, 0);
}

/* --- the server */

static int waiting(void)
{
    int n = 0;

    ck_assert_int_eq(ioctl(fd, FIONREAD, &n), 0);
    return n;
}

/* Until there is something, and, where nothing is read, until no more comes. */
static void await_bytes(void)
{
    for (int64_t until_us = now_us() + GUARD_S * SECOND_US; waiting() == 0; nap())
        ck_assert_int_lt(now_us(), until_us);
}

static void stop_child(void)
{
    int status;

    ck_assert_int_eq(kill(child, SIGSTOP), 0);
    ck_assert_int_eq(waitpid(child, &status, WUNTRACED), child);
    ck_assert(WIFSTOPPED(status));
    /* It was before the lapse: else this test is of nothing. */
    ck_assert(lease_gate_is_open(&gate, &clock_system));
}

static void await_lapse(void)
{
    while (lease_gate_is_open(&gate, &clock_system))
        nap();
}

/* How much there is to be read until the end, which is a reset or is in order. */
static size_t read_all(void)
{
    static uint8_t in[64 << 10];
    size_t all = 0;
    ssize_t n;

    while ((n = read(fd, in, sizeof(in))) > 0)
        all += (size_t)n;
    return all;
}

static void continue_child(void)
{
    ck_assert_int_eq(kill(child, SIGCONT), 0);
}

static void expect_end_by_gate(void)
{
    int status;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    child = 0;
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EXIT_OF_GATE);
}

/* Whether the kernel has the child's connection still, and how much of it it has yet to bring to the server. */
static bool is_known_to_kernel(unsigned long *unsaid)
{
    char line[512], port_text[8];
    FILE *f = fopen("/proc/net/tcp", "re");
    bool is_known = false;

    ck_assert_ptr_nonnull(f);
    *unsaid = 0;
    snprintf(port_text, sizeof(port_text), ":%04X", s.port);
    while (!is_known && fgets(line, sizeof(line), f)) {
        char local[64], remote[64];
        if (sscanf(line, " %*d: %63s %63s %*x %lx", local, remote, unsaid) == 3)
            is_known = strstr(remote, port_text) != NULL;
        if (!is_known)
            *unsaid = 0;
    }
    fclose(f);
    return is_known;
}

/* Also what the kernel is still to send again: that left the process before. */
static void read_what_left_before(void)
{
    uint8_t in[4096];
    unsigned long unsaid;
    int64_t until_us = now_us() + GUARD_S * SECOND_US;

    while ((is_known_to_kernel(&unsaid) && unsaid) || waiting() > 0) {
        ck_assert_int_lt(now_us(), until_us);
        if (waiting() > 0)
            ck_assert_int_gt(read(fd, in, sizeof(in)), 0);
        else
            nap();
    }
}

START_TEST(test_a_process_that_was_stopped_over_the_lapse_says_nothing_more)
{
    start_child(false);
    await_bytes();
    stop_child();
    await_lapse();
    read_what_left_before();
    continue_child();
    ck_assert_uint_eq(read_all(), 0);
    expect_end_by_gate();
}
END_TEST

/* The server reads nothing: its buffer is full, the kernel's is, and more waits in the process. Whatever becomes of the
 * process, the kernel gives up what it has: after that there is nothing but what the server had before. */
static void fill_buffers(void)
{
    int last = 0;

    start_child(true);
    await_bytes();
    for (int same = 0; same < 20; nap()) {
        same = waiting() == last ? same + 1 : 0;
        last = waiting();
    }
    stop_child();
}

START_TEST(test_what_waits_for_room_does_not_leave_when_the_process_goes_on)
{
    fill_buffers();
    await_lapse();
    continue_child();
    ck_assert_uint_lt(read_all(), LARGE);
    expect_end_by_gate();
}
END_TEST

START_TEST(test_the_kernel_gives_up_what_it_has_while_the_process_is_stopped)
{
    fill_buffers();
    size_t had = (size_t)waiting();
    unsigned long unsaid;
    for (int64_t until_us = now_us() + GUARD_S * SECOND_US; is_known_to_kernel(&unsaid); nap())
        ck_assert_int_lt(now_us(), until_us);
    ck_assert_uint_eq(read_all(), had);
    continue_child();
    expect_end_by_gate();
}
END_TEST

Suite *suite_gate_stopped(void)
{
    Suite *suite = suite_create("gate_stopped");
    TCase *t = tcase_create("gate_stopped");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 90);
    tcase_add_test(t, test_a_process_that_was_stopped_over_the_lapse_says_nothing_more);
    tcase_add_test(t, test_what_waits_for_room_does_not_leave_when_the_process_goes_on);
    tcase_add_test(t, test_the_kernel_gives_up_what_it_has_while_the_process_is_stopped);
    suite_add_tcase(suite, t);
    return suite;
}
