/* Logging in by a QR code: shown, renewed, scanned by somebody at home here or elsewhere, with a password or without.
 */
#include <string.h>

#include "tests/support/unit.h"
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

static void ask_for_code(void)
{
    struct fault fault = {0};

    bed_step_begin(&answer);
    ck_assert_int_eq(tg_login_qr(b.a, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), 0);
    bed_wait(&b, &answer);
}

static void show_code(void)
{
    ask_for_code();
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_QR);
}

static void url(char out[static 128])
{
    json_t *j = tg_account_json(b.a);

    snprintf(out, 128, "%s", unit_json_text(json_object_get(j, "qr"), "url"));
    json_decref(j);
}

static unsigned shown(void)
{
    return fake_dc_executed(b.dc, "auth.exportLoginToken");
}

START_TEST(test_a_code_is_shown_in_the_letters_of_urls)
{
    char text[128];

    show_code();
    url(text);
    /* ff ef 01 00…, as RFC 4648 has it for URLs, without padding. */
    ck_assert_str_eq(text, "tg://login?token=_-8BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    json_t *j = tg_account_json(b.a);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(j, "qr"), "expires_at")), b.world->token_until);
    json_decref(j);
}
END_TEST

START_TEST(test_a_code_is_renewed_as_long_as_it_is_shown)
{
    char first[128], later[128];

    show_code();
    url(first);
    bed_pass(&b, 31 * SECOND_US);
    url(later);
    ck_assert_str_ne(first, later);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_eq(b.world->tokens_n, 1 + 631 / 30);
    ck_assert_uint_le(shown(), 2 * b.world->tokens_n);
    expect_state(TG_ACCOUNT_WAIT_QR);
}
END_TEST

START_TEST(test_who_scans_the_code_is_logged_in)
{
    show_code();
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 30 * SECOND_US);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
    unsigned n = shown();
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_uint_eq(shown(), n); /* nothing is left to be renewed */
    json_t *j = tg_account_json(b.a);
    ck_assert_ptr_null(json_object_get(j, "qr"));
    json_decref(j);
}
END_TEST

START_TEST(test_who_scans_the_code_may_be_at_home_elsewhere)
{
    b.world->users[0].home_dc = 2;
    if (_i)
        strcpy(b.world->users[0].password, "secret");
    show_code();
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 60 * SECOND_US);
    if (_i) {
        expect_state(TG_ACCOUNT_WAIT_PASSWORD);
        bed_password(&b, "secret", &answer);
        bed_expect_result(&answer);
    }
    expect_state(TG_ACCOUNT_READY);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 2);
}
END_TEST

START_TEST(test_the_password_of_who_scans_the_code_is_asked_for)
{
    strcpy(b.world->users[0].password, "secret");
    show_code();
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 30 * SECOND_US);
    expect_state(TG_ACCOUNT_WAIT_PASSWORD);
    json_t *j = tg_account_json(b.a);
    ck_assert_str_eq(unit_json_text(j, "hint"), "the usual");
    json_decref(j);
    bed_password(&b, "secret", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

/* The move came to nothing: the code is shown again, at home. */
START_TEST(test_a_token_that_the_other_data_centre_does_not_take)
{
    b.world->users[0].home_dc = 2;
    show_code();
    fake_dc_rule(b.dc, "auth.importLoginToken",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "AUTH_TOKEN_EXPIRED"});
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 29 * SECOND_US);
    b.world->scanned_by = NULL;
    expect_state(TG_ACCOUNT_WAIT_QR);
    bed_pass(&b, 60 * SECOND_US);
    b.world->users[0].home_dc = 1;
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 60 * SECOND_US);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.importLoginToken"), 1);
}
END_TEST

static const struct fake_rule troubles[] = {
    {.fate = FAKE_ERROR, .code = 500, .text = "RPC_CALL_FAIL"},
    {.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_20"},
    {.fate = FAKE_LOST},
    {.fate = FAKE_NEVER},
    {.fate = FAKE_DROP_AFTER},
};

START_TEST(test_a_code_whose_renewal_fails_is_renewed_later)
{
    char text[128], first[128];

    show_code();
    url(first);
    fake_dc_rule(b.dc, "auth.exportLoginToken", troubles[_i]);
    bed_pass(&b, 120 * SECOND_US);
    expect_state(TG_ACCOUNT_WAIT_QR);
    url(text);
    ck_assert_str_ne(text, first);
    b.world->scanned_by = &b.world->users[0];
    bed_pass(&b, 60 * SECOND_US);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_renewal_under_way_keeps_nobody_waiting)
{
    show_code();
    fake_dc_rule(b.dc, "auth.exportLoginToken", (struct fake_rule){.fate = FAKE_LATE, .after_us = 20 * SECOND_US});
    bed_pass(&b, 29 * SECOND_US);
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_pass(&b, 60 * SECOND_US);
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

/* What was shown may have been scanned: the key that it would log in is gone. */
START_TEST(test_a_code_that_is_shown_no_more_logs_nobody_in)
{
    show_code();
    ck_assert(!tg_login_is_over(b.a));
    if (_i) {
        fake_dc_rule(b.dc, "auth.exportLoginToken", (struct fake_rule){.fate = FAKE_LATE, .after_us = 20 * SECOND_US});
        bed_pass(&b, 29 * SECOND_US);
    }
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert(tg_login_is_over(b.a));
    unsigned n = shown();
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_uint_eq(shown(), n);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
    show_code();
}
END_TEST

START_TEST(test_an_account_that_is_to_go_shows_its_code_no_more)
{
    struct fault fault = {0};

    show_code();
    bed_step_begin(&answer);
    ck_assert_int_eq(tg_login_quit(b.a, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), 0);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
    ck_assert(tg_login_is_over(b.a));
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
}
END_TEST

/* _i: its renewal is under way. */
START_TEST(test_an_account_may_be_closed_while_it_shows_a_code)
{
    show_code();
    if (_i) {
        fake_dc_rule(b.dc, "auth.exportLoginToken", (struct fake_rule){.fate = FAKE_NEVER});
        bed_pass(&b, 29 * SECOND_US);
    }
    tg_account_free(b.a);
    b.a = NULL;
    bed_pass(&b, 60 * SECOND_US);
}
END_TEST

Suite *suite_login_qr(void)
{
    Suite *s = suite_create("login_qr");
    TCase *t = tcase_create("login_qr");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_a_code_is_shown_in_the_letters_of_urls);
    tcase_add_test(t, test_a_code_is_renewed_as_long_as_it_is_shown);
    tcase_add_test(t, test_who_scans_the_code_is_logged_in);
    tcase_add_loop_test(t, test_who_scans_the_code_may_be_at_home_elsewhere, 0, 2);
    tcase_add_test(t, test_the_password_of_who_scans_the_code_is_asked_for);
    tcase_add_test(t, test_a_token_that_the_other_data_centre_does_not_take);
    tcase_add_loop_test(t, test_a_code_whose_renewal_fails_is_renewed_later, 0, sizeof(troubles) / sizeof(troubles[0]));
    tcase_add_test(t, test_a_renewal_under_way_keeps_nobody_waiting);
    tcase_add_loop_test(t, test_a_code_that_is_shown_no_more_logs_nobody_in, 0, 2);
    tcase_add_test(t, test_an_account_that_is_to_go_shows_its_code_no_more);
    tcase_add_loop_test(t, test_an_account_may_be_closed_while_it_shows_a_code, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
