/* The fake data centres do what they are told: what is executed, what is answered, and when. */
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static const char create[] = "{'peer':{'_':'inputPeerChannel','channel_id':6001,'access_hash':42007},'random_id':7}";

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

/* The world: two creates in a chat leave one call. */
START_TEST(test_a_chat_has_one_call_in_each_layer)
{
    bed_init_in(&b, BED_READY, _i == 0 ? 138 : 229);
    bed_ask_now(&b, "phone.createGroupCall", create, 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_ask_now(&b, "phone.createGroupCall", create, 0, &answer); /* the same random_id: the same call */
    ck_assert_uint_eq(b.world->calls_n, 1);
    bed_answer_fini(&answer);
    bed_ask_now(&b, "phone.createGroupCall",
                "{'peer':{'_':'inputPeerChannel','channel_id':6001,'access_hash':42007},'random_id':8}", 0, &answer);
    ck_assert_uint_eq(b.world->calls_n, 2);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_answer_fini(&answer);
    bed_ask_now(&b, "channels.getFullChannel", "{'channel':{'_':'inputChannel','channel_id':6001,'access_hash':42007}}",
                0, &answer);
    ck_assert_int_eq(
        fake_world_call(b.world, strtoll(json_string_value(json_object_get(
                                             json_object_get(json_object_get(answer.json, "full_chat"), "call"), "id")),
                                         NULL, 10))
            ->random_id,
        8);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "*"), 4);
}
END_TEST

/* What each fate makes of one create, with 5 s to answer and a minute afterwards. */
static const struct {
    struct fake_rule rule;
    unsigned asked_least, executed;
    bool is_answered;
} fates[] = {
    {{.fate = FAKE_ANSWER}, 1, 1, true},
    {{.fate = FAKE_ERROR, .code = 400, .text = "CHAT_ADMIN_REQUIRED"}, 1, 0, true},
    {{.fate = FAKE_ERROR_AFTER, .code = 400, .text = "CHAT_ADMIN_REQUIRED"}, 1, 1, true},
    {{.fate = FAKE_DROP_BEFORE}, 2, 1, true},
    {{.fate = FAKE_DROP_AFTER}, 1, 1, true},
    {{.fate = FAKE_LATE, .after_us = 3 * SECOND_US}, 1, 1, true},
    {{.fate = FAKE_LATE, .after_us = 40 * SECOND_US}, 1, 1, false},
    {{.fate = FAKE_LATER, .after_us = 3 * SECOND_US}, 1, 1, true},
    {{.fate = FAKE_LATER, .after_us = 3 * SECOND_US, .silent = true}, 1, 1, false},
    {{.fate = FAKE_NEVER}, 1, 1, false},
    {{.fate = FAKE_LOST}, 1, 0, false},
};

START_TEST(test_a_query_meets_the_fate_that_was_set_for_it)
{
    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "phone.createGroupCall", fates[_i].rule);
    bed_ask(&b, "phone.createGroupCall", create, 5 * SECOND_US, 0, &answer);
    bed_pass(&b, 6 * SECOND_US);
    ck_assert_uint_ge(fake_dc_asked(b.dc, "phone.createGroupCall"), fates[_i].asked_least);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), fates[_i].executed);
    ck_assert_uint_eq(fake_world_alive(b.world), fates[_i].executed);
    ck_assert_int_eq(answer.times == 1 && answer.outcome != TG_NO_ANSWER, fates[_i].is_answered);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), fates[_i].executed);
}
END_TEST

START_TEST(test_a_query_that_is_acknowledged_may_be_executed_later)
{
    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LATER, .after_us = 40 * SECOND_US});
    bed_ask(&b, "phone.createGroupCall", create, 5 * SECOND_US, 0, &answer);
    bed_pass(&b, 39 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
    ck_assert_uint_eq(fake_world_alive(b.world), 0);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 1);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

START_TEST(test_a_rule_strikes_as_often_as_it_says)
{
    static const struct fake_rule refuse = {.fate = FAKE_ERROR, .times = 2, .code = 400, .text = "A"};

    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "help.getNearestDc", refuse);
    fake_dc_rule(b.dc, "*",
                 (struct fake_rule){.fate = FAKE_ANSWER,
                                    .json = "{'_':'nearestDc','country':'B',"
                                            "'this_dc':3,'nearest_dc':4}"});
    for (int i = 0; i < 2; i++) {
        bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
        bed_expect_error(&answer, 400, "A");
    }
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 3);
    bed_answer_fini(&answer);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 1);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "help.getNearestDc"), 4);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 2);
}
END_TEST

Suite *suite_fake_dc(void)
{
    Suite *s = suite_create("fake_dc");
    TCase *t = tcase_create("fake_dc");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_a_chat_has_one_call_in_each_layer, 0, 2);
    tcase_add_loop_test(t, test_a_query_meets_the_fate_that_was_set_for_it, 0, sizeof(fates) / sizeof(fates[0]));
    tcase_add_test(t, test_a_query_that_is_acknowledged_may_be_executed_later);
    tcase_add_test(t, test_a_rule_strikes_as_often_as_it_says);
    suite_add_tcase(s, t);
    return s;
}
