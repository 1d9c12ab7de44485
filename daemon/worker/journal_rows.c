/* What is written of an intent, and what the process before left. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/log.h"
#include "daemon/bridge/scope.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/records.h"

/* --- the order, as the store has it --- */

static enum job_method method_of(const char *name)
{
    for (int m = 0; name && m < JOB_METHOD_COUNT; m++)
        if (strcmp(job_method_text((enum job_method)m), name) == 0)
            return (enum job_method)m;
    return JOB_METHOD_COUNT;
}

/* Of what is not asked again by itself only the client has the words. */
static json_t *order_of(const struct intent *i)
{
    char print[2 * STORE_INTENT_KEY + 1];
    bool has_words = i->path && journal_again(i->journal->worker, i->method, i->path, i->body) != JOURNAL_NEVER;

    hex_encode(i->print, sizeof(i->print), print);
    return json_pack("{s:s, s:s, s:s, s:s, s:O*, s:b, s:b, s:b, s:b, s:I, s:I, s:i, s:O*, s:O*, s:O*}", "method",
                     job_method_text(i->method), "token", i->token, "request_id", i->request_id, "print", print,
                     "accounts", i->accounts, "admin", (int)i->scope_admin, "secrets", (int)i->scope_secrets, "defers",
                     (int)i->defers, "is_secret", (int)i->is_secret, "scopes", (json_int_t)i->scopes, "user",
                     (json_int_t)i->user_id, "status", i->status, "path", has_words ? i->path : NULL, "query",
                     has_words ? i->query : NULL, "body", has_words || i->state == INTENT_OPEN ? i->body : NULL);
}

static void copy_text(const json_t *o, const char *member, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(o, member));

    snprintf(out, size, "%s", text ? text : "");
}

/* Of a version that did not say what its answer takes only a token that may do all is told. False: the order is none
 * of this version's. */
static bool read_order(struct intent *i, const json_t *o)
{
    const char *print = json_string_value(json_object_get(o, "print"));

    i->method = method_of(json_string_value(json_object_get(o, "method")));
    if (i->method == JOB_METHOD_COUNT || !print || strlen(print) != 2 * sizeof(i->print) ||
        hex_decode(print, strlen(print), i->print, sizeof(i->print)) != 0)
        return false;
    copy_text(o, "token", i->token, sizeof(i->token));
    copy_text(o, "request_id", i->request_id, sizeof(i->request_id));
    i->accounts = json_incref(json_object_get(o, "accounts"));
    i->scope_admin = json_is_true(json_object_get(o, "admin"));
    i->scope_secrets = json_is_true(json_object_get(o, "secrets"));
    i->defers = json_is_true(json_object_get(o, "defers"));
    i->is_secret = json_is_true(json_object_get(o, "is_secret"));
    const json_t *scopes = json_object_get(o, "scopes");
    i->scopes = scopes ? (unsigned)json_integer_value(scopes) : SCOPE_ALL;
    i->user_id = json_integer_value(json_object_get(o, "user"));
    i->status = (int)json_integer_value(json_object_get(o, "status"));
    i->path = json_incref(json_object_get(o, "path"));
    i->query = json_incref(json_object_get(o, "query"));
    i->body = json_incref(json_object_get(o, "body"));
    return true;
}

/* --- writing --- */

struct intent_writing {
    struct journal *journal;
    int64_t id;
    intent_written_fn *written;
};

static void end_write(struct intent *i, intent_written_fn *written, int err, const char *why)
{
    struct journal *j = i->journal;
    int64_t id = i->id;

    if (err == TGC_EEXIST && intent_may_leave(i)) {
        intent_leave_to_other(i);
        return;
    }
    i->write_err = err;
    if (written)
        written(i, err ? (why ? why : tgc_err_text(err)) : NULL);
    i = journal_find(j, id);
    if (i && i->is_orphan && !i->attempt && !i->writes_n && !i->waiter) {
        intent_unwrite(i);
        intent_drop(i);
    }
}

static void on_written(void *ctx, int err, const char *why)
{
    struct intent_writing w = *(struct intent_writing *)ctx;
    struct intent *i = journal_find(w.journal, w.id);

    free(ctx);
    w.journal->asked_n--;
    if (!i)
        return;
    i->writes_n--;
    end_write(i, w.written, err, why);
}

static int put(struct intent *i, const char *order, const char *answer, struct intent_writing *w)
{
    struct store_intent row = {.id = i->id,
                               .account = i->account[0] ? i->account : NULL,
                               .key = i->has_key ? i->key : NULL,
                               .state = i->state,
                               .sent = i->sent || (i->attempt && i->attempt->gate.is_asked),
                               .shown = i->shown,
                               .created_us = i->created_us,
                               .until_us = i->until_us,
                               .order = order,
                               .order_len = strlen(order),
                               .answer = answer,
                               .answer_len = answer ? strlen(answer) : 0};

    i->is_sent_there = row.sent;
    return store_put_intent(records_desk(i->journal->worker->records), &row, on_written, w);
}

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void intent_write(struct intent *i, const json_t *answer, intent_written_fn *written)
{
    struct journal *j = i->journal;

    if (!j->worker->records || i->is_orphan) {
        end_write(i, written, 0, NULL);
        return;
    }
    json_t *o = order_of(i);
    char *order = o ? json_dumps(o, JSON_COMPACT) : NULL;
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    struct intent_writing *w = malloc(sizeof(*w));
    int err = TGC_ENOMEM;

    if (w && order && (text || !answer)) {
        *w = (struct intent_writing){j, i->id, written};
        err = put(i, order, text, w);
    }
    json_decref(o);
    wipe(order);
    wipe(text);
    if (err) {
        free(w);
        end_write(i, written, err, NULL);
        return;
    }
    i->writes_n++;
    j->asked_n++;
}

static void on_dropped(void *ctx, int err, const char *why)
{
    struct journal *j = ctx;

    j->asked_n--;
    if (err)
        log_warning("worker", "what is to be forgotten of a request is in the store still: %s",
                    why ? why : tgc_err_text(err));
}

void intent_unwrite(struct intent *i)
{
    journal_unwrite(i->journal, i->id);
}

void journal_unwrite(struct journal *j, int64_t id)
{
    if (!j->worker->records)
        return;
    int err = store_drop_intent(records_desk(j->worker->records), id, on_dropped, j);
    if (err)
        log_warning("worker", "what is to be forgotten of a request is in the store still: %s", tgc_err_text(err));
    else
        j->asked_n++;
}

void journal_drop_old(struct journal *j)
{
    if (j->worker->records &&
        store_drop_old_intents(records_desk(j->worker->records), journal_wall(j) - JOURNAL_KEPT_US, on_dropped, j) == 0)
        j->asked_n++;
}

/* --- loading --- */

/* Into the tables. Of two with one key the older one is what the disk did not forget when it was told to. */
static int add(struct journal *j, struct intent *i)
{
    int err = journal_add(j, i);
    struct intent *other = err == TGC_EBUSY && i->has_key ? journal_find_key(j, i->key) : NULL;

    if (!other)
        return err;
    log_warning("worker", "two requests of the journal have one key: the older one is forgotten");
    if (other->created_us > i->created_us) {
        intent_unwrite(i);
        intent_free(i);
        return 0;
    }
    intent_unwrite(other);
    intent_drop(other);
    return journal_add(j, i);
}

static int restore(struct journal *j, const struct store_intent *row)
{
    json_t *order = row->order ? json_loadb(row->order, row->order_len, JSON_ALLOW_NUL, NULL) : NULL;
    struct intent *i = intent_new(j);
    int err = i ? 0 : TGC_ENOMEM;

    if (i) {
        i->id = row->id;
        i->has_key = row->key != NULL;
        if (row->key)
            memcpy(i->key, row->key, sizeof(i->key));
        i->sent = i->is_sent_there = row->sent;
        i->shown = row->shown;
        i->created_us = row->created_us;
        i->until_us = row->until_us;
        i->waiter_until_us = INT64_MAX;
        snprintf(i->account, sizeof(i->account), "%s", row->account ? row->account : "");
        i->state =
            row->state >= INTENT_QUEUED && row->state <= INTENT_OPEN ? (enum intent_state)row->state : INTENT_OPEN;
        if (!read_order(i, order))
            err = TGC_EDAMAGED;
    }
    json_decref(order);
    if (!err) {
        intent_weigh(i);
        err = add(j, i);
    }
    if (err)
        intent_free(i);
    return err;
}

/* A key that is forgotten may have done twice what it was given for. */
static void fail(struct journal *j, int err, int64_t id)
{
    char why[256];

    if (err == TGC_EDAMAGED)
        snprintf(why, sizeof(why),
                 "request %" PRId64
                 " of the journal cannot be read: put a backup in the database's place, or forget it "
                 "and its key with \"DELETE FROM intents WHERE id = %" PRId64 "\"",
                 id, id);
    else
        snprintf(why, sizeof(why),
                 "request %" PRId64 " of the journal cannot be remembered (%s): begin again, or forget it and its key "
                 "with \"DELETE FROM intents WHERE id = %" PRId64 "\"",
                 id, tgc_err_text(err), id);
    records_fail(j->worker->records, err, why);
}

static int by_age(const struct intent *a, const struct intent *b)
{
    return a->created_us < b->created_us ? -1 : a->created_us > b->created_us;
}

static void on_loaded(void *ctx, int err, const char *why, const struct store_intent *list, size_t n)
{
    struct journal *j = ctx;
    int64_t oldest = journal_wall(j) - JOURNAL_KEPT_US;

    j->asked_n--;
    if (err)
        records_fail(j->worker->records, err, why);
    for (size_t k = 0; k < n; k++)
        if (list[k].created_us >= oldest && (err = restore(j, &list[k])) != 0)
            fail(j, err, list[k].id);
    DL_SORT(j->list, by_age);
    records_loaded_more(j->worker->records);
}

void journal_load(struct journal *j, const char *account)
{
    if (store_load_intents(records_desk(j->worker->records), account, on_loaded, j) != 0) {
        records_fail(j->worker->records, TGC_ENOMEM, NULL);
        records_loaded_more(j->worker->records);
        return;
    }
    j->asked_n++;
}

/* One difference of the two clocks for all of them: read for each, it would have two that are due at once change
 * places. */
static void go_on(struct intent *i, int64_t mono_us, int64_t wall_us)
{
    enum journal_again again = journal_again(i->journal->worker, i->method, i->path, i->body);
    struct problem *p;

    if (i->state == INTENT_WAITING && i->until_us > wall_us) {
        intent_wait(i, i->until_us, mono_us + i->until_us - wall_us);
    } else if (i->state == INTENT_WAITING) {
        intent_run(i);
    } else if (!i->shown) {
        i->state = INTENT_OPEN; /* its client asks again, if it wants it still */
    } else if (i->path && (again == JOURNAL_ALWAYS || (again == JOURNAL_UNSENT && !i->sent))) {
        i->tried_since_us = mono_us;
        intent_run(i);
    } else {
        p = problem_new(
            PROBLEM_TELEGRAM_TIMEOUT, 0,
            "The daemon ended while the request was under way, and whether it was carried out is not known");
        problem_put(p, "sent", json_true());
        problem_set_remedy(p, "It may have happened: look before you repeat the request");
        intent_end_problem(i, p, true);
    }
}

/* In the order in which they were asked for. */
void journal_go_on(struct journal *j)
{
    int64_t mono_us = clock_mono_us(j->worker->env.clock), wall_us = journal_wall(j);
    struct intent *i, *next;

    DL_FOREACH_SAFE(j->list, i, next)
    if (!intent_has_ended(i) && !i->attempt)
        go_on(i, mono_us, wall_us);
}
