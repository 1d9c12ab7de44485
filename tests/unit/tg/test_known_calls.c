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

#define PEOPLE(version, who)                                                                                           \
    "{'_':'updateGroupCallParticipants','call':{'_':'inputGroupCall','id':'1','access_hash':'10'},'version':" #version \
    ",'participants':[" who "]}"
#define WHO(flags) "{'_':'groupCallParticipant','peer':{'_':'peerUser','user_id':'5'},'date':1,'source':7" flags "}"
#define CAME WHO(",'just_joined':true,'versioned':true")
#define WENT WHO(",'left':true,'versioned':true")
#define MUTED WHO(",'muted':true,'versioned':true")
#define SPEAKS WHO(",'active_date':9")

static const struct {
    const char *updates[3];
    int count, version;
    bool stale;
} people[] = {
    {{PEOPLE(2, CAME), PEOPLE(3, CAME), PEOPLE(4, WENT)}, 1, 4, false},
    {{PEOPLE(2, CAME "," CAME "," MUTED), PEOPLE(3, MUTED)}, 2, 3, false},
    {{PEOPLE(2, CAME), PEOPLE(2, CAME)}, 1, 2, false},
    {{PEOPLE(1, SPEAKS), PEOPLE(7, SPEAKS)}, 0, 1, false},
    {{PEOPLE(2, WENT)}, 0, 2, false},
    {{PEOPLE(4, CAME)}, 1, 4, true},
    {{PEOPLE(3, CAME), PEOPLE(2, CAME)}, 1, 3, true},
};

/* The call has version 1 and nobody in it. */
START_TEST(test_who_comes_and_goes_is_counted_and_a_gap_is_seen)
{
    kb_learn(NULL, 0,
             "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':{'_':'groupCall','id':'1',"
             "'access_hash':'10','participants_count':0,'unmuted_video_limit':1,'version':1}}");
    for (size_t i = 0; i < 3 && people[_i].updates[i]; i++)
        kb_learn(NULL, 0, people[_i].updates[i]);
    const struct tg_call *call = kb_record(1);
    ck_assert_int_eq(call->participants_count, people[_i].count);
    ck_assert_int_eq(call->version, people[_i].version);
    ck_assert(call->stale == people[_i].stale);
    kb_learn("phone.getGroupCall", tg_known_mark(kb.k),
             "{'_':'phone.groupCall','call':{'_':'groupCall','id':'1','access_hash':'10','participants_count':9,"
             "'unmuted_video_limit':1,'version':4},'participants':[" CAME "],'participants_next_offset':'','chats':[],"
             "'users':[]}");
    ck_assert_int_eq(call->participants_count, 9);
    ck_assert(!call->stale);
}
END_TEST

START_TEST(test_people_of_a_call_that_is_unknown_or_over_are_nothing)
{
    kb_learn(NULL, 0, PEOPLE(2, CAME));
    ck_assert_ptr_null(kb_record(1));
    kb_runs(1);
    kb_ends(1);
    int version = kb_record(1)->version;
    kb_learn(NULL, 0, PEOPLE(99, CAME));
    ck_assert_int_eq(kb_record(1)->version, version);
    ck_assert(!kb_record(1)->stale);
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
    tcase_add_loop_test(t, test_who_comes_and_goes_is_counted_and_a_gap_is_seen, 0, sizeof(people) / sizeof(*people));
    tcase_add_test(t, test_people_of_a_call_that_is_unknown_or_over_are_nothing);
    suite_add_tcase(s, t);
    return s;
}
