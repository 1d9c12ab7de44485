/* auth.bindTempAuthKey ("Perfect Forward Secrecy"): ties a temporary key to a permanent one. It comes before
 * initConnection, so its bytes are read without any layer. */
#ifndef TGCALLD_SANDBOX_CENTRE_BIND_H
#define TGCALLD_SANDBOX_CENTRE_BIND_H

#include "daemon/sandbox/centre/session.h"

/* Whether a query (unwrapped) is the method. */
bool bind_is(const uint8_t *query, size_t len);
/* NULL: bound; else the 400 it is refused with. MSG_ID is that of the outer message. */
const char *bind_run(struct session *ss, uint64_t msg_id, const uint8_t *query, size_t len);

#endif
