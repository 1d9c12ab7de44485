#include "api/room.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/patience.h"

/* How long a door listens to nobody where there was no descriptor, unless one of its connections is closed. */
#define DEAF_US (SECOND_US / 20)

/* Who comes from an address that has no room is refused so many times in a row, before others have their turn. */
enum { REFUSED_AT_ONCE = 64 };

/* accept4() has no other context than its descriptor. */
static _Thread_local struct door *running;

static void listen_for(const struct door *d, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = d->daemon};

    /* Where libmicrohttpd has taken it out, it puts it back by itself. */
    (void)epoll_ctl(d->edges.fd, EPOLL_CTL_MOD, d->fd, &event);
}

static void listen_again(struct door *d)
{
    d->deaf_until_us = 0;
    if (!d->front->is_leaving)
        listen_for(d, EPOLLIN);
}

static void ask_for_room(struct front *f)
{
    pthread_mutex_lock(&f->lock);
    /* Under the lock: its host may be leaving. */
    if (f->is_hosted && !atomic_exchange(&f->owes_room, true))
        f->guest.wake(f->guest.host);
    pthread_mutex_unlock(&f->lock);
}

static void be_short(struct door *d)
{
    struct api *api = d->front->api;

    d->deaf_until_us = clock_mono_us(api->config.clock) + DEAF_US;
    listen_for(d, EPOLLET); /* an event that is there for good is heard of once */
    if (patience_make_room(d->front, NULL))
        return;
    for (size_t i = 0; i < api->fronts_n; i++)
        if (api->fronts[i] != d->front)
            ask_for_room(api->fronts[i]);
}

static int with_flags(int fd, int flags)
{
    if ((flags & SOCK_NONBLOCK && fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0) ||
        (flags & SOCK_CLOEXEC && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)) {
        close(fd);
        errno = ECONNABORTED;
        return -1;
    }
    return fd;
}

/* Whether who comes FROM there has room for one more. Who has none is closed without a word: an answer would cost more
 * than he does. */
static bool may_come(struct door *d, const struct sockaddr *from)
{
    const struct api *api = d->front->api;

    /* What libmicrohttpd did not make a connection of. */
    addresses_give(d->coming);
    d->coming = NULL;
    if (!d->listener->is_outside || api->config.address_connections == 0)
        return true;
    d->coming = addresses_take(api->addresses, from, api->config.address_connections);
    return d->coming;
}

/* By its assembler name, as in gate.c. */
int room_accept(int fd, struct sockaddr *address, socklen_t *len, int flags) __asm__("accept4");

int room_accept(int fd, struct sockaddr *address, socklen_t *len, int flags)
{
    struct door *d = running && running->fd == fd ? running : NULL;
    /* Not the system call, which hides a new descriptor from what watches them come and go. */
    socklen_t room = d ? *len : 0; /* others may ask for no address */
    int got = accept(fd, address, len);

    for (int i = 0; d && got >= 0 && !may_come(d, address); i++) {
        close(got);
        if (i == REFUSED_AT_ONCE) {
            errno = EAGAIN;
            return -1;
        }
        *len = room;
        got = accept(fd, address, len);
    }
    if (got >= 0)
        return with_flags(got, flags);
    if (!d || (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS))
        return got;
    be_short(d);
    errno = EAGAIN;
    return -1;
}

bool room_run(struct door *d)
{
    running = d;
    MHD_run(d->daemon);
    running = NULL;
    if (d->deaf_until_us && d->has_closed)
        listen_again(d);
    return d->conns_n >= d->front->connections_max && patience_make_room(d->front, d);
}

int64_t room_turn(struct front *f, int64_t now)
{
    int64_t next = INT64_MAX;

    if (!f->is_hosted) {
        pthread_mutex_lock(&f->lock);
        f->is_hosted = true;
        pthread_mutex_unlock(&f->lock);
    }
    if (atomic_load_explicit(&f->owes_room, memory_order_relaxed) && atomic_exchange(&f->owes_room, false))
        (void)patience_make_room(f, NULL);
    for (size_t i = 0; i < f->doors_n; i++) {
        struct door *d = &f->doors[i];
        if (d->deaf_until_us && d->deaf_until_us <= now)
            listen_again(d);
        if (d->deaf_until_us && d->deaf_until_us < next)
            next = d->deaf_until_us;
    }
    return next;
}

void room_leave(struct front *f)
{
    pthread_mutex_lock(&f->lock);
    f->is_hosted = false;
    pthread_mutex_unlock(&f->lock);
}
