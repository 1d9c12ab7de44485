/* Wishes that a call run in a chat: the account sees to it that one does, and makes a new one when it was ended, so
 * often an hour at most. A wish is on the disk before its answer leaves, and goes with its account. What is to be done
 * says live_rule.h; each create is an intent (own_job.h), under a key of the wish's and the create's number, so that
 * what a kill cut short comes to the same call. The worker's thread. */
#ifndef TGCALLD_WORKER_LIVE_H
#define TGCALLD_WORKER_LIVE_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/tg/listener.h"

struct worker;
struct live;
struct tg_account;

/* After the journal. */
int live_new(struct worker *w, struct live **ret) TGC_MUST;
/* NULL is fine. */
void live_free(struct live *live);
/* Nothing is asked any more; what is under way goes its way without this room. */
void live_stop(struct live *live);
/* Whether the store has answered all that it was given. */
bool live_is_kept(const struct live *live);

/* What the process before left of the account. What is to go on does so when live_go_on() says that all is there. */
void live_load(struct live *live, const char *account);
void live_go_on(struct live *live);

/* The account goes, and its wishes. */
void live_forget_account(struct live *live, const char *account);

/* From a tg_listener: account_changed, call_told and update_told. */
void live_account_changed(struct live *live, const struct tg_account *account);
void live_call_told(struct live *live, const struct tg_account *account, const struct tg_call *call,
                    const struct tg_call_news *news);
void live_update_told(struct live *live, const struct tg_account *account, const struct tg_update *update);

#endif
