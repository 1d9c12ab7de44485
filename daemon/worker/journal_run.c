/* An intent's attempts: jobs of the worker's own, and what follows of how each went. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/account/account.h"
#include "daemon/worker/dispatch.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"

static int64_t now_us(const struct intent *i)
{
    return clock_mono_us(i->journal->worker->env.clock);
}

static enum journal_again again(const struct intent *i)
{
    return journal_again(i->journal->worker, i->method, i->path, i->body);
}

/* --- what goes out is written down before --- */

static void let_out(struct intent *i, const char *why_not)
{
    struct intent_attempt *a = i->attempt;
    struct tg_account *account = accounts_find(&i->journal->worker->accounts, i->account);

    /* The attempt that asked may be over, and this be the next. */
    if (!a || !account || !a->gate.is_asked || a->gate.is_open || a->gate.is_shut)
        return;
    if (!why_not) {
        tg_gate_open(&a->gate, account);
        return;
    }
    a->unwritten_err = i->write_err;
    snprintf(a->why, sizeof(a->why), "%s", why_not);
    (void)!tg_gate_shut(&a->gate, account);
}

static void on_wanted(struct tg_gate *gate)
{
    struct intent_attempt *a = gate->ctx;
    struct intent *i = a->intent;

    if (!i) {
        gate->is_shut = true;
        return;
    }
    /* An earlier create's, where that one may be under way in the same chat. */
    if (gate->random_id && i->body) {
        json_object_set_new(i->body, "random_id", json_integer(gate->random_id));
        (void)!intent_note_random_id(i); /* without memory it may be drawn a second time, by an odd chance */
    }
    intent_write(i, NULL, let_out);
}

/* --- its end --- */

static bool says(const struct problem *p, const char *member)
{
    return json_is_true(problem_member(p, member));
}

static bool is_final(const struct job *job)
{
    if (!job->problem)
        return job->status >= 200 && job->status < 300;
    return problem_slug_of(job->problem) == PROBLEM_TELEGRAM_REFUSED || says(job->problem, "executed");
}

/* False: it is too long. */
static bool wait(struct intent *i, const struct problem *p)
{
    int64_t until = journal_wall(i->journal) + problem_retry_after(p) * SECOND_US;

    if (problem_retry_after(p) <= 0 || until > i->created_us + JOURNAL_KEPT_US)
        return false;
    intent_wait(i, until, now_us(i) + problem_retry_after(p) * SECOND_US);
    intent_set(i, INTENT_WAITING);
    intent_write(i, NULL, NULL);
    return true;
}

static void end_unknown(struct intent *i, struct job *job)
{
    intent_end(i, job, again(i) != JOURNAL_ALWAYS);
}

/* To what may have been carried out before: it was. */
static bool was_repeated(const struct intent *i, const struct problem *p)
{
    const char *message = json_string_value(json_object_get(problem_member(p, "telegram"), "message"));

    return i->sent && message && strcmp(message, "RANDOM_ID_DUPLICATE") == 0;
}

static void judge(struct intent *i, struct job *job)
{
    struct problem *p = job->problem;
    enum problem_slug slug = p ? problem_slug_of(p) : PROBLEM_INTERNAL;
    bool may_go_on = !i->is_orphan && (again(i) == JOURNAL_ALWAYS || (again(i) == JOURNAL_UNSENT && !i->sent));

    if (p && was_repeated(i, p)) {
        problem_put(p, "executed", json_true());
        problem_set_remedy(p, "It was done, and its answer was lost: look at what it made");
    }
    if (is_final(job)) {
        intent_end(i, job, true);
    } else if (p && slug == PROBLEM_FLOOD_WAIT && i->defers && may_go_on && wait(i, p)) {
        return;
    } else if (p && slug == PROBLEM_TELEGRAM_TIMEOUT && may_go_on && now_us(i) < i->tried_since_us + JOURNAL_TRIES_US) {
        job->problem = NULL;
        if (i->waiter && i->waiter_defers) {
            intent_reply_deferred(i);
            problem_free(p);
        } else {
            intent_reply_late(i, p);
        }
        if (i->is_sent_there != i->sent) /* it was about to be */
            intent_write(i, NULL, NULL);
        intent_run(i);
    } else if (i->sent) {
        end_unknown(i, job);
    } else {
        intent_end(i, job, false);
    }
}

static void free_attempt(struct job *job, struct intent_attempt *a)
{
    free(a);
    job_free(job);
}

/* The daemon stops: the next one goes on, and who waits here hears why. */
static void leave(struct intent *i, struct job *job)
{
    struct job *waiter = i->waiter;

    i->waiter = NULL;
    if (!waiter)
        return;
    problem_free(waiter->problem);
    waiter->problem = job->problem;
    job->problem = NULL;
    job_reply(waiter);
}

static void on_done(struct job *job)
{
    struct intent_attempt *a = job->done_ctx;
    struct intent *i = a->intent;

    if (!i) {
        free_attempt(job, a);
        return;
    }
    i->attempt = NULL;
    i->sent |= a->gate.is_out || says(job->problem, "sent") || says(job->problem, "executed");
    if (a->unwritten_err) {
        const struct op_unkept u = {.err = a->unwritten_err,
                                    .why = a->why,
                                    .state = "Nothing was sent",
                                    .mend = "See to the disk of the daemon, then repeat the request"};
        problem_free(job->problem);
        job->problem = op_unkept(&u, "The request could not be written down");
    }
    if (job->problem && i->journal->worker->stopping)
        leave(i, job);
    else
        judge(i, job);
    free_attempt(job, a);
}

/* --- its beginning --- */

static struct job *job_for(struct intent *i, struct intent_attempt *a)
{
    bool is_kept = again(i) != JOURNAL_NEVER;
    json_t *path = json_deep_copy(i->path), *query = json_deep_copy(i->query);
    json_t *body = is_kept ? json_deep_copy(i->body) : i->body;

    if (!path || !query || !body) {
        json_decref(path);
        json_decref(query);
        if (is_kept)
            json_decref(body);
        return NULL;
    }
    if (!is_kept)
        i->body = NULL;
    struct job *job = job_new(i->method, path, query, body);
    if (!job)
        return NULL;
    memcpy(job->request_id, i->request_id, sizeof(job->request_id));
    memcpy(job->account, i->method == JOB_ACCOUNT_CREATE ? "" : i->account,
           i->method == JOB_ACCOUNT_CREATE ? 1 : sizeof(job->account));
    job->deadline_us = now_us(i) + i->journal->worker->env.request_timeout_us;
    if (i->waiter && !i->waiter_defers && !i->waiter->problem && i->waiter->deadline_us < job->deadline_us)
        job->deadline_us = i->waiter->deadline_us;
    job->accounts = json_deep_copy(i->accounts);
    job->scope_admin = i->scope_admin;
    job->scope_secrets = i->scope_secrets;
    job->names_allowed = true;
    job->gate = &a->gate;
    job->is_again = i->sent;
    job->done = on_done;
    job->done_ctx = a;
    return job;
}

/* Nobody asked for it in that one's name. */
static bool is_anothers(const struct intent *i)
{
    const struct tg_account *account = accounts_find(&i->journal->worker->accounts, i->account);
    int64_t user_id = account ? tg_account_self_id(account) : 0;

    return i->user_id && user_id && user_id != i->user_id;
}

static void refuse_anothers(struct intent *i)
{
    struct problem *p = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0,
                                    "Account %s is logged in as another user than when this was asked for", i->account);

    problem_set_remedy(p, "Ask for it anew, with another Idempotency-Key");
    intent_end_problem(i, p, false);
}

void intent_run(struct intent *i)
{
    struct journal *j = i->journal;

    intent_wait_no_more(i);
    if (is_anothers(i)) {
        refuse_anothers(i);
        return;
    }
    struct intent_attempt *a = calloc(1, sizeof(*a));
    struct job *job = a ? job_for(i, a) : NULL;

    if (!job) {
        free(a);
        intent_end_problem(i, NULL, false);
        return;
    }
    a->intent = i;
    a->journal = j;
    a->gate.wanted = on_wanted;
    a->gate.ctx = a;
    i->attempt = a;
    if (i->state == INTENT_WAITING)
        i->tried_since_us = now_us(i);
    i->until_us = 0;
    intent_set(i, INTENT_RUNNING);
    dispatch_find(job->method)(j->worker, job);
}

void intent_leave_attempt(struct intent *i)
{
    if (i->attempt)
        i->attempt->intent = NULL;
    i->attempt = NULL;
}

bool intent_cancel(struct intent *i)
{
    struct intent_attempt *a = i->attempt;
    struct tg_account *account = accounts_find(&i->journal->worker->accounts, i->account);

    if (i->sent || intent_has_ended(i))
        return false;
    if (a && (again(i) == JOURNAL_NEVER || !account || !tg_gate_shut(&a->gate, account)))
        return false;
    intent_leave_attempt(i);
    i->is_cancelled = true;
    return true;
}

bool journal_key_of_attempt(const struct job *job, uint8_t ret[static STORE_INTENT_KEY])
{
    const struct intent_attempt *a = job->gate ? job->gate->ctx : NULL;

    if (!a || !a->intent || !a->intent->has_key)
        return false;
    memcpy(ret, a->intent->key, STORE_INTENT_KEY);
    return true;
}
