#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/directory.h"
#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

static struct directory *d;

static void set_up(void)
{
    ck_assert_int_eq(directory_new(3, &d), 0);
}

static void tear_down(void)
{
    directory_free(d);
}

static void put(const char *name, size_t worker, bool ready)
{
    ck_assert_int_eq(directory_put(d, name, worker), 0);
    directory_set_ready(d, name, ready);
}

START_TEST(test_an_account_is_found_at_its_worker)
{
    struct directory_pick pick;

    put("main", 1, false);
    put("other", 2, false);
    ck_assert(directory_find(d, "main", NULL, &pick));
    ck_assert_str_eq(pick.account, "main");
    ck_assert_uint_eq(pick.worker, 1);
    ck_assert(directory_find(d, "other", NULL, &pick));
    ck_assert_uint_eq(pick.worker, 2);
    ck_assert(!directory_find(d, "nobody", NULL, &pick));
    directory_drop(d, "main");
    ck_assert(!directory_find(d, "main", NULL, &pick));
}
END_TEST

START_TEST(test_a_name_stands_for_one_account_among_all_workers)
{
    put("main", 0, false);
    ck_assert_int_eq(directory_put(d, "main", 2), TGC_EEXIST);
    directory_drop(d, "main");
    ck_assert_int_eq(directory_put(d, "main", 2), 0);
}
END_TEST

START_TEST(test_what_a_token_may_not_see_is_not_there)
{
    struct directory_pick pick;
    struct directory_census census;
    json_t *visible = json_pack("[s,s,i]", "b", "gone", 7);

    put("a", 0, true);
    put("b", 1, true);
    ck_assert_int_eq(directory_put_call(d, 5, "a", true), 0);
    ck_assert(!directory_find(d, "a", visible, &pick));
    ck_assert(directory_find(d, "b", visible, &pick));
    ck_assert(!directory_find_call(d, 5, visible, &pick));
    ck_assert(directory_find_only(d, visible, &pick, &census));
    ck_assert_str_eq(pick.account, "b");
    ck_assert_uint_eq(census.accounts, 1);
    json_t *names = directory_names(d, visible, false, 10);
    ck_assert_uint_eq(json_array_size(names), 1);
    json_decref(names);
    json_decref(visible);
}
END_TEST

START_TEST(test_the_only_ready_account_is_meant)
{
    struct directory_pick pick = {.account = "untouched"};
    struct directory_census census;

    ck_assert(!directory_find_only(d, NULL, &pick, &census));
    ck_assert_uint_eq(census.accounts, 0);
    put("a", 0, false);
    ck_assert(directory_find_only(d, NULL, &pick, &census)); /* the one account, whose trouble can be told */
    ck_assert_uint_eq(census.ready, 0);
    put("b", 1, true);
    put("c", 2, false);
    ck_assert(directory_find_only(d, NULL, &pick, &census));
    ck_assert_str_eq(pick.account, "b");
    ck_assert_uint_eq(pick.worker, 1);
    directory_set_ready(d, "c", true);
    ck_assert(!directory_find_only(d, NULL, &pick, &census));
    ck_assert_str_eq(pick.account, "b");
    ck_assert_uint_eq(census.ready, 2);
    directory_set_ready(d, "b", false);
    directory_set_ready(d, "b", false);
    ck_assert(directory_find_only(d, NULL, &pick, &census));
    ck_assert_str_eq(pick.account, "c");
    directory_drop(d, "c");
    ck_assert(!directory_find_only(d, NULL, &pick, &census));
    ck_assert_uint_eq(census.accounts, 2);
    ck_assert_uint_eq(census.ready, 0);
}
END_TEST

START_TEST(test_a_call_is_its_creators_else_the_only_knowers)
{
    struct directory_pick pick;

    put("a", 0, true);
    put("b", 1, true);
    ck_assert(!directory_find_call(d, 7, NULL, &pick));
    ck_assert_int_eq(directory_put_call(d, 7, "a", false), 0);
    ck_assert(directory_find_call(d, 7, NULL, &pick));
    ck_assert_str_eq(pick.account, "a");
    ck_assert_int_eq(directory_put_call(d, 7, "b", false), 0);
    ck_assert(!directory_find_call(d, 7, NULL, &pick));
    ck_assert_int_eq(directory_put_call(d, 7, "b", true), 0); /* told again: it was b's own */
    ck_assert(directory_find_call(d, 7, NULL, &pick));
    ck_assert_str_eq(pick.account, "b");
    ck_assert_uint_eq(pick.worker, 1);
    directory_drop_call(d, 7, "b");
    ck_assert(directory_find_call(d, 7, NULL, &pick));
    ck_assert_str_eq(pick.account, "a");
    ck_assert_int_eq(directory_put_call(d, 7, "nobody", true), TGC_EUNKNOWN);
    directory_drop(d, "a");
    ck_assert(!directory_find_call(d, 7, NULL, &pick));
}
END_TEST

START_TEST(test_the_next_account_goes_where_the_fewest_are)
{
    ck_assert_uint_eq(directory_next_worker(d), 0);
    put("a", 0, false);
    ck_assert_uint_eq(directory_next_worker(d), 1);
    put("b", 1, false);
    ck_assert_uint_eq(directory_next_worker(d), 2);
    put("c", 2, false);
    directory_drop(d, "b");
    ck_assert_uint_eq(directory_next_worker(d), 1);
}
END_TEST

START_TEST(test_accounts_have_a_limit_and_names_an_order)
{
    char name[16];

    for (unsigned i = 0; i < LIMIT_ACCOUNTS; i++) {
        snprintf(name, sizeof(name), "n%05u", LIMIT_ACCOUNTS - 1 - i);
        ck_assert_int_eq(directory_put(d, name, i % 3), 0);
    }
    ck_assert_int_eq(directory_put(d, "more", 0), TGC_ELIMIT);
    ck_assert_int_eq(directory_put(d, "a-name-of-more-than-forty-characters-in-all", 0), TGC_ELIMIT);
    json_t *names = directory_names(d, NULL, false, 3);
    ck_assert_uint_eq(json_array_size(names), 3);
    ck_assert_str_eq(json_string_value(json_array_get(names, 0)), "n00000");
    ck_assert_str_eq(json_string_value(json_array_get(names, 2)), "n00002");
    json_decref(names);
}
END_TEST

START_TEST(test_an_accounts_schedules_are_counted)
{
    put("a", 0, true);
    put("b", 0, true);
    ck_assert_int_eq(directory_put_schedule(d, "one", "a"), 0);
    ck_assert_int_eq(directory_put_schedule(d, "two", "a"), 0);
    ck_assert_int_eq(directory_put_schedule(d, "three", "b"), 0);
    ck_assert_uint_eq(directory_count_schedules(d, "a"), 2);
    directory_drop_schedule(d, "one", "a");
    ck_assert_uint_eq(directory_count_schedules(d, "a"), 1);
    ck_assert_uint_eq(directory_count_schedules(d, "nobody"), 0);
}
END_TEST

static void expect_calls(size_t active, size_t scheduled, size_t ended)
{
    size_t n[DIRECTORY_PHASES];

    directory_count_calls(d, n);
    ck_assert_uint_eq(n[DIRECTORY_ACTIVE], active);
    ck_assert_uint_eq(n[DIRECTORY_SCHEDULED], scheduled);
    ck_assert_uint_eq(n[DIRECTORY_ENDED], ended);
}

START_TEST(test_a_call_counts_once_however_many_know_it)
{
    put("a", 0, true);
    put("b", 0, true);
    ck_assert_int_eq(directory_put_call(d, 7, "a", true), 0);
    ck_assert_int_eq(directory_put_call(d, 7, "b", false), 0);
    ck_assert_int_eq(directory_put_call(d, 8, "a", true), 0);
    directory_set_call(d, 7, DIRECTORY_ACTIVE);
    directory_set_call(d, 7, DIRECTORY_ACTIVE);
    directory_set_call(d, 8, DIRECTORY_SCHEDULED);
    directory_set_call(d, 9, DIRECTORY_ACTIVE); /* nobody knows it */
    expect_calls(1, 1, 0);
    directory_set_call(d, 8, DIRECTORY_ACTIVE);
    expect_calls(2, 0, 0);
    directory_drop_call(d, 7, "a");
    expect_calls(2, 0, 0);
    directory_drop_call(d, 7, "b");
    expect_calls(1, 0, 0);
    directory_set_call(d, 8, DIRECTORY_ENDED);
    expect_calls(0, 0, 1);
    directory_drop(d, "a");
    expect_calls(0, 0, 0);
}
END_TEST

static void *come_and_go(void *ctx)
{
    const char *name = ctx;
    struct directory_pick pick;
    struct directory_census census;

    for (int64_t i = 0; i < 2000; i++) {
        if (directory_put(d, name, 0) != 0 || directory_put_call(d, i % 7, name, i & 1) != 0)
            return ctx;
        directory_set_ready(d, name, true);
        (void)directory_find_call(d, i % 7, NULL, &pick);
        (void)directory_find_only(d, NULL, &pick, &census);
        if (!directory_find(d, name, NULL, &pick))
            return ctx;
        directory_drop(d, name);
    }
    return NULL;
}

START_TEST(test_any_thread_may_ask_and_tell)
{
    static char names[4][4] = {"a", "b", "c", "e"};
    struct directory_census census;
    struct directory_pick pick;
    pthread_t threads[4];
    void *failed;

    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, names[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
    ck_assert(!directory_find_only(d, NULL, &pick, &census));
    ck_assert_uint_eq(census.accounts, 0);
    ck_assert_uint_eq(census.ready, 0);
    ck_assert(!directory_find_call(d, 3, NULL, &pick));
}
END_TEST

START_TEST(test_a_key_is_one_accounts)
{
    struct directory_pick pick = {.account = "untouched"};
    const uint64_t first[] = {7, 8}, second[] = {8, 9}, three[] = {1, 2, 3};
    json_t *visible = json_pack("[s]", "b");

    put("a", 0, false);
    put("b", 2, false);
    ck_assert(!directory_find_key(d, 7, NULL, &pick));
    ck_assert_int_eq(directory_set_keys(d, "a", first, 2), 0);
    ck_assert_int_eq(directory_set_keys(d, "a", first, 2), 0);
    ck_assert_int_eq(directory_set_keys(d, "b", second, 2), TGC_EEXIST);
    ck_assert(!directory_find_key(d, 9, NULL, &pick));
    ck_assert_str_eq(pick.account, "untouched");
    ck_assert(directory_find_key(d, 8, NULL, &pick));
    ck_assert_str_eq(pick.account, "a");
    ck_assert(!directory_find_key(d, 8, visible, &pick));
    ck_assert_int_eq(directory_set_keys(d, "a", first, 1), 0); /* it parts from the other */
    ck_assert_int_eq(directory_set_keys(d, "b", second, 2), 0);
    ck_assert_int_eq(directory_set_keys(d, "a", second, 1), TGC_EEXIST);
    ck_assert(directory_find_key(d, 7, NULL, &pick));
    ck_assert(directory_find_key(d, 8, visible, &pick));
    ck_assert_str_eq(pick.account, "b");
    ck_assert_uint_eq(pick.worker, 2);
    directory_drop(d, "b");
    ck_assert_int_eq(directory_set_keys(d, "a", second, 2), 0);
    ck_assert_int_eq(directory_set_keys(d, "a", three, 3), TGC_ELIMIT);
    ck_assert_int_eq(directory_set_keys(d, "b", three, 1), TGC_EUNKNOWN);
    ck_assert_int_eq(directory_set_keys(d, "a", NULL, 0), 0);
    ck_assert(!directory_find_key(d, 8, NULL, &pick));
    json_decref(visible);
}
END_TEST

/* Workers ask at once: one of them has it. */
static void *claim(void *name)
{
    const uint64_t id = 5;

    return directory_set_keys(d, name, &id, 1) == 0 ? d : NULL;
}

START_TEST(test_of_two_that_want_a_key_at_once_one_has_it)
{
    char *names[] = {"a", "b"};

    put("a", 0, false);
    put("b", 1, false);
    for (int round = 0; round < 200; round++) {
        pthread_t threads[2];
        void *has[2];
        for (int i = 0; i < 2; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, claim, names[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], &has[i]);
        ck_assert_int_eq((has[0] != NULL) + (has[1] != NULL), 1);
        ck_assert_int_eq(directory_set_keys(d, names[has[0] ? 0 : 1], NULL, 0), 0);
    }
}
END_TEST

START_TEST(test_an_intent_is_one_workers)
{
    const uint8_t one[DIRECTORY_INTENT] = {1}, two[DIRECTORY_INTENT] = {2};
    size_t worker = 1;

    ck_assert(!directory_find_intent(d, one, &worker));
    ck_assert_int_eq(directory_claim_intent(d, one, &worker), 0);
    worker = 2;
    ck_assert_int_eq(directory_claim_intent(d, one, &worker), 0);
    ck_assert_uint_eq(worker, 1);
    worker = 2;
    ck_assert_int_eq(directory_claim_intent(d, two, &worker), 0);
    ck_assert_uint_eq(worker, 2);
    directory_drop_intent(d, one);
    directory_drop_intent(d, one);
    ck_assert(!directory_find_intent(d, one, &worker));
    ck_assert(directory_find_intent(d, two, &worker) && worker == 2);
}
END_TEST

Suite *suite_directory(void)
{
    Suite *s = suite_create("directory");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, test_an_account_is_found_at_its_worker);
    tcase_add_test(tc, test_a_name_stands_for_one_account_among_all_workers);
    tcase_add_test(tc, test_what_a_token_may_not_see_is_not_there);
    tcase_add_test(tc, test_the_only_ready_account_is_meant);
    tcase_add_test(tc, test_a_call_is_its_creators_else_the_only_knowers);
    tcase_add_test(tc, test_the_next_account_goes_where_the_fewest_are);
    tcase_add_test(tc, test_accounts_have_a_limit_and_names_an_order);
    tcase_add_test(tc, test_a_call_counts_once_however_many_know_it);
    tcase_add_test(tc, test_an_accounts_schedules_are_counted);
    tcase_add_test(tc, test_any_thread_may_ask_and_tell);
    tcase_add_test(tc, test_a_key_is_one_accounts);
    tcase_add_test(tc, test_of_two_that_want_a_key_at_once_one_has_it);
    tcase_add_test(tc, test_an_intent_is_one_workers);
    suite_add_tcase(s, tc);
    return s;
}
