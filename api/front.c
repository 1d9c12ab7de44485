#include "api/front.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/handle.h"
#include "api/listen.h"
#include "api/patience.h"
#include "api/poll.h"
#include "api/request.h"
#include "api/room.h"
#include "api/stream.h"
#include "daemon/base/log.h"
#include "daemon/base/random.h"

enum {
    /* How often libmicrohttpd is run in one turn while it says that it could go on: it does one step of each
     * connection at a time, and others wait for their turn. */
    RUNS_MAX = 8,
    /* And while it accepts, ten connections at a time: who comes with many others is not to wait for a turn of all that
     * are there already for each ten of them. */
    ACCEPTING_RUNS_MAX = 64,
};

/* How long a stop waits for answers and for clients that are about to ask, and how often it looks. */
#define LEAVE_US (2 * SECOND_US)
#define LOOK_US (SECOND_US / 1000)

static void on_log(void *ctx, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void on_log(void *ctx, const char *format, va_list ap)
{
    char text[512];

    if (!log_is_on(LOG_LEVEL_DEBUG))
        return;
    vsnprintf(text, sizeof(text), format, ap);
    text[strcspn(text, "\n")] = '\0';
    log_debug("api", "libmicrohttpd: %s", text);
}

/* Targets are decoded by target.c; libmicrohttpd must not do it first. */
static size_t keep_escapes(void *ctx, struct MHD_Connection *connection, char *text)
{
    return strlen(text);
}

static int64_t now_us(const struct front *f)
{
    return clock_mono_us(f->api->config.clock);
}

static int open_door(struct front *f, struct door *d, struct listener *l, struct fault *fault)
{
    const struct api_config *c = &f->api->config;
    int fd = listen_again(l, fault);

    if (fd < 0)
        return fd;
    d->front = f;
    d->listener = l;
    d->daemon = MHD_start_daemon(
        /* Without the channel between threads that suspending brings with it: there is but one. */
        MHD_USE_EPOLL | (MHD_ALLOW_SUSPEND_RESUME & ~MHD_USE_ITC) | MHD_USE_ERROR_LOG, 0, NULL, NULL, handle_request, d,
        MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        f->connections_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)API_CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(c->idle_timeout_us / SECOND_US) + 1, MHD_OPTION_URI_LOG_CALLBACK,
        handle_first_line, d, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, conn_notify, d, MHD_OPTION_NOTIFY_COMPLETED, handle_completed, NULL,
        MHD_OPTION_END);
    /* It closes the socket when it stops, and in most of its own failures: closing it here too could hit another. */
    const union MHD_DaemonInfo *info = d->daemon ? MHD_get_daemon_info(d->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
    if (!info)
        return fault_set(fault, TGC_ESYSTEM, "the HTTP server cannot start: %s", strerror(errno));
    f->guest.fds[f->guest.fds_n++] = info->epoll_fd;
    edges_open(&d->edges, info->epoll_fd);
    d->fd = fd;
    d->is_ready = true; /* its first run has it wait for connections */
    return 0;
}

static void close_doors(struct front *f)
{
    for (size_t i = 0; i < f->doors_n; i++) {
        struct door *d = &f->doors[i];
        if (!d->daemon)
            continue;
        /* First: another thread may have the set's number as soon as it is closed. */
        edges_close(&d->edges);
        MHD_stop_daemon(d->daemon);
        addresses_give(d->coming);
        d->coming = NULL;
        if (d->is_left)
            close(d->fd);
    }
    f->doors_n = 0;
}

/* --- a turn --- */

static void on_readable(void *ctx, size_t i)
{
    struct front *f = ctx;

    if (i < f->doors_n)
        f->doors[i].is_ready = true;
    else
        streams_readable(f->streams);
}

static void take_returned(struct front *f)
{
    if (!atomic_load(&f->has_returned))
        return;
    pthread_mutex_lock(&f->lock);
    struct job *job = f->returned, *next;
    f->returned = NULL;
    atomic_store_explicit(&f->has_returned, false, memory_order_relaxed);
    pthread_mutex_unlock(&f->lock);
    for (; job; job = next) {
        next = job->next;
        job->next = NULL;
        struct asker *w = job->done_ctx;
        w->back(w, job);
    }
}

/* Milliseconds until libmicrohttpd has to be run for a connection that takes too long; 0: it has more to do. */
static int64_t timeout_of(const struct door *d)
{
    MHD_UNSIGNED_LONG_LONG ms;

    if (MHD_get_timeout(d->daemon, &ms) != MHD_YES)
        return INT64_MAX;
    return ms < INT32_MAX ? (int64_t)ms : INT32_MAX;
}

/* A socket that was shut down has an event for good, which libmicrohttpd leaves where it is: it is heard of once. */
static void hush(const struct door *d)
{
    struct epoll_event once = {.events = EPOLLET, .data.ptr = d->daemon};

    epoll_ctl(d->edges.fd, EPOLL_CTL_MOD, d->fd, &once);
}

static void run_door(struct front *f, struct door *d)
{
    int64_t timeout_ms = 0;
    bool makes_room = false;

    /* The host has just looked: where it was not woken there is nothing. */
    d->edges.skips = !d->is_ready;
    d->is_ready = d->is_resumed = false;
    d->has_opened = false;
    for (int i = 0; i < (d->has_opened ? ACCEPTING_RUNS_MAX : RUNS_MAX) && (timeout_ms == 0 || makes_room); i++) {
        bool has_room_again = d->has_closed;
        d->has_opened = d->has_closed = false;
        makes_room = room_run(d);
        d->edges.skips = !d->has_opened && !makes_room;
        if (has_room_again && f->is_leaving)
            hush(d);
        /* Where it had no room for more, it listens again from its next run on. */
        timeout_ms = d->has_opened || d->has_closed ? 0 : timeout_of(d);
    }
    d->due_us = timeout_ms == INT64_MAX ? INT64_MAX : timeout_ms ? now_us(f) + timeout_ms * 1000 : 0;
}

static int64_t first(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Who comes to a passed socket from now on is served by the next daemon, rather than told that this one stops. */
static void leave_passed(struct front *f)
{
    for (size_t i = 0; i < f->doors_n; i++) {
        struct door *d = &f->doors[i];
        if (d->listener->is_passed && !d->is_left)
            d->is_left = MHD_quiesce_daemon(d->daemon) == d->fd;
    }
}

static int64_t on_turn(void *ctx)
{
    struct front *f = ctx;
    int64_t now = now_us(f);

    if (atomic_load_explicit(&f->api->stopping, memory_order_relaxed))
        leave_passed(f);
    take_returned(f);
    bool has_news = atomic_load(&f->has_news) && atomic_exchange(&f->has_news, false);
    int64_t events_us = polls_turn(f, now, has_news);
    int64_t listens_us = room_turn(f, now);
    for (size_t i = 0; i < f->doors_n; i++)
        if (f->doors[i].is_ready || f->doors[i].is_resumed || f->doors[i].due_us <= now)
            run_door(f, &f->doors[i]);
    int64_t streams_us = streams_turn(f->streams, now, has_news);
    if (f->sweep_us <= now)
        f->sweep_us = patience_sweep(f, now);
    int64_t due_us = f->is_leaving ? now + LOOK_US : f->sweep_us;
    due_us = first(due_us, listens_us);
    due_us = first(due_us, first(events_us, streams_us));
    for (size_t i = 0; i < f->doors_n; i++)
        due_us = first(due_us, f->doors[i].due_us);
    return due_us;
}

void front_resume(struct request *r)
{
    struct door *d = r->door;

    r->state = REQUEST_ANSWERED;
    d->front->waiting--;
    d->is_resumed = true;
    MHD_resume_connection(r->connection);
}

void front_wake(struct front *f)
{
    pthread_mutex_lock(&f->lock);
    /* Under the lock: its host may be leaving, or not be there yet. */
    if (f->is_hosted)
        f->guest.wake(f->guest.host);
    pthread_mutex_unlock(&f->lock);
}

/* On the thread that has something to tell. */
static void on_news(void *ctx)
{
    struct front *f = ctx;

    if (atomic_load(&f->followers) > 0 && !atomic_exchange(&f->has_news, true))
        front_wake(f);
}

/* From the thread of another worker. */
static void give_back(struct front *f, struct job *job)
{
    pthread_mutex_lock(&f->lock);
    bool is_first = !f->returned;
    job->next = f->returned;
    f->returned = job;
    atomic_exchange(&f->has_returned, true); /* over before the waking looks, as in the mailbox */
    /* Under the lock: without it the front may have taken the job, and left with its host. */
    if (is_first)
        f->guest.wake(f->guest.host);
    pthread_mutex_unlock(&f->lock);
}

void front_done(struct job *job)
{
    struct asker *w = job->done_ctx;

    if (pthread_equal(w->thread, pthread_self()))
        w->back(w, job);
    else
        give_back(w->front, job);
}

/* --- the end --- */

/* Who connects to a socket of ours from now on is refused by the kernel, and who waits to be accepted is cut off. */
static void stop_listening(struct front *f)
{
    leave_passed(f);
    for (size_t i = 0; i < f->doors_n; i++) {
        if (f->doors[i].listener->is_passed)
            continue;
        shutdown(f->doors[i].fd, SHUT_RDWR);
        hush(&f->doors[i]);
    }
}

static bool on_leave(void *ctx)
{
    struct front *f = ctx;

    if (!f->is_leaving) {
        f->is_leaving = true;
        stop_listening(f);
    }
    /* Stopping with a suspended connection is a violation that libmicrohttpd answers by abort(). */
    if (f->waiting > 0)
        return false;
    int64_t now = now_us(f);
    if (!f->leaves_us)
        f->leaves_us = now + LEAVE_US;
    /* A loop that was kept from running may have missed what came meanwhile: who was idle is so only if nothing of his
     * is found afterwards. */
    if (f->looked_us >= f->leaves_us || (f->looked_us && f->answers == 0 && conns_are_idle(f, f->looked_us)))
        return true;
    f->looked_us = now;
    for (size_t i = 0; i < f->doors_n; i++)
        f->doors[i].is_ready = true;
    return false;
}

static void on_close(void *ctx)
{
    struct front *f = ctx;

    room_leave(f);
    streams_end(f->streams);
    close_doors(f);
}

/* --- */

_Static_assert((int)API_LISTENERS_MAX < (int)GUEST_FDS_MAX,
               "a guest has a descriptor for each listener, and for streams");

static int follow(struct front *f, unsigned streams_max, struct fault *fault)
{
    int err = streams_new(f, streams_max, &f->streams);

    if (!err)
        err = events_subscribe(f->api->config.events, on_news, f, &f->reader);
    if (err)
        return fault_set(fault, err, "the HTTP server cannot start: %s", tgc_err_text(err));
    f->guest.fds[f->guest.fds_n++] = streams_fd(f->streams);
    return 0;
}

int front_new(struct api *api, size_t count, struct front **ret, struct fault *fault)
{
    struct front *f = calloc(1, sizeof(*f));
    unsigned share = api->config.connections_max / (unsigned)count;
    unsigned streams = api->config.streams_max / (unsigned)count;
    int err = 0;

    if (!f)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    f->api = api;
    f->meter = metrics_meter(api->config.metrics, api->fronts_n);
    f->connections_max = share ? share : 1;
    snprintf(f->id_prefix, sizeof(f->id_prefix), "req-%08" PRIx32 "-", random_u32(&random_system));
    f->sweep_us = f->polls_us = INT64_MAX;
    f->guest = (struct guest){.ctx = f, .readable = on_readable, .turn = on_turn, .leave = on_leave, .close = on_close};
    pthread_mutex_init(&f->lock, NULL);
    for (; f->doors_n < api->listeners_count && !err; f->doors_n++)
        err = open_door(f, &f->doors[f->doors_n], &api->listeners[f->doors_n], fault);
    if (!err)
        err = follow(f, streams ? streams : 1, fault);
    if (err) {
        front_free(f);
        return err;
    }
    *ret = f;
    return 0;
}

void front_free(struct front *f)
{
    if (!f)
        return;
    close_doors(f);
    events_unsubscribe(f->api->config.events, f->reader);
    streams_free(f->streams);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

struct guest *front_guest(struct front *f)
{
    return &f->guest;
}
