/* A code and where it goes: what is said of it, asking for it again, giving it up, and its end. */
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

static void send_code(void)
{
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_CODE);
}

/* Each way that layer 229 knows, and what a person is told of it. */
static const struct {
    const char *type, *kind;
    enum tg_account_state state;
    const char *told;
} ways[] = {
    {"'_':'auth.sentCodeTypeApp','length':5", "app", TG_ACCOUNT_WAIT_CODE, "in its app"},
    {"'_':'auth.sentCodeTypeSms','length':5", "sms", TG_ACCOUNT_WAIT_CODE, "by SMS"},
    {"'_':'auth.sentCodeTypeCall','length':5", "call", TG_ACCOUNT_WAIT_CODE, "a voice says the code"},
    {"'_':'auth.sentCodeTypeFlashCall','pattern':'+7900*'", "flashCall", TG_ACCOUNT_WAIT_CODE, "+7900*"},
    {"'_':'auth.sentCodeTypeMissedCall','prefix':'+7901','length':5", "missedCall", TG_ACCOUNT_WAIT_CODE, "+7901…"},
    {"'_':'auth.sentCodeTypeFragmentSms','url':'https://fragment.com/x','length':5", "fragmentSms",
     TG_ACCOUNT_WAIT_CODE, "https://fragment.com/x"},
    {"'_':'auth.sentCodeTypeFirebaseSms','length':5", "firebaseSms", TG_ACCOUNT_WAIT_CODE, "official apps alone"},
    {"'_':'auth.sentCodeTypeSmsWord','beginning':'ca'", "smsWord", TG_ACCOUNT_WAIT_CODE, "one word, ca…"},
    {"'_':'auth.sentCodeTypeSmsPhrase','beginning':'when I'", "smsPhrase", TG_ACCOUNT_WAIT_CODE, "when I…"},
    {"'_':'auth.sentCodeTypeSmsPhrase'", "smsPhrase", TG_ACCOUNT_WAIT_CODE, "does not tell"},
    {"'_':'auth.sentCodeTypeEmailCode','email_pattern':'a***@b.org','length':6", "emailCode",
     TG_ACCOUNT_WAIT_EMAIL_CODE, "a***@b.org"},
    {"'_':'auth.sentCodeTypeSetUpEmailRequired'", "setUpEmailRequired", TG_ACCOUNT_WAIT_EMAIL, "an e-mail address"},
};

START_TEST(test_where_the_code_goes_is_said_in_words)
{
    char json[256];

    snprintf(json, sizeof(json), "{'_':'auth.sentCode','type':{%s},'phone_code_hash':'h','timeout':60}", ways[_i].type);
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.json = json});
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    expect_state(ways[_i].state);
    json_t *j = tg_account_json(b.a);
    ck_assert_str_eq(unit_json_text(json_object_get(j, "code"), "kind"), ways[_i].kind);
    ck_assert_msg(strstr(unit_json_text(j, "reason"), ways[_i].told) != NULL, "%s", unit_json_text(j, "reason"));
    json_decref(j);
}
END_TEST

/* Cut in the middle of a character it would be no text any more. */
START_TEST(test_what_telegram_says_of_a_code_is_told_whole_or_not_at_all)
{
    char json[512], long_one[160] = "";

    for (int i = 0; i < 70; i++)
        strcat(long_one, "é");
    snprintf(json, sizeof(json),
             "{'_':'auth.sentCode','type':{'_':'auth.sentCodeTypeFlashCall','pattern':'x%s'},'phone_code_hash':'h'}",
             long_one);
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.json = json});
    bed_phone(&b, PHONE, &answer);
    bed_expect_result(&answer);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "does not tell"));
}
END_TEST

START_TEST(test_a_code_is_asked_for_again_when_its_time_has_come)
{
    struct fault fault = {0};

    send_code();
    json_t *j = tg_account_json(b.a);
    const json_t *code = json_object_get(j, "code");
    ck_assert_str_eq(unit_json_text(code, "next_kind"), "sms");
    ck_assert_int_eq(json_integer_value(json_object_get(code, "resend_at")),
                     clock_wall_us(b.env.clock) / SECOND_US + 60);
    json_decref(j);
    bed_pass(&b, 20 * SECOND_US);
    bed_step_begin(&answer);
    ck_assert_int_eq(tg_login_resend(b.a, bed_in(&b, SECOND_US), bed_step_done, &answer, &fault), TGC_EBUSY);
    ck_assert_ptr_nonnull(strstr(fault.text, "40 s"));
    ck_assert_int_eq(tg_login_resend_wait_s(b.a), 40);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.resendCode"), 0);
    bed_pass(&b, 40 * SECOND_US);
    bed_resend(&b, &answer);
    bed_expect_result(&answer);
    j = tg_account_json(b.a);
    code = json_object_get(j, "code");
    ck_assert_str_eq(unit_json_text(code, "kind"), "sms");
    ck_assert_ptr_null(json_object_get(code, "next_kind"));
    ck_assert_ptr_null(json_object_get(code, "resend_at"));
    json_decref(j);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_no_code_is_asked_for_again_where_none_was_sent)
{
    struct fault fault = {0};

    ck_assert_int_eq(tg_login_resend(b.a, bed_in(&b, SECOND_US), bed_step_done, &answer, &fault), TGC_ESTATE);
    ck_assert_ptr_nonnull(strstr(fault.text, "wait_login"));
}
END_TEST

/* _i: it came late, else never. One more would be one too many. */
START_TEST(test_a_code_that_was_sent_again_unheard)
{
    send_code();
    bed_pass(&b, 60 * SECOND_US);
    fake_dc_rule(b.dc, "auth.resendCode",
                 _i ? (struct fake_rule){.fate = FAKE_LATE, .after_us = 40 * SECOND_US}
                    : (struct fake_rule){.fate = FAKE_NEVER});
    bed_resend(&b, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_pass(&b, 30 * SECOND_US);
    unsigned asked = fake_dc_asked(b.dc, "auth.resendCode");
    bed_resend(&b, &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.resendCode"), asked + !_i);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

static const char *const coded[] = {"auth.resendCode", "auth.signIn"};

/* _i: whose answer says so. */
START_TEST(test_a_code_that_has_expired_leads_back_to_the_start)
{
    send_code();
    bed_pass(&b, 60 * SECOND_US);
    b.world->users[0].code_hash[0] = '\0';
    if (_i)
        bed_code(&b, "12345", &answer);
    else
        bed_resend(&b, &answer);
    bed_expect_error(&answer, 400, "PHONE_CODE_EXPIRED");
    ck_assert_uint_eq(fake_dc_asked(b.dc, coded[_i]), 1);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "expired"));
    ck_assert_ptr_nonnull(strstr(tg_account_remedy(b.a), "/login"));
    send_code();
}
END_TEST

START_TEST(test_a_login_that_telegram_restarts_leads_back_to_the_start)
{
    send_code();
    bed_pass(&b, 60 * SECOND_US);
    fake_dc_rule(b.dc, coded[_i], (struct fake_rule){.fate = FAKE_ERROR, .code = 500, .text = "AUTH_RESTART"});
    if (_i)
        bed_code(&b, "12345", &answer);
    else
        bed_resend(&b, &answer);
    bed_expect_error(&answer, 500, "AUTH_RESTART");
    ck_assert_uint_eq(fake_dc_asked(b.dc, coded[_i]), 1);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "phone number"));
    send_code();
}
END_TEST

/* --- giving up --- */

START_TEST(test_a_login_is_given_up_while_its_code_is_out)
{
    send_code();
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert_str_eq(b.world->users[0].code_hash, "");
    ck_assert(tg_login_is_over(b.a));
    json_t *j = tg_account_json(b.a);
    ck_assert_ptr_null(json_object_get(j, "code"));
    json_decref(j);
    send_code();
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
}
END_TEST

START_TEST(test_a_code_that_is_gone_is_given_up_all_the_same)
{
    send_code();
    b.world->users[0].code_hash[0] = '\0';
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
}
END_TEST

START_TEST(test_a_login_that_telegram_does_not_give_up_stays)
{
    send_code();
    fake_dc_rule(b.dc, "auth.cancelCode", (struct fake_rule){.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_90"});
    bed_cancel(&b, &answer);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_90");
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
}
END_TEST

/* Its code was used up: what Telegram still has of it hangs on the key. */
START_TEST(test_a_login_is_given_up_while_its_password_is_waited_for)
{
    strcpy(b.world->users[0].password, "secret");
    send_code();
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_PASSWORD);
    if (_i) {
        fake_dc_rule(b.dc, "auth.checkPassword", (struct fake_rule){.fate = FAKE_LOST});
        bed_password(&b, "secret", &answer);
        bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    }
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
    ck_assert(tg_login_is_over(b.a));
    send_code();
}
END_TEST

/* The password was taken, and nobody had heard of it. */
START_TEST(test_a_login_that_happened_is_not_given_up)
{
    strcpy(b.world->users[0].password, "secret");
    send_code();
    bed_code(&b, "12345", &answer);
    fake_dc_rule(b.dc, "auth.checkPassword", (struct fake_rule){.fate = FAKE_NEVER});
    bed_password(&b, "secret", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_where_no_login_is_under_way_there_is_none_to_give_up)
{
    struct fault fault = {0};
    bool is_done = false;

    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 0);
    send_code();
    bed_code(&b, "12345", &answer);
    ck_assert_int_eq(tg_login_cancel(b.a, bed_in(&b, SECOND_US), bed_step_done, &answer, &is_done, &fault), TGC_ESTATE);
    expect_state(TG_ACCOUNT_READY);
}
END_TEST

/* What was asked for before is no word on what is wanted now. */
START_TEST(test_a_code_that_comes_after_its_login_was_given_up)
{
    fake_dc_rule(b.dc, "auth.sendCode", (struct fake_rule){.fate = FAKE_LATE, .after_us = 60 * SECOND_US});
    bed_phone(&b, PHONE, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_cancel(&b, &answer);
    bed_expect_result(&answer);
    bed_pass(&b, 60 * SECOND_US);
    expect_state(TG_ACCOUNT_WAIT_LOGIN);
}
END_TEST

Suite *suite_login_code(void)
{
    Suite *s = suite_create("login_code");
    TCase *t = tcase_create("login_code");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_where_the_code_goes_is_said_in_words, 0, sizeof(ways) / sizeof(ways[0]));
    tcase_add_test(t, test_what_telegram_says_of_a_code_is_told_whole_or_not_at_all);
    tcase_add_test(t, test_a_code_is_asked_for_again_when_its_time_has_come);
    tcase_add_test(t, test_no_code_is_asked_for_again_where_none_was_sent);
    tcase_add_loop_test(t, test_a_code_that_was_sent_again_unheard, 0, 2);
    tcase_add_loop_test(t, test_a_code_that_has_expired_leads_back_to_the_start, 0, 2);
    tcase_add_loop_test(t, test_a_login_that_telegram_restarts_leads_back_to_the_start, 0, 2);
    tcase_add_test(t, test_a_login_is_given_up_while_its_code_is_out);
    tcase_add_test(t, test_a_code_that_is_gone_is_given_up_all_the_same);
    tcase_add_test(t, test_a_login_that_telegram_does_not_give_up_stays);
    tcase_add_loop_test(t, test_a_login_is_given_up_while_its_password_is_waited_for, 0, 2);
    tcase_add_test(t, test_a_login_that_happened_is_not_given_up);
    tcase_add_test(t, test_where_no_login_is_under_way_there_is_none_to_give_up);
    tcase_add_test(t, test_a_code_that_comes_after_its_login_was_given_up);
    suite_add_tcase(s, t);
    return s;
}
