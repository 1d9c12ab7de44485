/* What engine.c (the sequences), engine_feed.c (what comes), engine_held.c (what waits), engine_ask.c (what is asked
 * for) and engine_answer.c (what that brings) share. */
#ifndef TGCALLD_TG_UPDATES_ENGINE_INTERNAL_H
#define TGCALLD_TG_UPDATES_ENGINE_INTERNAL_H

#include "daemon/tg/updates/channels.h"
#include "daemon/tg/updates/engine.h"
#include "daemon/tg/updates/held.h"

struct updates {
    struct split_words words;
    const struct updates_ears *ears;
    void *ctx;
    struct updates_state state;
    bool is_known;         /* the state; until then its pts is the highest that was told */
    bool is_made_up;       /* by the difference that comes: see updates_ears */
    bool channel_is_asked; /* for its difference: one at a time */
    struct updates_asking common;
    int64_t heard_us;    /* when something came last; 0: never */
    int64_t unread_us;   /* no difference before, for what could not be read */
    uint32_t round;      /* answers to what was asked in an earlier one do not count */
    bool pts_is_changed; /* updatePtsChanged came while a question was under way */
    uint16_t held_n;     /* of what is held: those of no channel */
    struct held_list held;
    struct updates_channels channels;
};

/* A sequence: where it stands, and its question. */
struct updates_box {
    int32_t *pts;
    struct updates_asking *asking;
    struct updates_channel *channel; /* NULL: not one's */
};

/* False: the channel is not known. Good until another channel comes or goes. */
bool updates_box_of(struct updates *u, enum held_box kind, int64_t channel_id, struct updates_box *ret);
void updates_ask_at(struct updates *u, struct updates_box *box, int64_t at_us);
void updates_tell(struct updates *u, const struct tg_update *update); /* NULL: nothing */
/* An update (NULL: only a step), and which step of which sequence it is. */
void updates_arrive(struct updates *u, const struct held *step, const struct tg_update *update, int64_t now_us);
/* STEP, with UPDATE (NULL: none), waits for what is before it, which is asked for if it does not come soon. False: it
 * has no room, and will be asked for too. */
bool updates_hold(struct updates *u, struct updates_box *box, const struct held *step, const struct tg_update *update,
                  int64_t now_us);
/* updateChannelTooLong; PTS 0: it tells none. */
void updates_channel_behind(struct updates *u, int64_t channel_id, int32_t pts, int64_t now_us);
/* Tells what is held as far as it is due, and sees to the gaps that are left. */
void updates_release(struct updates *u, int64_t now_us);
/* Something of the channel (0: of all else) is held. */
bool updates_has_gap(const struct updates *u, int64_t channel_id);
/* Tells what of it was not told yet, each sequence in its order, whatever is missing. */
void updates_flush(struct updates *u, int64_t channel_id);
/* The state is not known, and is asked for. No question for it may be under way. */
void updates_begin_anew(struct updates *u, int64_t now_us);
/* updatePtsChanged: begins anew, once the question that is under way has come to something. */
void updates_pts_changed(struct updates *u, int64_t now_us);
/* Where something of it is known to be missing, that is said. */
void updates_forget_channel(struct updates *u, int64_t id, int64_t now_us);
/* What is to be kept is not as it was. */
void updates_changed(struct updates *u, struct updates_channel *channel);

struct updates_box updates_common_box(struct updates *u);
/* Its difference is to be asked for, whether a gap is left or not. */
void updates_want(struct updates *u, struct updates_box *box, int64_t at_us);
/* The question that is under way was answered, and more of the same is to be asked for: soon, after very much of it. */
void updates_want_more(struct updates *u, struct updates_box *box, int64_t now_us);
/* All that the server has was told. Where something held still lacks what is before it, the server does not have that:
 * it is asked for a few times, then given up. */
void updates_finish(struct updates *u, struct updates_box *box, int64_t channel_id, int64_t now_us);
/* The difference is not to be had. */
void updates_give_up(struct updates *u, int64_t now_us);

/* ITEM of S as an update, and as a step of the sequence that it has. */
struct tg_update updates_item(const struct split *s, const struct split_item *item, const uint8_t *data);
struct held updates_step(const struct split_item *item);

#endif
