/* Where an account's updates stand, for the next process. The account's thread. */
#ifndef TGCALLD_TG_SAVED_UPDATES_H
#define TGCALLD_TG_SAVED_UPDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct tg_account;

/* Where the sequence of a channel's updates (0: of all else) stands; pts 0: it is forgotten. */
struct tg_saved_updates {
    int64_t channel_id;
    int32_t pts, qts, date, seq;
};

/* The next of them that is not as it was told last; false: there is none. */
bool tg_account_take_updates(struct tg_account *a, struct tg_saved_updates *ret);
/* What was taken is not kept after all: all of it is told anew. */
void tg_account_untake_updates(struct tg_account *a);
/* Of an earlier process: what came since is asked for. TGC_ENOMEM. */
int tg_account_restore_updates(struct tg_account *a, const struct tg_saved_updates *saved) TGC_MUST;

#endif
