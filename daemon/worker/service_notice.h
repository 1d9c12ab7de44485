/* What Telegram writes to an account itself: codes of logins, above all, which are for nobody but who has the account,
 * and so in no event. Any thread. */
#ifndef TGCALLD_WORKER_SERVICE_NOTICE_H
#define TGCALLD_WORKER_SERVICE_NOTICE_H

#include <stdbool.h>

#include "daemon/tg/listener.h"
#include "daemon/tl/schema.h"

/* Whether the update is of the dialog with Telegram's own user, quotes or forwards what he wrote, or is a service
 * notification. Foreign bytes: what only looks so is taken for one too. SCHEMA is that of the update. */
bool update_is_service_notice(const struct tl_schema *schema, const struct tg_update *update);

#endif
