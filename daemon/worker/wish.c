#include "daemon/worker/wish.h"

#include <stdlib.h>

struct wish_reply {
    struct job *job;
    int status;
};

static void end(struct job *job, int status, const char *why)
{
    if (!why) {
        op_reply_text(job, status);
        return;
    }
    struct problem *p = problem_new(
        PROBLEM_INTERNAL, 0, "the call is there, but that it is to be started, or not, could not be kept: %s", why);
    problem_set_remedy(p,
                       "It holds until the daemon ends. Mend the daemon's state directory (its disk, its rights), then "
                       "repeat the request");
    op_reply_problem(job, p);
}

static void on_kept(void *ctx, int err, const char *why)
{
    struct wish_reply r = *(struct wish_reply *)ctx;

    free(ctx);
    end(r.job, r.status, err && !why ? tgc_err_text(err) : why);
}

void wish_reply(struct worker *w, struct job *job, int status, struct tg_account *account)
{
    struct wish_reply *r = w->records ? malloc(sizeof(*r)) : NULL;
    int err = TGC_ENOMEM;

    if (!w->records) {
        op_reply_text(job, status);
        return;
    }
    if (r) {
        *r = (struct wish_reply){job, status};
        err = records_keep(w->records, account, on_kept, r);
    }
    if (err) {
        free(r);
        end(job, status, tgc_err_text(err));
    }
}
