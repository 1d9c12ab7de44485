#include "api/wait.h"

#include <stddef.h>
#include <string.h>

#include "api/api_internal.h"
#include "api/front.h"
#include "api/patience.h"
#include "api/poll.h"
#include "api/reply.h"

static void on_back(struct asker *w, struct job *job)
{
    struct request *r = (struct request *)(void *)((char *)w - offsetof(struct request, asker));

    r->job = job;
    front_resume(r);
}

static int refuse(struct request *r, int err)
{
    struct problem *p;

    if (err == TGC_EBUSY) {
        p = problem_new(PROBLEM_QUEUE_FULL, 0, "The queue to the worker is full");
        problem_set_retry_after(p, 1);
    } else {
        p = problem_stopping(true);
    }
    return reply_problem(r, p);
}

void wait_suspend(struct request *r)
{
    r->state = REQUEST_WAITING;
    http_request_count(r);
    r->door->front->waiting++;
    patience_waits(r->conn);
    r->conn->edge.is_leaving = true;
    MHD_suspend_connection(r->connection);
    r->conn->edge.is_leaving = false;
}

int wait_begin(struct request *r, struct job *job)
{
    const struct workers *workers = r->api->config.workers;
    struct mailbox *mailbox;
    struct problem *problem;

    if (workers_choose(workers, job, &mailbox, &problem) != 0) {
        job_free(job);
        return reply_problem(r, problem);
    }
    memcpy(r->account, job->account, sizeof(r->account));
    int err = mailbox_admit(mailbox);
    if (err) {
        job_free(job);
        return refuse(r, err);
    }
    r->asker = (struct asker){r->door->front, pthread_self(), on_back};
    job->client_left = &r->conn->edge.has_ended;
    job->done = front_done;
    job->done_ctx = &r->asker;
    wait_suspend(r);
    mailbox_post(mailbox, job);
    return 0;
}

int wait_finish(struct request *r)
{
    struct job *job = r->job;

    if (!job)
        return poll_finish(r);
    memcpy(r->account, job->account, sizeof(r->account));
    if (job->problem) {
        struct problem *p = job->problem;
        job->problem = NULL;
        return reply_problem(r, p);
    }
    if (job->status < 200 || job->status > 299)
        return reply_problem(r, problem_new(PROBLEM_INTERNAL, 0, "The worker gave no answer"));
    if (r->route->finish)
        return r->route->finish(r, job);
    return (job_answer_is_secret(job) ? reply_secret : reply_json)(r, (unsigned)job->status, &job->text, job->location);
}
