/* Which account a request means: the rules of the REST contract. */
#include <string.h>

#include "daemon/bridge/choose.h"
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

static void know(const char *name, int64_t call, bool created)
{
    ck_assert_int_eq(directory_put_call(d, call, name, created), 0);
}

static struct job *job_with(enum job_method method, const char *where, const char *member, const char *value)
{
    struct job *job = job_new(method, NULL, NULL, NULL);

    if (where[0])
        json_object_set_new(strcmp(where, "query") == 0  ? job->query
                            : strcmp(where, "path") == 0 ? job->path
                                                         : job->body,
                            member, json_string(value));
    return job;
}

static struct job *bound(struct job *job, const char *account)
{
    job->accounts = account ? json_pack("[s]", account) : json_array();
    return job;
}

static void expect(struct job *job, const char *account, size_t worker)
{
    struct problem *problem;
    size_t chosen = 99;

    ck_assert_int_eq(choose_worker(d, job, &chosen, &problem), 0);
    ck_assert_ptr_null(problem);
    ck_assert_str_eq(job->account, account);
    ck_assert_uint_eq(chosen, worker);
    job_free(job);
}

static void expect_problem(struct job *job, enum problem_slug slug, size_t names)
{
    struct problem *problem;
    size_t chosen;
    struct buf text;

    ck_assert_int_eq(choose_worker(d, job, &chosen, &problem), TGC_EUNKNOWN);
    ck_assert_ptr_nonnull(problem);
    ck_assert_int_eq(problem_slug_of(problem), slug);
    buf_init(&text, 1 << 16);
    ck_assert_int_eq(problem_text(problem, NULL, &text), 0);
    json_t *j = json_loadb((const char *)text.data, text.len, 0, NULL);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "accounts")), names);
    json_decref(j);
    buf_fini(&text);
    problem_free(problem);
    job_free(job);
}

static void expect_remedy(struct job *job, const char *remedy)
{
    struct problem *problem;
    struct buf text;
    size_t chosen;

    ck_assert_int_eq(choose_worker(d, job, &chosen, &problem), TGC_EUNKNOWN);
    buf_init(&text, 1 << 16);
    ck_assert_int_eq(problem_text(problem, NULL, &text), 0);
    json_t *j = json_loadb((const char *)text.data, text.len, 0, NULL);
    ck_assert_str_eq(unit_json_text(j, "remedy"), remedy);
    json_decref(j);
    buf_fini(&text);
    problem_free(problem);
    job_free(job);
}

/* A create takes the account as a member, all else as a parameter of the query: a method's body is the method's. */
START_TEST(test_what_to_do_names_an_account_and_where_it_is_said)
{
    expect_remedy(job_with(JOB_CALL_CREATE, "", "", ""), "Create an account with POST /v1/accounts, then log in");
    put("a", 0, false);
    put("z", 0, false);
    expect_remedy(job_with(JOB_METHOD_INVOKE, "", "", ""), "GET /v1/accounts/a says what that account waits for");
    put("b", 0, true);
    put("c", 1, true);
    expect_remedy(job_with(JOB_CALL_CREATE, "", "", ""),
                  "Give the member \"account\" with one of the names in \"accounts\", such as \"b\"");
    expect_remedy(job_with(JOB_METHOD_INVOKE, "", "", ""),
                  "Give the query parameter account with one of the names in \"accounts\", such as ?account=b");
    expect_remedy(job_with(JOB_PEER_GET, "path", "peer", "me"),
                  "Give the query parameter account with one of the names in \"accounts\", such as ?account=b");
    expect(job_with(JOB_METHOD_INVOKE, "query", "account", "b"), "b", 0);
    expect(job_with(JOB_CALL_CREATE, "body", "account", "c"), "c", 1);
}
END_TEST

START_TEST(test_a_name_is_taken_by_its_word)
{
    put("a", 0, true);
    put("b", 1, true);
    put("out", 2, false);
    expect(job_with(JOB_CALL_LIST, "query", "account", "b"), "b", 1);
    expect(job_with(JOB_CALL_CREATE, "body", "account", "b"), "b", 1);
    expect(job_with(JOB_PEER_GET, "query", "account", "out"), "out", 2); /* its worker says what it lacks */
    expect_problem(job_with(JOB_CALL_LIST, "query", "account", "nobody"), PROBLEM_NOT_FOUND, 0);
    /* A method's body has parameters of its own. */
    expect_problem(job_with(JOB_METHOD_INVOKE, "body", "account", "b"), PROBLEM_ACCOUNT_REQUIRED, 2);
}
END_TEST

START_TEST(test_a_schedule_is_its_account_s)
{
    put("a", 0, true);
    put("b", 1, false);
    ck_assert_int_eq(directory_put_schedule(d, "daily", "b"), 0);
    expect(job_with(JOB_SCHEDULE_GET, "path", "schedule", "daily"), "b", 1);
    expect(job_with(JOB_SCHEDULE_SKIP, "path", "schedule", "daily"), "b", 1);
    expect_problem(job_with(JOB_SCHEDULE_GET, "path", "schedule", "weekly"), PROBLEM_NOT_FOUND, 0);
    expect_problem(bound(job_with(JOB_SCHEDULE_GET, "path", "schedule", "daily"), "a"), PROBLEM_NOT_FOUND, 0);
    expect(job_with(JOB_SCHEDULE_CREATE, "body", "account", "b"), "b", 1);
    expect(job_with(JOB_SCHEDULE_CREATE, "", "", ""), "a", 0);
}
END_TEST

START_TEST(test_without_a_name_the_only_ready_one_is_meant)
{
    expect_problem(job_with(JOB_PEER_GET, "", "", ""), PROBLEM_ACCOUNT_REQUIRED, 0);
    put("out", 0, false);
    expect(job_with(JOB_PEER_GET, "", "", ""), "out", 0);
    put("new", 0, false);
    expect_problem(job_with(JOB_PEER_GET, "", "", ""), PROBLEM_ACCOUNT_REQUIRED, 2);
    put("a", 1, true);
    expect(job_with(JOB_PEER_GET, "", "", ""), "a", 1);
    put("b", 2, true);
    expect_problem(job_with(JOB_PEER_GET, "", "", ""), PROBLEM_ACCOUNT_REQUIRED, 2); /* one of those that are ready */
}
END_TEST

START_TEST(test_a_bound_token_knows_only_its_own)
{
    put("a", 0, true);
    put("b", 1, true);
    expect(bound(job_with(JOB_PEER_GET, "", "", ""), "b"), "b", 1);
    expect_problem(bound(job_with(JOB_PEER_GET, "query", "account", "a"), "b"), PROBLEM_NOT_FOUND, 0);
    expect_problem(bound(job_with(JOB_PEER_GET, "", "", ""), NULL), PROBLEM_ACCOUNT_REQUIRED, 0);
    expect_problem(bound(job_with(JOB_ACCOUNT_GET, "path", "name", "a"), "b"), PROBLEM_NOT_FOUND, 0);
}
END_TEST

START_TEST(test_a_calls_account_is_who_created_or_alone_knows_it)
{
    put("a", 0, true);
    put("b", 1, true);
    know("a", 1, false);
    know("b", 1, true);
    know("a", 2, false);
    know("b", 3, false);
    know("a", 4, false);
    know("b", 4, false);
    expect(job_with(JOB_CALL_GET, "path", "id", "1"), "b", 1);
    expect(job_with(JOB_CALL_EDIT, "path", "id", "2"), "a", 0);
    expect(job_with(JOB_CALL_START, "path", "id", "3"), "b", 1);
    expect_problem(job_with(JOB_CALL_DISCARD, "path", "id", "4"), PROBLEM_ACCOUNT_REQUIRED, 2);
    expect_problem(job_with(JOB_CALL_GET, "path", "id", "5"), PROBLEM_ACCOUNT_REQUIRED, 2);
    struct job *job = job_with(JOB_CALL_GET, "path", "id", "1");
    json_object_set_new(job->query, "account", json_string("a"));
    expect(job, "a", 0);
    expect(bound(job_with(JOB_CALL_GET, "path", "id", "1"), "a"), "a", 0); /* its creator is as if it did not exist */
}
END_TEST

START_TEST(test_what_is_about_an_account_goes_where_it_lives)
{
    static const enum job_method methods[] = {JOB_ACCOUNT_GET,      JOB_ACCOUNT_DELETE,     JOB_LOGIN,
                                              JOB_LOGIN_CODE,       JOB_LOGIN_RESEND,       JOB_LOGIN_CANCEL,
                                              JOB_LOGIN_QR,         JOB_LOGIN_REGISTRATION, JOB_LOGIN_EMAIL,
                                              JOB_LOGIN_EMAIL_CODE, JOB_LOGIN_PASSWORD,     JOB_LOGOUT};

    put("a", 2, false);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        expect(job_with(methods[i], "path", "name", "a"), "a", 2);
        expect_problem(job_with(methods[i], "path", "name", "b"), PROBLEM_NOT_FOUND, 0);
    }
    expect(job_with(JOB_ACCOUNT_CREATE, "body", "name", "new"), "", 0);
}
END_TEST

START_TEST(test_what_is_about_all_starts_at_the_first_worker)
{
    put("a", 2, true);
    expect(job_with(JOB_ACCOUNT_LIST, "", "", ""), "", 0);
    expect(job_with(JOB_READY, "", "", ""), "", 0);
    expect(job_with(JOB_READY, "query", "account", "a"), "a", 2);
    expect_problem(job_with(JOB_READY, "query", "account", "b"), PROBLEM_NOT_FOUND, 0);
    expect(job_with(JOB_CALL_LIST, "", "", ""), "", 0);
    expect(job_with(JOB_CALL_LIST, "query", "peer", "@x"), "a", 2);
}
END_TEST

static void expect_name(struct job *job, const char *name)
{
    struct choose_route got = choose_route(job);

    ck_assert((got.of == CHOOSE_ACCOUNT) == (name != NULL));
    ck_assert(!name || strcmp(got.name, name) == 0);
    job_free(job);
}

static void expect_id(struct job *job, enum choose_of of, int64_t id)
{
    struct choose_route got = choose_route(job);

    ck_assert_int_eq(got.of, of);
    ck_assert_int_eq(got.id, id);
    ck_assert_ptr_null(got.name);
    job_free(job);
}

START_TEST(what_is_about_a_thing_says_which)
{
    struct job *job = job_with(JOB_SCHEDULE_EDIT, "path", "schedule", "daily");
    struct choose_route got = choose_route(job);

    ck_assert_int_eq(got.of, CHOOSE_SCHEDULE);
    ck_assert_str_eq(got.name, "daily");
    job_free(job);
    expect_id(job_with(JOB_CALL_JOIN, "path", "id", "-7"), CHOOSE_CALL, -7);
    expect_id(bound(job_with(JOB_CALL_GET, "path", "id", "7"), "anna"), CHOOSE_CALL, 7);
    expect_id(job_with(JOB_JOB_CANCEL, "path", "id", "7"), CHOOSE_JOB, 7);
    expect_id(job_with(JOB_JOB_LIST, "", "", ""), CHOOSE_NONE, 0);
    expect_id(job_with(JOB_WEBHOOK_GET, "path", "webhook", "w"), CHOOSE_NONE, 0);
}
END_TEST

START_TEST(what_a_request_says_of_its_account_is_known_anywhere)
{
    expect_name(job_with(JOB_ACCOUNT_GET, "path", "name", "anna"), "anna");
    expect_name(job_with(JOB_ACCOUNT_CREATE, "body", "name", "anna"), "anna");
    expect_name(job_with(JOB_CALL_CREATE, "body", "account", "anna"), "anna");
    expect_name(job_with(JOB_CALL_GET, "query", "account", "anna"), "anna");
    expect_name(job_with(JOB_CALL_LIST, "query", "account", "anna"), "anna");
    expect_name(job_with(JOB_METHOD_INVOKE, "body", "account", "anna"), NULL);
    expect_name(job_with(JOB_CALL_GET, "path", "id", "7"), NULL);
    expect_name(job_with(JOB_SCHEDULE_GET, "path", "schedule", "daily"), NULL);
    expect_name(job_with(JOB_CALL_LIST, "", "", ""), NULL);
    expect_name(job_with(JOB_WEBHOOK_CREATE, "body", "account", "anna"), NULL);
}
END_TEST

START_TEST(who_may_see_one_account_means_no_other)
{
    expect_name(bound(job_with(JOB_CALL_CREATE, "", "", ""), "anna"), "anna");
    expect_name(bound(job_with(JOB_CALL_CREATE, "", "", ""), NULL), NULL);
    expect_name(bound(job_with(JOB_CALL_CREATE, "body", "account", "ben"), "anna"), "ben");
    expect_name(bound(job_with(JOB_CALL_LIST, "query", "peer", "@chat"), "anna"), "anna");
    expect_name(bound(job_with(JOB_CALL_LIST, "", "", ""), "anna"), NULL);
    expect_name(bound(job_with(JOB_ACCOUNT_LIST, "", "", ""), "anna"), NULL);
}
END_TEST

Suite *suite_choose(void)
{
    Suite *s = suite_create("choose");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, test_what_to_do_names_an_account_and_where_it_is_said);
    tcase_add_test(tc, test_a_name_is_taken_by_its_word);
    tcase_add_test(tc, test_a_schedule_is_its_account_s);
    tcase_add_test(tc, test_without_a_name_the_only_ready_one_is_meant);
    tcase_add_test(tc, test_a_bound_token_knows_only_its_own);
    tcase_add_test(tc, test_a_calls_account_is_who_created_or_alone_knows_it);
    tcase_add_test(tc, test_what_is_about_an_account_goes_where_it_lives);
    tcase_add_test(tc, test_what_is_about_all_starts_at_the_first_worker);
    tcase_add_test(tc, what_is_about_a_thing_says_which);
    tcase_add_test(tc, what_a_request_says_of_its_account_is_known_anywhere);
    tcase_add_test(tc, who_may_see_one_account_means_no_other);
    suite_add_tcase(s, tc);
    return s;
}
