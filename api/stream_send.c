#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "api/event_frame.h"
#include "api/follow.h"
#include "api/outlet.h"
#include "api/stream_internal.h"

enum {
    /* What is sent to one client by one system call. */
    FRAMES_AT_ONCE = 16,
    BYTES_AT_ONCE = 64 << 10,
    /* Events that one client's filter looks at in one go. */
    LOOKS_AT_ONCE = 256,
};

struct parcel {
    struct event *events[FRAMES_AT_ONCE];
    struct event_frame frames[FRAMES_AT_ONCE];
    size_t n, len;
    uint64_t looked;         /* up to there nothing is left to be sent */
    enum events_found found; /* and what is behind it */
};

/* Takes over a reference to EVENT. */
static void add(struct parcel *b, struct event *event, bool is_chunked)
{
    b->events[b->n] = event;
    event_frame_make(event, is_chunked, &b->frames[b->n]);
    b->len += b->frames[b->n++].len;
}

/* Of the page that the disk gave first. */
static enum events_found next(struct streams *all, struct stream *s, uint64_t *looked, struct event **ret)
{
    if (s->page && s->page_at < s->page->events_n) {
        struct event **taken = &s->page->events[s->page_at++];
        *ret = *taken;
        *taken = NULL;
        return EVENTS_NEXT;
    }
    if (s->page) {
        *looked = s->page->events_up_to;
        stream_drop_page(all, s);
    }
    return events_next(all->log, *looked, ret);
}

/* A client that is ahead of the log, and lost: it goes on where the log ends. */
static bool set_back(struct streams *all, struct stream *s, struct parcel *b)
{
    struct event *gap;

    if (follow_gap(all->log, all->clock, b->looked, &s->look, &gap) != 0 || !gap)
        return false;
    s->look = 0;
    b->looked = gap->id;
    add(b, gap, s->is_chunked);
    return true;
}

static void gather(struct streams *all, struct stream *s, struct parcel *b)
{
    b->n = b->len = 0;
    b->looked = s->after;
    b->found = EVENTS_NEXT;
    if (s->event) {
        b->looked = s->event->id;
        add(b, s->event, s->is_chunked);
        s->event = NULL;
    }
    for (int looks = 0; looks < LOOKS_AT_ONCE && b->n < FRAMES_AT_ONCE && b->len < BYTES_AT_ONCE; looks++) {
        struct event *event = NULL;
        b->found = next(all, s, &b->looked, &event);
        if (b->found == EVENTS_AHEAD && set_back(all, s, b))
            continue;
        if (b->found != EVENTS_NEXT)
            return;
        b->looked = event->id;
        if (event_filter_passes(&s->filter, &event->text))
            add(b, event, s->is_chunked);
        else
            event_drop(event);
    }
}

/* The bytes that left; negative: none ever will. */
static ssize_t send_batch(const struct stream *s, struct parcel *b)
{
    struct iovec parts[FRAMES_AT_ONCE * EVENT_FRAME_PARTS];
    size_t n = 0;

    for (size_t i = 0; i < b->n; i++)
        for (size_t p = 0; p < EVENT_FRAME_PARTS; p++)
            parts[n++] = b->frames[i].parts[p];
    ssize_t sent = outlet_send(s->fd, s->tls, parts, n, s->sent, NULL);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

/* LEFT bytes of the batch's frames are gone, counted from the first one's beginning. */
static void settle(struct streams *all, struct stream *s, struct parcel *b, size_t left)
{
    size_t i = 0;

    for (; i < b->n && left >= b->frames[i].len; i++) {
        left -= b->frames[i].len;
        s->after = s->told = b->events[i]->id;
        event_drop(b->events[i]);
    }
    s->sent = left;
    if (i == b->n) {
        s->after = b->looked;
        return;
    }
    s->is_blocked = true;
    if (s->page)
        stream_drop_page(all, s); /* it may be long until it is asked for again */
    /* The log has what did not begin to leave; a gap is this client's own. */
    if (left || strcmp(b->events[i]->text.type, "gap") == 0)
        s->event = b->events[i++];
    for (; i < b->n; i++)
        event_drop(b->events[i]);
}

/* Whether nothing of what was made for it waits for its socket. */
static bool flush(struct streams *all, struct stream *s)
{
    if (outlet_flush(s->fd, s->tls) == 0)
        return true;
    if (errno == EAGAIN)
        s->is_blocked = true;
    else
        stream_end(all, s);
    return false;
}

void stream_feed(struct streams *all, struct stream *s)
{
    struct parcel b;

    if (!flush(all, s))
        return;
    gather(all, s, &b);
    ssize_t sent = b.n ? send_batch(s, &b) : 0;
    settle(all, s, &b, s->sent + (sent > 0 ? (size_t)sent : 0));
    if (sent < 0)
        stream_end(all, s);
    else if (!flush(all, s))
        return;
    else if (b.found == EVENTS_OLDER && b.n == 0)
        stream_read(all, s);
    else if (b.found == EVENTS_NEXT || b.found == EVENTS_OLDER || (b.n && b.found == EVENTS_AHEAD))
        stream_make_ready(all, s);
}

void stream_comment(struct streams *all, struct stream *s)
{
    char text[64] = ":\n\n", out[EVENT_FRAME_HEAD];

    /* Where everything was passed over, coming back shall not mean to look at it again. */
    if (s->after != s->told)
        snprintf(text, sizeof(text), ":\nid: %" PRIu64 "\n\n", s->after);
    size_t len = event_frame_text(text, s->is_chunked, out);
    ssize_t n = outlet_send(s->fd, s->tls, &(struct iovec){out, len}, 1, 0, NULL);
    if (n == (ssize_t)len && flush(all, s))
        s->told = s->after;
    else if (n == (ssize_t)len)
        return;
    else if (n < 0 && errno == EAGAIN)
        s->is_blocked = true;
    else
        stream_end(all, s);
}
