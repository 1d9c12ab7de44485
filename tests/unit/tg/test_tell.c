/* Each Update that Telegram tells an account of is told onwards. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/tg/account/account.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct fake_chat *news;

/* What was heard, as names in their order. */
static struct {
    char names[512];
    bool call_was_known, has_chats;
    int32_t date;
} heard;

static void on_update(void *ctx, struct tg_account *account, const struct tg_update *update)
{
    (void)ctx;
    ck_assert(account == b.a);
    ck_assert_uint_ge(update->len, 4);
    ck_assert_uint_eq(le32_load(update->data), update->comb->id);
    if (update->chats_len)
        ck_assert_uint_eq(le32_load(update->chats), 0x1cb5c415);
    heard.has_chats = update->chats_len > 8;
    heard.call_was_known = tg_calls_count(tg_account_calls(account)) > 0;
    heard.date = update->date;
    strcat(heard.names, update->comb->name);
    strcat(heard.names, " ");
}

static const struct tg_listener listener = {.update_told = on_update};

static void set_up(void)
{
    memset(&heard, 0, sizeof(heard));
    bed_init(&b, BED_READY);
    b.env.listener = &listener;
    news = fake_world_chat(b.world, PEER_CHANNEL, 6001);
}

static void tear_down(void)
{
    bed_fini(&b);
}

START_TEST(test_what_telegram_says_by_itself_is_told_once_it_is_known)
{
    const struct fake_call *call = fake_world_start(b.world, news);

    fake_dc_push(b.dc, fake_json_updates(
                           b.world, json_pack("[o, {s:s}]", fake_json_update_call(call), "_", "updateConfig"), news));
    bed_pass(&b, SECOND_US);
    ck_assert_str_eq(heard.names, "updateGroupCall updateConfig ");
    ck_assert(heard.call_was_known && heard.has_chats && heard.date != 0);
}
END_TEST

START_TEST(test_updates_within_an_answer_are_told)
{
    struct bed_answer answer;

    bed_ask_now(&b, "phone.createGroupCall",
                "{'peer':{'_':'inputPeerChannel','channel_id':6001,'access_hash':'42007'},'random_id':7}", 0, &answer);
    bed_answer_fini(&answer);
    ck_assert_ptr_nonnull(strstr(heard.names, "updateGroupCall "));
    ck_assert(heard.call_was_known);
}
END_TEST

START_TEST(test_a_short_message_is_an_update_of_its_own)
{
    fake_dc_push(b.dc, json_of("{'_':'updateShortMessage','id':3,'user_id':'1001','message':'hi','pts':2,'pts_count':1,"
                               "'date':8}"));
    bed_pass(&b, SECOND_US);
    ck_assert_str_eq(heard.names, "updateShortMessage ");
    ck_assert_int_eq(heard.date, 8);
}
END_TEST

/* One that says nothing of calls. */
static void push_another(void)
{
    heard.names[0] = '\0';
    fake_dc_push(b.dc, json_of("{'_':'updateShort','update':{'_':'updateContactsReset'},'date':8}"));
    bed_pass(&b, SECOND_US);
}

START_TEST(test_an_idle_account_is_still_told_after_days)
{
    for (int half_hours = 1; half_hours <= 3 * 48; half_hours++) {
        bed_pass(&b, 1800 * SECOND_US);
        push_another();
        ck_assert_msg(strcmp(heard.names, "updateContactsReset ") == 0, "after %d half hours: %s", half_hours,
                      heard.names);
    }
}
END_TEST

/* The link stands, and nobody at its other end knows who wants updates. */
START_TEST(test_a_session_that_was_forgotten_unnoticed_is_told_again_within_a_quarter_of_an_hour)
{
    for (int days = 1; days <= 3; days++) {
        bed_pass(&b, 86400 * SECOND_US);
        fake_dc_forget_sessions(b.dc);
        bed_pass(&b, 16 * 60 * SECOND_US);
        push_another();
        ck_assert_str_eq(heard.names, "updateContactsReset ");
    }
}
END_TEST

Suite *suite_tell(void)
{
    Suite *suite = suite_create("tell");
    TCase *t = tcase_create("tell");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_what_telegram_says_by_itself_is_told_once_it_is_known);
    tcase_add_test(t, test_updates_within_an_answer_are_told);
    tcase_add_test(t, test_a_short_message_is_an_update_of_its_own);
    tcase_add_test(t, test_an_idle_account_is_still_told_after_days);
    tcase_add_test(t, test_a_session_that_was_forgotten_unnoticed_is_told_again_within_a_quarter_of_an_hour);
    suite_add_tcase(suite, t);
    return suite;
}
