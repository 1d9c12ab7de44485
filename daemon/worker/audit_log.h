/* The worker's end of the audit (bridge/audit.h): what was noted goes to the disk a quarter of a second later, all that
 * gathered in one put, with whatever else the store writes then. One of all workers takes it, whichever comes first.
 * The worker's thread, but for audit_log_new() and _free(). */
#ifndef TGCALLD_WORKER_AUDIT_LOG_H
#define TGCALLD_WORKER_AUDIT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/bridge/audit.h"
#include "daemon/net/loop.h"
#include "daemon/store/audit_rows.h"

struct audit_log;

/* All are borrowed. */
int audit_log_new(struct audit *audit, struct store *store, struct net_loop *loop, struct audit_log **ret) TGC_MUST;
/* When it is idle. NULL is fine. */
void audit_log_free(struct audit_log *log);

/* Once a round of the loop: sees to what was noted. */
void audit_log_turn(struct audit_log *log);
/* What was noted until now is put now. */
void audit_log_flush(struct audit_log *log);
/* Whether all puts are answered. */
bool audit_log_is_idle(const struct audit_log *log);

/* As store_load_audit(): what was flushed is in it. */
int audit_log_read(struct audit_log *log, int64_t before, store_audit_fn *loaded, void *ctx) TGC_MUST;

#endif
