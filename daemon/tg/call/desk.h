/* What is under way in the chats of an account: who makes a call where, and creates whose fate is not known. Kept with
 * the account. */
#ifndef TGCALLD_TG_DESK_H
#define TGCALLD_TG_DESK_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/call/unsettled.h"

struct create;

struct tg_desk {
    struct create *line;                    /* who waits for a chat; utlist */
    void (*end_line)(struct tg_desk *desk); /* NULL: nobody ever waited */
    struct tg_unsettled_table unsettled;
    struct dialogs *dialogs; /* the account's chats are being read; NULL */
};

/* Made when it is first asked for; NULL: no memory. */
struct tg_desk *tg_desk_of(struct tg_account *a);

#endif
