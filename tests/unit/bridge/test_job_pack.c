#include "tests/unit/bridge/suites.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/random.h"
#include "daemon/bridge/job_pack.h"
#include "daemon/bridge/scope.h"
#include "tests/support/unit.h"

enum { MAX = 1 << 20 };
#define NOW INT64_C(5000000)
#define LATER INT64_C(77000000)

static struct buf bytes;

static void set_up(void)
{
    buf_init_secret(&bytes, MAX);
}

static void tear_down(void)
{
    buf_fini(&bytes);
}

static struct job *full_job(void)
{
    struct job *job = job_new(JOB_CALL_CREATE, json_pack("{s:s}", "id", "5"), json_pack("{s:i}", "limit", 7),
                              json_pack("{s:s, s:I, s:f, s:n, s:[s,i]}", "title",
                                        "Gr\xc3\xbc\xc3\x9f"
                                        "e",
                                        "random_id", (json_int_t)INT64_MIN, "ratio", 0.1, "nothing", "list", "a", 1));

    snprintf(job->request_id, sizeof(job->request_id), "req-1");
    snprintf(job->account, sizeof(job->account), "anna");
    job->deadline_us = NOW + 30 * INT64_C(1000000);
    job->accounts = json_pack("[s,s]", "anna", "bert");
    job->scope_admin = job->names_allowed = true;
    job->scopes = SCOPE_READ | SCOPE_CALLS;
    job->scopes_needed = SCOPE_CALLS;
    job->terms = calloc(1, sizeof(*job->terms));
    *job->terms =
        (struct job_terms){.token = "ci", .token_id = "0123abcd", .key = "k \"1\"", .has_wait = true, .wait_s = 9};
    return job;
}

static struct job *there(const struct job *job)
{
    struct job *ret = NULL;

    buf_reset(&bytes);
    ck_assert_int_eq(job_pack(job, NOW, &bytes), 0);
    ck_assert_int_eq(job_unpack(bytes.data, bytes.len, LATER, &ret), 0);
    return ret;
}

START_TEST(a_request_comes_out_as_it_went_in)
{
    struct job *job = full_job(), *got = there(job);

    ck_assert_int_eq(got->method, JOB_CALL_CREATE);
    ck_assert(json_equal(got->path, job->path));
    ck_assert(json_equal(got->query, job->query));
    ck_assert(json_equal(got->body, job->body));
    ck_assert(json_equal(got->accounts, job->accounts));
    ck_assert_str_eq(got->request_id, "req-1");
    ck_assert_str_eq(got->account, "anna");
    ck_assert(got->scope_admin && !got->scope_secrets && got->names_allowed);
    ck_assert_uint_eq(got->scopes, SCOPE_READ | SCOPE_CALLS);
    ck_assert_uint_eq(got->scopes_needed, SCOPE_CALLS);
    ck_assert_str_eq(got->terms->token, "ci");
    ck_assert_str_eq(got->terms->token_id, "0123abcd");
    ck_assert_str_eq(got->terms->key, "k \"1\"");
    ck_assert(!got->terms->is_async && got->terms->has_wait);
    ck_assert_int_eq(got->terms->wait_s, 9);
    job_free(job);
    job_free(got);
}
END_TEST

START_TEST(a_deadline_is_as_far_away_by_the_other_clock)
{
    struct job *job = full_job(), *got = there(job);

    ck_assert_int_eq(got->deadline_us, LATER + 30 * INT64_C(1000000));
    job_free(got);
    job->deadline_us = NOW - 1;
    got = there(job);
    ck_assert_int_eq(got->deadline_us, LATER);
    job_free(got);
    job_free(job);
}
END_TEST

START_TEST(what_a_request_has_not_it_has_not_afterwards)
{
    struct job *job = job_new(JOB_READY, NULL, NULL, NULL), *got = there(job);

    ck_assert_ptr_null(got->accounts);
    ck_assert_ptr_null(got->terms);
    ck_assert_uint_eq(got->scopes | got->scopes_needed, 0);
    ck_assert(!got->scope_admin && !got->names_allowed);
    ck_assert_ptr_null(got->problem);
    job_free(job);
    job_free(got);
}
END_TEST

START_TEST(every_method_goes_by_its_text_but_for_what_is_a_node_s_own)
{
    for (int i = 0; i < JOB_METHOD_COUNT; i++) {
        struct job *job = job_new((enum job_method)i, NULL, NULL, NULL), *got;
        buf_reset(&bytes);
        bool is_own = i == JOB_EVENTS_READ || i == JOB_NODES;
        ck_assert_int_eq(job_pack(job, NOW, &bytes), is_own ? TGC_EINVAL : 0);
        if (!is_own) {
            ck_assert_int_eq(job_unpack(bytes.data, bytes.len, NOW, &got), 0);
            ck_assert_int_eq(got->method, i);
            job_free(got);
        }
        job_free(job);
    }
}
END_TEST

START_TEST(what_has_a_key_or_changes_nothing_may_be_repeated)
{
    struct job *job = full_job();

    ck_assert(job_may_repeat(job));
    job->terms->key[0] = '\0';
    ck_assert(!job_may_repeat(job));
    job->method = JOB_CALL_LIST;
    ck_assert(job_may_repeat(job));
    job_free(job);
}
END_TEST

/* --- answers --- */

static int answer_there(const struct job *job, struct job *to)
{
    buf_reset(&bytes);
    ck_assert_int_eq(job_pack_answer(job, &bytes), 0);
    return job_unpack_answer(bytes.data, bytes.len, to);
}

START_TEST(an_answer_comes_out_as_it_went_in)
{
    struct job *job = full_job(), *to = full_job();

    job->status = 201;
    buf_put_text(&job->text, "{\"id\":\"5\"}\n");
    snprintf(job->location, sizeof(job->location), "/v1/calls/5");
    snprintf(job->account, sizeof(job->account), "bert");
    job->is_replayed = job->is_secret = true;
    ck_assert_int_eq(answer_there(job, to), 0);
    ck_assert_int_eq(to->status, 201);
    ck_assert_uint_eq(to->text.len, job->text.len);
    ck_assert_int_eq(memcmp(to->text.data, job->text.data, job->text.len), 0);
    ck_assert_str_eq(to->location, "/v1/calls/5");
    ck_assert_str_eq(to->account, "bert");
    ck_assert(to->is_replayed && to->is_secret && !to->is_deferred && to->text.is_secret);
    ck_assert_ptr_null(to->problem);
    job_free(job);
    job_free(to);
}
END_TEST

START_TEST(a_problem_comes_out_with_all_its_members)
{
    struct job *job = full_job(), *to = full_job();
    struct buf one, other;

    job->problem = problem_new(PROBLEM_TELEGRAM_REFUSED, 403, "Telegram answered 403 %s", "CHAT_ADMIN_REQUIRED");
    problem_set_remedy(job->problem, "Make anna an administrator");
    problem_set_retry_after(job->problem, 17);
    problem_put(job->problem, "telegram", json_pack("{s:i, s:s}", "code", 403, "message", "CHAT_ADMIN_REQUIRED"));
    problem_add_error(job->problem, "/peer", "no");
    ck_assert_int_eq(answer_there(job, to), 0);
    ck_assert_ptr_nonnull(to->problem);
    ck_assert_int_eq(problem_retry_after(to->problem), 17);
    ck_assert_int_eq(problem_slug_of(to->problem), PROBLEM_TELEGRAM_REFUSED);
    buf_init(&one, MAX);
    buf_init(&other, MAX);
    ck_assert_int_eq(problem_text(job->problem, "x", &one), 0);
    ck_assert_int_eq(problem_text(to->problem, "x", &other), 0);
    ck_assert_str_eq(buf_text(&one), buf_text(&other));
    buf_fini(&one);
    buf_fini(&other);
    job_free(job);
    job_free(to);
}
END_TEST

/* --- what is none --- */

START_TEST(another_version_s_bytes_are_no_request_and_no_answer)
{
    struct job *job = full_job(), *got;

    ck_assert_int_eq(job_pack(job, NOW, &bytes), 0);
    bytes.data[0] = JOB_PACK_VERSION + 1;
    ck_assert_int_eq(job_unpack(bytes.data, bytes.len, NOW, &got), TGC_EPROTO);
    ck_assert_int_eq(job_unpack_answer(bytes.data, bytes.len, job), TGC_EPROTO);
    ck_assert_int_eq(job->status, 0);
    job_free(job);
}
END_TEST

static int unpack_text(const char *json)
{
    struct job *got;

    buf_reset(&bytes);
    buf_put_byte(&bytes, JOB_PACK_VERSION);
    buf_put_text(&bytes, json);
    int err = job_unpack(bytes.data, bytes.len, NOW, &got);
    if (!err)
        job_free(got);
    return err;
}

START_TEST(what_this_version_does_not_know_is_no_request)
{
#define REST "\"path\":{},\"query\":{},\"body\":{},\"scopes\":[\"read\",\"fly\"]"
    ck_assert_int_eq(unpack_text("{\"method\":\"ready\",\"scopes_needed\":[]," REST "}"), 0);
    ck_assert_int_eq(unpack_text("{\"method\":\"ready\",\"scopes_needed\":[\"fly\"]," REST "}"), TGC_EPROTO);
    ck_assert_int_eq(unpack_text("{\"method\":\"call_fly\",\"scopes_needed\":[]," REST "}"), TGC_EPROTO);
    ck_assert_int_eq(unpack_text("{\"method\":\"events_read\",\"scopes_needed\":[]," REST "}"), TGC_EPROTO);
    ck_assert_int_eq(unpack_text("{\"method\":\"ready\",\"scopes_needed\":[],\"accounts\":[1]," REST "}"), TGC_EPROTO);
    ck_assert_int_eq(unpack_text("{\"method\":\"ready\",\"scopes_needed\":[],\"accounts\":\"anna\"," REST "}"),
                     TGC_EPROTO);
    ck_assert_int_eq(unpack_text("[]"), TGC_EPROTO);
    ck_assert_int_eq(unpack_text(""), TGC_EPROTO);
#undef REST
}
END_TEST

/* What comes of bytes that were cut or changed is an error or a job, and nothing is left behind. */
static void try_both(const uint8_t *data, size_t len)
{
    struct job *got = NULL, *to = job_new(JOB_READY, NULL, NULL, NULL);
    uint8_t *exact = malloc(len + 1);

    memcpy(exact, data, len);
    uint8_t *end = realloc(exact, len ? len : 1);
    if (job_unpack(end, len, NOW, &got) == 0)
        job_free(got);
    if (job_unpack_answer(end, len, to) != 0)
        ck_assert(to->status == 0 && !to->problem && to->text.len == 0);
    job_free(to);
    free(end);
}

static void spoil(uint64_t seed)
{
    struct random_seeded r;
    uint8_t copy[4096];

    random_seeded_init(&r, seed);
    struct random_source random = random_seeded_source(&r);
    ck_assert_uint_lt(bytes.len, sizeof(copy));
    for (size_t n = 0; n <= bytes.len; n++)
        try_both(bytes.data, n);
    for (int i = 0; i < 3000; i++) {
        memcpy(copy, bytes.data, bytes.len);
        for (unsigned k = random_below(&random, 4) + 1; k > 0; k--)
            copy[random_below(&random, (uint32_t)bytes.len)] = (uint8_t)random_u32(&random);
        try_both(copy, bytes.len);
    }
}

START_TEST(spoilt_bytes_are_an_error_or_another_job)
{
    struct job *job = full_job();

    ck_assert_int_eq(job_pack(job, NOW, &bytes), 0);
    spoil(1);
    buf_reset(&bytes);
    job->status = 200;
    buf_put_text(&job->text, "{}");
    ck_assert_int_eq(job_pack_answer(job, &bytes), 0);
    spoil(2);
    buf_reset(&bytes);
    job->problem = problem_new(PROBLEM_NOT_FOUND, 0, "there is no call 5");
    problem_add_error(job->problem, "/id", "no");
    ck_assert_int_eq(job_pack_answer(job, &bytes), 0);
    spoil(3);
    job_free(job);
}
END_TEST

Suite *suite_job_pack(void)
{
    Suite *s = suite_create("job_pack");
    TCase *t = tcase_create("job_pack");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, a_request_comes_out_as_it_went_in);
    tcase_add_test(t, a_deadline_is_as_far_away_by_the_other_clock);
    tcase_add_test(t, what_a_request_has_not_it_has_not_afterwards);
    tcase_add_test(t, every_method_goes_by_its_text_but_for_what_is_a_node_s_own);
    tcase_add_test(t, what_has_a_key_or_changes_nothing_may_be_repeated);
    tcase_add_test(t, an_answer_comes_out_as_it_went_in);
    tcase_add_test(t, a_problem_comes_out_with_all_its_members);
    tcase_add_test(t, another_version_s_bytes_are_no_request_and_no_answer);
    tcase_add_test(t, what_this_version_does_not_know_is_no_request);
    tcase_add_test(t, spoilt_bytes_are_an_error_or_another_job);
    suite_add_tcase(s, t);
    return s;
}
