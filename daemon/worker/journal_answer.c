/* What an intent was answered, as it is kept and as it is told again; and the job that it is. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/op_unkept.h"
#include "daemon/worker/records.h"

/* As a JSON string it is at most twice as long, and with its seal it has to fit one row. */
enum { ANSWER_MAX = LIMIT_STORE_VALUE / 2 - 1024 };

static json_t *json_of_problem(const struct problem *p)
{
    struct buf text;
    json_t *json = NULL;

    buf_init(&text, LIMIT_JSON_TEXT);
    if (problem_text(p, NULL, &text) == 0)
        json = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
    buf_fini(&text);
    return json;
}

json_t *answer_of(const struct job *job)
{
    if (job->problem)
        return json_pack("{s:i, s:I, s:o}", "status", problem_status(job->problem), "retry_after",
                         (json_int_t)problem_retry_after(job->problem), "problem", json_of_problem(job->problem));
    json_t *o = json_pack("{s:i, s:s, s:b}", "status", job->status, "location", job->location, "secret",
                          (int)job_answer_is_secret(job));
    if (o && job->text.len <= ANSWER_MAX)
        json_object_set_new(o, "text", json_stringn((const char *)job->text.data, job->text.len));
    return o;
}

/* It is kept, and comes with the database. */
static struct problem *problem_of_away(const struct intent *i, const char *why)
{
    const struct op_unkept u = {.err = TGC_EAWAY, .why = why, .state = "The answer is kept"};
    struct problem *p = op_unkept(&u, "The answer cannot be read");

    if (i->state == INTENT_DONE)
        problem_put(p, "executed", json_true());
    return p;
}

static struct problem *problem_of_lost(const struct intent *i)
{
    struct problem *p = problem_new(PROBLEM_INTERNAL, 0, "The answer could not be kept, or cannot be read");

    if (i && i->state == INTENT_DONE) {
        problem_put(p, "executed", json_true());
        problem_set_remedy(p, "It was done: look at what it made");
    } else {
        problem_set_remedy(p, "Look whether it was done before it is repeated");
    }
    return p;
}

struct problem *answer_problem_of_length(void)
{
    struct problem *p = problem_new(PROBLEM_ANSWER_LOST, 0, "The answer could not be kept: it is too long");

    problem_put(p, "executed", json_true());
    return p;
}

void answer_give(struct job *job, const json_t *answer)
{
    const json_t *text = json_object_get(answer, "text"), *problem = json_object_get(answer, "problem");
    const char *location = json_string_value(json_object_get(answer, "location"));
    struct problem *p;

    if (problem) {
        p = problem_parse(problem);
        problem_set_retry_after(p, json_integer_value(json_object_get(answer, "retry_after")));
        op_reply_problem(job, p);
        return;
    }
    if (!text) {
        op_reply_problem(job, answer_problem_of_length());
        return;
    }
    buf_reset(&job->text);
    job->is_secret = json_is_true(json_object_get(answer, "secret"));
    if (location)
        snprintf(job->location, sizeof(job->location), "%s", location);
    if (buf_put(&job->text, json_string_value(text), json_string_length(text)) != 0)
        op_reply_no_memory(job);
    else
        op_reply_text(job, (int)json_integer_value(json_object_get(answer, "status")));
}

/* --- from the store --- */

struct fetch {
    struct journal *journal;
    int64_t id;
    struct job *job;
    answer_tell_fn *tell;
};

static void on_fetched(void *ctx, int err, const char *why, const char *text, size_t len)
{
    struct fetch f = *(struct fetch *)ctx;
    struct intent *i = journal_find(f.journal, f.id);
    json_t *answer = !err && text ? json_loadb(text, len, JSON_ALLOW_NUL, NULL) : NULL;

    free(ctx);
    f.journal->asked_n--;
    if (i && answer)
        f.tell(i, f.job, answer);
    else if (i && err == TGC_EAWAY)
        op_reply_problem(f.job, problem_of_away(i, why));
    else
        op_reply_problem(f.job, problem_of_lost(i));
    json_decref(answer);
}

void answer_fetch(struct intent *i, struct job *job, answer_tell_fn *tell)
{
    struct journal *j = i->journal;
    struct fetch *f;

    if (i->answer) {
        tell(i, job, i->answer);
        return;
    }
    f = j->worker->records ? malloc(sizeof(*f)) : NULL;
    if (f)
        *f = (struct fetch){j, i->id, job, tell};
    if (!f || store_load_intent_answer(records_desk(j->worker->records), i->id, on_fetched, f) != 0) {
        free(f);
        op_reply_problem(job, problem_of_lost(i));
        return;
    }
    j->asked_n++;
}

/* --- a job --- */

const char *intent_state_text(const struct intent *i)
{
    static const char *const names[] = {"queued", "running", "waiting", "done", "failed", "failed"};

    return names[i->is_ending ? INTENT_RUNNING : i->state];
}

void job_text_begin(const struct intent *i, struct buf *out)
{
    buf_printf(out, "{\"id\":\"%" PRId64 "\",\"request\":\"%s\",\"state\":\"%s\",\"created_at\":%" PRId64, i->id,
               job_method_text(i->method), intent_state_text(i), i->created_us / SECOND_US);
    if (i->account[0])
        buf_printf(out, ",\"account\":\"%s\"", i->account);
    if (i->state == INTENT_WAITING)
        buf_printf(out, ",\"until\":%" PRId64, (i->until_us + SECOND_US - 1) / SECOND_US);
    if (intent_is_over(i) && i->status)
        buf_printf(out, ",\"status\":%d", i->status);
}
