/* What is under way in the chats of an account: who makes a call where, and creates whose fate is not known. Kept with
 * the account. */
#ifndef TGCALLD_TG_DESK_H
#define TGCALLD_TG_DESK_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/call/unsettled.h"

struct tg_desk {
    struct create *in_line; /* for a chat; utlist */
    struct tg_unsettled_table unsettled;
    struct dialogs *dialogs; /* the account's chats are being read; NULL */
};

/* Made when it is first asked for; NULL: no memory. */
struct tg_desk *tg_desk_of(struct tg_account *a);

#endif
