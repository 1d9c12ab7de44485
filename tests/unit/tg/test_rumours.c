/* Calls that only a message tells of, since the update was lost: they are asked for, and nothing is believed by it. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/calls.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/known_bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;

enum said { BEGAN, SCHEDULED, ENDED };

#define ANSWER(message)                                                                                                \
    "{'_':'updates.channelDifference','final':true,'pts':9,'new_messages':[" message                                   \
    "],'other_updates':[],'chats':[],'users':[]}"
#define HISTORY(message)                                                                                               \
    "{'_':'messages.channelMessages','pts':9,'count':1,'topics':[],'messages':[" message "],'chats':[],'users':[]}"

/* In channel 6001, posted by a user. */
static const char *message(enum said what, int64_t id, int64_t hash)
{
    static const char *const tags[] = {"", "Scheduled", ""}, *const more[] = {"", ",'schedule_date':99",
                                                                              ",'duration':42"};
    static char text[512];

    snprintf(
        text, sizeof(text),
        "{'_':'messageService','id':3,'from_id':{'_':'peerUser','user_id':'1002'},"
        "'peer_id':{'_':'peerChannel','channel_id':'6001'},'date':3,'action':{'_':'messageActionGroupCall%s','call':"
        "{'_':'inputGroupCall','id':'%" PRId64 "','access_hash':'%" PRId64 "'}%s}}",
        tags[what], id, hash, more[what]);
    return text;
}

static const char *update(enum said what, int64_t id, int64_t hash)
{
    static char text[640];

    snprintf(text, sizeof(text), "{'_':'updateNewChannelMessage','pts':9,'pts_count':1,'message':%s}",
             message(what, id, hash));
    return text;
}

/* --- what is learnt --- */

static const struct tg_rumour *rumour(int64_t id)
{
    return tg_rumours_find(tg_known_rumours(kb.k), id);
}

static void say(enum said what, int64_t id)
{
    kb_learn(NULL, 0, update(what, id, id * 10));
}

START_TEST(test_a_call_that_a_message_tells_of_is_a_rumour_and_no_record)
{
    say((enum said)_i, 1);
    ck_assert_ptr_null(kb_record(1));
    ck_assert_ptr_nonnull(rumour(1));
    ck_assert_int_eq(rumour(1)->access_hash, 10);
    ck_assert(rumour(1)->kind == PEER_CHANNEL && rumour(1)->id == 6001);
    ck_assert_uint_eq(kb.told[TG_MADE], 0);
    say(ENDED, 1);
    ck_assert_ptr_null(rumour(1));
}
END_TEST

START_TEST(test_a_difference_tells_and_a_history_does_not)
{
    char text[1024];

    snprintf(text, sizeof(text), HISTORY("%s"), message(BEGAN, 1, 10));
    kb_learn("messages.getHistory", tg_known_mark(kb.k), text);
    ck_assert_ptr_null(rumour(1));
    snprintf(text, sizeof(text), ANSWER("%s"), message(BEGAN, 1, 10));
    kb_learn("updates.getChannelDifference", tg_known_mark(kb.k), text);
    ck_assert_ptr_nonnull(rumour(1));
}
END_TEST

static void people_of(int64_t id)
{
    char text[640];

    snprintf(text, sizeof(text),
             "{'_':'updates','updates':[{'_':'updateGroupCallParticipants','call':{'_':'inputGroupCall','id':'%" PRId64
             "','access_hash':'%" PRId64 "'},'participants':[],'version':7}],'users':[],'chats':[{'_':'channel','id':"
             "'6001','access_hash':'5','title':'x','photo':{'_':'chatPhotoEmpty'},'date':1}],'date':1,'seq':0}",
             id, id * 10);
    kb_learn(NULL, 0, text);
}

START_TEST(test_a_call_that_people_come_into_is_a_rumour_without_a_chat)
{
    kb_shows(0, tg_known_mark(kb.k));
    people_of(1);
    ck_assert_ptr_null(kb_record(1));
    ck_assert_ptr_nonnull(rumour(1));
    ck_assert_int_eq(rumour(1)->access_hash, 10);
    ck_assert_int_eq(rumour(1)->id, 0);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
    /* A message that comes later knows it. */
    say(BEGAN, 1);
    ck_assert(rumour(1)->kind == PEER_CHANNEL && rumour(1)->id == 6001);
    people_of(1);
    ck_assert(rumour(1)->kind == PEER_CHANNEL && rumour(1)->id == 6001);
}
END_TEST

START_TEST(test_a_call_without_a_chat_that_is_seen_is_known_without_one)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHANNEL, 6001);

    s.has_peer = s.from_update = false;
    people_of(1);
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    ck_assert_ptr_null(rumour(1));
    ck_assert(!kb_record(1)->has_peer);
    people_of(1);
    ck_assert_ptr_null(rumour(1));
}
END_TEST

START_TEST(test_a_chat_that_was_empty_is_asked)
{
    kb_shows(0, tg_known_mark(kb.k));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
    say(BEGAN, 1);
    ck_assert_int_eq(kb_chat(), KB_UNKNOWN);
}
END_TEST

START_TEST(test_what_is_seen_of_a_call_ends_its_rumour_and_is_of_its_chat)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHANNEL, 6001);

    s.has_peer = s.from_update = false;
    say(BEGAN, 1);
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    ck_assert_int_eq(kb_chat(), 1);
    ck_assert_ptr_null(rumour(1));
    ck_assert_uint_eq(kb.told[TG_MADE], 1);
    ck_assert_uint_eq(kb.told[TG_CHANGED], 0);
}
END_TEST

START_TEST(test_an_old_message_neither_ends_a_call_nor_revives_one)
{
    kb_runs(1);
    say(BEGAN, 1);
    say(SCHEDULED, 1);
    ck_assert(!kb_record(1)->stale);
    say(ENDED, 1);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_ACTIVE);
    ck_assert(kb_record(1)->stale); /* so that it is asked for */
    kb_ends(1);
    say(BEGAN, 1);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_DISCARDED);
    ck_assert_ptr_null(rumour(1));
    ck_assert_int_eq(kb_chat(), KB_EMPTY);
}
END_TEST

START_TEST(test_a_scheduled_call_that_is_said_to_have_begun_is_in_doubt)
{
    struct tg_call_seen s = kb_seen_in(1, PEER_CHANNEL, 6001);

    s.schedule_date = 99;
    ck_assert_int_eq(tg_known_see_call(kb.k, &s), 0);
    say(SCHEDULED, 1);
    ck_assert(!kb_record(1)->stale);
    say(BEGAN, 1);
    ck_assert(kb_record(1)->stale);
    ck_assert_int_eq(kb_record(1)->state, TG_CALL_SCHEDULED);
}
END_TEST

START_TEST(test_the_oldest_rumour_goes_and_with_the_login_all)
{
    for (int64_t id = 1; id <= LIMIT_CALL_RUMOURS + 1; id++) {
        say(BEGAN, id);
        say(BEGAN, id);
    }
    ck_assert_uint_eq(tg_known_rumours(kb.k)->n, LIMIT_CALL_RUMOURS);
    ck_assert_ptr_null(rumour(1));
    ck_assert_ptr_nonnull(rumour(2));
    tg_known_end_login(kb.k);
    ck_assert_ptr_null(tg_rumours_next_to_ask(tg_known_rumours(kb.k)));
}
END_TEST

/* --- what is asked --- */

static const int layers[] = {229, 138};

static void bed_up(void)
{
    bed_init(&b, BED_READY);
}

static void bed_down(void)
{
    bed_fini(&b);
}

static struct fake_chat *news(void)
{
    return fake_world_chat(b.world, PEER_CHANNEL, 6001);
}

/* Without the chat's object, which would say whether a call is active in it. */
static void push(enum said what, const struct fake_call *call)
{
    json_t *one = json_of(update(what, call->id, call->access_hash));

    fake_dc_push(b.dc, json_pack("{s:s, s:o, s:i}", "_", "updateShort", "update", one, "date", 3));
}

static const struct tg_call *record(const struct fake_call *call)
{
    return tg_calls_find(tg_account_calls(b.a), call->id);
}

START_TEST(test_a_call_whose_start_was_lost_is_known)
{
    bed_init_in(&b, BED_READY, layers[_i]);
    struct fake_call *call = fake_world_start(b.world, news());
    push(BEGAN, call);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_ptr_nonnull(record(call));
    ck_assert_int_eq(record(call)->state, TG_CALL_ACTIVE);
    ck_assert(record(call)->has_peer && record(call)->peer_id == 6001);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 1);
    bed_fini(&b);
}
END_TEST

START_TEST(test_a_call_whose_end_was_lost_is_over)
{
    struct fake_call *call = fake_world_start(b.world, news());

    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(call)), call->chat));
    bed_pass(&b, SECOND_US);
    ck_assert_int_eq(record(call)->state, TG_CALL_ACTIVE);
    fake_world_end(b.world, call);
    push(ENDED, call);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_int_eq(record(call)->state, TG_CALL_DISCARDED);
}
END_TEST

START_TEST(test_an_update_soon_after_spares_the_question)
{
    struct fake_call *call = fake_world_start(b.world, news());

    push(BEGAN, call);
    bed_pass(&b, TG_KNOWN_SAID_US / 2);
    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(call)), call->chat));
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_int_eq(record(call)->state, TG_CALL_ACTIVE);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 0);
}
END_TEST

START_TEST(test_a_rumour_of_a_call_that_is_none_is_asked_for_once)
{
    static const char *const errors[] = {"GROUPCALL_INVALID", "GROUPCALL_FORBIDDEN"};
    struct fake_rule refused = {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = errors[_i]};

    fake_dc_rule(b.dc, "phone.getGroupCall", refused);
    push(BEGAN, fake_world_start(b.world, news()));
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.getGroupCall"), 1);
    ck_assert_uint_eq(tg_calls_count(tg_account_calls(b.a)), 0);
}
END_TEST

static void push_people(const struct fake_call *call)
{
    char text[256];

    snprintf(text, sizeof(text),
             "{'_':'updateGroupCallParticipants','call':{'_':'inputGroupCall','id':'%" PRId64
             "','access_hash':'%" PRId64 "'},'participants':[],'version':7}",
             call->id, call->access_hash);
    fake_dc_push(b.dc, json_pack("{s:s, s:o, s:i}", "_", "updateShort", "update", json_of(text), "date", 3));
}

START_TEST(test_a_call_of_nobodys_that_people_come_into_is_asked_for_once_until_a_message_tells_of_it)
{
    struct fake_rule refused = {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "GROUPCALL_INVALID"};
    struct fake_call *call = fake_world_start(b.world, news());

    fake_dc_rule(b.dc, "phone.getGroupCall", refused);
    for (int i = 0; i < 5; i++) {
        push_people(call);
        bed_pass(&b, 60 * SECOND_US);
    }
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.getGroupCall"), 1);
    fake_dc_no_rules(b.dc);
    push(BEGAN, call);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_ptr_nonnull(record(call));
}
END_TEST

START_TEST(test_a_rumour_that_cannot_be_settled_is_asked_for_ever_more_seldom)
{
    struct fake_rule broken = {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 500, .text = "SOMETHING_INTERNAL"};
    struct fake_call *call = fake_world_start(b.world, news());

    fake_dc_rule(b.dc, "phone.getGroupCall", broken);
    push(BEGAN, call);
    bed_pass(&b, 1200 * SECOND_US);
    unsigned before = fake_dc_asked(b.dc, "phone.getGroupCall");
    ck_assert_uint_ge(before, 4);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_le(fake_dc_asked(b.dc, "phone.getGroupCall") - before, 3);
    fake_dc_no_rules(b.dc);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_ptr_nonnull(record(call));
}
END_TEST

Suite *suite_rumours(void)
{
    Suite *s = suite_create("rumours");
    TCase *learnt = tcase_create("learnt"), *asked = tcase_create("asked"), *layered = tcase_create("layered");

    tcase_add_checked_fixture(learnt, kb_set_up, kb_tear_down);
    tcase_add_loop_test(learnt, test_a_call_that_a_message_tells_of_is_a_rumour_and_no_record, BEGAN, ENDED);
    tcase_add_test(learnt, test_a_difference_tells_and_a_history_does_not);
    tcase_add_test(learnt, test_a_chat_that_was_empty_is_asked);
    tcase_add_test(learnt, test_a_call_that_people_come_into_is_a_rumour_without_a_chat);
    tcase_add_test(learnt, test_a_call_without_a_chat_that_is_seen_is_known_without_one);
    tcase_add_test(learnt, test_what_is_seen_of_a_call_ends_its_rumour_and_is_of_its_chat);
    tcase_add_test(learnt, test_an_old_message_neither_ends_a_call_nor_revives_one);
    tcase_add_test(learnt, test_a_scheduled_call_that_is_said_to_have_begun_is_in_doubt);
    tcase_add_test(learnt, test_the_oldest_rumour_goes_and_with_the_login_all);
    suite_add_tcase(s, learnt);
    tcase_add_checked_fixture(asked, bed_up, bed_down);
    tcase_set_timeout(asked, 30);
    tcase_add_test(asked, test_a_call_whose_end_was_lost_is_over);
    tcase_add_test(asked, test_an_update_soon_after_spares_the_question);
    tcase_add_loop_test(asked, test_a_rumour_of_a_call_that_is_none_is_asked_for_once, 0, 2);
    tcase_add_test(asked, test_a_call_of_nobodys_that_people_come_into_is_asked_for_once_until_a_message_tells_of_it);
    tcase_add_test(asked, test_a_rumour_that_cannot_be_settled_is_asked_for_ever_more_seldom);
    suite_add_tcase(s, asked);
    tcase_set_timeout(layered, 30);
    tcase_add_loop_test(layered, test_a_call_whose_start_was_lost_is_known, 0, sizeof(layers) / sizeof(*layers));
    suite_add_tcase(s, layered);
    return s;
}
