/* What becomes of auth.logOut: the login ends here in any case, and what is said of Telegram's side is true. */
#include <string.h>

#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer, late;

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_fini(&b);
}

/* The contract's answer; SAYS is part of the reason where it is not confirmed. */
static void expect_out(bool confirmed, const char *says)
{
    json_t *j = tg_account_json(b.a);
    const char *reason = tg_account_reason(b.a), *remedy = tg_account_remedy(b.a);

    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_LOGGED_OUT);
    ck_assert_int_eq(tg_account_logout(b.a), confirmed ? TG_LOGOUT_CONFIRMED : TG_LOGOUT_UNCONFIRMED);
    ck_assert(json_equal(json_object_get(j, "logout_confirmed"), confirmed ? json_true() : json_false()));
    json_decref(j);
    if (confirmed) {
        ck_assert_msg(!reason && !remedy, "%s", reason);
    } else {
        ck_assert_msg(reason && strstr(reason, says), "%s", reason);
        ck_assert(remedy && strstr(remedy, "Devices"));
    }
    ck_assert_int_eq(tg_account_self_id(b.a), 0);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
    ck_assert(tg_login_is_over(b.a));
}

/* The second of two that are executed finds that nobody is logged in. */
static const struct {
    const char *name;
    struct fake_rule rule;
    const char *says; /* NULL: confirmed */
    unsigned executed;
} fates[] = {
    {"told", {.fate = FAKE_ANSWER}, NULL, 1},
    {"drop before", {.fate = FAKE_DROP_BEFORE}, NULL, 1},
    {"drop before, for ever", {.fate = FAKE_DROP_BEFORE, .times = FAKE_ALWAYS}, "auth.logOut", 0},
    {"drop after", {.fate = FAKE_DROP_AFTER}, NULL, 1},
    {"gone already", {.fate = FAKE_ERROR, .code = 401, .text = "AUTH_KEY_UNREGISTERED"}, NULL, 0},
    {"revoked already", {.fate = FAKE_ERROR, .code = 401, .text = "SESSION_REVOKED"}, NULL, 0},
    {"used elsewhere", {.fate = FAKE_ERROR, .code = 406, .text = "AUTH_KEY_DUPLICATED"}, NULL, 0},
    {"server trouble", {.fate = FAKE_ERROR, .code = 500, .text = "INTERNAL"}, NULL, 1},
    {"server trouble after", {.fate = FAKE_ERROR_AFTER, .code = -503, .text = "Timeout"}, NULL, 2},
    {"server trouble, for ever", {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 500, .text = "INTERNAL"}, "500", 0},
    {"a wait", {.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_5"}, NULL, 1},
    {"a long wait", {.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_300"}, "FLOOD_WAIT_300", 0},
    {"refused", {.fate = FAKE_ERROR, .code = 400, .text = "SOMETHING_ELSE"}, "SOMETHING_ELSE", 0},
    {"no answer", {.fate = FAKE_NEVER}, NULL, 2},
    {"lost", {.fate = FAKE_LOST}, NULL, 1},
    {"lost, for ever", {.fate = FAKE_LOST, .times = FAKE_ALWAYS}, "sent and not answered", 0},
    {"executed later", {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 60 * SECOND_US}, "not answered", 0},
};

START_TEST(test_what_is_said_of_a_logout_is_so)
{
    fake_dc_rule(b.dc, "auth.logOut", fates[_i].rule);
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    ck_assert_msg((tg_account_logout(b.a) == TG_LOGOUT_CONFIRMED) == !fates[_i].says, "%s", fates[_i].name);
    expect_out(!fates[_i].says, fates[_i].says);
    ck_assert_msg(fake_dc_executed(b.dc, "auth.logOut") == fates[_i].executed, "%s", fates[_i].name);
}
END_TEST

START_TEST(test_a_logout_without_a_connection)
{
    fake_net_set_address(&b.net, "10.0.0.1", 443, _i ? FAKE_IS_SILENT : FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, SECOND_US);
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    expect_out(false, "did not reach Telegram");
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 0);
}
END_TEST

START_TEST(test_a_logout_waits_for_a_connection_that_comes_back)
{
    struct fault fault = {0};

    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, SECOND_US);
    bed_step_begin(&answer);
    ck_assert_int_eq(tg_logout(b.a, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), 0);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(answer.times, 0);
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
    expect_out(true, NULL);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 1);
}
END_TEST

START_TEST(test_a_key_that_telegram_does_not_know_has_no_login)
{
    fake_dc_forget_keys(b.dc);
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    expect_out(true, NULL);
}
END_TEST

START_TEST(test_the_next_login_is_not_spoken_of_as_the_one_before)
{
    fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "NO"});
    bed_logout(&b, &answer);
    expect_out(false, "NO");
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_logout(b.a), TG_LOGOUT_NONE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    bed_logout(&b, &answer);
    expect_out(true, NULL);
}
END_TEST

START_TEST(test_who_waits_for_a_logout_hears_that_the_account_was_closed)
{
    struct fault fault = {0};

    fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.fate = FAKE_LOST});
    bed_step_begin(&answer);
    ck_assert_int_eq(tg_logout(b.a, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), 0);
    bed_pass(&b, SECOND_US);
    tg_account_free(b.a);
    b.a = NULL;
    bed_expect_no_answer(&answer, TGC_ECLOSED);
}
END_TEST

/* --- a step of the login that was not answered --- */

static void begin_again(struct fake_rule rule)
{
    bed_logout(&b, &answer);
    bed_phone(&b, "15550001", &answer);
    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "auth.signIn", rule);
    bed_code(&b, "12345", &late);
    bed_expect_no_answer(&late, TGC_ETIMEOUT);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_WAIT_CODE);
}

START_TEST(test_a_login_that_nobody_heard_of_can_be_logged_out)
{
    begin_again((struct fake_rule){.fate = FAKE_NEVER});
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    expect_out(true, NULL);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.logOut"), 1);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
}
END_TEST

/* The key goes, so that it finds none; but that is not heard. */
START_TEST(test_a_login_that_may_yet_come_is_not_said_to_be_over)
{
    begin_again((struct fake_rule){.fate = FAKE_LATER, .after_us = 100 * SECOND_US});
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    expect_out(false, "never answered");
    bed_pass(&b, 300 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.signIn"), 0);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_LOGGED_OUT);
}
END_TEST

Suite *suite_logout(void)
{
    Suite *s = suite_create("logout");
    TCase *t = tcase_create("logout");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_what_is_said_of_a_logout_is_so, 0, sizeof(fates) / sizeof(fates[0]));
    tcase_add_loop_test(t, test_a_logout_without_a_connection, 0, 2);
    tcase_add_test(t, test_a_logout_waits_for_a_connection_that_comes_back);
    tcase_add_test(t, test_a_key_that_telegram_does_not_know_has_no_login);
    tcase_add_test(t, test_the_next_login_is_not_spoken_of_as_the_one_before);
    tcase_add_test(t, test_who_waits_for_a_logout_hears_that_the_account_was_closed);
    tcase_add_test(t, test_a_login_that_nobody_heard_of_can_be_logged_out);
    tcase_add_test(t, test_a_login_that_may_yet_come_is_not_said_to_be_over);
    suite_add_tcase(s, t);
    return s;
}
