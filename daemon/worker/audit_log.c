#include "daemon/worker/audit_log.h"

#include <stdlib.h>

#include "daemon/base/log.h"

/* From a note to its put: who reads the audit has it put at once. */
#define PACE_US (SECOND_US / 4)
#define MINUTE_US (60 * SECOND_US)
#define RETRY_US (2 * SECOND_US)

struct audit_log {
    struct audit *audit;
    struct store_desk *desk;
    struct net_loop *loop;
    struct net_wake *wake; /* completions wait */
    struct net_timer *pace;
    int64_t due_us;  /* what that is set to; INT64_MAX: nothing */
    size_t puts_n;   /* of the store, and not answered */
    bool has_failed; /* and that was said */
};

/* One put, with what it puts, which waits again where that fails. */
struct audit_put {
    struct audit_log *log;
    struct audit_batch batch;
};

static void tell_of_failure(struct audit_log *log, int err, const char *why)
{
    if (err && !log->has_failed)
        log_error("worker", "the audit cannot be kept (%s): it waits in memory", why ? why : tgc_err_text(err));
    else if (!err && log->has_failed)
        log_notice("worker", "the audit is kept again");
    log->has_failed = err != 0;
}

static void set_due(struct audit_log *log, int64_t in_us)
{
    int64_t due_us = clock_mono_us(net_loop_clock(log->loop)) + in_us;

    if (due_us >= log->due_us)
        return;
    log->due_us = due_us;
    net_timer_set(log->pace, due_us);
}

static void free_put(struct audit_put *p)
{
    audit_batch_fini(&p->batch);
    free(p);
}

static void end_put(struct audit_put *p, int err, const char *why)
{
    struct audit_log *log = p->log;

    tell_of_failure(log, err, why);
    if (err) {
        audit_give_back(log->audit, &p->batch);
        set_due(log, RETRY_US);
    }
    free_put(p);
}

static void on_written(void *ctx, int err, const char *why)
{
    struct audit_put *p = ctx;

    p->log->puts_n--;
    end_put(p, err, why);
}

static size_t pages_of(const struct audit_batch *b, struct store_audit_page pages[static AUDIT_KINDS])
{
    size_t n = 0;

    for (size_t i = 0; i < AUDIT_KINDS; i++)
        if (b->n[i])
            pages[n++] = (struct store_audit_page){.of_strangers = i == AUDIT_STRANGERS,
                                                   .n = (int64_t)b->n[i],
                                                   .data = b->records[i].data,
                                                   .len = b->records[i].len};
    return n;
}

static void put(struct audit_log *log, bool all)
{
    struct store_audit_page pages[AUDIT_KINDS];
    struct audit_put *p = malloc(sizeof(*p));

    if (!p) {
        tell_of_failure(log, TGC_ENOMEM, NULL);
        set_due(log, RETRY_US);
        return;
    }
    p->log = log;
    audit_batch_init(&p->batch);
    size_t lost = audit_take(log->audit, all, clock_wall_us(net_loop_clock(log->loop)), &p->batch);
    if (lost)
        log_error("worker", "%zu requests are missing in the audit: neither memory nor the disk took them", lost);
    size_t n = pages_of(&p->batch, pages);
    if (!n) {
        /* Another worker took what failed here: whether the disk is well again shows at the next. */
        if (log->has_failed)
            set_due(log, RETRY_US);
        free_put(p);
        return;
    }
    int err = store_put_audit(log->desk, pages, n, on_written, p);
    if (err)
        end_put(p, err, err == TGC_ELIMIT ? "the disk does not keep up" : NULL);
    else
        log->puts_n++;
}

void audit_log_turn(struct audit_log *log)
{
    enum audit_haste haste = audit_haste(log->audit);

    /* What the disk did not take, or has not yet, waits for that alone. */
    if (haste == AUDIT_NOTHING || log->puts_n || log->has_failed)
        return;
    if (haste == AUDIT_NOW)
        put(log, false);
    else
        set_due(log, haste == AUDIT_SOON ? PACE_US : MINUTE_US);
}

static void on_pace(void *ctx)
{
    struct audit_log *log = ctx;

    log->due_us = INT64_MAX;
    put(log, false);
}

void audit_log_flush(struct audit_log *log)
{
    put(log, true);
}

int audit_log_read(struct audit_log *log, int64_t before, store_audit_fn *loaded, void *ctx)
{
    return store_load_audit(log->desk, before, loaded, ctx);
}

bool audit_log_is_idle(const struct audit_log *log)
{
    return !log->puts_n;
}

/* --- the room --- */

static void on_wake(void *ctx)
{
    store_desk_run(((struct audit_log *)ctx)->desk);
}

static void wake(void *ctx)
{
    net_wake_signal(ctx);
}

int audit_log_new(struct audit *audit, struct store *store, struct net_loop *loop, struct audit_log **ret)
{
    struct audit_log *log = calloc(1, sizeof(*log));

    if (!log)
        return TGC_ENOMEM;
    log->audit = audit;
    log->loop = loop;
    log->due_us = INT64_MAX;
    int err = net_wake_new(loop, on_wake, log, &log->wake);
    if (!err)
        err = net_timer_new(loop, on_pace, log, &log->pace);
    if (!err)
        err = store_desk_new(store, wake, log->wake, &log->desk);
    if (err) {
        audit_log_free(log);
        return err;
    }
    *ret = log;
    return 0;
}

void audit_log_free(struct audit_log *log)
{
    if (!log)
        return;
    store_desk_free(log->desk);
    net_timer_free(log->pace);
    net_wake_free(log->wake);
    free(log);
}
