/* A worker's schedules: each occurrence is taken up once, and carried out by jobs of the daemon's own (own_job.h),
 * whatever happens to the process meanwhile. Each transition is on the disk before the next begins: what is not known
 * to have been answered is asked for again with the same words under the same key. The time is Telegram's:
 * nothing is judged before the account knows it. The worker's thread. */
#ifndef TGCALLD_WORKER_SCHEDULE_H
#define TGCALLD_WORKER_SCHEDULE_H

#include <stdbool.h>

#include "daemon/base/err.h"

struct worker;
struct schedules;
struct tg_account;
struct tg_call;

/* The wait for a date is broken off so often to look whether the time is still what it was. */
#define SCHEDULES_LOOK_US (30 * SECOND_US)

int schedules_new(struct worker *w, struct schedules **ret) TGC_MUST;
/* When the accounts are gone, and before the journal is. NULL is fine. */
void schedules_free(struct schedules *s);

/* What the process before left of the account, which is there; and go on. */
void schedules_load(struct schedules *s, const char *account);
void schedules_go_on(struct schedules *s);

/* From a tg_listener. */
void schedules_account_changed(struct schedules *s, struct tg_account *account);
void schedules_call_told(struct schedules *s, const struct tg_account *account, const struct tg_call *call);
/* The account goes, and its schedules. */
void schedules_forget_account(struct schedules *s, const char *account);
/* Nothing is begun any more, and who waits is answered. */
void schedules_stop(struct schedules *s);
/* Whether the store has answered all that it was given. */
bool schedules_are_kept(const struct schedules *s);

#endif
