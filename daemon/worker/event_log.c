#include "daemon/worker/event_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/event_type.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/base/table.h"
#include "daemon/store/event_rows.h"

/* WRITE_MAX: what one put takes; with a disk that keeps up it is far less. */
enum { WRITE_MAX = 1024, RETRY_S = 1, NAME_SIZE = 40 };

/* So long after one put began the next one waits, for more to come along: a commit costs the same for one event as for
 * a hundred, and who follows events does not notice. What is enough for a put waits for nothing more: memory holds but
 * a few of them. */
#define PACE_US (10 * 1000)

/* An account whose events are to go. */
struct event_log_drop {
    struct event_log *log;
    struct event_log_drop *next; /* of those that came to nothing */
    bool again, is_told;         /* TOLD: the log was, that it came to nothing */
    uint64_t up_to;
    char account[NAME_SIZE];
};

struct event_log {
    struct events *events;
    struct store_desk *desk; /* NULL: there is no store */
    struct net_loop *loop;
    struct net_wake *wake;   /* completions wait */
    struct net_timer *retry; /* of what failed */
    struct event_log_drop *undone;
    struct net_timer *pace; /* the next put is due */
    bool pace_is_set;
    int64_t put_us;  /* when the last one began */
    size_t asked_n;  /* of the store, and not answered */
    bool has_failed; /* and that was said */
    struct meter *meter;
    struct event *batch[WRITE_MAX];
};

/* --- writing --- */

static void on_written(void *ctx, int err, const char *why);

/* Those that are shown are in memory for as long as the ring has them; of a log that is shared none is shown yet. */
static void tell_of_failure(struct event_log *log, int err, const char *why)
{
    const char *then = events_are_shared(log->events)
                           ? "they wait in memory to be told, and where that has no room the oldest become a gap"
                           : "they are told to who listens now, and what is not kept is a gap for all others";

    if (err && !log->has_failed)
        log_error("worker", "events cannot be kept (%s): %s", why ? why : tgc_err_text(err), then);
    else if (!err && log->has_failed)
        log_notice("worker", "events are kept again");
    log->has_failed = err != 0;
}

static void try_later(struct event_log *log)
{
    net_timer_set(log->retry, clock_mono_us(net_loop_clock(log->loop)) + RETRY_S * SECOND_US);
}

/* Returns how many are to be written now. */
static size_t end_write(struct event_log *log, int err, const char *why)
{
    tell_of_failure(log, err, why);
    if (err)
        try_later(log);
    return events_written(log->events, err == 0);
}

/* One without an id gets it where it is written, and a gap its data with it. */
static struct store_event row_of(const struct event *event, uint64_t reserved)
{
    bool is_gap = !event->id && strcmp(event->text.type, EVENT_TYPE_GAP) == 0;

    return (struct store_event){.id = (int64_t)event->id,
                                .account = event->text.account,
                                .type = event->text.type,
                                .received_at = event->text.received_at,
                                .data = is_gap ? NULL : event->text.data,
                                .len = event->text.len,
                                .reserved = (int64_t)reserved};
}

/* What the store reads from while it writes. */
struct event_log_lent {
    size_t n;
    struct event *events[];
};

static void drop_lent(void *held)
{
    struct event_log_lent *lent = held;

    for (size_t i = 0; i < lent->n; i++)
        event_drop(lent->events[i]);
    free(lent);
}

/* The references of the batch's first N are the store's, or dropped. */
static int put(struct event_log *log, size_t n, uint64_t reserved)
{
    struct event_log_lent *lent = malloc(sizeof(*lent) + n * sizeof(lent->events[0]));
    struct store_event *rows = reallocarray(NULL, n, sizeof(*rows));
    struct store_loan loan = {.release = drop_lent, .held = lent};

    if (!lent || !rows) {
        for (size_t i = 0; i < n; i++)
            event_drop(log->batch[i]);
        free(lent);
        free(rows);
        return TGC_ENOMEM;
    }
    lent->n = n;
    for (size_t i = 0; i < n; i++) {
        lent->events[i] = log->batch[i];
        rows[i] = row_of(log->batch[i], reserved);
        loan.bytes += event_size(log->batch[i]);
    }
    int err = events_are_shared(log->events) ? store_append_events(log->desk, rows, n, &loan, on_written, log)
                                             : store_lend_events(log->desk, rows, n, &loan, on_written, log);
    free(rows);
    return err;
}

static void write_now(struct event_log *log)
{
    uint64_t reserved = 0;

    size_t n = events_to_write(log->events, WRITE_MAX, log->batch, &reserved);
    if (!n)
        return;
    log->put_us = clock_mono_us(net_loop_clock(log->loop));
    int err = put(log, n, reserved);
    if (!err)
        log->asked_n++;
    else
        (void)end_write(log, err, err == TGC_ELIMIT ? "the disk does not keep up" : NULL);
}

/* WAITING are to be written. */
static void write_more(struct event_log *log, size_t waiting)
{
    /* What a disk does not take waits on, and would be enough again with each event. */
    bool is_enough = waiting >= WRITE_MAX && !log->has_failed;

    if (!log->desk || (log->pace_is_set && !is_enough))
        return;
    int64_t now = clock_mono_us(net_loop_clock(log->loop)), due = log->put_us + PACE_US;
    if (now >= due || is_enough) {
        write_now(log);
        return;
    }
    log->pace_is_set = true;
    net_timer_set(log->pace, due);
}

static void on_pace(void *ctx)
{
    struct event_log *log = ctx;

    log->pace_is_set = false;
    write_more(log, 0);
}

static void on_written(void *ctx, int err, const char *why)
{
    struct event_log *log = ctx;

    log->asked_n--;
    size_t waiting = end_write(log, err, why);
    if (!err && waiting)
        write_more(log, waiting);
}

static void drop_undone(struct event_log *log);

static void on_retry(void *ctx)
{
    drop_undone(ctx);
    write_more(ctx, 0);
}

void event_log_count(struct event_log *log, struct meter *meter)
{
    log->meter = meter;
}

void event_log_start(struct event_log *log)
{
    write_more(log, 0);
}

void event_log_append(struct event_log *log, const struct event_words *words)
{
    size_t waiting;
    int err = events_append(log->events, words, &waiting);

    meter_add(log->meter, err ? METER_EVENTS_LOST : METER_EVENTS, 1);
    if (err)
        log_warning("worker", "account %s: an event (%s) is lost: %s", words->account, words->type, tgc_err_text(err));
    write_more(log, waiting);
}

void event_log_lose(struct event_log *log, const char *account)
{
    events_lose(log->events, account);
    write_more(log, 0);
}

/* --- an account goes --- */

static void drop_rows(struct event_log_drop *d);

/* Nobody is to read what is still there: it is tried until it is gone. */
static void leave_undone(struct event_log_drop *d, const char *why)
{
    struct event_log *log = d->log;

    if (!d->is_told)
        log_error("worker", "account %s was removed, and what happened to it last is still in the event log: %s",
                  d->account, why);
    d->is_told = true;
    LL_PREPEND(log->undone, d);
    try_later(log);
}

static void on_dropped(void *ctx, int err, const char *why)
{
    struct event_log_drop *d = ctx;
    bool again = d->again;

    d->log->asked_n--;
    d->again = again && err;
    if (err)
        leave_undone(d, why ? why : tgc_err_text(err));
    else if (again) /* another worker may have been about to write some */
        drop_rows(d);
    else
        free(d);
}

static void drop_rows(struct event_log_drop *d)
{
    int err = store_drop_events(d->log->desk, d->account, (int64_t)d->up_to, on_dropped, d);

    if (err)
        leave_undone(d, tgc_err_text(err));
    else
        d->log->asked_n++;
}

static void drop_undone(struct event_log *log)
{
    struct event_log_drop *list = log->undone, *next;

    log->undone = NULL;
    for (; list; list = next) {
        next = list->next;
        drop_rows(list);
    }
}

uint64_t event_log_forget(struct event_log *log, const char *account)
{
    uint64_t last = events_forget(log->events, account);

    struct event_log_drop *d = log->desk ? malloc(sizeof(*d)) : NULL;

    if (d) {
        /* What is being written there has no number yet. It is written before this: the store keeps to the order. */
        bool is_shared = events_are_shared(log->events);
        *d = (struct event_log_drop){.log = log, .again = !is_shared, .up_to = is_shared ? INT64_MAX : last};
        snprintf(d->account, sizeof(d->account), "%s", account);
        drop_rows(d);
    } else if (log->desk) {
        log_error("worker", "account %s was removed, and what happened to it last is still in the event log: %s",
                  account, tgc_err_text(TGC_ENOMEM));
    }
    return last;
}

/* --- reading --- */

struct event_log_read {
    struct event_log *log;
    uint64_t after, limit;
    /* When it was asked: all up to the newest stands on the disk, but for what the hole has, if HAS_HOLE. */
    uint64_t newest, hole_after, hole_end;
    bool has_hole;
    bool has_passed; /* the disk has newer ones */
    event_log_page_fn *page;
    void *ctx;
    struct event *list[EVENT_LOG_PAGE_MAX + 2];
    size_t n;
};

static int add(struct event_log_read *r, struct event *event)
{
    if (!event)
        return TGC_ENOMEM;
    r->list[r->n++] = event;
    return 0;
}

/* The gap's own number, unless that is behind what a reader has. */
static int add_gap(struct event_log_read *r, uint64_t after, uint64_t end, int64_t received_at)
{
    if (after < r->after)
        after = r->after;
    return end > after ? add(r, event_new_gap(end, after, received_at)) : 0;
}

static int add_row(struct event_log_read *r, const struct store_event *row, int64_t now_s)
{
    uint64_t end = (uint64_t)row->id < r->newest ? (uint64_t)row->id : r->newest;

    r->has_passed |= end < (uint64_t)row->id;
    if (!row->type)
        return add_gap(r, (uint64_t)row->lost_after, end, now_s);
    if (end < (uint64_t)row->id)
        return 0;
    return add(r, event_new((uint64_t)row->id, &(struct event_words){.account = row->account,
                                                                     .type = row->type,
                                                                     .received_at = row->received_at,
                                                                     .data = row->data,
                                                                     .len = row->len}));
}

static void end_read(struct event_log_read *r, int err, const char *why, uint64_t up_to)
{
    if (err) {
        while (r->n)
            event_drop(r->list[--r->n]);
        up_to = r->after;
    }
    r->page(r->ctx, err, why, r->list, r->n, up_to);
    free(r);
}

/* Where the page is not all, the next one begins behind its last; else where memory has the rest. */
static uint64_t end_of_page(const struct event_log_read *r, size_t rows, size_t bytes)
{
    uint64_t last = r->n ? r->list[r->n - 1]->id : r->after;

    if (!r->has_passed && (rows >= r->limit || bytes >= STORE_EVENTS_BYTES))
        return last;
    uint64_t here = events_oldest_here(r->log->events) - 1;
    uint64_t end = here < r->newest ? here : r->newest;
    return end > last ? end : last;
}

/* What missed the disk, and is not in memory any more. */
static int add_hole(struct event_log_read *r, uint64_t up_to, int64_t now_s)
{
    uint64_t after = r->n ? r->list[r->n - 1]->id : r->after;
    uint64_t end = r->hole_end < up_to ? r->hole_end : up_to;

    if (!r->has_hole || end <= after)
        return 0;
    return add_gap(r, r->hole_after > after ? r->hole_after : after, end, now_s);
}

static void on_page(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                    int64_t dropped)
{
    struct event_log_read *r = ctx;
    int64_t now_s = clock_wall_us(net_loop_clock(r->log->loop)) / SECOND_US;
    size_t bytes = 0;
    uint64_t up_to = r->after;

    r->log->asked_n--;
    if (damaged)
        log_error("worker", "%zu events in the store cannot be read", damaged);
    if (!err && (uint64_t)dropped > r->after)
        err = add_gap(r, r->after, (uint64_t)dropped, now_s);
    for (size_t i = 0; !err && i < n; i++) {
        err = add_row(r, &list[i], now_s);
        bytes += list[i].len;
    }
    if (!err) {
        up_to = end_of_page(r, n, bytes);
        err = add_hole(r, up_to, now_s);
    }
    end_read(r, err, why, up_to);
}

int event_log_read(struct event_log *log, uint64_t after, size_t limit, event_log_page_fn *page, void *ctx)
{
    struct event_log_read *r = calloc(1, sizeof(*r));

    if (!r)
        return TGC_ENOMEM;
    *r = (struct event_log_read){.log = log,
                                 .after = after,
                                 .limit = limit < EVENT_LOG_PAGE_MAX ? limit : EVENT_LOG_PAGE_MAX,
                                 .newest = events_newest(log->events),
                                 .page = page,
                                 .ctx = ctx};
    if (log->desk) {
        r->has_hole = events_hole(log->events, &r->hole_after, &r->hole_end);
        int err = store_load_events(log->desk, (int64_t)after, r->limit, on_page, r);
        if (err)
            free(r);
        else
            log->asked_n++;
        return err;
    }
    uint64_t here = events_oldest_here(log->events) - 1;
    int err = add_gap(r, after, here, clock_wall_us(net_loop_clock(log->loop)) / SECOND_US);
    end_read(r, err, NULL, here > after ? here : after);
    return 0;
}

/* --- the room --- */

bool event_log_is_idle(const struct event_log *log)
{
    return !log->asked_n && !log->pace_is_set;
}

static void on_wake(void *ctx)
{
    store_desk_run(((struct event_log *)ctx)->desk);
}

static void wake(void *ctx)
{
    net_wake_signal(ctx);
}

int event_log_new(struct events *events, struct store *store, struct net_loop *loop, struct event_log **ret)
{
    struct event_log *log = calloc(1, sizeof(*log));

    if (!log)
        return TGC_ENOMEM;
    log->events = events;
    log->loop = loop;
    log->put_us = INT64_MIN / 2;
    int err = store ? net_wake_new(loop, on_wake, log, &log->wake) : 0;
    if (!err && store)
        err = net_timer_new(loop, on_retry, log, &log->retry);
    if (!err && store)
        err = net_timer_new(loop, on_pace, log, &log->pace);
    if (!err && store)
        err = store_desk_new(store, wake, log->wake, &log->desk);
    if (err) {
        event_log_free(log);
        return err;
    }
    *ret = log;
    return 0;
}

void event_log_free(struct event_log *log)
{
    if (!log)
        return;
    store_desk_free(log->desk);
    for (struct event_log_drop *d = log->undone, *next; d; d = next) {
        next = d->next;
        free(d);
    }
    net_timer_free(log->retry);
    net_timer_free(log->pace);
    net_wake_free(log->wake);
    free(log);
}
