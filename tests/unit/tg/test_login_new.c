/* Logins that ask for more than a code: a number that signs up, an account that needs an e-mail address. */
#include <string.h>

#include "tests/support/unit.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

#define PHONE "15550001"

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

static void finish(int err, const struct fault *fault)
{
    ck_assert_msg(err == 0, "the step was refused: %s", fault->text);
    bed_wait(&b, &answer);
}

static void sign_up(const char *first, const char *last)
{
    struct fault fault = {0};

    bed_step_begin(&answer);
    finish(tg_login_registration(b.a, first, last, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), &fault);
}

static void give_email(const char *email)
{
    struct fault fault = {0};

    bed_step_begin(&answer);
    finish(tg_login_email(b.a, email, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), &fault);
}

static void give_email_code(const char *code)
{
    struct fault fault = {0};

    bed_step_begin(&answer);
    finish(tg_login_email_code(b.a, code, bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), &fault);
}

/* --- signing up --- */

static void come_to_registration(void)
{
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    fake_dc_rule(b.dc, "auth.signIn",
                 (struct fake_rule){.json = "{'_':'auth.authorizationSignUpRequired','terms_of_service':{'_':"
                                            "'help.termsOfService','id':{'_':'dataJSON','data':'{}'},'text':'Be kind',"
                                            "'entities':[]}}"});
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_REGISTRATION);
}

START_TEST(test_a_number_without_an_account_signs_up)
{
    come_to_registration();
    json_t *j = tg_account_json(b.a);
    ck_assert_str_eq(unit_json_text(json_object_get(j, "terms_of_service"), "text"), "Be kind");
    json_decref(j);
    sign_up("Dora", "Dee");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    const json_t *asked = fake_dc_last(b.dc, "auth.signUp");
    ck_assert_str_eq(unit_json_text(asked, "first_name"), "Dora");
    ck_assert_str_eq(unit_json_text(asked, "last_name"), "Dee");
    j = tg_account_json(b.a);
    ck_assert_ptr_null(json_object_get(j, "terms_of_service"));
    json_decref(j);
}
END_TEST

START_TEST(test_a_registration_that_is_refused_may_be_given_again)
{
    come_to_registration();
    fake_dc_rule(b.dc, "auth.signUp", (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "FIRSTNAME_INVALID"});
    sign_up("?", "");
    bed_expect_error(&answer, 400, "FIRSTNAME_INVALID");
    expect_state(TG_ACCOUNT_WAIT_REGISTRATION);
    sign_up("Dora", "");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

/* Signing up twice would be refused: the second asks who is logged in first. */
START_TEST(test_a_registration_that_happened_unheard)
{
    come_to_registration();
    fake_dc_rule(b.dc, "auth.signUp", (struct fake_rule){.fate = FAKE_NEVER});
    sign_up("Dora", "");
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    unsigned asked = fake_dc_asked(b.dc, "auth.signUp");
    sign_up("Dora", "");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.signUp"), asked);
}
END_TEST

START_TEST(test_what_is_not_waited_for_is_not_taken)
{
    struct fault fault = {0};
    char long_name[400];

    ck_assert_int_eq(tg_login_registration(b.a, "D", "", 0, bed_step_done, &answer, &fault), TGC_ESTATE);
    ck_assert_int_eq(tg_login_email(b.a, "a@b.org", 0, bed_step_done, &answer, &fault), TGC_ESTATE);
    ck_assert_int_eq(tg_login_email_code(b.a, "123456", 0, bed_step_done, &answer, &fault), TGC_ESTATE);
    come_to_registration();
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    ck_assert_int_eq(tg_login_registration(b.a, "D", long_name, 0, bed_step_done, &answer, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/last_name");
    sign_up("Dora", ""); /* no step was left behind */
    bed_expect_result(&answer);
}
END_TEST

/* --- e-mail --- */

static void come_to_email(void)
{
    fake_dc_rule(b.dc, "auth.sendCode",
                 (struct fake_rule){.json = "{'_':'auth.sentCode','type':{'_':'auth.sentCodeTypeSetUpEmailRequired'},"
                                            "'phone_code_hash':'hash-7'}"});
    strcpy(b.world->users[0].code_hash, "hash-7");
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_EMAIL);
}

START_TEST(test_an_e_mail_address_is_given_and_proved)
{
    struct fault fault = {0};

    come_to_email();
    give_email("a@b.org");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_EMAIL_CODE);
    json_t *j = tg_account_json(b.a);
    ck_assert_str_eq(unit_json_text(json_object_get(j, "code"), "kind"), "emailCode");
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(j, "code"), "length")), 6);
    ck_assert_ptr_nonnull(strstr(unit_json_text(j, "reason"), "a***@b.org"));
    json_decref(j);
    /* It is no code that could go another way. */
    ck_assert_int_eq(tg_login_resend(b.a, 0, bed_step_done, &answer, &fault), TGC_ESTATE);
    give_email("other@b.org"); /* the first was a slip */
    bed_expect_result(&answer);
    give_email_code("654321");
    bed_expect_error(&answer, 400, "CODE_INVALID");
    expect_state(TG_ACCOUNT_WAIT_EMAIL_CODE);
    give_email_code("123456");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_code_by_e_mail_logs_in)
{
    fake_dc_rule(b.dc, "auth.sendCode",
                 (struct fake_rule){.json = "{'_':'auth.sentCode','type':{'_':'auth.sentCodeTypeEmailCode',"
                                            "'email_pattern':'a***@b.org','length':6},'phone_code_hash':'hash-7'}"});
    strcpy(b.world->users[0].code_hash, "hash-7");
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_EMAIL_CODE);
    give_email_code("123456");
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_ptr_null(json_object_get(fake_dc_last(b.dc, "auth.signIn"), "phone_code"));
}
END_TEST

/* _i: 0 the address, 1 its code. */
START_TEST(test_a_step_of_an_e_mail_address_that_was_taken_late)
{
    come_to_email();
    if (_i) {
        give_email("a@b.org");
        bed_expect_result(&answer);
    }
    fake_dc_rule(b.dc, _i ? "account.verifyEmail" : "account.sendVerifyEmailCode",
                 (struct fake_rule){.fate = FAKE_LATE, .after_us = 40 * SECOND_US});
    if (_i)
        give_email_code("123456");
    else
        give_email("a@b.org");
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_pass(&b, 40 * SECOND_US);
    expect_state(_i ? TG_ACCOUNT_WAIT_CODE : TG_ACCOUNT_WAIT_EMAIL_CODE);
    unsigned asked = fake_dc_asked(b.dc, "*");
    if (_i)
        give_email_code("123456");
    else
        give_email("a@b.org");
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), asked + 1); /* who is logged in */
    expect_state(_i ? TG_ACCOUNT_WAIT_CODE : TG_ACCOUNT_WAIT_EMAIL_CODE);
}
END_TEST

START_TEST(test_a_login_that_waits_for_e_mail_is_given_up)
{
    come_to_email();
    if (_i)
        give_email("a@b.org");
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert_str_eq(b.world->users[0].code_hash, "");
}
END_TEST

START_TEST(test_the_token_of_a_bot_is_no_phone_number)
{
    struct fault fault = {0};

    ck_assert_int_eq(
        tg_login_phone(b.a, "123456789:AAE-abcdefghijklmnopqrstuvwxyz12345", 0, bed_step_done, &answer, &fault),
        TGC_EINVAL);
    ck_assert_str_eq(fault.path, "/phone");
    ck_assert_ptr_nonnull(strstr(fault.text, "bots can run no group calls"));
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 0);
}
END_TEST

/* --- coming back --- */

#define TOKEN_OF_LOGOUT "{'_':'auth.loggedOut','future_auth_token':'AAEC'}"
#define ALICE "{'_':'user','id':1001,'access_hash':1,'first_name':'Alice','phone':'15550001'}"

static void log_in(void)
{
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}

static const json_t *tokens_sent(void)
{
    return json_object_get(json_object_get(fake_dc_last(b.dc, "auth.sendCode"), "settings"), "logout_tokens");
}

START_TEST(test_who_comes_back_shows_the_token_of_the_last_logout)
{
    log_in();
    ck_assert_ptr_null(tokens_sent());
    fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.json = TOKEN_OF_LOGOUT});
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    fake_dc_rule(
        b.dc, "auth.sendCode",
        (struct fake_rule){.json = "{'_':'auth.sentCodeSuccess','authorization':{'_':'auth.authorization','user':" ALICE
                                   ",'future_auth_token':'AwQF'}}"});
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_uint_eq(json_array_size(tokens_sent()), 1);
    ck_assert_str_eq(json_string_value(json_array_get(tokens_sent(), 0)), "AAEC");
    bed_logout(&b, &answer);
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(json_array_size(tokens_sent()), 2);
    ck_assert_str_eq(json_string_value(json_array_get(tokens_sent(), 0)), "AwQF");
}
END_TEST

START_TEST(test_no_more_than_twenty_tokens_are_kept)
{
    char json[96];

    for (int i = 0; i < 25; i++) {
        log_in();
        snprintf(json, sizeof(json), "{'_':'auth.loggedOut','future_auth_token':'AAA%c'}", 'A' + i);
        fake_dc_rule(b.dc, "auth.logOut", (struct fake_rule){.json = json});
        bed_logout(&b, &answer);
        bed_expect_result(&answer);
    }
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(json_array_size(tokens_sent()), 20);
    ck_assert_str_eq(json_string_value(json_array_get(tokens_sent(), 0)), "AAAY");
}
END_TEST

Suite *suite_login_new(void)
{
    Suite *s = suite_create("login_new");
    TCase *t = tcase_create("login_new");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_a_number_without_an_account_signs_up);
    tcase_add_test(t, test_a_registration_that_is_refused_may_be_given_again);
    tcase_add_test(t, test_a_registration_that_happened_unheard);
    tcase_add_test(t, test_what_is_not_waited_for_is_not_taken);
    tcase_add_test(t, test_an_e_mail_address_is_given_and_proved);
    tcase_add_test(t, test_a_code_by_e_mail_logs_in);
    tcase_add_loop_test(t, test_a_step_of_an_e_mail_address_that_was_taken_late, 0, 2);
    tcase_add_loop_test(t, test_a_login_that_waits_for_e_mail_is_given_up, 0, 2);
    tcase_add_test(t, test_who_comes_back_shows_the_token_of_the_last_logout);
    tcase_add_test(t, test_no_more_than_twenty_tokens_are_kept);
    tcase_add_test(t, test_the_token_of_a_bot_is_no_phone_number);
    suite_add_tcase(s, t);
    return s;
}
