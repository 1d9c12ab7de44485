/* The process ends before it is known whose the imported login is, and the next one goes on. */
#include <string.h>

#include "daemon/tg/account/saved.h"
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

static struct {
    unsigned n;
    char why_not[256];
} decided;

static void on_decided(void *ctx, struct tg_account *a, const char *why_not)
{
    ck_assert_ptr_eq(ctx, &im.b);
    ck_assert_ptr_eq(a, im.b.a);
    decided.n++;
    snprintf(decided.why_not, sizeof(decided.why_not), "%s", why_not ? why_not : "");
}

/* The next process, with what the keeper has. */
static void restart(void)
{
    struct tg_saved saved;
    struct tg_account *dead = im.b.a;

    tg_account_saved(dead, &saved);
    ck_assert(saved.is_import);
    saved.name = "guest";
    saved.reason = saved.remedy = "";
    ck_assert(im.kept.is_there);
    saved.key = (struct tg_given_key){.key = im.kept.key};
    im.b.env.keeper = NULL;
    tg_account_free(dead);
    im.b.env.keeper = &im.keeper;
    memset(&decided, 0, sizeof(decided));
    ck_assert_int_eq(tg_account_restore(&im.b.env, &saved, &im.b.a), 0);
    ck_assert_int_eq(tg_import_resume(im.b.a, on_decided, &im.b), 0);
}

static void cut_short(void)
{
    fake_dc_rule(im.b.dc, "users.getUsers", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    import_begin(&im);
    bed_pass(&im.b, SECOND_US);
    ck_assert_uint_eq(im.step.times, 0);
    restart();
}

START_TEST(test_an_import_that_was_cut_short_goes_on)
{
    cut_short();
    /* Unknown is a state: it is asked until there is an answer. */
    bed_pass(&im.b, 300 * SECOND_US);
    ck_assert_uint_eq(decided.n, 0);
    ck_assert_int_eq(tg_account_state(im.b.a), TG_ACCOUNT_WAIT_LOGIN);
    fake_dc_no_rules(im.b.dc);
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(decided.n, 1);
    ck_assert_str_eq(decided.why_not, "");
    ck_assert_int_eq(tg_account_state(im.b.a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_self_id(im.b.a), 1001);
    ck_assert_uint_eq(fake_dc_keys(im.b.dc), 1);
    struct tg_saved saved;
    tg_account_saved(im.b.a, &saved);
    ck_assert(!saved.is_import);
}
END_TEST

START_TEST(test_an_import_that_was_cut_short_is_given_up_where_nobody_is_logged_in)
{
    const struct import_refusal *r = &import_refusals[_i];

    cut_short();
    fake_dc_no_rules(im.b.dc);
    fake_dc_rule(im.b.dc, "users.getUsers",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = r->code, .text = r->text, .times = FAKE_ALWAYS});
    bed_pass(&im.b, 60 * SECOND_US);
    bool is_final = r->code == 401 || r->code == 406;
    ck_assert_uint_eq(decided.n, is_final);
    ck_assert_str_eq(decided.why_not, is_final ? r->text : "");
    ck_assert(im.kept.is_there != is_final);
    ck_assert_uint_eq(fake_dc_asked(im.b.dc, "auth.logOut"), 0);
    ck_assert_uint_eq(fake_dc_keys(im.b.dc), 1);
}
END_TEST

START_TEST(test_an_import_that_was_cut_short_may_be_removed)
{
    cut_short();
    bed_pass(&im.b, 20 * SECOND_US);
    tg_account_free(im.b.a);
    im.b.a = NULL;
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(decided.n, 0);
}
END_TEST

/* Nobody knows whose it is: it stays the other program's. */
START_TEST(test_an_import_that_is_not_decided_is_removed_without_a_logout)
{
    struct bed_answer quit;
    struct fault fault;

    cut_short();
    fake_dc_no_rules(im.b.dc);
    fake_dc_rule(im.b.dc, "users.getUsers",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "SOMETHING_ODD", .times = FAKE_ALWAYS});
    bed_pass(&im.b, 60 * SECOND_US);
    bed_step_begin(&quit);
    ck_assert_int_eq(tg_login_quit(im.b.a, bed_in(&im.b, 30 * SECOND_US), bed_step_done, &quit, &fault), 0);
    bed_wait(&im.b, &quit);
    bed_expect_result(&quit);
    bed_answer_fini(&quit);
    bed_pass(&im.b, 3600 * SECOND_US);
    ck_assert_uint_eq(decided.n, 0);
    import_expect_untouched(&im);
}
END_TEST

/* Between two questions nothing is under way; but a code that went out with the other program's key would end with it.
 */
START_TEST(test_no_step_begins_while_an_import_that_was_cut_short_goes_on)
{
    struct fault fault = {0};

    cut_short();
    fake_dc_no_rules(im.b.dc);
    fake_dc_rule(im.b.dc, "users.getUsers",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "SOMETHING_ODD", .times = FAKE_ALWAYS});
    for (int i = 0; i < 40; i++) {
        ck_assert_int_eq(tg_login_phone(im.b.a, "15550001", bed_in(&im.b, SECOND_US), bed_step_done, &im.step, &fault),
                         TGC_ESTATE);
        bed_pass(&im.b, SECOND_US);
    }
    ck_assert_ptr_nonnull(strstr(fault.text, "imported"));
    ck_assert_uint_eq(fake_dc_asked(im.b.dc, "auth.sendCode"), 0);
    ck_assert_uint_eq(decided.n, 0);
}
END_TEST

/* What is refused for no reason that is known is asked for ever more seldom. */
START_TEST(test_an_import_that_was_cut_short_asks_ever_more_seldom)
{
    cut_short();
    fake_dc_no_rules(im.b.dc);
    fake_dc_rule(im.b.dc, "users.getUsers",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "SOMETHING_ODD", .times = FAKE_ALWAYS});
    bed_pass(&im.b, 3600 * SECOND_US);
    fake_dc_forget_counts(im.b.dc);
    bed_pass(&im.b, 3600 * SECOND_US);
    ck_assert_uint_ge(fake_dc_asked(im.b.dc, "users.getUsers"), 6);
    ck_assert_uint_le(fake_dc_asked(im.b.dc, "users.getUsers"), 24);
}
END_TEST

/* The other program's bot stays logged in there. */
START_TEST(test_a_bot_whose_import_was_cut_short_is_let_go)
{
    import_begin(&im);
    bed_pass(&im.b, SECOND_US / 50);
    restart();
    fake_dc_rule(
        im.b.dc, "users.getUsers",
        (struct fake_rule){
            .fate = FAKE_LATE,
            .after_us = 1000 * SECOND_US,
            .json = "[{'_':'user','id':1001,'bot':true,'bot_info_version':1,'first_name':'Robot','access_hash':1}]"});
    fake_dc_rule(
        im.b.dc, "users.getUsers",
        (struct fake_rule){
            .json = "[{'_':'user','id':1001,'bot':true,'bot_info_version':1,'first_name':'Robot','access_hash':1}]",
            .times = FAKE_ALWAYS});
    bed_pass(&im.b, 2000 * SECOND_US);
    ck_assert_uint_eq(decided.n, 1);
    ck_assert_ptr_nonnull(strstr(decided.why_not, "bot"));
    ck_assert_uint_eq(fake_dc_keys(im.b.dc), 1);
    ck_assert_uint_eq(fake_dc_asked(im.b.dc, "auth.logOut"), 0);
}
END_TEST

/* The session is not bound to the key: that says nothing of who is logged in. */
START_TEST(test_a_key_that_is_not_bound_says_nothing_of_the_login)
{
    cut_short();
    fake_dc_no_rules(im.b.dc);
    fake_dc_rule(
        im.b.dc, "users.getUsers",
        (struct fake_rule){.fate = FAKE_ERROR, .code = 401, .text = "AUTH_KEY_PERM_EMPTY", .times = FAKE_ALWAYS});
    bed_pass(&im.b, 60 * SECOND_US);
    ck_assert_uint_eq(decided.n, 0);
    fake_dc_no_rules(im.b.dc);
    bed_pass(&im.b, 600 * SECOND_US);
    ck_assert_uint_eq(decided.n, 1);
    ck_assert_str_eq(decided.why_not, "");
}
END_TEST

Suite *suite_import_resume(void)
{
    Suite *suite = suite_create("import_resume");
    TCase *t = tcase_create("import_resume");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_an_import_that_was_cut_short_goes_on);
    tcase_add_loop_test(t, test_an_import_that_was_cut_short_is_given_up_where_nobody_is_logged_in, 0, IMPORT_REFUSALS);
    tcase_add_test(t, test_an_import_that_was_cut_short_may_be_removed);
    tcase_add_test(t, test_an_import_that_is_not_decided_is_removed_without_a_logout);
    tcase_add_test(t, test_no_step_begins_while_an_import_that_was_cut_short_goes_on);
    tcase_add_test(t, test_an_import_that_was_cut_short_asks_ever_more_seldom);
    tcase_add_test(t, test_a_bot_whose_import_was_cut_short_is_let_go);
    tcase_add_test(t, test_a_key_that_is_not_bound_says_nothing_of_the_login);
    suite_add_tcase(suite, t);
    return suite;
}
