/* GET /v1/jobs, GET and DELETE /v1/jobs/{id}. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/bridge/mailbox.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"

enum { LIMIT_DEFAULT = 100 };

static bool is_visible(const struct job *job, const struct intent *i)
{
    return i->shown && accounts_name_is_visible(job, i->account);
}

static void reply_not_found(struct job *job)
{
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no such job, or it is more than a day old");

    problem_set_remedy(p, "GET /v1/jobs lists the jobs");
    op_reply_problem(job, p);
}

/* NULL: another worker has it, or nobody, and the job was seen to. */
static struct intent *find(struct worker *w, struct job *job)
{
    int64_t id = op_call_id(job);
    uint8_t name[DIRECTORY_INTENT] = {0};
    size_t owner = w->index;

    le64_store(name, (uint64_t)id);
    (void)directory_find_intent(w->config.workers->directory, name, &owner);
    if (owner != w->index) {
        int err = mailbox_pass(job, w->config.workers->mailboxes[owner]);
        if (err)
            op_reply_problem(job, err == TGC_EBUSY ? problem_new(PROBLEM_QUEUE_FULL, 0, "The queue to a worker is full")
                                                   : problem_stopping(true));
        return NULL;
    }
    struct intent *i = journal_find(w->journal, id);
    if (i && is_visible(job, i))
        return i;
    reply_not_found(job);
    return NULL;
}

static void tell(struct intent *i, struct job *job, const json_t *answer)
{
    const json_t *problem = json_object_get(answer, "problem"), *text = json_object_get(answer, "text");
    struct buf *out = &job->text;
    int err = 0;

    buf_reset(out);
    job_text_begin(i, out);
    if (problem) {
        buf_put_text(out, ",\"problem\":");
        err = json_dump_callback(problem, op_dump_to_buf, out, JSON_COMPACT);
    } else if (answer && !text) {
        struct problem *p = answer_problem_of_length();
        buf_put_text(out, ",\"problem\":");
        err = p ? problem_text(p, NULL, out) : TGC_ENOMEM;
        problem_free(p);
    } else if (json_string_length(text)) {
        buf_put_text(out, ",\"answer\":");
        buf_put(out, json_string_value(text), json_string_length(text));
    }
    buf_put_byte(out, '}');
    job->is_secret = i->is_secret;
    if (err || buf_err(out))
        op_reply_no_memory(job);
    else
        op_reply_text(job, 200);
}

/* What a request's own answer takes, the answer takes here. */
static bool may_hear(const struct intent *i, const struct job *job)
{
    return (i->scopes & ~job->scopes) == 0 && (!i->is_secret || job->scope_secrets);
}

void op_job_tell(struct intent *i, struct job *job)
{
    if (intent_is_over(i) && may_hear(i, job))
        answer_fetch(i, job, tell);
    else
        tell(i, job, NULL);
}

void op_job_get(struct worker *w, struct job *job)
{
    struct intent *i = find(w, job);

    if (!i)
        return;
    op_job_tell(i, job);
}

/* So does its end. */
static bool may_cancel(const struct intent *i, struct job *job)
{
    unsigned lacks = i->scopes & ~job->scopes;
    char text[SCOPE_TEXT_SIZE];

    if (!lacks)
        return true;
    scope_text(i->scopes, text);
    struct problem *p = problem_new(PROBLEM_FORBIDDEN, 0, "The token may not ask for such a job, nor cancel one");
    problem_print_remedy(p, "Use a token with: %s", text);
    op_reply_problem(job, p);
    return false;
}

void op_job_cancel(struct worker *w, struct job *job)
{
    struct intent *i = find(w, job);
    struct problem *p;

    if (!i || !may_cancel(i, job))
        return;
    if (i->is_ending || (!i->is_cancelled && !intent_cancel(i))) {
        p = problem_new(PROBLEM_JOB_ALREADY_SENT, 0,
                        intent_has_ended(i) ? "The job has ended" : "The job was sent, or may have been");
        problem_print_remedy(p, "Read GET /v1/jobs/%" PRId64 " for what came of it", i->id);
        op_reply_problem(job, p);
    } else if (intent_has_ended(i)) {
        op_job_tell(i, job);
    } else {
        i->canceller = job;
        intent_end_problem(i, problem_new(PROBLEM_CANCELLED, 0, "The job was cancelled before it was sent"), false);
    }
}

/* The newest first. */
static int put(struct job *job, const struct intent *i)
{
    char order[DIRECTORY_NAME_MAX];

    snprintf(order, sizeof(order), "%019" PRId64, INT64_MAX - i->created_us);
    int err = rows_begin(&job->rows, order, i->id);
    if (err)
        return err;
    job_text_begin(i, &job->rows.text);
    buf_put_byte(&job->rows.text, '}');
    return rows_end(&job->rows);
}

void op_job_list(struct worker *w, struct job *job)
{
    const json_t *given = json_object_get(job->query, "limit");
    const char *state = json_string_value(json_object_get(job->query, "state"));
    size_t limit = given ? (size_t)json_integer_value(given) : LIMIT_DEFAULT, n = 0;
    struct intent *last = w->journal->list ? w->journal->list->prev : NULL;
    int err = 0;

    for (struct intent *i = last; i && !err && n < limit; i = i == w->journal->list ? NULL : i->prev)
        if (is_visible(job, i) && (!state || strcmp(intent_state_text(i), state) == 0)) {
            err = put(job, i);
            n++;
        }
    if (err)
        op_reply_no_memory(job);
    else if (!op_pass_on(w, job))
        op_reply_rows(job, "jobs", limit);
}
