/* A key that the store has for another worker's intent, of another node: two were asked by it at once, or the account
 * that it was first asked for is there. Nothing was sent here; who has the intent answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"
#include "daemon/worker/records.h"

struct journal_place {
    struct journal *journal;
    struct job *job;
};

static void reply_later(struct job *job)
{
    struct problem *p =
        problem_new(PROBLEM_IDEMPOTENCY_IN_PROGRESS, 0,
                    "A request with this Idempotency-Key was made at another node, which has yet to say "
                    "what came of it");

    problem_set_retry_after(p, 1);
    op_reply_problem(job, p);
}

/* To the worker that has the account, of this node or of another. */
static void pass_on(struct journal *j, struct job *job, const char *account)
{
    struct workers *all = j->worker->config.workers;
    struct mailbox *to = all->elsewhere;
    struct directory_pick pick;

    if (account && job->method != JOB_ACCOUNT_CREATE)
        snprintf(job->account, sizeof(job->account), "%s", account);
    if (account && directory_find(all->directory, account, NULL, &pick))
        to = all->mailboxes[pick.worker];
    int err = to ? mailbox_pass(job, to) : TGC_ESTATE;
    if (err)
        reply_later(job);
}

static bool is_here(const struct journal *j, const char *account)
{
    struct directory_pick pick;

    return account && directory_find(j->worker->config.workers->directory, account, NULL, &pick) &&
           pick.worker == j->worker->index;
}

static void on_place(void *ctx, int err, const char *why, int64_t id, const char *account)
{
    struct journal_place p = *(struct journal_place *)ctx;
    struct journal *j = p.journal;

    free(ctx);
    j->asked_n--;
    if (err) {
        const struct op_unkept u = {.err = err, .why = why, .state = "Nothing was sent"};
        op_reply_problem(p.job, op_unkept(&u, "What was asked for by this Idempotency-Key before could not be read"));
    } else if (j->worker->stopping) {
        op_reply_problem(p.job, problem_stopping(true));
    } else if (id && is_here(j, account)) {
        /* What was forgotten here, and the store had yet to forget. */
        journal_unwrite(j, id);
        reply_later(p.job);
    } else if (id) {
        pass_on(j, p.job, account);
    } else {
        reply_later(p.job);
    }
}

/* The attempt stands before its gate, or comes there, and ends. */
static void end_attempt(struct intent *i)
{
    struct intent_attempt *a = i->attempt;
    struct tg_account *account = accounts_find(&i->journal->worker->accounts, i->account);
    bool waits = a && a->gate.is_asked;

    intent_leave_attempt(i);
    if (waits && account)
        (void)!tg_gate_shut(&a->gate, account);
}

/* As it came: of what was to be its answer nothing is so. */
static void reset(struct job *job)
{
    problem_free(job->problem);
    job->problem = NULL;
    job->status = 0;
    buf_reset(&job->text);
}

bool intent_may_leave(const struct intent *i)
{
    return i->has_key && !i->sent && !(i->attempt && i->attempt->gate.is_open);
}

void intent_leave_to_other(struct intent *i)
{
    struct journal *j = i->journal;
    struct journal_place *p = malloc(sizeof(*p));
    struct job *job = intent_take_waiter(i);
    uint8_t key[STORE_INTENT_KEY];

    memcpy(key, i->key, sizeof(key));
    end_attempt(i);
    intent_drop(i);
    if (!job) {
        free(p);
        return;
    }
    reset(job);
    if (p)
        *p = (struct journal_place){.journal = j, .job = job};
    if (!p || store_load_intent_place(records_desk(j->worker->records), key, on_place, p) != 0) {
        free(p);
        op_reply_no_memory(job);
        return;
    }
    j->asked_n++;
}
