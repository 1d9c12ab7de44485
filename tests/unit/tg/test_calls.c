#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/tg/known/calls.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { NOW = 1700000000 };

static struct tg_calls *c;
static struct tg_call *call;
static bool gap;

static void set_up(void)
{
    ck_assert_int_eq(tg_calls_new(&c), 0);
}

static void tear_down(void)
{
    tg_calls_free(c);
}

static struct tg_call_seen seen(int64_t id, int version, const char *title)
{
    return (struct tg_call_seen){.id = id,
                                 .access_hash = id * 10,
                                 .from_update = true,
                                 .has_peer = true,
                                 .peer_kind = PEER_CHANNEL,
                                 .peer_id = 6001,
                                 .title = title,
                                 .title_len = title ? strlen(title) : 0,
                                 .version = version,
                                 .duration = -1};
}

static void fold(struct tg_call_seen s, int64_t now)
{
    call = NULL;
    gap = false;
    ck_assert_int_eq(tg_calls_fold(c, &s, now, &call, &gap), 0);
}

static void expect_title(const char *want)
{
    ck_assert_uint_eq(call->title_len, strlen(want));
    ck_assert_mem_eq(call->title, want, call->title_len);
}

START_TEST(test_an_update_makes_a_record_that_is_its_chats_call)
{
    fold(seen(1, 1, "one"), NOW);
    ck_assert_ptr_eq(tg_calls_find(c, 1), call);
    ck_assert_ptr_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001), call);
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHAT, 6001));
    ck_assert(!gap && !call->stale);
    ck_assert_int_eq(call->created_at, NOW);
    expect_json(tg_call_json(call, "a"),
                "{'id':'1','access_hash':'10','account':'a','peer':{'_':'peerChannel','channel_id':'6001'},"
                "'title':'one','rtmp_stream':false,'state':'active','created_at':1700000000,'participants_count':0,"
                "'version':1,'join_muted':false}");
    expect_json(tg_call_input(call), "{'_':'inputGroupCall','id':'1','access_hash':'10'}");
}
END_TEST

START_TEST(test_a_call_moves_with_the_group_that_becomes_a_channel)
{
    for (int id = 1; id <= 2; id++) {
        struct tg_call_seen s = seen(id, 1, NULL);
        s.peer_kind = PEER_CHAT;
        s.peer_id = 500 + id;
        fold(s, NOW);
        ck_assert_ptr_eq(tg_calls_find_running(c, PEER_CHAT, 500 + id), call);
        if (id == 1)
            fold(seen(id, 2, NULL), NOW); /* an update says so */
        else
            tg_calls_set_peer(c, call, PEER_CHANNEL, 6001); /* or it was asked for by the channel */
        ck_assert_ptr_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001), call);
        ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHAT, 500 + id));
        ck_assert(call->peer_kind == PEER_CHANNEL && call->peer_id == 6001);
        /* Never back. */
        fold(s, NOW);
        tg_calls_set_peer(c, call, PEER_CHAT, 500 + id);
        ck_assert(call->peer_kind == PEER_CHANNEL && call->peer_id == 6001);
    }
}
END_TEST

START_TEST(test_versions_older_same_next_and_with_a_gap)
{
    fold(seen(1, 5, "five"), NOW);
    fold(seen(1, 4, "four"), NOW);
    expect_title("five");
    ck_assert(!gap);
    fold(seen(1, 5, "five again"), NOW);
    expect_title("five again");
    ck_assert(!gap);
    fold(seen(1, 6, "six"), NOW);
    expect_title("six");
    ck_assert(!gap);
    fold(seen(1, 8, "eight"), NOW);
    ck_assert(gap);
    ck_assert_int_eq(call->version, 8);
}
END_TEST

START_TEST(test_an_answer_is_the_truth_whatever_its_version)
{
    struct tg_call_seen answer = seen(1, 3, "asked");

    answer.from_update = false;
    fold(seen(1, 5, "five"), NOW);
    tg_calls_mark_stale(c);
    fold(answer, NOW);
    expect_title("asked");
    ck_assert(!call->stale && !gap);
}
END_TEST

START_TEST(test_a_min_object_of_an_unknown_call_makes_no_record)
{
    struct tg_call_seen min = seen(1, 1, "min");

    min.min = true;
    fold(min, NOW);
    ck_assert_ptr_null(call);
    ck_assert_ptr_null(tg_calls_find(c, 1));
    fold(seen(1, 1, "full"), NOW);
    min.version = 2;
    fold(min, NOW);
    expect_title("min");
}
END_TEST

START_TEST(test_a_discarded_call_stays_so_and_keeps_its_record)
{
    struct tg_call_seen gone = {.id = 1, .access_hash = 10, .discarded = true, .from_update = true, .duration = 42};

    fold(seen(1, 1, "one"), NOW);
    fold(gone, NOW + 50);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHANNEL, 6001));
    fold(seen(1, 9, "back?"), NOW + 60);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHANNEL, 6001));
    fold(gone, NOW + 70); /* told twice: it ended the first time */
    ck_assert_int_eq(call->ended_at, NOW + 50);
    tg_calls_mark_stale(c);
    ck_assert(!call->stale);
    expect_json(tg_call_json(call, "a"),
                "{'id':'1','access_hash':'10','account':'a','peer':{'_':'peerChannel','channel_id':'6001'},"
                "'title':'one','rtmp_stream':false,'state':'discarded','created_at':1700000000,'ended_at':1700000050,"
                "'duration':42,'participants_count':0,'version':1,'join_muted':false}");
}
END_TEST

START_TEST(test_a_chat_has_one_call_the_newest)
{
    fold(seen(1, 1, "old"), NOW);
    fold(seen(2, 1, "new"), NOW);
    ck_assert_int_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001)->id, 2);
    struct tg_call_seen gone = {.id = 1, .access_hash = 10, .discarded = true, .from_update = true, .duration = 1};
    fold(gone, NOW); /* the old one's end does not end the chat's */
    ck_assert_int_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001)->id, 2);
    gone.id = 2;
    fold(gone, NOW);
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHANNEL, 6001));
}
END_TEST

START_TEST(test_a_chat_that_is_told_later_counts_from_then)
{
    struct tg_call_seen s = seen(1, 1, NULL);

    s.has_peer = false;
    fold(s, NOW);
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHANNEL, 6001));
    tg_calls_set_peer(c, call, PEER_CHANNEL, 6001);
    ck_assert_ptr_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001), call);
    tg_calls_set_peer(c, call, PEER_CHANNEL, 6002); /* what is known stands */
    ck_assert_ptr_null(tg_calls_find_running(c, PEER_CHANNEL, 6002));
}
END_TEST

START_TEST(test_a_scheduled_call_becomes_active_when_its_date_goes)
{
    struct tg_call_seen s = seen(1, 1, NULL);

    s.schedule_date = NOW + 3600;
    fold(s, NOW);
    ck_assert_int_eq(call->state, TG_CALL_SCHEDULED);
    ck_assert_ptr_eq(tg_calls_find_running(c, PEER_CHANNEL, 6001), call);
    fold(seen(1, 2, NULL), NOW);
    ck_assert_int_eq(call->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(call->schedule_date, 0);
}
END_TEST

START_TEST(test_a_layer_without_the_flag_leaves_rtmp_as_it_is_known)
{
    struct tg_call_seen s = seen(1, 1, NULL);

    s.rtmp_stream = true;
    fold(s, NOW);
    s = seen(1, 2, NULL);
    s.layer_lacks_rtmp = true;
    fold(s, NOW);
    ck_assert(call->rtmp_stream);
    fold(seen(1, 3, NULL), NOW);
    ck_assert(!call->rtmp_stream);
}
END_TEST

START_TEST(test_a_title_may_be_any_bytes)
{
    struct tg_call_seen s = seen(1, 1, "\xff\xfe");
    json_t *j;

    fold(s, NOW);
    j = tg_call_json(call, "a");
    expect_json(json_incref(json_object_get(j, "title")), "{'_bytes':'//4='}");
    json_decref(j);
    s = seen(1, 2, "a\0b");
    s.title_len = 3;
    fold(s, NOW);
    j = tg_call_json(call, "a");
    expect_json(json_incref(json_object_get(j, "title")), "'a\\u0000b'");
    json_decref(j);
    fold(seen(1, 3, ""), NOW);
    ck_assert_ptr_nonnull(call->title);
    fold(seen(1, 4, NULL), NOW);
    ck_assert_ptr_null(call->title);
}
END_TEST

START_TEST(test_the_oldest_ended_call_makes_room)
{
    struct tg_call_seen s;

    for (int64_t i = 1; i <= LIMIT_CALLS; i++) {
        s = seen(i, 1, NULL);
        s.discarded = i == 5;
        fold(s, NOW);
    }
    s = seen(LIMIT_CALLS + 1, 1, NULL);
    fold(s, NOW);
    ck_assert_ptr_null(tg_calls_find(c, 5));
    ck_assert_ptr_nonnull(tg_calls_find(c, 1));
    s = seen(LIMIT_CALLS + 2, 1, NULL); /* none has ended: the oldest of all */
    fold(s, NOW);
    ck_assert_ptr_null(tg_calls_find(c, 1));
    size_t n = 0;
    for (struct tg_call *at = NULL; (at = tg_calls_next(c, at)) != NULL;)
        n++;
    ck_assert_uint_eq(n, LIMIT_CALLS);
}
END_TEST

Suite *suite_calls(void)
{
    Suite *s = suite_create("calls");
    TCase *t = tcase_create("calls");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_update_makes_a_record_that_is_its_chats_call);
    tcase_add_test(t, test_a_call_moves_with_the_group_that_becomes_a_channel);
    tcase_add_test(t, test_versions_older_same_next_and_with_a_gap);
    tcase_add_test(t, test_an_answer_is_the_truth_whatever_its_version);
    tcase_add_test(t, test_a_min_object_of_an_unknown_call_makes_no_record);
    tcase_add_test(t, test_a_discarded_call_stays_so_and_keeps_its_record);
    tcase_add_test(t, test_a_chat_has_one_call_the_newest);
    tcase_add_test(t, test_a_chat_that_is_told_later_counts_from_then);
    tcase_add_test(t, test_a_scheduled_call_becomes_active_when_its_date_goes);
    tcase_add_test(t, test_a_layer_without_the_flag_leaves_rtmp_as_it_is_known);
    tcase_add_test(t, test_a_title_may_be_any_bytes);
    tcase_add_test(t, test_the_oldest_ended_call_makes_room);
    suite_add_tcase(s, t);
    return s;
}
