/* The wish that a scheduled call be started at its date: set by who asks for it, served by tg/call/starter.h, lapsed as
 * soon as the call runs or has ended, whoever did that. The account's thread. */
#ifndef TGCALLD_TG_AUTO_START_H
#define TGCALLD_TG_AUTO_START_H

#include "daemon/tg/known/known.h"

/* The wish, or none; what was missed is forgotten. Whether that is news, which is told then. */
bool tg_known_wish_start(struct tg_known *k, struct tg_call *call, bool wished);
/* The call was not started, WHY; AT is now, in Unix seconds. TGC_ENOMEM. */
int tg_known_start_missed(struct tg_known *k, struct tg_call *call, int64_t at, const char *why) TGC_MUST;

#endif
