/* What a create makes of what it finds: its own kind unsettled, a refusal that the chat explains, an answer that cannot
 * be read, and a peer that is not any more what it was. */
#include <string.h>

#include "daemon/tg/account/request.h"
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static json_int_t sent_random_id(void)
{
    return json_integer_value(json_object_get(fake_dc_last(b.dc, "phone.createGroupCall"), "random_id"));
}

START_TEST(test_a_repeat_takes_the_random_id_of_what_is_unsettled_along)
{
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    json_int_t unsettled = sent_random_id();
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(sent_random_id(), unsettled);
    /* What is to end a call is another intent, and the last one is what is unsettled then. */
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    json_int_t replacing = sent_random_id();
    ck_assert_int_ne(replacing, unsettled);
    fake_dc_no_rules(b.dc);
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(sent_random_id(), replacing);
    /* Its fate is known now. */
    fake_world_end(b.world, b.world->chats[1].call);
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    ck_assert_int_ne(sent_random_id(), replacing);
    bed_pass(&b, 20 * 60 * SECOND_US);
    bed_expect_true_records(&b);
}
END_TEST

/* Two creates in one chat, neither answered; the first is carried out last, and nobody hears of it. */
static const struct fake_rule seconds[] = {
    {.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 50 * SECOND_US},
    {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 50 * SECOND_US},
    {.fate = FAKE_NEVER, .times = FAKE_ALWAYS},
    {.fate = FAKE_LOST, .times = FAKE_ALWAYS},
    {.fate = FAKE_DROP_BEFORE, .times = FAKE_ALWAYS},
};

START_TEST(test_of_several_unsettled_creates_none_is_forgotten)
{
    static const struct fake_rule later = {
        .fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 200 * SECOND_US, .silent = true};
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", later);
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    fake_dc_no_rules(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall", seconds[_i]);
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    fake_dc_no_rules(b.dc);
    bed_pass(&b, 240 * SECOND_US);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_expect_true_records(&b);
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_EXISTS);
    ck_assert_int_eq(m.id, fake_world_named(b.world, "news")->call->id);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_pass(&b, 20 * 60 * SECOND_US);
    bed_expect_true_records(&b);
}
END_TEST

/* Another admin's call is what made it fail: sent again at once, it would end that. */
START_TEST(test_a_create_that_failed_reads_the_chat_before_it_is_sent_again)
{
    struct fake_chat *news = fake_world_named(b.world, "news");
    struct bed_made m;

    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    fake_world_end(b.world, news->call);
    tg_known_link_lost(tg_account_known(b.a));
    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "CREATE_CALL_FAILED"});
    /* The answer to the question before the create is the last word that there is none. */
    fake_dc_rule(b.dc, "channels.getFullChannel", (struct fake_rule){.fate = FAKE_LATE, .after_us = SECOND_US});
    json_t *peer = json_string("@news");
    bed_create(&b, &(struct tg_create_order){.peer = peer}, &m);
    bed_pass(&b, SECOND_US / 2);
    if (!_i)
        fake_world_start(b.world, news);
    bed_pass(&b, 30 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_int_eq(m.end, _i ? TG_CREATE_MADE : TG_CREATE_EXISTS);
    ck_assert_int_eq(m.id, news->call->id);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), (unsigned)_i);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    json_decref(peer);
}
END_TEST

static const char *const unread[] = {"GROUPCALL_FORBIDDEN", "GROUPCALL_INVALID"};

/* The chat says that a call runs, and Telegram does not show it to us. */
START_TEST(test_a_running_call_that_cannot_be_read_is_told_of_and_asked_for_no_more_than_twice)
{
    struct fake_chat *news = fake_world_named(b.world, "news");
    struct bed_made m;

    fake_world_start(b.world, news);
    fake_dc_rule(b.dc, "phone.getGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 403, .text = unread[_i]});
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    ck_assert_int_eq(m.err, 0);
    ck_assert_str_eq(m.text, unread[_i]);
    ck_assert_uint_le(fake_dc_asked(b.dc, "channels.getFullChannel"), 3);
    ck_assert_uint_le(fake_dc_asked(b.dc, "phone.getGroupCall"), 2);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 0);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

static const char *const under_way[] = {"phone.discardGroupCall", "phone.createGroupCall"};

/* It has happened, and its answer is not there yet: what was known before it is worth nothing meanwhile. */
START_TEST(test_what_is_under_way_in_a_chat_is_not_overlooked)
{
    struct fake_chat *news = fake_world_named(b.world, "news");
    struct bed_answer theirs;
    struct bed_made m;
    char params[256];
    json_t *peer = json_string("@news");

    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    const struct fake_call *first = fake_world_call(b.world, m.id);
    const struct tg_peer *known = tg_peers_find(tg_account_peers(b.a), PEER_CHANNEL, news->id);
    if (_i)
        snprintf(params, sizeof(params),
                 "{'peer':{'_':'inputPeerChannel','channel_id':'%lld','access_hash':'%lld'},'random_id':77}",
                 (long long)news->id, (long long)known->access_hash);
    else
        snprintf(params, sizeof(params), "{'call':{'_':'inputGroupCall','id':'%lld','access_hash':'%lld'}}",
                 (long long)first->id, (long long)first->access_hash);
    fake_dc_rule(b.dc, under_way[_i], (struct fake_rule){.fate = FAKE_LATE, .after_us = 8 * SECOND_US});
    struct tg_effect effect = {.what = TG_EFFECT_ALL, .kind = PEER_CHANNEL, .id = news->id};
    bed_intend(&b, under_way[_i], params, 30 * SECOND_US, 0, &effect, &theirs);
    bed_pass(&b, 2 * SECOND_US);
    bed_create(&b, &(struct tg_create_order){.peer = peer}, &m);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_int_eq(m.id, news->call->id);
    bed_pass(&b, 30 * SECOND_US);
    ck_assert_uint_eq(b.world->calls_n, 2);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_expect_true_records(&b);
    bed_answer_fini(&theirs);
    json_decref(peer);
}
END_TEST

/* Each time the chat is asked first, as others may have started a call while the link was down. */
START_TEST(test_a_link_that_drops_at_each_attempt_is_tried_again_many_times)
{
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_DROP_BEFORE, .times = FAKE_ALWAYS});
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    ck_assert_uint_gt(fake_dc_asked(b.dc, "phone.createGroupCall"), 16);
    ck_assert_uint_ge(fake_dc_executed(b.dc, "channels.getFullChannel"), 16);
}
END_TEST

/* The call that an unanswered create made is over by the time that the client asks again: a new one is meant. */
START_TEST(test_the_random_id_of_a_call_that_has_ended_is_not_taken_along)
{
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    fake_dc_no_rules(b.dc);
    fake_world_end(b.world, &b.world->calls[0]);
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(m.id, b.world->calls[1].id);
    ck_assert_uint_eq(b.world->calls_n, 2);
    bed_expect_true_records(&b);
}
END_TEST

START_TEST(test_a_group_that_has_become_a_channel_gets_its_call_there)
{
    struct fake_chat *group = fake_world_chat(b.world, PEER_CHAT, 501);
    json_t *peer = json_of("{'_':'inputPeerChat','chat_id':501}");
    struct tg_create_order order = {.peer = peer, .if_exists = _i ? TG_IF_EXISTS_REPLACE : TG_IF_EXISTS_KEEP};
    struct bed_made m;

    group->migrated_to = fake_world_chat(b.world, PEER_CHANNEL, 6003);
    bed_create(&b, &order, &m);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_ptr_eq(b.world->calls[0].chat, group->migrated_to);
    const struct tg_call *call = tg_calls_find(tg_account_calls(b.a), m.id);
    ck_assert_int_eq(call->peer_kind, PEER_CHANNEL);
    ck_assert_int_eq(call->peer_id, 6003);
    bed_expect_true_records(&b);
    json_decref(peer);
}
END_TEST

/* It was carried out, whatever the answer meant to say. */
START_TEST(test_an_answer_that_cannot_be_read_has_the_chat_asked_for_its_call)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER});
    bed_create(&b, &(struct tg_create_order){.peer = peer}, &m);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 1);
    if (_i)
        fake_dc_rule(b.dc, "channels.getFullChannel",
                     (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "CHANNEL_PRIVATE"});
    invoke_on_result(b.a, b.a->requests->number, (const uint8_t *)"junk", 4);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_int_eq(m.end, _i ? TG_CREATE_TROUBLE : TG_CREATE_MADE);
    if (_i)
        ck_assert_int_eq(m.fate, TG_FATE_EXECUTED);
    else
        ck_assert_int_eq(m.id, b.world->calls[0].id);
    bed_expect_true_records(&b);
    json_decref(peer);
}
END_TEST

/* @news has gone from channel 6001 to 6003, while the account still knows it as it was. */
static void move_name(void)
{
    struct fake_chat *from = fake_world_named(b.world, "news"), *to = fake_world_chat(b.world, PEER_CHANNEL, 6003);

    strcpy(to->username, from->username);
    from->username[0] = '\0';
}

START_TEST(test_a_name_that_has_moved_is_followed_before_a_call_is_made)
{
    struct bed_made m;

    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    fake_world_end(b.world, &b.world->calls[0]);
    tg_known_link_lost(tg_account_known(b.a)); /* so that the chat is asked */
    move_name();
    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(b.world->calls[b.world->calls_n - 1].chat->id, 6003);
    bed_expect_true_records(&b);
}
END_TEST

START_TEST(test_a_channel_that_is_closed_to_us_has_its_name_resolved_once_more)
{
    struct bed_made m;

    bed_create_news(&b, TG_IF_EXISTS_KEEP, &m);
    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = 1 + _i, .code = 400, .text = "CHANNEL_PRIVATE"});
    if (!_i)
        move_name();
    bed_create_news(&b, TG_IF_EXISTS_REPLACE, &m);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "contacts.resolveUsername"), 1);
    ck_assert_int_eq(m.end, _i ? TG_CREATE_TROUBLE : TG_CREATE_MADE);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), _i ? 1 : 2);
    if (!_i)
        ck_assert_int_eq(b.world->calls[1].chat->id, 6003);
}
END_TEST

Suite *suite_create_finds(void)
{
    Suite *s = suite_create("create_finds");
    TCase *t = tcase_create("create_finds");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_a_repeat_takes_the_random_id_of_what_is_unsettled_along);
    tcase_add_loop_test(t, test_of_several_unsettled_creates_none_is_forgotten, 0,
                        sizeof(seconds) / sizeof(seconds[0]));
    tcase_add_loop_test(t, test_a_create_that_failed_reads_the_chat_before_it_is_sent_again, 0, 2);
    tcase_add_loop_test(t, test_a_running_call_that_cannot_be_read_is_told_of_and_asked_for_no_more_than_twice, 0, 2);
    tcase_add_loop_test(t, test_what_is_under_way_in_a_chat_is_not_overlooked, 0, 2);
    tcase_add_test(t, test_a_link_that_drops_at_each_attempt_is_tried_again_many_times);
    tcase_add_test(t, test_the_random_id_of_a_call_that_has_ended_is_not_taken_along);
    tcase_add_loop_test(t, test_a_group_that_has_become_a_channel_gets_its_call_there, 0, 2);
    tcase_add_loop_test(t, test_an_answer_that_cannot_be_read_has_the_chat_asked_for_its_call, 0, 2);
    tcase_add_test(t, test_a_name_that_has_moved_is_followed_before_a_call_is_made);
    tcase_add_loop_test(t, test_a_channel_that_is_closed_to_us_has_its_name_resolved_once_more, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
