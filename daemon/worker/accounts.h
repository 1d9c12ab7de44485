/* The accounts of one worker by name, and which of them a request means. The worker's thread. */
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
/* TGC_EEXIST, TGC_ELIMIT, TGC_ENOMEM. */
int accounts_put(struct accounts *accounts, struct tg_account *account) TGC_MUST;
void accounts_drop(struct accounts *accounts, struct tg_account *account);

/* Whether the job's token may know of it. */
bool accounts_is_visible(const struct job *job, const struct tg_account *account);

/* The account that the job names (in its body or query), else the only one that is ready. NULL: *RET_PROBLEM says why.
 */
struct tg_account *accounts_select(const struct accounts *accounts, const struct job *job,
                                   struct problem **ret_problem);
/* The account of a path's {name}. */
struct tg_account *accounts_of_path(const struct accounts *accounts, const struct job *job,
                                    struct problem **ret_problem);
/* The account of a call: the named one, the one that created it, the only one that knows it, the only ready one. */
struct tg_account *accounts_of_call(const struct accounts *accounts, const struct job *job, int64_t call_id,
                                    struct problem **ret_problem);

/* The problem of an account that cannot be asked in its state. */
struct problem *accounts_not_ready(const struct tg_account *account);

#endif
