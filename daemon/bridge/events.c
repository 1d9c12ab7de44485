#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/events_internal.h"

static void note_hole(struct events *e, uint64_t after, uint64_t end)
{
    if (!e->hole_end || after < e->hole_after)
        e->hole_after = after;
    if (end > e->hole_end)
        e->hole_end = end;
}

void events_evict(struct events *e)
{
    struct event *old = e->slots[e->at];

    if (old)
        e->bytes -= event_size(old);
    event_drop(old);
    e->slots[e->at] = NULL;
    e->at = (e->at + 1) % e->config.ring;
    /* The next to go was written thousands of events ago, and is in no cache by now. */
    __builtin_prefetch(e->slots[e->at]);
    if (e->config.is_written && e->first >= e->to_write) {
        note_hole(e, e->first - 1, e->first);
        e->to_write = e->first + 1;
    }
    e->first++;
    e->n--;
}

void events_add(struct events *e, struct event *event)
{
    size_t size = event_size(event);

    while (e->n && (e->n == e->config.ring || e->bytes + size > e->config.ring_bytes))
        events_evict(e);
    event->id = events_next_id(e);
    e->bytes += size;
    e->n++;
    *events_slot(e, event->id) = event;
}

void events_wake(struct events *e)
{
    e->has_ahead = false;
    for (struct events_reader *r = e->readers; r; r = r->next)
        r->wake(r->ctx);
}

static void show(struct events *e, uint64_t up_to)
{
    if (up_to > e->reserved)
        up_to = e->reserved;
    if (up_to <= e->shown)
        return;
    e->shown = up_to;
    events_wake(e);
}

int64_t events_now_s(const struct events *e)
{
    return clock_wall_us(e->config.clock) / SECOND_US;
}

bool events_mend(struct events *e, const char *account)
{
    bool is_shared = e->config.is_shared;
    uint64_t id = is_shared ? 0 : events_next_id(e);
    struct event *gap = event_new_gap_of(account, id, id ? id - 1 : 0, events_now_s(e));

    if (!gap)
        return false;
    e->is_torn = false;
    if (is_shared)
        events_out_add(e, gap);
    else
        events_add(e, gap);
    return true;
}

/* What the process before had reserved and did not come to give is nobody's. */
static int begin(struct events *e)
{
    uint64_t newest = e->config.newest, last = e->config.reserved_before;
    bool is_gap = last > newest && !e->config.is_shared;
    struct event *gap = is_gap ? event_new_gap(last + 1, newest, events_now_s(e)) : NULL;

    if (is_gap && !gap)
        return TGC_ENOMEM;
    if (!is_gap)
        last = newest;
    e->first = last + 1;
    e->shown = e->on_disk = last;
    e->to_write = e->first;
    e->reserved = e->config.reserved;
    if (!is_gap)
        return 0;
    events_add(e, gap);
    if (!e->config.is_written)
        e->shown = gap->id;
    return 0;
}

int events_new(const struct events_config *config, struct events **ret)
{
    struct events *e = calloc(1, sizeof(*e));

    if (!e)
        return TGC_ENOMEM;
    e->config = *config;
    e->slots = calloc(config->ring, sizeof(*e->slots));
    if (config->is_shared)
        e->out.slots = calloc(config->ring, sizeof(*e->out.slots));
    if (!e->slots || (config->is_shared && !e->out.slots) || begin(e) < 0) {
        free(e->out.slots);
        free(e->slots);
        free(e);
        return TGC_ENOMEM;
    }
    pthread_mutex_init(&e->lock, NULL);
    *ret = e;
    return 0;
}

void events_free(struct events *e)
{
    if (!e)
        return;
    while (e->n)
        events_evict(e);
    events_out_free(e);
    event_block_end(&e->block);
    pthread_mutex_destroy(&e->lock);
    free(e->out.slots);
    free(e->slots);
    free(e);
}

static size_t waiting(const struct events *e)
{
    if (e->config.is_shared)
        return events_out_waiting(e);
    return e->config.is_written && !e->writing ? events_next_id(e) - e->to_write : 0;
}

int events_append(struct events *e, const struct event_words *text, size_t *ret_waiting)
{
    if (ret_waiting)
        *ret_waiting = 0;
    pthread_mutex_lock(&e->lock);
    struct event *event = text->len <= LIMIT_EVENT ? event_new_in(&e->block, 0, text) : NULL;
    int err = text->len > LIMIT_EVENT ? TGC_ELIMIT : event ? 0 : TGC_ENOMEM;

    if (event && e->is_torn && !events_mend(e, ""))
        err = TGC_ENOMEM;
    if (err)
        e->is_torn = true;
    else if (e->config.is_shared)
        events_out_add(e, event);
    else
        events_add(e, event);
    if (!e->config.is_written && !e->config.is_shared)
        show(e, events_next_id(e) - 1);
    if (ret_waiting)
        *ret_waiting = waiting(e);
    pthread_mutex_unlock(&e->lock);
    if (err)
        event_drop(event);
    return err;
}

void events_lose(struct events *e, const char *account)
{
    pthread_mutex_lock(&e->lock);
    bool was_torn = e->is_torn;
    e->is_torn = true;
    if (events_mend(e, was_torn ? "" : account) && !e->config.is_written && !e->config.is_shared)
        show(e, events_next_id(e) - 1);
    pthread_mutex_unlock(&e->lock);
}

int events_subscribe(struct events *e, void (*wake)(void *ctx), void *ctx, struct events_reader **ret)
{
    struct events_reader *r = calloc(1, sizeof(*r));

    if (!r)
        return TGC_ENOMEM;
    r->wake = wake;
    r->ctx = ctx;
    pthread_mutex_lock(&e->lock);
    r->next = e->readers;
    r->at = &e->readers;
    if (r->next)
        r->next->at = &r->next;
    e->readers = r;
    pthread_mutex_unlock(&e->lock);
    *ret = r;
    return 0;
}

void events_unsubscribe(struct events *e, struct events_reader *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&e->lock);
    *r->at = r->next;
    if (r->next)
        r->next->at = r->at;
    pthread_mutex_unlock(&e->lock);
    free(r);
}

static enum events_found find(struct events *e, uint64_t after, struct event **ret)
{
    if (after >= e->shown)
        return after > e->shown ? EVENTS_AHEAD : EVENTS_NONE;
    if (after + 1 < e->first)
        return EVENTS_OLDER;
    for (uint64_t id = after + 1; id <= e->shown; id++)
        if (*events_slot(e, id)) {
            *ret = event_hold(*events_slot(e, id));
            return EVENTS_NEXT;
        }
    return EVENTS_NONE;
}

enum events_found events_next(struct events *e, uint64_t after, struct event **ret)
{
    pthread_mutex_lock(&e->lock);
    enum events_found found = find(e, after, ret);
    pthread_mutex_unlock(&e->lock);
    return found;
}

uint64_t events_newest(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    uint64_t id = e->shown;
    pthread_mutex_unlock(&e->lock);
    return id;
}

static uint64_t oldest_here(const struct events *e)
{
    return e->first <= e->shown ? e->first : e->shown + 1;
}

void events_skipped(struct events *e, uint64_t *ret_after, uint64_t *ret_end)
{
    pthread_mutex_lock(&e->lock);
    *ret_after = e->config.newest;
    *ret_end = e->config.reserved_before > e->config.newest ? e->config.reserved_before : e->config.newest;
    pthread_mutex_unlock(&e->lock);
}

uint64_t events_oldest_here(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    uint64_t id = oldest_here(e);
    pthread_mutex_unlock(&e->lock);
    return id;
}

bool events_hole(struct events *e, uint64_t *ret_after, uint64_t *ret_end)
{
    pthread_mutex_lock(&e->lock);
    *ret_after = e->hole_after;
    *ret_end = e->hole_end;
    pthread_mutex_unlock(&e->lock);
    return *ret_end != 0;
}

/* --- for who writes --- */

/* In place of what missed the disk there is a gap with the last one's id. */
static size_t tell_hole(struct events *e, struct event **list)
{
    if (!e->hole_end || !(list[0] = event_new_gap(e->hole_end, e->hole_after, events_now_s(e))))
        return 0;
    e->writing_hole = e->hole_end;
    return 1;
}

size_t events_to_write(struct events *e, size_t max, struct event **ret_list, uint64_t *ret_reserved)
{
    size_t n = 0;

    pthread_mutex_lock(&e->lock);
    if (e->config.is_shared) {
        n = events_out_begin(e, max, ret_list);
        *ret_reserved = 0;
    } else if (e->config.is_written && !e->writing && e->to_write < events_next_id(e)) {
        n = tell_hole(e, ret_list);
        for (; e->to_write < events_next_id(e) && n < max; e->to_write++)
            if (*events_slot(e, e->to_write))
                ret_list[n++] = event_hold(*events_slot(e, e->to_write));
        e->writing = e->to_write - 1;
        if (!n) {
            show(e, e->writing);
            e->writing = 0;
        }
        e->writing_reserved = e->reserved;
        if (e->writing + LIMIT_EVENTS_RESERVED / 2 > e->reserved)
            e->writing_reserved = e->writing + LIMIT_EVENTS_RESERVED;
        *ret_reserved = e->writing_reserved;
    }
    pthread_mutex_unlock(&e->lock);
    return n;
}

size_t events_written(struct events *e, bool written)
{
    pthread_mutex_lock(&e->lock);
    if (e->config.is_shared) {
        events_out_end(e, written);
    } else if (written) {
        e->reserved = e->writing_reserved;
        if (e->writing_hole == e->hole_end)
            e->hole_after = e->hole_end = 0;
        else if (e->writing_hole)
            e->hole_after = e->writing;
        e->on_disk = e->writing;
        show(e, e->writing);
    } else {
        show(e, e->writing);
        if (e->shown > e->on_disk)
            note_hole(e, e->on_disk, e->shown);
        /* The others are to be written another time. */
        if (e->first > e->shown + 1)
            note_hole(e, e->shown, e->first - 1);
        e->to_write = e->first > e->shown + 1 ? e->first : e->shown + 1;
    }
    e->writing = e->writing_hole = 0;
    size_t n = waiting(e);
    pthread_mutex_unlock(&e->lock);
    return n;
}

bool events_are_written(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    bool are = e->config.is_shared ? !e->out.is_writing && events_out_waiting(e) == 0
                                   : !e->writing && e->to_write == events_next_id(e) && !e->hole_end && !e->is_torn;
    pthread_mutex_unlock(&e->lock);
    return are;
}

uint64_t events_forget(struct events *e, const char *account)
{
    pthread_mutex_lock(&e->lock);
    for (uint64_t id = e->first; id < events_next_id(e); id++) {
        struct event **at = events_slot(e, id);
        if (*at && strcmp((*at)->text.account, account) == 0) {
            e->bytes -= event_size(*at);
            event_drop(*at);
            *at = NULL;
        }
    }
    events_out_forget(e, account);
    uint64_t last = events_next_id(e) - 1;
    pthread_mutex_unlock(&e->lock);
    return last;
}
