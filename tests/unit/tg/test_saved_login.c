/* The process ends in the middle of a login, and the next one goes on with its steps. */
#include <string.h>

#include "tests/unit/tg/saved_bed.h"
#include "tests/unit/tg/suites.h"

START_TEST(test_a_step_that_was_taken_unheard_is_learnt_of)
{
    struct bed_answer step;

    bed_phone(&saved.bed, "15550001", &step);
    bed_expect_result(&step);
    saved_keep_all(saved.bed.a);
    fake_dc_rule(saved.bed.dc, "auth.signIn", (struct fake_rule){.fate = FAKE_NEVER});
    bed_step_begin(&step);
    struct fault fault;
    ck_assert_int_eq(
        tg_login_code(saved.bed.a, "12345", bed_in(&saved.bed, 30 * SECOND_US), bed_step_done, &step, &fault), 0);
    bed_pass(&saved.bed, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "auth.signIn"), 1);
    saved_restart(true);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_state("ready");
    ck_assert_int_eq(tg_account_self_id(saved.bed.a), 1001);
    ck_assert_uint_eq(saved.kept.keys_made, 1);
}
END_TEST

static json_t *code_of(void)
{
    json_t *j = tg_account_json(saved.bed.a), *code = json_incref(json_object_get(j, "code"));

    json_decref(j);
    return code;
}

START_TEST(test_a_code_can_still_be_given)
{
    struct bed_answer step;

    bed_phone(&saved.bed, "15550001", &step);
    bed_expect_result(&step);
    json_t *code = code_of();
    ck_assert_ptr_nonnull(code);
    saved_restart(true);
    json_t *again = code_of();
    ck_assert(json_equal(code, again));
    json_decref(code);
    json_decref(again);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_state("wait_code");
    bed_code(&saved.bed, "12345", &step);
    bed_expect_result(&step);
    saved_expect_state("ready");
    ck_assert_uint_eq(fake_dc_executed(saved.bed.dc, "auth.sendCode"), 1);
    ck_assert_uint_eq(saved.kept.keys_made, 1);
}
END_TEST

/* The one that was sent last, and not before its time. */
START_TEST(test_a_code_can_still_be_sent_another_way)
{
    struct bed_answer step;

    bed_phone(&saved.bed, "15550001", &step);
    bed_expect_result(&step);
    int64_t wait_s = tg_login_resend_wait_s(saved.bed.a);
    saved_restart(true);
    bed_pass(&saved.bed, SECOND_US);
    ck_assert_int_le(tg_login_resend_wait_s(saved.bed.a), wait_s);
    ck_assert_int_ge(tg_login_resend_wait_s(saved.bed.a), wait_s - 2);
    bed_pass(&saved.bed, (wait_s + 1) * SECOND_US);
    bed_resend(&saved.bed, &step);
    bed_expect_result(&step);
    saved_restart(true);
    bed_code(&saved.bed, "12345", &step);
    bed_expect_result(&step);
    saved_expect_state("ready");
}
END_TEST

START_TEST(test_what_the_steps_left_behind_is_judged)
{
    static const char *const bad[] = {"{}", "{'code':{'phone':'15550001'}}",
                                      "{'code':7,'tokens':{},'terms':[],'hint':1}",
                                      "{'code':{'phone':'123456789012345678901234567890','hash':'x'}}", "[]"};
    struct bed_answer step;

    bed_phone(&saved.bed, "15550001", &step);
    bed_expect_result(&step);
    saved_keep_all(saved.bed.a);
    json_decref(saved.kept.login);
    saved.kept.login = json_of(bad[_i]);
    saved_restart(true);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_state("wait_login");
    saved_log_in();
    saved_expect_state("ready");
}
END_TEST

START_TEST(test_a_login_that_was_cut_short_says_so_and_begins_anew)
{
    struct bed_answer step;
    struct fault fault;

    bed_step_begin(&step);
    ck_assert_int_eq(tg_login_qr(saved.bed.a, bed_in(&saved.bed, 30 * SECOND_US), bed_step_done, &step, &fault), 0);
    bed_wait(&saved.bed, &step);
    bed_expect_result(&step);
    saved_restart(true);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_state("wait_login");
    ck_assert_ptr_nonnull(strstr(tg_account_reason(saved.bed.a), "in the middle of the login"));
    ck_assert_ptr_nonnull(strstr(tg_account_remedy(saved.bed.a), "/v1/accounts/a/login"));
    saved_log_in();
    saved_expect_state("ready");
    ck_assert_uint_eq(saved.kept.keys_made, 1);
}
END_TEST

START_TEST(test_a_password_can_still_be_given)
{
    struct bed_answer step;

    strcpy(saved.bed.world->users[0].password, "correct horse");
    bed_phone(&saved.bed, "15550001", &step);
    bed_code(&saved.bed, "12345", &step);
    saved_expect_state("wait_password");
    saved_restart(true);
    bed_pass(&saved.bed, 5 * SECOND_US);
    saved_expect_state("wait_password");
    bed_password(&saved.bed, "correct horse", &step);
    bed_expect_result(&step);
    saved_expect_state("ready");
}
END_TEST

Suite *suite_saved_login(void)
{
    Suite *s = suite_create("saved_login");
    TCase *t = tcase_create("saved_login");

    tcase_add_checked_fixture(t, saved_set_up, saved_tear_down);
    tcase_add_test(t, test_a_step_that_was_taken_unheard_is_learnt_of);
    tcase_add_test(t, test_a_login_that_was_cut_short_says_so_and_begins_anew);
    tcase_add_test(t, test_a_password_can_still_be_given);
    tcase_add_test(t, test_a_code_can_still_be_given);
    tcase_add_test(t, test_a_code_can_still_be_sent_another_way);
    tcase_add_loop_test(t, test_what_the_steps_left_behind_is_judged, 0, 5);
    suite_add_tcase(s, t);
    return s;
}
