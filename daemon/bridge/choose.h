/* Which worker a job goes to and which account it means, by the rules of the REST contract: the account that is named;
 * for a call the one that created it, else the only one that knows it; otherwise the only one that is ready. Whether
 * that one can be asked in its state is its worker's to judge. Any thread. */
#ifndef TGCALLD_BRIDGE_CHOOSE_H
#define TGCALLD_BRIDGE_CHOOSE_H

#include <stddef.h>

#include "daemon/bridge/directory.h"
#include "daemon/bridge/job.h"
#include "daemon/bridge/problem.h"

/* Fills job->account and *RET_WORKER. A job that is about all accounts has none: it starts at the first worker and goes
 * on from there. TGC_EUNKNOWN: *RET_PROBLEM says why there is none (NULL where memory is gone). */
int choose_worker(struct directory *d, struct job *job, size_t *ret_worker, struct problem **ret_problem) TGC_MUST;

/* What JOB says itself that it is about, whoever has it, for a node that knows no accounts. Texts are borrowed of JOB.
 */
enum choose_of {
    CHOOSE_NONE,     /* no account, all of them, or the only one that is ready */
    CHOOSE_ACCOUNT,  /* its name */
    CHOOSE_CALL,     /* its id; the rule which account is meant is choose_worker()'s */
    CHOOSE_SCHEDULE, /* its name */
    CHOOSE_JOB,      /* its id */
};
struct choose_route {
    enum choose_of of;
    const char *name;
    int64_t id;
};
struct choose_route choose_route(const struct job *job);

/* What is said where NAME is no account that may be seen. NULL where memory is gone. */
struct problem *choose_no_account(const char *name);

/* The same of a schedule. */
struct problem *choose_no_schedule(const char *name);

/* Names that a problem lists at most. */
enum { CHOOSE_NAMES_MAX = 100 };

#endif
