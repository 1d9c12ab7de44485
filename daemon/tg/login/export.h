/* A login of ours for another program. The account's thread. */
#ifndef TGCALLD_TG_EXPORT_H
#define TGCALLD_TG_EXPORT_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/strings/session_string.h"

/* What a session string can say of the login of A, to be wiped by the caller. TGC_ESTATE: nobody is logged in. */
int tg_export(struct tg_account *a, struct session_string *ret, struct fault *fault) TGC_MUST;

#endif
