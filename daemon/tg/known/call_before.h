/* A call as it was before something is learnt of it, for who tells what changed. */
#ifndef TGCALLD_TG_CALL_BEFORE_H
#define TGCALLD_TG_CALL_BEFORE_H

#include "daemon/tg/known/calls.h"

enum { CALL_BEFORE_TITLE = 64 * 4 }; /* what Telegram takes, in bytes */

struct tg_call_before {
    struct tg_call call; /* its title is a copy, its other texts are left out */
    bool is_known;       /* else there was none */
    bool title_is_lost;  /* it was too long for the copy */
    char title[CALL_BEFORE_TITLE];
};

/* CALL may be NULL. */
void tg_call_look(const struct tg_call *call, struct tg_call_before *ret);

#endif
