/* /v1/accounts/{name}/login and its steps, and …/logout: each answers the account. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/login/login.h"
#include "daemon/worker/op.h"
#include "daemon/worker/worker_internal.h"

struct login_job {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
};

static void on_step(void *ctx, const struct tg_answer *failure)
{
    struct login_job *l = ctx;
    char remedy[192];

    if (l->worker->stopping)
        snprintf(remedy, sizeof(remedy), "%s", OP_REMEDY_LOGIN_LEFT);
    else
        snprintf(
            remedy, sizeof(remedy),
            "It may have happened: read GET /v1/accounts/%s, or repeat the request, which asks Telegram first who is "
            "logged in",
            tg_account_name(l->account));
    if (failure)
        op_reply_problem(l->job, op_problem_of_asked(l->worker, l->account, failure, NULL, remedy));
    else
        op_reply_json(l->job, 200, tg_account_json(l->account));
    free(l);
}

/* The account, with what a step needs; NULL ended the job. */
static struct login_job *begin(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);
    struct login_job *l;

    if (!account) {
        op_reply_problem(job, problem);
        return NULL;
    }
    l = malloc(sizeof(*l));
    if (!l) {
        op_reply_no_memory(job);
        return NULL;
    }
    *l = (struct login_job){w, job, account};
    return l;
}

static void refuse(struct login_job *l, int err, const struct fault *fault)
{
    if (err == TGC_ESTATE) {
        struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "%s", fault->text);
        problem_put(p, "state", json_string(tg_account_state_text(tg_account_state(l->account))));
        if (tg_account_remedy(l->account))
            problem_set_remedy(p, tg_account_remedy(l->account));
        else
            problem_print_remedy(
                p, "Read GET /v1/accounts/%s for its state; a login begins with POST /v1/accounts/%s/login",
                tg_account_name(l->account), tg_account_name(l->account));
        op_reply_problem(l->job, p);
    } else if (err == TGC_EINVAL && !fault->path[0]) {
        struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "%s", fault->text);
        problem_print_remedy(
            p,
            "Get an api_id and api_hash of your own at https://my.telegram.org, set both in the section "
            "[telegram] of %s, and start the daemon again",
            l->worker->config.config_file ? l->worker->config.config_file : "the configuration");
        op_reply_problem(l->job, p);
    } else {
        op_reply_fault(l->worker, l->job, l->account, NULL, err, fault);
    }
    free(l);
}

void op_login(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    if (tg_account_state(l->account) == TG_ACCOUNT_READY) {
        struct problem *p = problem_new(PROBLEM_EXISTS, 0, "the account is logged in already");
        problem_print_remedy(p, "Use it as it is, or log out first with POST /v1/accounts/%s/logout", job->account);
        free(l);
        op_reply_problem(job, p);
        return;
    }
    int err = tg_login_phone(l->account, json_string_value(json_object_get(job->body, "phone")), job->deadline_us,
                             on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_code(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_code(l->account, json_string_value(json_object_get(job->body, "code")), job->deadline_us,
                            on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_password(struct worker *w, struct job *job)
{
    const json_t *password = json_object_get(job->body, "password");
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_password(l->account, json_string_value(password), json_string_length(password), job->deadline_us,
                                on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_logout(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_logout(l->account, job->deadline_us, on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}
