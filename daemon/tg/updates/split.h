/* What bytes from Telegram have of updates: those of a container (Updates), of an answer with one within, of a
 * difference; and the numbers of the sequences that say whether one is missing. One walk, found by the names of the
 * schema's fields, so that any layer is read. https://core.telegram.org/api/updates */
#ifndef TGCALLD_TG_UPDATES_SPLIT_H
#define TGCALLD_TG_UPDATES_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/schema.h"

enum split_kind {
    SPLIT_NOTHING,       /* nothing to do with updates */
    SPLIT_UPDATES,       /* updates, updatesCombined */
    SPLIT_SHORT,         /* updateShort */
    SPLIT_SHORT_MESSAGE, /* updateShortMessage, updateShortChatMessage: the container is the update */
    SPLIT_SENT,          /* updateShortSentMessage: numbers only, its asker knows the rest */
    SPLIT_TOO_LONG,      /* updatesTooLong */
    SPLIT_AFFECTED,      /* messages.affectedMessages and its kin: numbers only */
    SPLIT_STATE,         /* updates.state */
    SPLIT_EMPTY,         /* updates.differenceEmpty */
    SPLIT_DIFFERENCE,    /* updates.difference */
    SPLIT_SLICE,         /* updates.differenceSlice */
    SPLIT_DIFFERENCE_TOO_LONG,
    SPLIT_CHANNEL_EMPTY,
    SPLIT_CHANNEL, /* updates.channelDifference */
    SPLIT_CHANNEL_TOO_LONG,
};

enum split_box {
    SPLIT_NO_BOX,
    SPLIT_COMMON,
    SPLIT_OF_CHANNEL,
    SPLIT_QTS,
};

enum split_what {
    SPLIT_UPDATE,
    SPLIT_MESSAGE,           /* a Message of a difference */
    SPLIT_ENCRYPTED,         /* an EncryptedMessage of one */
    SPLIT_CHANNEL_IS_BEHIND, /* updateChannelTooLong: the channel's difference is to be asked for */
    SPLIT_PTS_CHANGED,       /* updatePtsChanged: the state is to be asked for */
};

struct split_item {
    const struct tl_comb *comb;
    uint32_t offset, len; /* of its boxed bytes */
    enum split_what what;
    enum split_box box; /* whose sequence it moves */
    int32_t pts, count; /* with a box; pts of SPLIT_CHANNEL_IS_BEHIND, 0 where it is not told */
    int64_t channel_id; /* 0: none, or not told */
};

enum { SPLIT_SOME = 8 };

struct split {
    enum split_kind kind;
    const struct tl_comb *comb; /* of the container */
    uint32_t offset, len;       /* of it */
    struct split_item *items;   /* in their order */
    size_t n, cap;
    uint32_t users, users_len, chats, chats_len; /* boxed vectors; length 0: none */
    /* What the container says, or the state or dialog within it; 0 where it does not. */
    int32_t pts, pts_count, qts, date, seq_start, seq, timeout;
    bool final;
    struct split_item some[SPLIT_SOME];
};

/* What is looked for, in a schema's own words. */
struct split_words {
    const struct tl_schema *schema;
    const struct tl_type *update, *message, *encrypted, *state, *dialog;
};

void split_words_init(const struct tl_schema *schema, struct split_words *ret);
/* Whether an answer to METHOD can have anything of it: else it need not be read. */
bool split_is_of_use(const struct split_words *words, const struct tl_comb *method);

/* Reads the result of METHOD (NULL: a boxed object, as it comes by itself). Offsets are into DATA. Faults are those of
 * tl_walk(), TGC_ENOMEM; *RET is to be ended in any case. */
int split_read(const struct split_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct split *ret, struct fault *fault) TGC_MUST;
/* The same of bytes of which was learnt before: what WALKED, of the same METHOD, says need not be walked again. */
int split_read_again(const struct split_words *words, const struct tl_comb *method, const void *data, size_t len,
                     const struct tl_walked *walked, struct split *ret, struct fault *fault) TGC_MUST;
void split_fini(struct split *s);

#endif
