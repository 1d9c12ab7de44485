/* What nobody wants any more, and may be there, is taken back before the next occurrence is taken up: a scheduled call
 * that stays would stand in its way. */
#include <stdlib.h>

#include "daemon/base/log.h"
#include "daemon/worker/schedule_internal.h"

/* Its words have the chat, which the schedule may have another of meanwhile. */
void schedule_take_back(struct schedule *s)
{
    if (!s->order)
        s->order = json_pack("{s:I, s:I}", "peer", (json_int_t)s->spec.peer, "schedule_date", (json_int_t)s->at);
    s->phase = SCHEDULE_BACK;
    schedule_forget_trouble(s);
}

void schedule_leave(struct schedule *s)
{
    if (s->phase == SCHEDULE_MAKING &&
        (json_is_true(json_object_get(s->order, "again")) || schedule_withdraw(s) != OWN_JOB_NOTHING))
        schedule_take_back(s);
    else
        schedule_set_idle(s);
}

static void on_forgotten(struct schedule *s, const char *why_not)
{
    if (why_not) {
        schedule_stand_still(s, why_not);
    } else {
        schedule_settle(s);
        schedule_drop(s);
    }
}

static void end_back(struct schedule *s)
{
    if (!s->is_gone) {
        schedule_set_idle(s);
        schedule_keep(s);
        return;
    }
    schedule_spend(s);
    int err = schedule_unwrite(s, on_forgotten);
    if (err)
        schedule_stand_still(s, tgc_err_text(err));
}

static void warn(const struct schedule *s)
{
    log_warning("worker",
                "the schedule %s leaves a call in its chat, which nobody wants any more: that could not be ended",
                schedule_own_name(s));
}

void schedule_forget_back(struct schedule *s)
{
    warn(s);
    end_back(s);
}

/* That it is still there is said with the occurrence it was for. */
static void leave_call(struct schedule *s, const struct problem *p)
{
    warn(s);
    if (s->is_gone) {
        end_back(s);
        return;
    }
    int64_t at = s->at;
    if (json_integer_value(json_object_get(s->last, "at")) == at)
        json_object_set_new(s->last, "left", schedule_problem_json(p));
    schedule_set_idle(s);
    schedule_keep_and_tell(s, "left", at, SCHEDULE_NO_OUTCOME, 0);
}

static void on_discarded(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;

    if (schedule_is_left(s, job))
        return;
    if (!job->problem || problem_slug_of(job->problem) == PROBLEM_NOT_FOUND)
        end_back(s);
    else if (schedule_is_refused(s, job))
        leave_call(s, job->problem);
}

static void discard(struct schedule *s)
{
    if (schedule_ask_end(s, on_discarded) != 0)
        schedule_pause(s, 0);
}

/* --- which call it is, is not known --- */

static void find(struct schedule *s, int64_t call)
{
    s->call_id = call;
    schedule_keep(s);
}

static void on_made(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    struct schedule_made made;

    if (schedule_is_left(s, job))
        return;
    if (job->problem && json_is_true(problem_member(job->problem, "executed")))
        leave_call(s, job->problem);
    else if (job->problem && schedule_is_refused(s, job))
        end_back(s);
    else if (job->problem)
        return;
    else if (schedule_read_made(job, &made) && (!made.is_existing || schedule_is_own(s, &made)))
        find(s, made.call);
    else
        end_back(s);
}

/* By the same words, so that it hears of the same call. */
static void ask_again(struct schedule *s)
{
    schedule_ask_create(s, on_made);
}

/* --- how the chat stands --- */

/* True: ask_again() comes to what runs there, and not to another call. */
static bool may_be_own(const struct schedule *s, const struct schedule_chat *chat)
{
    const char *before = json_string_value(json_object_get(s->last, "call"));

    return !schedule_is_announcing(s) && chat->runs && !(before && strtoll(before, NULL, 10) == chat->call);
}

static void on_chat_read(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    struct schedule_chat chat;

    if (schedule_is_left(s, job))
        return;
    if (job->problem) {
        if (schedule_is_refused(s, job))
            leave_call(s, job->problem);
        return;
    }
    schedule_read_chat(job, &chat);
    bool waits = chat.call && !chat.runs;
    if (s->call_id && chat.call == s->call_id && (waits || !schedule_is_announcing(s)))
        discard(s);
    else if (!s->call_id && waits && chat.schedule_date == s->at)
        find(s, chat.call);
    else if (!s->call_id && (s->rest == OWN_JOB_COMES || (s->rest == OWN_JOB_DOUBT && may_be_own(s, &chat))))
        ask_again(s);
    else
        end_back(s);
}

static void look_into_chat(struct schedule *s)
{
    if (schedule_ask_of_chat(s, on_chat_read) != 0)
        schedule_pause(s, 0);
}

void schedule_go_on_back(struct schedule *s)
{
    s->rest = s->call_id ? OWN_JOB_NOTHING : schedule_withdraw(s);
    look_into_chat(s);
}
