/* What Telegram or the network said → HTTP status and slug, as the REST contract's table has it. */
#include <stdio.h>
#include <string.h>

#include "daemon/worker/op.h"
#include "tests/support/shipped.h"
#include "tests/unit/worker/fixture.h"
#include "tests/unit/worker/suites.h"

static struct worker *w;
static struct tg_account *account;

static void set_up(void)
{
    w = bare_worker();
    account = account_in(w, "a", TG_ACCOUNT_READY);
}

static void tear_down(void)
{
    bare_worker_free(w);
}

/* There is one, and it names what it is about. */
static void check_remedy(const json_t *problem)
{
    const char *remedy = json_string_value(json_object_get(problem, "remedy"));

    ck_assert_ptr_nonnull(remedy);
    ck_assert_msg(remedy[0] && !strchr(remedy, '{'), "%s", remedy);
}

static const struct {
    int code;
    const char *message;
    int status;
    enum problem_slug slug;
    int retry_after;
} errors[] = {
    {400, "PEER_ID_INVALID", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {400, "CHAT_ADMIN_REQUIRED", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {400, "SCHEDULE_DATE_INVALID", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {400, "A_NAME_NOBODY_KNOWS", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {403, "GROUPCALL_FORBIDDEN", 403, PROBLEM_TELEGRAM_REFUSED, 0},
    {404, "METHOD_INVALID", 404, PROBLEM_TELEGRAM_REFUSED, 0},
    {405, "SOMETHING_NEW", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {406, "PHONE_PASSWORD_FLOOD", 409, PROBLEM_TELEGRAM_REFUSED, 0},
    {406, "SOMETHING_NEW", 409, PROBLEM_TELEGRAM_REFUSED, 0},
    {420, "FLOOD_WAIT_300", 429, PROBLEM_FLOOD_WAIT, 300},
    {420, "FLOOD_PREMIUM_WAIT_5", 429, PROBLEM_FLOOD_WAIT, 5},
    {420, "SLOWMODE_WAIT_0", 429, PROBLEM_FLOOD_WAIT, 1},
    {420, "A_LIMIT_WITHOUT_A_NUMBER", 429, PROBLEM_FLOOD_WAIT, 0},
    {420, "FROZEN_METHOD_INVALID", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {400, "FROZEN_PARTICIPANT_MISSING", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {401, "AUTH_KEY_UNREGISTERED", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {401, "SESSION_REVOKED", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {401, "SOMETHING_NEW", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {406, "AUTH_KEY_DUPLICATED", 409, PROBLEM_ACCOUNT_NOT_READY, 0},
    {303, "USER_MIGRATE_2", 502, PROBLEM_TELEGRAM_UNAVAILABLE, 0},
    {303, "FILE_MIGRATE_2", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {303, "STATS_MIGRATE_2", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {303, "SOMETHING_NEW", 400, PROBLEM_TELEGRAM_REFUSED, 0},
    {500, "RPC_CALL_FAIL", 502, PROBLEM_TELEGRAM_UNAVAILABLE, 0},
    {-503, "Timeout", 502, PROBLEM_TELEGRAM_UNAVAILABLE, 0},
    {0, "", 502, PROBLEM_TELEGRAM_UNAVAILABLE, 0},
};

START_TEST(test_each_rpc_error_has_its_status_and_slug)
{
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, errors[_i].code, errors[_i].message, strlen(errors[_i].message));
    struct problem *p = op_problem_of(w, account, &(struct tg_answer){.outcome = TG_RPC_ERROR, .error = &e});
    ck_assert_msg(problem_status(p) == errors[_i].status && problem_slug_of(p) == errors[_i].slug, "%s gave %d",
                  errors[_i].message, problem_status(p));
    ck_assert_int_eq(problem_retry_after(p), errors[_i].retry_after);
    json_t *j = problem_json(p), *telegram = json_object_get(j, "telegram");
    ck_assert_int_eq(json_integer_value(json_object_get(telegram, "code")), errors[_i].code);
    ck_assert_str_eq(json_string_value(json_object_get(telegram, "message")), errors[_i].message);
    ck_assert_int_eq(json_object_get(telegram, "parameter") != NULL, e.has_parameter);
    check_remedy(j);
    problem_free(p);
}
END_TEST

static const struct {
    int err;
    bool stopping;
    int status;
    enum problem_slug slug;
} failures[] = {
    {TGC_ETIMEOUT, false, 504, PROBLEM_TELEGRAM_TIMEOUT}, {TGC_ELOST, false, 504, PROBLEM_TELEGRAM_TIMEOUT},
    {TGC_ESTATE, false, 409, PROBLEM_ACCOUNT_NOT_READY},  {TGC_ECLOSED, false, 404, PROBLEM_NOT_FOUND},
    {TGC_ECLOSED, true, 503, PROBLEM_STOPPING},           {TGC_EPROTO, false, 502, PROBLEM_TELEGRAM_UNAVAILABLE},
    {TGC_ENOMEM, false, 500, PROBLEM_INTERNAL},           {TGC_EUNKNOWN, false, 502, PROBLEM_TELEGRAM_UNAVAILABLE}};

START_TEST(test_each_failure_to_answer_has_its_status_and_slug)
{
    w->stopping = failures[_i].stopping;
    struct problem *p = op_problem_of(
        w, account, &(struct tg_answer){.outcome = TG_NO_ANSWER, .err = failures[_i].err, .detail = "said so"});
    ck_assert_int_eq(problem_status(p), failures[_i].status);
    ck_assert_int_eq(problem_slug_of(p), failures[_i].slug);
    ck_assert_int_eq(problem_retry_after(p) > 0, failures[_i].slug == PROBLEM_STOPPING);
    check_remedy(problem_json(p));
    problem_free(p);
}
END_TEST

START_TEST(test_a_stop_says_what_was_sent)
{
    static const enum tg_fate fates[] = {TG_FATE_NONE, TG_FATE_NOT_SENT, TG_FATE_SENT};
    const struct tg_answer answer = {.outcome = TG_NO_ANSWER, .err = TGC_ECLOSED, .detail = "closed"};

    w->stopping = true;
    struct problem *p =
        op_problem_of_trouble(w, account, &(struct tg_trouble){.answer = &answer, .fate = fates[_i]}, "Look there");
    const json_t *sent = json_object_get(problem_json(p), "sent");
    ck_assert_int_eq(problem_slug_of(p), PROBLEM_STOPPING);
    ck_assert_int_eq(json_is_false(sent), fates[_i] == TG_FATE_NOT_SENT);
    ck_assert_int_eq(json_is_true(sent), fates[_i] == TG_FATE_SENT);
    problem_free(p);
}
END_TEST

START_TEST(test_a_data_centre_that_is_not_configured_is_named)
{
    static const char message[] = "PHONE_MIGRATE_3";
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, 303, message, sizeof(message) - 1);
    w->env.environment = "custom";
    struct problem *p = op_problem_of(w, account, &(struct tg_answer){.outcome = TG_RPC_ERROR, .error = &e});
    ck_assert_int_eq(problem_status(p), 502);
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(problem_json(p), "remedy")), "[dc 3]"));
    problem_free(p);
}
END_TEST

static const char *remedy_of(const char *method, int code, const char *message)
{
    static char text[512];
    struct mt_rpc_error e;

    mt_rpc_error_set(&e, code, message, strlen(message));
    struct problem *p =
        op_problem_of(w, account,
                      &(struct tg_answer){.outcome = TG_RPC_ERROR,
                                          .error = &e,
                                          .method = method ? tl_find_method(shipped_layer(229), method) : NULL});
    snprintf(text, sizeof(text), "%s", json_string_value(json_object_get(problem_json(p), "remedy")));
    problem_free(p);
    return text;
}

START_TEST(test_remedies_have_the_real_names)
{
    ck_assert_str_eq(remedy_of(NULL, 400, "PHONE_CODE_EXPIRED"), "Ask for a new code with POST /v1/accounts/a/login");
    ck_assert_str_eq(remedy_of("phone.createGroupCall", 400, "A_NAME_NOBODY_KNOWS"),
                     "https://core.telegram.org/method/phone.createGroupCall says why Telegram refuses this method");
    ck_assert_str_eq(remedy_of("phone.createGroupCall", 401, "SOMETHING_NEW"),
                     "Look at the state in GET /v1/accounts/a");
    ck_assert_str_eq(remedy_of(NULL, 420, "FLOOD_WAIT_300"), "Repeat the request after 300 seconds, not before");
    ck_assert_ptr_nonnull(strstr(remedy_of(NULL, 404, "METHOD_NOT_IN_SANDBOX"), "sandbox"));
    ck_assert_ptr_nonnull(strstr(remedy_of(NULL, 400, "CHAT_ADMIN_REQUIRED"), "GET /v1/peers/…/preflight?account=a"));
}
END_TEST

START_TEST(test_a_remedy_names_the_chat_that_was_meant)
{
    static const char message[] = "CHAT_ADMIN_REQUIRED";
    struct mt_rpc_error e;
    json_t *peer = json_string("@some_chat");

    mt_rpc_error_set(&e, 400, message, sizeof(message) - 1);
    const struct tg_answer answer = {.outcome = TG_RPC_ERROR, .error = &e};
    struct problem *p =
        op_problem_of_trouble(w, account, &(struct tg_trouble){.answer = &answer, .peer = peer}, "Look there");
    const char *remedy = json_string_value(json_object_get(problem_json(p), "remedy"));
    ck_assert_msg(strstr(remedy, "GET /v1/peers/@some_chat/preflight?account=a says") != NULL, "%s", remedy);
    problem_free(p);
    json_decref(peer);
}
END_TEST

static const struct {
    const char *name, *remedy;
} methods[] = {
    {"phone.createGroupcall", "Did you mean phone.createGroupCall?"},
    {"createGrupCall", "Did you mean phone.createGroupCall?"},
    {"nothing.likeThis", "Name it as Telegram does, such as phone.createGroupCall: https://core.telegram.org/methods "
                         "lists the methods"},
};

START_TEST(test_a_method_that_was_probably_meant_is_named)
{
    struct problem *p = op_problem_no_method(w, methods[_i].name);

    ck_assert_int_eq(problem_status(p), 404);
    ck_assert_str_eq(json_string_value(json_object_get(problem_json(p), "remedy")), methods[_i].remedy);
    problem_free(p);
}
END_TEST

/* Where nobody reads a configuration, none is named. */
START_TEST(test_a_layer_that_is_needed_is_named_with_the_way_to_it)
{
    const struct tl_comb *method = tl_find_method(shipped_layer(229), "phone.createGroupCall");
    struct fault fault = {.path = "/title", .text = "unknown"};

    for (int file = 0; file < 2; file++) {
        w->config.config_file = file ? "/etc/x.conf" : NULL;
        struct problem *p = op_problem_of_fault(w, account, method, TGC_EUNKNOWN, &fault);
        ck_assert_str_eq(
            json_string_value(json_object_get(problem_json(p), "remedy")),
            file ? "Set layer = 229 in the section [telegram] of /etc/x.conf, or start tgcalld with --layer 229"
                 : "Start tgcalld with --layer 229");
        problem_free(p);
    }
}
END_TEST

START_TEST(test_a_member_at_fault_is_pointed_to)
{
    const struct tl_comb *method = tl_find_method(shipped_layer(229), "phone.createGroupCall");
    struct fault fault = {.path = "/peer", .text = "expected an object"};
    struct problem *p = op_problem_of_fault(w, account, method, TGC_EINVAL, &fault);

    ck_assert_int_eq(problem_status(p), 422);
    json_t *error = json_array_get(json_object_get(problem_json(p), "errors"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(error, "pointer")), "/peer");
    problem_free(p);
    fault = (struct fault){.path = "/flags", .text = "unknown"};
    p = op_problem_of_fault(w, account, method, TGC_EUNKNOWN, &fault);
    ck_assert_int_eq(problem_status(p), 422);
    problem_free(p);
    fault = (struct fault){.path = "/nonsense", .text = "unknown"};
    p = op_problem_of_fault(w, account, method, TGC_EUNKNOWN, &fault);
    ck_assert_int_eq(problem_status(p), 422);
    problem_free(p);
    /* Where a known layer has the member, that is said. */
    fault = (struct fault){.path = "/title", .text = "unknown"};
    p = op_problem_of_fault(w, account, method, TGC_EUNKNOWN, &fault);
    ck_assert_int_eq(problem_status(p), 501);
    ck_assert_int_eq(json_integer_value(json_object_get(problem_json(p), "layer_needed")), 229);
    problem_free(p);
}
END_TEST

/* --- what was done, and cannot be told --- */

static struct problem *told;

static void keep_problem(struct job *job)
{
    told = job->problem;
    job->problem = NULL;
    job_free(job);
}

static const uint8_t updates_too_long[] = {0x7e, 0xaf, 0x17, 0xe3}; /* updatesTooLong */

/* _i: the text has no room, or the bytes end in the midst of it. */
START_TEST(test_what_was_done_and_cannot_be_told_says_so)
{
    const struct tl_comb *method = tl_find_method(shipped_layer(229), "phone.discardGroupCall");
    struct tg_answer answer = {.outcome = TG_RESULT,
                               .method = method,
                               .data = updates_too_long,
                               .len = _i ? 2 : sizeof(updates_too_long),
                               .executed = true};
    struct job *job = job_with(JOB_CALL_DISCARD, "", "", "");

    job->done = keep_problem;
    if (!_i)
        job->text.max = 16;
    op_reply_done(w, job, 200, account, &(struct tg_call){.id = 7, .duration = -1}, &answer);
    ck_assert_ptr_nonnull(told);
    ck_assert_int_eq(problem_status(told), 500);
    json_t *j = problem_json(told);
    ck_assert(json_is_true(json_object_get(j, "executed")));
    ck_assert_str_eq(json_string_value(json_object_get(j, "remedy")), "It was done: read GET /v1/calls/7?account=a");
    ck_assert_ptr_null(strstr(json_string_value(json_object_get(j, "detail")), "memory"));
    problem_free(told);
}
END_TEST

Suite *suite_problems(void)
{
    Suite *s = suite_create("problems");
    TCase *t = tcase_create("problems");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, test_each_rpc_error_has_its_status_and_slug, 0, sizeof(errors) / sizeof(errors[0]));
    tcase_add_loop_test(t, test_each_failure_to_answer_has_its_status_and_slug, 0,
                        sizeof(failures) / sizeof(failures[0]));
    tcase_add_test(t, test_a_data_centre_that_is_not_configured_is_named);
    tcase_add_loop_test(t, test_a_stop_says_what_was_sent, 0, 3);
    tcase_add_test(t, test_remedies_have_the_real_names);
    tcase_add_test(t, test_a_remedy_names_the_chat_that_was_meant);
    tcase_add_loop_test(t, test_a_method_that_was_probably_meant_is_named, 0, sizeof(methods) / sizeof(methods[0]));
    tcase_add_test(t, test_a_layer_that_is_needed_is_named_with_the_way_to_it);
    tcase_add_test(t, test_a_member_at_fault_is_pointed_to);
    tcase_add_loop_test(t, test_what_was_done_and_cannot_be_told_says_so, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
