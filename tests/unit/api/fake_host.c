#include "tests/unit/api/fake_host.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "tests/support/unit.h"

struct fake_host {
    struct guest *guest;
    pthread_t thread;
    int wake;
    atomic_bool ending;
    atomic_uint turns;
};

static void wake(void *ctx)
{
    struct fake_host *h = ctx;

    (void)!write(h->wake, &(uint64_t){1}, sizeof(uint64_t));
}

static int wait_ms(int64_t due_us)
{
    int64_t left_us = due_us == INT64_MAX ? INT64_MAX : due_us - clock_mono_us(&clock_system);

    return left_us <= 0 ? 0 : left_us < SECOND_US ? (int)(left_us / 1000 + 1) : 1000;
}

static void *run(void *ctx)
{
    struct fake_host *h = ctx;
    struct guest *g = h->guest;
    struct pollfd fds[GUEST_FDS_MAX + 1];
    uint64_t count;

    for (;;) {
        int64_t due_us = g->turn(g->ctx);
        atomic_fetch_add(&h->turns, 1);
        if (atomic_load(&h->ending) && g->leave(g->ctx))
            break;
        for (size_t i = 0; i < g->fds_n; i++)
            fds[i] = (struct pollfd){.fd = g->fds[i], .events = POLLIN};
        fds[g->fds_n] = (struct pollfd){.fd = h->wake, .events = POLLIN};
        poll(fds, g->fds_n + 1, atomic_load(&h->ending) ? 1 : wait_ms(due_us));
        for (size_t i = 0; i < g->fds_n; i++)
            if (fds[i].revents)
                g->readable(g->ctx, i);
        if (fds[g->fds_n].revents)
            (void)!read(h->wake, &count, sizeof(count));
    }
    g->close(g->ctx);
    return NULL;
}

struct fake_host *fake_host_start(struct guest *guest)
{
    struct fake_host *h = calloc(1, sizeof(*h));

    ck_assert_ptr_nonnull(h);
    h->guest = guest;
    h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ck_assert_int_ge(h->wake, 0);
    guest->host = h;
    guest->wake = wake;
    ck_assert_int_eq(pthread_create(&h->thread, NULL, run, h), 0);
    return h;
}

unsigned fake_host_turns(struct fake_host *h)
{
    return atomic_load(&h->turns);
}

void fake_host_end(struct fake_host *h)
{
    atomic_store(&h->ending, true);
    wake(h);
}

void fake_host_join(struct fake_host *h)
{
    pthread_join(h->thread, NULL);
    close(h->wake);
    free(h);
}
