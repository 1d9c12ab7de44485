/* What an account is, and what ends it: states, users, freezes. */
#include <string.h>

#include "daemon/tg/account/account_internal.h"
#include "daemon/tg/account/inside.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static void set_up(void)
{
    bed_init(&b, BED_NEW);
}

static void set_up_ready(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

static void refuse(const char *method, int code, const char *text)
{
    fake_dc_rule(b.dc, method, (struct fake_rule){.fate = FAKE_ERROR, .code = code, .text = text});
}

static void read_now(void)
{
    bed_answer_fini(&answer);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
}

/* --- a failed step leaves the state as it was --- */

START_TEST(test_a_login_that_fails_leaves_the_code_that_was_sent)
{
    bed_phone(&b, "15550001", &answer);
    refuse("auth.sendCode", 420, "FLOOD_WAIT_300");
    bed_phone(&b, "15550001", &answer);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_300");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_WAIT_CODE);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
}
END_TEST

START_TEST(test_a_login_that_fails_leaves_why_the_last_one_ended)
{
    refuse("help.getNearestDc", 401, "SESSION_REVOKED");
    read_now();
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    char reason[200];
    strcpy(reason, tg_account_reason(b.a));
    refuse("auth.sendCode", 400, "PHONE_NUMBER_INVALID");
    bed_phone(&b, "1", &answer);
    bed_expect_error(&answer, 400, "PHONE_NUMBER_INVALID");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    ck_assert_str_eq(tg_account_reason(b.a), reason);
}
END_TEST

START_TEST(test_a_code_against_a_fee_is_refused_for_good)
{
    fake_dc_rule(b.dc, "auth.sendCode",
                 (struct fake_rule){.json = "{'_':'auth.sentCodePaymentRequired','store_product':'p','phone_code_hash':"
                                            "'h','support_email_address':'fee@example.org','support_email_subject':'s',"
                                            "'premium_days':7,'currency':'USD','amount':499}"});
    bed_phone(&b, "15550001", &answer);
    bed_expect_no_answer(&answer, TGC_EREFUSED);
    ck_assert_msg(strstr(answer.text, "499") && strstr(answer.text, "USD"), "%s", answer.text);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_WAIT_LOGIN);
}
END_TEST

/* --- another user --- */

static void come_back_as(const char *phone)
{
    bed_phone(&b, phone, &answer);
    bed_expect_result(&answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
}

START_TEST(test_another_user_meets_nothing_of_the_former)
{
    strcpy(b.world->users[1].code, "12345");
    bed_ask_now(&b, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}", 0, &answer);
    bed_expect_result(&answer);
    refuse("help.getNearestDc", 420, "FLOOD_WAIT_9999");
    read_now();
    refuse("updates.getState", 401, "SESSION_REVOKED");
    bed_answer_fini(&answer);
    bed_ask_now(&b, "updates.getState", "{}", 0, &answer);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    come_back_as(_i ? "15550001" : b.world->users[1].phone);
    ck_assert_int_eq(tg_account_self_id(b.a), _i ? 1001 : 1002);
    ck_assert_int_eq(tg_calls_next(tg_account_calls(b.a), NULL) != NULL, _i);
    read_now();
    if (_i) /* the same user still has to wait */
        ck_assert_int_eq(strncmp(answer.text, "FLOOD_WAIT_", 11), 0);
    else
        bed_expect_result(&answer);
}
END_TEST

START_TEST(test_the_flood_of_one_number_is_not_that_of_another)
{
    refuse("auth.sendCode", 420, "FLOOD_WAIT_9999");
    bed_phone(&b, "15550001", &answer);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_9999");
    bed_phone(&b, b.world->users[1].phone, &answer);
    bed_expect_result(&answer);
    bed_phone(&b, "15550001", &answer);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_9999");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.sendCode"), 2);
}
END_TEST

/* --- a login is not moved by a login's method --- */

static const struct {
    const char *method;
    bool refused;
} logins[] = {
    {"auth.sendCode", true},
    {"auth.resendCode", true},
    {"auth.signIn", true},
    {"auth.signUp", true},
    {"auth.checkPassword", true},
    {"auth.importAuthorization", true},
    {"auth.importLoginToken", true},
    {"auth.exportLoginToken", true},
    {"auth.importBotAuthorization", true},
    {"auth.recoverPassword", true},
    {"auth.logOut", false},
    {"auth.resetAuthorizations", false},
    {"auth.acceptLoginToken", false},
    {"auth.exportAuthorization", false},
    {"users.getUsers", false},
    {"account.deleteAccount", false},
};

START_TEST(test_a_ready_account_takes_no_method_of_a_login)
{
    struct fault fault = {0};
    const struct tl_comb *method = tl_find_method(b.env.schema, logins[_i].method);

    ck_assert_ptr_nonnull(method);
    ck_assert_int_eq(tg_login_judge(b.a, method, &fault), logins[_i].refused ? TGC_EEXIST : 0);
}
END_TEST

static void expect_not_moved(void)
{
    read_now();
    bed_expect_result(&answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 1);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(b.a), 1001);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "auth.exportAuthorization"), 0);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}

/* A phone, and a network before a login, may have their home elsewhere: that is not the account's. */
START_TEST(test_a_ready_account_is_moved_by_user_migrate_alone)
{
    static const char *const texts[] = {"PHONE_MIGRATE_2", "NETWORK_MIGRATE_2"};

    refuse("account.sendVerifyPhoneCode", 303, texts[_i]);
    bed_ask_now(&b, "account.sendVerifyPhoneCode", "{'phone_number':'15550002','settings':{'_':'codeSettings'}}", 0,
                &answer);
    bed_expect_error(&answer, 303, texts[_i]);
    expect_not_moved();
}
END_TEST

/* Even where one is sent: the account keeps its key. */
START_TEST(test_a_ready_account_is_not_moved_by_phone_migrate)
{
    struct tg_ask ask = {.method = tl_find_method(b.env.schema, "auth.sendCode"),
                         .params = json_of("{'phone_number':'15550002','api_id':1,'api_hash':'hash',"
                                           "'settings':{'_':'codeSettings'}}"),
                         .deadline_us = bed_in(&b, 30 * SECOND_US),
                         .flags = TG_INVOKE_LOGIN,
                         .done = bed_step_done,
                         .ctx = &answer};

    b.world->users[1].home_dc = 2;
    bed_step_begin(&answer);
    ck_assert_int_eq(tg_invoke(b.a, &ask, NULL), 0);
    json_decref((json_t *)ask.params);
    bed_wait(&b, &answer);
    bed_expect_error(&answer, 303, "PHONE_MIGRATE_2");
    expect_not_moved();
}
END_TEST

static void follow(const char *method, const char *json)
{
    struct buf bytes;

    bytes_of(229, json, &bytes);
    tg_login_follow(b.a, tl_find_method(shipped_layer(229), method), bytes.data, bytes.len);
    buf_fini(&bytes);
}

START_TEST(test_a_deleted_account_is_logged_out)
{
    follow("account.deleteAccount", "{'_':'boolTrue'}");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_LOGGED_OUT);
    ck_assert_ptr_nonnull(strstr(tg_account_reason(b.a), "deleted"));
    ck_assert_int_eq(tg_account_self_id(b.a), 0);
}
END_TEST

START_TEST(test_an_account_that_was_not_deleted_stays)
{
    follow("account.deleteAccount", "{'_':'boolFalse'}");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
}
END_TEST

/* --- freezes --- */

#define CONFIG(since)                                                                                                  \
    "{'_':'help.appConfig','hash':1,'config':{'_':'jsonObject','value':[{'_':'jsonObjectValue','key':"                 \
    "'freeze_since_date','value':{'_':'jsonNumber','value':" since "}}]}}"

static void freeze(void)
{
    refuse("phone.createGroupCall", 420, "FROZEN_METHOD_INVALID");
    bed_ask_now(&b, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}", 0, &answer);
    bed_expect_error(&answer, 420, "FROZEN_METHOD_INVALID");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_FROZEN);
}

static void answer_config(const char *json)
{
    fake_dc_no_rules(b.dc);
    fake_dc_rule(b.dc, "help.getAppConfig", (struct fake_rule){.times = FAKE_ALWAYS, .json = json});
}

START_TEST(test_a_frozen_account_can_read_and_do_no_more)
{
    struct fault fault = {0};

    freeze();
    answer_config(CONFIG("1700000000"));
    read_now();
    bed_expect_result(&answer);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_FROZEN);
    ck_assert_int_eq(tg_invoke_named(b.a, "phone.createGroupCall",
                                     json_of("{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}"), INT64_MAX,
                                     0, bed_step_done, &answer, &fault),
                     TGC_ESTATE);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
}
END_TEST

START_TEST(test_a_freeze_can_end_and_is_looked_at_once_an_hour)
{
    freeze();
    answer_config(CONFIG("1700000000"));
    bed_pass(&b, 3590 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getAppConfig"), 0);
    bed_pass(&b, 20 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getAppConfig"), 1);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_FROZEN);
    answer_config(CONFIG("0"));
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getAppConfig"), 2);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    bed_pass(&b, 7200 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getAppConfig"), 2);
}
END_TEST

START_TEST(test_a_freeze_is_looked_at_when_somebody_wants_more)
{
    static const char create[] = "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}";
    struct fault fault = {0};

    freeze();
    answer_config(CONFIG("0"));
    bed_pass(&b, 61 * SECOND_US);
    for (int i = 0; i < 3; i++) /* asked once for all of them */
        ck_assert_int_eq(tg_invoke_named(b.a, "phone.createGroupCall", json_of(create), INT64_MAX, 0, bed_step_done,
                                         &answer, &fault),
                         TGC_ESTATE);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getAppConfig"), 1);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    bed_answer_fini(&answer);
    bed_ask_now(&b, "phone.createGroupCall", create, 0, &answer);
    bed_expect_result(&answer);
}
END_TEST

/* --- the table of states --- */

START_TEST(test_what_cannot_follow_does_not)
{
    ck_assert(!account_set_state(b.a, TG_ACCOUNT_LAYER_TOO_OLD, NULL, NULL));
    ck_assert(!account_set_state(b.a, TG_ACCOUNT_WAIT_CODE, NULL, NULL));
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert(account_set_state(b.a, TG_ACCOUNT_FROZEN, "r", "m"));
    ck_assert(!account_set_state(b.a, TG_ACCOUNT_WAIT_LOGIN, NULL, NULL));
    ck_assert_str_eq(tg_account_reason(b.a), "r");
    ck_assert(account_set_state(b.a, TG_ACCOUNT_READY, NULL, NULL));
    ck_assert_ptr_null(tg_account_reason(b.a));
}
END_TEST

Suite *suite_account(void)
{
    Suite *s = suite_create("account");
    TCase *t = tcase_create("new"), *ready = tcase_create("ready");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_login_that_fails_leaves_the_code_that_was_sent);
    tcase_add_test(t, test_a_code_against_a_fee_is_refused_for_good);
    tcase_add_test(t, test_the_flood_of_one_number_is_not_that_of_another);
    suite_add_tcase(s, t);
    tcase_add_checked_fixture(ready, set_up_ready, tear_down);
    tcase_set_timeout(ready, 30);
    tcase_add_test(ready, test_a_login_that_fails_leaves_why_the_last_one_ended);
    tcase_add_loop_test(ready, test_another_user_meets_nothing_of_the_former, 0, 2);
    tcase_add_loop_test(ready, test_a_ready_account_takes_no_method_of_a_login, 0, sizeof(logins) / sizeof(logins[0]));
    tcase_add_test(ready, test_a_ready_account_is_not_moved_by_phone_migrate);
    tcase_add_loop_test(ready, test_a_ready_account_is_moved_by_user_migrate_alone, 0, 2);
    tcase_add_test(ready, test_a_deleted_account_is_logged_out);
    tcase_add_test(ready, test_an_account_that_was_not_deleted_stays);
    tcase_add_test(ready, test_a_frozen_account_can_read_and_do_no_more);
    tcase_add_test(ready, test_a_freeze_can_end_and_is_looked_at_once_an_hour);
    tcase_add_test(ready, test_a_freeze_is_looked_at_when_somebody_wants_more);
    tcase_add_test(ready, test_what_cannot_follow_does_not);
    suite_add_tcase(s, ready);
    return s;
}
