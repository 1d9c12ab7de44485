/* The update engine of one account: tells each update onwards once and in its order, notices what is missing, and says
 * what is to be asked for it. Without I/O: bytes and the time are handed in, questions are taken out. Belongs to the
 * account's thread.
 *
 * The sequences (https://core.telegram.org/api/updates): pts of users and basic groups, qts, seq of containers, and a
 * pts of each channel. What comes too early is held until the gap before it closes, for half a second; then the
 * difference is asked for. */
#ifndef TGCALLD_TG_UPDATES_ENGINE_H
#define TGCALLD_TG_UPDATES_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/tg/listener.h"
#include "daemon/tg/updates/split.h"
#include "daemon/tl/schema.h"

/* A gap may close by itself so long. */
#define UPDATES_GAP_US (SECOND_US / 2)
/* Where nothing came for so long, something may have been missed. */
#define UPDATES_QUIET_US (15 * 60 * SECOND_US)

struct updates;

struct updates_state {
    int32_t pts, qts, date, seq; /* pts 0: none is known */
};

struct updates_ears {
    void (*told)(void *ctx, const struct tg_update *update);
    /* Some will not come: of a channel, or (0) of all else. */
    void (*missed)(void *ctx, int64_t channel_id);
    /* Updates were missed, and what has a sequence was made up for: what has none is to be read again. */
    void (*made_up)(void *ctx);
    /* updates_state() or a channel's pts is not as it was. */
    void (*changed)(void *ctx);
};

int updates_new(const struct tl_schema *schema, const struct updates_ears *ears, void *ctx,
                struct updates **ret) TGC_MUST;
void updates_free(struct updates *u);
const struct split_words *updates_words(const struct updates *u);

/* --- across processes --- */

struct updates_state updates_state(const struct updates *u);
/* The next channel whose pts is to be kept; 0: it is forgotten. False: there is none. */
bool updates_take_channel(struct updates *u, int64_t *ret_id, int32_t *ret_pts);
/* All of it is to be kept anew. */
void updates_untake(struct updates *u);
void updates_restore(struct updates *u, const struct updates_state *state);
/* One that has no room is not followed until it is heard of. TGC_ENOMEM. */
int updates_restore_channel(struct updates *u, int64_t id, int32_t pts) TGC_MUST;
/* There were more channels than can be followed at once; those where nothing happens make room. */
bool updates_has_let_go(const struct updates *u);
/* Another login: nothing is known. */
void updates_forget(struct updates *u);

/* --- hearing --- */

/* What came by itself or within an answer; differences do not count here. CHANNEL_ID: of the channel that an answer is
 * about, where it is about one. */
void updates_feed(struct updates *u, const struct split *s, const uint8_t *data, int64_t channel_id, int64_t now_us);
/* Something may have been missed (a lost link, a new session): the difference is asked for at once. */
void updates_doubt(struct updates *u, int64_t now_us);
/* Something came that cannot be read: the difference is asked for, and not again soon. */
void updates_unread(struct updates *u, int64_t now_us);

/* --- asking --- */

enum updates_question {
    UPDATES_GET_STATE,
    UPDATES_GET_DIFFERENCE,
    UPDATES_GET_CHANNEL_DIFFERENCE,
};

struct updates_need {
    enum updates_question question;
    uint32_t round; /* the engine's own */
    int64_t channel_id;
    int32_t pts, qts, date;
};

enum updates_refusal {
    UPDATES_NO_ANSWER,
    UPDATES_TROUBLE,  /* of the server's */
    UPDATES_UNREAD,   /* the answer cannot be read */
    UPDATES_INVALID,  /* the state that was told is none */
    UPDATES_NOT_OURS, /* the channel cannot be asked for */
};

/* When updates_next() may have something; INT64_MAX: not by itself. */
int64_t updates_due_us(const struct updates *u);
/* What is to be asked now, each until it is answered or refused; false: nothing. */
bool updates_next(struct updates *u, int64_t now_us, struct updates_need *ret);
void updates_answered(struct updates *u, const struct updates_need *need, const struct split *s, const uint8_t *data,
                      int64_t now_us);
void updates_refused(struct updates *u, const struct updates_need *need, enum updates_refusal refusal, int64_t now_us);

#endif
