/* Carries out what the rule says: each transition is written, then told of, then the next one begins. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/worker/records_internal.h"
#include "daemon/worker/schedule_internal.h"

enum { NO_OUTCOME = -1, KEY_SIZE = 128, UNREADABLE_S = 60 };

static int64_t now_s(const struct schedule *s)
{
    return schedule_now_us(s) / SECOND_US;
}

/* --- transitions --- */

void schedule_tell_news(struct schedule *s)
{
    struct schedule_news news = s->news;

    s->news = (struct schedule_news){.outcome = NO_OUTCOME};
    schedule_recount(s);
    if (!news.what)
        return;
    if (news.outcome != NO_OUTCOME)
        meter_add(s->room->worker->env.meter, (enum meter_number)news.outcome, news.n);
    schedule_tell(s, news.what, news.at, news.n);
}

static void on_kept(struct schedule *s, const char *why_not)
{
    if (why_not) {
        log_warning("worker", "how far the schedule %s has come could not be written, and it stands still: %s", s->name,
                    why_not);
        schedule_put(s, RECORDS_RETRY_S * SECOND_US);
        return;
    }
    schedule_tell_news(s);
    schedule_look(s);
}

static void keep(struct schedule *s)
{
    schedule_write(s, on_kept);
}

static void keep_and_tell(struct schedule *s, const char *what, int64_t at, int outcome, int n)
{
    s->news = (struct schedule_news){.what = what, .at = at, .outcome = outcome, .n = n};
    keep(s);
}

static void forget_trouble(struct schedule *s)
{
    s->tries = 0;
    free(s->why);
    s->why = NULL;
}

void schedule_set_idle(struct schedule *s)
{
    s->phase = SCHEDULE_IDLE;
    s->at = s->started_at = s->call_id = 0;
    json_decref(s->order);
    s->order = NULL;
    forget_trouble(s);
}

static void end_occurrence(struct schedule *s, const char *outcome, int number, int64_t call, json_t *problem)
{
    int64_t at = s->at;

    schedule_note(s, at, outcome, call, problem, 0);
    schedule_set_idle(s);
    keep_and_tell(s, outcome, at, number, 1);
}

static json_t *why(const struct schedule *s, const char *otherwise)
{
    struct problem *p = s->why ? NULL : problem_new(PROBLEM_NOT_READY, 0, "%s", otherwise);
    json_t *json = s->why ? json_loads(s->why, 0, NULL) : schedule_problem_json(p);

    problem_free(p);
    return json;
}

static void miss(struct schedule *s, const struct schedule_verdict *v)
{
    schedule_note(s, v->at, "missed", 0, why(s, "Its time came, and went by, while the daemon could not see to it"),
                  v->missed);
    s->cursor = v->cursor;
    keep_and_tell(s, "missed", v->at, METER_OCCURRENCE_MISSED, v->missed);
}

static void end_missed(struct schedule *s)
{
    end_occurrence(s, "missed", METER_OCCURRENCE_MISSED, s->call_id,
                   why(s, "Its time came, and went by, before it could be asked for"));
}

static void start_run(struct schedule *s, int64_t call, json_t *problem)
{
    int64_t at = s->at, started_at = now_s(s);

    schedule_note(s, at, "started", call, problem, 0);
    schedule_set_idle(s);
    if (s->spec.end_after && call) {
        s->phase = SCHEDULE_RUNNING;
        s->at = at;
        s->started_at = started_at;
        s->call_id = call;
    }
    keep_and_tell(s, "started", at, METER_OCCURRENCE_STARTED, 1);
}

/* --- the call is made --- */

struct made {
    int64_t call, schedule_date;
    bool is_existing, is_scheduled;
};

static bool read_made(const struct job *job, struct made *ret)
{
    json_t *answer = json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
    const json_t *call = json_object_get(answer, "call");
    const char *id = json_string_value(json_object_get(call, "id")),
               *state = json_string_value(json_object_get(call, "state"));

    if (id)
        *ret = (struct made){.call = strtoll(id, NULL, 10),
                             .schedule_date = json_integer_value(json_object_get(call, "schedule_date")),
                             .is_existing = json_is_true(json_object_get(answer, "existing")),
                             .is_scheduled = state && strcmp(state, "scheduled") == 0};
    json_decref(answer);
    return id != NULL;
}

static bool is_announcing(const struct schedule *s)
{
    return json_object_get(s->order, "schedule_date") != NULL;
}

static void set_announced(struct schedule *s, int64_t call)
{
    s->phase = SCHEDULE_ANNOUNCED;
    s->call_id = call;
    s->is_in_doubt = false;
    json_decref(s->order);
    s->order = NULL;
    forget_trouble(s);
    keep_and_tell(s, "announced", s->at, NO_OUTCOME, 0);
}

/* That another call is there long before says nothing of its time: it is asked for again, by another key, since the
 * answer to this one stands. */
static void on_look_again(struct schedule *s, const char *why_not)
{
    if (why_not) {
        on_kept(s, why_not);
        return;
    }
    schedule_put(s, schedule_look_again_us(s->at - now_s(s)));
    if (s->pending)
        schedule_serve(s);
}

static void look_again(struct schedule *s)
{
    s->turn++;
    schedule_write(s, on_look_again);
}

/* By its clock, or the way there was long: it is made at its date, then. */
static bool is_bad_date(const struct schedule *s, const struct problem *p)
{
    const char *message = json_string_value(json_object_get(problem_member(p, "telegram"), "message"));

    return is_announcing(s) && message && strcmp(message, "SCHEDULE_DATE_INVALID") == 0;
}

static void on_exists(struct schedule *s, const struct made *made)
{
    /* An answer of ours that was lost. */
    bool is_own =
        made->is_scheduled && made->schedule_date == s->at && json_is_true(json_object_get(s->order, "again"));

    if (is_own) {
        set_announced(s, made->call);
    } else if (is_announcing(s)) {
        look_again(s);
    } else {
        end_occurrence(s, "existing", METER_OCCURRENCE_EXISTING, made->call, NULL);
    }
}

static void on_made(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    struct made made;

    if (schedule_is_left(s, job))
        return;
    if (job->problem && json_is_true(problem_member(job->problem, "executed"))) {
        start_run(s, 0, schedule_problem_json(job->problem));
    } else if (job->problem && is_bad_date(s, job->problem)) {
        look_again(s);
    } else if (job->problem) {
        if (schedule_is_refused(s, job))
            end_occurrence(s, "refused", METER_OCCURRENCE_REFUSED, 0, schedule_problem_json(job->problem));
    } else if (!read_made(job, &made)) {
        start_run(s, 0, NULL);
    } else if (made.is_existing) {
        on_exists(s, &made);
    } else if (is_announcing(s)) {
        set_announced(s, made.call);
    } else {
        start_run(s, made.call, NULL);
    }
}

static void key_of_create(const struct schedule *s, char out[static KEY_SIZE])
{
    snprintf(out, KEY_SIZE, "schedule %s@%" PRId64 " create %016" PRIx64 ".%" PRId64, s->name, s->at, (uint64_t)s->id,
             s->turn);
}

static void make(struct schedule *s)
{
    char key[KEY_SIZE];
    json_t *body = json_deep_copy(s->order);

    key_of_create(s, key);
    if (body)
        (void)json_object_del(body, "again");
    if (!body || schedule_ask(s, JOB_CALL_CREATE, NULL, body, key, on_made) != 0)
        schedule_pause(s, 0);
}

static json_t *order_of(const struct schedule *s, int64_t at, bool announces, bool is_again)
{
    char *title = NULL;
    json_t *o = NULL;

    if (schedule_spec_title(&s->spec, at, &title) == 0)
        o = json_pack("{s:I, s:s, s:s*}", "peer", (json_int_t)s->spec.peer, "if_exists", "return", "title", title);
    free(title);
    if ((s->spec.rtmp_stream && o && json_object_set_new(o, "rtmp_stream", json_true()) < 0) ||
        (announces && o && json_object_set_new(o, "schedule_date", json_integer(at)) < 0) ||
        (is_again && o && json_object_set_new(o, "again", json_true()) < 0)) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static void begin(struct schedule *s, const struct schedule_verdict *v)
{
    /* With its date, and no answer that was heard. */
    bool is_again = s->phase == SCHEDULE_MAKING;
    json_t *order = order_of(s, v->at, v->announces, is_again);

    if (!order) {
        schedule_put(s, SECOND_US);
        return;
    }
    json_decref(s->order);
    s->order = order;
    s->phase = SCHEDULE_MAKING;
    s->at = s->cursor = v->at;
    s->turn++;
    keep(s);
}

/* --- the call is started, and ended --- */

static void on_started(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;

    if (schedule_is_left(s, job))
        return;
    s->is_in_doubt |= job->problem && json_is_true(problem_member(job->problem, "sent"));
    if (!job->problem)
        start_run(s, s->call_id, NULL);
    else if (problem_slug_of(job->problem) == PROBLEM_NOT_FOUND)
        end_occurrence(s, "ended_early", METER_OCCURRENCE_ENDED_EARLY, s->call_id, NULL);
    else if (schedule_is_refused(s, job))
        end_occurrence(s, "refused", METER_OCCURRENCE_REFUSED, s->call_id, schedule_problem_json(job->problem));
}

static void on_ended(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    int64_t at = s->at;

    if (schedule_is_left(s, job))
        return;
    if (job->problem && problem_slug_of(job->problem) != PROBLEM_NOT_FOUND) {
        if (!schedule_is_refused(s, job))
            return;
        json_object_set_new(s->last, "problem", schedule_problem_json(job->problem));
    } else {
        json_object_set_new(s->last, "ended_at", json_integer(now_s(s)));
    }
    schedule_set_idle(s);
    keep_and_tell(s, "ended", at, NO_OUTCOME, 0);
}

/* --- it is too late --- */

static void on_chat_read(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;

    if (schedule_is_left(s, job))
        return;
    if (job->problem) {
        if (schedule_is_refused(s, job))
            end_missed(s);
        return;
    }
    json_t *answer = json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
    const json_t *call = json_object_get(answer, "running_call"), *id = json_object_get(call, "id"),
                 *before = json_object_get(s->last, "call");
    const char *state = json_string_value(json_object_get(call, "state"));
    bool is_another = !id || (before && json_equal(id, before));
    bool is_own = !is_another && strtoll(json_string_value(id), NULL, 10) == s->call_id;
    bool runs = state && strcmp(state, "scheduled") != 0;
    json_decref(answer);

    if (s->phase == SCHEDULE_ANNOUNCED && is_own && runs)
        start_run(s, s->call_id, NULL);
    else if (s->phase == SCHEDULE_ANNOUNCED || is_another)
        end_missed(s);
    else
        make(s);
}

/* What may have been carried out, though no answer says so, is looked for: a call that is there was not missed, and is
 * to be ended at its time. */
static void look_into_chat(struct schedule *s)
{
    if (schedule_ask_of_chat(s, on_chat_read) != 0)
        schedule_pause(s, 0);
}

static void give_up_making(struct schedule *s)
{
    char key[KEY_SIZE];

    key_of_create(s, key);
    switch (own_job_withdraw(s->room->worker, JOB_CALL_CREATE, NULL, key)) {
    case OWN_JOB_NOTHING:
        end_missed(s);
        break;
    case OWN_JOB_COMES:
        make(s);
        break;
    case OWN_JOB_DOUBT:
        look_into_chat(s);
        break;
    }
}

static void give_up(struct schedule *s)
{
    if (s->phase == SCHEDULE_MAKING) {
        give_up_making(s);
    } else if (s->phase == SCHEDULE_ANNOUNCED && s->is_in_doubt) {
        look_into_chat(s);
    } else if (s->phase == SCHEDULE_ANNOUNCED) {
        end_missed(s);
    } else { /* it is to be ended no more */
        schedule_set_idle(s);
        keep_and_tell(s, "changed", 0, NO_OUTCOME, 0);
    }
}

/* --- the look --- */

static void carry_out(struct schedule *s, const struct schedule_verdict *v)
{
    switch (v->word) {
    case SCHEDULE_WAIT:
        schedule_put(s, v->wait_us);
        break;
    case SCHEDULE_OVER:
        break;
    case SCHEDULE_MISS:
        miss(s, v);
        break;
    case SCHEDULE_BEGIN:
        begin(s, v);
        break;
    case SCHEDULE_MAKE:
        make(s);
        break;
    case SCHEDULE_START:
        if (schedule_ask_of_call(s, JOB_CALL_START, on_started) != 0)
            schedule_pause(s, 0);
        break;
    case SCHEDULE_END:
        if (schedule_ask_end(s, on_ended) != 0)
            schedule_pause(s, 0);
        break;
    case SCHEDULE_GIVE_UP:
        give_up(s);
        break;
    }
}

void schedule_look(struct schedule *s)
{
    struct schedule_dates dates;
    struct fault fault = {0};
    struct schedule_facts facts = {.phase = s->phase,
                                   .cursor = s->cursor,
                                   .at = s->at,
                                   .started_at = s->started_at,
                                   .is_announcing = is_announcing(s),
                                   .announce = s->spec.announce,
                                   .end_after = s->spec.end_after,
                                   .late_max = schedule_late_max(s),
                                   .now_us = schedule_now_us(s),
                                   .next = schedule_dates_next,
                                   .dates = &dates};

    if (s->room->is_stopped || schedule_is_busy(s))
        return;
    if (s->is_unwritten) {
        keep(s);
        return;
    }
    if (s->pending) {
        schedule_serve(s);
        return;
    }
    if (schedule_dates_open(&s->spec, &dates, &fault) != 0) {
        log_error("worker", "the schedule %s waits, since its dates cannot be read: %s", s->name, fault.text);
        schedule_put(s, UNREADABLE_S * SECOND_US);
        return;
    }
    struct schedule_verdict v = schedule_judge(&facts);
    schedule_dates_close(&dates);
    carry_out(s, &v);
}
