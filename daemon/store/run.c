/* Many operations, few commits: each of these waits for the disk. */
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/store/away.h"
#include "daemon/store/meta.h"

/* One transaction. Others wait for it, so it does not grow for ever. */
enum { GROUP_OPS = 1024, GROUP_BYTES = 4 << 20 };

static void set_result(struct store_op *op, int err, const struct fault *fault)
{
    op->err = err;
    if (err)
        op->why = strdup(fault->text[0] ? fault->text : tgc_err_text(err));
}

/* FIRST to before END, in one transaction; all or none. TGC_EAWAY: nothing is known of it. */
static int try_once(struct store *s, struct store_op *first, const struct store_op *end, struct fault *fault)
{
    struct meter *meter = s->config.meter;
    int64_t begun_us = clock_mono_us(s->config.clock);
    int err = db_begin(s->db, fault);

    for (struct store_op *op = first; !err && op != end; op = op->next)
        err = op->kind->run(s, op, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    else
        meter_time(meter, METER_STORE_COMMIT, clock_mono_us(s->config.clock) - begun_us);
    meter_add(meter, err ? METER_STORE_FAILURES : METER_STORE_COMMITS, 1);
    return err;
}

static void set_results(struct store_op *first, const struct store_op *end, int err, const struct fault *fault)
{
    for (struct store_op *op = first; op != end; op = op->next)
        set_result(op, err, fault);
}

/* Nothing is known of them yet. */
static void set_unsure(struct store *s, struct store_op *first, const struct store_op *end)
{
    for (struct store_op *op = first; op != end; op = op->next)
        op->is_unsure = true;
    s->is_unsure = true;
}

/* Again where the server was away meanwhile, unless it was written all the same; what it refuses again and again, as
 * somebody holds a lock, until the patience is over. A doubt of before, about what was no group's, is none of these
 * operations'. */
static int try_group(struct store *s, struct store_op *first, const struct store_op *end, struct fault *fault)
{
    int64_t until_us = store_patience_until(s);
    bool is_written, is_in_doubt = false, has_tried = false, may_try = !s->away_us;
    int err = TGC_EAWAY;

    fault_clear(fault);
    for (;; may_try = true) {
        if (may_try) {
            bool was_unsure = db_is_unsure(s->db);
            err = try_once(s, first, end, fault);
            store_judge(s, err, fault);
            is_in_doubt = err == TGC_EAWAY && db_is_unsure(s->db) && !was_unsure;
            has_tried = true;
        }
        if (err != TGC_EAWAY)
            return err;
        struct fault why = *fault;
        err = store_await_server(s, until_us, &is_written, fault);
        if (err == TGC_EAWAY && is_in_doubt)
            set_unsure(s, first, end);
        if (err || (is_in_doubt && is_written))
            return err;
        if (has_tried && store_is_patience_over(s, until_us))
            return fault_set(fault, TGC_EAWAY, "%s", why.text);
        err = TGC_EAWAY;
    }
}

/* One that cannot be written takes no other with it: then each stands alone. */
static void run_group(struct store *s, struct store_op *first, const struct store_op *end)
{
    struct fault fault;
    int err = try_group(s, first, end, &fault);

    if (!err)
        return;
    if (first->next == end || err == TGC_EAWAY) {
        set_results(first, end, err, &fault);
        return;
    }
    for (struct store_op *op = first; op != end; op = op->next) {
        err = try_group(s, op, op->next, &fault);
        set_result(op, err, &fault);
    }
}

/* What follows the group that begins with FIRST. */
static struct store_op *end_of_group(struct store_op *first)
{
    size_t ops = 0, bytes = 0;
    struct store_op *op = first;

    while (op && op->kind->writes && ops < GROUP_OPS && bytes < GROUP_BYTES) {
        ops++;
        bytes += op->size + op->lent;
        op = op->next;
    }
    return op;
}

/* Else the row was at fault, or memory. */
static bool is_of_the_disk(int err)
{
    return err == TGC_EFULL || err == TGC_EREADONLY || err == TGC_EDAMAGED || err == TGC_EBUSY || err == TGC_ESYSTEM ||
           err == TGC_EAWAY;
}

void store_meter_failing(struct store *s)
{
    int is = s->is_failing || s->away_us;

    meter_add(s->config.meter, METER_STORE_FAILING, is - s->told_failing);
    s->told_failing = is;
    atomic_store(&s->is_away, s->away_us != 0);
}

/* Said once, not for every write of a full disk. */
static void log_change(struct store *s, const struct store_op *first, const struct store_op *end)
{
    const struct store_op *failed = first;

    while (failed != end && !is_of_the_disk(failed->err))
        failed = failed->next;
    if (failed != end && !s->is_failing)
        log_error("store", "a write failed: %s", store_op_why(failed));
    else if (failed == end && s->is_failing)
        log_notice("store", "it is written again");
    s->is_failing = failed != end;
    store_meter_failing(s);
}

/* The same of what is read; what was gathered until the server went away goes with it. */
static int read_one(struct store *s, struct store_op *op, struct fault *fault)
{
    int64_t until_us = store_patience_until(s);
    bool is_written, has_tried = false, may_try = !s->away_us;
    int err = TGC_EAWAY;

    fault_clear(fault);
    for (;; may_try = true) {
        if (may_try) {
            err = op->kind->run(s, op, fault);
            store_judge(s, err, fault);
            has_tried = true;
        }
        if (err != TGC_EAWAY)
            return err;
        struct fault why = *fault;
        err = store_await_server(s, until_us, &is_written, fault);
        if (err)
            return err;
        if (has_tried && store_is_patience_over(s, until_us))
            return fault_set(fault, TGC_EAWAY, "%s", why.text);
        if (op->kind->fini)
            op->kind->fini(op);
        err = TGC_EAWAY;
    }
}

/* What no key opens says so itself. */
static void follow_key(struct store *s)
{
    struct fault fault = {0};

    (void)!store_meta_follow(s, &fault);
}

void store_run(struct store *s, struct store_list *list, struct store_list *done)
{
    struct store_op *op = list->first, *end = op->next;

    /* What is written meets the fence where another node changed the key. */
    if (s->config.is_led && !op->kind->writes)
        follow_key(s);
    db_stop_by(s->db, &s->stop_us);
    if (op->kind->writes) {
        end = end_of_group(op);
        run_group(s, op, end);
        log_change(s, op, end);
    } else {
        struct fault fault;
        set_result(op, read_one(s, op, &fault), &fault);
    }
    while (list->first != end) {
        op = store_list_take(list);
        if (op->kind->writes && !op->is_unsure)
            store_note_unkept(s, op);
        store_list_add(op->is_unsure ? &s->unsure : done, op);
    }
}
