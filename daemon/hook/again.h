/* What one webhook is to be sent once more, as the disk has it: the ids, and that they were. The thread's alone, and
 * under the hooks' lock. */
#ifndef TGCALLD_HOOK_AGAIN_H
#define TGCALLD_HOOK_AGAIN_H

#include "daemon/hook/feed.h"

/* Whether there is one that was not sent yet; *RET is its id. */
bool hook_again_next(const struct hook_feed *f, uint64_t *ret);
/* That one is done with. */
void hook_again_done(struct hook_feed *f);
/* Writes what is done with, where some waits to be written; what the disk refuses, it is asked again a second later.
 * Returns when it wants to be called again, monotonic; INT64_MAX: when the disk answered, or more is done with. */
int64_t hook_again_write(struct hooks *h, struct hook *hook, struct store_desk *desk);
/* These are asked for again: what is done with of them, or will be, and not off the disk stays there. To be called
 * before they are marked. IS_WHOLE: not only those that failed. */
void hook_again_asked(struct hook_feed *f, const struct hook_range *range, bool is_whole);
/* Whether all that is done with is on the disk: only then does a load not give the same ones. */
bool hook_again_is_written(const struct hook_feed *f);
/* Asks the disk for more. */
int hook_again_load(struct hooks *h, struct hook *hook, struct store_desk *desk) TGC_MUST;

#endif
