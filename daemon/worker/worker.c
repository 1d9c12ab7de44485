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

/* Back and forth once: answers go out before new requests come in, and these go on to Telegram with this round's
 * writing. */
static bool on_turn(void *ctx)
{
    struct worker *w = ctx;

    take_jobs(w);
    mailbox_deliver(w->mailbox);
    bool more = host_turn(w);
    if (w->audit_log)
        audit_log_turn(w->audit_log);
    take_jobs(w);
    return more || mailbox_has_answers(w->mailbox);
}

/* --- the thread --- */

static void on_loaded(void *ctx, int err, const char *why)
{
    struct worker *w = ctx;

    pthread_mutex_lock(&w->lock);
    w->loaded = err;
    snprintf(w->load_why, sizeof(w->load_why), "%s", why ? why : "");
    pthread_cond_broadcast(&w->hosted);
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

static void on_wake(void *ctx)
{
    struct worker *w = ctx;

    atomic_store(&w->has_turned, true);
    pthread_mutex_lock(&w->lock);
    bool stop = w->stop, is_to_load = w->is_to_load;
    struct hooks *hooks = w->hooks_given;
    w->is_to_load = false;
    pthread_mutex_unlock(&w->lock);
    if (is_to_load)
        load(w, hooks);
    host_take_in(w);
    if (!stop)
        return;
    w->stopping = true; /* what is refused from here on says why */
    net_loop_stop(w->loop);
}

/* Mailbox → loop: the only call that comes from other threads. */
static void wake(void *ctx)
{
    struct worker *w = ctx;

    net_wake_signal(w->wake);
}

static void free_buried(void *ctx)
{
    struct worker *w = ctx;

    while (w->buried_n)
        tg_account_free(w->buried[--w->buried_n]);
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

static void bury(void *ctx, struct tg_account *account)
{
    struct worker *w = ctx;

    if (!w->stopping && worker_bury(w, account) != 0)
        log_error("worker", "account %s stays until the next start", tg_account_name(account));
}

static void load_more(void *ctx, const char *account)
{
    struct worker *w = ctx;

    journal_load(w->journal, account);
    if (account[0]) {
        live_load(w->live, account);
        schedules_load(w->schedules, account);
    }
}

static void go_on(void *ctx)
{
    struct worker *w = ctx;

    journal_go_on(w->journal);
    live_go_on(w->live);
    schedules_go_on(w->schedules);
}

static void on_job_changed(void *ctx, const char *account, const char *text, size_t len)
{
    tell_job(((struct worker *)ctx)->tell, account, text, len);
}

static int make_records(struct worker *w, size_t index)
{
    struct records_host host = {.store = w->config.store,
                                .env = &w->env,
                                .accounts = &w->accounts,
                                .index = index,
                                .share_n = w->config.share_n ? w->config.share_n : 1,
                                .adopt = worker_adopt_restored,
                                .bury = bury,
                                .load_more = load_more,
                                .go_on = go_on,
                                .ctx = w};

    return records_new(&host, &w->records);
}

static void tell_of_logins_left(const struct worker *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->accounts.n; i++)
        n += tg_account_self_id(w->accounts.sorted[i]) != 0;
    if (n)
        log_notice("worker", "%zu account%s: logged in, and %s at the next start", n, n == 1 ? "" : "s",
                   n == 1 ? "goes on" : "go on");
}

/* What was asked for here, and of here, is answered before the thread ends. */
static bool is_done(struct worker *w)
{
    bool may_end = host_may_end(w);

    return may_end && mailbox_used(w->mailbox) == 0 && journal_is_kept(w->journal) && live_is_kept(w->live) &&
           schedules_are_kept(w->schedules) && (!w->records || records_are_kept(w->records)) &&
           (!w->event_log || event_log_is_idle(w->event_log));
}

void worker_load(struct worker *w, struct hooks *hooks)
{
    pthread_mutex_lock(&w->lock);
    w->hooks_given = hooks;
    w->is_to_load = true;
    pthread_mutex_unlock(&w->lock);
    net_wake_signal(w->wake);
}

int worker_wait_loaded(struct worker *w, struct fault *fault)
{
    pthread_mutex_lock(&w->lock);
    while (w->loaded > 0)
        pthread_cond_wait(&w->hosted, &w->lock);
    int err = w->loaded ? fault_set(fault, w->loaded, "%s", w->load_why) : 0;
    pthread_mutex_unlock(&w->lock);
    return err;
}

static void pause_drain(struct worker *w)
{
    net_timer_set(w->later, clock_mono_us(w->env.clock) + DRAIN_POLL_MS * 1000);
    net_loop_step(w->loop);
}

/* Its guest has given its last answer. */
static void end_audit(struct worker *w)
{
    audit_log_flush(w->audit_log);
    while (!audit_log_is_idle(w->audit_log))
        pause_drain(w);
}

static void *run(void *ctx)
{
    struct worker *w = ctx;

    mailbox_own(w->mailbox);
    config_look_start(w);
    net_loop_run(w->loop);
    tell_of_logins_left(w);
    if (w->records)
        records_flush(w->records);
    /* Every request under way ends here, and with it its job. */
    w->stopping = true;
    starter_stop(w->starter);
    live_stop(w->live);
    schedules_stop(w->schedules);
    free_buried(w);
    accounts_fini(&w->accounts);
    journal_stop(w->journal);
    w->is_empty = true;
    mailbox_deliver(w->mailbox);
    while (!is_done(w))
        pause_drain(w);
    host_end(w);
    if (w->audit_log)
        end_audit(w);
    return NULL;
}

static void free_parts(struct worker *w)
{
    live_free(w->live);
    schedules_free(w->schedules);
    journal_free(w->journal);
    records_free(w->records);
    tell_events_free(w->tell);
    event_log_free(w->event_log);
    audit_log_free(w->audit_log);
    starter_free(w->starter);
    net_timer_free(w->config_look);
    net_timer_free(w->later);
    net_timer_free(w->guest_due);
    net_wake_free(w->wake);
    chat_seat_free(w->env.chats);
    handshake_seat_free(w->env.handshakes);
    net_loop_free(w->loop);
    mailbox_free(w->mailbox);
    free(w->buried);
    pthread_cond_destroy(&w->hosted);
    pthread_mutex_destroy(&w->lock);
    explicit_bzero(&w->random, sizeof(w->random));
    free(w);
}

int worker_start(const struct worker_config *config, struct worker **ret, struct fault *fault)
{
    struct worker *w = calloc(1, sizeof(*w));
    int err;

    if (!w)
        return fault_set(fault, TGC_ENOMEM, "%s", tgc_err_text(TGC_ENOMEM));
    w->config = *config;
    w->env = config->env;
    w->env.meter = metrics_meter(config->metrics, config->workers->n);
    if (config->metrics && config->cluster)
        metrics_also(config->metrics, cluster_metrics_put, config->cluster);
    random_pool_init(&w->random, config->env.random);
    w->pooled = random_pool_source(&w->random);
    w->env.random = &w->pooled;
    worker_listen(w);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->hosted, NULL);
    w->loaded = 1;
    err = net_loop_new(w->env.clock, &w->loop);
    w->env.loop = w->loop;
    if (!err)
        w->env.clock = net_loop_clock(w->loop);
    if (!err && config->gate)
        err = net_gate_set(w->loop, config->gate);
    if (!err)
        err = net_wake_new(w->loop, on_wake, w, &w->wake);
    if (!err)
        err = chat_seat_new(config->chat_locks, w->loop, &w->env.chats);
    if (!err && config->handshakes)
        err = handshake_seat_new(config->handshakes, w->loop, &w->env.handshakes);
    if (!err)
        err = net_timer_new(w->loop, free_buried, w, &w->later);
    if (!err)
        err = config_look_init(w);
    if (!err)
        err = starter_new(&w->env, config->late_max_us, &w->starter);
    if (!err)
        err = host_init(w);
    if (!err)
        err = journal_new(w, &w->journal);
    if (!err)
        err = live_new(w, &w->live);
    if (!err)
        err = schedules_new(w, &w->schedules);
    if (!err && config->store)
        err = make_records(w, config->workers->n);
    if (!err && config->events)
        err = event_log_new(config->events, config->store, w->loop, &w->event_log);
    if (!err && config->audit && config->store)
        err = audit_log_new(config->audit, config->store, w->loop, &w->audit_log);
    if (!err && w->event_log)
        event_log_count(w->event_log, w->env.meter);
    if (!err && w->event_log)
        err = tell_events_new(w->event_log, w->env.schema, w->env.clock, &w->tell);
    if (!err && w->tell)
        journal_listen(w->journal, on_job_changed, w);
    if (!err)
        err = mailbox_new(config->queue_size, wake, w, &w->mailbox);
    if (!err)
        net_loop_on_turn(w->loop, on_turn, w);
    if (!err && config->workers->n == WORKERS_MAX)
        err = TGC_ELIMIT;
    if (!err) {
        w->index = config->workers->n;
        config->workers->mailboxes[config->workers->n++] = w->mailbox;
    }
    if (!err && pthread_create(&w->thread, NULL, run, w) != 0) {
        config->workers->n--;
        free_parts(w);
        return fault_set(fault, TGC_ESYSTEM, "no thread is to be had");
    }
    if (err) {
        free_parts(w);
        return fault_set(fault, err, "%s", tgc_err_text(err));
    }
    *ret = w;
    return 0;
}

void worker_gate_moved(struct worker *w)
{
    net_gate_moved(w->loop);
}

void worker_ask_sign(struct worker *w)
{
    atomic_store(&w->has_turned, false);
    net_wake_signal(w->wake);
}

bool worker_gave_sign(const struct worker *w)
{
    return atomic_load(&w->has_turned);
}

void worker_close(struct worker *w)
{
    mailbox_close(w->mailbox);
}

void worker_drain(struct worker *w, int64_t deadline_us, bool (*hurry)(void *ctx), void *ctx)
{
    while (mailbox_used(w->mailbox) && clock_mono_us(w->config.env.clock) < deadline_us && !(hurry && hurry(ctx)))
        nanosleep(&(struct timespec){.tv_nsec = DRAIN_POLL_MS * 1000000L}, NULL);
    if (mailbox_used(w->mailbox))
        log_warning("worker", "%zu requests were not answered in time", mailbox_used(w->mailbox));
}

void worker_end(struct worker *w)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_mutex_unlock(&w->lock);
    net_wake_signal(w->wake);
}

void worker_join(struct worker *w)
{
    pthread_join(w->thread, NULL);
}

void worker_free(struct worker *w)
{
    if (w)
        free_parts(w);
}
