/* Word to the keeper that there is something to keep. The account's thread. */
#ifndef TGCALLD_TG_NOTE_H
#define TGCALLD_TG_NOTE_H

#include <stdbool.h>

struct tg_account;

/* What saved.h tells is not as it was told last: the keeper hears of it, unless it was noted already. */
void tg_account_note(struct tg_account *a);
/* Whether it was noted; it is not any more. */
bool tg_account_take_note(struct tg_account *a);

#endif
