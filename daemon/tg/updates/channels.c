#include "daemon/tg/updates/channels.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

/* Where ID is, or would be. */
static size_t place_of(const struct updates_channels *c, int64_t id)
{
    size_t low = 0, high = c->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->list[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct updates_channel *channels_find(const struct updates_channels *c, int64_t id)
{
    size_t i = place_of(c, id);

    return i < c->n && c->list[i].id == id && c->list[i].pts ? &c->list[i] : NULL;
}

static int grow(struct updates_channels *c)
{
    size_t cap = c->cap ? c->cap * 2 : 4;

    if (c->n < c->cap)
        return 0;
    struct updates_channel *p = reallocarray(c->list, cap, sizeof(*p));
    if (!p)
        return TGC_ENOMEM;
    c->list = p;
    c->cap = cap;
    return 0;
}

static bool lacks_nothing(const struct updates_channel *channel)
{
    return channel->asking.due_us == INT64_MAX && !channel->asking.is_under_way && !channel->held_n;
}

/* False: not now. */
static bool make_room(struct updates_channels *c)
{
    struct updates_channel *quietest = NULL;
    bool is_on_its_way = false;

    for (size_t i = 0; i < c->n; i++) {
        struct updates_channel *p = &c->list[i];
        if (!p->pts && !p->is_changed) {
            memmove(p, p + 1, (--c->n - i) * sizeof(*p));
            return true;
        }
        is_on_its_way |= !p->pts;
        if (p->pts && lacks_nothing(p) && (!quietest || p->used < quietest->used))
            quietest = p;
    }
    if (is_on_its_way || !quietest)
        return false;
    quietest->pts = 0;
    channels_change(c, quietest);
    c->has_let_go = true;
    return false;
}

int channels_add(struct updates_channels *c, int64_t id, int32_t pts, struct updates_channel **ret)
{
    size_t i = place_of(c, id);

    if (i == c->n || c->list[i].id != id) {
        if (c->n == LIMIT_UPDATE_CHANNELS && !make_room(c))
            return TGC_ELIMIT;
        int err = grow(c);
        if (err)
            return err;
        i = place_of(c, id); /* made room may have moved it */
        memmove(&c->list[i + 1], &c->list[i], (c->n - i) * sizeof(c->list[0]));
        c->n++;
        c->list[i] = (struct updates_channel){.id = id};
    }
    if (!c->list[i].pts) {
        c->list[i].pts = pts;
        c->list[i].asking = (struct updates_asking){.due_us = INT64_MAX};
        channels_change(c, &c->list[i]);
    }
    *ret = &c->list[i];
    return 0;
}

void channels_change(struct updates_channels *c, struct updates_channel *channel)
{
    c->changed_n += !channel->is_changed;
    channel->is_changed = true;
    channel->used = ++c->uses;
}

void channels_untake(struct updates_channels *c)
{
    for (size_t i = 0; i < c->n; i++)
        c->list[i].is_changed = true;
    c->changed_n = c->n;
}

bool channels_take_changed(struct updates_channels *c, int64_t *ret_id, int32_t *ret_pts)
{
    if (!c->changed_n)
        return false;
    for (size_t i = 0; i < c->n; i++) {
        if (!c->list[i].is_changed)
            continue;
        c->changed_n--;
        c->list[i].is_changed = false;
        *ret_id = c->list[i].id;
        *ret_pts = c->list[i].pts;
        return true;
    }
    return false;
}

void channels_fini(struct updates_channels *c)
{
    free(c->list);
    *c = (struct updates_channels){0};
}
