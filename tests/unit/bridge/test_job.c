#include "tests/support/unit.h"
#include "tests/unit/bridge/suites.h"

#include <string.h>

#include "daemon/bridge/job.h"
#include "daemon/bridge/mailbox.h"

static void ignore(void *ctx)
{
}

static size_t used_in_done;

static void on_done(struct job *job)
{
    used_in_done = mailbox_used(job->done_ctx);
    job_free(job);
}

START_TEST(a_new_job_has_empty_objects)
{
    struct job *job = job_new(JOB_CALL_CREATE, NULL, NULL, NULL);

    ck_assert_ptr_nonnull(job);
    ck_assert(json_is_object(job->path) && json_is_object(job->query) && json_is_object(job->body));
    ck_assert_uint_eq(json_object_size(job->body), 0);
    ck_assert_ptr_null(job->accounts);
    job_free(job);
    job_free(NULL);
}
END_TEST

START_TEST(each_method_has_its_own_text)
{
    for (int i = 0; i < JOB_METHOD_COUNT; i++)
        for (int k = 0; k < i; k++)
            ck_assert_str_ne(job_method_text((enum job_method)i), job_method_text((enum job_method)k));
    ck_assert_str_eq(job_method_text(JOB_CALL_CREATE), "call_create");
    ck_assert_str_eq(job_method_text(JOB_METHOD_COUNT), "unknown");
}
END_TEST

START_TEST(a_reply_frees_the_slot_before_it_gives_the_job_back)
{
    struct mailbox *m;
    struct job *job = job_new(JOB_READY, NULL, NULL, NULL);

    ck_assert_int_eq(mailbox_new(1, ignore, NULL, &m), 0);
    ck_assert_int_eq(mailbox_admit(m), 0);
    job->done = on_done;
    job->done_ctx = m;
    mailbox_post(m, job);
    ck_assert_uint_eq(mailbox_used(m), 1);
    used_in_done = 99;
    job_reply(mailbox_take(m));
    mailbox_deliver(m);
    ck_assert_uint_eq(used_in_done, 0);
    mailbox_free(m);
}
END_TEST

START_TEST(a_password_does_not_stay_in_the_memory_of_a_freed_job)
{
    struct job *job = job_new(JOB_LOGIN_PASSWORD, NULL, NULL, NULL);
    json_t *held = json_string("correct horse");

    json_object_set(job->body, "password", held);
    job_free(job);
    ck_assert_uint_eq(json_string_length(held), 13);
    ck_assert_int_eq(memcmp(json_string_value(held), "\0\0\0\0\0\0\0\0\0\0\0\0\0", 13), 0);
    json_decref(held);
}
END_TEST

Suite *suite_job(void)
{
    Suite *s = suite_create("job");
    TCase *t = tcase_create("job");

    tcase_add_test(t, a_new_job_has_empty_objects);
    tcase_add_test(t, each_method_has_its_own_text);
    tcase_add_test(t, a_reply_frees_the_slot_before_it_gives_the_job_back);
    tcase_add_test(t, a_password_does_not_stay_in_the_memory_of_a_freed_job);
    suite_add_tcase(s, t);
    return s;
}
