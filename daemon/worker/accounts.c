#include "daemon/worker/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"

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

bool accounts_is_visible(const struct job *job, const struct tg_account *account)
{
    size_t i;
    json_t *name;

    if (!job->accounts)
        return true;
    json_array_foreach (job->accounts, i, name)
        if (strcmp(json_string_value(name), tg_account_name(account)) == 0)
            return true;
    return false;
}

static struct problem *no_such(const char *name)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no account \"%s\"", name);

    problem_set_remedy(p, "List the accounts with GET /v1/accounts, or create one with POST /v1/accounts");
    return p;
}

static struct tg_account *named(const struct accounts *accounts, const struct job *job, const char *name,
                                struct problem **ret_problem)
{
    struct tg_account *account = accounts_find(accounts, name);

    if (account && accounts_is_visible(job, account))
        return account;
    *ret_problem = no_such(name);
    return NULL;
}

static const char *name_given(const struct job *job)
{
    const char *name = json_string_value(json_object_get(job->query, "account"));

    /* In a create it is a member of the body; a method's body has parameters of its own. */
    if (!name && job->method == JOB_CALL_CREATE)
        name = json_string_value(json_object_get(job->body, "account"));
    return name;
}

struct problem *accounts_not_ready(const struct tg_account *account)
{
    const char *reason = tg_account_reason(account), *remedy = tg_account_remedy(account);
    const char *state = tg_account_state_text(tg_account_state(account));
    struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "account %s is %s%s%s", tg_account_name(account),
                                    state, reason ? ": " : "", reason ? reason : "");

    problem_put(p, "account", json_string(tg_account_name(account)));
    problem_put(p, "state", json_string(state));
    problem_set_remedy(p, remedy ? remedy : "Log in with POST /v1/accounts/{name}/login");
    return p;
}

/* The only ready one of those the token may see; where there is none but a single account, that one's trouble is told.
 */
static struct tg_account *only_ready(const struct accounts *accounts, const struct job *job,
                                     struct problem **ret_problem)
{
    struct tg_account *ready = NULL, *any = NULL;
    size_t ready_n = 0, any_n = 0;
    json_t *names = json_array();

    for (size_t i = 0; i < accounts->n; i++) {
        struct tg_account *account = accounts->sorted[i];
        if (!accounts_is_visible(job, account))
            continue;
        any = account;
        any_n++;
        json_array_append_new(names, json_string(tg_account_name(account)));
        if (tg_account_state(account) == TG_ACCOUNT_READY) {
            ready = account;
            ready_n++;
        }
    }
    if (ready_n == 1) {
        json_decref(names);
        return ready;
    }
    if (ready_n == 0 && any_n == 1) {
        json_decref(names);
        *ret_problem = accounts_not_ready(any);
        return NULL;
    }
    *ret_problem = problem_new(PROBLEM_ACCOUNT_REQUIRED, 0,
                               any_n == 0     ? "there is no account yet"
                               : ready_n == 0 ? "no account is ready"
                                              : "several accounts are ready: name one");
    problem_put(*ret_problem, "accounts", names);
    problem_set_remedy(*ret_problem, any_n == 0 ? "Create an account with POST /v1/accounts, then log in"
                                                : "Give the member or query parameter \"account\"");
    return NULL;
}

struct tg_account *accounts_select(const struct accounts *accounts, const struct job *job, struct problem **ret_problem)
{
    const char *name = name_given(job);
    struct tg_account *account =
        name ? named(accounts, job, name, ret_problem) : only_ready(accounts, job, ret_problem);

    if (account && tg_account_state(account) != TG_ACCOUNT_READY) {
        *ret_problem = accounts_not_ready(account);
        return NULL;
    }
    return account;
}

struct tg_account *accounts_of_path(const struct accounts *accounts, const struct job *job,
                                    struct problem **ret_problem)
{
    return named(accounts, job, json_string_value(json_object_get(job->path, "name")), ret_problem);
}

struct tg_account *accounts_of_call(const struct accounts *accounts, const struct job *job, int64_t call_id,
                                    struct problem **ret_problem)
{
    struct tg_account *knows = NULL;
    size_t knows_n = 0;

    if (name_given(job))
        return named(accounts, job, name_given(job), ret_problem);
    for (size_t i = 0; i < accounts->n; i++) {
        struct tg_account *account = accounts->sorted[i];
        struct tg_call *call = tg_calls_find(tg_account_calls(account), call_id);
        if (!call || !accounts_is_visible(job, account))
            continue;
        if (call->created_here)
            return account;
        knows = account;
        knows_n++;
    }
    return knows_n == 1 ? knows : only_ready(accounts, job, ret_problem);
}
