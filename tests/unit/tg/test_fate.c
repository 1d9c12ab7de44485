/* Sent, then silence, at each point of what can be done to a call, and the client that repeats its request: how many
 * calls are alive in the end, and whether the account's records are true. The table is printed. */
#include <stdio.h>

#include "daemon/tg/call/step.h"
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;

/* When it is executed, as seen from the deadline. */
enum runs { RUNS_NEVER, RUNS, RUNS_LATER };

static const struct silence {
    const char *name;
    struct fake_rule rule;
    enum runs runs;
} silences[] = {
    {"drop before", {.fate = FAKE_DROP_BEFORE}, RUNS},
    {"drop before, for ever", {.fate = FAKE_DROP_BEFORE, .times = FAKE_ALWAYS}, RUNS_NEVER},
    {"drop after", {.fate = FAKE_DROP_AFTER}, RUNS},
    {"late answer", {.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US}, RUNS},
    {"executed later", {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US}, RUNS_LATER},
    {"executed later, unheard",
     {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US, .silent = true},
     RUNS_LATER},
    {"no answer", {.fate = FAKE_NEVER, .times = FAKE_ALWAYS}, RUNS},
    {"lost", {.fate = FAKE_LOST, .times = FAKE_ALWAYS}, RUNS_NEVER},
};

static const struct repeat {
    const char *name;
    enum tg_if_exists if_exists; /* what "fail" makes of a call that exists is the operation's */
} repeats[] = {
    {"none", 0}, {"return", TG_IF_EXISTS_KEEP}, {"fail", TG_IF_EXISTS_KEEP}, {"replace", TG_IF_EXISTS_REPLACE}};

enum {
    SILENCES = sizeof(silences) / sizeof(silences[0]),
    REPEATS = sizeof(repeats) / sizeof(repeats[0]),
    ROWS = SILENCES * REPEATS,
    LONGEST_PAUSE_S = 78,
};

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static const char *outcome_text(const struct bed_made *m)
{
    static const char *const ends[] = {"201",     "existing",    "no peer",   "spent",   "no call",
                                       "refused", "504, unsent", "504, sent", "executed"};

    return m->times == 0 ? "-" : ends[m->end < TG_CREATE_TROUBLE ? (int)m->end : (int)m->end + (int)m->fate];
}

static void say(const char *what, const struct silence *s, const char *then, const char *first, const char *second)
{
    printf("# %-8s %-23s %-12s then %-8s %-12s alive %u of %zu\n", what, s->name, first, then, second,
           fake_world_alive(b.world), b.world->calls_n);
    fflush(stdout);
}

/* BEFORE: the chat has a call, which the first create is to replace. */
static void run_create(int row, bool before)
{
    const struct silence *s = &silences[row / REPEATS];
    const struct repeat *r = &repeats[row % REPEATS];
    struct bed_made zero, first, second = {0};
    bool in_time = s->rule.fate == FAKE_DROP_AFTER || (s->rule.fate == FAKE_DROP_BEFORE && s->runs == RUNS);
    size_t made = before;

    if (before)
        bed_create_news(&b, TG_IF_EXISTS_KEEP, &zero);
    fake_dc_rule(b.dc, "phone.createGroupCall", s->rule);
    bed_create_news(&b, before ? TG_IF_EXISTS_REPLACE : TG_IF_EXISTS_KEEP, &first);
    made += s->runs == RUNS;
    ck_assert_int_eq(first.end, in_time ? TG_CREATE_MADE : TG_CREATE_TROUBLE);
    ck_assert_uint_eq(b.world->calls_n, made);
    if (!in_time && s->rule.fate != FAKE_DROP_BEFORE)
        ck_assert_int_eq(first.fate, TG_FATE_SENT);
    bed_expect_true_records(&b);
    fake_dc_no_rules(b.dc);
    if (row % REPEATS) {
        /* The pause between two attempts to connect has grown, and may be longer than a create waits. */
        bool is_down = s->rule.fate == FAKE_DROP_BEFORE && s->runs == RUNS_NEVER;
        bed_create_news_in(&b, r->if_exists, is_down ? LONGEST_PAUSE_S + BED_CREATE_S : BED_CREATE_S, &second);
        bool exists = r->if_exists == TG_IF_EXISTS_KEEP && made;
        ck_assert_int_eq(second.end, exists ? TG_CREATE_EXISTS : TG_CREATE_MADE);
        made += !exists;
        ck_assert_int_eq(second.id, b.world->calls[made - 1].id);
        bed_expect_true_records(&b);
    }
    /* Where the repeat has not taken it over. */
    if (s->runs == RUNS_LATER &&
        (!second.times || second.end != TG_CREATE_MADE || r->if_exists == TG_IF_EXISTS_REPLACE))
        made++;
    bed_pass(&b, 180 * SECOND_US);
    if (row % REPEATS)
        bed_expect_true_records(&b);
    bed_pass(&b, 20 * 60 * SECOND_US);
    say(before ? "replace" : "create", s, r->name, outcome_text(&first), outcome_text(&second));
    /* What was lost on the way may still be carried out where nobody asked again. */
    if (row % REPEATS || s->runs != RUNS_NEVER) {
        ck_assert_uint_eq(b.world->calls_n, made);
        ck_assert_uint_eq(fake_world_alive(b.world), made != 0);
    }
    bed_expect_true_records(&b);
}

START_TEST(test_a_create_then_silence_then_again_is_one_call)
{
    run_create(_i, false);
}
END_TEST

START_TEST(test_a_replace_then_silence_then_again_is_one_call)
{
    run_create(_i, true);
}
END_TEST

/* --- what is done to a call --- */

struct stepped {
    unsigned times;
    enum tg_step_end end;
    enum tg_fate fate;
};

static void on_step(void *ctx, const struct tg_step_outcome *o)
{
    struct stepped *s = ctx;

    s->times++;
    s->end = o->end;
    s->fate = o->end == TG_STEP_TROUBLE ? o->trouble.fate : TG_FATE_NONE;
}

static void step(int64_t id, const char *method, struct stepped *s)
{
    json_t *params =
        strcmp(method, "phone.editGroupCallTitle") == 0 ? json_pack("{s:s}", "title", "New") : json_object();

    *s = (struct stepped){0};
    tg_call_step(b.a, id, method, params, bed_in(&b, 30 * SECOND_US), on_step, s);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(s->times, 1);
}

static const char *step_text(const struct stepped *s)
{
    static const char *const ends[] = {"200", "over", "no call", "refused", "504, unsent", "504, sent", "executed"};

    return ends[s->end < TG_STEP_TROUBLE ? (int)s->end : (int)s->end + (int)s->fate];
}

static void run_step(const struct silence *silence, const char *what, const char *method, bool scheduled)
{
    struct stepped first, second;
    struct bed_answer made;
    int64_t id;

    bed_ask_now(&b, "phone.createGroupCall",
                scheduled ? "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7,'schedule_date':2000000000}"
                          : "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}",
                0, &made);
    bed_expect_result(&made);
    id = made.call_id;
    bed_answer_fini(&made);
    fake_dc_rule(b.dc, method, silence->rule);
    step(id, method, &first);
    bed_expect_true_records(&b);
    fake_dc_no_rules(b.dc);
    step(id, method, &second);
    ck_assert_int_eq(second.end, TG_STEP_DONE);
    bed_expect_true_records(&b);
    bed_pass(&b, 20 * 60 * SECOND_US);
    bed_expect_true_records(&b);
    say(what, silence, "again", step_text(&first), step_text(&second));
}

START_TEST(test_a_discard_then_silence_then_again_is_done)
{
    run_step(&silences[_i], "discard", "phone.discardGroupCall", false);
    ck_assert_uint_eq(fake_world_alive(b.world), 0);
}
END_TEST

START_TEST(test_a_start_then_silence_then_again_is_done)
{
    run_step(&silences[_i], "start", "phone.startScheduledGroupCall", true);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

START_TEST(test_a_title_then_silence_then_again_is_set)
{
    run_step(&silences[_i], "title", "phone.editGroupCallTitle", false);
    ck_assert_str_eq(b.world->calls[0].title, "New");
}
END_TEST

Suite *suite_fate(void)
{
    Suite *s = suite_create("fate");
    TCase *t = tcase_create("fate");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, test_a_create_then_silence_then_again_is_one_call, 0, ROWS);
    tcase_add_loop_test(t, test_a_replace_then_silence_then_again_is_one_call, 0, ROWS);
    tcase_add_loop_test(t, test_a_discard_then_silence_then_again_is_done, 0, SILENCES);
    tcase_add_loop_test(t, test_a_start_then_silence_then_again_is_done, 0, SILENCES);
    tcase_add_loop_test(t, test_a_title_then_silence_then_again_is_set, 0, SILENCES);
    suite_add_tcase(s, t);
    return s;
}
