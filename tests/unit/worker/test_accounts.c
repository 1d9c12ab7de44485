/* Which account a request means: the rules of the REST contract. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
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

/* What selecting for JOB gives: an account's name, or the slug's number as problem. */
static void expect_account(struct job *job, const char *name, enum problem_slug slug)
{
    struct problem *problem = NULL;
    struct tg_account *a = accounts_select(&w->accounts, job, &problem);

    if (name) {
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

START_TEST(test_a_name_is_taken_by_its_word)
{
    account_in(w, "a", TG_ACCOUNT_READY);
    account_in(w, "b", TG_ACCOUNT_READY);
    account_in(w, "out", TG_ACCOUNT_LOGGED_OUT);
    expect_account(job_with(JOB_CALL_LIST, "query", "account", "b"), "b", 0);
    expect_account(job_with(JOB_CALL_CREATE, "body", "account", "b"), "b", 0);
    expect_account(job_with(JOB_CALL_LIST, "query", "account", "nobody"), NULL, PROBLEM_NOT_FOUND);
    expect_account(job_with(JOB_CALL_LIST, "query", "account", "out"), NULL, PROBLEM_ACCOUNT_NOT_READY);
    /* A method's body has parameters of its own. */
    expect_account(job_with(JOB_METHOD_INVOKE, "body", "account", "b"), NULL, PROBLEM_ACCOUNT_REQUIRED);
}
END_TEST

START_TEST(test_without_a_name_the_only_ready_one_is_meant)
{
    struct problem *problem = NULL;

    expect_account(job_with(JOB_PEER_GET, "", "", ""), NULL, PROBLEM_ACCOUNT_REQUIRED);
    account_in(w, "out", TG_ACCOUNT_LOGGED_OUT);
    expect_account(job_with(JOB_PEER_GET, "", "", ""), NULL, PROBLEM_ACCOUNT_NOT_READY);
    account_in(w, "new", TG_ACCOUNT_WAIT_LOGIN);
    expect_account(job_with(JOB_PEER_GET, "", "", ""), NULL, PROBLEM_ACCOUNT_REQUIRED);
    account_in(w, "a", TG_ACCOUNT_READY);
    expect_account(job_with(JOB_PEER_GET, "", "", ""), "a", 0);
    account_in(w, "b", TG_ACCOUNT_READY);
    struct job *job = job_with(JOB_PEER_GET, "", "", "");
    ck_assert_ptr_null(accounts_select(&w->accounts, job, &problem));
    json_t *names = json_object_get(problem_json(problem), "accounts");
    ck_assert_uint_eq(json_array_size(names), 4);
    ck_assert_str_eq(json_string_value(json_array_get(names, 0)), "a");
    ck_assert_int_eq(problem_status(problem), 422);
    problem_free(problem);
    job_free(job);
}
END_TEST

START_TEST(test_a_bound_token_knows_only_its_own)
{
    account_in(w, "a", TG_ACCOUNT_READY);
    account_in(w, "b", TG_ACCOUNT_READY);
    struct job *job = job_with(JOB_PEER_GET, "", "", "");
    bind_job(job, "['b']");
    expect_account(job, "b", 0);
    job = job_with(JOB_PEER_GET, "query", "account", "a");
    bind_job(job, "['b']");
    expect_account(job, NULL, PROBLEM_NOT_FOUND);
    job = job_with(JOB_PEER_GET, "", "", "");
    bind_job(job, "[]");
    expect_account(job, NULL, PROBLEM_ACCOUNT_REQUIRED);
}
END_TEST

static struct tg_call *give_call(struct tg_account *a, int64_t id, bool created_here)
{
    struct tg_call_seen seen = {.id = id, .version = 1};
    struct tg_call *call = NULL;

    ck_assert_int_eq(tg_calls_fold(tg_account_calls(a), &seen, 1, &call, NULL), 0);
    call->created_here = created_here;
    return call;
}

static void expect_owner(struct job *job, int64_t id, const char *name, enum problem_slug slug)
{
    struct problem *problem = NULL;
    struct tg_account *a = accounts_of_call(&w->accounts, job, id, &problem);

    if (name) {
        ck_assert_ptr_nonnull(a);
        ck_assert_str_eq(tg_account_name(a), name);
    } else {
        ck_assert_ptr_null(a);
        ck_assert_ptr_nonnull(problem);
        ck_assert_int_eq(problem_slug_of(problem), slug);
    }
    problem_free(problem);
    job_free(job);
}

START_TEST(test_a_calls_account_is_who_created_or_alone_knows_it)
{
    struct tg_account *a = account_in(w, "a", TG_ACCOUNT_READY), *b = account_in(w, "b", TG_ACCOUNT_READY);

    give_call(a, 1, false);
    give_call(b, 1, true);
    give_call(a, 2, false);
    give_call(b, 3, false);
    give_call(a, 4, false);
    give_call(b, 4, false);
    expect_owner(job_with(JOB_CALL_GET, "", "", ""), 1, "b", 0);
    expect_owner(job_with(JOB_CALL_GET, "", "", ""), 2, "a", 0);
    expect_owner(job_with(JOB_CALL_GET, "", "", ""), 3, "b", 0);
    expect_owner(job_with(JOB_CALL_GET, "", "", ""), 4, NULL, PROBLEM_ACCOUNT_REQUIRED);
    expect_owner(job_with(JOB_CALL_GET, "", "", ""), 5, NULL, PROBLEM_ACCOUNT_REQUIRED);
    expect_owner(job_with(JOB_CALL_GET, "query", "account", "a"), 1, "a", 0);
    struct job *job = job_with(JOB_CALL_GET, "", "", "");
    bind_job(job, "['a']");
    expect_owner(job, 1, "a", 0); /* who created it is as if it did not exist */
}
END_TEST

START_TEST(test_accounts_of_a_path)
{
    struct tg_account *a = account_in(w, "a", TG_ACCOUNT_LOGGED_OUT);
    struct problem *problem = NULL;
    struct job *job = job_with(JOB_ACCOUNT_GET, "path", "name", "a");

    ck_assert_ptr_eq(accounts_of_path(&w->accounts, job, &problem), a);
    bind_job(job, "['b']");
    ck_assert_ptr_null(accounts_of_path(&w->accounts, job, &problem));
    ck_assert_int_eq(problem_status(problem), 404);
    problem_free(problem);
    job_free(job);
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
    tcase_add_test(t, test_a_name_is_taken_by_its_word);
    tcase_add_test(t, test_without_a_name_the_only_ready_one_is_meant);
    tcase_add_test(t, test_a_bound_token_knows_only_its_own);
    tcase_add_test(t, test_a_calls_account_is_who_created_or_alone_knows_it);
    tcase_add_test(t, test_accounts_of_a_path);
    suite_add_tcase(s, t);
    return s;
}
