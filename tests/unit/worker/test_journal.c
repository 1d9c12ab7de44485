/* Intents: written before they are sent and before they are told, once for each key, whatever their clients do. */
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/unit/worker/journal_bed.h"
#include "tests/unit/worker/journal_suites.h"

static struct client one, two, three;

static void is_answered(const struct client *c, int status)
{
    ck_assert(c->is_answered);
    ck_assert_msg(c->status == status, "%d is not %d: %s", c->status, status, c->text);
}

/* Asked for, let out and answered. */
static void create(struct client *c, const char *key)
{
    bed_create(c, key, PREFER_NOTHING, "@chat");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    is_answered(c, 201);
}

START_TEST(test_it_is_on_the_disk_before_it_goes_out)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(disk_rows_n(), 0); /* what is only looked up waits for nothing */
    attempt_wants(7);
    ck_assert(!attempt_may_go());
    disk_run();
    ck_assert(attempt_may_go());
    ck_assert(disk_only()->intent.sent);
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(disk_order(disk_only()), "body"), "random_id")),
                     7);
}
END_TEST

START_TEST(test_its_answer_is_on_the_disk_before_it_is_told)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    attempt_answers(201, "{\"made\":1}");
    ck_assert(!one.is_answered);
    bed_create(&two, "k", PREFER_NOTHING, "@chat"); /* nor to who repeats it meanwhile */
    is_answered(&two, 409);
    disk_run();
    is_answered(&one, 201);
    ck_assert_int_eq(json_integer_value(json_object_get(disk_answer(disk_only()), "status")), 201);
}
END_TEST

START_TEST(test_a_repeat_gets_the_first_answer)
{
    create(&one, "k");
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    is_answered(&two, 201);
    ck_assert(two.is_replayed && !one.is_replayed);
    ck_assert_str_eq(two.text, one.text);
    ck_assert_uint_eq(attempts_begun, 1);
}
END_TEST

START_TEST(test_a_key_is_one_requests_own)
{
    create(&one, "k");
    bed_create(&two, "k", PREFER_NOTHING, "@other");
    is_answered(&two, 422);
    bed_invite(&two, "k", PREFER_NOTHING);
    ck_assert_uint_eq(attempts_n, 1);
    attempt_refused("USER_PRIVACY_RESTRICTED");
    disk_run();
    is_answered(&two, 400);
}
END_TEST

/* As another node wrote it, for an account that it has. */
static void another_has(const char *key)
{
    uint8_t name[STORE_INTENT_KEY];
    json_t *path = json_object();

    ck_assert_int_eq(journal_key_of("0123", JOB_CALL_CREATE, path, key, name), 0);
    json_decref(path);
    disk_put(&(struct store_intent){.id = 5, .account = "berta", .key = name, .created_us = 1});
}

START_TEST(test_what_another_node_was_asked_by_the_key_is_not_sent_and_is_left_to_it)
{
    another_has("k");
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(7);
    disk_run();
    is_answered(&one, 409);
    ck_assert(!attempt_may_go());
    attempt_times_out(false);
    /* Before anything of it is to be sent. */
    bed_create(&two, "k", PREFER_ASYNC, "@chat");
    disk_run();
    is_answered(&two, 409);
    ck_assert_uint_eq(attempts_begun, 1);
    /* When its end is to be written. */
    bed_create(&three, "k", PREFER_NOTHING, "@chat");
    attempt_refused("CHAT_ADMIN_REQUIRED");
    disk_run();
    is_answered(&three, 409);
    ck_assert_int_eq(disk_only()->intent.id, 5);
    create(&one, "l");
}
END_TEST

START_TEST(test_a_refusal_of_telegrams_is_told_again_and_what_was_not_sent_is_forgotten)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_refused("CHAT_ADMIN_REQUIRED");
    disk_run();
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    disk_run();
    is_answered(&two, 400);
    ck_assert(two.is_replayed);
    bed_create(&one, "l", PREFER_NOTHING, "@chat");
    attempt_has_to_wait(60);
    is_answered(&one, 429);
    bed_create(&one, "l", PREFER_NOTHING, "@chat");
    ck_assert_uint_eq(attempts_begun, 3);
}
END_TEST

START_TEST(test_who_repeats_while_the_first_client_waits_is_told_to_wait)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    is_answered(&two, 409);
    ck_assert_int_ge(two.retry_after, 1);
    ck_assert_str_eq(client_says(&two, "job"), "");
    bed_create(&three, "l", 60, "@chat");
    disk_run();
    bed_create(&two, "l", PREFER_NOTHING, "@chat");
    is_answered(&two, 409);
    ck_assert_int_eq(bed_job_of(&two), bed_worker->journal->list->prev->id);
}
END_TEST

START_TEST(test_who_repeats_takes_the_place_of_a_client_that_has_gone)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_wants(7);
    disk_run();
    attempt_goes();
    one.has_left = true;
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    is_answered(&one, 409);
    ck_assert(!two.is_answered);
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    is_answered(&two, 201);
    ck_assert_uint_eq(attempts_begun, 1);
}
END_TEST

START_TEST(test_what_is_being_told_is_told_to_its_client_though_that_has_gone)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    attempt_times_out(true);
    ck_assert(!one.is_answered); /* that it is a job has to be on the disk */
    one.has_left = true;
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    is_answered(&two, 409);
    disk_run();
    is_answered(&one, 504);
}
END_TEST

/* The same twice, then others. */
static void fill_twice(void *ctx, void *out, size_t len)
{
    uint8_t *turn = ctx;

    memset(out, 1 + *turn / 2, len);
    (*turn)++;
}

START_TEST(test_no_two_creates_have_one_random_id)
{
    static struct client more[8];
    static uint8_t turn;
    const struct random_source twice = {fill_twice, &turn};
    int64_t first;

    bed_worker->env.random = &twice;
    turn = 1; /* the ids have the rest of the first pair */
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    first = json_integer_value(json_object_get(attempt()->body, "random_id"));
    for (int i = 0; i < 8; i++) {
        const char key[] = {'k', (char)('0' + i), '\0'};
        turn = 1;
        bed_create(&more[i], key, PREFER_NOTHING, "@chat");
        ck_assert_int_ne(json_integer_value(json_object_get(attempt()->body, "random_id")), first);
    }
    bed_worker->env.random = &random_system;
}
END_TEST

START_TEST(test_it_goes_with_its_account)
{
    create(&one, "k");
    bed_create(&two, "l", PREFER_ASYNC, "@chat");
    disk_run();
    journal_forget_account(bed_worker->journal, "anna");
    attempt_answers(201, "{\"made\":1}");
    disk_run();
    ck_assert_uint_eq(bed_worker->journal->n, 0);
}
END_TEST

START_TEST(test_who_waits_when_the_daemon_stops_is_told)
{
    bed_create(&one, "k", PREFER_NOTHING, "@chat");
    bed_worker->stopping = true;
    attempt_times_out(false);
    is_answered(&one, 504);
    bed_worker->stopping = false;
    bed_create(&two, NULL, 1, "@chat");
    disk_run();
    attempt_has_to_wait(60);
    disk_run();
    ck_assert(!two.is_answered);
    bed_worker->stopping = true;
    journal_stop(bed_worker->journal);
    is_answered(&two, 503);
}
END_TEST

START_TEST(test_without_a_store_a_key_is_good_for_as_long_as_the_process_is)
{
    struct records *records = bed_worker->records;

    bed_worker->records = NULL;
    create(&one, "k");
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    is_answered(&two, 201);
    ck_assert(two.is_replayed);
    ck_assert_uint_eq(disk_rows_n(), 0);
    /* Where memory is short the answer goes, and the key stays. */
    bed_worker->journal->bytes += LIMIT_INTENTS_BYTES;
    bed_create(&two, "l", PREFER_NOTHING, "@chat");
    bed_worker->journal->bytes -= LIMIT_INTENTS_BYTES;
    is_answered(&two, 503);
    bed_create(&two, "k", PREFER_NOTHING, "@chat");
    is_answered(&two, 500);
    ck_assert_str_eq(client_says(&two, "executed"), "true");
    bed_worker->records = records;
}
END_TEST

Suite *suite_journal(void)
{
    Suite *suite = suite_create("journal");
    TCase *c = tcase_create("life");

    tcase_add_checked_fixture(c, bed_set_up, bed_tear_down);
    tcase_add_test(c, test_it_is_on_the_disk_before_it_goes_out);
    tcase_add_test(c, test_its_answer_is_on_the_disk_before_it_is_told);
    tcase_add_test(c, test_a_repeat_gets_the_first_answer);
    tcase_add_test(c, test_a_key_is_one_requests_own);
    tcase_add_test(c, test_what_another_node_was_asked_by_the_key_is_not_sent_and_is_left_to_it);
    tcase_add_test(c, test_a_refusal_of_telegrams_is_told_again_and_what_was_not_sent_is_forgotten);
    tcase_add_test(c, test_who_repeats_while_the_first_client_waits_is_told_to_wait);
    tcase_add_test(c, test_who_repeats_takes_the_place_of_a_client_that_has_gone);
    tcase_add_test(c, test_what_is_being_told_is_told_to_its_client_though_that_has_gone);
    tcase_add_test(c, test_no_two_creates_have_one_random_id);
    tcase_add_test(c, test_it_goes_with_its_account);
    tcase_add_test(c, test_who_waits_when_the_daemon_stops_is_told);
    tcase_add_test(c, test_without_a_store_a_key_is_good_for_as_long_as_the_process_is);
    suite_add_tcase(suite, c);
    return suite;
}
