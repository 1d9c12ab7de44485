/* USER_MIGRATE_X for an account that is logged in: its home is another data centre now. The login is exported from the
 * old one and imported there; what is asked meanwhile waits. The account's thread. */
#ifndef TGCALLD_TG_MIGRATE_H
#define TGCALLD_TG_MIGRATE_H

#include <stdint.h>

#include "daemon/base/err.h"

struct tg_account;

/* 0 also where it moves already. TGC_EUNKNOWN: no such DC; TGC_ESTATE: not logged in. A move that fails leaves
 * the account where it was, with the reason why. */
int migrate_begin(struct tg_account *a, int32_t dc) TGC_MUST;

#endif
