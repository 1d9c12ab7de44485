/* Calls by their chats: one runs in each, the others have ended; and who hears of it. */
#include "daemon/base/limits.h"
#include "tests/unit/tg/known_bed.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_a_new_call_ends_the_chats_older_one)
{
    kb_runs(1);
    fake_clock_pass(&kb.clock, 7 * SECOND_US);
    kb_runs(2);
    ck_assert_int_eq(kb_chat(), 2);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(kb_record(1)->ended_at, kb_record(1)->created_at + 7);
    kb_ends(1); /* the old one's end does not end the chat's, but says how long it was */
    ck_assert_int_eq(kb_chat(), 2);
    ck_assert_int_eq(kb_record(1)->duration, 42);
    struct tg_call_seen late = kb_seen_in(1, PEER_CHANNEL, 6001);
    late.version = 9;
    ck_assert_int_eq(tg_known_see_call(kb.k, &late), 0);
    ck_assert_int_eq(kb_chat(), 2);
    kb_ends(2);
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
}
END_TEST

START_TEST(test_two_thousand_replaced_calls_leave_one_that_is_active)
{
    unsigned active = 0;

    for (int64_t i = 1; i <= 2100; i++)
        kb_runs(i);
    for (struct tg_call *call = NULL; (call = tg_calls_next(tg_known_calls(kb.k), call)) != NULL;)
        active += call->state == TG_CALL_ACTIVE;
    ck_assert_uint_eq(active, 1);
    ck_assert_int_eq(kb_chat(), 2100);
    ck_assert_uint_eq(tg_calls_count(tg_known_calls(kb.k)), LIMIT_CALLS);
    ck_assert_uint_eq(kb.told[TG_MADE], 2100);
    ck_assert_uint_eq(kb.told[TG_FORGOTTEN], 2100 - LIMIT_CALLS);
}
END_TEST

START_TEST(test_who_asked_by_the_chat_knows_whose_call_it_is)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHANNEL, 6001);

    s.has_peer = false;
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    struct tg_call *call = tg_calls_find(tg_known_calls(kb.k), 1);
    ck_assert_int_eq(tg_known_call_is_of(kb.k, call, PEER_CHANNEL, 6001, tg_known_mark(kb.k)), 0);
    ck_assert_int_eq(kb_chat(), 1);
    ck_assert_int_eq(tg_known_call_is_of(kb.k, call, PEER_CHANNEL, 6002, tg_known_mark(kb.k)),
                     0); /* what is known stands */
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHANNEL, 6002, NULL), TG_CHAT_UNKNOWN);
    tg_known_call_is_ours(kb.k, call);
    ck_assert(call->created_here);
    ck_assert_uint_eq(kb.told[TG_OURS], 1);
}
END_TEST

START_TEST(test_a_call_goes_along_when_its_group_becomes_a_channel)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHAT, 501);

    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 501, NULL), TG_CHAT_CALL);
    kb_runs(1);
    ck_assert_int_eq(kb_chat(), 1);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 501, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_another_user_knows_nothing)
{
    kb_runs(1);
    tg_known_clear(kb.k);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert_ptr_null(kb_record(1));
    ck_assert_uint_eq(kb.told[TG_FORGOTTEN], 1);
}
END_TEST

START_TEST(test_changes_are_told_once)
{
    kb_runs(1);
    ck_assert_uint_eq(kb.told[TG_MADE], 1);
    ck_assert_uint_eq(kb.chats_told, 1);
    kb_runs(1);
    ck_assert_uint_eq(kb.chats_told, 1);
    kb_ends(1);
    kb_ends(1);
    ck_assert_uint_eq(kb.told[TG_MADE], 1);
    ck_assert_uint_eq(kb.told[TG_CHANGED], 2);
    ck_assert_uint_eq(kb.chats_told, 2);
}
END_TEST

Suite *suite_known_calls(void)
{
    Suite *s = suite_create("known_calls");
    TCase *t = tcase_create("known_calls");

    tcase_add_checked_fixture(t, kb_set_up, kb_tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_new_call_ends_the_chats_older_one);
    tcase_add_test(t, test_two_thousand_replaced_calls_leave_one_that_is_active);
    tcase_add_test(t, test_who_asked_by_the_chat_knows_whose_call_it_is);
    tcase_add_test(t, test_a_call_goes_along_when_its_group_becomes_a_channel);
    tcase_add_test(t, test_another_user_knows_nothing);
    tcase_add_test(t, test_changes_are_told_once);
    suite_add_tcase(s, t);
    return s;
}
