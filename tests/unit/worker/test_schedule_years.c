/* Schedules live for years, with the process killed at any moment, answers lost, the account away and the clock set:
 * each occurrence is there once, in time, or it is told why not; never both. TGCALLD_SEED=N TGCALLD_YEARS=N ask for
 * another life than the usual one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "daemon/worker/journal_internal.h"
#include "daemon/worker/op.h"
#include "daemon/worker/records_internal.h"
#include "daemon/worker/schedule_internal.h"
#include "tests/support/fake_net.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/journal_disk.h"
#include "tests/unit/worker/schedule_disk.h"
#include "tests/unit/worker/schedule_suites.h"
#include "tests/unit/worker/schedule_world.h"

enum { LOADS_MAX = 1000, OCCURRENCES_MAX = 20000, LATE_SLACK_S = 5, JUMP_LOOK_S = 31, MARGIN_S = 30 * 86400 };
#define IDLE_MOST_US (6 * 3600 * SECOND_US)
#define BEGIN_S INT64_C(1803859200) /* 2027-03-01 */

static const struct {
    const char *name, *spec;
} specs[] = {
    {"once", "'at':1810000000,'announce':86400,'end_after':3600"},
    {"onceplain", "'at':1815000000"},
    {"gap", "'start':'2027-03-02T02:30:00','timezone':'Europe/Berlin','rrule':'FREQ=DAILY','late_max':60"},
    {"evening", "'start':'2027-03-02T20:00:00','timezone':'America/New_York','rrule':'FREQ=DAILY','announce':3600,"
                "'end_after':5400"},
    {"lesson", "'start':'2027-03-01T09:00:00','timezone':'Asia/Kolkata','rrule':'FREQ=WEEKLY;BYDAY=MO,WE,FR',"
               "'end_after':3600"},
    {"howe", "'start':'2027-03-02T01:45:00','timezone':'Australia/Lord_Howe','rrule':'FREQ=WEEKLY;BYDAY=SU,TU',"
             "'announce':172800"},
    {"last", "'start':'2027-03-31T12:00:00','timezone':'UTC','rrule':'FREQ=MONTHLY;BYMONTHDAY=31','end_after':60"},
    {"friday", "'start':'2027-03-26T17:00:00','timezone':'Europe/London','rrule':'FREQ=MONTHLY;BYDAY=-1FR',"
               "'announce':15,'end_after':600,'late_max':3600"},
    {"hours", "'start':'2027-03-02T00:00:00','timezone':'UTC','rrule':'FREQ=HOURLY;INTERVAL=5;COUNT=1500',"
              "'end_after':7200"},
    {"packed", "'start':'2027-06-01T00:00:00','timezone':'UTC','rrule':'FREQ=HOURLY;COUNT=800','end_after':7200,"
               "'late_max':7200"},
    {"leap", "'start':'2028-02-29T08:00:00','timezone':'America/Sao_Paulo','rrule':'FREQ=YEARLY'"},
    {"eager", "'start':'2027-03-02T10:00:00','timezone':'Pacific/Apia','rrule':'FREQ=DAILY','announce':691200,"
              "'end_after':1800"},
};
enum { SPECS_N = sizeof(specs) / sizeof(specs[0]) };

static struct life {
    uint64_t seed;
    struct schedule_spec spec;
    size_t n;
    struct occurrence {
        int64_t at;
        unsigned calls, starts, missed, existing, refused, gone, told, unseen, skipped;
    } list[OCCURRENCES_MAX];
    char last[64];
    int64_t skipped_at;
} lives[SPECS_N];

static struct fake_net net;
static struct worker *worker;
static struct records records;
static uint64_t seed;
static unsigned kills, looks, changes, turns, skips;
static int64_t jumped_until_us; /* monotonic */

static int64_t wall_s(void)
{
    return net.clock.wall_us / SECOND_US;
}

/* --- what is on the disk --- */

static struct life *life_of(const char *name)
{
    for (size_t i = 0; i < SPECS_N; i++)
        if (strcmp(specs[i].name, name) == 0)
            return &lives[i];
    ck_abort_msg("no schedule %s", name);
    return NULL;
}

static struct occurrence *occurrence_of(struct life *l, int64_t at)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->list[i].at == at)
            return &l->list[i];
    return NULL;
}

static struct occurrence *occurrence_of_call(const struct world_call *c, struct life **ret)
{
    struct tm tm = {0};
    char name[32];
    int hours, minutes;

    ck_assert_int_eq(sscanf(c->title, "%*s %31s %d-%d-%d %d:%d:%d %3d%2d", name, &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                            &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &hours, &minutes),
                     9);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *ret = life_of(name);
    struct occurrence *o = occurrence_of(*ret, timegm(&tm) - hours * 3600 -
                                                   (hours < 0 || strstr(c->title, " -") ? -minutes : minutes) * 60);
    return o;
}

/* It ran, and was gone before anybody could hear of it. */
static bool was_gone_unseen(const struct life *l, const struct occurrence *o)
{
    struct life *of;

    for (const struct world_call *c = world_calls; c; c = c->next)
        if (c->id && c->peer == l->spec.peer && occurrence_of_call(c, &of) == o)
            return c->starts && !world_has(c);
    return false;
}

/* What is too late, or overtaken, and only that. */
static void note_missed(struct life *l, const char *name, struct occurrence *o, int64_t n)
{
    for (int64_t i = 0; i < n; i++, o++) {
        ck_assert_msg(o < l->list + l->n, "seed %llu: %s missed more than there is", (unsigned long long)seed, name);
        bool is_late = wall_s() >= o->at + (l->spec.late_max ? l->spec.late_max : 300);
        bool is_overtaken = o + 1 < l->list + l->n && wall_s() >= o[1].at;
        ck_assert_msg(is_late || is_overtaken, "seed %llu: %s missed %lld at %lld", (unsigned long long)seed, name,
                      (long long)o->at, (long long)wall_s());
        o->missed++;
        o->unseen = was_gone_unseen(l, o);
    }
}

static void note_gone(const struct life *l, struct occurrence *o)
{
    o->gone++;
    o->unseen = was_gone_unseen(l, o);
}

static void on_committed(const struct store_schedule *row)
{
    struct life *l = life_of(row->name);
    json_t *last = row->last ? json_loads(row->last, 0, NULL) : NULL;
    int64_t at = json_integer_value(json_object_get(last, "at")),
            missed = json_integer_value(json_object_get(last, "missed"));
    const char *outcome = json_string_value(json_object_get(last, "outcome"));
    char text[64] = "";

    if (last)
        snprintf(text, sizeof(text), "%s %lld", outcome, (long long)at);
    if (strcmp(text, l->last) != 0) {
        struct occurrence *o = occurrence_of(l, at);
        ck_assert_msg(o, "seed %llu: %s: none at %lld", (unsigned long long)seed, row->name, (long long)at);
        snprintf(l->last, sizeof(l->last), "%s", text);
        if (strcmp(outcome, "missed") == 0)
            note_missed(l, row->name, o, missed ? missed : 1);
        else if (strcmp(outcome, "started") == 0)
            o->told++;
        else if (strcmp(outcome, "existing") == 0)
            o->existing++;
        else if (strcmp(outcome, "refused") == 0)
            o->refused++;
        else if (strcmp(outcome, "ended_early") == 0)
            note_gone(l, o);
        else
            ck_abort_msg("seed %llu: %s: %s", (unsigned long long)seed, row->name, outcome);
    }
    json_decref(last);
    if (row->skipped_at != l->skipped_at) {
        struct occurrence *o = occurrence_of(l, row->skipped_at);
        ck_assert_msg(o, "seed %llu: %s: none at %lld", (unsigned long long)seed, row->name,
                      (long long)row->skipped_at);
        l->skipped_at = row->skipped_at;
        o->skipped++;
        skips++;
    }
}

static json_t *members_of(size_t i)
{
    char text[512];
    bool is_ended = strstr(specs[i].spec, "end_after") != NULL;

    snprintf(text, sizeof(text), "{'peer':%lld,'title':'%s %s %%Y-%%m-%%d %%H:%%M:%%S %%z',%s}",
             -1001000000001 - (long long)i, is_ended ? "ended" : "left", specs[i].name, specs[i].spec);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json_loads(text, 0, NULL);
}

static void write_down(size_t i, int64_t until_s)
{
    struct life *l = &lives[i];
    struct schedule_dates dates;
    struct problem *problem = NULL;
    struct fault fault = {0};
    json_t *members = members_of(i);
    char *text = json_dumps(members, JSON_COMPACT);

    *l = (struct life){0};
    ck_assert_int_eq(schedule_spec_read(members, 0, &l->spec, &problem), 0);
    ck_assert_int_eq(schedule_dates_open(&l->spec, &dates, &fault), 0);
    for (int64_t at = BEGIN_S; schedule_dates_next(&dates, at, &at) && at < until_s + MARGIN_S;) {
        ck_assert_uint_lt(l->n, OCCURRENCES_MAX);
        l->list[l->n++].at = at;
    }
    schedule_dates_close(&dates);
    ck_assert_uint_gt(l->n, 0);
    schedule_disk_put(&(struct store_schedule){
        .id = (int64_t)i + 1, .account = "anna", .name = specs[i].name, .spec = text, .cursor = BEGIN_S});
    json_decref(members);
    free(text);
}

/* --- the process --- */

static void run_disks(void)
{
    while (disk_step() || schedule_disk_step())
        ;
}

static void begin(int64_t wall_us)
{
    static const int64_t off_s[] = {0, 0, 5, -5, 4000, -4000, 40 * 86400, -40 * 86400};

    fake_net_init(&net);
    net.clock.wall_us = wall_us;
    jumped_until_us = 0;
    worker = bare_worker_on(net.loop, &net.clock.source);
    worker->config.late_max_us = 300 * SECOND_US;
    world_knows_time = false;
    world_off_s = off_s[world_chance(sizeof(off_s) / sizeof(off_s[0]))];
    log_in_as(account_in(worker, "anna", TG_ACCOUNT_READY), world_is_another_users ? "1003" : "1001");
    records = (struct records){.loads_n = LOADS_MAX};
    worker->records = &records;
    ck_assert_int_eq(journal_new(worker, &worker->journal), 0);
    journal_load(worker->journal, "");
    journal_load(worker->journal, "anna");
    schedules_load(worker->schedules, "anna");
    run_disks();
    ck_assert_int_eq(records.load_err, 0);
    journal_go_on(worker->journal);
    schedules_go_on(worker->schedules);
}

static void end(void)
{
    struct intent *i;

    disk_lose();
    schedule_disk_lose();
    world_forget();
    for (struct schedule *s = worker->schedules->by_name; s; s = s->hh.next)
        s->own = NULL;
    DL_FOREACH (worker->journal->list, i) {
        struct job *waiter = intent_take_waiter(i);
        if (waiter)
            free(waiter->done_ctx);
        job_free(waiter);
    }
    schedules_free(worker->schedules);
    worker->schedules = NULL;
    disk_lose(); /* what the answers to who waited would say */
    journal_free(worker->journal);
    bare_worker_free(worker);
}

/* Who repeats a request under its key until it is answered: then it was carried out, and once. */
static struct {
    unsigned number, done, given_up;
    size_t which;
    int64_t since_us; /* world_passed_us */
    bool is_open, is_asked;
} client;

static void on_client(struct job *job)
{
    free(job->done_ctx);
    client.is_asked = false;
    if (job->problem ? problem_slug_of(job->problem) == PROBLEM_NOT_FOUND : job->status == 200) {
        client.done += !job->problem;
        client.is_open = false;
    }
    job_free(job);
}

static void ask_to_skip(void)
{
    struct job *job = job_new(JOB_SCHEDULE_SKIP, json_pack("{s:s}", "schedule", specs[client.which].name), NULL, NULL);

    job->terms = calloc(1, sizeof(*job->terms));
    snprintf(job->terms->token_id, sizeof(job->terms->token_id), "client");
    snprintf(job->terms->key, sizeof(job->terms->key), "%u", client.number);
    snprintf(job->account, sizeof(job->account), "anna");
    job->deadline_us = net.clock.mono_us + 30 * SECOND_US;
    job->scopes = SCOPE_ALL;
    job->done = on_client;
    job->done_ctx = malloc(1);
    client.is_asked = true;
    journal_take(worker, job);
}

/* Keys are remembered for a day. */
static bool is_making(void)
{
    for (const struct schedule *s = worker->schedules->by_name; s; s = s->hh.next)
        if (s->phase == SCHEDULE_MAKING || schedule_is_busy(s))
            return true;
    return false;
}

static void kill_process(void)
{
    static const int64_t away_s[] = {0, 0, 0, 0, 0, 1, 7, 20, 60, 400, 3600, 20000, 3 * 86400};
    int64_t away_us = away_s[world_chance(sizeof(away_s) / sizeof(away_s[0]) - is_making())] * SECOND_US;

    kills++;
    client.is_asked = false;
    int64_t wall_us = net.clock.wall_us;
    end();
    world_passed_us += away_us;
    begin(wall_us + away_us);
}

/* --- time --- */

static void pass(int64_t us)
{
    fake_clock_pass(&net.clock, us);
    world_passed_us += us;
    fake_net_advance(&net, 0);
}

static void jump(void)
{
    static const int64_t by_s[] = {1, 20, 200, 1200, 7200, 50000};
    int64_t s = by_s[world_chance(sizeof(by_s) / sizeof(by_s[0]))];

    net.clock.wall_us += (world_chance(2) ? s : -s) * SECOND_US;
    jumped_until_us = net.clock.mono_us + JUMP_LOOK_S * SECOND_US;
}

static void turn_account(void)
{
    world_is_ready = !world_is_ready;
    if (world_is_ready)
        schedules_account_changed(worker->schedules, accounts_find(&worker->accounts, "anna"));
}

/* Whoever had the account logs out, and another user in: none of what belongs to one is done as the other. */
static void turn_user(void)
{
    struct tg_account *a = accounts_find(&worker->accounts, "anna");

    world_is_another_users = !world_is_another_users;
    log_in_as(a, world_is_another_users ? "1003" : "1001");
    schedules_account_changed(worker->schedules, a);
    turns++;
}

/* Somebody leaves the next occurrence out, or has it announced anew. */
static void change(void)
{
    if (world_is_another_users || !world_knows_time) /* who changes a schedule has it */
        return;
    if (client.is_open)
        return;
    size_t i = world_chance(SPECS_N);
    const struct schedule *s = schedules_find(worker->schedules, specs[i].name);
    int64_t next;
    if (schedule_spec_next(&s->spec, s->cursor, &next) && next > wall_s() + MARGIN_S / 2)
        return;
    bool leaves_out = world_chance(2) || !lives[i].spec.announce;
    changes++;
    if (leaves_out) {
        client.number++;
        client.which = i;
        client.is_open = true;
        client.since_us = world_passed_us;
        ask_to_skip();
        return;
    }
    struct job *job = job_new(JOB_SCHEDULE_EDIT, json_pack("{s:s}", "schedule", specs[i].name), NULL,
                              json_pack("{s:i}", "announce", (int)lives[i].spec.announce));

    job->deadline_us = net.clock.mono_us + 30 * SECOND_US;
    job->done = job_free;
    op_schedule_edit(worker, job);
}

static int64_t left_us(void)
{
    const struct due *first = due_first(&worker->schedules->line);
    int64_t at_us = first ? first->at_us : INT64_MAX, us = world_due_us();

    if (us < at_us)
        at_us = us;
    us = at_us == INT64_MAX ? IDLE_MOST_US : at_us - net.clock.mono_us;
    if (net.clock.mono_us < jumped_until_us && us > SECOND_US)
        us = SECOND_US;
    if (world_is_another_users && is_making() && us > 300 * SECOND_US) /* for a day, as kill_process() */
        us = 300 * SECOND_US;
    return us < 0 ? 0 : us > IDLE_MOST_US ? IDLE_MOST_US : us;
}

/* A key is good for a day, by clocks that jump. */
static void see_to_client(void)
{
    if (!client.is_open || client.is_asked)
        return;
    if (world_passed_us > client.since_us + 6 * 3600 * SECOND_US) {
        client.is_open = false;
        client.given_up++;
    } else if (!world_is_another_users && world_knows_time) {
        ask_to_skip();
    }
}

static void let_time_pass(void)
{
    see_to_client();
    /* A day has some sixteen occurrences, and more tries. */
    ck_assert_uint_le(worker->journal->n, SPECS_N);
    int64_t us = left_us();

    if (us > SECOND_US && !world_chance(150)) {
        jump();
        return;
    }
    if (!world_chance(world_is_ready ? 100 : 20))
        turn_account();
    if (world_rests() && !world_chance(world_is_another_users ? 30 : 600))
        turn_user();
    if (!world_chance(2))
        world_knows_time = true;
    if (us > 2 && !world_chance(4)) /* so that all else comes at some time too */
        us = us / 2;
    pass(us > 0 ? us : 1);
}

static void live_until(int64_t until_s)
{
    while (wall_s() < until_s) {
        bool work[] = {disk_has_work(), schedule_disk_has_work(), world_can() > 0};
        unsigned which = world_chance(3);
        looks++;
        (void)world_latest_s(&net.clock.source);
        if (!disk_is_reading() && !world_chance(90)) {
            kill_process();
        } else if (!disk_is_reading() && !world_chance(120)) {
            change();
        } else if (!work[0] && !work[1] && !work[2]) {
            let_time_pass();
        } else {
            while (!work[which])
                which = (which + 1) % 3;
            if (which == 0)
                (void)disk_step();
            else if (which == 1)
                (void)schedule_disk_step();
            else
                world_step();
        }
    }
}

/* --- what came of it --- */

#define SAY(c, what)                                                                                                   \
    ck_abort_msg("seed %llu: \"%s\", asked for at %lld: " what, (unsigned long long)seed, (c)->title,                  \
                 (long long)(c)->asked_s)

static void judge_call(const struct world_call *c, int64_t until_s)
{
    struct life *l;
    struct occurrence *o = occurrence_of_call(c, &l);
    int64_t late_max = l->spec.late_max ? l->spec.late_max : 300;

    if (!o)
        SAY(c, "no occurrence");
    /* What was announced and ended before its date is none. */
    o->calls += c->starts || !c->ends;
    o->starts += c->starts;
    if (c->date && c->date != o->at)
        SAY(c, "another date");
    if (c->date && c->start_asked_s &&
        (c->start_asked_latest_s < o->at || c->start_asked_s > o->at + late_max + LATE_SLACK_S))
        SAY(c, "its start is too early, or too late");
    if (!c->date && (c->asked_latest_s < o->at || c->asked_s > o->at + late_max + LATE_SLACK_S))
        SAY(c, "too early, or too late");
    if (c->starts > 1 || c->ends > 1)
        SAY(c, "started or ended twice");
    if (o->skipped && world_has(c))
        SAY(c, "left out, and there");
    if (c->ends && c->starts && !l->spec.end_after && !o->skipped)
        SAY(c, "ended by nobody's wish");
    if (!c->starts && o->at < until_s && world_has(c))
        SAY(c, "still waits to be started");
}

static void judge_occurrence(const char *name, const struct occurrence *o)
{
    /* No chat has calls but its schedule's. */
    ck_assert_msg(!o->existing, "seed %llu: %s at %lld: a stale call was in the way", (unsigned long long)seed, name,
                  (long long)o->at);
    if (o->skipped) {
        ck_assert_msg(o->skipped == 1 && o->calls <= 1 && !o->told && !o->missed && !o->refused && !o->gone,
                      "seed %llu: %s at %lld was left out, and not", (unsigned long long)seed, name, (long long)o->at);
        return;
    }
    unsigned said = o->missed + o->existing + o->refused + o->gone;
    ck_assert_msg(o->starts + said - o->unseen == 1 && o->calls <= 1 && o->told == o->starts - o->unseen,
                  "seed %llu: %s at %lld: %u calls, %u started, %u told, %u missed, %u existing, %u refused, %u gone",
                  (unsigned long long)seed, name, (long long)o->at, o->calls, o->starts, o->told, o->missed,
                  o->existing, o->refused, o->gone);
}

static void judge(int64_t until_s)
{
    unsigned n = 0, held = 0, missed = 0, refused = 0, skipped = 0;

    for (const struct world_call *c = world_calls; c; c = c->next)
        if (c->id)
            judge_call(c, until_s);
    for (size_t i = 0; i < SPECS_N; i++)
        for (size_t k = 0; k < lives[i].n && lives[i].list[k].at < until_s; k++, n++) {
            const struct occurrence *o = &lives[i].list[k];
            judge_occurrence(specs[i].name, o);
            held += o->starts;
            missed += o->missed;
            refused += o->refused;
            skipped += o->skipped;
        }
    ck_assert_msg(skips >= client.done && skips <= client.done + client.given_up,
                  "seed %llu: %u were left out, %u were asked to be, and %u may have been", (unsigned long long)seed,
                  skips, client.done, client.given_up);
    ck_assert_msg(refused <= world_forbade, "seed %llu: %u came to nothing, and %u were forbidden",
                  (unsigned long long)seed, refused, world_forbade);
    printf("# seed %llu: %u occurrences, %u held, %u missed, %u refused, %u skipped; %u kills, %u changes, %u other "
           "users, %u steps\n",
           (unsigned long long)seed, n, held, missed, refused, skipped, kills, changes, turns, looks);
}

static int64_t from_environment(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoll(text, NULL, 10) : otherwise;
}

static void live(uint64_t with_seed)
{
    int64_t until_s = BEGIN_S + from_environment("TGCALLD_YEARS", 2) * 365 * 86400;

    seed = with_seed;
    memset(&client, 0, sizeof(client));
    kills = looks = changes = turns = skips = 0;
    disk_set_up();
    schedule_disk_set_up(on_committed);
    world_set_up(seed);
    for (size_t i = 0; i < SPECS_N; i++)
        write_down(i, until_s);
    begin(BEGIN_S * SECOND_US);
    world_odds = (struct world_odds){.lost = 12, .unheard = 8, .broken = 15, .flood = 20, .forbidden = 80, .moody = 10};
    live_until(until_s);
    world_odds = (struct world_odds){0}; /* what is still open comes to its end */
    if (world_is_another_users)
        turn_user();
    live_until(until_s + 10 * 86400);
    ck_assert(!client.is_open);
    judge(until_s);
    end();
    for (size_t i = 0; i < SPECS_N; i++)
        schedule_spec_fini(&lives[i].spec);
    world_tear_down();
    schedule_disk_tear_down();
    disk_tear_down();
}

START_TEST(test_each_occurrence_once)
{
    live((uint64_t)from_environment("TGCALLD_SEED", 1));
}
END_TEST

Suite *suite_schedule_years(void)
{
    Suite *s = suite_create("schedule_years");
    TCase *t = tcase_create("schedule_years");

    tcase_set_timeout(t, 600);
    tcase_add_test(t, test_each_occurrence_once);
    suite_add_tcase(s, t);
    return s;
}
