#include "daemon/sandbox_account.h"

#include <pthread.h>

#include "daemon/base/clock.h"
#include "daemon/bridge/choose.h"

static const char name[] = "sandbox", phone[] = "+15550001", code[] = "12345";

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
};

static void on_done(struct job *job)
{
    struct waiting *w = job->done_ctx;

    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->answered);
    pthread_mutex_unlock(&w->lock);
}

static int post_and_wait(const struct workers *workers, enum job_method method, const char *member, const char *value,
                         int64_t timeout_us, struct fault *fault)
{
    struct waiting w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct job *job = job_new(method, NULL, NULL, NULL);
    struct problem *problem;
    size_t worker;
    int err;

    if (!job)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    json_object_set_new(job->path, "name", json_string(name));
    json_object_set_new(job->body, member, json_string(value));
    job->deadline_us = clock_mono_us(&clock_system) + timeout_us;
    job->done = on_done;
    job->done_ctx = &w;
    err = choose_worker(workers->directory, job, &worker, &problem);
    problem_free(problem);
    if (!err)
        err = mailbox_admit(workers->mailboxes[worker]);
    if (err) {
        job_free(job);
        return fault_set(fault, err, "no worker takes the job");
    }
    mailbox_post(workers->mailboxes[worker], job);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.answered, &w.lock);
    pthread_mutex_unlock(&w.lock);
    if (job->problem) {
        struct buf text;
        buf_init(&text, 4096);
        const char *said = problem_text(job->problem, NULL, &text) == 0 ? buf_text(&text) : NULL;
        err = fault_set(fault, TGC_ESTATE, "%s: %s", job_method_text(method), said ? said : "refused");
        buf_fini(&text);
    }
    job_free(job);
    return err;
}

static bool is_ready(struct directory *d)
{
    json_t *only = json_pack("[s]", name), *ready = directory_names(d, only, true, 1);
    bool is = json_array_size(ready) == 1;

    json_decref(ready);
    json_decref(only);
    return is;
}

int sandbox_account_login(const struct workers *workers, int64_t timeout_us, struct fault *fault)
{
    struct directory_pick pick;
    int err = 0;

    /* One of the process before. */
    if (is_ready(workers->directory))
        return 0;
    if (!directory_find(workers->directory, name, NULL, &pick))
        err = post_and_wait(workers, JOB_ACCOUNT_CREATE, "name", name, timeout_us, fault);
    if (!err)
        err = post_and_wait(workers, JOB_LOGIN, "phone", phone, timeout_us, fault);
    if (!err)
        err = post_and_wait(workers, JOB_LOGIN_CODE, "code", code, timeout_us, fault);
    return err;
}
