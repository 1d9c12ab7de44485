/* What an account leaves in the event log when it goes: nothing. The store's thread, within a transaction. */
#ifndef TGCALLD_STORE_EVENT_LEAVE_H
#define TGCALLD_STORE_EVENT_LEAVE_H

#include "daemon/store/store_internal.h"

/* ACCOUNT's events up to UP_TO are taken out of the log's pages. */
int store_leave_events(struct store *s, const char *account, int64_t up_to, struct fault *fault) TGC_MUST;

#endif
