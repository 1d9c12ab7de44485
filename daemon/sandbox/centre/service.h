/* MTProto's own messages from the client. */
#ifndef TGCALLD_SANDBOX_CENTRE_SERVICE_H
#define TGCALLD_SANDBOX_CENTRE_SERVICE_H

#include "daemon/sandbox/centre/session.h"

/* Handles a service message; false: it is none. BODY starts with ID. */
bool service_handle(struct session *ss, const struct mt_message *m, uint32_t id);
/* Whether the protocol has it unacked: msgs_ack, containers and their kin. */
bool service_is_content(uint32_t id);

#endif
