/* How a worker comes to have accounts and to have none: its rooms are made, filled, emptied and freed. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/worker/worker_internal.h"

/* --- its rooms --- */

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

static struct records_share share_of(const struct worker *w)
{
    const struct worker_config *c = &w->config;

    if (w->comes_and_goes)
        return (struct records_share){.index = w->share, .n = c->shares, .is_lasting = true};
    return (struct records_share){.index = w->index, .n = c->shares ? 0 : c->share_n ? c->share_n : 1};
}

static int make_records(struct worker *w)
{
    struct records_host host = {.store = w->config.store,
                                .env = &w->env,
                                .accounts = &w->accounts,
                                .share = share_of(w),
                                .adopt = worker_adopt_restored,
                                .bury = bury,
                                .load_more = load_more,
                                .go_on = go_on,
                                .ctx = w};

    return records_new(&host, &w->records);
}

static void free_buried(void *ctx)
{
    struct worker *w = ctx;

    while (w->buried_n)
        tg_account_free(w->buried[--w->buried_n]);
}

static int make_logs(struct worker *w)
{
    const struct worker_config *c = &w->config;
    int err = 0;

    if (c->events)
        err = event_log_new(c->events, c->store, w->loop, &w->event_log);
    /* What was asked is noted by whoever looks first: one on each thread is enough. */
    if (!err && c->audit && c->store && !w->comes_and_goes)
        err = audit_log_new(c->audit, c->store, w->loop, &w->audit_log);
    if (!err && w->event_log)
        event_log_count(w->event_log, w->env.meter);
    if (!err && w->event_log)
        err = tell_events_new(w->event_log, w->env.schema, w->env.clock, &w->tell);
    if (!err && w->tell)
        journal_listen(w->journal, on_job_changed, w);
    return err;
}

int worker_fill(struct worker *w)
{
    const struct worker_config *c = &w->config;
    int err = chat_seat_new(c->chat_locks, w->loop, &w->env.chats);

    if (!err && c->handshakes)
        err = handshake_seat_new(c->handshakes, w->loop, &w->env.handshakes);
    if (!err)
        err = net_timer_new(w->loop, free_buried, w, &w->later);
    if (!err)
        err = config_look_init(w);
    if (!err)
        err = starter_new(&w->env, c->late_max_us, &w->starter);
    if (!err)
        err = journal_new(w, &w->journal);
    if (!err)
        err = live_new(w, &w->live);
    if (!err)
        err = schedules_new(w, &w->schedules);
    if (!err && c->store)
        err = make_records(w);
    if (!err)
        err = make_logs(w);
    if (err)
        worker_clear(w);
    return err;
}

void worker_clear(struct worker *w)
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
    chat_seat_free(w->env.chats);
    handshake_seat_free(w->env.handshakes);
    free(w->buried);
    w->live = NULL;
    w->schedules = NULL;
    w->journal = NULL;
    w->records = NULL;
    w->tell = NULL;
    w->event_log = NULL;
    w->audit_log = NULL;
    w->starter = NULL;
    w->config_look = NULL;
    w->later = NULL;
    w->env.chats = NULL;
    w->env.handshakes = NULL;
    w->env.keeper = NULL;
    w->buried = NULL;
    w->buried_cap = 0;
}

/* --- the end of what is there --- */

static void tell_of_logins_left(const struct worker *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->accounts.n; i++)
        n += tg_account_self_id(w->accounts.sorted[i]) != 0;
    if (n)
        log_notice("worker", "%zu account%s: logged in, and %s at the next start", n, n == 1 ? "" : "s",
                   n == 1 ? "goes on" : "go on");
}

void worker_empty(struct worker *w)
{
    if (w->place == WORKER_AWAY || w->is_empty)
        return;
    if (!w->comes_and_goes)
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
    if (!w->event_log)
        return;
    event_log_start(w->event_log);
    w->events_mark = events_mark(w->config.events);
}

bool worker_is_done(struct worker *w)
{
    return w->place == WORKER_AWAY ||
           (w->is_empty && mailbox_used(w->mailbox) == 0 && journal_is_kept(w->journal) && live_is_kept(w->live) &&
            schedules_are_kept(w->schedules) && (!w->records || records_are_kept(w->records)) &&
            (!w->event_log ||
             (event_log_is_idle(w->event_log) && events_have_settled(w->config.events, w->events_mark))));
}

void worker_flush(struct worker *w)
{
    if (w->audit_log)
        audit_log_flush(w->audit_log);
}

bool worker_is_kept(struct worker *w)
{
    return !w->audit_log || audit_log_is_idle(w->audit_log);
}

/* --- it comes and goes --- */

static void tell_moved(struct worker *w, int err, const char *why)
{
    w->config.moved(w->config.moved_ctx, w, err, why);
}

static void leave(struct worker *w)
{
    worker_clear(w);
    directory_drop_worker(w->config.workers->directory, w->index);
    w->stopping = false;
    w->is_empty = false;
    w->place = WORKER_AWAY;
}

static void on_came(void *ctx, int err, const char *why)
{
    struct worker *w = ctx;

    if (err) {
        w->place = WORKER_GOES;
        w->come_err = err;
        snprintf(w->load_why, sizeof(w->load_why), "%s", why ? why : tgc_err_text(err));
        worker_thread_pace(w->thread);
        return;
    }
    w->place = WORKER_HERE;
    pthread_mutex_lock(&w->lock);
    if (!w->is_closed)
        mailbox_open(w->mailbox);
    pthread_mutex_unlock(&w->lock);
    if (w->accounts.n)
        log_info("worker", "%zu account%s: now here", w->accounts.n, w->accounts.n == 1 ? "" : "s");
    tell_moved(w, 0, NULL);
}

void worker_come(struct worker *w, struct hooks *hooks)
{
    w->come_err = 0;
    w->hooks = hooks;
    int err = worker_fill(w);
    if (err) {
        tell_moved(w, err, tgc_err_text(err));
        return;
    }
    w->place = WORKER_COMES;
    config_look_start(w);
    if (w->event_log)
        event_log_start(w->event_log);
    records_load(w->records, on_came, w);
}

void worker_go(struct worker *w, int64_t drain_us)
{
    if (w->place == WORKER_AWAY) {
        tell_moved(w, 0, NULL);
        return;
    }
    if (w->accounts.n)
        log_info("worker", "%zu account%s: to be another node's", w->accounts.n, w->accounts.n == 1 ? "" : "s");
    mailbox_close(w->mailbox);
    w->place = WORKER_GOES;
    w->drains_until_us = clock_mono_us(w->env.clock) + drain_us;
    worker_thread_pace(w->thread);
}

bool worker_goes(struct worker *w)
{
    if (w->place != WORKER_GOES)
        return false;
    if (!w->is_empty && mailbox_used(w->mailbox) && clock_mono_us(w->env.clock) < w->drains_until_us)
        return true;
    worker_empty(w);
    if (!worker_is_done(w))
        return true;
    leave(w);
    tell_moved(w, w->come_err, w->come_err ? w->load_why : NULL);
    return false;
}
