/* The update engine where all goes well in the end: steps, gaps, differences, channels. */
#include "tests/unit/tg/engine_bed.h"
#include "tests/unit/tg/suites.h"

START_TEST(test_each_step_is_told_once)
{
    feed(IN(C(11)));
    feed(IN(C(12) "," C(13)));
    feed(IN(C(12)));
    feed(IN(Q(6)));
    feed(IN(Q(6)));
    expect_told("c11 c12 c13 q6 ");
    ck_assert_int_eq(updates_state(u).pts, 13);
    ck_assert_int_eq(updates_state(u).qts, 6);
    ck_assert_int_eq(updates_state(u).date, 60);
    expect_nothing_asked();
    ck_assert_uint_gt(changes, 0);
}
END_TEST

START_TEST(test_what_comes_too_early_waits_and_nothing_is_asked)
{
    feed(IN(C(13)));
    feed(IN(C(12)));
    expect_told("");
    ck_assert_int_eq(updates_due_us(u), now + UPDATES_GAP_US);
    now += UPDATES_GAP_US / 2;
    feed(IN(C(11)));
    expect_told("c11 c12 c13 ");
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_gap_that_stays_is_asked_for_and_what_waited_comes_after_it)
{
    feed(IN(C(12) "," C(14)));
    expect_nothing_asked();
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(15))); /* in the meantime */
    expect_told("");
    answer(DIFFERENCE(MESSAGE(OF_CHAT), C(12) "," S(1), STATE(13)));
    expect_told("n c12 s1 + c14 c15 ");
    ck_assert_int_eq(updates_state(u).pts, 15);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_are_asked_for_until_the_last)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(SLICE("", C(20), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", C(30), STATE(30)));
    expect_asked(UPDATES_GET_DIFFERENCE, 30);
    answer(DIFFERENCE("", C(31), STATE(31)));
    expect_told("c20 c30 c31 + ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_that_do_not_go_on_are_given_up)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(SLICE("", S(1), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", S(2), STATE(20)));
    expect_told("s1 s2 !0 ");
    expect_asked(UPDATES_GET_STATE, 0);
    answer(STATE(40));
    expect_told("+ ");
    feed(IN(C(41)));
    expect_told("c41 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_slices_without_an_end_are_not_asked_for_in_a_loop)
{
    int64_t began = now;
    unsigned n;

    updates_doubt(u, now);
    for (n = 0; now == began; n++) {
        ck_assert_msg(n < 2000, "there is no end of it");
        ck_assert(updates_next(u, now, &need));
        answer(n % 2 ? SLICE("", "", STATE(20)) : SLICE("", "", STATE(30)));
        until_due();
    }
    ck_assert_msg(n >= 500, "who was away for long catches up at once");
    ck_assert_int_eq(now - began, SECOND_US);
    ck_assert(updates_next(u, now, &need));
    answer(SLICE("", "", STATE(40)));
    ck_assert_int_eq(until_due(), SECOND_US);
    ck_assert(updates_next(u, now, &need));
    answer(DIFFERENCE("", "", STATE(50)));
    updates_doubt(u, now);
    ck_assert(updates_next(u, now, &need));
    answer(SLICE("", "", STATE(60)));
    ck_assert_int_eq(until_due(), 0);
}
END_TEST

START_TEST(test_a_difference_that_is_too_long_is_a_gap)
{
    feed("{'_':'updatesTooLong'}");
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer("{'_':'updates.differenceTooLong','pts':900}");
    expect_told("!0 ");
    expect_asked(UPDATES_GET_DIFFERENCE, 900);
    answer(EMPTY);
    expect_told("+ ");
    ck_assert_int_eq(updates_state(u).pts, 900);
    expect_nothing_asked();
}
END_TEST

START_TEST(test_containers_come_in_the_order_of_seq)
{
    feed(SEQ(S(1), 8));
    feed(SEQ(S(3) "," S(4), 10));
    feed(SEQ(S(1), 8));
    expect_told("s1 ");
    feed(SEQ(S(2), 9));
    expect_told("s2 s3 s4 ");
    feed("{'_':'updatesCombined','updates':[" S(5) "],'users':[],'chats':[],'date':61,'seq_start':11,'seq':13}");
    feed(SEQ(S(6), 14));
    expect_told("s5 s6 ");
    ck_assert_int_eq(updates_state(u).seq, 14);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
    feed(SEQ(S(8) "," C(11), 16)); /* its pts is in order */
    expect_told("c11 ");
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 11);
    answer("{'_':'updates.difference','new_messages':[],'new_encrypted_messages':[],'other_updates':[" S(
        7) "],'chats':[],'users':[],'state':{'_':'updates.state','pts':11,'qts':5,'date':70,'seq':15,'unread_count':0}"
           "}");
    expect_told("s7 + s8 ");
    ck_assert_int_eq(updates_state(u).seq, 16);
}
END_TEST

START_TEST(test_steps_within_answers_count)
{
    feed("{'_':'messages.affectedMessages','pts':12,'pts_count':2}");
    feed("{'_':'updateShortSentMessage','id':1,'pts':13,'pts_count':1,'date':60}");
    feed("{'_':'updateShortMessage','id':3,'user_id':'1','message':'x','pts':14,'pts_count':1,'date':8}");
    expect_told("updateShortMessage ");
    feed(IN(C(15)));
    expect_told("c15 ");
    expect_nothing_asked();
    feed(IN(K(40)));
    feed_of("{'_':'messages.affectedHistory','pts':42,'pts_count':2,'offset':0}", 6001);
    feed(IN(K(43)));
    expect_told("k40 k43 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_has_a_sequence_of_its_own)
{
    feed(IN(K(40)));
    feed(IN(K(42)));
    feed(IN(C(11)));
    expect_told("k40 c11 ");
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    ck_assert_int_eq(need.channel_id, 6001);
    feed(IN(K(43) "," C(12)));
    answer(OF_THE_CHANNEL(false, 41, MESSAGE(OF_CHANNEL), ""));
    expect_told("c12 N ");
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 41);
    answer(OF_THE_CHANNEL(true, 42, "", K(42)));
    expect_told("k42 + k43 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_that_is_behind)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(40)));
    expect_nothing_asked();
    feed(IN(BEHIND(45)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    answer(CHANNEL_EMPTY(45));
    expect_told("k40 + ");
    feed(IN("{'_':'updateChannelTooLong','channel_id':'6001'}"));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 45);
    answer("{'_':'updates.channelDifferenceTooLong','final':true,'dialog':{'_':'dialog','peer':" OF_CHANNEL
           ",'top_message':5,'read_inbox_max_id':0,'read_outbox_max_id':0,'unread_count':0,'unread_mentions_count':0,"
           "'unread_reactions_count':0,'unread_poll_votes_count':0,'notify_settings':{'_':'peerNotifySettings'},"
           "'pts':77},'messages':[],'chats':[],'users':[]}");
    expect_told("!6001 + ");
    feed(IN(K(78)));
    expect_told("k78 ");
    feed(IN("{'_':'updateChannelTooLong','channel_id':'6002','pts':9}")); /* one that was not known */
    expect_told("!6002 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_the_common_difference_says_which_channels_are_behind)
{
    feed(IN(K(40)));
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(DIFFERENCE("", K(41) "," BEHIND(50), STATE(11)));
    expect_told("k40 k41 + ");
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 41);
}
END_TEST

START_TEST(test_a_channel_that_cannot_be_asked_for_is_forgotten)
{
    int64_t id;
    int32_t pts;

    feed(IN(K(40)));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 40);
    ck_assert(!updates_take_channel(u, &id, &pts));
    feed(IN(K(42)));
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 !6001 k42 "); /* what came is not lost */
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts));
    updates_untake(u); /* it was not kept */
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts));
    feed(IN(K(50)));
    expect_told("k50 ");
    expect_nothing_asked();
}
END_TEST

Suite *suite_engine(void)
{
    Suite *suite = suite_create("engine");
    TCase *t = tcase_create("engine");

    tcase_add_checked_fixture(t, engine_set_up, engine_tear_down);
    tcase_add_test(t, test_each_step_is_told_once);
    tcase_add_test(t, test_what_comes_too_early_waits_and_nothing_is_asked);
    tcase_add_test(t, test_a_gap_that_stays_is_asked_for_and_what_waited_comes_after_it);
    tcase_add_test(t, test_slices_are_asked_for_until_the_last);
    tcase_add_test(t, test_slices_that_do_not_go_on_are_given_up);
    tcase_add_test(t, test_slices_without_an_end_are_not_asked_for_in_a_loop);
    tcase_add_test(t, test_a_difference_that_is_too_long_is_a_gap);
    tcase_add_test(t, test_containers_come_in_the_order_of_seq);
    tcase_add_test(t, test_steps_within_answers_count);
    tcase_add_test(t, test_a_channel_has_a_sequence_of_its_own);
    tcase_add_test(t, test_a_channel_that_is_behind);
    tcase_add_test(t, test_the_common_difference_says_which_channels_are_behind);
    tcase_add_test(t, test_a_channel_that_cannot_be_asked_for_is_forgotten);
    suite_add_tcase(suite, t);
    return suite;
}
