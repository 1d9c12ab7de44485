#include "api/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"

enum {
    READ_SIZE = 64 << 10,
    READS_AT_ONCE = 4, /* of one connection, before the others have their turn */
};

/* In all, for each: long enough to send what was under way, too short to be worth anything to who only wants to hold a
 * descriptor. */
#define DRAIN_US (5 * SECOND_US)

struct drained {
    int fd;
    int64_t until_us;
};

struct drain {
    pthread_mutex_t lock;
    pthread_t thread;
    int wake;
    bool stopping;
    size_t n, max;
    struct drained list[DRAINED_MAX]; /* the thread alone takes out */
    char nowhere[READ_SIZE];
};

/* Whether more may come. */
static bool read_away(struct drain *d, int fd)
{
    for (int i = 0; i < READS_AT_ONCE; i++) {
        ssize_t n = recv(fd, d->nowhere, sizeof(d->nowhere), MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (n < 0)
            break;
    }
    return true;
}

/* What is over goes; what is left goes into FDS. The milliseconds until the first is over, or -1. */
static int sweep(struct drain *d, struct pollfd *fds, size_t *ret_n)
{
    int64_t now = clock_mono_us(&clock_system), first = INT64_MAX;

    for (size_t i = 0; i < d->n;) {
        struct drained *one = &d->list[i];
        if (one->until_us <= now || !read_away(d, one->fd)) {
            close(one->fd);
            *one = d->list[--d->n];
            continue;
        }
        fds[i] = (struct pollfd){.fd = one->fd, .events = POLLIN};
        if (one->until_us < first)
            first = one->until_us;
        i++;
    }
    *ret_n = d->n;
    return d->n ? (int)((first - now) / 1000 + 1) : -1;
}

static void *run(void *ctx)
{
    struct drain *d = ctx;
    struct pollfd fds[DRAINED_MAX + 1];
    uint64_t count;
    size_t n;

    for (;;) {
        pthread_mutex_lock(&d->lock);
        bool stopping = d->stopping;
        int wait_ms = sweep(d, fds, &n);
        pthread_mutex_unlock(&d->lock);
        if (stopping)
            return NULL;
        fds[n] = (struct pollfd){.fd = d->wake, .events = POLLIN};
        if (poll(fds, n + 1, wait_ms) > 0 && fds[n].revents)
            (void)!read(d->wake, &count, sizeof(count));
    }
}

int drain_new(unsigned max, struct drain **ret)
{
    struct drain *d = calloc(1, sizeof(*d));

    if (!d)
        return TGC_ENOMEM;
    d->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d->wake < 0) {
        free(d);
        return TGC_ESYSTEM;
    }
    d->max = max < DRAINED_MAX ? max : DRAINED_MAX;
    pthread_mutex_init(&d->lock, NULL);
    if (pthread_create(&d->thread, NULL, run, d) != 0) {
        pthread_mutex_destroy(&d->lock);
        close(d->wake);
        free(d);
        return TGC_ESYSTEM;
    }
    *ret = d;
    return 0;
}

static void wake_up(struct drain *d)
{
    (void)!write(d->wake, &(uint64_t){1}, sizeof(uint64_t));
}

void drain_free(struct drain *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    pthread_mutex_unlock(&d->lock);
    wake_up(d);
    pthread_join(d->thread, NULL);
    for (size_t i = 0; i < d->n; i++)
        close(d->list[i].fd);
    close(d->wake);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

void drain_add(struct drain *d, int fd)
{
    pthread_mutex_lock(&d->lock);
    int copy = !d->stopping && d->n < d->max ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (copy >= 0)
        d->list[d->n++] = (struct drained){copy, clock_mono_us(&clock_system) + DRAIN_US};
    pthread_mutex_unlock(&d->lock);
    if (copy >= 0)
        wake_up(d);
}
