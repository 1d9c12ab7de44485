/* The accounts of one worker by name. The worker's thread. */
#ifndef TGCALLD_WORKER_ACCOUNTS_H
#define TGCALLD_WORKER_ACCOUNTS_H

#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/bridge/job.h"
#include "daemon/tg/account/account.h"

struct accounts {
    struct tg_account **sorted; /* by name */
    size_t n, cap;
};

void accounts_fini(struct accounts *accounts);
struct tg_account *accounts_find(const struct accounts *accounts, const char *name);
bool accounts_has(const struct accounts *accounts, const struct tg_account *account);
/* TGC_EEXIST, TGC_ELIMIT, TGC_ENOMEM. */
int accounts_put(struct accounts *accounts, struct tg_account *account) TGC_MUST;
void accounts_drop(struct accounts *accounts, struct tg_account *account);

/* Whether the job's token may know of it. */
bool accounts_is_visible(const struct job *job, const struct tg_account *account);
bool accounts_name_is_visible(const struct job *job, const char *account);

/* The account that was chosen for the job. NULL: it is gone since, *RET_PROBLEM says so. */
struct tg_account *accounts_of_job(const struct accounts *accounts, const struct job *job,
                                   struct problem **ret_problem);
/* The same where it has to be ready too. */
struct tg_account *accounts_select(const struct accounts *accounts, const struct job *job,
                                   struct problem **ret_problem);

/* The problem of an account that cannot be asked in its state, or is being removed. */
struct problem *accounts_not_ready(const struct tg_account *account);
/* That of one that is gone, or about to. */
struct problem *accounts_gone(const char *name);

#endif
