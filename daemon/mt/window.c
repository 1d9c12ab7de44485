#include "daemon/mt/window.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

/* Twice the window: ids nearly always arrive in order, so the sorted run wanders through the array and is moved back
 * once in LIMIT_SEEN_MESSAGES. */
enum { CAP_MIN = 64, CAP_MAX = 2 * LIMIT_SEEN_MESSAGES };

void window_fini(struct window *w)
{
    free(w->ids);
    *w = (struct window){0};
}

/* The number of ids below ID. */
static size_t rank(const struct window *w, uint64_t id)
{
    const uint64_t *ids = w->ids + w->head;
    size_t low = 0, high = w->n;

    if (w->n && ids[w->n - 1] < id)
        return w->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool window_has(const struct window *w, uint64_t id)
{
    if (!w->n)
        return false;
    size_t at = rank(w, id);
    return at < w->n && w->ids[w->head + at] == id;
}

bool window_is_below(const struct window *w, uint64_t id)
{
    return w->n == LIMIT_SEEN_MESSAGES && id < w->ids[w->head];
}

uint64_t window_newest(const struct window *w)
{
    return w->n ? w->ids[w->head + w->n - 1] : 0;
}

/* Makes room for one id behind the last. */
static int make_room(struct window *w)
{
    if (w->head + w->n < w->cap)
        return 0;
    if (w->head == 0) {
        size_t cap = w->cap ? w->cap * 2 : CAP_MIN;
        uint64_t *ids = reallocarray(w->ids, cap < CAP_MAX ? cap : CAP_MAX, sizeof(*ids));
        if (!ids)
            return TGC_ENOMEM;
        w->ids = ids;
        w->cap = cap < CAP_MAX ? cap : CAP_MAX;
        return 0;
    }
    memmove(w->ids, w->ids + w->head, w->n * sizeof(*w->ids));
    w->head = 0;
    return 0;
}

int window_add(struct window *w, uint64_t id)
{
    if (window_has(w, id))
        return WINDOW_SEEN;
    if (window_is_below(w, id))
        return WINDOW_OLD;
    if (w->n == LIMIT_SEEN_MESSAGES) {
        w->head++;
        w->n--;
    }
    if (make_room(w))
        return TGC_ENOMEM;
    size_t at = rank(w, id);
    uint64_t *place = w->ids + w->head + at;
    memmove(place + 1, place, (w->n - at) * sizeof(*place));
    *place = id;
    w->n++;
    return WINDOW_NEW;
}

void window_drop(struct window *w, uint64_t id)
{
    if (!window_has(w, id))
        return;
    uint64_t *place = w->ids + w->head + rank(w, id);
    w->n--;
    memmove(place, place + 1, (size_t)(w->ids + w->head + w->n - place) * sizeof(*place));
}
