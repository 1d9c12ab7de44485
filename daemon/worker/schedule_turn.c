/* How a schedule goes from one phase to the next: that is written, then told of, and then what comes next begins. */
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"
#include "daemon/worker/records_internal.h"
#include "daemon/worker/schedule_internal.h"

int64_t schedule_now_s(const struct schedule *s)
{
    return schedule_now_us(s) / SECOND_US;
}

void schedule_tell_news(struct schedule *s)
{
    struct schedule_news news = s->news;

    s->news = (struct schedule_news){.outcome = SCHEDULE_NO_OUTCOME};
    schedule_recount(s);
    if (!news.what)
        return;
    if (news.outcome != SCHEDULE_NO_OUTCOME)
        meter_add(s->room->worker->env.meter, (enum meter_number)news.outcome, news.n);
    schedule_tell(s, news.what, news.at, news.n);
}

/* Who asked for something meanwhile waits for no disk. */
static void refuse_pending(struct schedule *s, const char *why_not)
{
    const struct op_unkept u = {.err = s->write_err, .why = why_not, .state = "Nothing was changed"};
    struct job *job;

    while ((job = s->pending) != NULL) {
        s->pending = job->next;
        job->next = NULL;
        op_reply_problem(job, op_unkept(&u, "how far the schedule has come could not be written"));
    }
}

void schedule_stand_still(struct schedule *s, const char *why_not)
{
    log_warning("worker", "how far the schedule %s has come could not be written, and it stands still: %s", s->name,
                why_not);
    refuse_pending(s, why_not);
    schedule_put(s, RECORDS_RETRY_S * SECOND_US);
}

static void on_kept(struct schedule *s, const char *why_not)
{
    if (why_not) {
        schedule_stand_still(s, why_not);
        return;
    }
    schedule_tell_news(s);
    schedule_look(s);
}

void schedule_keep(struct schedule *s)
{
    schedule_write(s, on_kept);
}

void schedule_keep_and_tell(struct schedule *s, const char *what, int64_t at, int outcome, int n)
{
    s->news = (struct schedule_news){.what = what, .at = at, .outcome = outcome, .n = n};
    schedule_keep(s);
}

void schedule_forget_trouble(struct schedule *s)
{
    s->tries = 0;
    free(s->why);
    s->why = NULL;
}

void schedule_set_idle(struct schedule *s)
{
    if (s->order)
        schedule_spend(s);
    s->phase = SCHEDULE_IDLE;
    s->at = s->started_at = s->call_id = 0;
    json_decref(s->order);
    s->order = NULL;
    schedule_forget_trouble(s);
}

/* It comes to nothing: what is there of it, or may be, is not to stay. */
static void come_to_nothing(struct schedule *s, const char *outcome, int number, json_t *problem)
{
    int64_t at = s->at;

    schedule_note(s, at, outcome, s->call_id, problem, 0);
    if (s->phase == SCHEDULE_ANNOUNCED || json_is_true(json_object_get(s->order, "again")))
        schedule_take_back(s);
    else
        schedule_set_idle(s);
    schedule_keep_and_tell(s, outcome, at, number, 1);
}

void schedule_end_refused(struct schedule *s, const struct problem *p)
{
    come_to_nothing(s, "refused", METER_OCCURRENCE_REFUSED, schedule_problem_json(p));
}

void schedule_end_by(struct schedule *s, const char *outcome, int number, int64_t call)
{
    int64_t at = s->at;

    schedule_note(s, at, outcome, call, NULL, 0);
    schedule_set_idle(s);
    schedule_keep_and_tell(s, outcome, at, number, 1);
}

static json_t *why(const struct schedule *s, const char *otherwise)
{
    struct problem *p = s->why ? NULL : problem_new(PROBLEM_NOT_READY, 0, "%s", otherwise);
    json_t *json = s->why ? json_loads(s->why, 0, NULL) : schedule_problem_json(p);

    problem_free(p);
    return json;
}

void schedule_miss(struct schedule *s, const struct schedule_verdict *v)
{
    schedule_note(s, v->at, "missed", 0, why(s, "Its time came, and went by, while the daemon could not see to it"),
                  v->missed);
    s->cursor = v->cursor;
    schedule_keep_and_tell(s, "missed", v->at, METER_OCCURRENCE_MISSED, v->missed);
}

void schedule_end_missed(struct schedule *s)
{
    come_to_nothing(s, "missed", METER_OCCURRENCE_MISSED,
                    why(s, "Its time came, and went by, before it could be asked for"));
}

void schedule_start_run(struct schedule *s, int64_t call, json_t *problem)
{
    int64_t at = s->at, started_at = schedule_now_s(s);

    schedule_note(s, at, "started", call, problem, 0);
    schedule_set_idle(s);
    if (s->spec.end_after && call) {
        s->phase = SCHEDULE_RUNNING;
        s->at = at;
        s->started_at = started_at;
        s->call_id = call;
    }
    schedule_keep_and_tell(s, "started", at, METER_OCCURRENCE_STARTED, 1);
}
