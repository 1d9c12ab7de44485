/* Intents: what was asked for under an Idempotency-Key or to be done as a job. Each is written down before it is sent,
 * and its answer before it is told; it outlives its client, and the process. An intent whose id was told is a job.
 *
 * It runs by attempts: jobs of the worker's own, each with the usual deadline, that know of no key and no client. What
 * an attempt leaves open is asked again, with the same random_id, where that is known to do no harm (journal_kind.h).
 * The worker's thread. */
#ifndef TGCALLD_WORKER_JOURNAL_H
#define TGCALLD_WORKER_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/bridge/job.h"

struct worker;
struct journal;
struct tg_account;

/* Before the worker's first job. */
int journal_new(struct worker *w, struct journal **ret) TGC_MUST;
/* When the accounts are gone, and all that was under way has ended: what has not come to its end is left to the next
 * process. NULL is fine. */
void journal_free(struct journal *j);

/* Takes JOB, which has terms and whose account was chosen: answers it, now or later, or passes it to the worker that
 * has its intent. */
void journal_take(struct worker *w, struct job *job);

/* Whether the store has answered all that it was given. */
bool journal_is_kept(const struct journal *j);
/* The worker ends: who still waits is answered. */
void journal_stop(struct journal *j);

/* The account goes, and what was asked of it. */
void journal_forget_account(struct journal *j, const char *account);

/* What the process before left, of the account, or of none where it is "". What is to go on does so when
 * journal_go_on() says that the accounts are there. */
void journal_load(struct journal *j, const char *account);
void journal_go_on(struct journal *j);

/* Hears of each change of a job, with the job as GET /v1/jobs/{id} tells it, without its answer. NULL: nobody does. */
typedef void journal_changed_fn(void *ctx, const char *account, const char *text, size_t len);
void journal_listen(struct journal *j, journal_changed_fn *changed, void *ctx);

#endif
