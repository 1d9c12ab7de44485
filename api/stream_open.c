#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api_internal.h"
#include "api/auth.h"
#include "api/event_frame.h"
#include "api/follow.h"
#include "api/gate.h"
#include "api/outlet.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/stream_internal.h"

enum {
    HEAD_MAX = 4 << 10,
    /* What the kernel keeps for a client that does not read, about; without a bound of ours it is megabytes. */
    SEND_BUFFER = 64 << 10,
    /* How soon a client comes back, in milliseconds. */
    RETRY_MS = 1000,
};

static int refuse(struct request *r, const char *why)
{
    struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "%s", why);

    problem_set_remedy(p, "Follow by GET /v1/events?wait=60, end streams that nobody reads, or raise the limit of open "
                          "files (LimitNOFILE= of the unit)");
    problem_set_retry_after(p, 5);
    return reply_problem(r, p);
}

static int watch(struct streams *all, struct stream *s)
{
    unsigned heard = s->tls ? EPOLLIN : 0;
    struct epoll_event event = {.events = heard | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = s};

    return epoll_ctl(all->set, EPOLL_CTL_ADD, s->fd, &event) < 0 ? TGC_ESYSTEM : 0;
}

static void set_options(int fd)
{
    const int off = 0, on = 1, size = SEND_BUFFER;

    /* On a Unix socket the first two fail. */
    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* The head, and where the client is: it may lose the connection before the first event. */
static bool send_head(struct request *r, const struct stream *s)
{
    char text[64], first[EVENT_FRAME_HEAD];
    struct buf head;

    snprintf(text, sizeof(text), "retry: %d\nid: %" PRIu64 "\n\n", RETRY_MS, s->told);
    buf_init(&head, HEAD_MAX);
    reply_write_head(r, "text/event-stream", s->is_chunked, &head);
    buf_put(&head, first, event_frame_text(text, s->is_chunked, first));
    const struct iovec all = {head.data, head.len};
    bool is_sent = !buf_err(&head) && outlet_send(s->fd, s->tls, &all, 1, 0, NULL) == (ssize_t)head.len;
    buf_fini(&head);
    return is_sent;
}

static void begin(struct streams *all, struct stream *s)
{
    s->next = all->first;
    if (s->next)
        s->next->prev = s;
    else
        all->tick_us = clock_mono_us(all->clock) + STREAM_TICK_US;
    all->first = s;
    all->n++;
    /* Before it looks: what comes after that wakes. */
    atomic_fetch_add(&all->front->followers, 1);
    s->comment_us = clock_mono_us(all->clock) + STREAM_COMMENT_US;
    stream_make_ready(all, s);
}

/* NULL where memory is gone. */
static struct stream *make(const struct request *r, uint64_t after)
{
    struct streams *all = r->door->front->streams;
    struct stream *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    *s = (struct stream){.fd = -1, .is_chunked = !r->is_old, .after = after, .told = after, .scopes = r->grant.scopes};
    if (!auth_is_by_uid(r) && !auth_is_by_certificate(r) && !(s->token = strdup(auth_token(r)))) {
        stream_free(s);
        return NULL;
    }
    if (follow_gap(all->log, all->clock, after, &s->look, &s->event) != 0) {
        stream_free(s);
        return NULL;
    }
    return s;
}

int stream_open(struct request *r, struct event_filter *filter, uint64_t after)
{
    struct streams *all = r->door->front->streams;

    if (all->n >= all->max)
        return refuse(r, "There are as many event streams as there may be");
    struct stream *s = make(r, after);
    if (!s)
        return reply_problem(r, NULL);
    s->fd = gate_hand_over(r->conn, &s->tls);
    if (s->fd < 0) {
        stream_free(s);
        return refuse(r, "No descriptor is to be had");
    }
    s->from = r->conn->from;
    r->conn->from = NULL;
    s->filter = *filter;
    *filter = (struct event_filter){0};
    s->memo = r->conn->token;
    r->conn->token = (struct token_memo){0};
    if (auth_is_by_certificate(r)) {
        s->client = r->conn->client;
        r->conn->client = NULL;
    }
    set_options(s->fd);
    if (watch(all, s) == 0 && send_head(r, s)) {
        begin(all, s);
    } else {
        close(s->fd);
        stream_free(s);
    }
    return TGC_ECLOSED;
}
