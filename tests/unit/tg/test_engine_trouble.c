/* The update engine where the server does not answer, or anything; and what is bounded. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/unit/tg/engine_bed.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_trouble_is_asked_through_ever_more_slowly_and_comes_to_an_end)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(50)));
    int64_t last_us = 0;
    for (int i = 0; i < 5; i++) {
        int64_t waited_us = until_due();
        ck_assert(i == 0 || waited_us > last_us);
        last_us = waited_us;
        expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
        expect_told(i == 0 ? "k40 " : "");
        updates_refused(u, &need, UPDATES_TROUBLE, now);
    }
    expect_told("!6001 ");
    now += 3600 * SECOND_US;
    feed(IN(S(1)));
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_is_none_is_asked_for_anew)
{
    feed(IN(C(13)));
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_refused(u, &need, UPDATES_INVALID, now);
    expect_told("!0 c13 ");
    expect_asked(UPDATES_GET_STATE, 0);
    for (int i = 0; i < 10; i++) { /* without end, since there is no other way on */
        updates_refused(u, &need, UPDATES_TROUBLE, now);
        ck_assert_int_gt(until_due(), 0);
        expect_asked(UPDATES_GET_STATE, 0);
    }
    feed(IN(C(52)));
    answer(STATE(50));
    feed(IN(C(52)));
    feed(IN(C(53)));
    expect_told("c52 + c53 ");
}
END_TEST

START_TEST(test_a_gap_that_the_server_does_not_fill_is_given_up)
{
    feed(IN(C(20)));
    for (int i = 0; i < 3; i++) {
        expect_told("");
        (void)until_due();
        expect_asked(UPDATES_GET_DIFFERENCE, 10);
        answer(EMPTY);
        expect_told(i < 2 ? "+ " : "+ !0 c20 ");
    }
    ck_assert_int_eq(updates_state(u).pts, 20);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
    feed(IN(C(21)));
    expect_told("c21 ");
}
END_TEST

/* A gap that the server does not fill, until it is given up. */
static void ask_in_vain(void)
{
    for (int i = 0; i < 3; i++) {
        expect_told("");
        (void)until_due();
        expect_asked(UPDATES_GET_DIFFERENCE, 10);
        answer(EMPTY);
        if (i < 2)
            expect_told("+ ");
    }
}

START_TEST(test_what_waits_for_a_gap_that_is_given_up_is_told_once_and_in_order)
{
    feed(IN(C(22)));
    feed(IN(C(20)));
    feed(IN(C(22)));
    feed(SEQ(S(2), 9)); /* of 8 nothing comes */
    ask_in_vain();
    expect_told("+ !0 c20 c22 s2 ");
    ck_assert_int_eq(updates_state(u).pts, 22);
    ck_assert_int_eq(updates_state(u).seq, 9);
}
END_TEST

START_TEST(test_what_a_slice_brought_is_not_told_again_where_it_is_given_up)
{
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(15) "," C(21)));
    answer(SLICE("", C(15), STATE(20)));
    expect_asked(UPDATES_GET_DIFFERENCE, 20);
    answer(SLICE("", "", STATE(20)));
    expect_told("c15 c21 !0 ");
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

START_TEST(test_a_container_that_comes_twice_too_early_is_told_once)
{
    feed(SEQ(S(2) "," S(3), 9));
    feed(SEQ(S(2) "," S(3), 9));
    feed(SEQ(S(1), 8));
    expect_told("s1 s2 s3 ");
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(SEQ(S(4), 10));
    feed(SEQ(S(4), 10));
    answer("{'_':'updates.differenceEmpty','date':61,'seq':9}");
    expect_told("s4 ");
}
END_TEST

START_TEST(test_a_container_of_any_numbers)
{
    feed("{'_':'updatesCombined','updates':[" S(
        1) "],'users':[],'chats':[],'date':61,'seq_start':-2147483648,'seq':13}");
    feed(
        "{'_':'updatesCombined','updates':[" S(2) "],'users':[],'chats':[],'date':61,'seq_start':8,'seq':-2147483648}");
    expect_told(""); /* told before, both */
    ck_assert_int_eq(updates_state(u).seq, 7);
    now += UPDATES_GAP_US;
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_changes_while_it_is_asked_for)
{
    feed(IN(C(12)));
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(13)));
    feed(IN("{'_':'updatePtsChanged'}"));
    expect_nothing_asked();
    answer(DIFFERENCE("", C(11) "," C(12) "," C(13), STATE(13)));
    expect_told("c11 c12 c13 + ");
    expect_asked(UPDATES_GET_STATE, 0);
    answer(STATE(3));
    feed(IN(C(4)));
    expect_told("c4 ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_state_that_changes_leaves_a_gap)
{
    feed(IN(C(13)));
    feed(IN(C(12)));
    feed(IN("{'_':'updatePtsChanged'}"));
    expect_told("!0 c12 c13 ");
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

/* Of the channel, from pts 1000 on, until nothing more is held. */
static void fill_what_is_held(void)
{
    static char text[256];

    feed(IN(K(40)));
    for (int i = 0; i < LIMIT_HELD_UPDATES; i++) {
        snprintf(text, sizeof(text),
                 IN("{'_':'updateDeleteChannelMessages','channel_id':'6001','messages':[],'pts':%d,'pts_count':1}"),
                 1000 + i);
        feed(text);
    }
    expect_told("k40 ");
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
}

START_TEST(test_a_gap_of_which_nothing_can_be_held_is_asked_for)
{
    fill_what_is_held();
    feed(_i ? SEQ(S(9), 9) : IN(C(12)));
    feed(IN(S(1)));
    expect_told("s1 ");
    ck_assert_int_eq(until_due(), UPDATES_GAP_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(DIFFERENCE("", C(11) "," C(12), STATE(12)));
    expect_told("c11 c12 + ");
    expect_nothing_asked();
}
END_TEST

START_TEST(test_a_channel_whose_gap_closes_before_it_is_refused_has_missed_nothing)
{
    feed(IN(K(40)));
    feed(IN(K(42)));
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    feed(IN(K(41)));
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 k41 k42 ");
}
END_TEST

START_TEST(test_a_channel_that_is_behind_and_cannot_be_asked_for_has_missed_something)
{
    feed(IN(K(40)));
    feed(IN(BEHIND(45)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 40);
    updates_refused(u, &need, UPDATES_NOT_OURS, now);
    expect_told("k40 !6001 ");
}
END_TEST

START_TEST(test_what_cannot_be_read_is_asked_for_and_not_again_and_again)
{
    unsigned asked = 0;

    for (int i = 0; i < 300; i++, now += SECOND_US) {
        struct updates_need n;
        updates_unread(u, now);
        if (!updates_next(u, now, &n))
            continue;
        asked++;
        need = n;
        answer(EMPTY);
    }
    ck_assert_uint_ge(asked, 5);
    ck_assert_uint_le(asked, 11);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_refused(u, &need, UPDATES_UNREAD, now); /* the difference itself */
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    told[0] = '\0';
    updates_refused(u, &need, UPDATES_UNREAD, now);
    expect_told("!0 ");
    (void)until_due();
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

START_TEST(test_a_quarter_of_an_hour_of_silence_asks)
{
    now += 10 * 60 * SECOND_US;
    feed(IN(S(1)));
    ck_assert_int_eq(until_due(), UPDATES_QUIET_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    answer(EMPTY);
    expect_told("s1 + ");
    ck_assert_int_eq(until_due(), UPDATES_QUIET_US);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
}
END_TEST

START_TEST(test_the_state_of_an_earlier_process_is_gone_on_from)
{
    updates_free(u);
    ck_assert_int_eq(updates_new(shipped_layer(229), &ears, NULL, &u), 0);
    updates_restore(u, &(struct updates_state){.pts = 30, .qts = 5, .date = 40, .seq = 2});
    ck_assert_int_eq(updates_restore_channel(u, 6001, 60), 0);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 30);
    ck_assert_int_eq(need.qts, 5);
    ck_assert_int_eq(need.date, 40);
    answer(DIFFERENCE("", BEHIND(62), STATE(33)));
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 60);
    answer(OF_THE_CHANNEL(true, 62, MESSAGE(OF_CHANNEL), ""));
    expect_told("+ N + ");
}
END_TEST

START_TEST(test_what_is_held_is_bounded)
{
    static char text[256];

    for (int i = 0; i < 2 * LIMIT_HELD_UPDATES; i++) {
        snprintf(text, sizeof(text), IN("{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}"), 1000 - i);
        feed(text);
    }
    (void)until_due();
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    feed(IN(C(1001))); /* has no room */
    answer(DIFFERENCE("", C(1000), STATE(1000)));
    expect_told("c1000 + ");
    expect_asked(UPDATES_GET_DIFFERENCE, 1000); /* so it is asked for */
    answer(DIFFERENCE("", C(1001), STATE(1001)));
    expect_told("c1001 + ");
}
END_TEST

START_TEST(test_one_channel_more_than_are_followed_takes_the_place_of_the_quietest)
{
    int64_t id;
    int32_t pts;

    for (int i = 0; i < LIMIT_UPDATE_CHANNELS; i++)
        ck_assert_int_eq(updates_restore_channel(u, 10000 + i, 1), 0);
    while (updates_take_channel(u, &id, &pts))
        ck_assert_int_eq(pts, 1);
    feed(IN("{'_':'updateDeleteChannelMessages','channel_id':'10000','messages':[],'pts':2,'pts_count':1}"));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 10000 && pts == 2);
    ck_assert(!updates_has_let_go(u));
    changes = 0;
    feed(IN(K(40)));
    feed(IN(K(41)));
    expect_told("k2 k40 k41 ");
    ck_assert_uint_gt(changes, 0);
    ck_assert(updates_take_channel(u, &id, &pts) && id == 10001 && pts == 0);
    ck_assert(!updates_take_channel(u, &id, &pts)); /* no more than one */
    ck_assert(updates_has_let_go(u));
    feed(IN(K(42)));
    ck_assert(updates_take_channel(u, &id, &pts) && id == 6001 && pts == 42);
    feed(IN(K(44)));
    expect_told("k42 ");
    (void)until_due();
    expect_asked(UPDATES_GET_CHANNEL_DIFFERENCE, 42);
}
END_TEST

START_TEST(test_another_login_knows_nothing)
{
    feed(IN(K(40)));
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_DIFFERENCE, 10);
    updates_forget(u);
    told[0] = '\0';
    answer(DIFFERENCE("", C(1000), STATE(1000))); /* of the one before */
    expect_told("");
    ck_assert_int_eq(updates_state(u).pts, 0);
    updates_doubt(u, now);
    expect_asked(UPDATES_GET_STATE, 0);
}
END_TEST

/* Updates in any order, lost and doubled: each is told once, in order, in the end. */
START_TEST(test_any_disorder)
{
    enum { STEPS = 400 };
    unsigned seed = (unsigned)_i * 2654435761u + 1;
    char text[512];
    int sent = 10;

    while (sent < 10 + STEPS || updates_state(u).pts < sent) {
        seed = seed * 1664525 + 1013904223;
        int back = (int)(seed >> 16) % 6;
        if (sent < 10 + STEPS && seed >> 28 < 9)
            sent++;
        if (seed >> 28 < 13 && sent - back > 10) {
            snprintf(text, sizeof(text), IN("{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}"),
                     sent - back);
            feed(text);
        }
        now += SECOND_US / 10;
        if (sent == 10 + STEPS && updates_state(u).pts < sent && updates_due_us(u) == INT64_MAX)
            updates_doubt(u, now);
        if (!updates_next(u, now, &need))
            continue;
        char list[4096] = "";
        for (int pts = need.pts + 1; pts <= sent; pts++)
            snprintf(list + strlen(list), sizeof(list) - strlen(list),
                     "%s{'_':'updateDeleteMessages','messages':[],'pts':%d,'pts_count':1}", *list ? "," : "", pts);
        char all[8192];
        snprintf(all, sizeof(all),
                 DIFFERENCE("", "%s", "{'_':'updates.state','pts':%d,'qts':5,'date':50,'seq':7,'unread_count':0}"),
                 list, sent);
        answer(all);
    }
    int next = 11;
    for (const char *p = told; *p; p++) {
        if (*p != 'c')
            continue;
        ck_assert_int_eq(atoi(p + 1), next);
        next++;
    }
    ck_assert_int_eq(next, 11 + STEPS);
}
END_TEST

Suite *suite_engine_trouble(void)
{
    Suite *suite = suite_create("engine_trouble");
    TCase *t = tcase_create("engine_trouble");

    tcase_add_checked_fixture(t, engine_set_up, engine_tear_down);
    tcase_add_test(t, test_trouble_is_asked_through_ever_more_slowly_and_comes_to_an_end);
    tcase_add_test(t, test_a_state_that_is_none_is_asked_for_anew);
    tcase_add_test(t, test_a_gap_that_the_server_does_not_fill_is_given_up);
    tcase_add_test(t, test_what_waits_for_a_gap_that_is_given_up_is_told_once_and_in_order);
    tcase_add_test(t, test_what_a_slice_brought_is_not_told_again_where_it_is_given_up);
    tcase_add_test(t, test_a_container_that_comes_twice_too_early_is_told_once);
    tcase_add_test(t, test_a_container_of_any_numbers);
    tcase_add_test(t, test_a_state_that_changes_while_it_is_asked_for);
    tcase_add_test(t, test_a_state_that_changes_leaves_a_gap);
    tcase_add_loop_test(t, test_a_gap_of_which_nothing_can_be_held_is_asked_for, 0, 2);
    tcase_add_test(t, test_a_channel_whose_gap_closes_before_it_is_refused_has_missed_nothing);
    tcase_add_test(t, test_a_channel_that_is_behind_and_cannot_be_asked_for_has_missed_something);
    tcase_add_test(t, test_what_cannot_be_read_is_asked_for_and_not_again_and_again);
    tcase_add_test(t, test_a_quarter_of_an_hour_of_silence_asks);
    tcase_add_test(t, test_the_state_of_an_earlier_process_is_gone_on_from);
    tcase_add_test(t, test_what_is_held_is_bounded);
    tcase_add_test(t, test_one_channel_more_than_are_followed_takes_the_place_of_the_quietest);
    tcase_add_test(t, test_another_login_knows_nothing);
    tcase_add_loop_test(t, test_any_disorder, 0, 30);
    suite_add_tcase(suite, t);
    return suite;
}
