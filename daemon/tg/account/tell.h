/* Updates told onwards: to who listens to the account. The account's thread. */
#ifndef TGCALLD_TG_TELL_H
#define TGCALLD_TG_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/tl/model.h"

struct tg_account;

/* The updates within an answer to METHOD, or (NULL) within what Telegram said by itself; learnt from already. */
void account_tell(struct tg_account *a, const struct tl_comb *method, const uint8_t *data, size_t len);

#endif
