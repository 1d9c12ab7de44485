/* Waits that Telegram asks for: of what they are, and in whose words they are told again. */
#include <string.h>

#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

#define NEWS "{'_':'inputPeerChannel','channel_id':6001,'access_hash':1}"
#define TALK "{'_':'inputPeerChannel','channel_id':6002,'access_hash':1}"
#define TO_NEWS "{'peer':" NEWS ",'message':'m','random_id':7}"
#define TO_TALK "{'peer':" TALK ",'message':'m','random_id':8}"
#define FORWARD "{'from_peer':" TALK ",'to_peer':" NEWS ",'id':[1],'random_id':[9]}"

static void ask(const char *method, const char *params)
{
    bed_answer_fini(&answer);
    bed_ask_now(&b, method, params, 0, &answer);
}

static void rule(const char *method, int code, const char *text)
{
    fake_dc_rule(b.dc, method, (struct fake_rule){.fate = FAKE_ERROR, .code = code, .text = text});
}

START_TEST(test_a_slow_chat_slows_that_chat_alone)
{
    rule("messages.sendMessage", 420, "SLOWMODE_WAIT_30");
    ask("messages.sendMessage", TO_NEWS);
    bed_expect_error(&answer, 420, "SLOWMODE_WAIT_30");
    rule("messages.sendMessage", 400, "SEEN");
    ask("messages.sendMessage", TO_TALK);
    bed_expect_error(&answer, 400, "SEEN");
}
END_TEST

/* The daemon's own create names its chat otherwise than a caller does. */
START_TEST(test_a_chat_that_is_slow_to_create_in_is_that_chat_alone)
{
    struct tg_create_order talk = {.peer = json_pack("{s:s, s:I, s:I}", "_", "inputPeerChannel", "channel_id",
                                                     (json_int_t)6002, "access_hash", (json_int_t)60022),
                                   .if_exists = TG_IF_EXISTS_REPLACE};
    struct bed_made m = {0};

    rule("phone.createGroupCall", 420, "SLOWMODE_WAIT_30");
    ask("phone.createGroupCall", "{'peer':" NEWS ",'random_id':7}");
    bed_expect_error(&answer, 420, "SLOWMODE_WAIT_30");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
    m = (struct bed_made){0};
    bed_create(&b, &talk, &m);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 2);
    json_decref((json_t *)(uintptr_t)talk.peer);
}
END_TEST

START_TEST(test_a_slow_chat_slows_all_that_is_sent_there)
{
    rule("messages.sendMessage", 420, "SLOWMODE_WAIT_30");
    ask("messages.sendMessage", TO_NEWS);
    bed_pass(&b, 10 * SECOND_US);
    ask("messages.sendMessage", TO_NEWS);
    bed_expect_error(&answer, 420, "SLOWMODE_WAIT_20");
    ask("messages.forwardMessages", FORWARD);
    bed_expect_error(&answer, 420, "SLOWMODE_WAIT_20");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.forwardMessages"), 0);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.sendMessage"), 1);
    bed_pass(&b, 20 * SECOND_US);
    rule("messages.sendMessage", 400, "SEEN");
    ask("messages.sendMessage", TO_NEWS);
    bed_expect_error(&answer, 400, "SEEN");
}
END_TEST

static const struct {
    int code;
    const char *said, *told; /* ten seconds later */
} words[] = {
    {420, "FLOOD_WAIT_300", "FLOOD_WAIT_290"},
    {420, "FLOOD_PREMIUM_WAIT_300", "FLOOD_PREMIUM_WAIT_290"},
    {420, "SLOWMODE_WAIT_300", "SLOWMODE_WAIT_290"},
    {420, "TAKEOUT_INIT_DELAY_300", "TAKEOUT_INIT_DELAY_290"},
    {420, "NEW_KIND_OF_WAIT_300", "NEW_KIND_OF_WAIT_290"},
};

START_TEST(test_a_wait_is_told_again_in_telegrams_words)
{
    rule("messages.sendMessage", words[_i].code, words[_i].said);
    ask("messages.sendMessage", TO_NEWS);
    bed_expect_error(&answer, words[_i].code, words[_i].said);
    bed_pass(&b, 10 * SECOND_US);
    ask("messages.sendMessage", TO_NEWS);
    bed_expect_error(&answer, words[_i].code, words[_i].told);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.sendMessage"), 1);
}
END_TEST

START_TEST(test_a_flood_of_a_method_holds_for_every_chat_and_no_other_method)
{
    rule("messages.sendMessage", 420, "FLOOD_WAIT_300");
    ask("messages.sendMessage", TO_NEWS);
    ask("messages.sendMessage", TO_TALK);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_300");
    rule("messages.forwardMessages", 400, "SEEN");
    ask("messages.forwardMessages", FORWARD);
    bed_expect_error(&answer, 400, "SEEN");
}
END_TEST

START_TEST(test_a_short_wait_is_waited_out)
{
    int64_t before = b.net.clock.mono_us;

    rule("help.getNearestDc", 420, "FLOOD_WAIT_3");
    ask("help.getNearestDc", "{}");
    bed_expect_result(&answer);
    ck_assert_int_ge(answer.at_us - before, 3 * SECOND_US);
}
END_TEST

START_TEST(test_the_account_shows_what_it_waits_for)
{
    rule("messages.sendMessage", 420, "SLOWMODE_WAIT_30");
    rule("help.getNearestDc", 420, "FLOOD_WAIT_300");
    ask("messages.sendMessage", TO_NEWS);
    ask("help.getNearestDc", "{}");
    json_t *j = tg_account_json(b.a), *waits = json_object_get(j, "flood_waits");
    ck_assert_uint_eq(json_array_size(waits), 2);
    const json_t *of_chat = json_array_get(waits, 0), *of_method = json_array_get(waits, 1);
    ck_assert_str_eq(json_string_value(json_object_get(of_chat, "method")), "messages.sendMessage");
    expect_json(json_incref(json_object_get(of_chat, "peer")), "{'_':'peerChannel','channel_id':'6001'}");
    ck_assert_str_eq(json_string_value(json_object_get(of_method, "method")), "help.getNearestDc");
    ck_assert_ptr_null(json_object_get(of_method, "peer"));
    json_decref(j);
}
END_TEST

START_TEST(test_more_waits_than_are_kept)
{
    char params[160];

    for (int i = 0; i < 200; i++) {
        rule("messages.sendMessage", 420, i == 7 ? "SLOWMODE_WAIT_9999" : "SLOWMODE_WAIT_100");
        snprintf(params, sizeof(params),
                 "{'peer':{'_':'inputPeerChannel','channel_id':%d,'access_hash':1},'message':'m','random_id':7}",
                 7000 + i);
        ask("messages.sendMessage", params);
    }
    /* The longest is not the one that had to go. */
    unsigned asked = fake_dc_asked(b.dc, "messages.sendMessage");
    ask("messages.sendMessage",
        "{'peer':{'_':'inputPeerChannel','channel_id':7007,'access_hash':1},'message':'m','random_id':7}");
    ck_assert_int_eq(strncmp(answer.text, "SLOWMODE_WAIT_", 14), 0);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.sendMessage"), asked);
}
END_TEST

Suite *suite_flood(void)
{
    Suite *s = suite_create("flood");
    TCase *t = tcase_create("flood");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_a_slow_chat_slows_that_chat_alone);
    tcase_add_test(t, test_a_chat_that_is_slow_to_create_in_is_that_chat_alone);
    tcase_add_test(t, test_a_slow_chat_slows_all_that_is_sent_there);
    tcase_add_loop_test(t, test_a_wait_is_told_again_in_telegrams_words, 0, sizeof(words) / sizeof(words[0]));
    tcase_add_test(t, test_a_flood_of_a_method_holds_for_every_chat_and_no_other_method);
    tcase_add_test(t, test_a_short_wait_is_waited_out);
    tcase_add_test(t, test_the_account_shows_what_it_waits_for);
    tcase_add_test(t, test_more_waits_than_are_kept);
    suite_add_tcase(s, t);
    return s;
}
