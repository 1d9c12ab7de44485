/* /v1/accounts: create, list, read, remove. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/login/login.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"

static struct problem *problem_of_bound(const struct job *job)
{
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "this token is bound to other accounts");
    char *names = json_dumps(job->accounts, 0);

    problem_print_remedy(p, "Give the account one of the names %.300s, or use a token that is bound to none",
                         names ? names : "");
    free(names);
    return p;
}

static struct problem *problem_of_new(int err, const char *name)
{
    struct problem *p = NULL;

    if (err == TGC_EEXIST) {
        p = problem_new(PROBLEM_EXISTS, 0, "there is an account \"%s\" already", name);
        problem_print_remedy(
            p, "Read GET /v1/accounts/%s for its state, or remove it first with DELETE /v1/accounts/%s", name, name);
    } else if (err == TGC_ELIMIT) {
        p = problem_new(PROBLEM_QUEUE_FULL, 0, "there are %d accounts, and no more fit", LIMIT_ACCOUNTS);
        problem_set_remedy(p, "Remove one first: GET /v1/accounts lists them");
    }
    return p;
}

/* Two accounts of one user are as good as any two; but not with one login. */
static struct problem *problem_of_key(const struct worker *w, const struct job *job, const struct tg_account *account)
{
    struct directory_pick holder;
    uint64_t ids[TG_ACCOUNT_KEYS_MAX];
    bool is_seen = false;
    struct problem *p;

    for (size_t i = tg_account_key_ids(account, ids); i > 0 && !is_seen; i--)
        is_seen = directory_find_key(w->config.workers->directory, ids[i - 1], job->accounts, &holder);
    if (!is_seen) {
        p = problem_new(PROBLEM_EXISTS, 0, "another account of this daemon has this session already");
        problem_set_remedy(p, "Give this account a login of its own, with POST /v1/accounts without a session");
        return p;
    }
    p = problem_new(PROBLEM_EXISTS, 0,
                    "the account \"%s\" has this session already, and Telegram would end it if it were used twice",
                    holder.account);
    problem_put(p, "account", json_string(holder.account));
    problem_print_remedy(p,
                         "Use the account \"%s\", or give this one a login of its own: POST /v1/accounts without a "
                         "session, then POST /v1/accounts/%s/login",
                         holder.account, tg_account_name(account));
    return p;
}

struct creation {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
};

static struct problem *problem_of_store(int err, const char *why, const char *name, const char *what)
{
    const struct op_unkept u = {
        .err = err,
        .why = why,
        .mend = "Mend the daemon's state directory (its disk, its rights), then repeat the request"};

    return op_unkept(&u, "the account \"%s\" could not be %s", name, what);
}

void op_reply_account_made(struct job *job, struct tg_account *account, json_t *body)
{
    snprintf(job->location, sizeof(job->location), "/v1/accounts/%s", tg_account_name(account));
    op_reply_json(job, 201, body);
}

/* What is not kept does not exist. */
static void on_created(void *ctx, int err, const char *why)
{
    struct creation c = *(struct creation *)ctx;

    free(ctx);
    const char *name = json_string_value(json_object_get(c.job->body, "name"));
    if (accounts_find(&c.worker->accounts, name) != c.account) {
        op_reply_problem(c.job, accounts_gone(name));
        return;
    }
    if (!err) {
        op_reply_account_made(c.job, c.account, tg_account_json(c.account));
        return;
    }
    struct problem *problem = problem_of_store(err, why, tg_account_name(c.account), "kept");
    if (worker_bury(c.worker, c.account) != 0)
        log_error("worker", "account %s stays until the next start, and is not kept", tg_account_name(c.account));
    op_reply_problem(c.job, problem);
}

static void keep_created(struct worker *w, struct job *job, struct tg_account *account)
{
    struct creation *c;

    if (!w->records) {
        op_reply_account_made(job, account, tg_account_json(account));
        return;
    }
    c = malloc(sizeof(*c));
    if (c)
        *c = (struct creation){w, job, account};
    int err = c ? records_keep(w->records, account, on_created, c) : TGC_ENOMEM;
    if (err) {
        free(c);
        (void)!worker_bury(w, account);
        op_reply_no_memory(job);
    }
}

bool op_adopt_account(struct worker *w, struct job *job, struct tg_account *account)
{
    int err = worker_adopt(w, account);

    if (!err)
        return true;
    op_reply_problem(job, err == TGC_EBUSY ? problem_of_key(w, job, account)
                                           : problem_of_new(err, tg_account_name(account)));
    tg_account_free(account);
    return false;
}

void op_account_create(struct worker *w, struct job *job)
{
    const char *name = json_string_value(json_object_get(job->body, "name"));
    struct tg_account *account = NULL;
    struct tg_way *way;

    /* A token that is bound to accounts can make only those. */
    if (job->accounts) {
        size_t i;
        json_t *allowed;
        bool found = false;
        json_array_foreach (job->accounts, i, allowed)
            found |= json_equal(allowed, json_object_get(job->body, "name"));
        if (!found) {
            op_reply_problem(job, problem_of_bound(job));
            return;
        }
    }
    if (json_object_get(job->body, "session")) {
        op_account_import(w, job);
        return;
    }
    if (!op_read_way(w, job, &way))
        return;
    if (tg_account_new(&w->env, name, &account) != 0) {
        op_reply_no_memory(job);
    } else {
        tg_account_set_way(account, way);
        if (op_adopt_account(w, job, account))
            keep_created(w, job, account);
    }
    tg_way_unref(way);
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

static struct problem *problem_of_quit(const struct tg_account *account, const struct tg_answer *failure)
{
    struct problem *p;

    if (failure->err == TGC_ENOMEM)
        return NULL;
    p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the account was not removed: %s", failure->detail);
    problem_put(p, "state", json_string(tg_account_state_text(tg_account_state(account))));
    problem_set_remedy(p, "Repeat the request");
    return p;
}

/* The account as it was last: it stays readable until the loop frees it. What could be done with it cannot any more,
 * but for a login that may be left of it. */
static void reply_last(struct job *job, struct tg_account *account)
{
    json_t *j = tg_account_json(account);

    if (tg_account_logout(account) != TG_LOGOUT_UNCONFIRMED)
        json_object_del(j, "remedy");
    op_reply_json(job, 200, j);
}

static void bury(struct worker *w, struct job *job, struct tg_account *account)
{
    if (worker_bury(w, account) != 0)
        op_reply_no_memory(job);
    else
        reply_last(job, account);
}

/* Its record went, or stays: then it does too, logged out as it is. */
static void on_forgotten(void *ctx, int err, const char *why)
{
    struct removal r = *(struct removal *)ctx;

    free(ctx);
    if (accounts_find(&r.worker->accounts, r.job->account) != r.account)
        op_reply_problem(r.job, accounts_gone(r.job->account));
    else if (err) {
        tg_login_leave(r.account, false);
        op_reply_problem(r.job, problem_of_store(err, why, tg_account_name(r.account), "removed from the store"));
    } else
        bury(r.worker, r.job, r.account);
}

static void forget(struct worker *w, struct job *job, struct tg_account *account)
{
    struct removal *r;

    if (!w->records) {
        bury(w, job, account);
        return;
    }
    r = malloc(sizeof(*r));
    if (r)
        *r = (struct removal){w, job, account};
    tg_login_leave(account, true);
    if (!r || records_drop(w->records, account, on_forgotten, r) != 0) {
        tg_login_leave(account, false);
        free(r);
        op_reply_no_memory(job);
    }
}

/* It is removed whatever Telegram says of its logout, but not while a step may still log somebody in. */
static void on_quit(void *ctx, const struct tg_answer *failure)
{
    struct removal r = *(struct removal *)ctx;

    free(ctx);
    if (failure && r.worker->stopping) {
        struct problem *p = op_problem_of(r.worker, r.account, failure);
        problem_set_remedy(p, OP_REMEDY_LOGIN_LEFT);
        op_reply_problem(r.job, p);
    } else if (!accounts_has(&r.worker->accounts, r.account))
        reply_last(r.job, r.account); /* another request removed it first */
    else if (failure)
        op_reply_problem(r.job, problem_of_quit(r.account, failure));
    else
        forget(r.worker, r.job, r.account);
}

void op_account_delete(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct fault fault = {0};
    struct removal *r;

    if (!account) {
        op_reply_problem(job, problem);
        return;
    }
    if (tg_login_is_over(account)) {
        forget(w, job, account);
        return;
    }
    r = malloc(sizeof(*r));
    if (r)
        *r = (struct removal){w, job, account};
    if (!r || tg_login_quit(account, job->deadline_us, on_quit, r, &fault) != 0) {
        free(r);
        op_reply_no_memory(job);
    }
}
