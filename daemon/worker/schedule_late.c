/* It is too late for what is under way. */
#include <stdlib.h>

#include "daemon/worker/schedule_internal.h"

static void on_chat_read(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;
    const char *before = json_string_value(json_object_get(s->last, "call"));
    bool is_announced = s->phase == SCHEDULE_ANNOUNCED;
    struct schedule_chat chat;

    if (schedule_is_left(s, job))
        return;
    if (job->problem) {
        /* Where its start was not sent, nothing says that it runs. */
        bool is_sure = is_announced && !s->is_in_doubt;
        if (is_sure || schedule_is_refused(s, job))
            schedule_end_missed(s);
        return;
    }
    schedule_read_chat(job, &chat);
    bool is_another = !chat.call || (before && strtoll(before, NULL, 10) == chat.call);

    if (is_announced && chat.call == s->call_id && chat.runs)
        schedule_start_run(s, s->call_id, NULL);
    else if (is_announced || is_another)
        schedule_end_missed(s);
    else
        schedule_make(s);
}

/* What may have been carried out, though no answer says so, or by another hand, is looked for: a call that is there was
 * not missed, and is to be ended at its time. */
static void look_into_chat(struct schedule *s)
{
    if (schedule_ask_of_chat(s, on_chat_read) != 0)
        schedule_pause(s, 0);
}

static void give_up_making(struct schedule *s)
{
    switch (schedule_withdraw(s)) {
    case OWN_JOB_NOTHING:
        schedule_end_missed(s);
        break;
    case OWN_JOB_COMES:
        schedule_make(s);
        break;
    case OWN_JOB_DOUBT:
        look_into_chat(s);
        break;
    }
}

void schedule_give_up(struct schedule *s)
{
    if (s->phase == SCHEDULE_MAKING) {
        give_up_making(s);
    } else if (s->phase == SCHEDULE_ANNOUNCED) {
        look_into_chat(s);
    } else { /* it is to be ended no more */
        schedule_set_idle(s);
        schedule_keep_and_tell(s, "changed", 0, SCHEDULE_NO_OUTCOME, 0);
    }
}
