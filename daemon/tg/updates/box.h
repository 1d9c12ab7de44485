/* The rule of every sequence of updates (pts, qts, a channel's pts): an update says where the sequence stands behind it
 * and how many steps it is; one that says fewer than none has none.
 * https://core.telegram.org/api/updates#update-handling */
#ifndef TGCALLD_TG_UPDATES_BOX_H
#define TGCALLD_TG_UPDATES_BOX_H

#include <stdint.h>

enum box_word {
    BOX_APPLY,   /* it is the next; the sequence stands at PTS then */
    BOX_ALREADY, /* it was told before */
    BOX_GAP,     /* something before it is missing */
};

static inline enum box_word box_judge(int32_t known, int32_t pts, int32_t count)
{
    int64_t before = (int64_t)pts - (count > 0 ? count : 0);

    if (before == known)
        return BOX_APPLY;
    return before < known ? BOX_ALREADY : BOX_GAP;
}

#endif
