#include "daemon/worker/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/login/login.h"

void accounts_fini(struct accounts *accounts)
{
    /* Each leaves the table first: what it ends may look for it there, to remove it. */
    while (accounts->n)
        tg_account_free(accounts->sorted[--accounts->n]);
    free(accounts->sorted);
    *accounts = (struct accounts){0};
}

/* Where NAME is, or would be. */
static size_t place(const struct accounts *accounts, const char *name, bool *ret_there)
{
    size_t low = 0, high = accounts->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(tg_account_name(accounts->sorted[middle]), name);
        if (order == 0) {
            *ret_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_there = false;
    return low;
}

struct tg_account *accounts_find(const struct accounts *accounts, const char *name)
{
    bool there;
    size_t at = place(accounts, name, &there);

    return there ? accounts->sorted[at] : NULL;
}

bool accounts_has(const struct accounts *accounts, const struct tg_account *account)
{
    return accounts_find(accounts, tg_account_name(account)) == account;
}

int accounts_put(struct accounts *accounts, struct tg_account *account)
{
    bool there;
    size_t at = place(accounts, tg_account_name(account), &there);

    if (there)
        return TGC_EEXIST;
    if (accounts->n == LIMIT_ACCOUNTS)
        return TGC_ELIMIT;
    if (accounts->n == accounts->cap) {
        size_t cap = accounts->cap ? accounts->cap * 2 : 8;
        struct tg_account **sorted = realloc(accounts->sorted, cap * sizeof(*sorted));
        if (!sorted)
            return TGC_ENOMEM;
        accounts->sorted = sorted;
        accounts->cap = cap;
    }
    memmove(accounts->sorted + at + 1, accounts->sorted + at, (accounts->n - at) * sizeof(*accounts->sorted));
    accounts->sorted[at] = account;
    accounts->n++;
    return 0;
}

void accounts_drop(struct accounts *accounts, struct tg_account *account)
{
    bool there;
    size_t at = place(accounts, tg_account_name(account), &there);

    if (!there)
        return;
    accounts->n--;
    memmove(accounts->sorted + at, accounts->sorted + at + 1, (accounts->n - at) * sizeof(*accounts->sorted));
}

bool accounts_name_is_visible(const struct job *job, const char *account)
{
    size_t i;
    json_t *name;

    if (!job->accounts)
        return true;
    json_array_foreach (job->accounts, i, name)
        if (strcmp(json_string_value(name), account) == 0)
            return true;
    return false;
}

bool accounts_is_visible(const struct job *job, const struct tg_account *account)
{
    return accounts_name_is_visible(job, tg_account_name(account));
}

static struct problem *gone(const char *name, const char *how)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "the account \"%s\" %s", name, how);

    problem_set_remedy(p, "Name another account: GET /v1/accounts lists them");
    return p;
}

struct problem *accounts_gone(const char *name)
{
    return gone(name, "was removed meanwhile");
}

struct problem *accounts_not_ready(const struct tg_account *account)
{
    const char *reason = tg_account_reason(account), *remedy = tg_account_remedy(account);
    const char *state = tg_account_state_text(tg_account_state(account));

    if (tg_login_is_quitting(account))
        return gone(tg_account_name(account), "is being removed");
    /* It speaks of the login that was, not of this request. */
    if (tg_account_logout(account) == TG_LOGOUT_UNCONFIRMED)
        remedy = NULL;
    struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the account %s is in the state %s%s%s",
                                    tg_account_name(account), state, reason ? ": " : "", reason ? reason : "");

    problem_put(p, "account", json_string(tg_account_name(account)));
    problem_put(p, "state", json_string(state));
    if (remedy)
        problem_set_remedy(p, remedy);
    else
        problem_print_remedy(p, "Log in with POST /v1/accounts/%s/login, or with tgcalldctl login %s",
                             tg_account_name(account), tg_account_name(account));
    return p;
}

struct tg_account *accounts_of_job(const struct accounts *accounts, const struct job *job, struct problem **ret_problem)
{
    struct tg_account *account = accounts_find(accounts, job->account);

    if (!account)
        *ret_problem = accounts_gone(job->account);
    return account;
}

struct tg_account *accounts_select(const struct accounts *accounts, const struct job *job, struct problem **ret_problem)
{
    struct tg_account *account = accounts_of_job(accounts, job, ret_problem);

    /* A frozen one can read, and says so itself where it is to do more. */
    if (account && tg_account_state(account) != TG_ACCOUNT_READY && tg_account_state(account) != TG_ACCOUNT_FROZEN) {
        *ret_problem = accounts_not_ready(account);
        return NULL;
    }
    return account;
}
