/* A caller's own methods that concern the login: the account follows their answers, in time or late. */
#include <string.h>

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
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static void on_answer(void *ctx, const struct tg_answer *a)
{
    (void)ctx;
    answer.times++;
    answer.outcome = a->outcome;
    answer.code = a->err;
    answer.sent = a->sent;
}

static void ask(const char *method, json_t *params)
{
    struct tg_ask ask = {.method = tl_find_method(b.env.schema, method),
                         .params = params,
                         .deadline_us = bed_in(&b, 30 * SECOND_US),
                         .flags = strncmp(method, "auth.", 5) == 0 ? TG_INVOKE_LOGIN : 0,
                         .effect = {.what = TG_EFFECT_LOGIN},
                         .done = on_answer};
    struct fault fault = {0};

    answer = (struct bed_answer){0};
    ck_assert_ptr_nonnull(params);
    int err = tg_login_invoke(b.a, &ask, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    json_decref(params);
    bed_wait(&b, &answer);
}

static void sign_in(void)
{
    ask("auth.signIn", json_pack("{s:s, s:s, s:s}", "phone_number", "15550001", "phone_code_hash",
                                 b.world->users[0].code_hash, "phone_code", "12345"));
}

static void expect_state(enum tg_account_state state)
{
    ck_assert_str_eq(tg_account_state_text(tg_account_state(b.a)), tg_account_state_text(state));
}

static void come_late(const char *method, const char *json)
{
    fake_dc_rule(b.dc, method, (struct fake_rule){.fate = FAKE_LATE, .after_us = 60 * SECOND_US, .json = json});
}

/* Who asked was told that there is no answer; it comes now, to nobody. */
static void expect_late(enum tg_account_state before, enum tg_account_state after)
{
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert(answer.sent);
    expect_state(before);
    bed_pass(&b, 60 * SECOND_US);
    expect_state(after);
    ck_assert_uint_eq(answer.times, 1);
}

START_TEST(test_an_answer_in_time_is_given_and_followed)
{
    sign_in();
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

START_TEST(test_a_late_sign_in_is_followed)
{
    come_late("auth.signIn", NULL);
    sign_in();
    expect_late(TG_ACCOUNT_WAIT_CODE, TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

START_TEST(test_an_account_that_goes_before_its_late_answer_follows_nothing)
{
    come_late("auth.signIn", NULL);
    sign_in();
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    tg_account_free(b.a);
    b.a = NULL;
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(answer.times, 1);
}
END_TEST

START_TEST(test_an_error_is_given_once)
{
    b.world->users[0].code[0] = '9';
    sign_in();
    ck_assert_uint_eq(answer.times, 1);
    ck_assert_int_eq(answer.outcome, TG_RPC_ERROR);
    expect_state(TG_ACCOUNT_WAIT_CODE);
}
END_TEST

START_TEST(test_a_late_logout_is_followed)
{
    come_late("auth.logOut", NULL);
    ask("auth.logOut", json_object());
    expect_late(TG_ACCOUNT_READY, TG_ACCOUNT_LOGGED_OUT);
}
END_TEST

/* What it was logged in by goes, and nobody has said that it is gone. */
START_TEST(test_a_bot_is_logged_out_and_not_said_to_be)
{
    sign_in();
    bed_logout(&b, &answer);
    ck_assert_int_eq(tg_account_logout(b.a), TG_LOGOUT_CONFIRMED);
    fake_dc_rule(b.dc, "auth.importBotAuthorization",
                 (struct fake_rule){.json = "{'_':'auth.authorization','user':{'_':'user','id':77,'bot':true,"
                                            "'bot_info_version':1,'first_name':'A bot'}}"});
    ask("auth.importBotAuthorization",
        json_pack("{s:i, s:i, s:s, s:s}", "flags", 0, "api_id", 1, "api_hash", "hash", "bot_auth_token", "77:token"));
    bed_pass(&b, 10 * SECOND_US);
    expect_state(TG_ACCOUNT_LOGGED_OUT);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "bot"));
    ck_assert_int_eq(tg_account_logout(b.a), TG_LOGOUT_UNCONFIRMED);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
}
END_TEST

START_TEST(test_a_late_deletion_is_followed)
{
    come_late("account.deleteAccount", "true");
    ask("account.deleteAccount", json_pack("{s:s}", "reason", "no more"));
    expect_late(TG_ACCOUNT_READY, TG_ACCOUNT_LOGGED_OUT);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "deleted"));
}
END_TEST

/* The account's own step goes by the number that it asked for, on the key that its code belongs to. */
START_TEST(test_a_callers_own_code_of_another_centre_leaves_the_accounts_code)
{
    b.world->users[1].home_dc = 2;
    ask("auth.sendCode", json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", "15550002", "api_id", 1, "api_hash",
                                   "hash", "settings", "_", "codeSettings"));
    bed_expect_result(&answer);
    expect_state(TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
}
END_TEST

Suite *suite_own_methods(void)
{
    Suite *s = suite_create("own_methods");
    TCase *t = tcase_create("new"), *ready = tcase_create("ready");

    tcase_add_checked_fixture(t, set_up_new, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_answer_in_time_is_given_and_followed);
    tcase_add_test(t, test_a_late_sign_in_is_followed);
    tcase_add_test(t, test_an_account_that_goes_before_its_late_answer_follows_nothing);
    tcase_add_test(t, test_an_error_is_given_once);
    tcase_add_test(t, test_a_bot_is_logged_out_and_not_said_to_be);
    tcase_add_test(t, test_a_callers_own_code_of_another_centre_leaves_the_accounts_code);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(ready, set_up_ready, tear_down);
    tcase_set_timeout(ready, 30);
    tcase_add_test(ready, test_a_late_logout_is_followed);
    tcase_add_test(ready, test_a_late_deletion_is_followed);
    suite_add_tcase(s, ready);
    return s;
}
