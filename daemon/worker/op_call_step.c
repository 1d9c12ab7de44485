/* POST /v1/calls/{id}/start and DELETE /v1/calls/{id}: one method each. */
#include <stdlib.h>

#include "daemon/worker/call_step.h"

struct simple {
    struct call_target target;
};

static void on_done(void *ctx, struct tg_call *call, const struct tg_answer *answer)
{
    struct simple *s = ctx;
    struct job *job = s->target.job;
    struct tg_account *account = s->target.account;

    free(s);
    if (!answer)
        op_reply_call(job, 200, account, call, NULL);
    else if (op_put_call_and_text(job, account, call, "updates", answer) != 0)
        op_reply_no_memory(job);
    else
        op_reply_text(job, 200);
}

static void on_failed(void *ctx, struct problem *problem)
{
    struct simple *s = ctx;
    struct job *job = s->target.job;

    free(s);
    op_reply_problem(job, problem);
}

static void run(struct worker *w, struct job *job, const char *method)
{
    struct simple *s = malloc(sizeof(*s));

    if (!s) {
        op_reply_no_memory(job);
        return;
    }
    if (!call_target_find(w, job, &s->target)) {
        free(s);
        return;
    }
    call_step_run(&s->target, method, json_object(), on_done, on_failed, s);
}

void op_call_start(struct worker *w, struct job *job)
{
    run(w, job, "phone.startScheduledGroupCall");
}

void op_call_discard(struct worker *w, struct job *job)
{
    run(w, job, "phone.discardGroupCall");
}
