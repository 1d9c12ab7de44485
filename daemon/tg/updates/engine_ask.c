/* What is asked for when, and what becomes of it without an answer. */
#include "daemon/tg/updates/engine_internal.h"

enum { TROUBLE_TRIES = 5, UNREAD_TRIES = 2, VAIN_MAX = 3 };
/* Who had no answer has waited for it mostly. */
enum { BACKOFF_DOUBLINGS = 6, NO_ANSWER_DOUBLINGS = 3 };
/* So many parts of one difference are asked for at once: what goes on then may never end. */
enum { IN_ROW_MAX = 1000 };
/* What cannot be read does not come to an end by asking. */
#define UNREAD_PACE_US (60 * SECOND_US)

void updates_want(struct updates *u, struct updates_box *box, int64_t at_us)
{
    box->asking->is_wanted = true;
    updates_ask_at(u, box, at_us);
}

void updates_want_more(struct updates *u, struct updates_box *box, int64_t now_us)
{
    struct updates_asking *asking = box->asking;

    asking->is_under_way = false;
    asking->tries = 0;
    if (asking->in_row < IN_ROW_MAX)
        asking->in_row++;
    updates_want(u, box, asking->in_row < IN_ROW_MAX ? now_us : now_us + SECOND_US);
}

struct updates_box updates_common_box(struct updates *u)
{
    struct updates_box box;

    (void)updates_box_of(u, HELD_COMMON, 0, &box);
    return box;
}

void updates_doubt(struct updates *u, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);

    /* One that is under way may have been answered before that. */
    if (box.asking->is_under_way)
        box.asking->again = true;
    else
        updates_want(u, &box, now_us);
}

void updates_unread(struct updates *u, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);
    int64_t at_us = u->unread_us;

    if (at_us <= now_us) {
        at_us = now_us;
        u->unread_us = now_us + UNREAD_PACE_US;
    }
    u->is_made_up = true;
    updates_want(u, &box, at_us);
}

void updates_begin_anew(struct updates *u, int64_t now_us)
{
    updates_flush(u, 0);
    u->is_known = false;
    u->state = (struct updates_state){0};
    u->common.in_vain = u->common.tries = 0;
    updates_doubt(u, now_us);
    updates_changed(u, NULL);
}

void updates_pts_changed(struct updates *u, int64_t now_us)
{
    u->pts_is_changed = u->common.is_under_way;
    if (u->pts_is_changed)
        return;
    updates_release(u, now_us);
    /* What is still missing can no longer be asked for. */
    if (u->is_known && (updates_has_gap(u, 0) || u->common.is_wanted))
        u->ears->missed(u->ctx, 0);
    updates_begin_anew(u, now_us);
}

/* --- questions --- */

int64_t updates_due_us(const struct updates *u)
{
    int64_t due_us = u->channel_is_asked ? INT64_MAX : u->channels.due_us;

    if (u->common.is_under_way)
        return due_us;
    if (u->common.due_us < due_us)
        due_us = u->common.due_us;
    if (u->is_known && u->heard_us && u->heard_us + UPDATES_QUIET_US < due_us)
        due_us = u->heard_us + UPDATES_QUIET_US;
    return due_us;
}

static void begin(struct updates *u, struct updates_asking *asking)
{
    if (!asking->is_wanted)
        u->is_made_up = true; /* a gap that did not close */
    asking->due_us = INT64_MAX;
    asking->is_under_way = true;
    asking->was_wanted = asking->is_wanted;
    asking->is_wanted = asking->again = false;
}

static bool next_channel(struct updates *u, int64_t now_us, struct updates_need *ret)
{
    struct updates_channel *found = NULL;

    if (u->channel_is_asked || u->channels.due_us > now_us)
        return false;
    u->channels.due_us = INT64_MAX;
    for (size_t i = 0; i < u->channels.n; i++) {
        struct updates_channel *c = &u->channels.list[i];
        if (!c->pts)
            continue;
        if (!found && c->asking.due_us <= now_us)
            found = c;
        else if (c->asking.due_us < u->channels.due_us)
            u->channels.due_us = c->asking.due_us;
    }
    if (!found)
        return false;
    begin(u, &found->asking);
    u->channel_is_asked = true;
    *ret = (struct updates_need){
        .question = UPDATES_GET_CHANNEL_DIFFERENCE, .round = u->round, .channel_id = found->id, .pts = found->pts};
    return true;
}

bool updates_next(struct updates *u, int64_t now_us, struct updates_need *ret)
{
    struct updates_asking *common = &u->common;

    if (u->is_known && u->heard_us && now_us - u->heard_us >= UPDATES_QUIET_US) {
        u->heard_us = now_us;
        u->is_made_up = true;
        updates_doubt(u, now_us);
    }
    if (common->is_under_way || common->due_us > now_us)
        return next_channel(u, now_us, ret);
    begin(u, common);
    *ret = (struct updates_need){.question = u->is_known ? UPDATES_GET_DIFFERENCE : UPDATES_GET_STATE,
                                 .round = u->round,
                                 .pts = u->state.pts,
                                 .qts = u->state.qts,
                                 .date = u->state.date};
    return true;
}

/* --- the end of a question --- */

void updates_finish(struct updates *u, struct updates_box *box, int64_t channel_id, int64_t now_us)
{
    struct updates_asking *asking = box->asking;

    asking->is_under_way = false;
    asking->tries = 0;
    asking->in_row = 0;
    if (asking->again)
        updates_want(u, box, now_us);
    if (u->is_made_up) {
        u->is_made_up = false;
        u->ears->made_up(u->ctx);
    }
    updates_release(u, now_us);
    /* What was told may have made room for another channel. */
    if (!updates_box_of(u, channel_id ? HELD_CHANNEL : HELD_COMMON, channel_id, box))
        return;
    if (!updates_has_gap(u, channel_id)) {
        box->asking->in_vain = 0;
    } else if (++box->asking->in_vain == VAIN_MAX) {
        box->asking->in_vain = 0;
        u->ears->missed(u->ctx, channel_id);
        updates_flush(u, channel_id);
        updates_release(u, now_us);
    }
}

void updates_give_up(struct updates *u, int64_t now_us)
{
    u->common.is_under_way = false;
    u->is_made_up = true;
    updates_release(u, now_us);
    u->ears->missed(u->ctx, 0);
    updates_begin_anew(u, now_us);
}

void updates_forget_channel(struct updates *u, int64_t id, int64_t now_us)
{
    struct updates_box box;

    if (!updates_box_of(u, HELD_CHANNEL, id, &box))
        return;
    bool is_behind = box.asking->was_wanted || box.asking->is_wanted || box.asking->again;
    box.asking->is_under_way = false;
    updates_release(u, now_us);
    if (is_behind || updates_has_gap(u, id))
        u->ears->missed(u->ctx, id);
    updates_flush(u, id);
    if (!updates_box_of(u, HELD_CHANNEL, id, &box))
        return;
    *box.pts = 0;
    *box.asking = (struct updates_asking){.due_us = INT64_MAX};
    updates_changed(u, box.channel);
}

/* --- refusals --- */

static bool has_tries_left(struct updates_asking *asking, enum updates_refusal refusal)
{
    unsigned tries = asking->tries;

    if (asking->tries < UINT8_MAX)
        asking->tries++;
    switch (refusal) {
    case UPDATES_NO_ANSWER:
        return true;
    case UPDATES_TROUBLE:
        return tries + 1 < TROUBLE_TRIES;
    case UPDATES_UNREAD:
        return tries + 1 < UNREAD_TRIES;
    default:
        return false;
    }
}

static void ask_later(struct updates *u, struct updates_box *box, enum updates_refusal refusal, int64_t now_us)
{
    unsigned tries = box->asking->tries, most = refusal == UPDATES_NO_ANSWER ? NO_ANSWER_DOUBLINGS : BACKOFF_DOUBLINGS;

    box->asking->is_under_way = false;
    updates_want(u, box, now_us + (SECOND_US << (tries < most ? tries : most)));
}

static void channel_refused(struct updates *u, int64_t id, enum updates_refusal refusal, int64_t now_us)
{
    struct updates_box box;

    if (!updates_box_of(u, HELD_CHANNEL, id, &box))
        return;
    if (has_tries_left(box.asking, refusal))
        ask_later(u, &box, refusal, now_us);
    else
        updates_forget_channel(u, id, now_us);
}

void updates_refused(struct updates *u, const struct updates_need *need, enum updates_refusal refusal, int64_t now_us)
{
    struct updates_box box = updates_common_box(u);

    if (need->round != u->round)
        return;
    if (need->question == UPDATES_GET_CHANNEL_DIFFERENCE) {
        u->channel_is_asked = false;
        channel_refused(u, need->channel_id, refusal, now_us);
        return;
    }
    if (has_tries_left(box.asking, refusal) || need->question == UPDATES_GET_STATE) {
        ask_later(u, &box, refusal, now_us);
    } else {
        updates_give_up(u, now_us);
    }
    if (u->pts_is_changed)
        updates_pts_changed(u, now_us);
}
