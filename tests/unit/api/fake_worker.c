#include "tests/unit/api/fake_worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/unit.h"

struct fake_worker {
    struct mailbox *mailbox;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool rung, held, ending;
    struct job *jobs; /* held ones, the newest first */
    size_t jobs_count, answered;
    void (*answer)(struct job *job);
};

/* {"method", "path", "query", "body", "admin", "names_allowed", "accounts"?} */
static void echo(struct job *job)
{
    json_t *o = json_pack("{s:s, s:O, s:O, s:O, s:b, s:b, s:O*, s:s}", "method", job_method_text(job->method), "path",
                          job->path, "query", job->query, "body", job->body, "admin", job->scope_admin, "names_allowed",
                          job->names_allowed, "accounts", job->accounts, "request_id", job->request_id);
    char *text = json_dumps(o, JSON_COMPACT);

    job->status = 200;
    buf_put_text(&job->text, text);
    free(text);
    json_decref(o);
}

static void *run(void *ctx)
{
    struct fake_worker *w = ctx;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->rung && !(w->jobs && !w->held) && !w->ending)
            pthread_cond_wait(&w->changed, &w->lock);
        w->rung = false;
        pthread_mutex_unlock(&w->lock);
        struct job *fresh = mailbox_take(w->mailbox);
        pthread_mutex_lock(&w->lock);
        while (fresh) {
            struct job *next = fresh->next;
            fresh->next = w->jobs;
            w->jobs = fresh;
            w->jobs_count++;
            fresh = next;
        }
        pthread_cond_broadcast(&w->changed);
        while (w->jobs && (!w->held || w->ending)) {
            struct job *job = w->jobs;
            w->jobs = job->next;
            w->jobs_count--;
            w->answered++;
            void (*answer)(struct job *) = w->answer ? w->answer : echo;
            pthread_mutex_unlock(&w->lock);
            answer(job);
            job_reply(job);
            mailbox_deliver(w->mailbox);
            pthread_mutex_lock(&w->lock);
        }
        if (w->ending && !w->rung)
            break;
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void ring(void *ctx)
{
    struct fake_worker *w = ctx;

    pthread_mutex_lock(&w->lock);
    w->rung = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

struct fake_worker *fake_worker_start(size_t slots)
{
    struct fake_worker *w = calloc(1, sizeof(*w));

    ck_assert_ptr_nonnull(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->changed, NULL);
    ck_assert_int_eq(mailbox_new(slots, ring, w, &w->mailbox), 0);
    ck_assert_int_eq(pthread_create(&w->thread, NULL, run, w), 0);
    return w;
}

struct mailbox *fake_worker_mailbox(struct fake_worker *w)
{
    return w->mailbox;
}

void fake_worker_hold(struct fake_worker *w, bool held)
{
    pthread_mutex_lock(&w->lock);
    w->held = held;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
}

void fake_worker_await(struct fake_worker *w, size_t count)
{
    pthread_mutex_lock(&w->lock);
    while (w->jobs_count < count)
        pthread_cond_wait(&w->changed, &w->lock);
    pthread_mutex_unlock(&w->lock);
}

bool fake_worker_sees_left(struct fake_worker *w)
{
    pthread_mutex_lock(&w->lock);
    ck_assert_ptr_nonnull(w->jobs);
    bool has_left = w->jobs->client_left && atomic_load(w->jobs->client_left);
    pthread_mutex_unlock(&w->lock);
    return has_left;
}

void fake_worker_answer_with(struct fake_worker *w, void (*answer)(struct job *job))
{
    pthread_mutex_lock(&w->lock);
    w->answer = answer;
    pthread_mutex_unlock(&w->lock);
}

size_t fake_worker_answered(struct fake_worker *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = w->answered;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void fake_worker_stop(struct fake_worker *w)
{
    mailbox_close(w->mailbox);
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    ck_assert_uint_eq(mailbox_used(w->mailbox), 0);
    mailbox_free(w->mailbox);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
