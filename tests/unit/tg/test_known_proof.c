/* What is left of two words that contradict each other, and how long one is believed. */
#include "tests/unit/tg/known_bed.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_a_lost_link_leaves_nothing_sure)
{
    kb_runs(1);
    kb_ends(1);
    tg_known_link_lost(kb.k);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_runs(2);
    tg_known_link_lost(kb.k);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert(kb_record(2)->stale);
    kb_runs(2);
    ck_assert_int_eq(kb_chat(), 2);
}
END_TEST

START_TEST(test_an_answer_that_may_be_older_than_what_is_known_only_raises_doubt)
{
    uint64_t before = tg_known_mark(kb.k);

    kb_runs(1);
    kb_shows(0, before);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_ACTIVE);
    ck_assert(kb_record(1)->stale);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_runs(1);
    kb_shows(1, before); /* no contradiction */
    ck_assert_int_eq(kb_chat(), 1);
    before = tg_known_mark(kb.k);
    kb_runs(2);
    kb_shows(1, before);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert_int_eq(kb_record(2)->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    kb_runs(2);
    before = tg_known_mark(kb.k);
    kb_ends(2);
    kb_shows(2, before);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert_int_eq(kb_record(2)->state, TG_CALL_DISCARDED);
}
END_TEST

/* As phone.createGroupCall is answered where a call ran: its end, and the new one. */
START_TEST(test_the_end_and_the_start_that_one_answer_tells_do_not_contradict_each_other)
{
    kb_runs(1);
    uint64_t asked = tg_known_mark(kb.k);
    kb_learn("phone.createGroupCall", asked,
             "{'_':'updates','updates':["
             "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':6001},"
             "'call':{'_':'groupCallDiscarded','id':1,'access_hash':11,'duration':5}},"
             "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':6001},"
             "'call':{'_':'groupCall','id':2,'access_hash':12,'participants_count':0,'unmuted_video_limit':30,'version'"
             ":1}}],"
             "'users':[],'chats':[],'date':1,'seq':0}");
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(kb_chat(), 2);
    ck_assert(!kb_record(2)->stale);
}
END_TEST

START_TEST(test_the_end_of_a_call_that_was_not_sure_to_be_the_chats_does_not_empty_it)
{
    kb_runs(1);
    tg_known_missed(kb.k);
    kb_ends(1); /* perhaps because another began */
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
}
END_TEST

START_TEST(test_what_was_sent_and_not_answered_unsettles_its_chat_or_its_call)
{
    kb_runs(1);
    tg_known_unsettle_chat(kb.k, PEER_CHANNEL, 6001);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert(kb_record(1)->stale);
    kb_runs(1);
    ck_assert_int_eq(kb_chat(), 1);
    tg_known_unsettle_call(kb.k, 1);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_ends(1);
    kb_shows(0, tg_known_mark(kb.k));
    tg_known_unsettle_chat(kb.k, PEER_CHANNEL, 6001);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    tg_known_unsettle_chat(kb.k, PEER_CHANNEL, 6002);
    tg_known_unsettle_call(kb.k, 99);
}
END_TEST

START_TEST(test_an_unsettled_chat_still_ends_its_older_call)
{
    kb_runs(1);
    tg_known_unsettle_chat(kb.k, PEER_CHANNEL, 6001);
    kb_runs(2);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    tg_known_unsettle_chat(kb.k, PEER_CHANNEL, 6001);
    kb_shows(0, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_record(2)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
}
END_TEST

static void restore(int64_t id)
{
    struct tg_call kept = {
        .id = id, .access_hash = 10 + id, .has_peer = true, .peer_kind = PEER_CHANNEL, .peer_id = 6001};

    ck_assert_int_eq(tg_known_restore_call(kb.k, &kept), 0);
}

/* Which call a chat has is not kept over a restart. */
START_TEST(test_a_call_of_an_earlier_process_has_ended_where_its_chat_has_another_or_none)
{
    restore(1);
    kb_shows(2, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    restore(3);
    kb_runs(4);
    ck_assert_int_eq(kb_record(3)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(kb_record(4)->state, TG_CALL_ACTIVE);
    restore(5);
    kb_shows(0, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_record(5)->state, TG_CALL_DISCARDED);
    restore(6);
    uint64_t before = tg_known_mark(kb.k);
    tg_known_link_lost(kb.k);
    kb_shows(0, before);
    ck_assert_int_eq(kb_record(6)->state, TG_CALL_ACTIVE);
    kb_shows(6, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_record(6)->state, TG_CALL_ACTIVE);
}
END_TEST

START_TEST(test_updates_keep_it_true_for_a_quarter_of_an_hour_each)
{
    kb_runs(1);
    fake_clock_pass(&kb.clock, TG_KNOWN_QUIET_US - 1);
    tg_known_heard(kb.k);
    fake_clock_pass(&kb.clock, TG_KNOWN_QUIET_US - 1);
    ck_assert_int_eq(kb_chat(), 1);
    fake_clock_pass(&kb.clock, 1);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    /* An update now says nothing of what was missed before. */
    tg_known_heard(kb.k);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert(kb_record(1)->stale);
    kb_runs(1);
    ck_assert_int_eq(kb_chat(), 1);
}
END_TEST

START_TEST(test_the_wall_clock_may_jump)
{
    kb_runs(1);
    kb_ends(1);
    kb.clock.wall_us += 86400 * SECOND_US;
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    kb_runs(2);
    kb.clock.wall_us -= 2 * 86400 * SECOND_US;
    ck_assert_int_eq(kb_chat(), 2);
}
END_TEST

Suite *suite_known_proof(void)
{
    Suite *s = suite_create("known_proof");
    TCase *t = tcase_create("known_proof");

    tcase_add_checked_fixture(t, kb_set_up, kb_tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_lost_link_leaves_nothing_sure);
    tcase_add_test(t, test_an_answer_that_may_be_older_than_what_is_known_only_raises_doubt);
    tcase_add_test(t, test_the_end_and_the_start_that_one_answer_tells_do_not_contradict_each_other);
    tcase_add_test(t, test_the_end_of_a_call_that_was_not_sure_to_be_the_chats_does_not_empty_it);
    tcase_add_test(t, test_what_was_sent_and_not_answered_unsettles_its_chat_or_its_call);
    tcase_add_test(t, test_an_unsettled_chat_still_ends_its_older_call);
    tcase_add_test(t, test_a_call_of_an_earlier_process_has_ended_where_its_chat_has_another_or_none);
    tcase_add_test(t, test_updates_keep_it_true_for_a_quarter_of_an_hour_each);
    tcase_add_test(t, test_the_wall_clock_may_jump);
    suite_add_tcase(s, t);
    return s;
}
