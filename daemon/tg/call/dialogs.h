/* The account's own chats, paged through once and learnt. The account's thread. */
#ifndef TGCALLD_TG_DIALOGS_H
#define TGCALLD_TG_DIALOGS_H

#include <stdbool.h>

#include "daemon/tg/account/account.h"
#include "daemon/tg/account/invoke.h"

/* Reads them all, unless that was done a while ago and still holds (tg_known_dialogs_are_read()), or until IS_ENOUGH
 * says, which is asked after each page. One reading serves all who wait. DONE is called once, with what failed or NULL;
 * from inside this function where nothing had to be asked. */
int tg_dialogs_read(struct tg_account *a, int64_t deadline_us, bool (*is_enough)(void *ctx),
                    void (*done)(void *ctx, const struct tg_answer *failure), void *ctx, struct fault *fault) TGC_MUST;

#endif
