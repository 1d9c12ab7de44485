/* The walk that takes updates out of bytes: for its own files. */
#ifndef TGCALLD_TG_UPDATES_SPLIT_INTERNAL_H
#define TGCALLD_TG_UPDATES_SPLIT_INTERNAL_H

#include "daemon/base/limits.h"
#include "daemon/tg/updates/split.h"
#include "daemon/tl/walk.h"

/* What an object on the way down is to us. */
enum split_place {
    ELSEWHERE,
    CONTAINER,
    NUMBERS, /* the state, or the dialog, of a difference */
    UPDATE,
    MESSAGE, /* of an update */
    ITEM,    /* of a difference: a message */
    CHANNEL, /* the peer of a message */
};

struct split_walk {
    const struct split_words *words;
    struct tl_reader r;
    struct split *out;
    uint8_t stack[LIMIT_TL_DEPTH + 1]; /* enum split_place */
    unsigned depth;
    struct split_item item; /* the one that is being read; none nests in another */
    bool has_pts, has_count, has_qts;
    const struct tl_param *vector; /* of the container, that is being read */
    uint32_t vector_at;
};

/* SPLIT_NOTHING: not a container. */
enum split_kind split_kind_of(const struct tl_comb *comb);
int split_put(struct split *s, const struct split_item *item) TGC_MUST;

extern const struct tl_visitor split_visitor;

#endif
