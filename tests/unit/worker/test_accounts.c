/* The accounts of one worker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/account/inside.h"
#include "daemon/tg/account/saved.h"
#include "daemon/tg/login/login.h"
#include "tests/support/shipped.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct worker *w;

static void set_up(void)
{
    w = bare_worker();
}

static void tear_down(void)
{
    bare_worker_free(w);
}

START_TEST(test_the_table_is_sorted_and_has_each_name_once)
{
    static const char *const names[] = {"m", "a", "z", "b", "a1", "a-", "y", "0", "c", "n"};
    struct tg_account *twin = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        account_in(w, names[i], TG_ACCOUNT_READY);
    for (size_t i = 1; i < w->accounts.n; i++)
        ck_assert_int_lt(strcmp(tg_account_name(w->accounts.sorted[i - 1]), tg_account_name(w->accounts.sorted[i])), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        ck_assert_str_eq(tg_account_name(accounts_find(&w->accounts, names[i])), names[i]);
    ck_assert_ptr_null(accounts_find(&w->accounts, "aa"));
    ck_assert_int_eq(tg_account_new(&w->env, "m", &twin), 0);
    ck_assert_int_eq(accounts_put(&w->accounts, twin), TGC_EEXIST);
    tg_account_free(twin);
    struct tg_account *gone = accounts_find(&w->accounts, "b");
    accounts_drop(&w->accounts, gone);
    accounts_drop(&w->accounts, gone); /* not there: nothing happens */
    tg_account_free(gone);
    ck_assert_ptr_null(accounts_find(&w->accounts, "b"));
    ck_assert_uint_eq(w->accounts.n, 9);
}
END_TEST

START_TEST(test_no_more_than_fit)
{
    struct tg_account *one_more = NULL;
    char name[16];

    for (int i = 0; i < LIMIT_ACCOUNTS; i++) {
        snprintf(name, sizeof(name), "a%d", i);
        account_in(w, name, TG_ACCOUNT_WAIT_LOGIN);
    }
    ck_assert_int_eq(tg_account_new(&w->env, "b", &one_more), 0);
    ck_assert_int_eq(accounts_put(&w->accounts, one_more), TGC_ELIMIT);
    tg_account_free(one_more);
}
END_TEST

/* What JOB gets, which was chosen for the account NAME: that account, or the slug of a problem. */
static void expect_account(const char *name, bool found, enum problem_slug slug)
{
    struct job *job = job_with(JOB_PEER_GET, "", "", "");
    struct problem *problem = NULL;

    snprintf(job->account, sizeof(job->account), "%s", name);
    struct tg_account *a = accounts_select(&w->accounts, job, &problem);
    if (found) {
        ck_assert_ptr_nonnull(a);
        ck_assert_str_eq(tg_account_name(a), name);
        ck_assert_ptr_null(problem);
    } else {
        ck_assert_ptr_null(a);
        ck_assert_ptr_nonnull(problem);
        ck_assert_int_eq(problem_slug_of(problem), slug);
    }
    problem_free(problem);
    job_free(job);
}

START_TEST(test_what_was_chosen_may_be_gone_or_not_ready)
{
    account_in(w, "a", TG_ACCOUNT_READY);
    account_in(w, "out", TG_ACCOUNT_LOGGED_OUT);
    expect_account("a", true, 0);
    expect_account("out", false, PROBLEM_ACCOUNT_NOT_READY);
    expect_account("gone", false, PROBLEM_NOT_FOUND);
}
END_TEST

static void give_call(struct tg_account *a, int64_t id)
{
    struct tg_call_seen seen = {.id = id, .version = 1};

    ck_assert_int_eq(tg_known_see_call(tg_account_known(a), &seen), 0);
}

START_TEST(test_the_directory_follows_the_table)
{
    struct directory *d = w->config.workers->directory;
    struct directory_census census;
    struct directory_pick pick;
    struct tg_account *a = account_in(w, "a", TG_ACCOUNT_READY), *twin = NULL;

    ck_assert(directory_find_only(d, NULL, &pick, &census));
    ck_assert_str_eq(pick.account, "a");
    ck_assert_uint_eq(census.ready, 1);
    ck_assert_int_eq(tg_account_new(&w->env, "a", &twin), 0);
    ck_assert_int_eq(worker_adopt(w, twin), TGC_EEXIST);
    tg_account_free(twin);
    give_call(a, 7);
    ck_assert(directory_find_call(d, 7, NULL, &pick));
    tg_login_follow(a, tl_find_method(shipped_layer(229), "auth.logOut"), NULL, 0);
    ck_assert(!directory_find_call(d, 7, NULL, &pick));
    ck_assert(directory_find_only(d, NULL, &pick, &census));
    ck_assert_uint_eq(census.ready, 0);
    accounts_drop(&w->accounts, a);
    tg_account_free(a);
}
END_TEST

static struct tg_account *with_key(const char *name, enum tg_account_state state, uint8_t fill)
{
    uint8_t key[256];
    struct tg_account *a = NULL;
    struct tg_saved saved = {
        .name = name, .state = state, .reason = "", .remedy = "", .home_dc = 1, .self_id = 1001, .key = {.key = key}};

    memset(key, fill, sizeof(key));
    ck_assert_int_eq(tg_account_restore(&w->env, &saved, &a), 0);
    return a;
}

START_TEST(test_a_key_is_one_accounts)
{
    struct tg_account *a = with_key("a", TG_ACCOUNT_READY, 1), *b = with_key("b", TG_ACCOUNT_WAIT_LOGIN, 1);
    uint64_t id[TG_ACCOUNT_KEYS_MAX];
    struct directory_pick pick;

    ck_assert_uint_eq(tg_account_key_ids(a, id), 1);
    ck_assert_int_eq(worker_adopt(w, a), 0);
    ck_assert_int_eq(worker_adopt(w, b), TGC_EBUSY);
    ck_assert(!directory_find(w->config.workers->directory, "b", NULL, &pick));
    ck_assert_ptr_null(accounts_find(&w->accounts, "b"));
    /* A login that has ended is nobody's. */
    account_end_login(a, TG_ACCOUNT_REVOKED, "over", NULL);
    ck_assert_uint_eq(tg_account_key_ids(a, id), 0);
    ck_assert_int_eq(worker_adopt(w, b), 0);
    ck_assert_int_eq(worker_adopt(w, with_key("c", TG_ACCOUNT_READY, 2)), 0);
}
END_TEST

/* As a version may have left them that did not look. */
START_TEST(test_of_two_restored_with_one_key_the_first_goes_on_and_the_other_says_why_not)
{
    struct tg_account *a = with_key("a", TG_ACCOUNT_READY, 1), *b = with_key("b", TG_ACCOUNT_READY, 1);
    uint64_t id[TG_ACCOUNT_KEYS_MAX];
    struct directory_census census;
    struct directory_pick pick;

    ck_assert_int_eq(worker_adopt_restored(w, a), 0);
    ck_assert_int_eq(worker_adopt_restored(w, b), 0);
    ck_assert_int_eq(tg_account_state(a), TG_ACCOUNT_READY);
    ck_assert_int_eq(tg_account_state(b), TG_ACCOUNT_DUPLICATED);
    ck_assert_uint_eq(tg_account_key_ids(b, id), 0);
    ck_assert_str_eq(tg_account_reason(b), "its session is that of account a too");
    ck_assert_msg(strstr(tg_account_remedy(b), "DELETE /v1/accounts/b"), "%s", tg_account_remedy(b));
    ck_assert(directory_find_only(w->config.workers->directory, NULL, &pick, &census));
    ck_assert_str_eq(pick.account, "a");
}
END_TEST

Suite *suite_accounts(void)
{
    Suite *s = suite_create("accounts");
    TCase *t = tcase_create("accounts");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_the_table_is_sorted_and_has_each_name_once);
    tcase_add_test(t, test_no_more_than_fit);
    tcase_add_test(t, test_what_was_chosen_may_be_gone_or_not_ready);
    tcase_add_test(t, test_the_directory_follows_the_table);
    tcase_add_test(t, test_a_key_is_one_accounts);
    tcase_add_test(t, test_of_two_restored_with_one_key_the_first_goes_on_and_the_other_says_why_not);
    suite_add_tcase(s, t);
    return s;
}
