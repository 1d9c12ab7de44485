/* What is asked at one node and carried out by another, whatever becomes of either and of the database between them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/temp.h"
#include "tests/support/unit.h"
#include "tests/unit/program/relay_bed.h"
#include "tests/unit/program/suites.h"

#define LONG (60 * SECOND_US)
#define SHORT (SECOND_US / 2)
#define ROWS "SELECT count(*) FROM tgcalld_job WHERE state < 4"
#define ALL_ROWS "SELECT count(*) FROM tgcalld_job WHERE state <> 4"
#define TAKEN "SELECT count(*) FROM tgcalld_job WHERE state = 1"

static struct bed_node one, two, three;
static struct bed_asked asked[BED_SLOTS + 2];

static void has_echo(struct bed_asked *a, const char *text)
{
    struct job *job = bed_await(a);
    char *want = NULL;

    ck_assert_int_gt(asprintf(&want, "{\"echo\":\"%s\"}", text), 0);
    ck_assert_ptr_null(job->problem);
    ck_assert_int_eq(job->status, 200);
    ck_assert(strcmp(buf_text(&job->text), want) == 0);
    free(want);
    job_free(job);
}

/* Its problem is of STATUS, and says with "sent" whether it may have been done. */
static void has_problem(struct bed_asked *a, int status, bool is_sent)
{
    struct job *job = bed_await(a);

    ck_assert_ptr_nonnull(job->problem);
    ck_assert_int_eq(problem_status(job->problem), status);
    ck_assert(json_is_true(problem_member(job->problem, "sent")) == is_sent);
    job_free(job);
}

static void has_problem_of(struct bed_asked *a, int status)
{
    struct job *job = bed_await(a);

    ck_assert_ptr_nonnull(job->problem);
    ck_assert_int_eq(problem_status(job->problem), status);
    job_free(job);
}

static void start_both(void)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start(&two, 2, BED_SLOTS);
}

static void stop_both(void)
{
    bed_stop(&one);
    bed_stop(&two);
}

START_TEST(what_one_node_is_asked_the_other_answers)
{
    start_both();
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("hello", NULL, LONG), &asked[0]);
    has_echo(&asked[0], "hello");
    stop_both();
}
END_TEST

START_TEST(many_are_answered_each_with_its_own)
{
    char text[32];

    start_both();
    relay_serve(two.relay, true);
    for (int i = 0; i < BED_SLOTS; i++) {
        snprintf(text, sizeof(text), "number %d", i);
        bed_ask(&one, bed_job(text, NULL, LONG), &asked[i]);
    }
    for (int i = 0; i < BED_SLOTS; i++) {
        snprintf(text, sizeof(text), "number %d", i);
        has_echo(&asked[i], text);
    }
    bed_await_number(ROWS, 0);
    stop_both();
}
END_TEST

START_TEST(what_is_long_comes_in_pieces)
{
    enum { LENGTH = 1 << 20, N = 24 };
    char *text = malloc(LENGTH + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', LENGTH);
    text[LENGTH] = '\0';
    start_both();
    for (int i = 0; i < N; i++)
        bed_ask(&one, bed_job(text, NULL, LONG), &asked[i]);
    bed_await_number(ROWS, N);
    relay_serve(two.relay, true);
    for (int i = 0; i < N; i++)
        has_echo(&asked[i], text);
    stop_both();
    free(text);
}
END_TEST

START_TEST(what_was_asked_before_a_node_has_the_accounts_waits_for_it)
{
    start_both();
    bed_ask(&one, bed_job("early", NULL, LONG), &asked[0]);
    bed_await_number(ROWS, 1);
    ck_assert(!bed_is_done(&asked[0]));
    relay_serve(two.relay, true);
    has_echo(&asked[0], "early");
    stop_both();
}
END_TEST

START_TEST(what_no_node_takes_is_told_in_time_and_was_not_done)
{
    start_both();
    bed_ask(&one, bed_job("nobody", NULL, SHORT), &asked[0]);
    has_problem(&asked[0], 503, false);
    ck_assert_int_eq(bed_number(ROWS), 0);
    stop_both();
}
END_TEST

START_TEST(what_was_taken_and_has_no_answer_in_time_may_have_been_done)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("slow", NULL, 2 * SECOND_US), &asked[0]);
    bed_await_held(&two, 1);
    has_problem(&asked[0], 504, true);
    bed_hold(&two, false);
    stop_both();
}
END_TEST

START_TEST(who_has_no_number_yet_asks_when_it_has_one)
{
    start_both();
    relay_serve(two.relay, true);
    one.id = 0;
    bed_ask(&one, bed_job("early", NULL, LONG), &asked[0]);
    one.id = 1;
    has_echo(&asked[0], "early");
    stop_both();
}
END_TEST

START_TEST(a_node_that_got_another_number_has_its_answers)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("before", NULL, LONG), &asked[0]);
    bed_await_held(&two, 1);
    bed_sql("INSERT INTO tgcalld_node VALUES (11, 'one', '', 1, 9000000000000000, 1, 0)");
    one.id = 11;
    bed_ask(&one, bed_job("after", NULL, LONG), &asked[1]);
    bed_await_held(&two, 2);
    bed_sql("DELETE FROM tgcalld_node WHERE id = 1");
    bed_hold(&two, false);
    has_echo(&asked[0], "before");
    has_echo(&asked[1], "after");
    stop_both();
}
END_TEST

/* --- secrets --- */

START_TEST(what_is_said_does_not_stand_in_the_table)
{
    static const char has[] =
        "SELECT count(*) FROM tgcalld_job AS j WHERE position('open sesame'::bytea IN request) > 0"
        " OR position('open sesame'::bytea IN answer) > 0 OR j::text LIKE '%sesame%'";

    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("open sesame", NULL, LONG), &asked[0]);
    bed_await_held(&two, 1);
    ck_assert_int_eq(bed_number(TAKEN), 1);
    ck_assert_int_eq(bed_number("SELECT (length(request) > 50)::int FROM tgcalld_job WHERE state = 1"), 1);
    ck_assert_int_eq(bed_number(has), 0);
    bed_hold(&two, false);
    has_echo(&asked[0], "open sesame");
    ck_assert_int_eq(bed_number(has), 0);
    stop_both();
}
END_TEST

START_TEST(who_has_another_key_says_so_and_does_nothing)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start_with(&two, 2, BED_SLOTS, bed_key("other.key", '8'));
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("secret", NULL, LONG), &asked[0]);
    has_problem(&asked[0], 503, false);
    ck_assert_uint_eq(two.answered_n, 0);
    stop_both();
}
END_TEST

START_TEST(a_key_that_was_changed_is_read_anew)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start_with(&two, 2, BED_SLOTS, bed_key("other.key", '8'));
    relay_serve(two.relay, true);
    bed_key("other.key", '7');
    bed_ask(&one, bed_job("secret", NULL, LONG), &asked[0]);
    has_echo(&asked[0], "secret");
    stop_both();
}
END_TEST

START_TEST(bytes_of_another_version_or_row_are_refused)
{
    start_both();
    bed_hold(&two, true);
    bed_ask(&one, bed_job("one", NULL, LONG), &asked[0]);
    bed_ask(&one, bed_job("other", NULL, LONG), &asked[1]);
    bed_await_number(ROWS, 2);
    /* Each with the other's request. */
    bed_sql("UPDATE tgcalld_job AS j SET request = o.request FROM tgcalld_job AS o WHERE j.state = 0 AND o.state = 0"
            " AND o.id <> j.id");
    relay_serve(two.relay, true);
    has_problem(&asked[0], 503, false);
    has_problem(&asked[1], 503, false);
    bed_hold(&two, false);
    stop_both();
}
END_TEST

/* --- nodes that go --- */

START_TEST(of_a_node_that_died_what_has_a_key_is_the_next_one_s)
{
    start_both();
    bed_start(&three, 3, BED_SLOTS);
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("keyed", "k", LONG), &asked[0]);
    bed_ask(&one, bed_job("bare", NULL, LONG), &asked[1]);
    bed_await_held(&two, 2);
    relay_serve(two.relay, false);
    relay_serve(three.relay, true);
    bed_bury(&two);
    has_problem(&asked[1], 504, true);
    has_echo(&asked[0], "keyed");
    ck_assert_uint_eq(three.answered_n, 1);
    bed_hold(&two, false);
    stop_both();
    bed_stop(&three);
}
END_TEST

START_TEST(what_a_node_that_died_had_taken_and_nobody_takes_again_may_have_been_done)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("keyed", "k", 3 * SECOND_US), &asked[0]);
    bed_await_held(&two, 1);
    relay_serve(two.relay, false);
    bed_bury(&two);
    has_problem(&asked[0], 504, true);
    bed_hold(&two, false);
    stop_both();
}
END_TEST

START_TEST(who_takes_over_carries_out_what_it_asked_itself)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start(&two, 2, 1); /* with room for one: it has not stopped to serve when it is told to */
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("keyed", "k", LONG), &asked[0]);
    bed_await_held(&two, 1);
    relay_serve(two.relay, false);
    bed_ask(&one, bed_job("bare", NULL, LONG), &asked[1]);
    bed_bury(&two);
    relay_serve(one.relay, true);
    has_echo(&asked[0], "keyed");
    has_echo(&asked[1], "bare");
    bed_hold(&two, false);
    stop_both();
}
END_TEST

START_TEST(who_does_not_serve_any_more_answers_what_it_took)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("taken", NULL, LONG), &asked[0]);
    bed_await_held(&two, 1);
    ck_assert(!relay_is_idle(two.relay) && !relay_is_idle(one.relay));
    relay_serve(two.relay, false);
    bed_hold(&two, false);
    has_echo(&asked[0], "taken");
    stop_both();
}
END_TEST

START_TEST(rows_of_an_asker_that_died_go)
{
    start_both();
    bed_sql("INSERT INTO tgcalld_job (id, asker, put_us, until_us, state, taker, may_repeat, request) VALUES"
            " (5, 77, 1, 9000000000000000, 2, 2, 0, ''), (6, 1, 1, 1, 1, 2, 0, '')");
    relay_serve(two.relay, true);
    bed_await_number(ROWS, 0);
    stop_both();
}
END_TEST

START_TEST(a_full_worker_leaves_rows_to_who_has_room)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start(&two, 2, 4);
    bed_start(&three, 3, BED_SLOTS);
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    for (int i = 0; i < 20; i++)
        bed_ask(&one, bed_job("x", NULL, LONG), &asked[i]);
    bed_await_held(&two, 3);
    relay_serve(three.relay, true);
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE state < 2", 3);
    bed_hold(&two, false);
    for (int i = 0; i < 20; i++)
        has_echo(&asked[i], "x");
    stop_both();
    bed_stop(&three);
}
END_TEST

START_TEST(who_asks_more_than_there_are_slots_is_refused)
{
    bed_start(&one, 1, 2);
    bed_ask(&one, bed_job("x", NULL, SHORT), &asked[0]);
    bed_ask(&one, bed_job("x", NULL, SHORT), &asked[1]);
    ck_assert_int_eq(bed_try(&one, bed_job("x", NULL, SHORT), &asked[2]), TGC_EBUSY);
    has_problem(&asked[0], 503, false);
    has_problem(&asked[1], 503, false);
    bed_stop(&one);
}
END_TEST

START_TEST(who_closes_tells_all_that_asked)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("taken", NULL, LONG), &asked[0]);
    bed_await_held(&two, 1);
    relay_serve(two.relay, false);
    bed_sql("UPDATE tgcalld_node SET beat = beat");
    relay_close(one.relay, 0);
    has_problem(&asked[0], 504, true);
    ck_assert_int_eq(bed_try(&one, bed_job("late", NULL, LONG), &asked[1]), TGC_ECLOSED);
    bed_hold(&two, false);
    stop_both();
}
END_TEST

/* --- nodes that have a part of the accounts each --- */

/* Two knows "anna" alone, and three "ben", and what is the lead's; one asks. */
static void start_apart(void)
{
    bed_account(2, "ben");
    start_both();
    bed_start(&three, 3, BED_SLOTS);
    relay_holds_all(two.relay, false);
    relay_holds(two.relay, 2, true);
    relay_holds_all(three.relay, false);
    relay_holds(three.relay, 0, true);
    directory_drop(three.workers.directory, "anna");
    bed_load(&three, 2, "ben");
    relay_serve(two.relay, true);
    relay_serve(three.relay, true);
}

static void stop_apart(void)
{
    stop_both();
    bed_stop(&three);
}

START_TEST(each_account_s_node_answers_for_it)
{
    start_apart();
    for (int i = 0; i < 20; i++) {
        bed_ask(&one, bed_job_of(i % 2 ? "ben" : "anna", i % 2 ? "at three" : "at two", LONG), &asked[i]);
    }
    for (int i = 0; i < 20; i++)
        has_echo(&asked[i], i % 2 ? "at three" : "at two");
    ck_assert_uint_eq(two.answered_n, 10);
    ck_assert_uint_eq(three.answered_n, 10);
    stop_apart();
}
END_TEST

START_TEST(who_leads_answers_for_accounts_that_are_not)
{
    static const char *const names[] = {"zoe", "an\xc3\xafs", "ben ' --", "",
                                        "a-name-that-is-longer-than-any-that-an-account-can-have-and-then-some"};

    start_apart();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bed_ask(&one, bed_job_of(names[i], "x", LONG), &asked[i]);
        has_problem_of(&asked[i], 404);
    }
    ck_assert_uint_eq(two.answered_n + three.answered_n, 0);
    stop_apart();
}
END_TEST

/* Asks for what JOB is about while nobody serves; the lease that it waits for. It is told as not taken then. */
static int64_t lease_of(struct job *job)
{
    job->deadline_us = bed_now() + SHORT;
    bed_ask(&one, job, &asked[0]);
    bed_await_number(ROWS, 1);
    int64_t lease = bed_number("SELECT lease FROM tgcalld_job WHERE state < 4");
    has_problem(&asked[0], 503, false);
    return lease;
}

static struct job *about(enum job_method method, const char *member, const char *value)
{
    return job_new(method, json_pack("{s:s}", member, value), NULL, NULL);
}

static struct job *bound(struct job *job, const char *a, const char *b)
{
    job->accounts = json_pack("[s, s]", a, b);
    return job;
}

START_TEST(a_thing_s_lease_is_that_of_its_account)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_account(59, "ben");
    bed_account(60, "cleo");
    bed_account(121, "dora");
    bed_sql("INSERT INTO calls VALUES (59, 7, 0), (60, 7, 1), (121, 7, 0), (59, -8, 0), (1, 9, 0), (60, 9, 0)");
    bed_sql("INSERT INTO schedules VALUES (5, 59, 'daily'), (6, 121, 'weekly')");
    bed_sql("INSERT INTO intents VALUES (11, 59), (12, NULL)");
    ck_assert_int_eq(lease_of(bed_job("x", NULL, LONG)), 2);
    ck_assert_int_eq(lease_of(about(JOB_ACCOUNT_GET, "name", "ben")), 60);
    ck_assert_int_eq(lease_of(about(JOB_ACCOUNT_GET, "name", "cleo")), 1);
    ck_assert_int_eq(lease_of(about(JOB_ACCOUNT_GET, "name", "dora")), 2);
    ck_assert_int_eq(lease_of(about(JOB_CALL_GET, "id", "7")), 1);
    ck_assert_int_eq(lease_of(bound(about(JOB_CALL_GET, "id", "7"), "ben", "anna")), 60);
    ck_assert_int_eq(lease_of(bound(about(JOB_CALL_GET, "id", "7"), "ben", "dora")), 0);
    ck_assert_int_eq(lease_of(about(JOB_CALL_GET, "id", "-8")), 60);
    ck_assert_int_eq(lease_of(about(JOB_CALL_GET, "id", "9")), 0);
    ck_assert_int_eq(lease_of(about(JOB_CALL_GET, "id", "10")), 0);
    ck_assert_int_eq(lease_of(about(JOB_SCHEDULE_GET, "schedule", "daily")), 60);
    ck_assert_int_eq(lease_of(about(JOB_SCHEDULE_GET, "schedule", "weekly")), 2);
    ck_assert_int_eq(lease_of(about(JOB_SCHEDULE_GET, "schedule", "ben")), 0);
    ck_assert_int_eq(lease_of(about(JOB_JOB_GET, "id", "11")), 60);
    ck_assert_int_eq(lease_of(about(JOB_JOB_CANCEL, "id", "12")), 0);
    ck_assert_int_eq(lease_of(about(JOB_JOB_GET, "id", "13")), 0);
    ck_assert_int_eq(lease_of(job_new(JOB_ACCOUNT_LIST, NULL, NULL, NULL)), 0);
    bed_stop(&one);
}
END_TEST

START_TEST(what_waits_for_an_account_on_its_way_is_the_next_holder_s)
{
    start_apart();
    bed_give(&two, 1, "anna");
    bed_ask(&one, bed_job("waits", NULL, LONG), &asked[0]);
    bed_ask(&one, bed_job_of("ben", "goes", LONG), &asked[1]);
    has_echo(&asked[1], "goes");
    ck_assert_int_eq(bed_number("SELECT count(*) FROM tgcalld_job WHERE state = 0 AND lease = 2"), 1);
    bed_load(&three, 1, "anna");
    has_echo(&asked[0], "waits");
    ck_assert_uint_eq(two.answered_n, 0);
    stop_apart();
}
END_TEST

START_TEST(what_was_taken_just_before_its_account_went_is_the_next_holder_s)
{
    start_apart();
    relay_serve(two.relay, false);
    bed_give(&two, 1, "anna");
    for (int i = 0; i < 10; i++)
        bed_ask(&one, bed_job("goes on", NULL, LONG), &asked[i]);
    bed_await_number(ROWS, 10);
    bed_stall(&two, true);
    bed_load(&two, 1, "anna");
    relay_serve(two.relay, true);
    bed_await_number(TAKEN, 10);
    bed_give(&two, 1, "anna");
    bed_stall(&two, false);
    bed_load(&three, 1, "anna");
    for (int i = 0; i < 10; i++)
        has_echo(&asked[i], "goes on");
    ck_assert_uint_gt(three.answered_n, 0);
    stop_apart();
}
END_TEST

START_TEST(what_nobody_holds_is_told_in_time_and_was_not_done)
{
    start_apart();
    bed_give(&two, 1, "anna");
    bed_ask(&one, bed_job("waits", NULL, SHORT), &asked[0]);
    has_problem(&asked[0], 503, false);
    stop_apart();
}
END_TEST

START_TEST(of_a_holder_that_died_what_has_a_key_is_the_next_holder_s)
{
    start_apart();
    bed_hold(&two, true);
    bed_ask(&one, bed_job("keyed", "k", LONG), &asked[0]);
    bed_ask(&one, bed_job("bare", NULL, LONG), &asked[1]);
    bed_await_held(&two, 2);
    bed_ask(&one, bed_job_of("ben", "beside", LONG), &asked[2]);
    relay_serve(two.relay, false);
    bed_bury(&two);
    has_echo(&asked[2], "beside");
    has_problem(&asked[1], 504, true);
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE state = 0 AND lease = 2", 1);
    bed_load(&three, 1, "anna");
    has_echo(&asked[0], "keyed");
    ck_assert_uint_eq(three.answered_n, 2);
    bed_hold(&two, false);
    stop_apart();
}
END_TEST

static struct job *to_node(int64_t node, const char *text, int64_t left_us)
{
    struct job *job = bed_job(text, NULL, left_us);

    job->node = node;
    return job;
}

START_TEST(what_is_for_one_node_no_other_takes)
{
    start_both();
    bed_start(&three, 3, BED_SLOTS);
    relay_serve(two.relay, true);
    bed_ask(&one, to_node(3, "for three", LONG), &asked[0]);
    for (int i = 1; i < 10; i++)
        bed_ask(&one, bed_job("for any", NULL, LONG), &asked[i]);
    for (int i = 1; i < 10; i++)
        has_echo(&asked[i], "for any");
    ck_assert_int_eq(bed_number("SELECT count(*) FROM tgcalld_job WHERE state = 5"), 1);
    relay_holds_all(three.relay, false);
    relay_serve(three.relay, true);
    has_echo(&asked[0], "for three");
    ck_assert_uint_eq(three.answered_n, 1);
    stop_apart();
}
END_TEST

START_TEST(what_is_for_one_node_that_knows_no_such_account_is_answered)
{
    start_apart();
    bed_ask(&one, to_node(3, "no anna", LONG), &asked[0]);
    has_problem_of(&asked[0], 404);
    stop_apart();
}
END_TEST

START_TEST(what_is_for_a_node_that_does_not_live_is_not_waited_for)
{
    start_both();
    bed_start(&three, 3, BED_SLOTS);
    relay_serve(two.relay, true);
    bed_sql("UPDATE tgcalld_node SET until_us = 1 WHERE id = 3");
    bed_ask(&one, to_node(3, "lapsed", LONG), &asked[0]);
    bed_ask(&one, to_node(99, "never was", LONG), &asked[1]);
    bed_bury(&three);
    bed_ask(&one, to_node(3, "buried", LONG), &asked[2]);
    int64_t began = bed_now();
    for (int i = 0; i < 3; i++)
        has_problem(&asked[i], 503, false);
    ck_assert_int_lt(bed_now() - began, LONG / 4);
    ck_assert_uint_eq(two.answered_n, 0);
    ck_assert_int_eq(bed_number(ALL_ROWS), 0);
    stop_apart();
}
END_TEST

START_TEST(what_one_node_had_taken_as_it_died_no_other_repeats)
{
    start_both();
    relay_serve(two.relay, true);
    bed_start(&three, 3, BED_SLOTS);
    bed_hold(&three, true);
    relay_serve(three.relay, true);
    struct job *job = bed_job("keyed", "k", LONG);
    job->node = 3;
    bed_ask(&one, job, &asked[0]);
    bed_await_held(&three, 1);
    bed_bury(&three);
    has_problem(&asked[0], 504, true);
    ck_assert_uint_eq(two.answered_n, 0);
    bed_hold(&three, false);
    stop_apart();
}
END_TEST

START_TEST(who_asks_another_and_gets_a_new_number_has_the_answer)
{
    start_both();
    bed_ask(&one, to_node(2, "before", LONG), &asked[0]);
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE state = 5", 1);
    bed_sql("INSERT INTO tgcalld_node VALUES (11, 'one', '', 1, 9000000000000000, 1, 0)");
    one.id = 11;
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE state = 5 AND asker = 11", 1);
    bed_sql("DELETE FROM tgcalld_node WHERE id = 1");
    relay_serve(two.relay, true);
    has_echo(&asked[0], "before");
    stop_both();
}
END_TEST

START_TEST(a_full_worker_s_own_rows_wait_for_it)
{
    bed_start(&one, 1, BED_SLOTS);
    bed_start(&two, 2, 4);
    bed_start(&three, 3, BED_SLOTS);
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    relay_serve(three.relay, true);
    for (int i = 0; i < 20; i++)
        bed_ask(&one, to_node(2, "x", LONG), &asked[i]);
    bed_await_held(&two, 3);
    bed_hold(&two, false);
    for (int i = 0; i < 20; i++)
        has_echo(&asked[i], "x");
    ck_assert_uint_eq(two.answered_n, 20);
    stop_apart();
}
END_TEST

/* As nodes of a version before made it, one of whose rows waits. */
START_TEST(a_table_of_before_goes_on_and_its_rows_are_the_lead_s)
{
    bed_sql("CREATE UNLOGGED TABLE tgcalld_job (id BIGINT PRIMARY KEY, asker BIGINT NOT NULL,"
            " account TEXT NOT NULL DEFAULT '', put_us BIGINT NOT NULL, until_us BIGINT NOT NULL,"
            " state SMALLINT NOT NULL, taker BIGINT NOT NULL, may_repeat SMALLINT NOT NULL, request BYTEA NOT NULL,"
            " answer BYTEA)");
    bed_sql("INSERT INTO tgcalld_node VALUES (77, 'before', '', 1, 9000000000000000, 1, 0)");
    bed_sql("INSERT INTO tgcalld_job (id, asker, account, put_us, until_us, state, taker, may_repeat, request) VALUES"
            " (5, 77, '', 1, 9000000000000000, 0, 0, 0, 'sealed')");
    start_apart();
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE id = 5 AND state = 3 AND taker = 3", 1);
    bed_ask(&one, bed_job("after", NULL, LONG), &asked[0]);
    has_echo(&asked[0], "after");
    ck_assert_uint_eq(two.answered_n, 1);
    stop_apart();
}
END_TEST

/* While every account goes from node to node. */
START_TEST(of_a_thousand_none_is_lost_nor_done_twice)
{
    enum { ACCOUNTS = 6, WINDOW = 450 };
    static const char *const names[ACCOUNTS] = {"anna", "ben", "cleo", "dora", "emil", "finn"};
    static struct bed_asked many[BED_NUMBERS];
    struct bed_node *const nodes[] = {&one, &two, &three};
    char text[32];

    for (int i = 0; i < 3; i++) {
        bed_start(nodes[i], i + 1, BED_SLOTS);
        relay_holds_all(nodes[i]->relay, false);
        directory_drop(nodes[i]->workers.directory, "anna");
        relay_serve(nodes[i]->relay, true);
    }
    for (int i = 0; i < ACCOUNTS; i++) {
        if (i)
            bed_account(i + 1, names[i]);
        bed_load(nodes[i % 3], i + 1, names[i]);
    }
    for (int i = 0; i < BED_NUMBERS + WINDOW; i++) {
        if (i >= WINDOW) {
            snprintf(text, sizeof(text), "number %d", i - WINDOW);
            has_echo(&many[i - WINDOW], text);
        }
        if (i < BED_NUMBERS) {
            snprintf(text, sizeof(text), "number %d", i);
            bed_ask(nodes[i % 3], bed_job_of(names[i * 5 % ACCOUNTS], text, LONG), &many[i]);
        }
        if (i % 4 == 0) {
            int moved = i / 4, account = moved % ACCOUNTS, turn = moved / ACCOUNTS + account;
            bed_give(nodes[turn % 3], account + 1, names[account]);
            bed_load(nodes[(turn + 1) % 3], account + 1, names[account]);
        }
    }
    for (int i = 0; i < BED_NUMBERS; i++)
        ck_assert_uint_eq(bed_times(i), 1);
    bed_await_number(ROWS, 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_gt(nodes[i]->answered_n, 0);
        bed_stop(nodes[i]);
    }
}
END_TEST

/* --- the database goes --- */

START_TEST(over_a_restart_of_the_database_what_waits_goes_on)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("taken", NULL, LONG), &asked[0]);
    bed_await_held(&two, 1);
    bed_server("restart");
    bed_ask(&one, bed_job("new", NULL, LONG), &asked[1]);
    bed_hold(&two, false);
    has_echo(&asked[0], "taken");
    has_echo(&asked[1], "new");
    stop_both();
}
END_TEST

START_TEST(over_a_crash_of_the_database_what_was_taken_has_its_answer)
{
    start_both();
    bed_hold(&two, true);
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("bare", NULL, LONG), &asked[0]);
    bed_ask(&one, bed_job("keyed", "k", LONG), &asked[1]);
    bed_await_held(&two, 2);
    bed_server("kill");
    bed_server("restart");
    bed_await_number("SELECT count(*) FROM tgcalld_job WHERE state = 4", 2);
    bed_hold(&two, false);
    has_echo(&asked[0], "bare");
    has_echo(&asked[1], "keyed");
    ck_assert_uint_eq(two.answered_n, 2);
    stop_both();
}
END_TEST

START_TEST(while_the_database_is_away_the_time_runs)
{
    start_both();
    bed_server("freeze");
    bed_ask(&one, bed_job("away", NULL, SHORT), &asked[0]);
    struct job *job = bed_await(&asked[0]);
    ck_assert_ptr_nonnull(job->problem);
    job_free(job);
    bed_server("thaw");
    relay_serve(two.relay, true);
    bed_ask(&one, bed_job("back", NULL, LONG), &asked[1]);
    has_echo(&asked[1], "back");
    stop_both();
}
END_TEST

Suite *suite_relay(void)
{
    Suite *s = suite_create("relay");
    TCase *t = tcase_create("relay");

    tcase_set_timeout(t, 60);
    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_test(t, what_one_node_is_asked_the_other_answers);
    tcase_add_test(t, many_are_answered_each_with_its_own);
    tcase_add_test(t, what_is_long_comes_in_pieces);
    tcase_add_test(t, what_was_asked_before_a_node_has_the_accounts_waits_for_it);
    tcase_add_test(t, what_no_node_takes_is_told_in_time_and_was_not_done);
    tcase_add_test(t, what_was_taken_and_has_no_answer_in_time_may_have_been_done);
    tcase_add_test(t, who_has_no_number_yet_asks_when_it_has_one);
    tcase_add_test(t, a_node_that_got_another_number_has_its_answers);
    tcase_add_test(t, what_is_said_does_not_stand_in_the_table);
    tcase_add_test(t, who_has_another_key_says_so_and_does_nothing);
    tcase_add_test(t, a_key_that_was_changed_is_read_anew);
    tcase_add_test(t, bytes_of_another_version_or_row_are_refused);
    tcase_add_test(t, of_a_node_that_died_what_has_a_key_is_the_next_one_s);
    tcase_add_test(t, what_a_node_that_died_had_taken_and_nobody_takes_again_may_have_been_done);
    tcase_add_test(t, who_takes_over_carries_out_what_it_asked_itself);
    tcase_add_test(t, who_does_not_serve_any_more_answers_what_it_took);
    tcase_add_test(t, rows_of_an_asker_that_died_go);
    tcase_add_test(t, a_full_worker_leaves_rows_to_who_has_room);
    tcase_add_test(t, who_asks_more_than_there_are_slots_is_refused);
    tcase_add_test(t, who_closes_tells_all_that_asked);
    tcase_add_test(t, each_account_s_node_answers_for_it);
    tcase_add_test(t, who_leads_answers_for_accounts_that_are_not);
    tcase_add_test(t, a_thing_s_lease_is_that_of_its_account);
    tcase_add_test(t, what_waits_for_an_account_on_its_way_is_the_next_holder_s);
    tcase_add_test(t, what_was_taken_just_before_its_account_went_is_the_next_holder_s);
    tcase_add_test(t, what_nobody_holds_is_told_in_time_and_was_not_done);
    tcase_add_test(t, of_a_holder_that_died_what_has_a_key_is_the_next_holder_s);
    tcase_add_test(t, what_is_for_one_node_no_other_takes);
    tcase_add_test(t, what_is_for_one_node_that_knows_no_such_account_is_answered);
    tcase_add_test(t, what_is_for_a_node_that_does_not_live_is_not_waited_for);
    tcase_add_test(t, what_one_node_had_taken_as_it_died_no_other_repeats);
    tcase_add_test(t, who_asks_another_and_gets_a_new_number_has_the_answer);
    tcase_add_test(t, a_full_worker_s_own_rows_wait_for_it);
    tcase_add_test(t, a_table_of_before_goes_on_and_its_rows_are_the_lead_s);
    tcase_add_test(t, of_a_thousand_none_is_lost_nor_done_twice);
    tcase_add_test(t, over_a_restart_of_the_database_what_waits_goes_on);
    tcase_add_test(t, over_a_crash_of_the_database_what_was_taken_has_its_answer);
    tcase_add_test(t, while_the_database_is_away_the_time_runs);
    suite_add_tcase(s, t);
    return s;
}
