/* What is to be done about a schedule, by its dates and the time alone. */
#include <check.h>

#include "daemon/base/clock.h"
#include "daemon/worker/schedule_rule.h"
#include "tests/unit/worker/schedule_suites.h"

/* Every HOUR from BEGIN on, N times; Unix seconds. */
enum { HOUR = 3600, BEGIN = 1800000000 };

struct hours {
    int64_t n;
};

static bool next_hour(const void *dates, int64_t after, int64_t *ret)
{
    const struct hours *h = dates;
    int64_t k = after < BEGIN ? 0 : (after - BEGIN) / HOUR + 1;

    if (k >= h->n)
        return false;
    *ret = BEGIN + k * HOUR;
    return true;
}

static struct hours hours;
static struct schedule_facts facts;

static void set_up(void)
{
    hours = (struct hours){.n = 1000000};
    facts = (struct schedule_facts){.cursor = BEGIN - 1, .late_max = 600, .next = next_hour, .dates = &hours};
}

static struct schedule_verdict at(int64_t now)
{
    facts.now_us = now * SECOND_US;
    return schedule_judge(&facts);
}

static void is_wait(struct schedule_verdict v, int64_t seconds)
{
    ck_assert_int_eq(v.word, SCHEDULE_WAIT);
    ck_assert_int_eq(v.wait_us, seconds * SECOND_US);
}

static void is_begin(struct schedule_verdict v, int64_t occurrence, bool announces)
{
    ck_assert_int_eq(v.word, SCHEDULE_BEGIN);
    ck_assert_int_eq(v.at, occurrence);
    ck_assert_int_eq(v.announces, announces);
}

START_TEST(an_occurrence_is_taken_up_at_its_time_and_for_late_max)
{
    is_wait(at(BEGIN - 100), 100);
    is_begin(at(BEGIN), BEGIN, false);
    is_begin(at(BEGIN + 600), BEGIN, false);
    ck_assert_int_eq(at(BEGIN + 601).word, SCHEDULE_MISS);
}
END_TEST

START_TEST(one_that_was_taken_up_never_is_again_whatever_the_clock_says)
{
    facts.cursor = BEGIN;
    is_wait(at(BEGIN + 1), HOUR - 1);
    is_wait(at(BEGIN - 5 * HOUR), 6 * HOUR);
}
END_TEST

START_TEST(it_is_announced_before_but_not_with_a_date_that_is_near)
{
    facts.announce = 1000;
    is_wait(at(BEGIN - 1001), 1);
    is_begin(at(BEGIN - 1000), BEGIN, true);
    is_begin(at(BEGIN - 10), BEGIN, true);
    is_wait(at(BEGIN - 9), 9);
    is_begin(at(BEGIN), BEGIN, false);
    facts.announce = 10; /* the way takes time, too */
    is_wait(at(BEGIN - 13), 1);
    is_begin(at(BEGIN - 12), BEGIN, true);
}
END_TEST

START_TEST(what_was_slept_over_is_missed_but_for_the_newest_that_is_not_too_late)
{
    struct schedule_verdict v = at(BEGIN + 5 * HOUR + 60);

    ck_assert_int_eq(v.word, SCHEDULE_MISS);
    ck_assert_int_eq(v.at, BEGIN);
    ck_assert_int_eq(v.missed, 5);
    facts.cursor = v.cursor;
    is_begin(at(BEGIN + 5 * HOUR + 60), BEGIN + 5 * HOUR, false);
    facts.cursor = BEGIN - 1;
    v = at(BEGIN + 5 * HOUR + 700);
    ck_assert_int_eq(v.missed, 6);
    facts.cursor = v.cursor;
    is_wait(at(BEGIN + 5 * HOUR + 700), HOUR - 700);
}
END_TEST

START_TEST(several_that_are_not_too_late_come_to_the_newest)
{
    struct schedule_verdict v;

    facts.late_max = 10 * HOUR;
    v = at(BEGIN + 3 * HOUR);
    ck_assert_int_eq(v.word, SCHEDULE_MISS);
    ck_assert_int_eq(v.missed, 3);
    facts.cursor = v.cursor;
    is_begin(at(BEGIN + 3 * HOUR), BEGIN + 3 * HOUR, false);
}
END_TEST

START_TEST(what_was_missed_is_counted_up_to_a_maximum_and_none_of_it_comes_back)
{
    struct schedule_verdict v = at(BEGIN + INT64_C(900000) * HOUR + 700);

    ck_assert_int_eq(v.missed, SCHEDULE_COUNT_MAX);
    facts.cursor = v.cursor;
    is_wait(at(BEGIN + INT64_C(900000) * HOUR + 700), HOUR - 700);
}
END_TEST

START_TEST(after_the_last_nothing_is_to_do)
{
    struct schedule_verdict v;

    hours.n = 1;
    v = at(BEGIN + HOUR);
    ck_assert_int_eq(v.word, SCHEDULE_MISS);
    ck_assert_int_eq(v.missed, 1);
    facts.cursor = v.cursor;
    ck_assert_int_eq(at(BEGIN + HOUR).word, SCHEDULE_OVER);
    ck_assert_int_eq(at(BEGIN - HOUR).word, SCHEDULE_OVER);
}
END_TEST

START_TEST(what_is_asked_for_is_asked_until_it_is_too_late)
{
    facts.phase = SCHEDULE_MAKING;
    facts.at = facts.cursor = BEGIN;
    ck_assert_int_eq(at(BEGIN).word, SCHEDULE_MAKE);
    ck_assert_int_eq(at(BEGIN - 100).word, SCHEDULE_MAKE); /* a clock that was set back */
    ck_assert_int_eq(at(BEGIN + 600).word, SCHEDULE_MAKE);
    ck_assert_int_eq(at(BEGIN + 601).word, SCHEDULE_GIVE_UP);
    facts.late_max = 2 * HOUR; /* the next one has come */
    ck_assert_int_eq(at(BEGIN + HOUR - 1).word, SCHEDULE_MAKE);
    ck_assert_int_eq(at(BEGIN + HOUR).word, SCHEDULE_GIVE_UP);
}
END_TEST

START_TEST(an_announcement_that_has_no_answer_becomes_a_call_at_its_time)
{
    facts.phase = SCHEDULE_MAKING;
    facts.is_announcing = true;
    facts.at = facts.cursor = BEGIN;
    ck_assert_int_eq(at(BEGIN - 10).word, SCHEDULE_MAKE);
    is_wait(at(BEGIN - 9), 9);
    is_begin(at(BEGIN), BEGIN, false);
    ck_assert_int_eq(at(BEGIN + 601).word, SCHEDULE_GIVE_UP);
}
END_TEST

START_TEST(what_could_not_be_announced_is_asked_for_at_its_time)
{
    facts.phase = SCHEDULE_MAKING;
    facts.at = facts.cursor = BEGIN;
    facts.waits_for_at = true;
    facts.announce = 1000;
    is_wait(at(BEGIN - 900), 900);
    is_wait(at(BEGIN - 1), 1);
    ck_assert_int_eq(at(BEGIN).word, SCHEDULE_MAKE);
    ck_assert_int_eq(at(BEGIN + 600).word, SCHEDULE_MAKE);
    ck_assert_int_eq(at(BEGIN + 601).word, SCHEDULE_GIVE_UP);
}
END_TEST

START_TEST(what_is_announced_is_started_at_its_date)
{
    facts.phase = SCHEDULE_ANNOUNCED;
    facts.at = facts.cursor = BEGIN;
    is_wait(at(BEGIN - 50), 50);
    ck_assert_int_eq(at(BEGIN).word, SCHEDULE_START);
    ck_assert_int_eq(at(BEGIN + 600).word, SCHEDULE_START);
    ck_assert_int_eq(at(BEGIN + 601).word, SCHEDULE_GIVE_UP);
}
END_TEST

START_TEST(what_runs_is_ended_after_its_time_or_by_the_next_and_however_late)
{
    facts.phase = SCHEDULE_RUNNING;
    facts.at = facts.cursor = BEGIN;
    facts.started_at = BEGIN + 30;
    facts.end_after = 1000;
    is_wait(at(BEGIN + 30), 1000);
    ck_assert_int_eq(at(BEGIN + 1030).word, SCHEDULE_END);
    ck_assert(!at(BEGIN + 1030).is_cut);
    ck_assert_int_eq(at(BEGIN + 1000 * HOUR).word, SCHEDULE_END);
    facts.end_after = 2 * HOUR;
    is_wait(at(BEGIN + HOUR - 5), 5);
    ck_assert(at(BEGIN + HOUR).is_cut);
    facts.end_after = 0; /* it is to be ended no more */
    ck_assert_int_eq(at(BEGIN + 60).word, SCHEDULE_GIVE_UP);
}
END_TEST

START_TEST(pauses_grow_and_keep_what_was_asked_for)
{
    ck_assert_int_eq(schedule_pause_us(0, 0), SECOND_US);
    ck_assert_int_eq(schedule_pause_us(3, 0), 8 * SECOND_US);
    ck_assert_int_eq(schedule_pause_us(99, 0), 30 * SECOND_US);
    ck_assert_int_eq(schedule_pause_us(0, 77), 77 * SECOND_US);
    ck_assert_int_eq(schedule_look_again_us(8 * 86400), HOUR * SECOND_US);
    ck_assert_int_eq(schedule_look_again_us(100), 60 * SECOND_US);
    ck_assert_int_eq(schedule_look_again_us(20), 20 * SECOND_US);
}
END_TEST

Suite *suite_schedule_rule(void)
{
    Suite *s = suite_create("schedule_rule");
    TCase *t = tcase_create("schedule_rule");

    tcase_add_checked_fixture(t, set_up, NULL);
    tcase_add_test(t, an_occurrence_is_taken_up_at_its_time_and_for_late_max);
    tcase_add_test(t, one_that_was_taken_up_never_is_again_whatever_the_clock_says);
    tcase_add_test(t, it_is_announced_before_but_not_with_a_date_that_is_near);
    tcase_add_test(t, what_was_slept_over_is_missed_but_for_the_newest_that_is_not_too_late);
    tcase_add_test(t, several_that_are_not_too_late_come_to_the_newest);
    tcase_add_test(t, what_was_missed_is_counted_up_to_a_maximum_and_none_of_it_comes_back);
    tcase_add_test(t, after_the_last_nothing_is_to_do);
    tcase_add_test(t, what_is_asked_for_is_asked_until_it_is_too_late);
    tcase_add_test(t, an_announcement_that_has_no_answer_becomes_a_call_at_its_time);
    tcase_add_test(t, what_could_not_be_announced_is_asked_for_at_its_time);
    tcase_add_test(t, what_is_announced_is_started_at_its_date);
    tcase_add_test(t, what_runs_is_ended_after_its_time_or_by_the_next_and_however_late);
    tcase_add_test(t, pauses_grow_and_keep_what_was_asked_for);
    suite_add_tcase(s, t);
    return s;
}
