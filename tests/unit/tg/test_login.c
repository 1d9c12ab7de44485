/* Logging in, step by step, against data centres that mind every rule. */
#include <string.h>

#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static void set_up(void)
{
    bed_init(&b, BED_NEW);
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

static void expect_state(enum tg_account_state state)
{
    ck_assert_str_eq(tg_account_state_text(tg_account_state(b.a)), tg_account_state_text(state));
}

START_TEST(test_a_phone_number_and_its_code)
{
    bed_phone(&b, "+15550001", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "updates.getState"), 1);
    ck_assert(tg_account_is_online(b.a));
}
END_TEST

START_TEST(test_a_wrong_code_may_be_followed_by_the_right_one)
{
    bed_phone(&b, "15550001", &answer);
    bed_code(&b, "54321", &answer);
    bed_expect_error(&answer, 400, "PHONE_CODE_INVALID");
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_password_is_proven_and_a_wrong_one_is_not)
{
    strcpy(b.world->users[0].password, "secret");
    bed_phone(&b, "15550001", &answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_PASSWORD);
    bed_password(&b, "guess", &answer);
    bed_expect_error(&answer, 400, "PASSWORD_HASH_INVALID");
    expect_state(TG_ACCOUNT_WAIT_PASSWORD);
    bed_password(&b, "secret", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_number_at_home_elsewhere_is_followed)
{
    b.world->users[0].home_dc = 2;
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.sendCode"), 2);
    ck_assert_uint_eq(b.world->codes_n, 1);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 2);
}
END_TEST

START_TEST(test_a_logout_leaves_no_key_behind)
{
    bed_phone(&b, "15550001", &answer);
    bed_code(&b, "12345", &answer);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_LOGGED_OUT);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
}
END_TEST

/* The last cause is what is told, not what Telegram said before it. */
START_TEST(test_a_number_at_home_where_nobody_answers)
{
    b.world->users[0].home_dc = 2;
    fake_net_set_address(&b.net, "10.0.0.2", 443, _i ? FAKE_IS_SILENT : FAKE_REFUSES);
    bed_phone(&b, "15550001", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert_msg(strstr(answer.text, "data centre 2") && (_i || strstr(answer.text, "connection refused")), "%s",
                  answer.text);
}
END_TEST

Suite *suite_login(void)
{
    Suite *s = suite_create("login");
    TCase *t = tcase_create("login");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_phone_number_and_its_code);
    tcase_add_test(t, test_a_wrong_code_may_be_followed_by_the_right_one);
    tcase_add_test(t, test_a_password_is_proven_and_a_wrong_one_is_not);
    tcase_add_test(t, test_a_number_at_home_elsewhere_is_followed);
    tcase_add_test(t, test_a_logout_leaves_no_key_behind);
    tcase_add_loop_test(t, test_a_number_at_home_where_nobody_answers, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
