#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/fault/inject.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/fault/packet_lie.h"
#include "daemon/sandbox/rpc/crowd.h"
#include "tests/support/unit.h"
#include "tests/unit/sandbox/suites.h"

static int add(struct inject *in, const char *text, struct fault *fault)
{
    json_t *rule = json_loads(text, JSON_DECODE_ANY, NULL);

    fault_clear(fault);
    int err = inject_add(in, rule, fault);
    json_decref(rule);
    return err;
}

START_TEST(a_rule_strikes_its_method_as_often_as_it_says)
{
    struct inject in = {0};
    struct fault fault;

    ck_assert_int_eq(add(&in, "{\"type\":\"delay\",\"ms\":5,\"method\":\"a.b\",\"count\":2}", &fault), 0);
    ck_assert_ptr_null(inject_take(&in, "delay", "c.d"));
    ck_assert_ptr_null(inject_take(&in, "delay", NULL));
    ck_assert_ptr_null(inject_take(&in, "gzip", "a.b"));
    for (int i = 0; i < 2; i++) {
        json_t *rule = inject_take(&in, "delay", "a.b");
        ck_assert_int_eq(json_get_long(rule, "ms"), 5);
        json_decref(rule);
    }
    ck_assert_ptr_null(inject_take(&in, "delay", "a.b"));
    ck_assert_uint_eq(in.n, 0);
    inject_fini(&in);
}
END_TEST

START_TEST(a_rule_without_end_stays_until_cleared)
{
    struct inject in = {0};
    struct fault fault;

    ck_assert_int_eq(add(&in, "{\"type\":\"gzip\",\"count\":0}", &fault), 0);
    for (int i = 0; i < 100; i++) {
        json_t *rule = inject_take(&in, "gzip", "any.method");
        ck_assert_ptr_nonnull(rule);
        json_decref(rule);
    }
    ck_assert_uint_eq(in.n, 1);
    inject_clear(&in);
    ck_assert_ptr_null(inject_take(&in, "gzip", "any.method"));
}
END_TEST

static const struct {
    const char *rule, *text;
} wrong[] = {
    {"{\"type\":\"nothing\"}", "there is no fault of type \"nothing\""},
    {"{}", "there is no fault of type \"\""},
    {"[]", "a fault is an object with type"},
    {"{\"type\":\"delay\"}", "ms must be an integer from 1 to 600000"},
    {"{\"type\":\"delay\",\"ms\":1.5}", "ms must be an integer from 1 to 600000"},
    {"{\"type\":\"rpc_error\",\"code\":420}", "message must be a string"},
    {"{\"type\":\"rpc_error\",\"message\":\"X\"}", "code must be an integer from -10000 to 10000"},
    {"{\"type\":\"transport_error\",\"code\":404}", "code must be an integer from -10000 to -1"},
    {"{\"type\":\"handshake\",\"lie\":\"white\"}", "there is no handshake lie \"white\""},
    {"{\"type\":\"packet\",\"lie\":\"white\"}", "there is no packet lie \"white\""},
    {"{\"type\":\"migrate\"}", "dc must be an integer from 1 to 2"},
    {"{\"type\":\"migrate\",\"dc\":3}", "dc must be an integer from 1 to 2"},
    {"{\"type\":\"forget_key\",\"permanent\":1}", "permanent must be true or false"},
    {"{\"type\":\"bad_msg\",\"code\":65}", "code must be an integer from 16 to 64"},
    {"{\"type\":\"large\"}", "n must be an integer from 1 to 1000000"},
    {"{\"type\":\"gzip\",\"count\":-1}", "count must be an integer from 0 to 1000000"},
    {"{\"type\":\"gzip\",\"method\":5}", "method must be a string"},
    {"{\"type\":\"gzip\",\"metod\":\"a.b\"}", "a fault of type \"gzip\" has no member \"metod\""},
    {"{\"type\":\"gzip\",\"ms\":5}", "a fault of type \"gzip\" has no member \"ms\""},
    {"{\"type\":\"forget_session\",\"method\":\"a.b\"}", "a fault of type \"forget_session\" has no member \"method\""},
    {"{\"type\":\"lost_update\",\"method\":\"a.b\"}", "a fault of type \"lost_update\" has no member \"method\""},
    {"{\"type\":\"lost_update\",\"every\":0}", "every must be an integer from 1 to 1000000"},
    {"{\"type\":\"gzip\",\"every\":2}", "a fault of type \"gzip\" has no member \"every\""},
    {"{\"type\":\"bad_server_salt\",\"method\":\"\"}", "a fault of type \"bad_server_salt\" has no member \"method\""},
};

/* One in three of user 5's, twice. */
START_TEST(updates_are_struck_by_user_and_share)
{
    struct inject in = {0};
    struct fault fault;
    int struck = 0;

    ck_assert_int_eq(add(&in, "{\"type\":\"lost_update\",\"user\":5,\"every\":3,\"count\":2}", &fault), 0);
    for (int i = 1; i <= 12; i++) {
        ck_assert(!inject_take_update(&in, "lost_update", 6));
        ck_assert(!inject_take_update(&in, "double_update", 5));
        bool now = inject_take_update(&in, "lost_update", 5);
        ck_assert_int_eq(now, i == 3 || i == 6);
        struck += now;
    }
    ck_assert_int_eq(struck, 2);
    ck_assert_uint_eq(in.n, 0);
}
END_TEST

static const char long_message[] =
    "PLEASE_DO_NOT_SHORTEN_ME_PLEASE_DO_NOT_SHORTEN_ME_PLEASE_DO_NOT_SHORTEN_ME_PLEASE_DO_NOT_"
    "SHORTEN_ME_PLEASE_DO_NOT_SHORTEN_ME_PLEASE";

START_TEST(a_wrong_rule_is_refused_with_a_sentence)
{
    struct inject in = {0};
    struct fault fault;

    ck_assert_int_eq(add(&in, wrong[_i].rule, &fault), TGC_EINVAL);
    ck_assert_str_eq(fault.text, wrong[_i].text);
    ck_assert_uint_eq(in.n, 0);
}
END_TEST

START_TEST(a_message_too_long_for_an_error_is_refused)
{
    struct inject in = {0};
    struct fault fault;
    json_t *rule =
        json_pack("{s:s, s:i, s:s%}", "type", "rpc_error", "code", 400, "message", long_message, (size_t)128);

    fault_clear(&fault);
    ck_assert_int_eq(inject_add(&in, rule, &fault), TGC_EINVAL);
    json_object_set_new(rule, "message", json_stringn(long_message, 127));
    ck_assert_int_eq(inject_add(&in, rule, &fault), 0);
    json_decref(rule);
    inject_fini(&in);
}
END_TEST

START_TEST(rules_are_bounded)
{
    struct inject in = {0};
    struct fault fault;

    for (int i = 0; i < INJECT_RULES_MAX; i++)
        ck_assert_int_eq(add(&in, "{\"type\":\"gzip\"}", &fault), 0);
    ck_assert_int_eq(add(&in, "{\"type\":\"gzip\"}", &fault), TGC_ELIMIT);
    inject_fini(&in);
}
END_TEST

/* Every name that the control port takes; the order is the headers'. */
static const char *const documented[] = {
#define TYPE(name, of_answers, text) name,
    INJECT_TYPES(TYPE)
#define LIE(name, text) text,
#define ACT(name, text) name,
        PACKET_LIES(LIE) MT_HANDSHAKE_LIES(LIE) CROWD_ACTS(ACT) "any_dc",
    "clock_skew_s",
    "salt_period_s",
    "containers",
    "gzip_min",
    "write_size",
    "transport_pad",
    "volunteer",
    "seq",
};

START_TEST(the_manual_names_it)
{
    char word[64];
    size_t len;
    char *manual = unit_read_file(unit_data_path("../../config/tgcalld.8"), &len);

    snprintf(word, sizeof(word), "Cm %s ", documented[_i]);
    bool found = strstr(manual, word) != NULL;
    snprintf(word, sizeof(word), "Cm %s\n", documented[_i]);
    ck_assert_msg(found || strstr(manual, word), "%s", documented[_i]);
    free(manual);
}
END_TEST

Suite *suite_inject(void)
{
    Suite *s = suite_create("inject");
    TCase *t = tcase_create("inject");

    tcase_add_test(t, a_rule_strikes_its_method_as_often_as_it_says);
    tcase_add_test(t, a_rule_without_end_stays_until_cleared);
    tcase_add_loop_test(t, a_wrong_rule_is_refused_with_a_sentence, 0, sizeof(wrong) / sizeof(*wrong));
    tcase_add_test(t, updates_are_struck_by_user_and_share);
    tcase_add_test(t, a_message_too_long_for_an_error_is_refused);
    tcase_add_test(t, rules_are_bounded);
    tcase_add_loop_test(t, the_manual_names_it, 0, sizeof(documented) / sizeof(*documented));
    suite_add_tcase(s, t);
    return s;
}
