/* Logins that come from another program, or go to one. */
#include <string.h>

#include "daemon/tg/account/inside.h"
#include "tests/unit/tg/import_bed.h"
#include "tests/unit/tg/suites.h"

static struct import_bed im;

static void set_up(void)
{
    import_bed_init(&im);
}

static void tear_down(void)
{
    import_bed_fini(&im);
}

START_TEST(test_a_login_goes_on_with_its_key)
{
    unsigned made = fake_dc_made_keys(im.b.dc);

    import_all(&im);
    bed_expect_result(&im.step);
    ck_assert_int_eq(tg_account_state(im.b.a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(im.b.a), 1001);
    ck_assert_uint_eq(fake_dc_made_keys(im.b.dc), made);
    bed_pass(&im.b, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(im.b.dc, "users.getUsers"), 1);
    ck_assert_uint_eq(fake_dc_executed(im.b.dc, "updates.getState"), 1);
    struct bed_answer answer;
    bed_ask_now(&im.b, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}", 0,
                &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
}
END_TEST

/* From its first moment until it is given up. */
START_TEST(test_whose_key_it_is_can_be_told)
{
    uint64_t now[TG_ACCOUNT_KEYS_MAX], then[TG_ACCOUNT_KEYS_MAX];

    import_begin(&im);
    ck_assert_uint_eq(tg_account_key_ids(im.b.a, then), 1);
    bed_wait(&im.b, &im.step);
    ck_assert_uint_eq(tg_account_key_ids(im.b.a, now), 1);
    ck_assert_uint_eq(now[0], then[0]);
    account_let_go(im.b.a, "the test wants it so");
    ck_assert_uint_eq(tg_account_key_ids(im.b.a, now), 0);
}
END_TEST

START_TEST(test_the_key_is_kept_before_it_is_used)
{
    import_all(&im);
    bed_expect_result(&im.step);
    ck_assert(im.kept.is_there);
    ck_assert(im.kept.before_use);
    ck_assert_mem_eq(im.kept.key, im.s.key, sizeof(im.s.key));
}
END_TEST

START_TEST(test_what_is_imported_can_be_exported)
{
    struct session_string again;

    import_all(&im);
    ck_assert_int_eq(tg_export(im.b.a, &again, NULL), 0);
    ck_assert_mem_eq(again.key, im.s.key, sizeof(im.s.key));
    ck_assert_int_eq(again.dc, 1);
    ck_assert_str_eq(again.address, "10.0.0.1");
    ck_assert_int_eq(again.port, 443);
    ck_assert_int_eq(again.user_id, 1001);
    ck_assert_int_eq(again.api_id, 1);
    ck_assert_int_eq(again.test, SESSION_YES);
    ck_assert_int_eq(again.bot, SESSION_NO);
}
END_TEST

START_TEST(test_a_key_that_telegram_does_not_know_is_given_up_and_none_is_made)
{
    unsigned made = fake_dc_made_keys(im.b.dc);

    im.s.key[17] ^= 1;
    import_all(&im);
    bed_expect_no_answer(&im.step, TGC_ESTATE);
    ck_assert_msg(strstr(im.step.text, "does not know the key"), "%s", im.step.text);
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_made_keys(im.b.dc), made);
    ck_assert_uint_eq(fake_dc_asked(im.b.dc, "*"), fake_dc_asked(im.b.dc, "auth.bindTempAuthKey"));
    im.s.key[17] ^= 1;
    import_expect_untouched(&im);
}
END_TEST

START_TEST(test_what_telegram_refuses_leaves_nothing_behind)
{
    const struct import_refusal *r = &import_refusals[_i];

    fake_dc_rule(im.b.dc, "users.getUsers", (struct fake_rule){.fate = FAKE_ERROR, .code = r->code, .text = r->text});
    import_all(&im);
    bed_expect_error(&im.step, r->code, r->text);
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_links(im.b.dc), 0);
    import_expect_untouched(&im);
}
END_TEST

static const char *const others[] = {
    "[{'_':'user','id':'1001','bot':true,'bot_info_version':1,'first_name':'Robot'}]",
    "[]",
    "[{'_':'userEmpty','id':'0'}]",
};

START_TEST(test_who_is_no_user_is_let_go)
{
    fake_dc_rule(im.b.dc, "users.getUsers", (struct fake_rule){.json = others[_i]});
    import_all(&im);
    bed_expect_no_answer(&im.step, _i == 0 ? TGC_EREFUSED : TGC_EPROTO);
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_links(im.b.dc), 0);
    import_expect_untouched(&im);
}
END_TEST

START_TEST(test_silence_ends_at_the_deadline)
{
    fake_net_set_address(&im.b.net, "10.0.0.1", 443, FAKE_IS_SILENT);
    import_all(&im);
    bed_expect_no_answer(&im.step, TGC_ETIMEOUT);
    fake_net_set_address(&im.b.net, "10.0.0.1", 443, FAKE_LISTENS);
    import_expect_untouched(&im);
}
END_TEST

START_TEST(test_a_lost_link_does_not_end_the_check)
{
    fake_dc_rule(im.b.dc, "users.getUsers", (struct fake_rule){.fate = FAKE_DROP_BEFORE});
    import_all(&im);
    bed_expect_result(&im.step);
}
END_TEST

START_TEST(test_an_account_that_is_closed_meanwhile_says_so)
{
    fake_dc_rule(im.b.dc, "users.getUsers", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    import_begin(&im);
    bed_pass(&im.b, SECOND_US);
    tg_account_free(im.b.a);
    im.b.a = NULL;
    bed_expect_no_answer(&im.step, TGC_ECLOSED);
    fake_dc_no_rules(im.b.dc);
    import_all(&im);
    bed_expect_result(&im.step);
}
END_TEST

START_TEST(test_who_removes_it_meanwhile_ends_no_login)
{
    struct bed_answer quit;
    struct fault fault;

    fake_dc_rule(im.b.dc, "users.getUsers",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 401, .text = "SESSION_REVOKED"});
    import_begin(&im);
    bed_step_begin(&quit);
    ck_assert_int_eq(tg_login_quit(im.b.a, bed_in(&im.b, 30 * SECOND_US), bed_step_done, &quit, &fault), 0);
    bed_wait(&im.b, &im.step);
    bed_wait(&im.b, &quit);
    bed_expect_result(&quit);
    bed_answer_fini(&quit);
    import_expect_untouched(&im);
}
END_TEST

START_TEST(test_no_step_begins_while_it_is_checked)
{
    struct fault fault;

    import_begin(&im);
    ck_assert_int_eq(tg_login_phone(im.b.a, "15550001", bed_in(&im.b, SECOND_US), bed_step_done, &im.step, &fault),
                     TGC_ESTATE);
    bed_wait(&im.b, &im.step);
    bed_expect_result(&im.step);
}
END_TEST

static void expect_refused(const char *why)
{
    struct tg_account *a = NULL;
    struct fault fault = {0};

    ck_assert_int_eq(tg_import_new(&im.b.env, "guest", &im.s, &a, &fault), TGC_EINVAL);
    ck_assert_ptr_null(a);
    ck_assert_str_eq(fault.path, "/text");
    ck_assert_msg(strstr(fault.text, why), "%s", fault.text);
}

START_TEST(test_a_string_is_judged_before_anybody_is_asked)
{
    struct session_string good = im.s;

    im.s.bot = SESSION_YES;
    expect_refused("a bot's");
    im.s = good;
    im.s.dc = 9;
    expect_refused("data centre 9");
    im.s = good;
    im.s.test = SESSION_NO;
    expect_refused("the production servers");
    im.b.env.environment = "production";
    im.s.test = SESSION_YES;
    expect_refused("the test servers");
    struct tg_account *a = NULL;
    struct fault fault = {0};
    im.s.test = SESSION_UNTOLD;
    ck_assert_int_eq(tg_import_new(&im.b.env, "guest", &im.s, &a, &fault), 0);
    tg_account_free(a);
    im.b.env.environment = "custom";
    im.s.test = SESSION_YES;
    ck_assert_int_eq(tg_import_new(&im.b.env, "guest", &im.s, &a, &fault), 0);
    tg_account_free(a);
    im.b.env.api_id = 0;
    ck_assert_int_eq(tg_import_new(&im.b.env, "guest", &im.s, &a, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.path, "");
    ck_assert_uint_eq(fake_dc_asked(im.b.dc, "*"), 0);
}
END_TEST

START_TEST(test_who_is_not_logged_in_has_nothing_to_export)
{
    struct fault fault = {0};

    ck_assert_int_eq(tg_account_new(&im.b.env, "guest", &im.b.a), 0);
    ck_assert_int_eq(tg_export(im.b.a, &im.s, &fault), TGC_ESTATE);
    ck_assert_ptr_nonnull(strstr(fault.text, "wait_login"));
}
END_TEST

Suite *suite_import(void)
{
    Suite *suite = suite_create("import");
    TCase *t = tcase_create("import");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_a_login_goes_on_with_its_key);
    tcase_add_test(t, test_whose_key_it_is_can_be_told);
    tcase_add_test(t, test_the_key_is_kept_before_it_is_used);
    tcase_add_test(t, test_what_is_imported_can_be_exported);
    tcase_add_test(t, test_a_key_that_telegram_does_not_know_is_given_up_and_none_is_made);
    tcase_add_loop_test(t, test_what_telegram_refuses_leaves_nothing_behind, 0, IMPORT_REFUSALS);
    tcase_add_loop_test(t, test_who_is_no_user_is_let_go, 0, sizeof(others) / sizeof(others[0]));
    tcase_add_test(t, test_silence_ends_at_the_deadline);
    tcase_add_test(t, test_a_lost_link_does_not_end_the_check);
    tcase_add_test(t, test_an_account_that_is_closed_meanwhile_says_so);
    tcase_add_test(t, test_who_removes_it_meanwhile_ends_no_login);
    tcase_add_test(t, test_no_step_begins_while_it_is_checked);
    tcase_add_test(t, test_a_string_is_judged_before_anybody_is_asked);
    tcase_add_test(t, test_who_is_not_logged_in_has_nothing_to_export);
    suite_add_tcase(suite, t);
    return suite;
}
