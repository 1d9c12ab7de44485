/* /v1/accounts: create, list, read, remove. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/tg/login/login.h"
#include "daemon/worker/op.h"

void op_account_create(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->body, "name"));
    struct tg_account *account = NULL;
    int err;

    /* A token that is bound to accounts can make only those. */
    if (job->accounts) {
        size_t i;
        json_t *allowed;
        bool found = false;
        json_array_foreach (job->accounts, i, allowed)
            found |= json_equal(allowed, json_object_get(job->body, "name"));
        if (!found) {
            op_reply_problem(job, problem_new(PROBLEM_FORBIDDEN, 0, "this token is bound to other accounts"));
            return;
        }
    }
    err = tg_account_new(&w->env, name, &account);
    if (!err)
        err = worker_adopt(w, account);
    if (err) {
        tg_account_free(account);
        op_reply_problem(job, err == TGC_EEXIST
                                  ? problem_new(PROBLEM_EXISTS, 0, "there is an account \"%s\" already", name)
                              : err == TGC_ELIMIT ? problem_new(PROBLEM_QUEUE_FULL, 0, "there are too many accounts")
                                                  : NULL);
        return;
    }
    snprintf(job->location, sizeof(job->location), "/v1/accounts/%s", name);
    op_reply_json(job, 201, tg_account_json(account));
}

static int put_account(struct job *job, struct tg_account *account)
{
    json_t *j = tg_account_json(account);
    int err = j ? rows_begin(&job->rows, tg_account_name(account), 0) : TGC_ENOMEM;

    if (!err && json_dump_callback(j, op_dump_to_buf, &job->rows.text, JSON_COMPACT) != 0)
        err = TGC_ENOMEM;
    json_decref(j);
    return err ? err : rows_end(&job->rows);
}

void op_account_list(struct worker *w, struct job *job)
{
    int err = 0;

    for (size_t i = 0; i < w->accounts.n && !err; i++)
        if (accounts_is_visible(job, w->accounts.sorted[i]))
            err = put_account(job, w->accounts.sorted[i]);
    if (err)
        op_reply_no_memory(job);
    else if (!op_pass_on(w, job))
        op_reply_rows(job, "accounts", SIZE_MAX);
}

void op_account_get(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);

    if (account)
        op_reply_json(job, 200, tg_account_json(account));
    else
        op_reply_problem(job, problem);
}

struct removal {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
};

/* The answer is the account as it was last: it stays readable until the loop frees it. */
static void bury(struct worker *w, struct job *job, struct tg_account *account)
{
    if (worker_bury(w, account) != 0)
        op_reply_no_memory(job);
    else
        op_reply_json(job, 200, tg_account_json(account));
}

static void on_logged_out(void *ctx, const struct tg_answer *failure)
{
    struct removal *r = ctx;

    (void)failure; /* it is removed here whatever Telegram says */
    if (accounts_find(&r->worker->accounts, tg_account_name(r->account)) == r->account)
        bury(r->worker, r->job, r->account);
    else
        op_reply_json(r->job, 200, tg_account_json(r->account)); /* another request removed it first */
    free(r);
}

void op_account_delete(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct fault fault;
    struct removal *r;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    r = malloc(sizeof(*r));
    if (!r) {
        op_reply_no_memory(job);
        return;
    }
    *r = (struct removal){w, job, account};
    if (tg_logout(account, job->deadline_us, on_logged_out, r, &fault) != 0) {
        free(r);
        bury(w, job, account); /* it was not logged in */
    }
}
