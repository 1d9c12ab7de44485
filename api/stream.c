#include "api/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/addresses.h"
#include "api/api_internal.h"
#include "api/clients.h"
#include "api/event_frame.h"
#include "api/outlet.h"
#include "api/stream_internal.h"
#include "api/tls.h"

enum {
    /* What a client that follows events may send by TLS, in all. */
    HEARD_MAX = 64 << 10,
    /* Clients that are sent something in one turn: requests have theirs between two. */
    SENDS_A_TURN = 64,
    EVENTS_AT_ONCE = 64,
    /* Of an event that has left in part, and is no longer in the log's memory. */
    HELD_MAX = 16 << 10,
};

/* --- one stream's life --- */

void stream_make_ready(struct streams *all, struct stream *s)
{
    if (s->is_ready || s->is_blocked || s->is_over || s->is_reading)
        return;
    s->is_ready = true;
    s->next_ready = NULL;
    *all->ready_end = s;
    all->ready_end = &s->next_ready;
}

static struct stream *next_ready(struct streams *all)
{
    struct stream *s = all->ready;

    if (!s)
        return NULL;
    all->ready = s->next_ready;
    if (!all->ready)
        all->ready_end = &all->ready;
    s->is_ready = false;
    return s;
}

void stream_free(struct stream *s)
{
    event_drop(s->event);
    event_filter_fini(&s->filter);
    token_memo_fini(&s->memo);
    client_memo_free(s->client);
    tls_free(s->tls);
    addresses_give(s->from);
    if (s->token)
        explicit_bzero(s->token, strlen(s->token));
    free(s->token);
    free(s);
}

void stream_end(struct streams *all, struct stream *s)
{
    if (s->is_over)
        return;
    s->is_over = true;
    if (s->next)
        s->next->prev = s->prev;
    if (s->prev)
        s->prev->next = s->next;
    else
        all->first = s->next;
    all->n--;
    atomic_fetch_sub(&all->front->followers, 1);
    epoll_ctl(all->set, EPOLL_CTL_DEL, s->fd, NULL);
    close(s->fd);
    if (s->page)
        stream_drop_page(all, s);
    if (s->wants_page)
        all->wanting--;
    if (!s->is_ready && !s->is_reading)
        stream_free(s);
}

void stream_end_in_order(struct streams *all, struct stream *s)
{
    const struct iovec end = {EVENT_LAST_CHUNK, strlen(EVENT_LAST_CHUNK)};

    if (s->is_chunked && !s->sent)
        (void)outlet_send(s->fd, s->tls, &end, 1, 0, NULL);
    outlet_end(s->fd, s->tls);
    shutdown(s->fd, SHUT_WR);
    stream_end(all, s);
}

/* --- a turn --- */

/* Its client would come back to it by what it has read. */
static bool holds_too_much(const struct stream *s, uint64_t oldest_here)
{
    return s->event && s->event->id < oldest_here && event_size(s->event) > HELD_MAX;
}

/* Its client, who may be nobody's friend by now. */
static bool may_follow(const struct streams *all, struct stream *s)
{
    const struct api *api = all->front->api;

    if (s->client)
        return clients_hold(api->clients, s->client, s->tls, s->scopes, s->filter.accounts);
    return !s->token ||
           tokens_holds(api->config.tokens, &s->memo, s->token, strlen(s->token), s->scopes, s->filter.accounts);
}

static void tick(struct streams *all, int64_t now)
{
    uint64_t oldest_here = events_oldest_here(all->log);

    for (struct stream *s = all->first, *next; s; s = next) {
        next = s->next;
        if (!may_follow(all, s)) {
            stream_end_in_order(all, s);
        } else if (holds_too_much(s, oldest_here)) {
            stream_end(all, s);
        } else if (s->comment_us <= now) {
            s->comment_us = now + STREAM_COMMENT_US;
            if (!s->is_blocked && !s->sent)
                stream_comment(all, s);
        }
    }
    stream_room_for_pages(all);
    all->tick_us = now + STREAM_TICK_US;
}

/* By TLS a client says that it has ended, and may ask for other keys; there is nothing else that it could say. False:
 * it is at its end. */
static bool listen_to(struct streams *all, struct stream *s)
{
    uint8_t data[4096];
    struct buf words;
    const char *why;
    ssize_t n;
    int err = 0;

    while (!err && s->heard < HEARD_MAX && (n = recv(s->fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
        s->heard += (size_t)n;
        buf_init_secret(&words, 2 * TLS_RECORD_MAX);
        err = tls_feed(s->tls, data, (size_t)n, &words, &why);
        buf_fini(&words);
    }
    stream_make_ready(all, s); /* what TLS answers waits to be sent */
    return !err && s->heard < HEARD_MAX && !tls_has_ended(s->tls);
}

/* What comes from a client is not read but for TLS. */
static void hear(struct streams *all)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int n = epoll_wait(all->set, events, EVENTS_AT_ONCE, 0);

    all->is_readable = n == EVENTS_AT_ONCE;
    for (int i = 0; i < n; i++) {
        struct stream *s = events[i].data.ptr;
        if (events[i].events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
            stream_end(all, s);
        } else if (events[i].events & EPOLLIN && s->tls && !listen_to(all, s)) {
            stream_end_in_order(all, s);
        } else if (events[i].events & EPOLLOUT && s->is_blocked) {
            s->is_blocked = false;
            stream_make_ready(all, s);
        }
    }
}

int64_t streams_turn(struct streams *all, int64_t now, bool has_news)
{
    if (atomic_load(&all->front->api->stopping))
        streams_end(all);
    if (all->is_readable)
        hear(all);
    for (struct stream *s = has_news ? all->first : NULL; s; s = s->next)
        stream_make_ready(all, s);
    struct stream *s;
    for (int i = 0; i < SENDS_A_TURN && (s = next_ready(all)) != NULL; i++) {
        if (s->is_over && !s->is_reading)
            stream_free(s);
        else if (!s->is_over)
            stream_feed(all, s);
    }
    if (all->first && all->tick_us <= now)
        tick(all, now);
    if (all->ready || all->is_readable)
        return 0;
    return all->first ? all->tick_us : INT64_MAX;
}

void streams_end(struct streams *all)
{
    struct stream *s;

    while (all->first)
        stream_end_in_order(all, all->first);
    while ((s = next_ready(all)) != NULL)
        if (!s->is_reading)
            stream_free(s);
}

/* --- */

int streams_new(struct front *f, unsigned max, struct streams **ret)
{
    struct streams *all = calloc(1, sizeof(*all));

    if (!all)
        return TGC_ENOMEM;
    *all = (struct streams){.front = f, .log = f->api->config.events, .clock = f->api->config.clock, .max = max};
    all->ready_end = &all->ready;
    all->set = epoll_create1(EPOLL_CLOEXEC);
    if (all->set < 0) {
        free(all);
        return TGC_ESYSTEM;
    }
    *ret = all;
    return 0;
}

void streams_free(struct streams *all)
{
    if (!all)
        return;
    close(all->set);
    free(all);
}

int streams_fd(const struct streams *all)
{
    return all->set;
}

void streams_readable(struct streams *all)
{
    all->is_readable = true;
}
