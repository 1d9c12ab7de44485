/* /v1/accounts/{name}/login and its steps, and …/logout: each answers the account. */
#include <inttypes.h>
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
    json_t *taken; /* the account as the step left it, until that is kept; owned */
};

/* The step led there, whatever became of the account since; it is on the disk, or the log has why not. */
static void on_kept(void *ctx, int err, const char *why)
{
    struct login_job *l = ctx;

    (void)err;
    (void)why;
    op_reply_json(l->job, 200, l->taken);
    free(l);
}

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
    if (!failure) {
        l->taken = tg_account_json(l->account);
        if (!l->worker->records || records_keep(l->worker->records, l->account, on_kept, l) != 0)
            on_kept(l, 0, NULL);
        return;
    }
    op_reply_problem(l->job, op_problem_of_asked(l->worker, l->account, failure, NULL, remedy));
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
    *l = (struct login_job){.worker = w, .job = job, .account = account};
    return l;
}

static struct problem *too_early(const struct tg_account *account, const struct fault *fault)
{
    struct problem *p = problem_new(PROBLEM_FLOOD_WAIT, 0, "%s", fault->text);
    int64_t wait_s = tg_login_resend_wait_s(account);

    problem_set_retry_after(p, wait_s);
    problem_print_remedy(p,
                         "Use the code that was sent, or repeat the request after %" PRId64
                         " seconds: GET /v1/accounts/%s has the time in code.resend_at",
                         wait_s, tg_account_name(account));
    return p;
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
    } else if (err == TGC_EBUSY) {
        op_reply_problem(l->job, too_early(l->account, fault));
    } else if (err == TGC_EINVAL && !fault->path[0]) {
        op_reply_problem(l->job, op_problem_no_api_id(l->worker, fault));
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
    const char *phone = json_string_value(json_object_get(job->body, "phone"));
    bool by_qr = json_is_true(json_object_get(job->body, "qr"));
    if (by_qr == (phone != NULL)) {
        struct problem *p = problem_new(PROBLEM_INVALID_REQUEST, 0, "A login begins with a phone number or a QR code");
        problem_add_error(p, by_qr ? "/qr" : "/phone", "one of \"phone\" and \"qr\": true is needed, and not both");
        free(l);
        op_reply_problem(job, p);
        return;
    }
    int err = by_qr ? tg_login_qr(l->account, job->deadline_us, on_step, l, &fault)
                    : tg_login_phone(l->account, phone, job->deadline_us, on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_qr(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_of_job(&w->accounts, job, &problem);

    if (account && tg_account_state(account) != TG_ACCOUNT_WAIT_QR) {
        problem = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the account shows no QR code: it is %s",
                              tg_account_state_text(tg_account_state(account)));
        problem_put(problem, "state", json_string(tg_account_state_text(tg_account_state(account))));
        problem_print_remedy(problem,
                             tg_account_state(account) == TG_ACCOUNT_READY
                                 ? "Use it as it is: it is logged in, and GET /v1/accounts/%s says as whom"
                                 : "Begin with POST /v1/accounts/%s/login {\"qr\": true}",
                             tg_account_name(account));
    }
    if (problem || !account) {
        op_reply_problem(job, problem);
        return;
    }
    json_t *j = tg_account_json(account);
    op_reply_json(job, 200, json_pack("{s:O}", "qr", json_object_get(j, "qr")));
    json_decref(j);
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

void op_login_registration(struct worker *w, struct job *job)
{
    const char *last_name = json_string_value(json_object_get(job->body, "last_name"));
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_registration(l->account, json_string_value(json_object_get(job->body, "first_name")),
                                    last_name ? last_name : "", job->deadline_us, on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_email(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_email(l->account, json_string_value(json_object_get(job->body, "email")), job->deadline_us,
                             on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_email_code(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_email_code(l->account, json_string_value(json_object_get(job->body, "code")), job->deadline_us,
                                  on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_resend(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};

    if (!l)
        return;
    int err = tg_login_resend(l->account, job->deadline_us, on_step, l, &fault);
    if (err)
        refuse(l, err, &fault);
}

void op_login_cancel(struct worker *w, struct job *job)
{
    struct login_job *l = begin(w, job);
    struct fault fault = {0};
    bool is_done;

    if (!l)
        return;
    int err = tg_login_cancel(l->account, job->deadline_us, on_step, l, &is_done, &fault);
    if (err)
        refuse(l, err, &fault);
    else if (is_done)
        on_step(l, NULL);
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
