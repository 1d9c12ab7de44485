/* Which call a chat has: what is evidence, what is left of two words that contradict each other, and how long it is
 * believed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/known_internal.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

static struct fake_clock clock;
static struct tg_known *k;
static unsigned told[4], chats_told;

static void on_call(void *ctx, struct tg_account *account, const struct tg_call *call, enum tg_change change)
{
    (void)ctx;
    (void)account;
    (void)call;
    told[change]++;
}

static void on_chat(void *ctx, struct tg_account *account, enum peer_kind kind, int64_t id)
{
    (void)ctx;
    (void)account;
    (void)kind;
    (void)id;
    chats_told++;
}

static const struct tg_listener listener = {.call_changed = on_call, .chat_changed = on_chat};

static void set_up(void)
{
    fake_clock_init(&clock);
    memset(told, 0, sizeof(told));
    chats_told = 0;
    ck_assert_int_eq(tg_known_new(layer(229), &clock.source, &listener, NULL, &k), 0);
}

static void tear_down(void)
{
    tg_known_free(k);
}

/* The answer to METHOD, or (NULL) an update. */
static void learn(const char *method, uint64_t mark, const char *text)
{
    struct tg_learnt learnt;
    struct fault fault = {0};
    struct buf bytes;

    bytes_of(229, text, &bytes);
    int err = tg_known_learn(k, method ? tl_find_method(layer(229), method) : NULL, mark, bytes.data, bytes.len,
                             &learnt, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    buf_fini(&bytes);
}

static struct tg_call_seen seen_in(int64_t id, enum peer_kind kind, int64_t chat)
{
    return (struct tg_call_seen){.id = id,
                                 .access_hash = id * 10,
                                 .from_update = true,
                                 .has_peer = true,
                                 .peer_kind = kind,
                                 .peer_id = chat,
                                 .version = 1,
                                 .duration = -1};
}

static void runs(int64_t id)
{
    struct tg_call_seen s = seen_in(id, PEER_CHANNEL, 6001);

    ck_assert_int_eq(tg_known_see_call(k, &s), 0);
}

static void ends(int64_t id)
{
    struct tg_call_seen s = seen_in(id, PEER_CHANNEL, 6001);

    s.discarded = true;
    s.duration = 42;
    ck_assert_int_eq(tg_known_see_call(k, &s), 0);
}

static void shows(int64_t id, uint64_t mark)
{
    char text[1024];

    snprintf(text, sizeof(text), FULL_CHANNEL("'call':{'_':'inputGroupCall','id':'%" PRId64 "','access_hash':'1'},"),
             id);
    learn("channels.getFullChannel", mark, id ? text : FULL_CHANNEL(""));
}

enum { EMPTY = 0, UNKNOWN = -1 };

/* Of channel 6001: the id of its call, EMPTY or UNKNOWN. */
static int64_t chat(void)
{
    struct tg_call *call = NULL;

    switch (tg_known_chat(k, PEER_CHANNEL, 6001, &call)) {
    case TG_CHAT_CALL:
        return call->id;
    case TG_CHAT_EMPTY:
        return EMPTY;
    default:
        return UNKNOWN;
    }
}

static const struct tg_call *record(int64_t id)
{
    return tg_calls_find(tg_known_calls(k), id);
}

START_TEST(test_a_chat_nobody_told_of_is_unknown)
{
    ck_assert_int_eq(chat(), UNKNOWN);
    runs(1);
    ck_assert_int_eq(chat(), 1);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 6001, NULL), TG_CHAT_UNKNOWN);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHANNEL, 6002, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_a_call_that_ends_leaves_the_chat_empty_for_a_minute)
{
    runs(1);
    ends(1);
    ck_assert_int_eq(chat(), EMPTY);
    fake_clock_pass(&clock, TG_KNOWN_EMPTY_US - 1);
    ck_assert_int_eq(chat(), EMPTY);
    fake_clock_pass(&clock, 1);
    ck_assert_int_eq(chat(), UNKNOWN);
}
END_TEST

START_TEST(test_a_lost_link_leaves_nothing_sure)
{
    runs(1);
    ends(1);
    tg_known_link_lost(k);
    ck_assert_int_eq(chat(), UNKNOWN);
    runs(2);
    tg_known_link_lost(k);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert(record(2)->stale);
    runs(2);
    ck_assert_int_eq(chat(), 2);
}
END_TEST

START_TEST(test_a_new_call_ends_the_chats_older_one)
{
    runs(1);
    fake_clock_pass(&clock, 7 * SECOND_US);
    runs(2);
    ck_assert_int_eq(chat(), 2);
    ck_assert_int_eq(record(1)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(record(1)->ended_at, record(1)->created_at + 7);
    ends(1); /* the old one's end does not end the chat's, but says how long it was */
    ck_assert_int_eq(chat(), 2);
    ck_assert_int_eq(record(1)->duration, 42);
    struct tg_call_seen late = seen_in(1, PEER_CHANNEL, 6001);
    late.version = 9;
    ck_assert_int_eq(tg_known_see_call(k, &late), 0);
    ck_assert_int_eq(chat(), 2);
    ends(2);
    ck_assert_int_eq(chat(), EMPTY);
}
END_TEST

START_TEST(test_two_thousand_replaced_calls_leave_one_that_is_active)
{
    unsigned active = 0;

    for (int64_t i = 1; i <= 2100; i++)
        runs(i);
    for (struct tg_call *call = NULL; (call = tg_calls_next(tg_known_calls(k), call)) != NULL;)
        active += call->state == TG_CALL_ACTIVE;
    ck_assert_uint_eq(active, 1);
    ck_assert_int_eq(chat(), 2100);
    ck_assert_uint_eq(tg_calls_count(tg_known_calls(k)), LIMIT_CALLS);
    ck_assert_uint_eq(told[TG_MADE], 2100);
    ck_assert_uint_eq(told[TG_FORGOTTEN], 2100 - LIMIT_CALLS);
}
END_TEST

START_TEST(test_the_full_chat_shows_another_call_or_none)
{
    runs(1);
    shows(1, tg_known_mark(k));
    ck_assert_int_eq(chat(), 1);
    shows(2, tg_known_mark(k));
    ck_assert_int_eq(chat(), UNKNOWN); /* it is there, but nothing is known of it */
    ck_assert_int_eq(record(1)->state, TG_CALL_DISCARDED);
    runs(2);
    ck_assert_int_eq(chat(), 2);
    shows(0, tg_known_mark(k));
    ck_assert_int_eq(chat(), EMPTY);
    ck_assert_int_eq(record(2)->state, TG_CALL_DISCARDED);
    shows(2, tg_known_mark(k)); /* asked later: it does run */
    ck_assert_int_eq(record(2)->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(chat(), UNKNOWN);
    runs(2);
    ck_assert_int_eq(chat(), 2);
}
END_TEST

START_TEST(test_an_answer_that_may_be_older_than_what_is_known_only_raises_doubt)
{
    uint64_t before = tg_known_mark(k);

    runs(1);
    shows(0, before);
    ck_assert_int_eq(record(1)->state, TG_CALL_ACTIVE);
    ck_assert(record(1)->stale);
    ck_assert_int_eq(chat(), UNKNOWN);
    runs(1);
    shows(1, before); /* no contradiction */
    ck_assert_int_eq(chat(), 1);
    before = tg_known_mark(k);
    runs(2);
    shows(1, before);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert_int_eq(record(2)->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(record(1)->state, TG_CALL_DISCARDED);
    runs(2);
    before = tg_known_mark(k);
    ends(2);
    shows(2, before);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert_int_eq(record(2)->state, TG_CALL_DISCARDED);
}
END_TEST

START_TEST(test_the_end_of_a_call_that_was_not_sure_to_be_the_chats_does_not_empty_it)
{
    runs(1);
    tg_known_missed(k);
    ends(1); /* perhaps because another began */
    ck_assert_int_eq(chat(), UNKNOWN);
}
END_TEST

START_TEST(test_what_was_sent_and_not_answered_unsettles_its_chat_or_its_call)
{
    runs(1);
    tg_known_unsettle_chat(k, PEER_CHANNEL, 6001);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert(record(1)->stale);
    runs(1);
    ck_assert_int_eq(chat(), 1);
    tg_known_unsettle_call(k, 1);
    ck_assert_int_eq(chat(), UNKNOWN);
    ends(1);
    shows(0, tg_known_mark(k));
    tg_known_unsettle_chat(k, PEER_CHANNEL, 6001);
    ck_assert_int_eq(chat(), UNKNOWN);
    tg_known_unsettle_chat(k, PEER_CHANNEL, 6002);
    tg_known_unsettle_call(k, 99);
}
END_TEST

START_TEST(test_an_unsettled_chat_still_ends_its_older_call)
{
    runs(1);
    tg_known_unsettle_chat(k, PEER_CHANNEL, 6001);
    runs(2);
    ck_assert_int_eq(record(1)->state, TG_CALL_DISCARDED);
    tg_known_unsettle_chat(k, PEER_CHANNEL, 6001);
    shows(0, tg_known_mark(k));
    ck_assert_int_eq(record(2)->state, TG_CALL_DISCARDED);
    ck_assert_int_eq(chat(), EMPTY);
}
END_TEST

START_TEST(test_who_asked_by_the_chat_knows_whose_call_it_is)
{
    struct tg_call_seen s = seen_in(1, PEER_CHANNEL, 6001);

    s.has_peer = false;
    ck_assert_int_eq(tg_known_see_call(k, &s), 0);
    ck_assert_int_eq(chat(), UNKNOWN);
    struct tg_call *call = tg_calls_find(tg_known_calls(k), 1);
    ck_assert_int_eq(tg_known_call_is_of(k, call, PEER_CHANNEL, 6001, tg_known_mark(k)), 0);
    ck_assert_int_eq(chat(), 1);
    ck_assert_int_eq(tg_known_call_is_of(k, call, PEER_CHANNEL, 6002, tg_known_mark(k)), 0); /* what is known stands */
    ck_assert_int_eq(tg_known_chat(k, PEER_CHANNEL, 6002, NULL), TG_CHAT_UNKNOWN);
    tg_known_call_is_ours(k, call);
    ck_assert(call->created_here);
    ck_assert_uint_eq(told[TG_OURS], 1);
}
END_TEST

START_TEST(test_a_call_goes_along_when_its_group_becomes_a_channel)
{
    struct tg_call_seen s = seen_in(1, PEER_CHAT, 501);

    ck_assert_int_eq(tg_known_see_call(k, &s), 0);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 501, NULL), TG_CHAT_CALL);
    runs(1);
    ck_assert_int_eq(chat(), 1);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 501, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_updates_keep_it_true_for_a_quarter_of_an_hour_each)
{
    runs(1);
    fake_clock_pass(&clock, TG_KNOWN_QUIET_US - 1);
    tg_known_heard(k);
    fake_clock_pass(&clock, TG_KNOWN_QUIET_US - 1);
    ck_assert_int_eq(chat(), 1);
    fake_clock_pass(&clock, 1);
    ck_assert_int_eq(chat(), UNKNOWN);
    /* An update now says nothing of what was missed before. */
    tg_known_heard(k);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert(record(1)->stale);
    runs(1);
    ck_assert_int_eq(chat(), 1);
}
END_TEST

START_TEST(test_the_wall_clock_may_jump)
{
    runs(1);
    ends(1);
    clock.wall_us += 86400 * SECOND_US;
    ck_assert_int_eq(chat(), EMPTY);
    runs(2);
    clock.wall_us -= 2 * 86400 * SECOND_US;
    ck_assert_int_eq(chat(), 2);
}
END_TEST

START_TEST(test_more_chats_than_fit_take_their_proof_along)
{
    runs(1);
    for (int64_t i = 1; i <= LIMIT_CHATS; i++)
        ck_assert_int_eq(known_chat_shows(k, PEER_CHAT, i, 0, tg_known_mark(k)), 0);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert(record(1)->stale);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 1, NULL), TG_CHAT_EMPTY);
    ck_assert_int_eq(known_chat_shows(k, PEER_CHAT, LIMIT_CHATS + 1, 0, tg_known_mark(k)), 0);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 1, NULL), TG_CHAT_EMPTY); /* it was looked for: now the youngest */
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 2, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

START_TEST(test_another_user_knows_nothing)
{
    runs(1);
    tg_known_clear(k);
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert_ptr_null(record(1));
    ck_assert_uint_eq(told[TG_FORGOTTEN], 1);
}
END_TEST

START_TEST(test_a_chats_object_contradicts_what_is_known)
{
    runs(1);
    ends(1);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,'min':true,")));
    ck_assert_int_eq(chat(), EMPTY);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(chat(), EMPTY);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,")));
    ck_assert_int_eq(chat(), UNKNOWN);
    runs(2);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77','call_active':true,")));
    ck_assert_int_eq(chat(), 2);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(chat(), UNKNOWN);
    ck_assert(record(2)->stale && record(2)->state == TG_CALL_ACTIVE);
}
END_TEST

START_TEST(test_a_scheduled_call_may_not_count_as_active)
{
    struct tg_call_seen s = seen_in(1, PEER_CHANNEL, 6001);

    s.schedule_date = 9;
    ck_assert_int_eq(tg_known_see_call(k, &s), 0);
    learn(NULL, 0, UPDATES("", "", CHANNEL("'id':'6001','access_hash':'77',")));
    ck_assert_int_eq(chat(), 1);
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
    learn(NULL, 0, UPDATES(STARTS(""), "", WAS_NOT));
    ck_assert_int_eq(chat(), 11);
    learn(NULL, 0, UPDATES(ENDS ",{'_':'updateChannel','channel_id':'6001'}", "", WAS_ACTIVE));
    ck_assert_int_eq(chat(), EMPTY);
    learn(NULL, 0, UPDATES("{'_':'updateChannel','channel_id':'6001'}", "", ""));
    ck_assert_int_eq(chat(), UNKNOWN);
}
END_TEST

START_TEST(test_a_group_that_became_a_channel_is_reached_as_that_by_what_was_told)
{
    static const char *const told_by[] = {
        UPDATES("", "", GROUP("'migrated_to':{'_':'inputChannel','channel_id':'6001','access_hash':'66'},")),
        UPDATES("", "",
                GROUP("'migrated_to':{'_':'inputChannel','channel_id':'6001','access_hash':'66'},") "," WAS_NOT),
    };

    learn(NULL, 0, told_by[_i]);
    const struct tg_peer *p = tg_peers_find(tg_known_peers(k), PEER_CHAT, 5001);
    ck_assert_int_eq(p->kind, PEER_CHANNEL);
    ck_assert_int_eq(p->id, 6001);
    ck_assert_int_eq(p->access_hash, _i ? 77 : 66);
    /* The channel's own object tells its true hash. */
    learn(NULL, 0, UPDATES("", "", WAS_NOT));
    ck_assert_int_eq(tg_peers_find(tg_known_peers(k), PEER_CHAT, 5001)->access_hash, 77);
    learn(NULL, 0, told_by[0]);
    ck_assert_int_eq(tg_peers_find(tg_known_peers(k), PEER_CHAT, 5001)->access_hash, 77);
}
END_TEST

START_TEST(test_a_channel_says_which_group_it_was)
{
    learn(NULL, 0, UPDATES("", "", WAS_NOT));
    learn("channels.getFullChannel", tg_known_mark(k),
          FULL_CHANNEL("'migrated_from_chat_id':'5001','migrated_from_max_id':1,"));
    ck_assert_int_eq(tg_peers_find(tg_known_peers(k), PEER_CHAT, 5001)->kind, PEER_CHANNEL);
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

    tg_known_free(k);
    ck_assert_int_eq(tg_known_new(layer(138), &clock.source, &listener, NULL, &k), 0);
    struct tg_peer known = channel(5001, 77);
    ck_assert_int_eq(tg_peers_put(tg_known_peers(k), &known, false), 0);
    ck_assert_int_eq(known_chat_shows(k, PEER_CHANNEL, 5001, 0, KNOWN_NOW), 0);
    snprintf(text, sizeof(text), UPDATES("{'_':'updateGroupCall','chat_id':'5001','call':%s}", "", "%s"), CALL(""),
             cases[_i].chats);
    bytes_of(138, text, &bytes);
    ck_assert_int_eq(tg_known_learn(k, NULL, 0, bytes.data, bytes.len, &learnt, NULL), 0);
    buf_fini(&bytes);
    ck_assert_int_eq(learnt.call_id, 11);
    ck_assert_int_eq(record(11)->has_peer, cases[_i].has_peer);
    if (cases[_i].has_peer)
        ck_assert_int_eq(record(11)->peer_kind, cases[_i].kind);
    /* Where it may be the channel's, that it has none is not known any more. */
    enum tg_chat_state state = tg_known_chat(k, PEER_CHANNEL, 5001, NULL);
    ck_assert_int_eq(state, !cases[_i].has_peer              ? TG_CHAT_UNKNOWN
                            : cases[_i].kind == PEER_CHANNEL ? TG_CHAT_CALL
                                                             : TG_CHAT_EMPTY);
}
END_TEST

START_TEST(test_changes_are_told_once)
{
    runs(1);
    ck_assert_uint_eq(told[TG_MADE], 1);
    ck_assert_uint_eq(chats_told, 1);
    runs(1);
    ck_assert_uint_eq(chats_told, 1);
    ends(1);
    ends(1);
    ck_assert_uint_eq(told[TG_MADE], 1);
    ck_assert_uint_eq(told[TG_CHANGED], 2);
    ck_assert_uint_eq(chats_told, 2);
}
END_TEST

Suite *suite_known(void)
{
    Suite *s = suite_create("known");
    TCase *t = tcase_create("known");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_a_chat_nobody_told_of_is_unknown);
    tcase_add_test(t, test_a_call_that_ends_leaves_the_chat_empty_for_a_minute);
    tcase_add_test(t, test_a_lost_link_leaves_nothing_sure);
    tcase_add_test(t, test_a_new_call_ends_the_chats_older_one);
    tcase_add_test(t, test_two_thousand_replaced_calls_leave_one_that_is_active);
    tcase_add_test(t, test_the_full_chat_shows_another_call_or_none);
    tcase_add_test(t, test_an_answer_that_may_be_older_than_what_is_known_only_raises_doubt);
    tcase_add_test(t, test_the_end_of_a_call_that_was_not_sure_to_be_the_chats_does_not_empty_it);
    tcase_add_test(t, test_what_was_sent_and_not_answered_unsettles_its_chat_or_its_call);
    tcase_add_test(t, test_an_unsettled_chat_still_ends_its_older_call);
    tcase_add_test(t, test_who_asked_by_the_chat_knows_whose_call_it_is);
    tcase_add_test(t, test_a_call_goes_along_when_its_group_becomes_a_channel);
    tcase_add_test(t, test_updates_keep_it_true_for_a_quarter_of_an_hour_each);
    tcase_add_test(t, test_the_wall_clock_may_jump);
    tcase_add_test(t, test_more_chats_than_fit_take_their_proof_along);
    tcase_add_test(t, test_another_user_knows_nothing);
    tcase_add_test(t, test_a_chats_object_contradicts_what_is_known);
    tcase_add_test(t, test_a_scheduled_call_may_not_count_as_active);
    tcase_add_test(t, test_what_the_same_bytes_tell_of_the_call_itself_counts_for_more);
    tcase_add_loop_test(t, test_a_group_that_became_a_channel_is_reached_as_that_by_what_was_told, 0, 2);
    tcase_add_test(t, test_a_channel_says_which_group_it_was);
    tcase_add_loop_test(t, test_an_id_without_its_kind_is_settled_by_the_chats_beside_it_alone, 0, 4);
    tcase_add_test(t, test_changes_are_told_once);
    suite_add_tcase(s, t);
    return s;
}
