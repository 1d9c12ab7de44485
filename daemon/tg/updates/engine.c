#include "daemon/tg/updates/engine.h"

#include <stdlib.h>

#include "daemon/tg/updates/engine_internal.h"

int updates_new(const struct tl_schema *schema, const struct updates_ears *ears, void *ctx, struct updates **ret)
{
    struct updates *u = calloc(1, sizeof(*u));

    if (!u)
        return TGC_ENOMEM;
    split_words_init(schema, &u->words);
    u->ears = ears;
    u->ctx = ctx;
    u->common.due_us = u->channels.due_us = INT64_MAX;
    *ret = u;
    return 0;
}

void updates_free(struct updates *u)
{
    if (!u)
        return;
    held_clear(&u->held);
    channels_fini(&u->channels);
    free(u);
}

const struct split_words *updates_words(const struct updates *u)
{
    return &u->words;
}

/* --- what is kept --- */

struct updates_state updates_state(const struct updates *u)
{
    return u->is_known ? u->state : (struct updates_state){0};
}

bool updates_take_channel(struct updates *u, int64_t *ret_id, int32_t *ret_pts)
{
    return channels_take_changed(&u->channels, ret_id, ret_pts);
}

void updates_untake(struct updates *u)
{
    channels_untake(&u->channels);
}

bool updates_has_let_go(const struct updates *u)
{
    return u->channels.has_let_go;
}

void updates_restore(struct updates *u, const struct updates_state *state)
{
    u->state = *state;
    u->is_known = state->pts > 0;
}

int updates_restore_channel(struct updates *u, int64_t id, int32_t pts)
{
    struct updates_channel *c;

    int err = pts > 0 ? channels_add(&u->channels, id, pts, &c) : 0;

    return err == TGC_ELIMIT ? 0 : err;
}

void updates_forget(struct updates *u)
{
    held_clear(&u->held);
    u->state = (struct updates_state){0};
    u->is_known = u->is_made_up = u->channel_is_asked = u->pts_is_changed = false;
    u->held_n = 0;
    u->common = (struct updates_asking){.due_us = INT64_MAX};
    for (size_t i = 0; i < u->channels.n; i++) {
        u->channels.list[i].pts = 0;
        u->channels.list[i].held_n = 0;
        channels_change(&u->channels, &u->channels.list[i]);
    }
    u->round++;
    u->ears->changed(u->ctx);
}

void updates_changed(struct updates *u, struct updates_channel *channel)
{
    if (channel)
        channels_change(&u->channels, channel);
    u->ears->changed(u->ctx);
}

void updates_ask_at(struct updates *u, struct updates_box *box, int64_t at_us)
{
    if (at_us < box->asking->due_us)
        box->asking->due_us = at_us;
    if (box->channel && at_us < u->channels.due_us)
        u->channels.due_us = at_us;
}

bool updates_box_of(struct updates *u, enum held_box kind, int64_t channel_id, struct updates_box *ret)
{
    *ret = (struct updates_box){.asking = &u->common};
    switch (kind) {
    case HELD_COMMON:
        ret->pts = &u->state.pts;
        return true;
    case HELD_QTS:
        ret->pts = &u->state.qts;
        return true;
    case HELD_SEQ:
        ret->pts = &u->state.seq;
        return true;
    case HELD_CHANNEL:
        break;
    }
    ret->channel = channels_find(&u->channels, channel_id);
    if (!ret->channel)
        return false;
    ret->pts = &ret->channel->pts;
    ret->asking = &ret->channel->asking;
    return true;
}

void updates_tell(struct updates *u, const struct tg_update *update)
{
    if (update)
        u->ears->told(u->ctx, update);
}
