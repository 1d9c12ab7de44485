/* What the operations on schedules share. */
#ifndef TGCALLD_WORKER_OP_SCHEDULE_H
#define TGCALLD_WORKER_OP_SCHEDULE_H

#include "daemon/worker/schedule_internal.h"

/* The path's. NULL: there is none that the token may know of, and the job was answered. */
struct schedule *op_schedule_find(struct worker *w, struct job *job);
/* The marked id of the chat that was found. False: it is none, or none for a schedule, and the job was answered. */
bool op_schedule_take_peer(struct worker *w, struct job *job, const char *account, const struct tg_resolved *resolved,
                           int64_t *ret) TGC_MUST;

#endif
