#include "tests/unit/worker/journal_bed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/worker/dispatch.h"
#include "daemon/worker/op.h"
#include "daemon/worker/records_internal.h"
#include "tests/unit/worker/fixture.h"

enum { ATTEMPTS_MAX = 64, LOADS_MAX = 1000 };

struct worker *bed_worker;
struct fake_net bed_net;
size_t attempts_n, attempts_begun;
struct job *attempts[ATTEMPTS_MAX];

static struct records records;

/* --- the worker --- */

static void begin(int64_t wall_us)
{
    fake_net_init(&bed_net);
    bed_net.clock.wall_us = wall_us ? wall_us : bed_net.clock.wall_us;
    bed_worker = bare_worker_on(bed_net.loop, &bed_net.clock.source);
    account_in(bed_worker, "anna", TG_ACCOUNT_READY);
    records = (struct records){.loads_n = LOADS_MAX};
    bed_worker->records = &records;
    attempts_n = attempts_begun = 0;
    ck_assert_int_eq(journal_new(bed_worker, &bed_worker->journal), 0);
}

static void end(void)
{
    journal_free(bed_worker->journal);
    bare_worker_free(bed_worker);
}

void bed_set_up(void)
{
    disk_set_up();
    begin(0);
}

static void take_out(size_t i)
{
    memmove(attempts + i, attempts + i + 1, (--attempts_n - i) * sizeof(attempts[0]));
}

void bed_tear_down(void)
{
    disk_run();
    bed_worker->stopping = true; /* or what times out begins anew */
    while (attempts_n)
        attempt_times_out(true);
    disk_run();
    journal_stop(bed_worker->journal);
    disk_tear_down();
    ck_assert(journal_is_kept(bed_worker->journal));
    end();
}

void bed_kill_and_load(int *ret_err)
{
    struct intent *i;
    int64_t wall_us = bed_net.clock.wall_us;

    disk_lose();
    while (attempts_n) {
        free(attempts[0]->done_ctx);
        job_free(attempts[0]);
        take_out(0);
    }
    DL_FOREACH (bed_worker->journal->list, i) {
        job_free(intent_take_waiter(i));
        job_free(i->canceller);
        i->canceller = NULL;
    }
    end();
    begin(wall_us);
    disk_set_mood(DISK_WRITES);
    journal_load(bed_worker->journal, "");
    journal_load(bed_worker->journal, "anna");
    disk_run();
    ck_assert_uint_eq(records.loads_n, LOADS_MAX - 2);
    *ret_err = records.load_err;
}

void bed_kill(void)
{
    int err;

    bed_kill_and_load(&err);
    ck_assert_int_eq(err, 0);
    journal_go_on(bed_worker->journal);
    disk_run();
}

/* --- clients --- */

static void on_answer(struct job *job)
{
    struct client *c = job->done_ctx;
    struct buf text;

    ck_assert(!c->is_answered);
    c->is_answered = true;
    c->status = job->problem ? problem_status(job->problem) : job->status;
    c->retry_after = job->problem ? problem_retry_after(job->problem) : 0;
    c->is_replayed = job->is_replayed;
    memcpy(c->location, job->location, sizeof(c->location));
    buf_init(&text, sizeof(c->text));
    if (job->problem)
        ck_assert_int_eq(problem_text(job->problem, NULL, &text), 0);
    else
        ck_assert_int_eq(buf_put(&text, job->text.data, job->text.len), 0);
    snprintf(c->text, sizeof(c->text), "%.*s", (int)text.len, (const char *)text.data);
    buf_fini(&text);
    job_free(job);
}

static struct job *job_of(struct client *c, enum job_method method, json_t *path, json_t *body)
{
    struct job *job = job_new(method, path, NULL, body);

    ck_assert_ptr_nonnull(job);
    *c = (struct client){0};
    job->done = on_answer;
    job->done_ctx = c;
    job->client_left = &c->has_left;
    job->scopes = UINT32_MAX;
    job->deadline_us = bed_net.clock.mono_us + bed_worker->env.request_timeout_us;
    return job;
}

static void take(struct job *job, const char *key, int prefer)
{
    struct job_terms *t = calloc(1, sizeof(*t));

    job->terms = t;
    snprintf(t->token, sizeof(t->token), "token");
    snprintf(t->token_id, sizeof(t->token_id), "0123");
    snprintf(t->key, sizeof(t->key), "%s", key ? key : "");
    t->is_async = prefer == PREFER_ASYNC;
    t->has_wait = prefer >= 0;
    t->wait_s = prefer >= 0 ? prefer : 0;
    snprintf(job->account, sizeof(job->account), "anna");
    journal_take(bed_worker, job);
}

static json_t *path_of(int64_t id)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, id);
    return id ? json_pack("{s:s}", "id", text) : NULL;
}

void bed_ask(struct client *c, enum job_method method, const char *key, int prefer, int64_t id)
{
    take(job_of(c, method, path_of(id), NULL), key, prefer);
}

void bed_create(struct client *c, const char *key, int prefer, const char *peer)
{
    take(job_of(c, JOB_CALL_CREATE, NULL, json_pack("{s:s}", "peer", peer)), key, prefer);
}

void bed_invite(struct client *c, const char *key, int prefer)
{
    take(job_of(c, JOB_CALL_INVITE, path_of(7), json_pack("{s:[s]}", "users", "@bobby")), key, prefer);
}

void bed_get_job(struct client *c, int64_t id)
{
    op_job_get(bed_worker, job_of(c, JOB_JOB_GET, path_of(id), NULL));
    disk_run();
}

void bed_cancel_job(struct client *c, int64_t id)
{
    op_job_cancel(bed_worker, job_of(c, JOB_JOB_CANCEL, path_of(id), NULL));
    disk_run();
}

void bed_list_jobs(struct client *c, int limit, const char *cursor)
{
    struct job *job = job_of(c, JOB_JOB_LIST, NULL, NULL);

    json_object_set_new(job->query, "limit", json_integer(limit));
    if (cursor)
        json_object_set_new(job->query, "cursor", json_string(cursor));
    op_job_list(bed_worker, job);
}

const char *client_says(const struct client *c, const char *member)
{
    static char texts[4][256];
    static unsigned turn;
    char *out = texts[turn++ % 4];
    json_t *j = json_loads(c->text, 0, NULL);
    const json_t *value = json_object_get(j, member);

    ck_assert(c->is_answered);
    out[0] = '\0';
    if (json_is_string(value))
        snprintf(out, sizeof(texts[0]), "%s", json_string_value(value));
    else if (value)
        out[json_dumpb(value, out, sizeof(texts[0]) - 1, JSON_ENCODE_ANY)] = '\0';
    json_decref(j);
    return out;
}

int64_t bed_job_of(const struct client *c)
{
    const char *text = client_says(c, "job");

    if (!text[0])
        text = client_says(c, "id");
    ck_assert_msg(text[0], "no job in %s", c->text);
    return strtoll(text, NULL, 10);
}

/* --- attempts --- */

static void begin_attempt(struct worker *w, struct job *job)
{
    ck_assert_ptr_eq(w, bed_worker);
    ck_assert_uint_lt(attempts_n, ATTEMPTS_MAX);
    attempts[attempts_n++] = job;
    attempts_begun++;
}

op_fn *dispatch_find(enum job_method method)
{
    (void)method;
    return begin_attempt;
}

struct job *attempt(void)
{
    ck_assert_uint_gt(attempts_n, 0);
    return attempts[attempts_n - 1];
}

static struct job *end_attempt(void)
{
    struct job *job = attempt();

    attempts_n--;
    return job;
}

void attempt_wants(int32_t random_id)
{
    struct tg_gate *gate = attempt()->gate;

    gate->random_id = random_id;
    gate->is_asked = true;
    gate->wanted(gate);
}

bool attempt_may_go(void)
{
    return attempt()->gate->is_open && !attempt()->gate->is_shut;
}

void attempt_goes(void)
{
    ck_assert(attempt_may_go());
    attempt()->gate->is_out = true;
}

void attempt_answers(int status, const char *text)
{
    struct job *job = end_attempt();

    ck_assert_int_eq(buf_put_text(&job->text, text), 0);
    op_reply_text(job, status);
}

static void refuse(struct problem *p)
{
    op_reply_problem(end_attempt(), p);
}

void attempt_refused(const char *message)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_REFUSED, 400, "Telegram refused");

    problem_put(p, "telegram", json_pack("{s:i, s:s}", "code", 400, "message", message));
    refuse(p);
}

void attempt_has_to_wait(int64_t seconds)
{
    struct problem *p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram asks to wait");

    problem_set_retry_after(p, seconds);
    refuse(p);
}

void attempt_times_out(bool sent)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0, "Telegram did not answer in time");

    problem_put(p, "sent", json_boolean(sent));
    refuse(p);
}
