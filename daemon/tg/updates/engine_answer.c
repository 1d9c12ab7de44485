/* What answers are to the sequences. What a difference brings is told as it is: the server has put it in order. */
#include "daemon/base/buf.h"
#include "daemon/base/limits.h"
#include "daemon/tg/updates/engine_internal.h"

/* --- what a difference has --- */

/* A message of a difference as the update that it would have been. */
static void tell_message(struct updates *u, const struct split *s, const struct split_item *item, const uint8_t *data,
                         const char *name, struct buf *b)
{
    const struct tl_comb *comb = tl_find_constructor_name(u->words.schema, name);
    struct tg_update update = updates_item(s, item, data);

    /* The message, then the numbers. */
    if (!comb || comb->params_n < 2 || comb->params_n > 3 || comb->params[0].expr.kind != TL_OBJECT)
        return;
    buf_reset(b);
    (void)!buf_put_u32(b, comb->id);
    (void)!buf_put(b, update.data, update.len);
    (void)!buf_put_u32(b, (uint32_t)(item->what == SPLIT_ENCRYPTED ? s->qts : s->pts));
    if (comb->params_n == 3)
        (void)!buf_put_u32(b, 0);
    if (buf_err(b))
        return;
    update.comb = comb;
    update.data = b->data;
    update.len = b->len;
    updates_tell(u, &update);
}

/* OF: the channel whose difference it is; 0: the common one, in which those of channels are judged like any other. */
static void tell_difference(struct updates *u, const struct split *s, const uint8_t *data, int64_t of, int64_t now_us)
{
    struct buf b;

    buf_init(&b, LIMIT_UNPACKED);
    for (size_t i = 0; i < s->n; i++) {
        const struct split_item *item = &s->items[i];
        struct tg_update update = updates_item(s, item, data);
        struct held step = updates_step(item);
        switch (item->what) {
        case SPLIT_MESSAGE:
            tell_message(u, s, item, data, item->channel_id ? "updateNewChannelMessage" : "updateNewMessage", &b);
            break;
        case SPLIT_ENCRYPTED:
            tell_message(u, s, item, data, "updateNewEncryptedMessage", &b);
            break;
        case SPLIT_CHANNEL_IS_BEHIND:
            updates_channel_behind(u, item->channel_id, item->pts, now_us);
            break;
        case SPLIT_UPDATE:
            if (item->box == SPLIT_OF_CHANNEL && item->channel_id != of)
                updates_arrive(u, &step, &update, now_us);
            else
                updates_tell(u, &update);
            break;
        case SPLIT_PTS_CHANGED:
            break;
        }
    }
    buf_fini(&b);
}

/* --- answers --- */

static void take_state(struct updates *u, const struct split *s)
{
    u->state = (struct updates_state){.pts = s->pts, .qts = s->qts, .date = s->date, .seq = s->seq};
    u->is_known = s->pts > 0;
    updates_changed(u, NULL);
}

static void on_state(struct updates *u, const struct split *s, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);
    struct updates_state told = u->state;

    take_state(u, s);
    /* What was told while none was known is not told again. */
    if (told.pts > u->state.pts)
        u->state.pts = told.pts;
    if (told.qts > u->state.qts)
        u->state.qts = told.qts;
    updates_finish(u, &box, 0, now_us);
}

static void on_slice(struct updates *u, const struct split *s, const uint8_t *data, int64_t now_us)
{
    struct updates_state before = u->state;
    struct updates_box box = updates_common_box(u);

    tell_difference(u, s, data, 0, now_us);
    take_state(u, s);
    if (u->state.pts == before.pts && u->state.qts == before.qts && u->state.date == before.date) {
        updates_give_up(u, now_us); /* it would go on for ever */
        return;
    }
    updates_want_more(u, &box, now_us);
}

static void on_difference(struct updates *u, const struct split *s, const uint8_t *data, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);

    switch (s->kind) {
    case SPLIT_EMPTY:
        u->state.date = s->date;
        if (s->seq)
            u->state.seq = s->seq;
        updates_changed(u, NULL);
        updates_finish(u, &box, 0, now_us);
        break;
    case SPLIT_DIFFERENCE:
        u->is_made_up |= s->n > 0;
        tell_difference(u, s, data, 0, now_us);
        take_state(u, s);
        updates_finish(u, &box, 0, now_us);
        break;
    case SPLIT_SLICE:
        u->is_made_up = true;
        on_slice(u, s, data, now_us);
        break;
    case SPLIT_DIFFERENCE_TOO_LONG:
        if (s->pts <= u->state.pts) {
            updates_give_up(u, now_us);
            break;
        }
        u->is_made_up = true;
        u->ears->missed(u->ctx, 0);
        u->state.pts = s->pts;
        updates_changed(u, NULL);
        updates_want_more(u, &box, now_us);
        break;
    default:
        updates_give_up(u, now_us);
        break;
    }
}

static void on_channel(struct updates *u, int64_t id, const struct split *s, const uint8_t *data, int64_t now_us)
{
    struct updates_box box;

    if (!updates_box_of(u, HELD_CHANNEL, id, &box))
        return;
    int32_t before = *box.pts;
    if (s->kind == SPLIT_CHANNEL)
        tell_difference(u, s, data, id, now_us);
    if (s->pts <= 0) {
        updates_forget_channel(u, id, now_us);
        return;
    }
    if (s->kind == SPLIT_CHANNEL_TOO_LONG)
        u->ears->missed(u->ctx, id);
    if (!updates_box_of(u, HELD_CHANNEL, id, &box))
        return;
    *box.pts = s->pts;
    u->is_made_up |= s->kind != SPLIT_CHANNEL_EMPTY;
    updates_changed(u, box.channel);
    if (!s->final && s->kind == SPLIT_CHANNEL && s->pts > before) {
        updates_want_more(u, &box, now_us);
        return;
    }
    updates_finish(u, &box, id, now_us);
}

void updates_answered(struct updates *u, const struct updates_need *need, const struct split *s, const uint8_t *data,
                      int64_t now_us)
{
    if (need->round != u->round)
        return;
    u->heard_us = now_us;
    switch (need->question) {
    case UPDATES_GET_STATE:
        on_state(u, s, now_us);
        break;
    case UPDATES_GET_DIFFERENCE:
        on_difference(u, s, data, now_us);
        break;
    case UPDATES_GET_CHANNEL_DIFFERENCE:
        u->channel_is_asked = false;
        on_channel(u, need->channel_id, s, data, now_us);
        return;
    }
    if (u->pts_is_changed)
        updates_pts_changed(u, now_us);
}
