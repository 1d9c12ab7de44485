#include "daemon/net/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <uv.h>

enum {
    /* libuv's own numbers (1.44): how many threads, unless UV_THREADPOOL_SIZE says otherwise, and their stacks. */
    THREADS = 4,
    THREADS_MAX = 1024,
    STACK_SIZE = 8 << 20,
};

/* The threads that are tried out: all are alive at once, then all end. */
struct trial {
    pthread_mutex_t lock;
    pthread_cond_t may_end;
    bool is_over;
    unsigned n;
    pthread_t threads[THREADS_MAX];
    pid_t ids[THREADS_MAX];
    unsigned ids_n;
};

static void *run(void *ctx)
{
    struct trial *t = ctx;

    pthread_mutex_lock(&t->lock);
    t->ids[t->ids_n++] = gettid();
    while (!t->is_over)
        pthread_cond_wait(&t->may_end, &t->lock);
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* A joined thread may still count for the kernel, whose limit is what this is about: until its id is nobody's. */
static void await_end(const struct trial *t)
{
    for (unsigned i = 0; i < t->ids_n; i++)
        while (tgkill(getpid(), t->ids[i], 0) == 0)
            sched_yield();
}

static int try_threads(struct trial *t, unsigned n)
{
    pthread_attr_t attr;
    int failed = pthread_attr_init(&attr);

    if (failed)
        return failed;
    failed = pthread_attr_setstacksize(&attr, STACK_SIZE);
    while (!failed && t->n < n) {
        failed = pthread_create(&t->threads[t->n], &attr, run, t);
        t->n += !failed;
    }
    pthread_attr_destroy(&attr);
    pthread_mutex_lock(&t->lock);
    t->is_over = true;
    pthread_cond_broadcast(&t->may_end);
    pthread_mutex_unlock(&t->lock);
    for (unsigned i = 0; i < t->n; i++)
        pthread_join(t->threads[i], NULL);
    await_end(t);
    return failed;
}

/* As libuv reads it: less than 0 is very many. */
static unsigned threads_wanted(void)
{
    const char *text = getenv("UV_THREADPOOL_SIZE");
    unsigned n = text ? (unsigned)atoi(text) : THREADS;

    return n == 0 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
}

static void work(uv_work_t *work)
{
    (void)work;
}

static void on_worked(uv_work_t *work, int status)
{
    *(bool *)work->data = status == 0;
}

/* Waited for, so that the threads are there. */
static bool use_pool(void)
{
    bool worked = false;
    uv_work_t trivial = {.data = &worked};
    uv_loop_t loop;

    if (uv_loop_init(&loop) != 0)
        return false;
    if (uv_queue_work(&loop, &trivial, work, on_worked) == 0)
        uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return worked;
}

/* libuv calls abort() where it gets fewer threads than it wants, with no way to ask it not to: as many of the same size
 * are made and ended first. Who takes them all in the moment between has taken them from every later thread too. */
int net_pool_start(struct fault *fault)
{
    struct trial *t = calloc(1, sizeof(*t));

    if (!t)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->may_end, NULL);
    int failed = try_threads(t, threads_wanted());
    pthread_cond_destroy(&t->may_end);
    pthread_mutex_destroy(&t->lock);
    free(t);
    if (failed)
        return fault_set(fault, TGC_ESYSTEM, "cannot start a thread: %s", strerror(failed));
    return use_pool() ? 0 : fault_set(fault, TGC_ESYSTEM, "cannot start libuv's threads");
}
