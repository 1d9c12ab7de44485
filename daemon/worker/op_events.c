/* Events that are no longer in memory, for who reads the log. */
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/op.h"

#include "daemon/worker/op_unkept.h"

static void on_page(void *ctx, int err, const char *why, struct event **list, size_t n, uint64_t up_to)
{
    struct job *job = ctx;

    if (!err && n) {
        job->events = malloc(n * sizeof(struct event *));
        if (!job->events) {
            for (size_t i = 0; i < n; i++)
                event_drop(list[i]);
            op_reply_no_memory(job);
            return;
        }
        memcpy(job->events, list, n * sizeof(struct event *));
        job->events_n = n;
    }
    if (err) {
        const struct op_unkept u = {
            .err = err, .why = why, .mend = "Look at the state directory: its disk may be damaged"};
        op_reply_problem(job, op_unkept(&u, "the event log cannot be read"));
        return;
    }
    job->events_up_to = up_to;
    job->status = 200;
    job_reply(job);
}

void op_events_read(struct worker *w, struct job *job)
{
    json_int_t after = json_integer_value(json_object_get(job->query, "after"));
    json_int_t limit = json_integer_value(json_object_get(job->query, "limit"));

    int err =
        event_log_read(w->event_log, after > 0 ? (uint64_t)after : 0,
                       limit > 0 && limit < EVENT_LOG_PAGE_MAX ? (size_t)limit : EVENT_LOG_PAGE_MAX, on_page, job);
    if (err == TGC_ELIMIT) {
        struct problem *p = problem_new(PROBLEM_QUEUE_FULL, 0, "The event log's disk does not keep up");
        problem_set_retry_after(p, 1);
        op_reply_problem(job, p);
    } else if (err) {
        op_reply_no_memory(job);
    }
}
