#include "daemon/cluster/lease.h"

#include "daemon/cluster/timing.h"
#include "tests/support/unit.h"
#include "tests/unit/cluster/suites.h"

static struct lease held(int64_t epoch)
{
    struct lease l = {.account = 1};

    lease_taking(&l);
    lease_taken(&l, 7, epoch, 0);
    return l;
}

START_TEST(it_runs_when_it_was_taken_and_the_gate_is_open)
{
    struct lease l = {.account = 1};

    ck_assert_int_eq(lease_next_order(&l, true), LEASE_NOTHING);
    lease_taking(&l);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_NOTHING);
    lease_taken(&l, 7, 3, 0);
    ck_assert_int_eq(lease_next_order(&l, false), LEASE_NOTHING);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    ck_assert_int_eq(l.work_epoch, 3);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_NOTHING);
}
END_TEST

START_TEST(it_is_known_whether_who_had_it_gave_it_up)
{
    struct lease l = {.account = 1};

    lease_taking(&l);
    lease_taken(&l, 7, 3, 0);
    ck_assert(l.was_left);
    lease_lose(&l);
    lease_taking(&l);
    lease_taken(&l, 7, 4, 6);
    ck_assert(!l.was_left);
    lease_lose(&l);
    /* The answer was lost: maybe it was taken from 6. */
    lease_taking(&l);
    lease_taken(&l, 7, 5, 7);
    ck_assert(!l.was_left);
}
END_TEST

START_TEST(a_lapse_stops_it_and_it_goes_on_under_the_same_epoch)
{
    struct lease l = held(3);

    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    ck_assert_int_eq(lease_next_order(&l, false), LEASE_LOST);
    /* Not before the worker has stopped. */
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_NOTHING);
    lease_stopped(&l);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    ck_assert_int_eq(l.work_epoch, 3);
}
END_TEST

/* Else its writes might be under way when it is released. */
START_TEST(what_is_to_be_given_when_the_lease_lapses_is_given_whole)
{
    struct lease l = held(3);

    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    lease_give(&l);
    ck_assert_int_eq(lease_next_order(&l, false), LEASE_STOP);
    ck_assert(!lease_is_to_release(&l));
    lease_stopped(&l);
    ck_assert(lease_is_to_release(&l));
}
END_TEST

START_TEST(it_is_released_when_the_worker_has_stopped)
{
    struct lease l = held(3);

    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    lease_give(&l);
    ck_assert(!lease_is_to_release(&l));
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_STOP);
    ck_assert(!lease_is_to_release(&l));
    lease_stopped(&l);
    ck_assert(lease_is_to_release(&l));
    lease_releasing(&l);
    lease_not_released(&l);
    ck_assert(lease_is_to_release(&l));
    lease_releasing(&l);
    lease_released(&l);
    ck_assert_int_eq(l.own, LEASE_ELSEWHERE);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_NOTHING);
}
END_TEST

/* Lost and taken anew while the worker is still told nothing: it stops first, as its epoch is an old one. */
START_TEST(a_new_epoch_is_a_new_start)
{
    struct lease l = held(3);

    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    lease_lose(&l);
    lease_taking(&l);
    lease_taken(&l, 8, 5, 0);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_LOST);
    lease_stopped(&l);
    ck_assert_int_eq(lease_next_order(&l, true), LEASE_START);
    ck_assert_int_eq(l.work_epoch, 5);
}
END_TEST

START_TEST(an_answer_that_comes_after_the_loss_changes_nothing)
{
    struct lease l = {.account = 1};

    lease_taking(&l);
    lease_lose(&l);
    lease_taken(&l, 7, 3, 0);
    ck_assert_int_eq(l.own, LEASE_ELSEWHERE);
    lease_releasing(&l);
    lease_lose(&l);
    lease_not_released(&l);
    ck_assert_int_eq(l.own, LEASE_ELSEWHERE);
}
END_TEST

/* The table of timing.h: with all clocks as wrong as they may be, for leases from a second to a day. */
START_TEST(the_margins_outlast_a_drift_of_one_percent)
{
    for (int64_t lease_us = 1000000; lease_us <= INT64_C(86400000000); lease_us = lease_us * 3 / 2 + 1) {
        double ends = (double)cluster_hold_us(lease_us) / 0.99, lapses = (double)lease_us / 1.01;
        double taken = (double)cluster_wait_us(lease_us) / 1.01;
        ck_assert(lapses - ends > 0.14 * (double)lease_us);
        ck_assert(taken - ends > 0.30 * (double)lease_us);
        /* One try of a renewal may get no answer, and the next has the time for one. */
        ck_assert_int_ge(cluster_hold_us(lease_us), cluster_renew_us(lease_us) + 2 * cluster_patience_us(lease_us));
        double quiet = (double)(cluster_renew_us(lease_us) + cluster_patience_us(lease_us)) / 0.99;
        ck_assert(taken - quiet - (double)cluster_gap_us(lease_us) / 0.99 > 0.04 * (double)lease_us);
    }
}
END_TEST

Suite *suite_lease(void)
{
    Suite *s = suite_create("lease");
    TCase *c = tcase_create("lease");

    tcase_add_test(c, it_runs_when_it_was_taken_and_the_gate_is_open);
    tcase_add_test(c, it_is_known_whether_who_had_it_gave_it_up);
    tcase_add_test(c, a_lapse_stops_it_and_it_goes_on_under_the_same_epoch);
    tcase_add_test(c, what_is_to_be_given_when_the_lease_lapses_is_given_whole);
    tcase_add_test(c, it_is_released_when_the_worker_has_stopped);
    tcase_add_test(c, a_new_epoch_is_a_new_start);
    tcase_add_test(c, an_answer_that_comes_after_the_loss_changes_nothing);
    tcase_add_test(c, the_margins_outlast_a_drift_of_one_percent);
    suite_add_tcase(s, c);
    return s;
}
