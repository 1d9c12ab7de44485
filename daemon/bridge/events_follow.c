#include "daemon/bridge/events_internal.h"

/* A look that was under way when the reader came may have begun before its event was there: the one after that did
 * not. In a log of one's own a number that was given may be shown in a moment. */
static bool is_known(const struct events *e, uint64_t after, uint64_t look)
{
    return e->config.is_shared ? e->looks >= look : after >= events_next_id(e);
}

bool events_is_lost(struct events *e, uint64_t after, uint64_t *look, uint64_t *ret_newest)
{
    pthread_mutex_lock(&e->lock);
    bool is_ahead = after > e->shown;
    if (!is_ahead)
        *look = 0;
    else if (!*look)
        *look = e->looks + 2;
    bool is_lost = is_ahead && is_known(e, after, *look);
    e->has_ahead |= is_ahead && !is_lost;
    *ret_newest = e->shown;
    pthread_mutex_unlock(&e->lock);
    return is_lost;
}

static void empty(struct events *e)
{
    while (e->n)
        events_evict(e);
    e->first = e->shown + 1;
    e->hole_after = e->hole_end = 0;
}

static void end_look(struct events *e, uint64_t newest)
{
    bool has_moved = newest != e->shown;

    e->shown = e->on_disk = newest;
    e->to_write = newest + 1;
    if (has_moved || e->has_ahead)
        events_wake(e);
}

void events_follow(struct events *e, uint64_t newest)
{
    pthread_mutex_lock(&e->lock);
    e->looks++;
    bool has_moved = newest != e->shown;
    end_look(e, newest);
    if (has_moved)
        empty(e);
    pthread_mutex_unlock(&e->lock);
}

/* The next id has no event. */
static void add_none(struct events *e)
{
    while (e->n && e->n == e->config.ring)
        events_evict(e);
    e->n++;
    *events_slot(e, events_next_id(e) - 1) = NULL;
}

void events_follow_with(struct events *e, uint64_t newest, struct event **list, size_t n)
{
    pthread_mutex_lock(&e->lock);
    e->looks++;
    /* What is not in its place, which is not to be met, is read from the disk. */
    bool is_good = newest >= e->shown && newest - e->shown <= e->config.ring;
    for (size_t i = 0; i < n; i++)
        is_good = is_good && list[i]->id > (i ? list[i - 1]->id : e->shown) && list[i]->id <= newest;
    size_t taken = 0;
    e->to_write = newest + 1; /* what falls out of the ring is on the disk */
    for (uint64_t id = e->shown + 1; is_good && id <= newest; id++) {
        if (taken < n && list[taken]->id == id)
            events_add(e, list[taken++]);
        else
            add_none(e);
    }
    while (taken < n)
        event_drop(list[taken++]);
    end_look(e, newest);
    if (!is_good)
        empty(e);
    pthread_mutex_unlock(&e->lock);
}

void events_follow_anew(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    empty(e);
    pthread_mutex_unlock(&e->lock);
}
