/* Which call a chat has: what is evidence of it, and of whose call one is. */
#include <stdio.h>

#include "daemon/base/limits.h"
#include "tests/unit/tg/known_bed.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

START_TEST(test_a_chat_nobody_told_of_is_unknown)
{
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_runs(1);
    ck_assert_int_eq(kb_chat(), 1);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 6001, NULL), TG_CHAT_UNKNOWN);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHANNEL, 6002, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_a_call_that_ends_leaves_the_chat_empty_for_a_minute)
{
    kb_runs(1);
    kb_ends(1);
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    fake_clock_pass(&kb.clock, TG_KNOWN_EMPTY_US - 1);
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    fake_clock_pass(&kb.clock, 1);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
}
END_TEST

START_TEST(test_the_full_chat_shows_another_call_or_none)
{
    kb_runs(1);
    kb_shows(1, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_chat(), 1);
    kb_shows(2, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN); /* it is there, but nothing is known of it */
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    kb_runs(2);
    ck_assert_int_eq(kb_chat(), 2);
    kb_shows(0, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    ck_assert_int_eq(kb_record(2)->state, TG_CALL_DISCARDED);
    kb_shows(2, tg_known_mark(kb.k)); /* asked later: it does run */
    ck_assert_int_eq(kb_record(2)->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_runs(2);
    ck_assert_int_eq(kb_chat(), 2);
}
END_TEST

START_TEST(test_more_chats_than_fit_take_their_proof_along)
{
    kb_runs(1);
    for (int64_t i = 1; i <= LIMIT_CHATS; i++)
        ck_assert_int_eq(known_chat_shows(kb.k, PEER_CHAT, i, 0, tg_known_mark(kb.k)), 0);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert(kb_record(1)->stale);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 1, NULL), TG_CHAT_EMPTY);
    ck_assert_int_eq(known_chat_shows(kb.k, PEER_CHAT, LIMIT_CHATS + 1, 0, tg_known_mark(kb.k)), 0);
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 1, NULL), TG_CHAT_EMPTY); /* it was looked for: now the youngest */
    ck_assert_int_eq(tg_known_chat(kb.k, PEER_CHAT, 2, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_a_chats_object_contradicts_what_is_known)
{
    kb_runs(1);
    kb_ends(1);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,'min':true,")));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,")));
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    kb_runs(2);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,")));
    ck_assert_int_eq(kb_chat(), 2);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    ck_assert(kb_record(2)->stale && kb_record(2)->state == TG_CALL_ACTIVE);
}
END_TEST

START_TEST(test_a_scheduled_call_may_not_count_as_active)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHANNEL, 6001);

    s.schedule_date = 9;
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    kb_learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(kb_chat(), 1);
}
END_TEST

#define STARTS(more) "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':" CALL(more) "}"
#define ENDS                                                                                                           \
    "{'_':'updateGroupCall','peer':{'_':'peerChannel','channel_id':'6001'},'call':{'_':'groupCallDiscarded',"          \
    "'id':'11','access_hash':'-12','duration':60}}"
#define WAS_ACTIVE CHANNEL("'id':'6001','access_hash':'77','call_active':true,")
#define WAS_NOT CHANNEL("'id':'6001','access_hash':'77',")

START_TEST(test_what_the_same_bytes_tell_of_the_call_itself_counts_for_more)
{
    kb_learn(NULL, 0, UPDATES(STARTS(""), "", WAS_NOT));
    ck_assert_int_eq(kb_chat(), 11);
    kb_learn(NULL, 0, UPDATES(ENDS ",{'_':'updateChannel','channel_id':'6001'}", "", WAS_ACTIVE));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    kb_learn(NULL, 0, UPDATES("{'_':'updateChannel','channel_id':'6001'}", "", ""));
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
}
END_TEST

START_TEST(test_a_group_that_became_a_channel_is_reached_as_that_by_what_was_told)
{
    static const char *const told_by[] = {
        UPDATES("", "", GROUP("'migrated_to':{'_':'inputChannel','channel_id':'6001','access_hash':'66'},")),
        UPDATES("", "",
                GROUP("'migrated_to':{'_':'inputChannel','channel_id':'6001','access_hash':'66'},") "," WAS_NOT),
    };

    kb_learn(NULL, 0, told_by[_i]);
    const struct tg_peer *p = tg_peers_find(tg_known_peers(kb.k), PEER_CHAT, 5001);
    ck_assert_int_eq(p->kind, PEER_CHANNEL);
    ck_assert_int_eq(p->id, 6001);
    ck_assert_int_eq(p->access_hash, _i ? 77 : 66);
    /* The channel's own object tells its true hash. */
    kb_learn(NULL, 0, UPDATES("", "", WAS_NOT));
    ck_assert_int_eq(tg_peers_find(tg_known_peers(kb.k), PEER_CHAT, 5001)->access_hash, 77);
    kb_learn(NULL, 0, told_by[0]);
    ck_assert_int_eq(tg_peers_find(tg_known_peers(kb.k), PEER_CHAT, 5001)->access_hash, 77);
}
END_TEST

START_TEST(test_a_channel_says_which_group_it_was)
{
    kb_learn(NULL, 0, UPDATES("", "", WAS_NOT));
    kb_learn("channels.getFullChannel", tg_known_mark(kb.k),
             FULL_CHANNEL("'migrated_from_chat_id':'5001','migrated_from_max_id':1,"));
    ck_assert_int_eq(tg_peers_find(tg_known_peers(kb.k), PEER_CHAT, 5001)->kind, PEER_CHANNEL);
}
END_TEST

/* A channel and a group of one id; an old layer's update says only the id. */
START_TEST(test_an_id_without_its_kind_is_settled_by_the_chats_beside_it_alone)
{
    static const struct {
        const char *chats;
        bool has_peer;
        enum peer_kind kind;
    } cases[] = {
        {"", false, PEER_USER},
        {CHANNEL("'id':'5001','access_hash':'77',"), true, PEER_CHANNEL},
        {GROUP(""), true, PEER_CHAT},
        {GROUP("") "," CHANNEL("'id':'5001','access_hash':'77',"), false, PEER_USER},
    };
    struct tg_learnt learnt;
    struct buf bytes;
    char text[2048];

    tg_known_free(kb.k);
    ck_assert_int_eq(tg_known_new(shipped_layer(138), &kb.clock.source, &kb_listener, NULL, &kb.k), 0);
    struct tg_peer known = channel(5001, 77);
    ck_assert_int_eq(tg_peers_put(tg_known_peers(kb.k), &known, false), 0);
    ck_assert_int_eq(known_chat_shows(kb.k, PEER_CHANNEL, 5001, 0, KNOWN_NOW), 0);
    snprintf(text, sizeof(text), UPDATES("{'_':'updateGroupCall','chat_id':'5001','call':%s}", "", "%s"), CALL(""),
             cases[_i].chats);
    bytes_of(138, text, &bytes);
    ck_assert_int_eq(tg_known_learn(kb.k, NULL, 0, bytes.data, bytes.len, &learnt, NULL), 0);
    buf_fini(&bytes);
    ck_assert_int_eq(learnt.call_id, 11);
    ck_assert_int_eq(kb_record(11)->has_peer, cases[_i].has_peer);
    if (cases[_i].has_peer)
        ck_assert_int_eq(kb_record(11)->peer_kind, cases[_i].kind);
    /* Where it may be the channel's, that it has none is not known any more. */
    enum tg_chat_state state = tg_known_chat(kb.k, PEER_CHANNEL, 5001, NULL);
    ck_assert_int_eq(state, !cases[_i].has_peer              ? TG_CHAT_UNKNOWN
                            : cases[_i].kind == PEER_CHANNEL ? TG_CHAT_CALL
                                                             : TG_CHAT_EMPTY);
}
END_TEST

Suite *suite_known_chats(void)
{
    Suite *s = suite_create("known_chats");
    TCase *t = tcase_create("known_chats");

    tcase_add_checked_fixture(t, kb_set_up, kb_tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_chat_nobody_told_of_is_unknown);
    tcase_add_test(t, test_a_call_that_ends_leaves_the_chat_empty_for_a_minute);
    tcase_add_test(t, test_the_full_chat_shows_another_call_or_none);
    tcase_add_test(t, test_more_chats_than_fit_take_their_proof_along);
    tcase_add_test(t, test_a_chats_object_contradicts_what_is_known);
    tcase_add_test(t, test_a_scheduled_call_may_not_count_as_active);
    tcase_add_test(t, test_what_the_same_bytes_tell_of_the_call_itself_counts_for_more);
    tcase_add_loop_test(t, test_a_group_that_became_a_channel_is_reached_as_that_by_what_was_told, 0, 2);
    tcase_add_test(t, test_a_channel_says_which_group_it_was);
    tcase_add_loop_test(t, test_an_id_without_its_kind_is_settled_by_the_chats_beside_it_alone, 0, 4);
    suite_add_tcase(s, t);
    return s;
}
