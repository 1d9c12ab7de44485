#include "daemon/bridge/workers.h"

#include "daemon/bridge/choose.h"

/* What any node knows itself, or reads from the database; of the audit, with its own newest records. */
static bool is_anywhere(enum job_method method)
{
    return method == JOB_NODES || method == JOB_EVENTS_READ || method == JOB_AUDIT_READ;
}

int workers_choose(const struct workers *w, struct job *job, struct mailbox **ret, struct problem **ret_problem)
{
    size_t worker;
    int err;

    *ret_problem = NULL;
    if (workers_are_elsewhere(w) && !is_anywhere(job->method)) {
        *ret = w->elsewhere;
        return 0;
    }
    err = choose_worker(w->directory, job, &worker, ret_problem);
    if (!err)
        *ret = w->mailboxes[worker];
    return err;
}
