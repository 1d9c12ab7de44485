/* Scheduled calls that are to start by themselves: at their date by Telegram's time, once, and where that cannot be, it
 * is said why. */
#include <string.h>

#include "daemon/tg/call/start_rule.h"
#include "daemon/tg/call/starter.h"
#include "daemon/tg/known/auto_start.h"
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

enum { AHEAD_S = 100, LATE_MAX_S = 3600, NEAR_S = 2 };

static const char start_method[] = "phone.startScheduledGroupCall";

static struct bed b;
static struct starter *starter;
static struct fake_call *call;
static int64_t date_us; /* what it is scheduled for; Unix µs */

static void on_call(void *ctx, struct tg_account *a, const struct tg_call *known, enum tg_change change)
{
    starter_call_changed(starter, a, known, change);
}

static void on_account(void *ctx, struct tg_account *a)
{
    starter_account_changed(starter, a);
}

static const struct tg_listener listener = {.account_changed = on_account, .call_changed = on_call};

static void log_in(void)
{
    struct bed_answer answer;

    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    bed_pass(&b, SECOND_US);
}

static int32_t date_in(int64_t s)
{
    return (int32_t)(b.net.clock.wall_us / SECOND_US + s);
}

/* A call in @news that is scheduled so far ahead, and wished for. */
static struct fake_call *schedule(int64_t s)
{
    json_t *peer = json_string("@news");
    struct tg_create_order order = {.peer = peer, .terms = {.schedule_date = date_in(s), .auto_start = true}};
    struct bed_made m;

    bed_create(&b, &order, &m);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    json_decref(peer);
    fake_dc_forget_counts(b.dc);
    return fake_world_call(b.world, m.id);
}

static void set_up(void)
{
    bed_init(&b, BED_NEW);
    tg_account_free(b.a);
    ck_assert_int_eq(starter_new(&b.env, LATE_MAX_S * SECOND_US, &starter), 0);
    b.env.listener = &listener;
    ck_assert_int_eq(tg_account_new(&b.env, "a", &b.a), 0);
    log_in();
    call = schedule(AHEAD_S);
    date_us = call->schedule_date * SECOND_US;
}

static void tear_down(void)
{
    starter_stop(starter);
    tg_account_free(b.a);
    b.a = NULL;
    starter_free(starter);
    bed_fini(&b);
}

/* Until so long after the date, or before it. */
static void pass_to_date(int64_t after_us)
{
    bed_pass(&b, date_us + after_us - b.net.clock.wall_us);
}

static struct tg_call *record(void)
{
    return tg_calls_find(tg_account_calls(b.a), call->id);
}

static unsigned started(void)
{
    return fake_dc_executed(b.dc, start_method);
}

static void expect_missed(const char *why)
{
    ck_assert(!tg_call_is_to_start(record()));
    ck_assert(tg_call_start_was_missed(record()));
    ck_assert_msg(strstr(record()->missed_why, why) != NULL, "%s", record()->missed_why);
}

START_TEST(test_a_call_is_started_once_and_at_its_date)
{
    ck_assert(tg_call_is_to_start(record()));
    pass_to_date(-SECOND_US / 2);
    ck_assert_uint_eq(started(), 0);
    pass_to_date(SECOND_US);
    ck_assert_uint_eq(started(), 1);
    ck_assert_int_eq(record()->state, TG_CALL_ACTIVE);
    ck_assert(!tg_call_is_to_start(record()));
    bed_pass(&b, 2 * LATE_MAX_S * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 1);
}
END_TEST

START_TEST(test_the_earlier_of_two_does_not_wait_for_the_later)
{
    struct fake_chat *talk = fake_world_named(b.world, "talk");
    json_t *peer = json_string("@talk");
    struct tg_create_order order = {.peer = peer, .terms = {.schedule_date = date_in(50), .auto_start = true}};
    struct bed_made m;

    bed_create(&b, &order, &m);
    bed_pass(&b, 51 * SECOND_US);
    ck_assert_int_eq(talk->call->state, FAKE_CALL_ACTIVE);
    ck_assert_int_eq(call->state, FAKE_CALL_SCHEDULED);
    pass_to_date(SECOND_US);
    ck_assert_int_eq(call->state, FAKE_CALL_ACTIVE);
    json_decref(peer);
}
END_TEST

START_TEST(test_who_started_it_before_is_believed)
{
    call->state = FAKE_CALL_ACTIVE;
    call->schedule_date = 0;
    call->version++;
    pass_to_date(NEAR_S * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 0);
    ck_assert_int_eq(record()->state, TG_CALL_ACTIVE);
    ck_assert(!tg_call_start_was_missed(record()));
}
END_TEST

START_TEST(test_a_start_at_the_same_moment_as_anothers_is_success)
{
    fake_dc_rule(b.dc, start_method,
                 (struct fake_rule){.fate = FAKE_ERROR_AFTER, .code = 403, .text = "GROUPCALL_ALREADY_STARTED"});
    pass_to_date(NEAR_S * SECOND_US);
    ck_assert_int_eq(record()->state, TG_CALL_ACTIVE);
    ck_assert(!tg_call_start_was_missed(record()));
}
END_TEST

START_TEST(test_a_call_that_was_moved_is_started_at_its_new_date)
{
    call->schedule_date += 50;
    call->version++;
    pass_to_date(NEAR_S * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 0);
    ck_assert(tg_call_is_to_start(record()));
    pass_to_date(51 * SECOND_US);
    ck_assert_uint_eq(started(), 1);
}
END_TEST

START_TEST(test_a_call_that_was_ended_is_not_started)
{
    fake_world_end(b.world, call);
    pass_to_date(NEAR_S * SECOND_US);
    ck_assert_uint_eq(started(), 0);
    ck_assert_int_eq(record()->state, TG_CALL_DISCARDED);
    ck_assert(!tg_call_start_was_missed(record()));
}
END_TEST

START_TEST(test_a_wish_that_is_taken_back_asks_for_nothing)
{
    ck_assert(tg_known_wish_start(tg_account_known(b.a), record(), false));
    ck_assert(!tg_known_wish_start(tg_account_known(b.a), record(), false));
    pass_to_date(NEAR_S * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 0);
    ck_assert(!tg_call_start_was_missed(record()));
}
END_TEST

START_TEST(test_a_refusal_is_kept_in_telegrams_words)
{
    fake_dc_rule(
        b.dc, start_method,
        (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "CHAT_ADMIN_REQUIRED"});
    pass_to_date(NEAR_S * SECOND_US);
    expect_missed("CHAT_ADMIN_REQUIRED");
    ck_assert_int_eq(record()->state, TG_CALL_SCHEDULED);
    ck_assert_int_le(record()->missed_at - date_us / SECOND_US, NEAR_S);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 1);
    /* Who wishes once more has it tried once more. */
    fake_dc_no_rules(b.dc);
    tg_known_wish_start(tg_account_known(b.a), record(), true);
    ck_assert(!tg_call_start_was_missed(record()));
    bed_pass(&b, NEAR_S * SECOND_US);
    ck_assert_uint_eq(started(), 1);
}
END_TEST

/* One in @talk, so far ahead, whose answer comes after its asker's 30 s. */
static void schedule_late(int64_t s)
{
    json_t *peer = json_string("@talk");
    struct tg_create_order order = {.peer = peer, .terms = {.schedule_date = date_in(s), .auto_start = true}};
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 40 * SECOND_US});
    bed_create(&b, &order, &m);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    json_decref(peer);
}

START_TEST(test_a_wish_whose_asker_is_gone_is_kept)
{
    struct fake_chat *talk = fake_world_named(b.world, "talk");

    schedule_late(90);
    bed_pass(&b, 15 * SECOND_US);
    ck_assert(tg_call_is_to_start(tg_calls_find(tg_account_calls(b.a), talk->call->id)));
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_int_eq(talk->call->state, FAKE_CALL_ACTIVE);
}
END_TEST

/* What passes is waited out. */
static const struct fake_rule troubles[] = {
    {.fate = FAKE_ERROR, .times = 8, .code = 500, .text = "INTERNAL"},
    {.fate = FAKE_ERROR, .times = 1, .code = 420, .text = "FLOOD_WAIT_600"},
    {.fate = FAKE_ERROR, .times = 8, .code = -503, .text = "Timeout"},
    {.fate = FAKE_DROP_BEFORE, .times = 3},
    {.fate = FAKE_LOST, .times = 2},
};
enum { TROUBLES = sizeof(troubles) / sizeof(troubles[0]) };

START_TEST(test_trouble_that_passes_only_makes_it_late)
{
    fake_dc_rule(b.dc, _i % 2 ? start_method : "phone.getGroupCall", troubles[_i / 2]);
    pass_to_date(700 * SECOND_US);
    ck_assert_uint_eq(started(), 1);
    ck_assert_int_eq(call->state, FAKE_CALL_ACTIVE);
    ck_assert_int_eq(record()->state, TG_CALL_ACTIVE);
}
END_TEST

START_TEST(test_a_start_whose_answer_is_lost_is_not_repeated_blindly)
{
    fake_dc_rule(b.dc, start_method, (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    pass_to_date(120 * SECOND_US);
    ck_assert_uint_eq(started(), 1);
    ck_assert_int_eq(record()->state, TG_CALL_ACTIVE);
}
END_TEST

START_TEST(test_a_link_that_is_back_in_time_starts_it)
{
    fake_net_set_dead(&b.net, true);
    pass_to_date(600 * SECOND_US);
    fake_net_set_dead(&b.net, false);
    bed_pass(&b, 120 * SECOND_US); /* which it may take to notice */
    ck_assert_uint_eq(started(), 1);
}
END_TEST

START_TEST(test_what_comes_too_late_is_missed)
{
    fake_net_set_dead(&b.net, true);
    pass_to_date((LATE_MAX_S + 60) * SECOND_US);
    expect_missed("Telegram did not answer");
    fake_net_set_dead(&b.net, false);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, start_method), 0);
}
END_TEST

START_TEST(test_a_step_of_the_machines_clock_moves_nothing)
{
    int64_t step_us = _i ? -7200 * SECOND_US : 7200 * SECOND_US, left_us;

    left_us = date_us - b.net.clock.wall_us;
    b.net.clock.wall_us += step_us;
    fake_dc_set_offset(b.dc, -step_us);
    bed_pass(&b, left_us - SECOND_US / 2);
    ck_assert_uint_eq(started(), 0);
    ck_assert(tg_call_is_to_start(record()));
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(started(), 1);
}
END_TEST

START_TEST(test_telegrams_own_time_is_followed)
{
    struct bed_answer answer;

    fake_dc_set_offset(b.dc, 20 * SECOND_US);
    bed_ask_now(&b, "contacts.resolveUsername", "{'username':'talk'}", 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    pass_to_date(-20 * SECOND_US - SECOND_US / 2);
    ck_assert_uint_eq(started(), 0);
    pass_to_date(-20 * SECOND_US + STARTER_LOOK_US);
    ck_assert_uint_eq(started(), 1);
}
END_TEST

START_TEST(test_an_account_that_goes_takes_its_wishes_along)
{
    pass_to_date(_i ? 5000 : -50 * SECOND_US); /* its question is on the way, or there is none */
    starter_leave(starter, b.a);
    tg_account_free(b.a);
    b.a = NULL;
    bed_pass(&b, 2 * AHEAD_S * SECOND_US);
    ck_assert_uint_eq(started(), 0);
}
END_TEST

START_TEST(test_an_account_that_is_logged_out_at_the_date_starts_nothing_and_says_so)
{
    struct bed_answer answer;

    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    pass_to_date((LATE_MAX_S + 60) * SECOND_US);
    ck_assert_uint_eq(started(), 0);
    if (record())
        ck_assert(tg_call_start_was_missed(record()));
}
END_TEST

/* --- the rule --- */

START_TEST(test_when_a_call_is_started)
{
    enum { DATE = 1000, MAX = 60 };
    static const struct {
        bool knows_time, can_ask;
        int server_s, wall_s;
        enum start_word word;
        int wait_s;
    } cases[] = {
        {true, true, 400, 5000, START_WAIT, 600}, {true, true, 1000, 0, START_ASK, 0},
        {true, true, 1060, 0, START_ASK, 0},      {true, true, 1061, 0, START_MISSED, 0},
        {true, false, 1061, 0, START_MISSED, 0},  {false, true, 0, 400, START_ASK, 0}, /* asked for the time */
        {false, true, 0, 9000, START_ASK, 0},     {false, false, 0, 400, START_WAIT, 600},
        {false, false, 0, 1061, START_MISSED, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct start_facts f = {.date = DATE,
                                .late_max_us = MAX * SECOND_US,
                                .knows_time = cases[i].knows_time,
                                .server_us = cases[i].server_s * SECOND_US,
                                .can_ask = cases[i].can_ask,
                                .wall_us = cases[i].wall_s * SECOND_US};
        int64_t wait_us = 0;
        ck_assert_msg(start_judge(&f, &wait_us) == cases[i].word, "case %zu", i);
        ck_assert_int_eq(wait_us, cases[i].wait_s * SECOND_US);
    }
}
END_TEST

static struct tg_answer error_of(int code, const char *text)
{
    static struct mt_rpc_error error;

    mt_rpc_error_set(&error, code, text, strlen(text));
    return (struct tg_answer){.outcome = TG_RPC_ERROR, .error = &error};
}

START_TEST(test_what_follows_an_answer)
{
    static const struct {
        int code;
        const char *text;
        enum start_next next;
        int wait_s;
    } cases[] = {
        {400, "CHAT_ADMIN_REQUIRED", START_REFUSED, 0},
        {403, "GROUPCALL_FORBIDDEN", START_REFUSED, 0},
        {420, "FLOOD_WAIT_77", START_AGAIN, 77},
        {500, "INTERNAL", START_AGAIN, 4},
        {-503, "Timeout", START_AGAIN, 4},
        {401, "AUTH_KEY_UNREGISTERED", START_AGAIN, 4},
        {420, "FROZEN_METHOD_INVALID", START_AGAIN, 4},
    };
    int64_t wait_us;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_answer a = error_of(cases[i].code, cases[i].text);
        ck_assert_msg(start_after(&a, 2, &wait_us) == cases[i].next, "%s", cases[i].text);
        if (cases[i].next == START_AGAIN)
            ck_assert_int_eq(wait_us, cases[i].wait_s * SECOND_US);
    }
    ck_assert_int_eq(start_after(NULL, 0, &wait_us), START_AGAIN);
    ck_assert_int_eq(wait_us, SECOND_US);
    ck_assert_int_eq(start_after(NULL, 1000, &wait_us), START_AGAIN);
    ck_assert_int_eq(wait_us, 30 * SECOND_US);
    struct tg_answer late = {.outcome = TG_NO_ANSWER, .err = TGC_ETIMEOUT};
    ck_assert_int_eq(start_after(&late, 3, &wait_us), START_AGAIN);
    ck_assert_int_eq(wait_us, 0);
}
END_TEST

Suite *suite_starter(void)
{
    Suite *s = suite_create("starter");
    TCase *t = tcase_create("starter"), *rule = tcase_create("rule");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_a_call_is_started_once_and_at_its_date);
    tcase_add_test(t, test_the_earlier_of_two_does_not_wait_for_the_later);
    tcase_add_test(t, test_who_started_it_before_is_believed);
    tcase_add_test(t, test_a_start_at_the_same_moment_as_anothers_is_success);
    tcase_add_test(t, test_a_call_that_was_moved_is_started_at_its_new_date);
    tcase_add_test(t, test_a_call_that_was_ended_is_not_started);
    tcase_add_test(t, test_a_wish_that_is_taken_back_asks_for_nothing);
    tcase_add_test(t, test_a_refusal_is_kept_in_telegrams_words);
    tcase_add_test(t, test_a_wish_whose_asker_is_gone_is_kept);
    tcase_add_loop_test(t, test_trouble_that_passes_only_makes_it_late, 0, 2 * TROUBLES);
    tcase_add_test(t, test_a_start_whose_answer_is_lost_is_not_repeated_blindly);
    tcase_add_test(t, test_a_link_that_is_back_in_time_starts_it);
    tcase_add_test(t, test_what_comes_too_late_is_missed);
    tcase_add_loop_test(t, test_a_step_of_the_machines_clock_moves_nothing, 0, 2);
    tcase_add_test(t, test_telegrams_own_time_is_followed);
    tcase_add_loop_test(t, test_an_account_that_goes_takes_its_wishes_along, 0, 2);
    tcase_add_test(t, test_an_account_that_is_logged_out_at_the_date_starts_nothing_and_says_so);
    suite_add_tcase(s, t);
    tcase_add_test(rule, test_when_a_call_is_started);
    tcase_add_test(rule, test_what_follows_an_answer);
    suite_add_tcase(s, rule);
    return s;
}
