#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/call_text.h"
#include "daemon/tg/known/calls.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { NOW = 1700000000 };

static struct tg_calls *c;
static struct tg_call *call;
static enum tg_fold how;
static struct fake_clock clock;

static void set_up(void)
{
    fake_clock_init(&clock);
    clock.wall_us = NOW * SECOND_US;
    ck_assert_int_eq(tg_calls_new(&clock.source, &c), 0);
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

static void fold(struct tg_call_seen s)
{
    call = NULL;
    ck_assert_int_eq(tg_calls_fold(c, &s, &call, &how), 0);
}

static void expect_title(const char *want)
{
    ck_assert_uint_eq(call->title_len, strlen(want));
    ck_assert_mem_eq(call->title, want, call->title_len);
}

START_TEST(test_an_update_makes_a_record)
{
    fold(seen(1, 1, "one"));
    ck_assert_ptr_eq(tg_calls_find(c, 1), call);
    ck_assert(how == TG_FOLD_MADE && !call->stale);
    ck_assert_int_eq(call->created_at, NOW);
    ck_assert(tg_calls_set_peer(call, PEER_CHANNEL, 6001));
    expect_json(
        tg_call_json(call, "a"),
        "{'id':'1','access_hash':'10','account':'a','kind':'group','peer':{'_':'peerChannel','channel_id':'6001'},"
        "'title':'one','rtmp_stream':false,'state':'active','created_at':1700000000,'participants_count':0,"
        "'version':1,'join_muted':false}");
    expect_json(tg_call_input(call), "{'_':'inputGroupCall','id':'1','access_hash':'10'}");
}
END_TEST

START_TEST(test_a_conference_keeps_its_link)
{
    static char long_link[LIMIT_CALL_LINK + 2];
    struct tg_call_seen s = seen(1, 1, NULL);

    memset(long_link, 'x', sizeof(long_link) - 1);
    s.has_peer = false;
    s.conference = true;
    s.invite_link = "https://t.me/call/abc!";
    s.invite_link_len = strlen(s.invite_link) - 1;
    fold(s);
    expect_json(tg_call_json(call, "a"),
                "{'id':'1','access_hash':'10','account':'a','kind':'conference','invite_link':'https://t.me/call/abc',"
                "'rtmp_stream':false,'state':'active','created_at':1700000000,'participants_count':0,'version':1,"
                "'join_muted':false}");
    /* Whoever is not shown it, in an older layer not even that it is one, and what cannot be one. */
    fold(seen(1, 2, NULL));
    ck_assert(call->conference && call->invite_link);
    s.version = 3;
    s.invite_link = long_link;
    s.invite_link_len = sizeof(long_link) - 1;
    fold(s);
    ck_assert_str_eq(call->invite_link, "https://t.me/call/abc");
    s.version = 4;
    s.invite_link = "a\0b";
    s.invite_link_len = 3;
    fold(s);
    ck_assert_str_eq(call->invite_link, "https://t.me/call/abc");
    s.version = 5;
    s.invite_link = "https://t.me/call/new";
    s.invite_link_len = strlen(s.invite_link);
    fold(s);
    ck_assert_str_eq(call->invite_link, "https://t.me/call/new");
    struct tg_call saved = *call;
    saved.id = 2;
    ck_assert_int_eq(tg_calls_restore(c, &saved, &call), 0);
    ck_assert(call->conference && call->invite_link != saved.invite_link);
    ck_assert_str_eq(call->invite_link, "https://t.me/call/new");
}
END_TEST

START_TEST(test_whatever_version_is_seen_first_makes_a_record)
{
    fold(seen(1, -5, "one"));
    ck_assert(how == TG_FOLD_MADE && call->version == -5);
    expect_title("one");
}
END_TEST

START_TEST(test_versions_older_same_next_and_with_a_gap)
{
    fold(seen(1, 5, "five"));
    fold(seen(1, 4, "four"));
    expect_title("five");
    ck_assert_int_eq(how, TG_FOLD_OLD);
    fold(seen(1, 5, "five again"));
    expect_title("five again");
    fold(seen(1, 6, "six"));
    expect_title("six");
    ck_assert_int_eq(how, TG_FOLD_APPLIED);
    ck_assert(!call->stale);
    fold(seen(1, 8, "eight"));
    ck_assert_int_eq(how, TG_FOLD_GAP);
    ck_assert(call->stale);
    ck_assert_int_eq(call->version, 8);
}
END_TEST

START_TEST(test_an_answer_settles_a_stale_call_unless_it_is_older)
{
    struct tg_call_seen answer = seen(1, 4, "asked before");

    answer.from_update = false;
    fold(seen(1, 5, "five"));
    tg_calls_doubt_all(c, 0);
    fold(answer);
    expect_title("five");
    ck_assert(call->stale);
    answer = seen(1, 7, "asked");
    answer.from_update = false;
    fold(answer); /* an answer has no gap */
    expect_title("asked");
    ck_assert(how == TG_FOLD_APPLIED && !call->stale);
}
END_TEST

START_TEST(test_a_min_object_of_an_unknown_call_makes_no_record)
{
    struct tg_call_seen min = seen(1, 1, "min");

    min.min = true;
    fold(min);
    ck_assert_ptr_null(call);
    ck_assert_ptr_null(tg_calls_find(c, 1));
}
END_TEST

START_TEST(test_a_min_object_says_nothing_of_what_depends_on_the_viewer)
{
    struct tg_call_seen full = seen(1, 1, "full"), min = seen(1, 2, "min");

    full.join_muted = true;
    fold(full);
    tg_calls_doubt_all(c, 0);
    min.min = true;
    min.access_hash = 666;
    fold(min);
    expect_title("min");
    ck_assert(call->join_muted && call->stale);
    ck_assert_int_eq(call->access_hash, 10);
    full = seen(1, 2, "full");
    fold(full);
    ck_assert(!call->join_muted && !call->stale);
}
END_TEST

START_TEST(test_a_discarded_call_stays_so_and_keeps_its_record)
{
    struct tg_call_seen gone = {.id = 1, .access_hash = 10, .discarded = true, .from_update = true, .duration = 42};

    fold(seen(1, 1, "one"));
    tg_calls_set_peer(call, PEER_CHANNEL, 6001);
    fake_clock_pass(&clock, 50 * SECOND_US);
    fold(gone);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    fake_clock_pass(&clock, 10 * SECOND_US);
    fold(seen(1, 9, "back?"));
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    gone.duration = 0; /* told twice: it ended the first time */
    fold(gone);
    gone.duration = -1; /* by the word of an error */
    fold(gone);
    ck_assert_int_eq(call->ended_at, NOW + 50);
    tg_calls_doubt_all(c, 0);
    ck_assert(!call->stale);
    expect_json(
        tg_call_json(call, "a"),
        "{'id':'1','access_hash':'10','account':'a','kind':'group','peer':{'_':'peerChannel','channel_id':'6001'},"
        "'title':'one','rtmp_stream':false,'state':'discarded','created_at':1700000000,'ended_at':1700000050,"
        "'duration':42,'participants_count':0,'version':1,'join_muted':false}");
}
END_TEST

START_TEST(test_an_end_that_nobody_told_of_is_taken_back_by_a_later_question_only)
{
    struct tg_call_seen answer = seen(1, 9, "it runs");

    answer.from_update = false;
    fold(seen(1, 1, "one"));
    tg_calls_infer_end(c, call, 7);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    fold(seen(1, 8, "an update that was on its way"));
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    answer.mark = 6;
    fold(answer);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
    answer.mark = 7;
    fold(answer);
    ck_assert_int_eq(call->state, TG_CALL_ACTIVE);
    ck_assert(call->ended_at == 0 && !call->stale);
    tg_calls_infer_end(c, call, 9);
    fold((struct tg_call_seen){.id = 1, .access_hash = 10, .discarded = true, .duration = 3});
    ck_assert_int_eq(call->duration, 3);
    answer.mark = 10;
    fold(answer);
    ck_assert_int_eq(call->state, TG_CALL_DISCARDED);
}
END_TEST

START_TEST(test_the_stale_stand_in_line)
{
    for (int64_t i = 1; i <= 3; i++)
        fold(seen(i, 1, NULL));
    ck_assert_ptr_null(tg_calls_first_stale(c));
    tg_calls_doubt(c, tg_calls_find(c, 2), 0);
    tg_calls_doubt_all(c, 0);
    ck_assert_int_eq(tg_calls_first_stale(c)->id, 2);
    ck_assert_int_eq(tg_calls_next_to_ask(c)->id, 2);
    tg_calls_asked_in_vain(tg_calls_find(c, 2), 7);
    ck_assert_int_eq(tg_calls_first_stale(c)->id, 2);
    ck_assert_int_eq(tg_calls_next_to_ask(c)->id, 1);
    tg_calls_doubt_all(c, 0); /* it waits all the same */
    fold(seen(1, 2, NULL));
    ck_assert_int_eq(tg_calls_next_to_ask(c)->id, 3);
    fold((struct tg_call_seen){.id = 3, .access_hash = 30, .discarded = true, .duration = 3});
    ck_assert_int_eq(tg_calls_next_to_ask(c)->id, 2);
    ck_assert(call->asked_in_vain == 0 && tg_calls_find(c, 2)->asked_in_vain == 1);
    fold(seen(2, 2, NULL));
    ck_assert(!call->stale && call->asked_in_vain == 0 && call->ask_at_us == 0);
    ck_assert_ptr_null(tg_calls_next_to_ask(c));
}
END_TEST

START_TEST(test_a_call_moves_with_the_group_that_becomes_a_channel_and_never_back)
{
    fold(seen(1, 1, NULL));
    ck_assert(tg_calls_set_peer(call, PEER_CHAT, 501));
    ck_assert(!tg_calls_set_peer(call, PEER_CHAT, 502));
    ck_assert(tg_calls_set_peer(call, PEER_CHANNEL, 6001));
    ck_assert(!tg_calls_set_peer(call, PEER_CHAT, 501));
    ck_assert(!tg_calls_set_peer(call, PEER_CHANNEL, 6002));
    ck_assert(call->peer_kind == PEER_CHANNEL && call->peer_id == 6001);
}
END_TEST

START_TEST(test_a_scheduled_call_becomes_active_when_its_date_goes)
{
    struct tg_call_seen s = seen(1, 1, NULL);

    s.schedule_date = NOW + 3600;
    fold(s);
    ck_assert_int_eq(call->state, TG_CALL_SCHEDULED);
    fold(seen(1, 2, NULL));
    ck_assert_int_eq(call->state, TG_CALL_ACTIVE);
    ck_assert_int_eq(call->schedule_date, 0);
}
END_TEST

START_TEST(test_a_layer_without_the_flag_leaves_rtmp_as_it_is_known)
{
    struct tg_call_seen s = seen(1, 1, NULL);

    s.rtmp_stream = true;
    fold(s);
    s = seen(1, 2, NULL);
    s.layer_lacks_rtmp = true;
    fold(s);
    ck_assert(call->rtmp_stream);
    fold(seen(1, 3, NULL));
    ck_assert(!call->rtmp_stream);
}
END_TEST

START_TEST(test_a_title_may_be_any_bytes)
{
    struct tg_call_seen s = seen(1, 1, "\xff\xfe");
    json_t *j;

    fold(s);
    j = tg_call_json(call, "a");
    expect_json(json_incref(json_object_get(j, "title")), "{'_bytes':'//4='}");
    json_decref(j);
    s = seen(1, 2, "a\0b");
    s.title_len = 3;
    fold(s);
    j = tg_call_json(call, "a");
    expect_json(json_incref(json_object_get(j, "title")), "'a\\u0000b'");
    json_decref(j);
    fold(seen(1, 3, ""));
    ck_assert_ptr_nonnull(call->title);
    fold(seen(1, 4, NULL));
    ck_assert_ptr_null(call->title);
}
END_TEST

START_TEST(test_the_oldest_ended_call_makes_room)
{
    struct tg_call_seen s;

    for (int64_t i = 1; i <= LIMIT_CALLS; i++) {
        s = seen(i, 1, NULL);
        s.discarded = i == 5;
        fold(s);
    }
    s = seen(LIMIT_CALLS + 1, 1, NULL);
    fold(s);
    ck_assert_ptr_null(tg_calls_find(c, 5));
    ck_assert_ptr_nonnull(tg_calls_find(c, 1));
    s = seen(LIMIT_CALLS + 2, 1, NULL); /* none has ended: the oldest of all */
    fold(s);
    ck_assert_ptr_null(tg_calls_find(c, 1));
    size_t n = 0;
    for (struct tg_call *at = NULL; (at = tg_calls_next(c, at)) != NULL;)
        n++;
    ck_assert_uint_eq(n, LIMIT_CALLS);
}
END_TEST

/* The members that tell of it. */
static void expect_wish(const char *want)
{
    json_t *j = tg_call_json(call, "a"), *shown = json_object();

    (void)json_object_set(shown, "auto_start", json_object_get(j, "auto_start")); /* where it is there */
    (void)json_object_set(shown, "auto_start_missed", json_object_get(j, "auto_start_missed"));
    expect_json(shown, want);
    json_decref(j);
}

START_TEST(test_a_wish_to_be_started_holds_while_the_call_is_scheduled)
{
    struct tg_call_seen scheduled = seen(1, 1, "one"), answer;

    scheduled.schedule_date = NOW + 60;
    fold(scheduled);
    expect_wish("{}");
    ck_assert_int_eq(tg_call_set_auto_start(call, TG_AUTO_START_WISHED, 0, NULL), 0);
    expect_wish("{'auto_start':true}");
    tg_calls_infer_end(c, call, 7);
    expect_wish("{}");
    answer = scheduled;
    answer.from_update = false;
    answer.mark = 7;
    fold(answer); /* it had not ended */
    expect_wish("{'auto_start':true}");
    ck_assert_int_eq(tg_call_set_auto_start(call, TG_AUTO_START_MISSED, NOW + 99, "too late"), 0);
    ck_assert(!tg_call_is_to_start(call));
    expect_wish("{'auto_start':false,'auto_start_missed':{'at':1700000099,'reason':'too late'}}");
    fold(seen(1, 2, "started all the same"));
    expect_wish("{}");
}
END_TEST

START_TEST(test_a_call_that_is_to_be_started_does_not_make_room)
{
    for (int64_t i = 1; i <= LIMIT_CALLS; i++) {
        struct tg_call_seen s = seen(i, 1, NULL);
        s.schedule_date = i == 1 ? NOW + 60 : 0;
        fold(s);
        if (i == 1)
            ck_assert_int_eq(tg_call_set_auto_start(call, TG_AUTO_START_WISHED, 0, NULL), 0);
    }
    fold(seen(LIMIT_CALLS + 1, 1, NULL));
    ck_assert_ptr_nonnull(tg_calls_find(c, 1));
    ck_assert_ptr_null(tg_calls_find(c, 2));
}
END_TEST

Suite *suite_calls(void)
{
    Suite *s = suite_create("calls");
    TCase *t = tcase_create("calls");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_update_makes_a_record);
    tcase_add_test(t, test_a_conference_keeps_its_link);
    tcase_add_test(t, test_whatever_version_is_seen_first_makes_a_record);
    tcase_add_test(t, test_versions_older_same_next_and_with_a_gap);
    tcase_add_test(t, test_an_answer_settles_a_stale_call_unless_it_is_older);
    tcase_add_test(t, test_a_min_object_of_an_unknown_call_makes_no_record);
    tcase_add_test(t, test_a_min_object_says_nothing_of_what_depends_on_the_viewer);
    tcase_add_test(t, test_a_discarded_call_stays_so_and_keeps_its_record);
    tcase_add_test(t, test_an_end_that_nobody_told_of_is_taken_back_by_a_later_question_only);
    tcase_add_test(t, test_the_stale_stand_in_line);
    tcase_add_test(t, test_a_call_moves_with_the_group_that_becomes_a_channel_and_never_back);
    tcase_add_test(t, test_a_scheduled_call_becomes_active_when_its_date_goes);
    tcase_add_test(t, test_a_layer_without_the_flag_leaves_rtmp_as_it_is_known);
    tcase_add_test(t, test_a_title_may_be_any_bytes);
    tcase_add_test(t, test_the_oldest_ended_call_makes_room);
    tcase_add_test(t, test_a_wish_to_be_started_holds_while_the_call_is_scheduled);
    tcase_add_test(t, test_a_call_that_is_to_be_started_does_not_make_room);
    suite_add_tcase(s, t);
    return s;
}
