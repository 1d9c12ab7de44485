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
    struct problem *p = problem_new(PROBLEM_NOT_FOUND, 0, "there is no such job, or it is kept no more");

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

/* --- the list --- */

/* The newest first: its place as a text that sorts so, which is the cursor too. */
enum { PLACE_LEN = 32 };

static void place_of(const struct intent *i, char out[static PLACE_LEN + 1])
{
    snprintf(out, PLACE_LEN + 1, "%016" PRIx64 "%016" PRIx64, (uint64_t)(INT64_MAX - i->created_us),
             (uint64_t)(INT64_MAX - i->id));
}

static bool is_before(const struct intent *a, const struct intent *b)
{
    return a->created_us != b->created_us ? a->created_us > b->created_us : a->id > b->id;
}

/* The first MAX of those that were seen, in their order: a clock that was set back may have others come first. */
struct job_page {
    const struct intent **list;
    size_t n, max;
};

static void see(struct job_page *p, const struct intent *i)
{
    size_t at = p->n;

    while (at > 0 && is_before(i, p->list[at - 1]))
        at--;
    if (at == p->max)
        return;
    if (p->n < p->max)
        p->n++;
    memmove(p->list + at + 1, p->list + at, (p->n - at - 1) * sizeof(struct intent *));
    p->list[at] = i;
}

static int put(struct job *job, const struct intent *i)
{
    char place[PLACE_LEN + 1];

    place_of(i, place);
    int err = rows_begin(&job->rows, place, i->id);
    if (err)
        return err;
    job_text_begin(i, &job->rows.text);
    buf_put_byte(&job->rows.text, '}');
    return rows_end(&job->rows);
}

/* What has that place, there or not. */
static bool parse_place(const char *text, struct intent *ret)
{
    uint64_t created, id;

    if (strlen(text) != PLACE_LEN || strspn(text, "0123456789abcdef") != PLACE_LEN ||
        sscanf(text, "%16" SCNx64 "%16" SCNx64, &created, &id) != 2)
        return false;
    ret->created_us = (int64_t)((uint64_t)INT64_MAX - created);
    ret->id = (int64_t)((uint64_t)INT64_MAX - id);
    return true;
}

/* AFTER: NULL for all. */
static bool is_listed(const struct job *job, const struct intent *i, const char *state, const struct intent *after)
{
    return (!after || is_before(after, i)) && is_visible(job, i) &&
           (!state || strcmp(intent_state_text(i), state) == 0);
}

void op_job_list(struct worker *w, struct job *job)
{
    const json_t *given = json_object_get(job->query, "limit");
    const char *state = json_string_value(json_object_get(job->query, "state"));
    const char *cursor = json_string_value(json_object_get(job->query, "cursor"));
    size_t limit = given ? (size_t)json_integer_value(given) : LIMIT_DEFAULT;
    /* One more than is shown tells that there are more. */
    struct job_page page = {.list = calloc(limit + 1, sizeof(struct intent *)), .max = limit + 1};
    int err = page.list ? 0 : TGC_ENOMEM;
    const struct intent *first = w->journal->list;
    struct intent after = {0};

    if (cursor && !parse_place(cursor, &after)) {
        free(page.list);
        op_reply_bad_cursor(job);
        return;
    }
    for (const struct intent *i = first && !err ? first->prev : NULL; i; i = i == first ? NULL : i->prev)
        if (is_listed(job, i, state, cursor ? &after : NULL))
            see(&page, i);
    for (size_t k = 0; k < page.n && !err; k++)
        err = put(job, page.list[k]);
    free(page.list);
    if (err)
        op_reply_no_memory(job);
    else if (!op_pass_on(w, job))
        op_reply_page(job, "jobs", limit);
}
