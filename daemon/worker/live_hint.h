/* Which updates say that what an account may do in a chat is otherwise now, or may be. */
#ifndef TGCALLD_WORKER_LIVE_HINT_H
#define TGCALLD_WORKER_LIVE_HINT_H

#include <stdbool.h>

#include "daemon/tg/listener.h"

bool live_hint_of_rights(const struct tg_update *update);

#endif
