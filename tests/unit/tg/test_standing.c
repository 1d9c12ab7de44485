/* A login that was ended elsewhere is noticed though nobody asks for anything. */
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static unsigned asked(void)
{
    return fake_dc_asked(b.dc, "updates.getDifference");
}

START_TEST(test_an_idle_account_hears_of_its_end_when_its_link_was_closed)
{
    fake_dc_rule(b.dc, "updates.getDifference",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 401, .text = "SESSION_REVOKED"});
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    ck_assert_uint_eq(asked(), 1);
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 1);
}
END_TEST

START_TEST(test_it_is_asked_once_a_minute_at_most)
{
    for (int i = 0; i < 60; i++) {
        fake_dc_drop_links(b.dc);
        bed_pass(&b, 5 * SECOND_US);
    }
    /* Less often where the link itself comes back more and more rarely. */
    ck_assert_uint_ge(asked(), 2);
    ck_assert_uint_le(asked(), 6);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_long_outage_is_asked_about_when_it_is_over)
{
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 1800 * SECOND_US);
    ck_assert_uint_eq(asked(), 0);
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_pass(&b, 180 * SECOND_US);
    ck_assert_uint_eq(asked(), 1);
}
END_TEST

/* A session that follows a temporary key has asked for nothing, and would be told of nothing. */
START_TEST(test_an_idle_account_wants_updates_in_each_session)
{
    for (unsigned days = 1; days <= 3; days++) {
        fake_dc_forget_counts(b.dc);
        while (fake_dc_executed(b.dc, "auth.bindTempAuthKey") == 0)
            bed_pass(&b, SECOND_US);
        fake_dc_forget_counts(b.dc);
        bed_pass(&b, 30 * SECOND_US);
        ck_assert_uint_eq(asked(), 1);
        ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 1);
    }
}
END_TEST

/* Updates went to the one before. */
START_TEST(test_what_was_missed_is_asked_for_once_in_a_session_that_the_server_made_anew)
{
    struct bed_answer answer;

    fake_dc_forget_sessions(b.dc);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(asked(), 1);
}
END_TEST

Suite *suite_standing(void)
{
    Suite *s = suite_create("standing");
    TCase *t = tcase_create("standing");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_idle_account_hears_of_its_end_when_its_link_was_closed);
    tcase_add_test(t, test_it_is_asked_once_a_minute_at_most);
    tcase_add_test(t, test_a_long_outage_is_asked_about_when_it_is_over);
    tcase_add_test(t, test_an_idle_account_wants_updates_in_each_session);
    tcase_add_test(t, test_what_was_missed_is_asked_for_once_in_a_session_that_the_server_made_anew);
    suite_add_tcase(s, t);
    return s;
}
