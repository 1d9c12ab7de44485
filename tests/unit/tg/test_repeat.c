/* Which requests are sent again by themselves, and which never. */
#include "daemon/tg/account/repeat.h"
#include "tests/unit/tg/bed.h"
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

#define CALL "'call':{'_':'inputGroupCall','id':1,'access_hash':2}"
#define CHANNEL "'peer':{'_':'inputPeerChannel','channel_id':6001,'access_hash':1}"

static const struct {
    const char *method, *params;
    bool again;
} methods[] = {
    {"phone.getGroupCall", "{" CALL ",'limit':1}", true},
    {"users.getUsers", "{'id':[{'_':'inputUserSelf'}]}", true},
    {"help.getNearestDc", "{}", true},
    {"messages.getDialogs", "{'offset_date':0,'offset_id':0,'offset_peer':{'_':'inputPeerEmpty'},'limit':1,'hash':0}",
     true},
    {"phone.createGroupCall", "{" CHANNEL ",'random_id':7}", true},
    {"messages.sendMessage", "{" CHANNEL ",'message':'m','random_id':7}", true},
    {"phone.getGroupCallStreamRtmpUrl", "{" CHANNEL ",'revoke':false}", true},
    {"phone.editGroupCallTitle", "{" CALL ",'title':'t'}", true},
    {"phone.toggleGroupCallSettings", "{" CALL ",'join_muted':true}", true},
    {"phone.getGroupCallStreamRtmpUrl", "{" CHANNEL ",'revoke':true}", false},
    {"phone.discardGroupCall", "{" CALL "}", false},
    {"phone.toggleGroupCallSettings", "{" CALL ",'reset_invite_hash':true}", false},
    {"messages.getBotCallbackAnswer", "{" CHANNEL ",'msg_id':1}", false},
    {"payments.getStarsRevenueAdsAccountUrl", "{" CHANNEL "}", false},
    {"messages.readHistory", "{'peer':{'_':'inputPeerSelf'},'max_id':1}", false},
    {"messages.exportChatInvite", "{" CHANNEL "}", false},
    {"messages.clickSponsoredMessage", "{'random_id':'AAAA'}", false},
};

static const struct {
    const char *what;
    struct fake_rule rule;
} troubles[] = {
    {"500", {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 500, .text = "RPC_CALL_FAIL"}},
    {"-503", {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = -503, .text = "Timeout"}},
    {"silence", {.fate = FAKE_LOST, .times = FAKE_ALWAYS}},
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]), TROUBLES = sizeof(troubles) / sizeof(troubles[0]) };

START_TEST(test_only_what_does_no_harm_is_asked_again_after_trouble)
{
    const char *method = methods[_i / TROUBLES].method, *what = troubles[_i % TROUBLES].what;

    fake_dc_rule(b.dc, method, troubles[_i % TROUBLES].rule);
    bed_ask_now(&b, method, methods[_i / TROUBLES].params, 0, &answer);
    ck_assert_int_ne(answer.outcome, TG_RESULT);
    bed_pass(&b, 60 * SECOND_US);
    unsigned asked = fake_dc_asked(b.dc, method);
    ck_assert_msg((asked > 1) == methods[_i / TROUBLES].again && asked >= 1, "%s %s: asked %u times after %s", method,
                  methods[_i / TROUBLES].params, asked, what);
}
END_TEST

START_TEST(test_what_a_parameter_decides_is_never_repeated_where_none_can_be_seen)
{
    ck_assert_int_eq(tg_repeat_judge(tl_find_method(b.env.schema, "phone.toggleGroupCallSettings"), NULL),
                     TG_REPEAT_NEVER);
    ck_assert_int_eq(tg_repeat_judge(tl_find_method(b.env.schema, "phone.createGroupCall"), NULL), TG_REPEAT_SAME);
    ck_assert_int_eq(tg_repeat_judge(tl_find_method(b.env.schema, "phone.getGroupCall"), NULL), TG_REPEAT_READ);
}
END_TEST

/* No pause between two questions is shorter than a second: a server in trouble is not hurried. */
START_TEST(test_a_server_in_trouble_is_not_hurried)
{
    fake_dc_rule(b.dc, "help.getNearestDc", troubles[0].rule);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    bed_expect_error(&answer, 500, "RPC_CALL_FAIL");
    ck_assert_uint_le(fake_dc_asked(b.dc, "help.getNearestDc"), 6);
}
END_TEST

START_TEST(test_the_session_itself_sends_again_what_was_not_received)
{
    /* Nobody saw it: that is certain, and so the second sending is the first. */
    fake_dc_rule(b.dc, "messages.exportChatInvite", (struct fake_rule){.fate = FAKE_DROP_BEFORE});
    fake_dc_rule(b.dc, "messages.exportChatInvite",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "SEEN"});
    bed_ask_now(&b, "messages.exportChatInvite", "{" CHANNEL "}", 0, &answer);
    bed_expect_error(&answer, 400, "SEEN");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.exportChatInvite"), 2);
}
END_TEST

START_TEST(test_what_may_have_run_is_not_sent_to_a_server_that_forgot)
{
    fake_dc_rule(b.dc, "messages.exportChatInvite", (struct fake_rule){.fate = FAKE_LOST});
    bed_ask(&b, "messages.exportChatInvite", "{" CHANNEL "}", 30 * SECOND_US, 0, &answer);
    bed_pass(&b, SECOND_US);
    fake_dc_forget_sessions(b.dc);
    fake_dc_drop_links(b.dc);
    bed_wait(&b, &answer);
    bed_expect_no_answer(&answer, TGC_ELOST);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "messages.exportChatInvite"), 1);
}
END_TEST

START_TEST(test_what_does_no_harm_is_sent_to_a_server_that_forgot)
{
    fake_dc_rule(b.dc, "help.getNearestDc", (struct fake_rule){.fate = FAKE_NEVER});
    bed_ask(&b, "help.getNearestDc", "{}", 30 * SECOND_US, 0, &answer);
    bed_pass(&b, SECOND_US);
    fake_dc_forget_sessions(b.dc);
    fake_dc_drop_links(b.dc);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
}
END_TEST

Suite *suite_repeat(void)
{
    Suite *s = suite_create("repeat");
    TCase *t = tcase_create("repeat");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, test_only_what_does_no_harm_is_asked_again_after_trouble, 0, METHODS * TROUBLES);
    tcase_add_test(t, test_what_a_parameter_decides_is_never_repeated_where_none_can_be_seen);
    tcase_add_test(t, test_a_server_in_trouble_is_not_hurried);
    tcase_add_test(t, test_the_session_itself_sends_again_what_was_not_received);
    tcase_add_test(t, test_what_may_have_run_is_not_sent_to_a_server_that_forgot);
    tcase_add_test(t, test_what_does_no_harm_is_sent_to_a_server_that_forgot);
    suite_add_tcase(s, t);
    return s;
}
