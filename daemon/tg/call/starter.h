/* Starts scheduled calls at their dates, where that was wished for (known/auto_start.h), which Telegram does not do by
 * itself: for all accounts of a worker, with one timer. The time is Telegram's own. Before each start the call is read:
 * whoever moved, started or ended it meanwhile has the last word. What is no refusal is tried again until it is too
 * late; what came to nothing is written down with the call, and logged. Belongs to the accounts' thread. */
#ifndef TGCALLD_TG_STARTER_H
#define TGCALLD_TG_STARTER_H

#include "daemon/tg/account/account.h"
#include "daemon/tg/listener.h"

struct starter;

/* The wait for a date is broken off so often to look whether Telegram's time is still what it was. */
#define STARTER_LOOK_US (10 * SECOND_US)

/* Whoever is there at the date needs a moment: it is read first, and a lost link comes back. */
#define STARTER_MOMENT_US (10 * SECOND_US)

/* LATE_MAX_US: so long after its date a call is started, at least STARTER_MOMENT_US. ENV is borrowed. */
int starter_new(const struct tg_env *env, int64_t late_max_us, struct starter **ret) TGC_MUST;
/* When the accounts are gone. NULL is fine. */
void starter_free(struct starter *s);

/* From a tg_listener: call_changed, and account_changed. */
void starter_call_changed(struct starter *s, struct tg_account *a, const struct tg_call *call, enum tg_change change);
void starter_account_changed(struct starter *s, struct tg_account *a);
/* The account goes: nothing of it is started any more, and nothing is to be told of it. */
void starter_leave(struct starter *s, const struct tg_account *a);
/* All of them go. */
void starter_stop(struct starter *s);

#endif
