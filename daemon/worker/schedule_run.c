/* Carries out what the rule says: each transition is written, then told of, then the next one begins. */
#include "daemon/base/meter.h"
#include "daemon/worker/schedule_internal.h"

/* --- the call is started, and ended --- */

static void on_started(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;

    if (schedule_is_left(s, job))
        return;
    s->is_in_doubt |= job->problem && json_is_true(problem_member(job->problem, "sent"));
    if (!job->problem)
        schedule_start_run(s, s->call_id, NULL);
    else if (problem_slug_of(job->problem) == PROBLEM_NOT_FOUND)
        schedule_end_by(s, "ended_early", METER_OCCURRENCE_ENDED_EARLY, s->call_id);
    else if (schedule_is_refused(s, job))
        schedule_end_refused(s, job->problem);
}

static void on_ended(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    int64_t at = s->at;

    if (schedule_is_left(s, job))
        return;
    bool is_over = !job->problem || problem_slug_of(job->problem) == PROBLEM_NOT_FOUND;
    if (is_over)
        json_object_set_new(s->last, "ended_at", json_integer(schedule_now_s(s)));
    else if (schedule_is_refused(s, job))
        json_object_set_new(s->last, "left", schedule_problem_json(job->problem));
    else
        return;
    schedule_set_idle(s);
    schedule_keep_and_tell(s, is_over ? "ended" : "left", at, SCHEDULE_NO_OUTCOME, 0);
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
        schedule_miss(s, v);
        break;
    case SCHEDULE_BEGIN:
        schedule_begin(s, v);
        break;
    case SCHEDULE_MAKE:
        schedule_make(s);
        break;
    case SCHEDULE_START:
        if (schedule_ask_of_call(s, JOB_CALL_START, on_started) != 0)
            schedule_pause(s, 0);
        break;
    case SCHEDULE_END:
        if (schedule_ask_end(s, on_ended) != 0)
            schedule_pause(s, 0);
        break;
    case SCHEDULE_TAKE_BACK:
        schedule_go_on_back(s);
        break;
    case SCHEDULE_GIVE_UP:
        schedule_give_up(s);
        break;
    }
}

void schedule_look(struct schedule *s)
{
    struct schedule_dates dates;
    struct schedule_facts facts = {.phase = s->phase,
                                   .cursor = s->cursor,
                                   .at = s->at,
                                   .started_at = s->started_at,
                                   .is_announcing = schedule_is_announcing(s),
                                   .waits_for_at = schedule_unannounced(s) != NULL,
                                   .announce = s->spec.announce,
                                   .end_after = s->spec.end_after,
                                   .late_max = schedule_late_max(s),
                                   .now_us = schedule_now_us(s),
                                   .next = schedule_dates_next,
                                   .dates = &dates};

    if (s->room->is_stopped || schedule_is_busy(s))
        return;
    if (s->is_unwritten) {
        schedule_keep(s);
        return;
    }
    if (s->pending) {
        schedule_serve(s);
        return;
    }
    if (schedule_is_held(s, &dates))
        return;
    struct schedule_verdict v = schedule_judge(&facts);
    schedule_dates_close(&dates);
    carry_out(s, &v);
}
