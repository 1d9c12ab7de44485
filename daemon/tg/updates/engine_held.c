/* What came too early, and is told once it is its turn. */
#include <stdlib.h>

#include "daemon/tg/updates/box.h"
#include "daemon/tg/updates/engine_internal.h"

bool updates_hold(struct updates *u, struct updates_box *box, const struct held *step, const struct tg_update *update,
                  int64_t now_us)
{
    bool has_room = held_put(&u->held, step, update) == 0;

    if (has_room)
        ++*(box->channel ? &box->channel->held_n : &u->held_n);
    if (box->asking->is_under_way)
        box->asking->again |= !has_room;
    else if (has_room)
        updates_ask_at(u, box, now_us + UPDATES_GAP_US);
    else /* nothing that is held stands for it */
        updates_want(u, box, now_us + UPDATES_GAP_US);
    return has_room;
}

static struct held *take(struct updates *u, struct held **at)
{
    int64_t channel_id = (*at)->channel_id;
    struct updates_channel *c = channel_id ? channels_find(&u->channels, channel_id) : NULL;

    if (c)
        c->held_n--;
    else if (!channel_id)
        u->held_n--;
    return held_take(&u->held, at);
}

/* Its updates, all at once: then the sequence of containers stands behind it. */
static void release_container(struct updates *u, int32_t seq)
{
    for (struct held **at = &u->held.first; *at;) {
        if ((*at)->box != HELD_SEQ || (*at)->pts != seq) {
            at = &(*at)->next;
            continue;
        }
        struct held *h = take(u, at);
        updates_tell(u, h->is_update ? &h->update : NULL);
        if (h->date > u->state.date)
            u->state.date = h->date;
        free(h);
    }
    u->state.seq = seq;
    updates_changed(u, NULL);
}

static bool release_one(struct updates *u)
{
    struct updates_box box;

    for (struct held **at = &u->held.first; *at; at = &(*at)->next) {
        bool is_known = updates_box_of(u, (*at)->box, (*at)->channel_id, &box);
        if (is_known && box.asking->is_under_way)
            continue;
        enum box_word word = is_known ? box_judge(*box.pts, (*at)->pts, (*at)->count) : BOX_APPLY;
        if (word == BOX_GAP)
            continue;
        if (word == BOX_APPLY && (*at)->box == HELD_SEQ) {
            release_container(u, (*at)->pts);
            return true;
        }
        struct held *h = take(u, at);
        if (word == BOX_APPLY) {
            if (is_known) {
                *box.pts = h->pts;
                updates_changed(u, box.channel);
            }
            updates_tell(u, h->is_update ? &h->update : NULL);
        }
        free(h);
        return true;
    }
    return false;
}

bool updates_has_gap(const struct updates *u, int64_t channel_id)
{
    const struct updates_channel *c = channel_id ? channels_find(&u->channels, channel_id) : NULL;

    return channel_id ? c && c->held_n > 0 : u->held_n > 0;
}

static void see_to_gap(struct updates *u, struct updates_box *box, bool has_gap, int64_t now_us)
{
    if (box->asking->is_under_way || box->asking->is_wanted)
        return;
    if (!has_gap)
        box->asking->due_us = INT64_MAX;
    else if (box->asking->due_us == INT64_MAX)
        updates_ask_at(u, box, now_us + UPDATES_GAP_US);
}

void updates_release(struct updates *u, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);

    while (release_one(u))
        ;
    see_to_gap(u, &box, u->held_n > 0, now_us);
    if (u->channels.due_us == INT64_MAX &&
        u->held.n == u->held_n) /* neither a gap of a channel nor a question for one */
        return;
    for (size_t i = 0; i < u->channels.n; i++) {
        struct updates_channel *c = &u->channels.list[i];
        box = (struct updates_box){.pts = &c->pts, .asking = &c->asking, .channel = c};
        see_to_gap(u, &box, c->held_n > 0, now_us);
    }
}

/* The next of its sequence to tell; a step of none comes after those that lead to where it stands. */
static bool goes_before(const struct held *a, const struct held *b)
{
    return a->box == b->box && (a->pts < b->pts || (a->pts == b->pts && a->count > b->count));
}

static struct held **find_next(struct updates *u, int64_t channel_id)
{
    struct held **found = NULL;

    for (struct held **at = &u->held.first; *at; at = &(*at)->next)
        if ((*at)->channel_id == channel_id && (!found || goes_before(*at, *found)))
            found = at;
    return found;
}

void updates_flush(struct updates *u, int64_t channel_id)
{
    struct updates_box box;
    struct held **at;

    while ((at = find_next(u, channel_id))) {
        bool is_known = updates_box_of(u, (*at)->box, channel_id, &box);
        bool is_new = !is_known || (*at)->pts > *box.pts || box_judge(*box.pts, (*at)->pts, (*at)->count) == BOX_APPLY;
        if (is_new && (*at)->box == HELD_SEQ) {
            release_container(u, (*at)->pts);
            continue;
        }
        struct held *h = take(u, at);
        if (is_new && is_known) {
            *box.pts = h->pts;
            updates_changed(u, box.channel);
        }
        if (is_new)
            updates_tell(u, h->is_update ? &h->update : NULL);
        free(h);
    }
}
