/* A call as it was before something is learnt of it, for who tells what changed. */
#ifndef TGCALLD_TG_CALL_BEFORE_H
#define TGCALLD_TG_CALL_BEFORE_H

#include "daemon/base/limits.h"
#include "daemon/tg/known/calls.h"

enum { CALL_BEFORE_TITLE = 64 * 4 }; /* what Telegram takes, in bytes */

struct tg_call_before {
    struct tg_call call; /* its title and link are copies, its other text is left out */
    bool is_known;       /* else there was none */
    bool title_is_lost;  /* it was too long for the copy */
    char title[CALL_BEFORE_TITLE];
    char invite_link[LIMIT_CALL_LINK + 1];
};

/* CALL may be NULL. */
void tg_call_look(const struct tg_call *call, struct tg_call_before *ret);

#endif
