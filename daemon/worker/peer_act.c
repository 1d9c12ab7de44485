#include "daemon/worker/peer_act.h"

#include <stdlib.h>

#include "daemon/worker/peer_params.h"

struct peer_act {
    struct worker *worker;
    struct job *job; /* NULL: it has its answer, that nobody knows */
    json_t *body;    /* the job's, from then on */
    struct tg_account *account;
    const struct tl_comb *method;
    json_t *params;
    bool changes;
    peer_act_reply *reply;
    peer_act_late *late;
};

/* What is left to do with the job. */
static struct peer_act finish(struct peer_act *a)
{
    struct peer_act left = *a;

    json_decref(a->params);
    free(a);
    left.params = NULL;
    return left;
}

static void reply_unknown(const struct peer_act *a, struct job *job, const struct tg_answer *answer)
{
    op_reply_problem(job, op_problem_of_asked(a->worker, a->account, answer, NULL,
                                              "It may have happened: look before you repeat the request"));
}

static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct peer_act *a = ctx;
    struct job *job = a->job;

    a->job = NULL;
    a->body = json_incref(job->body);
    reply_unknown(a, job, answer);
}

static void end_late(struct peer_act *a, const struct tg_answer *answer)
{
    if (answer->outcome == TG_RESULT)
        a->late(a->worker, a->account, json_object_get(a->params, "peer"), a->body);
    json_decref(a->body);
    (void)finish(a);
}

static void on_answer(void *ctx, const struct tg_answer *answer)
{
    if (!((struct peer_act *)ctx)->job) {
        end_late(ctx, answer);
        return;
    }
    json_t *params = json_incref(((struct peer_act *)ctx)->params);
    struct peer_act a = finish(ctx);

    if (answer->outcome == TG_RESULT)
        a.reply(a.worker, a.job, a.account, json_object_get(params, "peer"), answer);
    else if (a.changes)
        reply_unknown(&a, a.job, answer);
    else
        op_reply_problem(a.job, op_problem_of(a.worker, a.account, answer));
    json_decref(params);
}

static void on_peers(void *ctx, bool ok, struct problem *problem)
{
    struct peer_act *a = ctx;
    struct fault fault = {0};

    if (!ok) {
        struct job *job = finish(a).job;
        op_reply_problem(job, problem);
        return;
    }
    struct tg_ask ask = {.method = a->method,
                         .params = a->params,
                         .deadline_us = a->job->deadline_us,
                         .gate = a->job->gate,
                         .done = on_answer,
                         .unknown = a->late ? on_unknown : NULL,
                         .ctx = a};
    int err = tg_invoke(a->account, &ask, &fault);
    if (err) {
        struct peer_act left = finish(a);
        op_reply_fault(left.worker, left.job, left.account, left.method, err, &fault);
    }
}

void peer_act(struct worker *w, struct job *job, const char *method, json_t *params, bool changes,
              peer_act_reply *reply, peer_act_late *late)
{
    const struct tl_comb *comb = tl_find_method(w->env.schema, method);
    struct tg_account *account = NULL;
    struct problem *problem = NULL;

    /* No account is the sign of a refusal, not the problem: that is NULL where memory is gone. */
    if (comb)
        account = accounts_select(&w->accounts, job, &problem);
    else
        problem = op_problem_no_method(w, method);
    if (!account) {
        json_decref(params);
        op_reply_problem(job, problem);
        return;
    }
    struct peer_act *a = malloc(sizeof(*a));
    if (!a || !params || json_object_set(params, "peer", json_object_get(job->path, "peer")) != 0) {
        free(a);
        json_decref(params);
        op_reply_no_memory(job);
        return;
    }
    *a = (struct peer_act){.worker = w,
                           .job = job,
                           .account = account,
                           .method = comb,
                           .params = params,
                           .changes = changes,
                           .reply = reply,
                           .late = late};
    peer_params_resolve(w, account, comb, params, job->deadline_us, on_peers, a);
}
