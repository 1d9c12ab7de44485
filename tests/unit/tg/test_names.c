/* Who is meant by a name, a phone, an invite or an id, for how long, and what ends that. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/known_internal.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"
#include "tests/unit/tg/support.h"

enum { MISSED = -1, UNKNOWN = -2 };

static struct fake_clock clock;
static struct tg_known *k;

static void set_up(void)
{
    fake_clock_init(&clock);
    ck_assert_int_eq(tg_known_new(shipped_layer(229), &clock.source, NULL, NULL, &k), 0);
}

static void tear_down(void)
{
    tg_known_free(k);
}

static void learn(const char *text)
{
    struct tg_learnt learnt;
    struct buf bytes;

    bytes_of(229, text, &bytes);
    ck_assert_int_eq(tg_known_learn(k, NULL, 0, bytes.data, bytes.len, &learnt, NULL), 0);
    buf_fini(&bytes);
}

static struct peer_text text_of(const char *asked)
{
    struct peer_text text;
    struct fault fault = {0};
    int err = peer_text_parse(asked, strlen(asked), &text, &fault);

    ck_assert_msg(err == 0, "%s: %s", asked, fault.text);
    return text;
}

/* The id of who is meant; MISSED, UNKNOWN. */
static int64_t who(const char *asked)
{
    struct peer_text text = text_of(asked);
    struct tg_peer peer = {0};

    switch (tg_known_name(k, &text, &peer)) {
    case TG_NAME_PEER:
        return peer.id;
    case TG_NAME_MISSED:
        return MISSED;
    default:
        return UNKNOWN;
    }
}

static void found(const char *asked, enum peer_kind kind, int64_t id)
{
    struct peer_text text = text_of(asked);

    ck_assert_int_eq(tg_known_name_found(k, &text, kind, id), 0);
}

static void missed(const char *asked)
{
    struct peer_text text = text_of(asked);

    ck_assert_int_eq(tg_known_name_missed(k, &text), 0);
}

static void channel_named(int64_t id, const char *names)
{
    char text[512];

    snprintf(text, sizeof(text), UPDATES("", "", CHANNEL("'id':'%d','access_hash':'77',%s")), (int)id, names);
    learn(text);
}

static void user_named(int64_t id, const char *more)
{
    char text[512];

    snprintf(text, sizeof(text), UPDATES("", "{'_':'user',%s'id':'%d','access_hash':'10'}", ""), more, (int)id);
    learn(text);
}

#define SEVERAL                                                                                                        \
    "'usernames':[{'_':'username','active':true,'username':'%s'},"                                                     \
    "{'_':'username','active':true,'username':'%s'},{'_':'username','username':'asleep'}],"

START_TEST(test_all_active_names_of_a_peer_lead_to_it)
{
    char names[256];

    snprintf(names, sizeof(names), SEVERAL, "First", "second");
    channel_named(6001, names);
    ck_assert_int_eq(who("@first"), 6001);
    ck_assert_int_eq(who("SECOND"), 6001);
    ck_assert_int_eq(who("asleep"), UNKNOWN);
    snprintf(names, sizeof(names), SEVERAL, "third", "second");
    channel_named(6001, names);
    ck_assert_int_eq(who("first"), UNKNOWN);
    ck_assert_int_eq(who("second"), 6001);
    ck_assert_int_eq(who("third"), 6001);
}
END_TEST

START_TEST(test_a_name_moves_to_whom_it_was_seen_with_last_and_back)
{
    channel_named(6001, "'username':'name',");
    channel_named(6002, "'username':'name',");
    ck_assert_int_eq(who("name"), 6002);
    channel_named(6001, "'username':'name',");
    ck_assert_int_eq(who("name"), 6001);
    channel_named(6001, "");
    ck_assert_int_eq(who("name"), UNKNOWN);
}
END_TEST

START_TEST(test_a_name_lasts_for_hours_after_it_was_last_seen)
{
    channel_named(6001, "'username':'name',");
    fake_clock_pass(&clock, 7199 * SECOND_US);
    ck_assert_int_eq(who("name"), 6001);
    channel_named(6001, "'username':'name',");
    fake_clock_pass(&clock, 7199 * SECOND_US);
    ck_assert_int_eq(who("name"), 6001);
    fake_clock_pass(&clock, SECOND_US);
    ck_assert_int_eq(who("name"), UNKNOWN);
}
END_TEST

START_TEST(test_a_name_that_its_bearer_does_not_show_is_known_by_who_was_asked)
{
    channel_named(6001, "'username':'main',");
    found("hidden", PEER_CHANNEL, 6001);
    ck_assert_int_eq(who("hidden"), 6001);
    fake_clock_pass(&clock, 3600 * SECOND_US);
    channel_named(6001, "'username':'main',");
    ck_assert_int_eq(who("hidden"), 6001);
    fake_clock_pass(&clock, 3600 * SECOND_US);
    ck_assert_int_eq(who("hidden"), UNKNOWN);
    found("hidden", PEER_CHANNEL, 6001);
    channel_named(6001, "'username':'other',"); /* it may have lost that one too */
    ck_assert_int_eq(who("hidden"), UNKNOWN);
}
END_TEST

START_TEST(test_update_user_name_counts)
{
    user_named(7, "'username':'before',");
    learn(UPDATES("{'_':'updateUserName','user_id':'7','first_name':'','last_name':'','usernames':["
                  "{'_':'username','active':true,'username':'after'}]}",
                  "", ""));
    ck_assert_int_eq(who("before"), UNKNOWN);
    ck_assert_int_eq(who("after"), 7);
    learn(UPDATES("{'_':'updateUserName','user_id':'8','first_name':'','last_name':'','usernames':["
                  "{'_':'username','active':true,'username':'stranger'}]}",
                  "", ""));
    ck_assert_int_eq(who("stranger"), UNKNOWN);
}
END_TEST

START_TEST(test_a_min_object_changes_no_name)
{
    user_named(7, "'username':'before',");
    user_named(7, "'min':true,'username':'after',");
    ck_assert_int_eq(who("before"), 7);
    ck_assert_int_eq(who("after"), UNKNOWN);
}
END_TEST

START_TEST(test_names_that_nobody_could_ask_for_are_none)
{
    user_named(7, "'username':'sp ace','phone':'123456789012345678901234',");
    ck_assert_int_eq(who("7"), 7);
    ck_assert_int_eq(who("space"), UNKNOWN);
}
END_TEST

START_TEST(test_a_phone_moves_and_is_kept_where_it_is_left_out)
{
    user_named(1, "'phone':'15550001',");
    user_named(1, "");
    ck_assert_int_eq(who("+15550001"), 1);
    user_named(2, "'phone':'15550001',");
    ck_assert_int_eq(who("+15550001"), 2);
    user_named(1, "'phone':'15550001',");
    ck_assert_int_eq(who("+15550001"), 1);
    user_named(1, "'phone':'15550009',");
    ck_assert_int_eq(who("+15550001"), UNKNOWN);
    ck_assert_int_eq(who("+15550009"), 1);
}
END_TEST

START_TEST(test_whoever_is_missed_is_not_looked_for_for_a_minute)
{
    static const char *const forms[] = {"nobody", "+15550001", "t.me/+AbCdEf", "-1000000006001", "4711"};

    missed(forms[_i]);
    ck_assert_int_eq(who(forms[_i]), MISSED);
    fake_clock_pass(&clock, 59 * SECOND_US);
    ck_assert_int_eq(who(forms[_i]), MISSED);
    fake_clock_pass(&clock, SECOND_US);
    ck_assert_int_eq(who(forms[_i]), UNKNOWN);
}
END_TEST

START_TEST(test_whoever_appears_is_missed_no_more)
{
    missed("name");
    missed("-1000000006001");
    missed("+15550001");
    channel_named(6001, "'username':'name',");
    user_named(1, "'phone':'15550001',");
    ck_assert_int_eq(who("name"), 6001);
    ck_assert_int_eq(who("-1000000006001"), 6001);
    ck_assert_int_eq(who("+15550001"), 1);
}
END_TEST

START_TEST(test_an_invite_is_remembered)
{
    channel_named(6001, "");
    found("t.me/+AbCdEf", PEER_CHANNEL, 6001);
    ck_assert_int_eq(who("t.me/+AbCdEf"), 6001);
    ck_assert_int_eq(who("t.me/+abcdef"), UNKNOWN);
    struct peer_text text = text_of("t.me/+AbCdEf");
    tg_known_name_forget(k, &text);
    ck_assert_int_eq(who("t.me/+AbCdEf"), UNKNOWN);
}
END_TEST

START_TEST(test_a_basic_groups_id_needs_no_look_up)
{
    ck_assert_int_eq(who("-5001"), 5001);
    learn(UPDATES("", "", GROUP("'migrated_to':{'_':'inputChannel','channel_id':'6001','access_hash':'66'},")));
    ck_assert_int_eq(who("-5001"), 6001);
}
END_TEST

START_TEST(test_a_bare_id_counts_where_it_is_one_peers_alone)
{
    ck_assert_int_eq(who("5001"), UNKNOWN);
    channel_named(5001, "");
    ck_assert_int_eq(who("5001"), 5001);
    learn(UPDATES("", "", GROUP("")));
    ck_assert_int_eq(who("5001"), UNKNOWN);
    user_named(5001, "");
    ck_assert_int_eq(who("5001"), 5001);
}
END_TEST

START_TEST(test_that_all_chats_were_read_holds_for_an_hour_and_a_link)
{
    ck_assert(!tg_known_dialogs_are_read(k));
    tg_known_dialogs_read(k, tg_known_mark(k));
    fake_clock_pass(&clock, 3599 * SECOND_US);
    ck_assert(tg_known_dialogs_are_read(k));
    fake_clock_pass(&clock, SECOND_US);
    ck_assert(!tg_known_dialogs_are_read(k));
    tg_known_dialogs_read(k, tg_known_mark(k));
    uint64_t before = tg_known_mark(k);
    tg_known_link_lost(k);
    ck_assert(!tg_known_dialogs_are_read(k));
    tg_known_dialogs_read(k, before);
    ck_assert(!tg_known_dialogs_are_read(k));
    tg_known_dialogs_read(k, tg_known_mark(k));
    tg_known_clear(k);
    ck_assert(!tg_known_dialogs_are_read(k));
}
END_TEST

START_TEST(test_another_user_has_other_names)
{
    channel_named(6001, "'username':'name',");
    missed("other");
    if (_i)
        tg_known_clear(k);
    else
        tg_known_end_login(k);
    ck_assert_int_eq(who("name"), UNKNOWN);
    ck_assert_int_eq(who("other"), UNKNOWN);
}
END_TEST

START_TEST(test_the_longest_unused_name_goes_first)
{
    struct tg_name name = {.missed = true};
    struct peer_text text = {.kind = PEER_TEXT_NAME};

    for (int i = 0; i <= LIMIT_NAMES; i++) {
        snprintf(text.text, sizeof(text.text), "name%d", i);
        ck_assert_int_eq(tg_names_put(k->names, &text, &name), 0);
        text = text_of("name0"); /* used all the while */
        ck_assert_ptr_nonnull(tg_names_find(k->names, &text));
    }
    text = text_of("name1");
    ck_assert_ptr_null(tg_names_find(k->names, &text));
    text = text_of("name2");
    ck_assert_ptr_nonnull(tg_names_find(k->names, &text));
}
END_TEST

Suite *suite_names(void)
{
    Suite *s = suite_create("names");
    TCase *t = tcase_create("names");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_all_active_names_of_a_peer_lead_to_it);
    tcase_add_test(t, test_a_name_moves_to_whom_it_was_seen_with_last_and_back);
    tcase_add_test(t, test_a_name_lasts_for_hours_after_it_was_last_seen);
    tcase_add_test(t, test_a_name_that_its_bearer_does_not_show_is_known_by_who_was_asked);
    tcase_add_test(t, test_update_user_name_counts);
    tcase_add_test(t, test_a_min_object_changes_no_name);
    tcase_add_test(t, test_names_that_nobody_could_ask_for_are_none);
    tcase_add_test(t, test_a_phone_moves_and_is_kept_where_it_is_left_out);
    tcase_add_loop_test(t, test_whoever_is_missed_is_not_looked_for_for_a_minute, 0, 5);
    tcase_add_test(t, test_whoever_appears_is_missed_no_more);
    tcase_add_test(t, test_an_invite_is_remembered);
    tcase_add_test(t, test_a_basic_groups_id_needs_no_look_up);
    tcase_add_test(t, test_a_bare_id_counts_where_it_is_one_peers_alone);
    tcase_add_test(t, test_that_all_chats_were_read_holds_for_an_hour_and_a_link);
    tcase_add_loop_test(t, test_another_user_has_other_names, 0, 2);
    tcase_add_test(t, test_the_longest_unused_name_goes_first);
    suite_add_tcase(s, t);
    return s;
}
