/* What came too early, and is told once it is its turn. */
#include <stdlib.h>

#include "daemon/tg/updates/box.h"
#include "daemon/tg/updates/engine_internal.h"

/* Its updates, all at once: then the sequence of containers stands behind it. */
static void release_container(struct updates *u, int32_t seq)
{
    for (struct held **at = &u->held.first; *at;) {
        if ((*at)->box != HELD_SEQ || (*at)->pts != seq) {
            at = &(*at)->next;
            continue;
        }
        struct held *h = held_take(&u->held, at);
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
        struct held *h = held_take(&u->held, at);
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
    for (const struct held *h = u->held.first; h; h = h->next)
        if (h->channel_id == channel_id)
            return true;
    return false;
}

static void see_to_gap(struct updates *u, struct updates_box *box, int64_t channel_id, int64_t now_us)
{
    if (box->asking->is_under_way || box->asking->is_wanted)
        return;
    if (!updates_has_gap(u, channel_id))
        box->asking->due_us = INT64_MAX;
    else if (box->asking->due_us == INT64_MAX)
        updates_ask_at(u, box, now_us + UPDATES_GAP_US);
}

void updates_release(struct updates *u, int64_t now_us)
{
    struct updates_box box;

    while (release_one(u))
        ;
    (void)updates_box_of(u, HELD_COMMON, 0, &box);
    see_to_gap(u, &box, 0, now_us);
    for (size_t i = 0; i < u->channels.n; i++)
        if (updates_box_of(u, HELD_CHANNEL, u->channels.list[i].id, &box))
            see_to_gap(u, &box, u->channels.list[i].id, now_us);
}

void updates_flush(struct updates *u, int64_t channel_id)
{
    struct updates_box box;

    for (struct held **at = &u->held.first; *at;) {
        if ((*at)->channel_id != channel_id) {
            at = &(*at)->next;
            continue;
        }
        struct held *h = held_take(&u->held, at);
        if (updates_box_of(u, h->box, h->channel_id, &box) && h->pts > *box.pts) {
            *box.pts = h->pts;
            updates_changed(u, box.channel);
        }
        updates_tell(u, h->is_update ? &h->update : NULL);
        free(h);
    }
}
