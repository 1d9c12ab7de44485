#include "tests/unit/worker/schedule_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "daemon/tg/account/gate.h"
#include "daemon/worker/dispatch.h"
#include "daemon/worker/op.h"
#include "daemon/worker/schedule_internal.h"

/* A call that nobody ends runs so long. One that nobody starts is there for ever. */
#define PEOPLE_STAY_US (3600 * SECOND_US)
enum { DATE_AHEAD_S = 10 };

struct deed {
    struct worker *worker;
    struct job *job;
    enum deed_state { DEED_LOOKS, DEED_WAITS, DEED_IS_UNHEARD } state; /* WAITS: for its gate */
    struct deed *prev, *next;
};

struct world_odds world_odds;
unsigned world_forbade;
bool world_is_ready, world_is_another_users, world_knows_time;
int64_t world_passed_us, world_off_s;
struct world_call *world_calls;

static struct deed *deeds;
static uint64_t chance_state;
static int64_t last_id, latest_s;

/* --- chance --- */

static uint64_t draw(void) /* splitmix64 */
{
    uint64_t z = chance_state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

unsigned world_chance(unsigned n)
{
    return (unsigned)(draw() % n);
}

static bool strikes(unsigned n)
{
    return n && !world_chance(n);
}

/* --- calls --- */

static int64_t wall_s(const struct deed *d)
{
    return clock_wall_us(d->worker->env.clock) / SECOND_US;
}

int64_t world_latest_s(const struct clock_source *clock)
{
    int64_t s = clock_wall_us(clock) / SECOND_US;

    return latest_s = s > latest_s ? s : latest_s;
}

bool world_has(const struct world_call *c)
{
    if (!c->id || c->ended_passed_us)
        return false;
    return !c->starts || strstr(c->title, "ended ") || world_passed_us < c->passed_us + PEOPLE_STAY_US;
}

static struct world_call *call_in(const struct deed *d, int64_t peer)
{
    for (struct world_call *c = world_calls; c; c = c->next)
        if (c->peer == peer && world_has(c))
            return c;
    return NULL;
}

static struct world_call *call_by(const struct deed *d)
{
    const char *id = json_string_value(json_object_get(d->job->path, "id"));

    for (struct world_call *c = world_calls; id && c; c = c->next)
        if (c->id == strtoll(id, NULL, 10))
            return world_has(c) ? c : NULL;
    return NULL;
}

static void run_call(const struct deed *d, struct world_call *c)
{
    if (c->starts)
        return;
    c->starts++;
    c->started_s = wall_s(d);
    c->passed_us = world_passed_us;
}

static int64_t peer_of(const struct deed *d)
{
    return json_integer_value(json_object_get(d->job->body, "peer"));
}

static int64_t random_id_of(const struct deed *d)
{
    return json_integer_value(json_object_get(d->job->body, "random_id"));
}

static struct world_call *find_asked(const struct deed *d)
{
    struct world_call *c;

    LL_FOREACH (world_calls, c)
        if (c->random_id == random_id_of(d) && c->peer == peer_of(d))
            return c;
    return NULL;
}

static void note_asked(const struct deed *d)
{
    struct world_call *c = find_asked(d);

    if (c)
        return;
    c = calloc(1, sizeof(*c));
    c->random_id = random_id_of(d);
    c->peer = peer_of(d);
    c->date = json_integer_value(json_object_get(d->job->body, "schedule_date"));
    snprintf(c->title, sizeof(c->title), "%s", json_string_value(json_object_get(d->job->body, "title")));
    c->asked_s = wall_s(d);
    c->asked_latest_s = world_latest_s(d->worker->env.clock);
    LL_PREPEND(world_calls, c);
}

static struct world_call *make_call(const struct deed *d)
{
    struct world_call *c = find_asked(d);

    ck_assert_ptr_nonnull(c);
    if (c->id)
        return c;
    c->id = ++last_id;
    if (!c->date)
        run_call(d, c);
    return c;
}

/* --- answers --- */

static struct job *end_deed(struct deed *d)
{
    struct job *job = d->job;

    DL_DELETE(deeds, d);
    free(d);
    return job;
}

static void answer_call(struct deed *d, int status, const struct world_call *c, bool is_existing)
{
    char text[256];

    snprintf(text, sizeof(text),
             "{\"call\":{\"id\":\"%" PRId64 "\",\"state\":\"%s\",\"schedule_date\":%" PRId64 "},\"existing\":%s}",
             c->id, c->starts ? "active" : "scheduled", c->date, is_existing ? "true" : "false");
    struct job *job = end_deed(d);
    ck_assert_int_eq(buf_put_text(&job->text, text), 0);
    op_reply_text(job, status);
}

static void answer_chat(struct deed *d)
{
    const struct world_call *c =
        call_in(d, strtoll(json_string_value(json_object_get(d->job->path, "peer")), NULL, 10));
    char text[256] = "{}";

    if (c)
        snprintf(text, sizeof(text),
                 "{\"running_call\":{\"id\":\"%" PRId64 "\",\"state\":\"%s\",\"schedule_date\":%" PRId64 "}}", c->id,
                 c->starts ? "active" : "scheduled", c->date);
    struct job *job = end_deed(d);
    ck_assert_int_eq(buf_put_text(&job->text, text), 0);
    op_reply_text(job, 200);
}

static void refuse(struct deed *d, struct problem *p)
{
    op_reply_problem(end_deed(d), p);
}

static void refuse_by_telegram(struct deed *d, const char *message)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_REFUSED, 400, "Telegram refused");

    problem_put(p, "telegram", json_pack("{s:i, s:s}", "code", 400, "message", message));
    refuse(d, p);
}

static void time_out(struct deed *d, bool is_sent)
{
    struct problem *p = problem_new(PROBLEM_TELEGRAM_TIMEOUT, 0, "Telegram did not answer in time");

    problem_put(p, "sent", json_boolean(is_sent));
    refuse(d, p);
}

static void wait_for_flood(struct deed *d)
{
    struct problem *p = problem_new(PROBLEM_FLOOD_WAIT, 0, "Telegram asks to wait");

    problem_set_retry_after(p, 1 + world_chance(20));
    refuse(d, p);
}

/* --- what is asked for --- */

static void carry_out(struct deed *d)
{
    enum job_method method = d->job->method;
    struct world_call *c = method == JOB_CALL_CREATE ? make_call(d) : call_by(d);
    bool is_heard = !strikes(world_odds.unheard);

    if (c && method == JOB_CALL_START) {
        run_call(d, c);
    } else if (c && method == JOB_CALL_DISCARD) {
        c->ends++;
        c->ended_passed_us = world_passed_us;
    }
    if (!is_heard)
        d->state = DEED_IS_UNHEARD;
    else if (c)
        answer_call(d, method == JOB_CALL_CREATE ? 201 : 200, c, false);
    else
        refuse(d, problem_new(PROBLEM_NOT_FOUND, 0, "there is no such call"));
}

static int64_t date_of(const struct deed *d)
{
    return json_integer_value(json_object_get(d->job->body, "schedule_date"));
}

static bool is_bad_date(const struct deed *d)
{
    return date_of(d) && date_of(d) < wall_s(d) + DATE_AHEAD_S;
}

static void forbid(struct deed *d)
{
    world_forbade++;
    refuse_by_telegram(d, "CHAT_ADMIN_REQUIRED");
}

static void note_start(const struct deed *d)
{
    struct world_call *c = d->job->method == JOB_CALL_START ? call_by(d) : NULL;

    if (c && !c->start_asked_s) {
        c->start_asked_s = wall_s(d);
        c->start_asked_latest_s = world_latest_s(d->worker->env.clock);
    }
}

static void send(struct deed *d)
{
    note_start(d);
    if (d->job->gate)
        d->job->gate->is_out = true;
    if (strikes(world_odds.lost))
        d->state = DEED_IS_UNHEARD;
    else if (strikes(world_odds.broken))
        refuse(d, problem_new(PROBLEM_TELEGRAM_UNAVAILABLE, 0, "Telegram is in trouble"));
    else if (strikes(world_odds.flood))
        wait_for_flood(d);
    else if (d->job->method == JOB_CALL_CREATE && !d->job->is_again && strikes(world_odds.forbidden))
        forbid(d);
    else if (d->job->method == JOB_CALL_CREATE && date_of(d) && !d->job->is_again && strikes(world_odds.moody))
        refuse_by_telegram(d, "CREATE_CALL_FAILED");
    else if (d->job->method == JOB_CALL_CREATE && is_bad_date(d) && !d->job->is_again)
        refuse_by_telegram(d, "SCHEDULE_DATE_INVALID");
    else
        carry_out(d);
}

static void look(struct deed *d)
{
    const struct world_call *there;

    if (!world_is_ready) {
        refuse(d, problem_new(PROBLEM_ACCOUNT_NOT_READY, 0, "the account is not there"));
    } else if (d->job->method == JOB_PEER_PREFLIGHT) {
        answer_chat(d);
    } else if (d->job->method == JOB_CALL_CREATE && !d->job->is_again && (there = call_in(d, peer_of(d))) != NULL) {
        answer_call(d, 200, there, true);
    } else if (d->job->gate) {
        d->state = DEED_WAITS;
        d->job->gate->random_id = (int32_t)random_id_of(d);
        d->job->gate->is_asked = true;
        note_asked(d);
        d->job->gate->wanted(d->job->gate);
    } else {
        send(d);
    }
}

/* --- one after another --- */

static bool is_out_of_time(const struct deed *d)
{
    return clock_mono_us(d->worker->env.clock) >= d->job->deadline_us;
}

static bool can(const struct deed *d)
{
    if (d->state == DEED_WAITS && (d->job->gate->is_open || d->job->gate->is_shut))
        return true;
    return d->state == DEED_LOOKS || is_out_of_time(d);
}

unsigned world_can(void)
{
    const struct deed *d;
    unsigned n = 0;

    DL_FOREACH (deeds, d)
        n += can(d);
    return n;
}

static void go_on(struct deed *d)
{
    if (is_out_of_time(d) || (d->state == DEED_WAITS && d->job->gate->is_shut))
        time_out(d, d->state == DEED_IS_UNHEARD);
    else if (d->state == DEED_WAITS)
        send(d);
    else
        look(d);
}

void world_step(void)
{
    unsigned n = world_can(), which = n ? world_chance(n) : 0;
    struct deed *d;

    DL_FOREACH (deeds, d)
        if (can(d) && which-- == 0) {
            go_on(d);
            return;
        }
}

int64_t world_due_us(void)
{
    int64_t due_us = INT64_MAX;
    const struct deed *d;

    DL_FOREACH (deeds, d)
        if (d->job->deadline_us < due_us)
            due_us = d->job->deadline_us;
    return due_us;
}

bool world_rests(void)
{
    return !deeds;
}

bool schedule_time(struct worker *w, const char *account, int64_t *ret)
{
    (void)account;
    *ret = clock_wall_us(w->env.clock) + (world_knows_time ? 0 : world_off_s * SECOND_US);
    return world_knows_time;
}

static void begin(struct worker *w, struct job *job)
{
    ck_assert(!world_is_another_users);
    /* What was asked for before, the journal goes on with. */
    ck_assert(world_knows_time || job->method == JOB_CALL_CREATE);
    struct deed *d = calloc(1, sizeof(*d));

    d->worker = w;
    d->job = job;
    DL_APPEND(deeds, d);
}

op_fn *dispatch_find(enum job_method method)
{
    return method == JOB_SCHEDULE_SKIP ? op_schedule_skip : begin;
}

void world_forget(void)
{
    struct deed *d, *next;

    DL_FOREACH_SAFE(deeds, d, next)
    {
        struct job *job = end_deed(d);
        free(job->done_ctx);
        job_free(job);
    }
}

void world_set_up(uint64_t seed)
{
    chance_state = seed;
    world_odds = (struct world_odds){0};
    world_forbade = 0;
    world_is_ready = world_knows_time = true;
    world_is_another_users = false;
    world_off_s = 0;
    world_passed_us = last_id = latest_s = 0;
    world_calls = NULL;
    deeds = NULL;
}

void world_tear_down(void)
{
    struct world_call *c, *next;

    LL_FOREACH_SAFE(world_calls, c, next)
    free(c);
    world_calls = NULL;
}
