/* What an account knows of calls, as updates come, are lost, and are made up for. */
#include <string.h>

#include "daemon/tg/known/calls.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct fake_chat *news;
static struct fake_call *running;

static void tell(const struct fake_call *call)
{
    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(call)), call->chat));
    bed_pass(&b, SECOND_US);
}

/* A call runs in @news, and the account was told of it. */
static void set_up(void)
{
    bed_init(&b, BED_READY);
    news = fake_world_chat(b.world, PEER_CHANNEL, 6001);
    running = fake_world_start(b.world, news);
    tell(running);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static const struct tg_call *record(const struct fake_call *call)
{
    const struct tg_call *r = tg_calls_find(tg_account_calls(b.a), call->id);

    ck_assert_msg(r != NULL, "there is no record of call %d", (int)call->id);
    return r;
}

static void expect(const struct fake_call *call, enum tg_call_state state, const char *title)
{
    const struct tg_call *r = record(call);

    ck_assert_str_eq(tg_call_state_text(r->state), tg_call_state_text(state));
    ck_assert_uint_eq(r->title_len, strlen(title));
    if (r->title_len)
        ck_assert_mem_eq(r->title, title, r->title_len);
}

static void rename_call(const char *title)
{
    strcpy(running->title, title);
    running->version++;
}

START_TEST(test_an_update_folds_into_the_record)
{
    expect(running, TG_CALL_ACTIVE, "");
    ck_assert(record(running)->peer_kind == PEER_CHANNEL && record(running)->peer_id == 6001);
    ck_assert_int_eq(record(running)->access_hash, running->access_hash);
    rename_call("one");
    tell(running);
    expect(running, TG_CALL_ACTIVE, "one");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 0); /* nothing had to be asked */
    fake_world_end(b.world, running);
    tell(running);
    expect(running, TG_CALL_DISCARDED, "one");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 0);
}
END_TEST

START_TEST(test_a_version_that_is_missing_is_made_up_for_by_one_question)
{
    rename_call("lost");
    rename_call("two");
    tell(running);
    bed_pass(&b, 30 * SECOND_US);
    expect(running, TG_CALL_ACTIVE, "two");
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.getGroupCall"), 1);
    ck_assert(!record(running)->stale);
}
END_TEST

START_TEST(test_an_older_update_changes_nothing)
{
    json_t *old = fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(running)), news);

    rename_call("new");
    tell(running);
    fake_dc_push(b.dc, old);
    bed_pass(&b, SECOND_US);
    expect(running, TG_CALL_ACTIVE, "new");
}
END_TEST

/* What tells an account that updates were lost. */
enum loss { LOSS_TOO_LONG, LOSS_OF_THE_SESSION, LOSSES };

static void lose(enum loss loss)
{
    if (loss == LOSS_TOO_LONG) {
        fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
    } else {
        fake_dc_forget_sessions(b.dc);
        fake_dc_drop_links(b.dc);
    }
    bed_pass(&b, 300 * SECOND_US);
}

START_TEST(test_what_changed_while_updates_were_lost_is_asked_for)
{
    rename_call("unheard");
    lose((enum loss)_i);
    expect(running, TG_CALL_ACTIVE, "unheard");
}
END_TEST

START_TEST(test_a_call_that_ended_while_updates_were_lost_is_over)
{
    fake_world_end(b.world, running);
    lose((enum loss)_i);
    expect(running, TG_CALL_DISCARDED, "");
}
END_TEST

START_TEST(test_an_answer_teaches_as_an_update_does)
{
    struct bed_answer answer;

    bed_ask_now(&b, "phone.createGroupCall",
                "{'peer':{'_':'inputPeerChannel','channel_id':6002,'access_hash':42014},'random_id':7,'title':'mine'}",
                0, &answer);
    bed_expect_result(&answer);
    ck_assert_int_eq(answer.call_id, b.world->calls[1].id);
    bed_answer_fini(&answer);
    expect(&b.world->calls[1], TG_CALL_ACTIVE, "mine");
    expect(running, TG_CALL_ACTIVE, "");
}
END_TEST

START_TEST(test_a_difference_that_is_refused_is_not_asked_for_again)
{
    static const int codes[] = {400, 403, 406};

    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "updates.getDifference",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = codes[_i], .text = "NO"});
    fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "updates.getDifference"), 1);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "updates.getState"), 1);
}
END_TEST

enum { STALE = 300 };

/* Calls that the account knows, and Telegram no longer. */
static void know_many(void)
{
    for (int i = 0; i < STALE; i++) {
        struct tg_call_seen seen = {.id = 50000 + i, .access_hash = 1, .version = 1, .from_update = true};
        ck_assert_int_eq(tg_known_see_call(tg_account_known(b.a), &seen), 0);
    }
    fake_dc_forget_counts(b.dc);
}

START_TEST(test_stale_calls_are_asked_for_at_a_bounded_pace)
{
    unsigned before = 0, now;

    know_many();
    for (int s = 0; s < 2 * STALE / 5; s++) {
        if (s < 5) /* once more changes nothing */
            fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
        bed_pass(&b, SECOND_US);
        now = fake_dc_asked(b.dc, "phone.getGroupCall");
        ck_assert_msg(now - before <= 6, "%u questions in second %d", now - before, s);
        before = now;
    }
    /* All of them, and none much more often than it was stale. */
    ck_assert_uint_ge(before, STALE);
    ck_assert_uint_le(before, STALE + 5 * 6);
    ck_assert_ptr_null(tg_calls_first_stale(tg_account_calls(b.a)));
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), before + fake_dc_asked(b.dc, "updates.getDifference"));
    ck_assert_uint_eq(fake_dc_asked(b.dc, "updates.getDifference"), 5);
}
END_TEST

START_TEST(test_stale_calls_that_cannot_be_asked_for_are_asked_ever_more_slowly)
{
    know_many();
    fake_dc_rule(b.dc, "phone.getGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "NO"});
    fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_ge(fake_dc_asked(b.dc, "phone.getGroupCall"), 5);
    ck_assert_uint_le(fake_dc_asked(b.dc, "phone.getGroupCall"), 12);
    fake_dc_no_rules(b.dc);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_ptr_null(tg_calls_first_stale(tg_account_calls(b.a)));
}
END_TEST

Suite *suite_updates(void)
{
    Suite *s = suite_create("updates");
    TCase *t = tcase_create("updates");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_update_folds_into_the_record);
    tcase_add_test(t, test_a_version_that_is_missing_is_made_up_for_by_one_question);
    tcase_add_test(t, test_an_older_update_changes_nothing);
    tcase_add_loop_test(t, test_what_changed_while_updates_were_lost_is_asked_for, 0, LOSSES);
    tcase_add_loop_test(t, test_a_call_that_ended_while_updates_were_lost_is_over, 0, LOSSES);
    tcase_add_test(t, test_an_answer_teaches_as_an_update_does);
    tcase_add_loop_test(t, test_a_difference_that_is_refused_is_not_asked_for_again, 0, 3);
    tcase_add_test(t, test_stale_calls_are_asked_for_at_a_bounded_pace);
    tcase_add_test(t, test_stale_calls_that_cannot_be_asked_for_are_asked_ever_more_slowly);
    suite_add_tcase(s, t);
    return s;
}
