#include "daemon/bridge/events_internal.h"

#include <string.h>

static struct event **slot(const struct events *e, size_t i)
{
    return &e->out.slots[(e->out.at + i) % e->config.ring];
}

static void take_out(struct events *e, size_t i)
{
    struct event **at = slot(e, i);

    if (*at)
        e->out.bytes -= event_size(*at);
    event_drop(*at);
    *at = NULL;
}

/* The slots from the first empty one on close up. */
static void close_up(struct events *e)
{
    size_t kept = 0;

    for (size_t i = 0; i < e->out.n; i++) {
        struct event *event = *slot(e, i);
        if (!event)
            continue;
        *slot(e, i) = NULL;
        *slot(e, kept++) = event;
    }
    e->out.settled += e->out.n - kept;
    e->out.n = kept;
}

/* The oldest that is not being written is lost, as the newest says more of how it stands. */
static bool make_room(struct events *e)
{
    struct events_out *out = &e->out;

    if (out->n == out->writing)
        return false;
    take_out(e, out->writing);
    out->is_torn = true;
    for (size_t i = out->writing; i > 0; i--)
        *slot(e, i) = *slot(e, i - 1);
    *slot(e, 0) = NULL;
    out->at = (out->at + 1) % e->config.ring;
    out->n--;
    out->settled++;
    return true;
}

void events_out_add(struct events *e, struct event *event)
{
    struct events_out *out = &e->out;
    size_t size = event_size(event);

    while ((out->n == e->config.ring || out->bytes + size > e->config.ring_bytes) && make_room(e))
        continue;
    out->put++;
    if (out->n == e->config.ring) {
        event_drop(event);
        out->settled++;
        e->is_torn = true;
        return;
    }
    *slot(e, out->n++) = event;
    out->bytes += size;
}

size_t events_out_waiting(const struct events *e)
{
    return e->out.is_writing ? 0 : e->out.n + e->out.is_torn + e->is_torn;
}

size_t events_out_begin(struct events *e, size_t max, struct event **ret_list)
{
    struct events_out *out = &e->out;
    size_t n = 0;

    if (out->is_writing)
        return 0;
    if (e->is_torn)
        events_mend(e, "");
    if (out->is_torn && (ret_list[0] = event_new_gap(0, 0, events_now_s(e)))) {
        out->is_torn = false;
        out->writes_gap = true;
        n = 1;
    }
    for (; out->writing < out->n && n < max; out->writing++)
        ret_list[n++] = event_hold(*slot(e, out->writing));
    out->is_writing = n > 0;
    return n;
}

void events_out_end(struct events *e, bool written)
{
    struct events_out *out = &e->out;

    for (size_t i = 0; written && i < out->writing; i++)
        take_out(e, i);
    out->is_torn |= out->writes_gap && !written;
    out->writes_gap = out->is_writing = false;
    out->writing = 0;
    out->has_failed = !written;
    close_up(e);
}

void events_out_forget(struct events *e, const char *account)
{
    for (size_t i = 0; i < e->out.n; i++)
        if (*slot(e, i) && strcmp((*slot(e, i))->text.account, account) == 0)
            take_out(e, i);
    /* Else the place of those that are being written would not be known. */
    if (!e->out.is_writing)
        close_up(e);
}

void events_out_free(struct events *e)
{
    for (size_t i = 0; i < e->out.n; i++)
        take_out(e, i);
}

bool events_are_shared(const struct events *e)
{
    return e->config.is_shared;
}

uint64_t events_mark(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    uint64_t mark = e->out.put;
    pthread_mutex_unlock(&e->lock);
    return mark;
}

bool events_have_settled(struct events *e, uint64_t mark)
{
    pthread_mutex_lock(&e->lock);
    bool have = e->out.settled >= mark || e->out.has_failed;
    pthread_mutex_unlock(&e->lock);
    return have;
}
