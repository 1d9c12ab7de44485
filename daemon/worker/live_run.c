/* What is asked for a wish: how the chat stands, another key for its stream, a call. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/worker/live_internal.h"
#include "daemon/worker/tell_stream_key.h"

/* A key of the journal's is good for a day. */
enum { ATTEMPT_MOST_S = 20 * 3600 };

static int64_t now_us(const struct live_wish *w)
{
    return clock_mono_us(w->live->worker->env.clock);
}

/* --- what went wrong --- */

enum outcome {
    OUTCOME_REFUSED, /* Telegram's word, which stands */
    OUTCOME_SPENT,   /* the attempt is over, and the next may do better */
    OUTCOME_AGAIN,   /* the same once more */
};

static bool says(const struct problem *p, const char *member)
{
    return json_is_true(problem_member(p, member));
}

/* What Telegram answered by its 406 was not carried out, though it is told by 409 as other conflicts are. */
static bool is_not_acceptable(const struct problem *p)
{
    return json_integer_value(json_object_get(problem_member(p, "telegram"), "code")) == 406;
}

static enum outcome outcome_of(const struct problem *p)
{
    if (!p)
        return OUTCOME_AGAIN;
    switch (problem_slug_of(p)) {
    case PROBLEM_TELEGRAM_REFUSED:
        /* The journal's random_id was used: a call was made by it, and is over. */
        return (problem_status(p) == 409 && !is_not_acceptable(p)) || says(p, "executed") ? OUTCOME_SPENT
                                                                                          : OUTCOME_REFUSED;
    case PROBLEM_PEER_UNKNOWN:
    case PROBLEM_NOT_IN_LAYER:
    case PROBLEM_INVALID_REQUEST:
    case PROBLEM_FORBIDDEN:
        return OUTCOME_REFUSED;
    case PROBLEM_IDEMPOTENCY_MISMATCH:
        return OUTCOME_SPENT;
    default:
        return says(p, "executed") ? OUTCOME_SPENT : OUTCOME_AGAIN;
    }
}

static void explain(struct live_wish *w, const struct problem *p)
{
    struct buf text;
    json_t *j = NULL;

    buf_init(&text, LIMIT_STORE_VALUE);
    if (p && problem_text(p, NULL, &text) == 0)
        j = json_loadb((const char *)text.data, text.len, JSON_ALLOW_NUL, NULL);
    const char *detail = json_string_value(json_object_get(j, "detail"));
    live_explain(w, detail ? detail : "the daemon was out of memory", json_string_value(json_object_get(j, "remedy")));
    json_decref(j);
    buf_fini(&text);
}

static void refuse(struct live_wish *w)
{
    w->is_refused = true;
    w->look_at_us = now_us(w) + (w->is_hinted ? LIVE_LOOK_LEAST_US : LIVE_LOOK_US);
}

static void pause(struct live_wish *w, int64_t retry_after_s)
{
    w->pause_until_us = now_us(w) + live_pause_us(w->tries++, retry_after_s);
}

/* --- what is asked --- */

static bool ask(struct live_wish *w, struct own_order *order, own_job_fn *answered)
{
    order->account = w->key.account;
    order->name = "live";
    w->is_asked = true;
    w->is_hinted = false;
    if (own_job_ask(w->live->worker, order, answered, w, &w->job) == 0)
        return true;
    w->is_asked = false;
    explain(w, NULL);
    pause(w, 0);
    live_put(w, 0);
    return false;
}

/* What was asked has its answer. False: the worker stops, and the next process goes on. */
static bool go_on(struct live_wish *w)
{
    w->is_asked = false;
    return !w->live->is_stopped && !w->live->worker->stopping;
}

/* --- a look --- */

static bool may(const struct live_wish *w, const json_t *j)
{
    return json_is_true(json_object_get(j, "can_create")) &&
           (!w->rtmp_stream || json_is_true(json_object_get(j, "can_stream")));
}

/* Telegram's own words of before stay. */
static void explain_lack(struct live_wish *w, const json_t *j)
{
    const json_t *lack = json_array_get(json_object_get(j, "missing"), 0);
    char text[LIVE_WHY_SIZE];

    if (w->why == LIVE_WHY_REFUSED && w->reason[0])
        memcpy(text, w->reason, sizeof(text));
    else
        snprintf(text, sizeof(text), "the account lacks a right in the chat: %s",
                 json_string_value(json_object_get(lack, "right")));
    live_explain(w, text, json_string_value(json_object_get(lack, "remedy")));
}

static void judge_look(struct live_wish *w, const json_t *j)
{
    const char *id = json_string_value(json_object_get(json_object_get(j, "running_call"), "id"));

    w->must_look = false;
    if (id && w->attempt.body) {
        int64_t call_id = strtoll(id, NULL, 10);
        w->attempt.is_in_doubt &= call_id != w->call_id;
        w->call_id = call_id;
    }
    if (may(w, j)) {
        w->pause_until_us = w->is_refused ? now_us(w) + live_refused_pause_us(w->refusals) : 0;
        w->is_refused = false;
    } else {
        explain_lack(w, j);
        refuse(w);
    }
}

static void on_looked(void *ctx, const struct job *job)
{
    struct live_wish *w = ctx;

    if (!go_on(w))
        return;
    if (!job->problem && job->status == 200) {
        json_t *j = json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
        judge_look(w, j);
        json_decref(j);
    } else if (outcome_of(job->problem) == OUTCOME_REFUSED) {
        explain(w, job->problem);
        refuse(w);
    } else {
        if (!w->is_refused)
            explain(w, job->problem);
        pause(w, job->problem ? problem_retry_after(job->problem) : 0);
    }
    live_put(w, 0);
}

void live_ask_look(struct live_wish *w)
{
    struct own_order order = {.method = JOB_PEER_PREFLIGHT, .path = live_path(w)};

    w->looked_at_us = now_us(w);
    (void)ask(w, &order, on_looked);
}

/* --- a create --- */

/* Nothing of it was done. */
static void give_up(struct live_wish *w)
{
    w->attempt.is_in_doubt = false;
    (void)live_settle(w);
}

static void fail(struct live_wish *w, const struct job *job)
{
    const struct problem *p = job->problem;

    explain(w, p);
    switch (outcome_of(p)) {
    case OUTCOME_REFUSED:
        give_up(w);
        w->refusals++;
        refuse(w);
        break;
    case OUTCOME_SPENT:
        live_end_attempt(w);
        pause(w, 0);
        break;
    case OUTCOME_AGAIN:
        w->attempt.is_in_doubt |= p && says(p, "sent");
        pause(w, p ? problem_retry_after(p) : 0);
        break;
    }
}

static void made(struct live_wish *w, int64_t call_id)
{
    w->call_id = call_id;
    w->attempt.is_in_doubt = true;
    if (live_settle(w)) {
        log_notice("worker", "account %s: a call was made anew in a chat that is kept live", w->key.account);
        live_set(w, LIVE_RUNNING, LIVE_WHY_NONE, 0, "recreated");
    }
}

/* Another one was there: what is found so and does not run is not asked for in a circle. */
static void found(struct live_wish *w, int64_t call_id)
{
    give_up(w);
    w->call_id = call_id;
    if (live_call(w))
        return;
    live_explain(w, "the chat's call ended in the moment when it was found", NULL);
    pause(w, 0);
}

static void on_created(void *ctx, const struct job *job)
{
    struct live_wish *w = ctx;

    if (!go_on(w))
        return;
    json_t *j = job->problem ? NULL : json_loadb((const char *)job->text.data, job->text.len, JSON_ALLOW_NUL, NULL);
    const char *id = json_string_value(json_object_get(json_object_get(j, "call"), "id"));
    if (!id)
        fail(w, job);
    else if (job->status == 201)
        made(w, strtoll(id, NULL, 10));
    else
        found(w, strtoll(id, NULL, 10));
    json_decref(j);
    live_put(w, 0);
}

static void create(struct live_wish *w)
{
    char key[LIVE_KEY_SIZE];
    struct own_order order = {.method = JOB_CALL_CREATE, .body = json_deep_copy(w->attempt.body), .key = key};

    live_key_of_create(w, w->number, key);
    (void)ask(w, &order, on_created);
}

/* --- another key for the stream, before the call that it is for --- */

static void on_rotated(void *ctx, const struct job *job)
{
    struct live_wish *w = ctx;
    const struct problem *p = job->problem;

    if (!go_on(w))
        return;
    if (!p && job->status == 200) {
        w->attempt.is_rotated = true;
        if (!w->is_going)
            create(w);
        return;
    }
    if (p && (says(p, "sent") || says(p, "executed"))) /* under another key: to do it twice does no harm */
        w->attempt.rotations++;
    explain(w, p);
    if (outcome_of(p) == OUTCOME_REFUSED) {
        give_up(w);
        w->refusals++;
        refuse(w);
    } else {
        pause(w, p ? problem_retry_after(p) : 0);
    }
    live_put(w, 0);
}

static void rotate(struct live_wish *w)
{
    char key[LIVE_KEY_SIZE];
    struct own_order order = {.method = JOB_PEER_RTMP,
                              .path = live_path(w),
                              .body = json_pack("{s:b, s:s}", "revoke", 1, STREAM_KEY_ROTATED_BY, "live"),
                              .key = key};

    live_key_of_rotation(w, w->number, w->attempt.rotations, key);
    (void)ask(w, &order, on_rotated);
}

/* --- an attempt begins, or goes on --- */

static void run(struct live_wish *w)
{
    if (w->rotate_key && w->rtmp_stream && w->attempt.counts && !w->attempt.is_rotated)
        rotate(w);
    else
        create(w);
}

static void on_written(struct live *live, struct live_wish *w, void *ctx, const char *why_not)
{
    int64_t number = *(int64_t *)ctx;

    free(ctx);
    /* Another one may have taken its place. */
    if (!w || live->is_stopped || w->number != number)
        return;
    w->is_asked = false;
    if (w->is_going)
        return;
    if (!why_not) {
        run(w);
        return;
    }
    give_up(w);
    live_explain(w, "that a call is to be made could not be written down", why_not);
    pause(w, 0);
    live_put(w, 0);
}

static json_t *body_of(const struct live_wish *w)
{
    return json_pack("{s:I, s:O*, s:b, s:s}", "peer", (json_int_t)live_marked_id(w), "title", w->title, "rtmp_stream",
                     (int)w->rtmp_stream, "if_exists", "return");
}

static void push_time(struct live_wish *w, int64_t at_s)
{
    if (w->times_n == LIVE_PER_HOUR_MAX)
        memmove(w->times_s, w->times_s + 1, --w->times_n * sizeof(w->times_s[0]));
    w->times_s[w->times_n++] = at_s;
}

void live_ask_create(struct live_wish *w)
{
    struct live_attempt *a = &w->attempt;
    int64_t now_s = live_now_s(w);

    if (a->body && a->at_s + ATTEMPT_MOST_S < now_s)
        live_end_attempt(w);
    if (a->body) {
        run(w);
        return;
    }
    *a = (struct live_attempt){.body = body_of(w), .at_s = now_s, .counts = w->call_id != 0};
    int64_t *number = malloc(sizeof(*number));
    if (!a->body || !number) {
        free(number);
        json_decref(a->body);
        *a = (struct live_attempt){0};
        explain(w, NULL);
        pause(w, 0);
        live_put(w, 0);
        return;
    }
    *number = w->number;
    if (a->counts)
        push_time(w, now_s);
    w->is_asked = true;
    live_write(w, on_written, number);
}
