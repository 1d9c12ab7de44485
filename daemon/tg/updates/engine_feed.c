/* What comes by itself, or within an answer. */
#include "daemon/tg/updates/box.h"
#include "daemon/tg/updates/engine_internal.h"

/* The first word of a channel is believed. */
static void begin_channel(struct updates *u, int64_t channel_id, int32_t pts)
{
    struct updates_channel *c;

    if (pts <= 0)
        return;
    if (channels_add(&u->channels, channel_id, pts, &c) == 0)
        updates_changed(u, c);
    else if (u->channels.changed_n) /* one may have been forgotten for it */
        updates_changed(u, NULL);
}

void updates_arrive(struct updates *u, const struct held *step, const struct tg_update *update, int64_t now_us)
{
    struct updates_box box;

    if (!updates_box_of(u, step->box, step->channel_id, &box)) {
        begin_channel(u, step->channel_id, step->pts);
        updates_tell(u, update);
        return;
    }
    if (!box.channel && !u->is_known) {
        if (step->pts > *box.pts)
            *box.pts = step->pts;
        updates_tell(u, update);
        return;
    }
    if (box.asking->is_under_way) {
        (void)updates_hold(u, &box, step, update, now_us);
        return;
    }
    switch (box_judge(*box.pts, step->pts, step->count)) {
    case BOX_APPLY:
        *box.pts = step->pts;
        updates_changed(u, box.channel);
        updates_tell(u, update);
        break;
    case BOX_ALREADY:
        break;
    case BOX_GAP:
        (void)updates_hold(u, &box, step, update, now_us);
        break;
    }
}

void updates_channel_behind(struct updates *u, int64_t channel_id, int32_t pts, int64_t now_us)
{
    struct updates_box box;

    if (!channel_id)
        return;
    if (!updates_box_of(u, HELD_CHANNEL, channel_id, &box)) {
        /* What came before is not known: from here on it is followed. */
        begin_channel(u, channel_id, pts);
        u->ears->missed(u->ctx, channel_id);
        return;
    }
    if (pts && pts <= *box.pts)
        return;
    u->is_made_up = box.asking->is_wanted = true;
    updates_ask_at(u, &box, now_us);
}

/* --- a container --- */

struct tg_update updates_item(const struct split *s, const struct split_item *item, const uint8_t *data)
{
    return (struct tg_update){
        .comb = item->comb,
        .data = data + item->offset,
        .len = item->len,
        .users = s->users_len ? data + s->users : NULL,
        .users_len = s->users_len,
        .chats = s->chats_len ? data + s->chats : NULL,
        .chats_len = s->chats_len,
        .date = s->date,
    };
}

struct held updates_step(const struct split_item *item)
{
    static const enum held_box boxes[] = {
        [SPLIT_COMMON] = HELD_COMMON, [SPLIT_OF_CHANNEL] = HELD_CHANNEL, [SPLIT_QTS] = HELD_QTS};

    return (struct held){.box = boxes[item->box],
                         .channel_id = item->box == SPLIT_OF_CHANNEL ? item->channel_id : 0,
                         .pts = item->pts,
                         .count = item->count};
}

static bool is_held(const struct updates *u, const struct held *container)
{
    for (const struct held *h = u->held.first; h; h = h->next)
        if (h->box == HELD_SEQ && h->pts == container->pts)
            return true;
    return false;
}

/* What is to become of a container's updates without a sequence of their own. */
static enum box_word judge_container(const struct updates *u, const struct split *s, struct held *step)
{
    int64_t count = s->seq_start ? (int64_t)s->seq - s->seq_start + 1 : 1;

    count = count < 0 ? 0 : count > INT32_MAX ? INT32_MAX : count;
    *step = (struct held){.box = HELD_SEQ, .pts = s->seq, .count = (int32_t)count, .date = s->date};
    if (!s->seq || !u->is_known)
        return BOX_APPLY;
    return u->common.is_under_way ? BOX_GAP : box_judge(u->state.seq, step->pts, step->count);
}

static void feed_item(struct updates *u, const struct split *s, const struct split_item *item, const uint8_t *data,
                      enum box_word word, const struct held *container, int64_t now_us)
{
    struct tg_update update = updates_item(s, item, data);

    if (item->box != SPLIT_NO_BOX) {
        struct held step = updates_step(item);
        updates_arrive(u, &step, &update, now_us);
    } else if (item->what == SPLIT_CHANNEL_IS_BEHIND) {
        updates_channel_behind(u, item->channel_id, item->pts, now_us);
    } else if (item->what == SPLIT_PTS_CHANGED) {
        updates_pts_changed(u, now_us);
    } else if (word == BOX_APPLY || (word == BOX_GAP && !u->is_known)) { /* the state may have gone meanwhile */
        updates_tell(u, &update);
    } else if (word == BOX_GAP) {
        struct updates_box box = updates_common_box(u);
        (void)updates_hold(u, &box, container, &update, now_us);
    }
}

static void feed_container(struct updates *u, const struct split *s, const uint8_t *data, int64_t now_us)
{
    struct held step;
    struct updates_box box = updates_common_box(u);
    enum box_word word = judge_container(u, s, &step);

    /* Held as a whole or not at all, and once: its own step goes before its updates. */
    if (word == BOX_GAP && (is_held(u, &step) || !updates_hold(u, &box, &step, NULL, now_us)))
        word = BOX_ALREADY;
    for (size_t i = 0; i < s->n; i++)
        feed_item(u, s, &s->items[i], data, word, &step, now_us);
    if (word != BOX_APPLY)
        return;
    if (s->seq)
        u->state.seq = s->seq;
    if (s->date > u->state.date)
        u->state.date = s->date;
    if (s->seq && u->is_known)
        updates_changed(u, NULL);
}

/* A short form, or an answer, of which the container is all. */
static void feed_whole(struct updates *u, const struct split *s, const uint8_t *data, int64_t channel_id,
                       int64_t now_us)
{
    struct split_item item = {.comb = s->comb, .offset = s->offset, .len = s->len};
    struct tg_update update = updates_item(s, &item, data);
    struct held step = {
        .box = channel_id ? HELD_CHANNEL : HELD_COMMON, .channel_id = channel_id, .pts = s->pts, .count = s->pts_count};

    updates_arrive(u, &step, s->kind == SPLIT_SHORT_MESSAGE ? &update : NULL, now_us);
}

void updates_feed(struct updates *u, const struct split *s, const uint8_t *data, int64_t channel_id, int64_t now_us)
{
    switch (s->kind) {
    case SPLIT_UPDATES:
    case SPLIT_SHORT:
        feed_container(u, s, data, now_us);
        break;
    case SPLIT_SHORT_MESSAGE:
        feed_whole(u, s, data, 0, now_us);
        break;
    case SPLIT_SENT:
    case SPLIT_AFFECTED:
        feed_whole(u, s, data, channel_id, now_us);
        break;
    case SPLIT_TOO_LONG:
        u->is_made_up = true;
        updates_doubt(u, now_us);
        break;
    default:
        return;
    }
    u->heard_us = now_us;
    if (u->held.n)
        updates_release(u, now_us);
}
