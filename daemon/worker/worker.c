#include "daemon/worker/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/base/log.h"
#include "daemon/hook/hooks.h"
#include "daemon/net/gate.h"
#include "daemon/store/cluster_metrics.h"
#include "daemon/worker/dispatch.h"
#include "daemon/worker/worker_internal.h"

enum { DRAIN_POLL_MS = 5 };

static void take_jobs(struct worker *w)
{
    struct job *job, *next;

    for (job = mailbox_take(w->mailbox); job; job = next) {
        next = job->next;
        job->next = NULL;
        /* A slot that was taken before the mailbox closed may still become a job. */
        if (w->is_empty)
            op_reply_problem(job, problem_stopping(true));
        else if (job->terms)
            journal_take(w, job);
        else
            dispatch_find(job->method)(w, job);
    }
}

/* --- the thread --- */

static void on_loaded(void *ctx, int err, const char *why)
{
    struct worker *w = ctx;

    pthread_mutex_lock(&w->lock);
    w->loaded = err;
    snprintf(w->load_why, sizeof(w->load_why), "%s", why ? why : "");
    pthread_cond_broadcast(&w->has_loaded);
    pthread_mutex_unlock(&w->lock);
}

static void load(struct worker *w, struct hooks *hooks)
{
    w->hooks = hooks;
    if (w->event_log)
        event_log_start(w->event_log);
    if (w->records)
        records_load(w->records, on_loaded, w);
    else
        on_loaded(w, 0, NULL);
}

static void hear(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    bool is_to_load = w->is_to_load, is_to_come = w->is_to_come, is_to_go = w->is_to_go;
    struct hooks *hooks = w->hooks_given;
    int64_t drain_us = w->drain_us;
    w->is_to_load = w->is_to_come = w->is_to_go = false;
    pthread_mutex_unlock(&w->lock);
    if (is_to_load)
        load(w, hooks);
    if (is_to_come)
        worker_come(w, hooks);
    if (is_to_go)
        worker_go(w, drain_us);
}

/* Mailbox → loop. */
static void wake(void *ctx)
{
    worker_thread_wake(((struct worker *)ctx)->thread);
}

static void forget_events(struct worker *w, const char *account)
{
    uint64_t last = event_log_forget(w->event_log, account);

    if (w->hooks)
        hooks_forget(w->hooks, account, last);
    tell_account_forgotten(w->tell, account);
}

int worker_bury(struct worker *w, struct tg_account *account)
{
    if (w->buried_n == w->buried_cap) {
        size_t cap = w->buried_cap ? w->buried_cap * 2 : 8;
        struct tg_account **buried = realloc(w->buried, cap * sizeof(*buried));
        if (!buried)
            return TGC_ENOMEM;
        w->buried = buried;
        w->buried_cap = cap;
    }
    directory_drop(w->config.workers->directory, tg_account_name(account));
    if (w->event_log)
        forget_events(w, tg_account_name(account));
    journal_forget_account(w->journal, tg_account_name(account));
    live_forget_account(w->live, tg_account_name(account));
    schedules_forget_account(w->schedules, tg_account_name(account));
    accounts_drop(&w->accounts, account);
    starter_leave(w->starter, account);
    if (w->records)
        records_leave(w->records, account);
    w->buried[w->buried_n++] = account;
    net_timer_set(w->later, 0);
    return 0;
}

void worker_load(struct worker *w, struct hooks *hooks)
{
    pthread_mutex_lock(&w->lock);
    w->hooks_given = hooks;
    w->is_to_load = true;
    pthread_mutex_unlock(&w->lock);
    worker_thread_wake(w->thread);
}

int worker_wait_loaded(struct worker *w, struct fault *fault)
{
    pthread_mutex_lock(&w->lock);
    while (w->loaded > 0)
        pthread_cond_wait(&w->has_loaded, &w->lock);
    int err = w->loaded ? fault_set(fault, w->loaded, "%s", w->load_why) : 0;
    pthread_mutex_unlock(&w->lock);
    return err;
}

static void begin(struct worker *w)
{
    mailbox_own(w->mailbox);
    if (w->place != WORKER_AWAY)
        config_look_start(w);
}

static void deliver(struct worker *w)
{
    mailbox_deliver(w->mailbox);
}

static bool tend(struct worker *w)
{
    if (w->audit_log)
        audit_log_turn(w->audit_log);
    take_jobs(w);
    return mailbox_has_answers(w->mailbox);
}

static bool is_loading(struct worker *w)
{
    return w->place == WORKER_COMES;
}

static void stops(struct worker *w)
{
    w->stopping = true;
}

static const struct worker_calls calls = {.begin = begin,
                                          .hear = hear,
                                          .take_jobs = take_jobs,
                                          .deliver = deliver,
                                          .tend = tend,
                                          .goes = worker_goes,
                                          .is_loading = is_loading,
                                          .stops = stops,
                                          .empty = worker_empty,
                                          .is_done = worker_is_done,
                                          .flush = worker_flush,
                                          .is_kept = worker_is_kept};

static void free_worker(struct worker *w)
{
    worker_clear(w);
    mailbox_free(w->mailbox);
    pthread_cond_destroy(&w->has_loaded);
    pthread_mutex_destroy(&w->lock);
    explicit_bzero(&w->random, sizeof(w->random));
    free(w);
}

/* On THREAD, and among config->workers, last of all. */
static int make(const struct worker_config *config, struct worker_thread *thread, struct worker **ret)
{
    struct worker *w = calloc(1, sizeof(*w));

    if (!w)
        return TGC_ENOMEM;
    w->config = *config;
    w->env = config->env;
    w->env.meter = metrics_meter(config->metrics, config->workers->n);
    random_pool_init(&w->random, config->env.random);
    w->pooled = random_pool_source(&w->random);
    w->env.random = &w->pooled;
    w->thread = thread;
    w->loop = thread->loop;
    w->env.loop = thread->loop;
    w->env.clock = thread->clock;
    w->index = config->workers->n;
    w->loaded = 1;
    worker_listen(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->has_loaded, NULL);
    int err = config->workers->n == WORKERS_MAX ? TGC_ELIMIT : mailbox_new(config->queue_size, wake, w, &w->mailbox);
    if (err) {
        free_worker(w);
        return err;
    }
    *ret = w;
    return 0;
}

static void add(struct worker *w)
{
    struct workers *all = w->config.workers;

    all->mailboxes[all->n++] = w->mailbox;
    worker_thread_add(w->thread, w);
}

int worker_start(const struct worker_config *config, struct worker **ret, struct fault *fault)
{
    struct worker_thread *thread;
    struct worker *w = NULL;
    int err = worker_thread_new(config->env.clock, config->gate, &calls, &thread);

    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    if (config->metrics && config->cluster)
        metrics_also(config->metrics, cluster_metrics_put, config->cluster);
    err = make(config, thread, &w);
    if (!err)
        err = worker_fill(w);
    if (!err) {
        w->place = WORKER_HERE;
        add(w);
        err = worker_thread_start(thread);
        if (err) {
            config->workers->n--;
            fault_set(fault, err, "no thread is to be had");
        }
    } else {
        fault_set(fault, err, "%s", tgc_err_text(err));
    }
    if (err) {
        if (w)
            free_worker(w);
        worker_thread_free(thread);
        return err;
    }
    *ret = w;
    return 0;
}

int worker_add(const struct worker_config *config, struct worker *beside, size_t share, struct worker **ret,
               struct fault *fault)
{
    struct worker *w;
    int err = make(config, beside->thread, &w);

    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    w->comes_and_goes = true;
    w->share = share;
    mailbox_close(w->mailbox);
    add(w);
    *ret = w;
    return 0;
}

void worker_hold(struct worker *w, struct hooks *hooks)
{
    pthread_mutex_lock(&w->lock);
    w->hooks_given = hooks;
    w->is_to_come = true;
    pthread_mutex_unlock(&w->lock);
    worker_thread_wake(w->thread);
}

void worker_give(struct worker *w, int64_t drain_us)
{
    pthread_mutex_lock(&w->lock);
    w->drain_us = drain_us;
    w->is_to_go = true;
    pthread_mutex_unlock(&w->lock);
    worker_thread_wake(w->thread);
}

int worker_host(struct worker *w, struct guest *guest)
{
    return worker_thread_host(w->thread, guest);
}

void worker_gate_moved(struct worker *w)
{
    net_gate_moved(w->loop);
}

void worker_ask_sign(struct worker *w)
{
    atomic_store(&w->thread->has_turned, false);
    worker_thread_wake(w->thread);
}

bool worker_gave_sign(const struct worker *w)
{
    return atomic_load(&w->thread->has_turned);
}

void worker_close(struct worker *w)
{
    struct worker_thread *t = w->thread;

    for (size_t i = 0; i < t->workers_n; i++) {
        struct worker *one = t->workers[i];
        pthread_mutex_lock(&one->lock);
        one->is_closed = true;
        mailbox_close(one->mailbox);
        pthread_mutex_unlock(&one->lock);
    }
}

static size_t used(const struct worker_thread *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->workers_n; i++)
        n += mailbox_used(t->workers[i]->mailbox);
    return n;
}

void worker_drain(struct worker *w, int64_t deadline_us, bool (*hurry)(void *ctx), void *ctx)
{
    while (used(w->thread) && clock_mono_us(w->config.env.clock) < deadline_us && !(hurry && hurry(ctx)))
        nanosleep(&(struct timespec){.tv_nsec = DRAIN_POLL_MS * 1000000L}, NULL);
    if (used(w->thread))
        log_warning("worker", "%zu requests were not answered in time", used(w->thread));
}

void worker_end(struct worker *w)
{
    struct worker_thread *t = w->thread;

    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_mutex_unlock(&t->lock);
    worker_thread_wake(t);
}

void worker_join(struct worker *w)
{
    pthread_join(w->thread->id, NULL);
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    struct worker_thread *t = w->thread;
    for (size_t i = t->workers_n; i > 0; i--)
        free_worker(t->workers[i - 1]);
    worker_thread_free(t);
}
