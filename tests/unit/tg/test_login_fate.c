/* "Sent, then silence" at each step of a login: what the client is told, and who is logged in at the end. */
#include <string.h>

#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer first, second;

static void set_up(void)
{
    bed_init(&b, BED_NEW);
}

static void tear_down(void)
{
    bed_fini(&b);
}

enum what { PHONE, CODE, PASSWORD };

static const char *const methods[] = {"auth.sendCode", "auth.signIn", "auth.checkPassword"};

static void take(enum what step, struct bed_answer *answer)
{
    if (step == PHONE)
        bed_phone(&b, "15550001", answer);
    else if (step == CODE)
        bed_code(&b, "12345", answer);
    else
        bed_password(&b, "secret", answer);
}

/* A deadline of 30 s meets each of these. */
static const struct {
    const char *name;
    struct fake_rule rule;
    bool in_time; /* answered before */
    bool late;    /* answered at some time after */
} fates[] = {
    {"drop before", {.fate = FAKE_DROP_BEFORE}, true, false},
    {"drop after", {.fate = FAKE_DROP_AFTER}, true, false},
    {"late", {.fate = FAKE_LATE, .after_us = 60 * SECOND_US}, false, true},
    {"never", {.fate = FAKE_NEVER}, false, false},
    {"lost", {.fate = FAKE_LOST}, false, false},
};

/* What the client does when he was told 504: at once, or when a late answer has come. */
enum then { SAME_AT_ONCE, SAME_LATER, THEN_N };

enum { FATES = sizeof(fates) / sizeof(fates[0]), STEPS = 3 };

static void come_to(enum what step)
{
    struct bed_answer answer;

    for (enum what s = PHONE; s < step; s++) {
        take(s, &answer);
        bed_expect_result(&answer);
    }
}

START_TEST(test_a_step_that_was_not_answered_can_be_asked_for_again)
{
    enum what step = (enum what)(_i / (FATES * THEN_N));
    int fate = _i / THEN_N % FATES;
    enum then then = (enum then)(_i % THEN_N);
    struct bed_answer answer;

    strcpy(b.world->users[0].password, "secret");
    come_to(step);
    fake_dc_rule(b.dc, methods[step], fates[fate].rule);
    take(step, &first);
    if (fates[fate].in_time)
        bed_expect_result(&first);
    else
        bed_expect_no_answer(&first, TGC_ETIMEOUT);
    bed_pass(&b, then == SAME_LATER ? 90 * SECOND_US : 0);
    unsigned asked = fake_dc_asked(b.dc, methods[step]);
    if (!fates[fate].in_time) {
        take(step, &second);
        bed_expect_result(&second);
        /* What came late was learnt, and what happened unheard shows: neither is asked for once more. */
        bool is_known =
            (fates[fate].late && then == SAME_LATER) || (step != PHONE && fates[fate].rule.fate != FAKE_LOST);
        ck_assert_uint_eq(fake_dc_asked(b.dc, methods[step]), asked + !is_known);
    }
    for (enum what s = step + 1; s <= PASSWORD; s++) {
        take(s, &answer);
        bed_expect_result(&answer);
    }
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_msg(tg_account_state(b.a) == TG_ACCOUNT_READY, "%s of %s: %s", fates[fate].name, methods[step],
                  tg_account_state_text(tg_account_state(b.a)));
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

/* Nobody asks again: what came late is there to be read. */
START_TEST(test_a_late_answer_to_a_step_is_learnt)
{
    static const enum tg_account_state states[] = {TG_ACCOUNT_WAIT_CODE, TG_ACCOUNT_WAIT_PASSWORD, TG_ACCOUNT_READY};

    strcpy(b.world->users[0].password, "secret");
    come_to((enum what)_i);
    fake_dc_rule(b.dc, methods[_i], (struct fake_rule){.fate = FAKE_LATE, .after_us = 60 * SECOND_US});
    take((enum what)_i, &first);
    bed_expect_no_answer(&first, TGC_ETIMEOUT);
    ck_assert_int_ne(tg_account_state(b.a), states[_i]);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_int_eq(tg_account_state(b.a), states[_i]);
}
END_TEST

/* The answer is lost for good: Telegram is asked who is logged in, without anybody's wish. */
START_TEST(test_a_login_whose_answer_is_lost_shows_by_itself)
{
    come_to(CODE);
    fake_dc_rule(b.dc, "auth.signIn", (struct fake_rule){.fate = FAKE_NEVER});
    take(CODE, &first);
    bed_expect_no_answer(&first, TGC_ETIMEOUT);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_WAIT_CODE);
    bed_pass(&b, 11 * 60 * SECOND_US);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

/* The client goes back to the start instead: he is logged in already, and hears so. */
START_TEST(test_a_new_login_after_one_that_happened_unheard)
{
    come_to(CODE);
    fake_dc_rule(b.dc, "auth.signIn", (struct fake_rule){.fate = FAKE_NEVER});
    take(CODE, &first);
    take(PHONE, &second);
    bed_expect_result(&second);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.sendCode"), 1);
}
END_TEST

START_TEST(test_an_older_code_that_comes_late_does_not_replace_a_newer)
{
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.fate = FAKE_LATE, .after_us = 60 * SECOND_US});
    take(PHONE, &first);
    bed_expect_no_answer(&first, TGC_ETIMEOUT);
    take(PHONE, &second);
    bed_expect_result(&second);
    bed_pass(&b, 60 * SECOND_US);
    take(CODE, &second);
    bed_expect_result(&second);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
}
END_TEST

/* It was carried out behind a younger step, which knew of nobody: who is logged in is the older step's user all the
 * same. */
START_TEST(test_a_login_that_happens_behind_a_younger_step_is_learnt)
{
    come_to(CODE);
    fake_dc_rule(b.dc, "auth.signIn", (struct fake_rule){.fate = FAKE_LATER, .after_us = 60 * SECOND_US});
    take(CODE, &first);
    bed_expect_no_answer(&first, TGC_ETIMEOUT);
    bed_phone(&b, "15550002", &second);
    bed_expect_result(&second);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_WAIT_CODE);
    bed_pass(&b, 61 * SECOND_US);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

/* --- an account that is to go --- */

static void quit(int64_t within_us, struct bed_answer *ret)
{
    struct fault fault = {0};

    bed_step_begin(ret);
    ck_assert_int_eq(tg_login_quit(b.a, bed_in(&b, within_us), bed_step_done, ret, &fault), 0);
}

static void begin_code(struct fake_rule rule)
{
    struct fault fault = {0};

    come_to(CODE);
    fake_dc_rule(b.dc, "auth.signIn", rule);
    bed_step_begin(&first);
    ck_assert_int_eq(tg_login_code(b.a, "12345", bed_in(&b, 30 * SECOND_US), bed_step_done, &first, &fault), 0);
    ck_assert(!tg_login_is_over(b.a));
}

START_TEST(test_an_account_that_is_to_go_waits_for_the_step_under_way)
{
    begin_code((struct fake_rule){.fate = FAKE_LATE, .after_us = 5 * SECOND_US});
    quit(30 * SECOND_US, &second);
    bed_wait(&b, &second);
    bed_expect_result(&first);
    bed_expect_result(&second);
    ck_assert(tg_login_is_over(b.a));
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 1);
}
END_TEST

START_TEST(test_a_step_that_is_under_way_to_the_end_keeps_the_account)
{
    begin_code((struct fake_rule){.fate = FAKE_LATE, .after_us = 20 * SECOND_US});
    quit(SECOND_US, &second);
    bed_wait(&b, &second);
    bed_expect_no_answer(&second, TGC_EBUSY);
    bed_wait(&b, &first);
    bed_expect_result(&first);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 0);
}
END_TEST

START_TEST(test_a_login_that_nobody_heard_of_ends_with_the_account)
{
    begin_code((struct fake_rule){.fate = FAKE_NEVER});
    bed_wait(&b, &first);
    bed_expect_no_answer(&first, TGC_ETIMEOUT);
    ck_assert(!tg_login_is_over(b.a));
    quit(30 * SECOND_US, &second);
    bed_wait(&b, &second);
    bed_expect_result(&second);
    ck_assert(tg_login_is_over(b.a));
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 1);
}
END_TEST

START_TEST(test_an_account_that_is_to_go_is_logged_out_once)
{
    struct bed_answer third;
    struct fault fault = {0};

    come_to(PASSWORD); /* there is none */
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.fate = FAKE_LATE, .after_us = 5 * SECOND_US});
    bed_step_begin(&first);
    ck_assert_int_eq(tg_logout(b.a, bed_in(&b, 30 * SECOND_US), bed_step_done, &first, &fault), 0);
    quit(30 * SECOND_US, &second);
    quit(30 * SECOND_US, &third);
    ck_assert_int_eq(tg_login_phone(b.a, "15550001", bed_in(&b, SECOND_US), bed_step_done, NULL, &fault), TGC_ESTATE);
    bed_wait(&b, &third);
    bed_expect_result(&first);
    bed_expect_result(&second);
    bed_expect_result(&third);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.logOut"), 1);
}
END_TEST

/* _i: its logout is under way. */
START_TEST(test_who_waits_for_an_account_to_go_hears_when_it_is_closed)
{
    if (_i) {
        come_to(PASSWORD);
        fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.fate = FAKE_NEVER});
    } else {
        begin_code((struct fake_rule){.fate = FAKE_NEVER});
    }
    quit(30 * SECOND_US, &second);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(second.times, 0);
    tg_account_free(b.a);
    b.a = NULL;
    ck_assert_uint_eq(second.times, 1);
}
END_TEST

Suite *suite_login_fate(void)
{
    Suite *s = suite_create("login_fate");
    TCase *t = tcase_create("login_fate");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_a_step_that_was_not_answered_can_be_asked_for_again, 0, STEPS * FATES * THEN_N);
    tcase_add_loop_test(t, test_a_late_answer_to_a_step_is_learnt, 0, STEPS);
    tcase_add_test(t, test_a_login_whose_answer_is_lost_shows_by_itself);
    tcase_add_test(t, test_a_new_login_after_one_that_happened_unheard);
    tcase_add_test(t, test_an_older_code_that_comes_late_does_not_replace_a_newer);
    tcase_add_test(t, test_a_login_that_happens_behind_a_younger_step_is_learnt);
    tcase_add_test(t, test_an_account_that_is_to_go_waits_for_the_step_under_way);
    tcase_add_test(t, test_a_step_that_is_under_way_to_the_end_keeps_the_account);
    tcase_add_test(t, test_a_login_that_nobody_heard_of_ends_with_the_account);
    tcase_add_test(t, test_an_account_that_is_to_go_is_logged_out_once);
    tcase_add_loop_test(t, test_who_waits_for_an_account_to_go_hears_when_it_is_closed, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
