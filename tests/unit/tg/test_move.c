/* An account that is sent to another data centre, which does not take it: what it had is not lost. */
#include <string.h>

#include "daemon/tg/account/inside.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static void set_up_ready(void)
{
    bed_init(&b, BED_READY);
}

static void set_up_new(void)
{
    bed_init(&b, BED_NEW);
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

static void set_second(enum fake_address state)
{
    fake_net_set_address(&b.net, "10.0.0.2", 443, state);
}

static void expect_home(int dc)
{
    json_t *j = tg_account_json(b.a);

    ck_assert_int_eq(json_integer_value(json_object_get(j, "dc")), dc);
    json_decref(j);
}

static void expect_ready(void)
{
    ck_assert_str_eq(tg_account_state_text(tg_account_state(b.a)), "ready");
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}

static void ask(int64_t timeout_s)
{
    bed_answer_fini(&answer);
    bed_ask(&b, "help.getNearestDc", "{}", timeout_s * SECOND_US, 0, &answer);
}

static void expect_moved(void)
{
    bed_expect_result(&answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 2);
    expect_ready();
    expect_home(2);
    ck_assert_ptr_null(tg_account_reason(b.a));
}

START_TEST(test_a_login_outlives_a_move_to_a_centre_that_is_down)
{
    b.world->users[0].home_dc = 2;
    set_second(_i ? FAKE_IS_SILENT : FAKE_REFUSES);
    ask(30);
    bed_wait(&b, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_pass(&b, 30 * SECOND_US);
    expect_ready();
    expect_home(1);
    ck_assert_ptr_nonnull(tg_account_reason(b.a));
    ck_assert_msg(strstr(tg_account_reason(b.a), "data centre 2") &&
                      strstr(tg_account_reason(b.a), _i ? "no answer from 10.0.0.2" : "connection refused"),
                  "%s", tg_account_reason(b.a));
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    set_second(FAKE_LISTENS);
    ask(90);
    bed_wait(&b, &answer);
    expect_moved();
}
END_TEST

/* Its session there is a new one that nobody asks for anything: it would be told of nothing. */
START_TEST(test_who_comes_home_and_has_nothing_to_ask_wants_updates_all_the_same)
{
    b.world->users[0].home_dc = 2;
    set_second(FAKE_REFUSES);
    ask(10);
    bed_wait(&b, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    b.world->users[0].home_dc = 1;
    fake_dc_forget_counts(b.dc);
    bed_pass(&b, 60 * SECOND_US);
    expect_ready();
    expect_home(1);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "updates.getDifference"), 1);
    bed_pass(&b, 3600 * SECOND_US);
    /* And whether they come, four times an hour. */
    ck_assert_uint_eq(fake_dc_executed(b.dc, "updates.getDifference"), 5);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "*"), fake_dc_executed(b.dc, "auth.bindTempAuthKey") + 5);
}
END_TEST

/* And where it is sent away again and again, that is no storm. */
START_TEST(test_a_move_that_fails_is_tried_again_by_itself_more_and_more_rarely)
{
    b.world->users[0].home_dc = 2;
    set_second(FAKE_REFUSES);
    ask(10);
    bed_wait(&b, &answer);
    fake_dc_forget_counts(b.dc);
    bed_pass(&b, 3600 * SECOND_US);
    expect_ready();
    unsigned tries = fake_dc_executed(b.dc, "auth.exportAuthorization");
    ck_assert_msg(tries >= 4 && tries <= 6, "%u tries in an hour", tries);
    set_second(FAKE_LISTENS);
    bed_pass(&b, 7200 * SECOND_US);
    expect_ready();
    expect_home(2);
    ck_assert_ptr_null(tg_account_reason(b.a));
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.exportAuthorization"), tries + 1);
}
END_TEST

START_TEST(test_who_arrives_when_nobody_waits_any_more_wants_updates_too)
{
    b.world->users[0].home_dc = 2;
    fake_dc_rule(b.dc, "auth.importAuthorization", (struct fake_rule){.fate = FAKE_LATE, .after_us = 8 * SECOND_US});
    ask(5);
    bed_wait(&b, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    fake_dc_forget_counts(b.dc);
    bed_pass(&b, 60 * SECOND_US);
    expect_ready();
    expect_home(2);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "updates.getDifference"), 1);
}
END_TEST

START_TEST(test_who_has_the_time_waits_for_the_centre_to_come_up)
{
    b.world->users[0].home_dc = 2;
    set_second(FAKE_REFUSES);
    ask(300);
    bed_pass(&b, 40 * SECOND_US);
    ck_assert_uint_eq(answer.times, 0);
    set_second(FAKE_LISTENS);
    bed_wait(&b, &answer);
    expect_moved();
}
END_TEST

START_TEST(test_a_login_outlives_an_import_that_is_refused_or_not_answered)
{
    static const struct fake_rule rules[] = {
        {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "AUTH_BYTES_INVALID"},
        {.fate = FAKE_LOST, .times = FAKE_ALWAYS},
        {.fate = FAKE_NEVER, .times = FAKE_ALWAYS},
    };

    b.world->users[0].home_dc = 2;
    fake_dc_rule(b.dc, "auth.importAuthorization", rules[_i]);
    ask(20);
    bed_wait(&b, &answer);
    ck_assert_int_eq(answer.outcome, TG_NO_ANSWER);
    bed_pass(&b, 40 * SECOND_US);
    expect_ready();
    expect_home(1);
    ck_assert_ptr_nonnull(tg_account_reason(b.a));
    fake_dc_no_rules(b.dc);
    ask(30);
    bed_wait(&b, &answer);
    expect_moved();
}
END_TEST

/* It may read, but not move: there it would be nobody. */
START_TEST(test_an_account_that_is_frozen_between_export_and_import_stays_at_home)
{
    struct bed_answer frozen;

    b.world->users[0].home_dc = 2;
    fake_dc_rule(b.dc, "auth.exportAuthorization", (struct fake_rule){.fate = FAKE_LATE, .after_us = 3 * SECOND_US});
    bed_ask(&b, "help.getNearestDc", "{}", 30 * SECOND_US, 0, &answer);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.exportAuthorization"), 1);
    b.world->users[0].home_dc = 1;
    account_set_state(b.a, TG_ACCOUNT_FROZEN, "frozen", NULL);
    bed_wait(&b, &answer);
    bed_expect_no_answer(&answer, TGC_EPROTO);
    bed_pass(&b, 30 * SECOND_US);
    ck_assert_str_eq(tg_account_state_text(tg_account_state(b.a)), "frozen");
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
    expect_home(1);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.importAuthorization"), 0);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &frozen);
    bed_expect_result(&frozen);
    ck_assert_int_eq(json_integer_value(json_object_get(frozen.json, "this_dc")), 1);
    bed_answer_fini(&frozen);
}
END_TEST

/* --- a code that was sent already --- */

static const struct fake_rule second_codes[] = {
    {.fate = FAKE_ANSWER}, /* and nobody there */
    {.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_500"},
    {.fate = FAKE_LATE, .after_us = 60 * SECOND_US},
    {.fate = FAKE_NEVER},
    {.fate = FAKE_LOST},
};

START_TEST(test_a_code_outlives_another_number_that_moves_and_fails)
{
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    b.world->users[1].home_dc = 2;
    if (_i == 0)
        set_second(FAKE_REFUSES);
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.fate = FAKE_ANSWER}); /* PHONE_MIGRATE_2 */
    fake_dc_rule(b.dc, "auth.sendCode", second_codes[_i]);
    bed_phone(&b, "15550002", &answer);
    ck_assert_int_ne(answer.outcome, TG_RESULT);
    ck_assert_str_eq(tg_account_state_text(tg_account_state(b.a)), "wait_code");
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_ready();
    expect_home(1);
    bed_pass(&b, 120 * SECOND_US);
    expect_ready();
    expect_home(1);
    ck_assert(tg_account_is_online(b.a));
}
END_TEST

START_TEST(test_a_late_code_of_another_number_takes_the_place_of_the_first)
{
    bed_phone(&b, "15550001", &answer);
    b.world->users[1].home_dc = 2;
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.fate = FAKE_ANSWER}); /* PHONE_MIGRATE_2 */
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.fate = FAKE_LATE, .after_us = 60 * SECOND_US});
    bed_phone(&b, "15550002", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_pass(&b, 60 * SECOND_US);
    bed_code(&b, b.world->users[1].code, &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_self_id(b.a), b.world->users[1].id);
    expect_home(2);
}
END_TEST

Suite *suite_move(void)
{
    Suite *s = suite_create("move");
    TCase *ready = tcase_create("ready"), *code = tcase_create("code");

    tcase_add_checked_fixture(ready, set_up_ready, tear_down);
    tcase_set_timeout(ready, 30);
    tcase_add_loop_test(ready, test_a_login_outlives_a_move_to_a_centre_that_is_down, 0, 2);
    tcase_add_test(ready, test_who_comes_home_and_has_nothing_to_ask_wants_updates_all_the_same);
    tcase_add_test(ready, test_a_move_that_fails_is_tried_again_by_itself_more_and_more_rarely);
    tcase_add_test(ready, test_who_arrives_when_nobody_waits_any_more_wants_updates_too);
    tcase_add_test(ready, test_who_has_the_time_waits_for_the_centre_to_come_up);
    tcase_add_loop_test(ready, test_a_login_outlives_an_import_that_is_refused_or_not_answered, 0, 3);
    tcase_add_test(ready, test_an_account_that_is_frozen_between_export_and_import_stays_at_home);
    suite_add_tcase(s, ready);
    tcase_add_checked_fixture(code, set_up_new, tear_down);
    tcase_set_timeout(code, 30);
    tcase_add_loop_test(code, test_a_code_outlives_another_number_that_moves_and_fails, 0,
                        sizeof(second_codes) / sizeof(second_codes[0]));
    tcase_add_test(code, test_a_late_code_of_another_number_takes_the_place_of_the_first);
    suite_add_tcase(s, code);
    return s;
}
