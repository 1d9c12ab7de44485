/* Who waits for an intent, when he is told, and its end. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"

static int64_t now_us(const struct journal *j)
{
    return clock_mono_us(j->worker->env.clock);
}

/* --- who is told --- */

static void tell_change(const struct intent *i)
{
    struct journal *j = i->journal;
    struct buf text;

    if (!j->changed || !i->shown)
        return;
    buf_init(&text, LIMIT_JSON_TEXT);
    job_text_begin(i, &text);
    buf_put_byte(&text, '}');
    if (!buf_err(&text))
        j->changed(j->changed_ctx, i->account, (const char *)text.data, text.len);
    buf_fini(&text);
}

void intent_set(struct intent *i, enum intent_state state)
{
    i->state = state;
    tell_change(i);
}

struct job *intent_take_waiter(struct intent *i)
{
    struct job *job = i->waiter;

    i->waiter = NULL;
    return job;
}

static void reply_deferred(struct intent *i)
{
    struct job *job = intent_take_waiter(i);

    if (!job)
        return;
    snprintf(job->location, sizeof(job->location), "/v1/jobs/%" PRId64, i->id);
    job->is_deferred = true;
    buf_reset(&job->text);
    job_text_begin(i, &job->text);
    buf_put_byte(&job->text, '}');
    if (buf_err(&job->text))
        op_reply_no_memory(job);
    else
        op_reply_text(job, 202);
}

static void on_noted(struct intent *i, const char *why_not)
{
    (void)why_not; /* as on_shown() */
    if (!intent_has_ended(i) && i->waiter_defers && i->waiter_until_us == INT64_MAX)
        reply_deferred(i);
}

/* What is being written may be that it is a job, which the disk has before its client hears of it. */
void intent_reply_deferred(struct intent *i)
{
    if (!i->waiter || !i->writes_n) {
        reply_deferred(i);
        return;
    }
    i->waiter_until_us = INT64_MAX;
    intent_write(i, NULL, on_noted);
}

static void on_shown(struct intent *i, const char *why_not)
{
    struct job *job;
    char id[24];

    (void)why_not;                                             /* it goes on in this process all the same */
    if (intent_has_ended(i) || !(job = intent_take_waiter(i))) /* its end is told by on_ended() */
        return;
    snprintf(id, sizeof(id), "%" PRId64, i->id);
    problem_put(job->problem, "job", json_string(id));
    problem_print_remedy(job->problem, "The request goes on as a job: GET /v1/jobs/%s tells what comes of it", id);
    job_reply(job);
}

void intent_reply_late(struct intent *i, struct problem *p)
{
    struct job *job = i->waiter;

    if (!job || job->problem) { /* nobody waits, or is being told already */
        problem_free(p);
        return;
    }
    if (!p) {
        p = problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0, "Telegram did not answer in time");
        problem_put(p, "sent", json_boolean(i->sent || (i->attempt && i->attempt->gate.is_out)));
    }
    if (!p) {
        op_reply_no_memory(intent_take_waiter(i));
        return;
    }
    job->problem = p;
    i->waiter_until_us = INT64_MAX;
    i->shown = true;
    intent_write(i, NULL, on_shown);
}

static void on_timer(void *ctx)
{
    struct intent *i = ctx;
    struct journal *j = i->journal;
    int64_t id = i->id, now = now_us(j);

    if (i->state == INTENT_QUEUED && i->writes_n) /* on_begun() sets it anew */
        return;
    if (i->waiter && i->waiter_until_us <= now) {
        if (i->waiter_defers)
            intent_reply_deferred(i);
        else
            intent_reply_late(i, NULL);
    }
    i = journal_find(j, id); /* who waited may have been all that kept it */
    if (i)
        intent_set_timer(i);
}

void intent_set_timer(struct intent *i)
{
    struct journal *j = i->journal;

    if (!i->waiter || i->waiter_until_us == INT64_MAX)
        return;
    if (!i->timer && net_timer_new(j->worker->env.loop, on_timer, i, &i->timer) != 0)
        return;
    net_timer_set(i->timer, i->waiter_until_us);
}

/* --- its end --- */

static void on_ended(struct intent *i, const char *why_not)
{
    struct job *job = intent_take_waiter(i), *canceller = i->canceller;
    i->is_ending = false;
    i->canceller = NULL;
    tell_change(i);
    if (why_not)
        log_warning("worker", "the answer of an intent is in memory alone, and a repeat asks anew after a restart: %s",
                    why_not);
    if (!why_not && i->journal->worker->records && !i->writes_n) {
        json_decref(i->answer);
        i->answer = NULL;
    } else {
        intent_weigh(i);
    }
    if (canceller)
        op_job_tell(i, canceller);
    if (job)
        job_reply(job);
}

static void move_answer(struct job *to, struct job *from)
{
    struct buf text = to->text;

    problem_free(to->problem);
    to->problem = from->problem;
    from->problem = NULL;
    to->status = from->status;
    to->is_secret = job_answer_is_secret(from);
    memcpy(to->location, from->location, sizeof(to->location));
    to->text = from->text;
    from->text = text;
}

/* Who repeats the key brings them again; but not what was drawn. */
static void forget_words(struct intent *i)
{
    json_t *id = json_incref(json_object_get(i->body, "random_id"));

    json_decref(i->path);
    json_decref(i->query);
    job_wipe_body(i->method, i->body);
    json_decref(i->body);
    i->path = i->query = NULL;
    i->body = id ? json_pack("{s:o}", "random_id", id) : NULL;
}

void intent_end(struct intent *i, struct job *from, bool final)
{
    json_t *answer = answer_of(from);
    bool done = !from->problem;

    intent_wait_no_more(i);
    i->status = done ? from->status : problem_status(from->problem);
    i->is_secret = job_answer_is_secret(from);
    if (i->waiter)
        move_answer(i->waiter, from);
    i->waiter_until_us = INT64_MAX;
    if (i->is_orphan || (!final && !i->shown && !i->sent)) {
        /* There is nothing to remember. */
        struct job *job = intent_take_waiter(i);
        intent_unwrite(i);
        json_decref(answer);
        intent_drop(i);
        if (job)
            job_reply(job);
        return;
    }
    /* Told before it is on the disk, it could be undone by a kill. */
    i->is_ending = true;
    i->state = done ? INTENT_DONE : final ? INTENT_FAILED : INTENT_OPEN;
    forget_words(i);
    json_decref(i->answer);
    i->answer = NULL;
    intent_weigh(i);
    i->answer = json_incref(answer);
    intent_write(i, answer, on_ended);
    json_decref(answer);
}

void intent_end_problem(struct intent *i, struct problem *p, bool final)
{
    struct job from = {.method = i->method, .problem = p};

    buf_init(&from.text, LIMIT_JSON_TEXT);
    if (!p)
        from.problem = problem_new(PROBLEM_INTERNAL, 0, "out of memory");
    if (from.problem) {
        intent_end(i, &from, final);
        problem_free(from.problem);
    }
    buf_fini(&from.text);
}
