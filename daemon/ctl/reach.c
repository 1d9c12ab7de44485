#include "daemon/ctl/reach.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void fail(struct reach *r, const char *why)
{
    snprintf(r->why, sizeof(r->why), "%s", why);
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void begin(struct reach *r)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV | (r->address.numeric ? AI_NUMERICHOST : AI_ADDRCONFIG)};
    struct addrinfo *list = NULL;
    char port[8];

    r->fd = -1;
    r->found[0] = r->why[0] = '\0';
    snprintf(port, sizeof(port), "%u", (unsigned)r->address.port);
    int failed = getaddrinfo(r->address.host, port, &hints, &list);
    if (failed) {
        fail(r, failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
        return;
    }
    getnameinfo(list->ai_addr, list->ai_addrlen, r->found, sizeof(r->found), NULL, 0, NI_NUMERICHOST);
    r->fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (r->fd < 0 || (connect(r->fd, list->ai_addr, list->ai_addrlen) != 0 && errno != EINPROGRESS))
        fail(r, strerror(errno));
    freeaddrinfo(list);
}

/* One that poll() told of. */
static void settle(struct reach *r)
{
    int failed = 0;
    socklen_t len = sizeof(failed);

    if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0)
        failed = errno;
    fail(r, failed ? strerror(failed) : "");
}

/* False: there is nothing to wait for, or the time is over. */
static bool wait_once(struct reach *places, size_t n, int64_t until_ms)
{
    struct pollfd polled[REACH_MAX];
    int64_t left = until_ms - now_ms();
    size_t open_n = 0;

    /* What has settled has no descriptor, which poll() passes over. */
    for (size_t i = 0; i < n; i++) {
        polled[i] = (struct pollfd){.fd = places[i].fd, .events = POLLOUT};
        open_n += places[i].fd >= 0;
    }
    if (open_n == 0 || left <= 0)
        return false;
    int told = poll(polled, n, (int)left);
    if (told <= 0)
        return told < 0 && errno == EINTR;
    for (size_t i = 0; i < n; i++)
        if (polled[i].fd >= 0 && polled[i].revents)
            settle(&places[i]);
    return true;
}

void reach_all(struct reach *places, size_t n, int timeout_ms)
{
    for (size_t i = 0; i < n; i++)
        begin(&places[i]);
    int64_t until_ms = now_ms() + timeout_ms;
    while (wait_once(places, n, until_ms))
        ;
    for (size_t i = 0; i < n; i++)
        if (places[i].fd >= 0)
            fail(&places[i], "nobody answers in time");
}
