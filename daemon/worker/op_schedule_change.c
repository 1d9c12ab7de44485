/* PATCH and DELETE /v1/schedules/{schedule}, and POST …/skip: one after another, and none while something is under way.
 * A call that is announced for what is to be changed is ended first, and nothing is changed where it cannot be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/meter.h"
#include "daemon/worker/op_schedule.h"
#include "daemon/worker/op_unkept.h"
#include "daemon/worker/schedule_skip.h"
#include "daemon/worker/skip_key.h"

static void wait_in_line(struct schedule *s, struct job *job)
{
    LL_APPEND(s->pending, job);
    if (!schedule_is_busy(s))
        schedule_serve(s);
}

static struct job *take_asked(struct schedule *s)
{
    struct job *job = s->asked;

    s->asked = NULL;
    return job;
}

/* JOB is NULL where it was answered meanwhile. */
static void answer_unkept(struct job *job, const struct op_unkept *u, const char *what)
{
    struct problem *p = op_unkept(u, "%s", what);

    if (job)
        op_reply_problem(job, p);
    else
        problem_free(p);
}

/* --- on the disk --- */

static void on_changed(struct schedule *s, const char *why_not)
{
    struct job *job = take_asked(s);

    if (why_not) {
        const struct op_unkept u = {.err = s->write_err,
                                    .why = why_not,
                                    .state = "It holds until the daemon ends, and is tried again",
                                    .mend = "See to the disk of the daemon"};
        answer_unkept(job, &u, "the change could not be written down");
        schedule_put(s, SECOND_US);
        return;
    }
    if (job)
        op_reply_json(job, 200, schedule_json(s));
    schedule_tell_news(s);
    schedule_put(s, 0);
}

static void tell_unremoved(const struct schedule *s, struct job *job, const char *why_not)
{
    const struct op_unkept u = {.err = s->write_err,
                                .why = why_not,
                                .state = "It goes on",
                                .mend = "See to the disk of the daemon, then repeat the request"};

    answer_unkept(job, &u, "the schedule could not be forgotten");
}

static void on_removed(struct schedule *s, const char *why_not)
{
    struct job *job = take_asked(s);

    if (why_not) {
        s->cursor = s->cursor_if_kept;
        tell_unremoved(s, job, why_not);
        schedule_put(s, 0);
        return;
    }
    schedule_tell(s, "removed", 0, 1);
    directory_drop_schedule(s->room->worker->config.workers->directory, s->name, s->owner->account);
    schedule_drop(s);
    if (job)
        op_reply_text(job, 204);
}

static void keep(struct schedule *s, struct job *job, const char *what, int64_t at, int outcome)
{
    s->asked = job;
    s->news = (struct schedule_news){.what = what, .at = at, .outcome = outcome, .n = 1};
    schedule_write(s, on_changed);
}

/* --- each of them, where no call is in the way --- */

static const char *const words_of_dates[] = {"at", "start", "timezone", "rrule"}, *const words_of_call[] = {
                                                                                      "peer", "title", "rtmp_stream",
                                                                                      "announce"};

static bool has_any(const json_t *body, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (json_object_get(body, names[i]))
            return true;
    return false;
}

static bool changes_dates(const struct job *job)
{
    return has_any(job->body, words_of_dates, sizeof(words_of_dates) / sizeof(words_of_dates[0]));
}

/* What was announced, or asked for with a date to come, would be another call. */
static bool makes_anew(const struct job *job)
{
    return changes_dates(job) || has_any(job->body, words_of_call, sizeof(words_of_call) / sizeof(words_of_call[0]));
}

static bool is_ahead(const struct schedule *s)
{
    return s->phase == SCHEDULE_ANNOUNCED || (s->phase == SCHEDULE_MAKING && s->at > schedule_now_us(s) / SECOND_US);
}

/* What was under way is another user's, whom nothing is asked of any more. */
static void take_over(struct schedule *s)
{
    schedule_set_idle(s);
    schedule_be_of_user(s);
    s->is_held = false; /* which the change itself tells */
}

/* What it is to be; a clock that is far ahead would have dates go by that are to come. */
static int read_change(const struct schedule *s, const struct job *job, struct schedule_spec *ret, int64_t *ret_now,
                       struct problem **problem)
{
    bool needs_time = changes_dates(job) || schedule_is_of_another(s);
    int64_t now_us;

    *problem = NULL;
    if (!schedule_time(s->room->worker, s->owner->account, &now_us) && needs_time) {
        *problem = problem_new(PROBLEM_ACCOUNT_NOT_READY, 0,
                               "Telegram's time is not known, by which dates are to come or have gone by");
        return TGC_EINVAL;
    }
    *ret_now = now_us / SECOND_US;
    json_t *members = schedule_spec_change(&s->spec, job->body);
    int err = members ? schedule_spec_read(members, changes_dates(job) ? *ret_now : 0, ret, problem) : TGC_ENOMEM;
    json_decref(members);
    return err;
}

/* CALL_IS_OVER: the one that was announced; there is none for its date, then. */
static void edit(struct schedule *s, struct job *job, bool call_is_over)
{
    bool is_of_another = schedule_is_of_another(s);
    struct problem *problem;
    struct schedule_spec spec;
    int64_t now;

    if (read_change(s, job, &spec, &now, &problem) != 0) {
        op_reply_problem(job, problem);
        if (call_is_over) {
            s->cursor = s->at - 1;
            schedule_set_idle(s);
            schedule_keep(s);
        }
        return;
    }
    if (is_of_another) {
        take_over(s);
    } else if (makes_anew(job) && is_ahead(s)) {
        s->cursor = s->at - 1;
        schedule_leave(s);
    }
    if (changes_dates(job) || is_of_another) {
        s->cursor = schedule_skip_up_to(&s->spec, &spec, now, s->skipped_at);
        s->skipped_at = s->cursor == now ? 0 : s->cursor;
    }
    schedule_spec_fini(&s->spec);
    s->spec = spec;
    keep(s, job, "changed", 0, -1);
}

static void skip(struct schedule *s, struct job *job)
{
    int64_t at = s->at;

    if (skip_key_was_used(s, job)) {
        if (s->is_unwritten) {
            s->asked = job;
            schedule_write(s, on_changed);
        } else {
            op_reply_json(job, 200, schedule_json(s));
        }
        return;
    }
    if (s->phase == SCHEDULE_ANNOUNCED || s->phase == SCHEDULE_MAKING) {
        schedule_leave(s);
    } else if (schedule_spec_next(&s->spec, s->cursor, &at)) {
        s->cursor = at;
    } else {
        struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "the schedule has no occurrence that is to come");
        problem_print_remedy(p, "GET /v1/schedules/%s shows what there was", s->name);
        op_reply_problem(job, p);
        return;
    }
    s->skipped_at = at;
    skip_key_remember(s, job);
    keep(s, job, "skipped", at, METER_OCCURRENCE_SKIPPED);
}

/* The row stays for what is to be taken back, by a name of its own. */
static void on_gone(struct schedule *s, const char *why_not)
{
    struct job *job = take_asked(s);

    if (why_not) {
        schedule_take_name_back(s);
        s->cursor = s->cursor_if_kept;
        tell_unremoved(s, job, why_not);
        schedule_put(s, 0);
        return;
    }
    schedule_tell(s, "removed", 0, 1);
    directory_drop_schedule(s->room->worker->config.workers->directory, schedule_own_name(s), s->owner->account);
    schedule_answer_gone(s);
    if (job)
        op_reply_text(job, 204);
    schedule_put(s, 0);
}

static void leave_behind(struct schedule *s)
{
    if (schedule_give_name_up(s) == 0) {
        schedule_write(s, on_gone);
        return;
    }
    s->write_err = TGC_ENOMEM;
    on_removed(s, tgc_err_text(TGC_ENOMEM));
}

static void remove_it(struct schedule *s, struct job *job)
{
    s->asked = job;
    s->cursor_if_kept = s->phase == SCHEDULE_MAKING ? s->at - 1 : s->cursor;
    if (s->phase == SCHEDULE_MAKING)
        schedule_leave(s);
    if (s->phase == SCHEDULE_BACK && !schedule_is_of_another(s)) {
        leave_behind(s);
        return;
    }
    int err = schedule_unwrite(s, on_removed);
    if (err)
        on_removed(s, tgc_err_text(err));
}

static void carry_out(struct schedule *s, struct job *job, bool call_is_over)
{
    if (job->method == JOB_SCHEDULE_EDIT)
        edit(s, job, call_is_over);
    else if (job->method == JOB_SCHEDULE_SKIP)
        skip(s, job);
    else
        remove_it(s, job);
}

/* --- a call that is in the way --- */

static bool is_to_end(const struct job *job)
{
    const char *end = json_string_value(json_object_get(job->query, "end"));

    return end && strcmp(end, "true") == 0;
}

static bool is_in_the_way(const struct schedule *s, const struct job *job)
{
    if (schedule_is_of_another(s))
        return false;
    if (job->method == JOB_SCHEDULE_EDIT)
        return s->phase == SCHEDULE_ANNOUNCED && makes_anew(job);
    if (job->method == JOB_SCHEDULE_SKIP)
        return s->phase == SCHEDULE_ANNOUNCED && !skip_key_was_used(s, job);
    return is_to_end(job) && (s->phase == SCHEDULE_ANNOUNCED || s->phase == SCHEDULE_RUNNING);
}

static struct problem *copy_of(const struct problem *p)
{
    struct problem *copy = NULL;
    json_t *json = NULL;
    struct buf text;

    buf_init(&text, LIMIT_JSON_TEXT);
    if (problem_text(p, NULL, &text) == 0)
        json = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
    buf_fini(&text);
    if (json)
        copy = problem_parse(json);
    json_decref(json);
    return copy;
}

/* Nothing was changed. */
static void on_call_ended(void *ctx, const struct job *answer)
{
    struct schedule *s = ctx;
    struct job *job = take_asked(s);

    if (!job)
        return;
    if (answer->problem && problem_slug_of(answer->problem) != PROBLEM_NOT_FOUND) {
        struct problem *p = copy_of(answer->problem);
        problem_set_retry_after(p, problem_retry_after(answer->problem));
        op_reply_problem(job, p);
        schedule_put(s, 0);
        return;
    }
    carry_out(s, job, true);
}

/* Nothing is ended for words that cannot be. */
static bool can_be(const struct schedule *s, const struct job *job, struct problem **problem)
{
    struct schedule_spec spec;
    int64_t now;

    *problem = NULL;
    if (job->method != JOB_SCHEDULE_EDIT)
        return true;
    if (read_change(s, job, &spec, &now, problem) != 0)
        return false;
    schedule_spec_fini(&spec);
    return true;
}

/* One that changed nothing leaves the rest to the next look. */
void schedule_serve(struct schedule *s)
{
    struct job *job = s->pending;
    struct problem *problem = NULL;
    int64_t id = s->id;
    struct schedules *room = s->room;

    s->pending = job->next;
    job->next = NULL;
    if (!is_in_the_way(s, job)) {
        carry_out(s, job, false);
    } else if (!can_be(s, job, &problem) || !accounts_select(&room->worker->accounts, job, &problem)) {
        op_reply_problem(job, problem);
    } else {
        s->asked = job;
        if (schedule_ask_end(s, on_call_ended) != 0)
            op_reply_no_memory(take_asked(s));
    }
    s = schedules_find_id(room, id);
    if (s && !schedule_is_busy(s))
        schedule_put(s, 0);
}

/* --- the operations --- */

void op_schedule_skip(struct worker *w, struct job *job)
{
    struct schedule *s = op_schedule_find(w, job);

    if (!s)
        return;
    skip_key_note(job);
    wait_in_line(s, job);
}

void op_schedule_delete(struct worker *w, struct job *job)
{
    struct schedule *s = op_schedule_find(w, job);

    if (s)
        wait_in_line(s, job);
}

struct schedule_moving {
    struct worker *worker;
    struct job *job;
    char account[DIRECTORY_NAME_MAX];
};

static void on_resolved(void *ctx, const struct tg_resolved *resolved)
{
    struct schedule_moving m = *(struct schedule_moving *)ctx;
    int64_t peer;

    free(ctx);
    if (!op_schedule_take_peer(m.worker, m.job, m.account, resolved, &peer))
        return;
    if (json_object_set_new(m.job->body, "peer", json_integer(peer)) < 0) {
        op_reply_no_memory(m.job);
        return;
    }
    struct schedule *s = op_schedule_find(m.worker, m.job);
    if (s)
        wait_in_line(s, m.job);
}

static void resolve(struct worker *w, struct job *job)
{
    struct problem *problem = NULL;
    struct tg_account *account = accounts_select(&w->accounts, job, &problem);
    struct schedule_moving *m = account ? malloc(sizeof(*m)) : NULL;
    struct fault fault = {0};

    if (!m) {
        op_reply_problem(job, problem);
        return;
    }
    *m = (struct schedule_moving){.worker = w, .job = job};
    snprintf(m->account, sizeof(m->account), "%s", tg_account_name(account));
    int err = tg_resolve_json(account, json_object_get(job->body, "peer"), job->deadline_us, on_resolved, m, &fault);
    if (err) {
        free(m);
        op_reply_problem(job, err == TGC_EINVAL ? op_problem_bad_peer(&fault) : NULL);
    }
}

void op_schedule_edit(struct worker *w, struct job *job)
{
    struct schedule *s = op_schedule_find(w, job);

    if (!s)
        return;
    if (json_object_get(job->body, "peer"))
        resolve(w, job);
    else
        wait_in_line(s, job);
}
