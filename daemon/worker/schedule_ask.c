/* What a schedule asks, by jobs of the daemon's own, and whether an answer stands or is waited out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/worker/schedule_internal.h"

int schedule_ask(struct schedule *s, enum job_method method, json_t *path, json_t *body, const char *key,
                 own_job_fn *answered)
{
    char name[80];
    struct own_order order = {
        .method = method, .account = s->owner->account, .path = path, .body = body, .key = key, .name = name};

    snprintf(name, sizeof(name), "schedule-%s", s->name);
    due_drop(&s->room->line, &s->due);
    return own_job_ask(s->room->worker, &order, answered, s, &s->own);
}

static bool is_known(const struct schedule *s)
{
    struct tg_account *a = accounts_find(&s->room->worker->accounts, s->owner->account);

    return !a || tg_calls_find(tg_account_calls(a), s->call_id);
}

static int ask_of_known(struct schedule *s, enum job_method method, own_job_fn *answered)
{
    char id[24];

    snprintf(id, sizeof(id), "%" PRId64, s->call_id);
    json_t *path = json_pack("{s:s}", "id", id);
    return path ? schedule_ask(s, method, path, NULL, NULL, answered) : TGC_ENOMEM;
}

static void on_looked(void *ctx, const struct job *job)
{
    struct schedule *s = ctx;

    if (job->problem) {
        s->then(s, job);
    } else if (ask_of_known(s, s->then_method, s->then) != 0) {
        struct job *client = s->asked;
        s->asked = NULL;
        if (client)
            op_reply_no_memory(client);
        schedule_put(s, SECOND_US);
    }
}

int schedule_ask_of_chat(struct schedule *s, own_job_fn *answered)
{
    const json_t *asked = json_object_get(s->order, "peer");
    char peer[24];

    snprintf(peer, sizeof(peer), "%" PRId64, asked ? (int64_t)json_integer_value(asked) : s->spec.peer);
    json_t *path = json_pack("{s:s}", "peer", peer);
    return path ? schedule_ask(s, JOB_PEER_PREFLIGHT, path, NULL, NULL, answered) : TGC_ENOMEM;
}

void schedule_read_chat(const struct job *job, struct schedule_chat *ret)
{
    json_t *answer = json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
    const json_t *call = json_object_get(answer, "running_call");
    const char *id = json_string_value(json_object_get(call, "id")),
               *state = json_string_value(json_object_get(call, "state"));

    *ret = (struct schedule_chat){.call = id ? strtoll(id, NULL, 10) : 0,
                                  .schedule_date = json_integer_value(json_object_get(call, "schedule_date")),
                                  .runs = id && state && strcmp(state, "scheduled") != 0};
    json_decref(answer);
}

/* The record of a call follows a moment after its answer: where a kill came in between, the account learns of the call
 * from its chat first. */
int schedule_ask_of_call(struct schedule *s, enum job_method method, own_job_fn *answered)
{
    if (is_known(s))
        return ask_of_known(s, method, answered);
    s->then = answered;
    s->then_method = method;
    return schedule_ask_of_chat(s, on_looked);
}

int schedule_ask_end(struct schedule *s, own_job_fn *answered)
{
    return schedule_ask_of_call(s, JOB_CALL_DISCARD, answered);
}

/* What may come right by itself. */
static bool is_passing(const struct problem *p)
{
    static const enum problem_slug slugs[] = {
        PROBLEM_ACCOUNT_NOT_READY,       PROBLEM_FLOOD_WAIT,       PROBLEM_RATE_LIMITED,
        PROBLEM_TELEGRAM_UNAVAILABLE,    PROBLEM_TELEGRAM_TIMEOUT, PROBLEM_QUEUE_FULL,
        PROBLEM_IDEMPOTENCY_IN_PROGRESS, PROBLEM_INTERNAL,         PROBLEM_NOT_READY,
        PROBLEM_DATABASE_AWAY,           PROBLEM_CANCELLED};

    for (size_t i = 0; i < sizeof(slugs) / sizeof(slugs[0]); i++)
        if (problem_slug_of(p) == slugs[i])
            return true;
    return false;
}

static void remember(struct schedule *s, const struct problem *p)
{
    json_t *json = schedule_problem_json(p);
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

    json_decref(json);
    if (!text)
        return;
    free(s->why);
    s->why = text;
}

void schedule_pause(struct schedule *s, int64_t retry_after_s)
{
    int64_t wait_us = schedule_pause_us(s->tries++, retry_after_s);
    int64_t left_us = (s->at + schedule_late_max(s) + 1) * SECOND_US - schedule_now_us(s);

    /* Where it will be too late by then, that is said in time. */
    bool can_be_late = s->phase == SCHEDULE_MAKING || s->phase == SCHEDULE_ANNOUNCED;
    schedule_put(s, can_be_late && left_us > 0 && left_us < wait_us ? left_us : wait_us);
    if (s->pending)
        schedule_serve(s);
}

/* True: it stands for what was asked, and is none that passes. */
bool schedule_is_refused(struct schedule *s, const struct job *job)
{
    if (!is_passing(job->problem))
        return true;
    remember(s, job->problem);
    schedule_pause(s, problem_retry_after(job->problem));
    return false;
}

/* The daemon stops, and the next one asks again. */
bool schedule_is_left(const struct schedule *s, const struct job *job)
{
    return s->room->is_stopped || s->room->worker->stopping ||
           (job->problem && problem_slug_of(job->problem) == PROBLEM_STOPPING);
}
