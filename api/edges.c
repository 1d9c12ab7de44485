#include "api/edges.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 1 << 16 };

/* epoll_ctl(), epoll_wait() and recv() have no other context than their descriptors. What is beyond the end works as it
 * does without these. Relaxed: what is under a number changes only while that is nobody's but its thread's. */
static _Atomic(struct edges *) sets[DESCRIPTORS_MAX];
static _Atomic(struct edge *) edges_of[DESCRIPTORS_MAX];

static bool is_within(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS_MAX;
}

static struct edges *find_set(int fd)
{
    return is_within(fd) ? atomic_load_explicit(&sets[fd], memory_order_relaxed) : NULL;
}

static struct edge *find(int fd)
{
    return is_within(fd) ? atomic_load_explicit(&edges_of[fd], memory_order_relaxed) : NULL;
}

void *edge_find(int fd)
{
    struct edge *e = find(fd);

    return e ? e->ctx : NULL;
}

static int ctl(int set, int op, int fd, struct epoll_event *event)
{
    return (int)syscall(SYS_epoll_ctl, set, op, fd, event);
}

void edges_open(struct edges *edges, int fd)
{
    *edges = (struct edges){.fd = fd};
    if (is_within(fd))
        atomic_store_explicit(&sets[fd], edges, memory_order_relaxed);
}

void edges_close(struct edges *edges)
{
    if (is_within(edges->fd))
        atomic_store_explicit(&sets[edges->fd], NULL, memory_order_relaxed);
}

void edge_open(struct edge *e, const struct edges *edges, int fd, void *ctx)
{
    *e = (struct edge){.fd = fd, .set = edges->fd, .ctx = ctx, .has_news = true};
    if (is_within(fd))
        atomic_store_explicit(&edges_of[fd], e, memory_order_relaxed);
}

void edge_close(struct edge *e)
{
    /* libmicrohttpd does not know of it, and a copy of the descriptor may outlive it, and its events with it. */
    if (e->is_registered && !e->is_held)
        ctl(e->set, EPOLL_CTL_DEL, e->fd, NULL);
    if (is_within(e->fd))
        atomic_store_explicit(&edges_of[e->fd], NULL, memory_order_relaxed);
}

void edge_is_drained(struct edge *e)
{
    /* Where these calls do not reach, each reading is a look of its own. */
    e->has_news = e->has_ended || !e->is_registered;
}

/* Told apart from what else is in a set by the lowest bit: that is libmicrohttpd's structure of the daemon, as long as
 * neither its channel between threads nor upgrades are on. */
static int ask(struct edge *e, int op)
{
    struct epoll_event own = {.events = e->events, .data.u64 = (uintptr_t)e | 1};

    return ctl(e->set, op, e->fd, &own);
}

void edge_look_again(struct edge *e)
{
    e->is_missed = !e->is_held || ask(e, EPOLL_CTL_MOD) < 0;
}

static int add(struct edge *e, const struct epoll_event *event)
{
    e->owner = event->data.ptr;
    e->events = event->events | EPOLLRDHUP;
    /* A change has the kernel look again, and tell of what was missed. */
    if ((!e->is_registered || e->is_missed) && ask(e, e->is_registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD) < 0)
        return -1;
    e->is_registered = e->is_held = true;
    e->is_missed = false;
    return 0;
}

static int del(struct edge *e)
{
    e->is_held = false;
    if (e->is_leaving)
        return 0;
    e->is_registered = false;
    return ctl(e->set, EPOLL_CTL_DEL, e->fd, NULL);
}

/* By their assembler names, as in gate.c. */
int edges_ctl(int set, int op, int fd, struct epoll_event *event) __asm__("epoll_ctl");
int edges_wait(int set, struct epoll_event *events, int max, int timeout_ms) __asm__("epoll_wait");

int edges_ctl(int set, int op, int fd, struct epoll_event *event)
{
    struct edge *e = find_set(set) ? find(fd) : NULL;

    if (e && op == EPOLL_CTL_ADD)
        return add(e, event);
    if (e && op == EPOLL_CTL_DEL)
        return del(e);
    return ctl(set, op, fd, event);
}

/* False: libmicrohttpd is not to hear of it now. */
static bool hear(struct epoll_event *event)
{
    struct edge *e = (struct edge *)((uintptr_t)event->data.u64 & ~(uintptr_t)1); // NOLINT(performance-no-int-to-ptr)

    if (event->events & EPOLLRDHUP)
        atomic_store_explicit(&e->has_ended, true, memory_order_relaxed);
    e->has_news = e->has_news || event->events & ~(uint32_t)EPOLLOUT;
    if (!e->is_held) {
        e->is_missed = true;
        return false;
    }
    event->data.ptr = e->owner;
    return true;
}

int edges_wait(int set, struct epoll_event *events, int max, int timeout_ms)
{
    struct edges *edges = find_set(set);
    int n, heard = 0;

    if (edges && edges->skips)
        return 0;
    n = epoll_pwait(set, events, max, timeout_ms, NULL);
    if (!edges)
        return n;
    for (int i = 0; i < n; i++)
        if (!(events[i].data.u64 & 1) || hear(&events[i]))
            events[heard++] = events[i];
    return n < 0 ? n : heard;
}
