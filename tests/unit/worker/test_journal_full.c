/* A journal that can remember no more. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/worker/own_job.h"
#include "tests/unit/worker/journal_bed.h"
#include "tests/unit/worker/journal_suites.h"

static struct client one, two, three;

/* An intent that has ended; SECONDS ago it was asked for. */
static struct intent *remember_of(const char *token, int64_t id, bool has_key, enum intent_state state, bool sent,
                                  int64_t seconds)
{
    struct intent *i = intent_new(bed_worker->journal);

    ck_assert_ptr_nonnull(i);
    i->id = id;
    i->has_key = has_key;
    memcpy(i->key, &id, sizeof(id));
    i->method = JOB_CALL_CREATE;
    i->state = state;
    i->sent = sent;
    i->shown = true;
    i->created_us = journal_wall(bed_worker->journal) - seconds * SECOND_US;
    snprintf(i->account, sizeof(i->account), "anna");
    snprintf(i->token, sizeof(i->token), "%s", token);
    ck_assert_int_eq(journal_add(bed_worker->journal, i), 0);
    return i;
}

static struct intent *remember(int64_t id, bool has_key, enum intent_state state, bool sent, int64_t seconds)
{
    return remember_of("others", id, has_key, state, sent, seconds);
}

static void fill_of(const char *token, size_t n)
{
    for (size_t k = 0; k < n; k++)
        remember_of(token, (int64_t)k + 1000, true, INTENT_DONE, true, 3600);
}

static void fill(size_t n)
{
    fill_of("others", n);
}

START_TEST(test_no_key_is_forgotten_before_its_day_and_who_is_new_is_refused)
{
    remember(1, true, INTENT_DONE, true, 7200);
    fill(LIMIT_INTENTS - 1);
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    ck_assert(one.is_answered);
    ck_assert_int_eq(one.status, 503);
    ck_assert_int_eq(one.retry_after, 22 * 3600);
    ck_assert_ptr_nonnull(strstr(client_says(&one, "remedy"), "Nothing was sent"));
    ck_assert_ptr_nonnull(journal_find(bed_worker->journal, 1));
    fake_net_advance(&bed_net, (22 * 3600 + 1) * SECOND_US);
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert_ptr_null(journal_find(bed_worker->journal, 1));
}
END_TEST

START_TEST(test_what_nobody_can_repeat_goes_first)
{
    remember(1, true, INTENT_DONE, true, 7200);
    remember(2, true, INTENT_OPEN, true, 7200);
    struct intent *job = remember(3, false, INTENT_DONE, true, 7200);
    remember(4, true, INTENT_OPEN, false, 7200);
    fill(LIMIT_INTENTS - 4);
    intent_write(job, NULL, NULL);
    disk_run();
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    disk_run();
    ck_assert_uint_eq(attempts_n, 1);
    ck_assert_ptr_null(journal_find(bed_worker->journal, 3));
    ck_assert_uint_eq(disk_rows_n(), 0);
    bed_create(&two, "l", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_n, 2);
    ck_assert_ptr_null(journal_find(bed_worker->journal, 4));
    bed_create(&three, "m", PREFER_NOTHING, "@chat");
    ck_assert_int_eq(three.status, 503);
    ck_assert_ptr_nonnull(journal_find(bed_worker->journal, 2));
}
END_TEST

/* What it takes is seen in memory: the store would have to look through all that it has, for each. */
START_TEST(test_room_for_one_more_is_made_by_one_row)
{
    size_t steps = 0;

    remember(1, true, INTENT_DONE, true, 7200);
    for (int64_t id = 2; id <= LIMIT_INTENTS; id++)
        remember(id, _i, INTENT_DONE, true, _i ? 25 * 3600 : 3600);
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    while (disk_step())
        steps++;
    ck_assert_int_eq(one.status, 202);
    ck_assert_ptr_nonnull(journal_find(bed_worker->journal, 1));
    ck_assert_ptr_null(journal_find(bed_worker->journal, 2));
    ck_assert_uint_eq(steps, 2); /* it goes, the other one is written */
}
END_TEST

START_TEST(test_a_full_journal_answers_repeats)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_answers(201, "{}");
    disk_run();
    fill(LIMIT_INTENTS - 1);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    ck_assert_int_eq(two.status, 201);
    ck_assert(two.is_replayed);
}
END_TEST

/* The words of one request, of which many wait. */
START_TEST(test_words_are_no_more_than_there_is_room_for)
{
    bed_create(&one, NULL, PREFER_ASYNC, "@chat");
    bed_worker->journal->bytes += LIMIT_INTENTS_BYTES;
    bed_create(&two, NULL, PREFER_ASYNC, "@chat");
    bed_worker->journal->bytes -= LIMIT_INTENTS_BYTES;
    ck_assert_int_eq(two.status, 503);
    disk_run();
    ck_assert_int_eq(one.status, 202);
}
END_TEST

static void hear(void *ctx, const struct job *job)
{
    (void)ctx;
    (void)job;
}

START_TEST(test_who_has_many_leaves_room_for_others)
{
    fill_of("token", LIMIT_INTENTS - LIMIT_INTENTS_LAST);
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    ck_assert_int_eq(one.status, 503);
    ck_assert_uint_eq(attempts_n, 0);
}
END_TEST

START_TEST(test_the_daemons_own_have_places_of_their_own)
{
    static struct own_job *own; /* who asked last hears when the worker ends */
    struct own_order order = {.method = JOB_CALL_CREATE, .account = "anna", .key = "schedule", .name = "schedule"};

    fill(LIMIT_INTENTS);
    ck_assert_int_eq(own_job_ask(bed_worker, &order, hear, NULL, &own), 0);
    ck_assert_uint_eq(attempts_n, 1);
    attempt_answers(201, "{}");
    disk_run();
    ck_assert_ptr_null(own);
    for (int64_t id = 1; bed_worker->journal->n < LIMIT_INTENTS + LIMIT_INTENTS_OWN; id++)
        remember_of("", id + 100000, true, INTENT_DONE, true, 3600);
    order.key = "another";
    ck_assert_int_eq(own_job_ask(bed_worker, &order, hear, NULL, &own), 0);
    ck_assert_uint_eq(attempts_n, 0);
    ck_assert_ptr_null(own);
    own_job_settle(bed_worker, JOB_CALL_CREATE, NULL, "schedule");
    ck_assert_int_eq(own_job_ask(bed_worker, &order, hear, NULL, &own), 0);
    ck_assert_uint_eq(attempts_n, 1);
}
END_TEST

Suite *suite_journal_full(void)
{
    Suite *suite = suite_create("journal_full");
    TCase *c = tcase_create("room");

    tcase_add_checked_fixture(c, bed_set_up, bed_tear_down);
    tcase_add_test(c, test_no_key_is_forgotten_before_its_day_and_who_is_new_is_refused);
    tcase_add_test(c, test_what_nobody_can_repeat_goes_first);
    tcase_add_loop_test(c, test_room_for_one_more_is_made_by_one_row, 0, 2);
    tcase_add_test(c, test_a_full_journal_answers_repeats);
    tcase_add_test(c, test_words_are_no_more_than_there_is_room_for);
    tcase_add_test(c, test_who_has_many_leaves_room_for_others);
    tcase_add_test(c, test_the_daemons_own_have_places_of_their_own);
    suite_add_tcase(suite, c);
    return suite;
}
