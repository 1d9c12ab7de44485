/* The API's advice in the words of a terminal. */
#include "tests/support/unit.h"
#include "tests/unit/ctl/suites.h"

#include "daemon/ctl/advice.h"

static char out[512];

static const char *put(const char *remedy)
{
    advice_put(remedy, out, sizeof(out));
    return out;
}

static const char *of(const char *problem)
{
    json_t *json = json_loads(problem, 0, NULL);

    ck_assert_ptr_nonnull(json);
    advice_of(json, out, sizeof(out));
    json_decref(json);
    return out;
}

START_TEST(a_request_is_the_command_that_makes_it)
{
    ck_assert_str_eq(put("GET /v1/webhooks lists them"), "tgcalldctl webhooks list lists them");
    ck_assert_str_eq(put("Change it with PATCH /v1/schedules/w2, or take another name"),
                     "Change it with tgcalldctl schedules edit w2, or take another name");
    ck_assert_str_eq(put("It was done: read GET /v1/calls/5?account=bob."),
                     "It was done: read tgcalldctl call show 5 --account bob.");
    ck_assert_str_eq(put("(GET /v1/jobs/7), GET /v1/audit"), "(tgcalldctl jobs show 7), tgcalldctl audit");
}
END_TEST

START_TEST(what_the_reader_knows_is_a_word_of_the_command)
{
    ck_assert_str_eq(put("Wish so with PUT /v1/peers/\xe2\x80\xa6/live; GET /v1/live lists the wishes"),
                     "Wish so with tgcalldctl live start PEER; tgcalldctl live list lists the wishes");
    ck_assert_str_eq(put("create one with POST /v1/accounts"), "create one with tgcalldctl accounts add NAME");
}
END_TEST

START_TEST(what_no_command_makes_stays)
{
    static const char *const texts[] = {"GET /v1/nonsense", "GET /v1/",   "GET /v1", "POST /v1/calls/5/nonsense/6",
                                        "DELETE nothing",   "GET",        "",        "/v1/live",
                                        "GET /v1/calls//x", "GET /v1/..."};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_str_eq(put(texts[i]), texts[i]);
}
END_TEST

START_TEST(an_account_is_said_by_its_option)
{
    ck_assert_str_eq(of("{\"remedy\": \"Give the query parameter account with one of \", \"accounts\": [\"a\", "
                        "\"b\"]}"),
                     "Say which: --account a or --account b");
    ck_assert_str_eq(of("{\"remedy\": \"GET /v1/accounts/a says why\", \"accounts\": [\"a\"]}"),
                     "tgcalldctl accounts show a says why");
    ck_assert_str_eq(of("{}"), "");
}
END_TEST

START_TEST(it_is_cut_at_its_room)
{
    for (size_t size = 1; size < 40; size++) {
        advice_put("GET /v1/peers/\xe2\x80\xa6/live says so", out, size);
        ck_assert_uint_lt(strlen(out), size);
    }
}
END_TEST

Suite *suite_advice(void)
{
    Suite *s = suite_create("advice");
    TCase *t = tcase_create("advice");

    tcase_add_test(t, a_request_is_the_command_that_makes_it);
    tcase_add_test(t, what_the_reader_knows_is_a_word_of_the_command);
    tcase_add_test(t, what_no_command_makes_stays);
    tcase_add_test(t, an_account_is_said_by_its_option);
    tcase_add_test(t, it_is_cut_at_its_room);
    suite_add_tcase(s, t);
    return s;
}
