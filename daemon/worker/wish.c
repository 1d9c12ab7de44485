#include "daemon/worker/wish.h"

#include <stdlib.h>

#include "daemon/worker/op_unkept.h"

struct wish_reply {
    struct job *job;
    int status;
};

static void end(struct job *job, int status, int err, const char *why)
{
    const struct op_unkept u = {.err = err,
                                .why = why,
                                .state = "It holds until the daemon ends",
                                .mend = "Mend the daemon's state directory (its disk, its rights), then repeat the "
                                        "request"};

    if (!err) {
        op_reply_text(job, status);
        return;
    }
    op_reply_problem(job, op_unkept(&u, "the call is there, but that it is to be started, or not, could not be kept"));
}

static void on_kept(void *ctx, int err, const char *why)
{
    struct wish_reply r = *(struct wish_reply *)ctx;

    free(ctx);
    end(r.job, r.status, err, why);
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
        end(job, status, err, NULL);
    }
}
