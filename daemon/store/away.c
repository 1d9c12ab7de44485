#include "daemon/store/away.h"

#include <poll.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/store/meta.h"

/* Between two tries: while something waits, and while nothing does. Who wants to stop waits for neither. */
enum { SOON_US = 250 * 1000, LATER_US = 1000 * 1000, CLOSING_PATIENCE_US = 2 * 1000 * 1000 };

static int64_t now(const struct store *s)
{
    return clock_mono_us(s->config.clock);
}

static bool is_closing(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    bool is = s->is_closing;
    pthread_mutex_unlock(&s->lock);
    return is;
}

/* Of what comes while it is away: since it went. */
int64_t store_patience_until(struct store *s)
{
    return (s->away_us ? s->away_us : now(s)) + STORE_PATIENCE_US;
}

/* Who stops waits for no more than a moment, of all that is left. */
bool store_is_patience_over(struct store *s, int64_t until_us)
{
    if (is_closing(s) && !s->closing_us)
        s->closing_us = now(s) + CLOSING_PATIENCE_US;
    int64_t stop_us = atomic_load(&s->stop_us);
    return now(s) >= until_us || (s->closing_us && now(s) >= s->closing_us) || (stop_us && now(s) >= stop_us);
}

void store_stop_by(struct store *s, int64_t until_us)
{
    atomic_store(&s->stop_us, until_us);
}

void store_note_unkept(struct store *s, const struct store_op *op)
{
    if (op->err != TGC_EAWAY || (!atomic_load(&s->stop_us) && !is_closing(s)))
        return;
    s->unkept++;
    if (!s->unheard.err)
        fault_set(&s->unheard, op->err, "%s", store_op_why(op));
}

/* Why it cannot come back may be another reason than why it went: each is said once. */
static void note_why(struct store *s, const struct fault *fault)
{
    if (strcmp(s->away_why, fault->text) == 0)
        return;
    memcpy(s->away_why, fault->text, sizeof(s->away_why));
    log_error("store", "%s; what is to be written waits for it", fault->text);
}

static void went_away(struct store *s, const struct fault *fault)
{
    if (s->away_us)
        return;
    note_why(s, fault);
    s->away_us = now(s);
    store_meter_failing(s);
}

static void came_back(struct store *s)
{
    log_notice("store", "the database server answers again, after %.1f s", (double)(now(s) - s->away_us) / 1e6);
    s->away_us = 0;
    s->away_why[0] = '\0';
    store_meter_failing(s);
}

static void settle(struct store *s, int err)
{
    struct store_op *op;

    while ((op = store_list_take(&s->unsure))) {
        if (!err)
            op->err = 0;
        store_list_add(&s->settled, op);
    }
    s->is_unsure = false;
}

void store_judge(struct store *s, int err, const struct fault *fault)
{
    if (err != TGC_EBUSY || !s->config.url)
        return;
    log_error("store", "%s; " STORE_WHY_ALONE, fault->text);
    if (s->config.taken)
        s->config.taken();
}

/* A change of the seal key whose commit was not answered: the database says which key it is sealed with. */
static int settle_key(struct store *s, struct fault *fault)
{
    const struct seal_key *before = s->ring.now;
    int err = store_meta_check(s, fault);

    if (!err && s->ring.now != before) {
        log_notice("store", "the database was sealed with the new key after all");
        err = store_ring_settle(&s->config, &s->ring, fault);
    }
    return err;
}

/* Another node may have changed the key. One that cannot read it would seal on with one that opens nothing any more: it
 * ends, and is told at its start what is wrong. Where the server went away again this is asked again. */
static void follow_key(struct store *s)
{
    struct fault fault = {0};
    int err = store_meta_follow(s, &fault);

    if (!err || err == TGC_EAWAY)
        return;
    log_error("store", "the database is sealed with another key now, which this node cannot have: %s", fault.text);
    if (s->config.taken)
        s->config.taken();
}

/* One try. What it says of the last transaction is of those whose it was. */
static int try_back(struct store *s, bool *ret_written, struct fault *fault)
{
    fault_clear(fault);
    int err = db_recover(s->db, ret_written, fault);
    s->tried_us = now(s);
    store_judge(s, err, fault);
    if (!err && s->ring.next)
        err = settle_key(s, fault);
    else if (!err && s->config.node)
        follow_key(s);
    if (err)
        note_why(s, fault);
    if (err)
        return err;
    came_back(s);
    if (s->is_unsure) {
        settle(s, *ret_written ? 0 : TGC_EAWAY);
        *ret_written = false;
    }
    return 0;
}

static void wait_until(const struct store *s, int64_t at_us)
{
    int64_t left_us = at_us - now(s);

    if (left_us > 0)
        poll(NULL, 0, (int)(left_us / 1000) + 1);
}

/* A server that is back may refuse the same again, as somebody holds a lock: then there is a pause too. */
int store_await_server(struct store *s, int64_t until_us, bool *ret_written, struct fault *fault)
{
    went_away(s, fault);
    for (;;) {
        bool is_over = store_is_patience_over(s, until_us);
        *ret_written = false;
        if (!is_over)
            wait_until(s, s->tried_us + SOON_US);
        if (!is_over || now(s) - s->tried_us >= LATER_US) {
            int err = try_back(s, ret_written, fault);
            if (err != TGC_EAWAY)
                return err;
        }
        if (is_over)
            return fault_set(fault, TGC_EAWAY, "%s", s->away_why);
    }
}

void store_look(struct store *s)
{
    struct fault fault = {0};
    bool is_written;

    db_stop_by(s->db, &s->stop_us);
    int err = s->away_us ? TGC_EAWAY : db_look(s->db, &fault);

    if (err != TGC_EAWAY)
        return;
    went_away(s, &fault);
    /* What it says, if it fails, was said. */
    (void)!try_back(s, &is_written, &fault);
}

void store_take_settled(struct store *s, struct store_list *done)
{
    struct store_op *op;

    while ((op = store_list_take(&s->settled)))
        store_list_add(done, op);
}

void store_give_up_unsure(struct store *s)
{
    size_t unsure = 0;

    for (struct store_op *op = s->unsure.first; op; op = op->next, unsure++)
        store_note_unkept(s, op);
    if (s->unkept)
        log_error("store",
                  "%zu writes that were accepted are not kept, as the database server did not answer before the daemon "
                  "ended; of %zu of them it is not known",
                  s->unkept, unsure);
    settle(s, TGC_EAWAY);
}
