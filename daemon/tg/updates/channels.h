/* Where the sequence of each channel stands that an account knows of; in bounded memory. */
#ifndef TGCALLD_TG_UPDATES_CHANNELS_H
#define TGCALLD_TG_UPDATES_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* A question for what is missing of a sequence. */
struct updates_asking {
    int64_t due_us;  /* INT64_MAX: nothing is to be asked */
    uint16_t in_row; /* answers that each had more behind it */
    uint8_t tries;   /* in a row that were refused, or not answered */
    uint8_t in_vain; /* that were answered, and left a gap */
    bool is_under_way;
    bool is_wanted;  /* also where the gap closes by itself */
    bool was_wanted; /* the question that is under way */
    bool again;      /* something came meanwhile that could not be held */
};

struct updates_channel {
    int64_t id;
    int32_t pts; /* 0: forgotten; it stands here for that to be kept, and to be told anew, until its room is needed */
    bool is_changed;
    uint16_t held_n; /* updates of it that wait */
    uint64_t used;   /* its last move, by the number among those of all */
    struct updates_asking asking;
};

struct updates_channels {
    struct updates_channel *list; /* by id */
    size_t n, cap;
    size_t changed_n;
    uint64_t uses;
    bool has_let_go; /* of one, for want of room */
    int64_t due_us;  /* no question of theirs is due before */
};

/* NULL: not known. Good until the next channels_add(). */
struct updates_channel *channels_find(const struct updates_channels *c, int64_t id);
/* The same, or a new one at PTS. TGC_ELIMIT: there are LIMIT_UPDATE_CHANNELS; where one lacks nothing, the one that
 * moved longest ago is forgotten for it, and there is room once that has been taken to be kept. TGC_ENOMEM. */
int channels_add(struct updates_channels *c, int64_t id, int32_t pts, struct updates_channel **ret) TGC_MUST;
void channels_change(struct updates_channels *c, struct updates_channel *channel);
/* All of them are to be kept anew. */
void channels_untake(struct updates_channels *c);
/* The next that is to be kept, with pts 0 where it is to be dropped; false: none. */
bool channels_take_changed(struct updates_channels *c, int64_t *ret_id, int32_t *ret_pts);
void channels_fini(struct updates_channels *c);

#endif
