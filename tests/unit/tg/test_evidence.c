/* Another admin starts, replaces or ends a call, and no update tells the account of it: whatever else told it, a create
 * that is to end nothing ends nothing, and answers with the call that runs. */
#include <stdlib.h>

#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct fake_chat *news;

static void tear_down(void)
{
    bed_fini(&b);
}

static void begin_create(json_t *peer, struct bed_made *m)
{
    bed_create(&b, &(struct tg_create_order){.peer = peer}, m);
}

static void create(struct bed_made *m)
{
    json_t *peer = json_string("@news");

    begin_create(peer, m);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(m->times, 1);
    json_decref(peer);
}

static void ask(const char *method, const char *params)
{
    struct bed_answer answer;

    bed_ask_now(&b, method, params, 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
}

/* --- what tells of it --- */

static void by_name(void)
{
    ask("contacts.resolveUsername", "{'username':'news'}");
}

static void by_full_chat(void)
{
    ask("channels.getFullChannel", "{'channel':{'_':'inputChannel','channel_id':6001,'access_hash':42007}}");
}

static void by_dialogs(void)
{
    ask("messages.getDialogs", "{'offset_date':0,'offset_id':0,'offset_peer':{'_':'inputPeerEmpty'},'limit':100,"
                               "'hash':0}");
}

static void push_channel_changed(void)
{
    fake_dc_push(
        b.dc, fake_json_updates(
                  b.world, json_pack("[{s:s, s:I}]", "_", "updateChannel", "channel_id", (json_int_t)news->id), news));
}

static void by_update(void)
{
    push_channel_changed();
    bed_pass(&b, SECOND_US);
}

static void by_an_update_of_another(void)
{
    struct fake_chat *talk = fake_world_chat(b.world, PEER_CHANNEL, 6002);
    json_t *updates = fake_json_updates(b.world, json_array(), talk);

    json_array_append_new(json_object_get(updates, "chats"), fake_json_chat(news));
    fake_dc_push(b.dc, updates);
    bed_pass(&b, SECOND_US);
}

static void by_a_lost_link(void)
{
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 5 * SECOND_US);
}

/* The create is asked for while there is no link. */
static void by_a_link_that_is_away(void)
{
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 25000);
}

static void by_a_lost_session(void)
{
    fake_dc_forget_sessions(b.dc);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 5 * SECOND_US);
}

static void by_too_long(void)
{
    fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
    bed_pass(&b, 25000);
}

static void by_time(void)
{
    bed_pass(&b, 61 * SECOND_US);
}

static const struct {
    const char *what;
    void (*tell)(void);
    bool only_start; /* it shows that a call runs, but not which */
} ways[] = {
    {"resolveUsername", by_name, true},
    {"getFullChannel", by_full_chat, false},
    {"getDialogs", by_dialogs, true},
    {"updateChannel with the channel", by_update, true},
    {"the channel beside another's updates", by_an_update_of_another, true},
    {"a link that was lost and is back", by_a_lost_link, false},
    {"a link that is lost", by_a_link_that_is_away, false},
    {"a session that was lost", by_a_lost_session, false},
    {"updatesTooLong", by_too_long, false},
    {"a minute", by_time, true},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]), LAYERS = 2 };

static void set_up(int row)
{
    bed_init_in(&b, BED_READY, row / WAYS ? 138 : 229);
    news = fake_world_named(b.world, "news");
}

static void expect_call(const struct bed_made *m, const struct fake_call *call, int row)
{
    ck_assert_msg(m->end == TG_CREATE_EXISTS && m->id == call->id, "%s: end %d, call %d", ways[row % WAYS].what, m->end,
                  (int)m->id);
    ck_assert_ptr_eq(news->call, call);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}

/* The account's own call has ended: it knows the chat to be empty. */
START_TEST(test_a_call_that_another_started_is_not_ended)
{
    struct bed_answer answer;
    struct bed_made m;
    char params[128];

    set_up(_i);
    create(&m);
    snprintf(params, sizeof(params), "{'call':{'_':'inputGroupCall','id':'%d','access_hash':'%d'}}", (int)m.id,
             (int)m.id * 11);
    bed_ask_now(&b, "phone.discardGroupCall", params, 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    ck_assert_int_eq(tg_known_chat(tg_account_known(b.a), PEER_CHANNEL, news->id, NULL), TG_CHAT_EMPTY);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    fake_dc_forget_counts(b.dc);
    ways[_i % WAYS].tell();
    create(&m);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 0);
    expect_call(&m, theirs, _i);
}
END_TEST

START_TEST(test_a_call_that_another_put_in_the_place_of_ours_is_the_answer)
{
    struct bed_made m;

    set_up(_i);
    if (ways[_i % WAYS].only_start)
        return;
    create(&m);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    ways[_i % WAYS].tell();
    create(&m);
    expect_call(&m, theirs, _i);
}
END_TEST

/* Contrary evidence: the flag of a channel that has no call. */
START_TEST(test_a_call_that_another_ended_is_not_the_answer)
{
    struct bed_made m;

    set_up(_i);
    create(&m);
    int64_t ours = m.id;
    fake_world_end(b.world, news->call);
    if (ways[_i % WAYS].tell == by_time) /* an end that nothing tells of */
        return;
    ways[_i % WAYS].tell();
    create(&m);
    ck_assert_msg(m.end == TG_CREATE_MADE && m.id != ours, "%s: end %d", ways[_i % WAYS].what, m.end);
    ck_assert_int_eq(m.id, news->call->id);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

/* The evidence comes between the create's own question and its answer. */
START_TEST(test_a_start_that_is_told_while_the_chat_is_asked_counts)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    set_up(_i * WAYS);
    by_name();
    fake_dc_rule(b.dc, "channels.getFullChannel", (struct fake_rule){.fate = FAKE_LATE, .after_us = 2 * SECOND_US});
    begin_create(peer, &m);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "channels.getFullChannel"), 1);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    push_channel_changed();
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    expect_call(&m, theirs, _i * WAYS);
    json_decref(peer);
}
END_TEST

/* The answer that the chat is empty comes over a link that is lost before the create goes out. */
START_TEST(test_a_create_that_a_lost_link_kept_back_asks_the_chat_once_more)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    set_up(_i * WAYS);
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_DROP_BEFORE});
    begin_create(peer, &m);
    bed_pass(&b, 55000); /* the third question has arrived, and its link is lost */
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    bed_pass(&b, 20 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    expect_call(&m, theirs, _i * WAYS);
    json_decref(peer);
}
END_TEST

/* What makes a create go out once more, or be carried out late. */
static const struct fake_rule delays[] = {
    {.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_5"},
    {.fate = FAKE_ERROR, .code = 500, .text = "RPC_CALL_FAIL"},
    {.fate = FAKE_ERROR, .code = 400, .text = "CREATE_CALL_FAILED"},
    {.fate = FAKE_LOST},
};

START_TEST(test_a_create_that_has_to_wait_does_not_end_what_was_started_meanwhile)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    set_up(0);
    fake_dc_rule(b.dc, "phone.createGroupCall", delays[_i]);
    begin_create(peer, &m);
    bed_pass(&b, 55000);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 1);
    const struct fake_call *theirs = fake_world_start(b.world, news);
    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(theirs)), news));
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
    if (delays[_i].fate != FAKE_LOST) {
        expect_call(&m, theirs, 0);
    } else { /* it may still be carried out */
        ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
        create(&m);
        expect_call(&m, theirs, 0);
    }
    json_decref(peer);
}
END_TEST

/* A create that nobody was told of went out with a random_id that the next one uses too, so that there is one call of
 * both; by then it has ended, and the server answers with what it said the first time. */
START_TEST(test_the_first_answer_to_a_random_id_is_not_believed_once_its_call_has_ended)
{
    json_t *peer = json_string("@news");
    struct bed_made m;

    set_up(_i * WAYS);
    by_name();
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    begin_create(peer, &m);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    json_t *first = fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(news->call)), news);
    char *text = json_dumps(first, 0);
    fake_dc_no_rules(b.dc);
    fake_dc_drop_links(b.dc);
    fake_world_end(b.world, news->call);
    fake_dc_forget_sessions(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.json = text});
    for (int again = 0; again < 2; again++) {
        create(&m);
        ck_assert_int_eq(m.end, again ? TG_CREATE_EXISTS : TG_CREATE_MADE);
        ck_assert_ptr_nonnull(news->call);
        ck_assert_int_eq(m.id, news->call->id);
        ck_assert_uint_eq(fake_world_alive(b.world), 1);
    }
    free(text);
    json_decref(first);
    json_decref(peer);
}
END_TEST

/* An old layer's update says of its chat the bare id alone, which a group and a channel may share. */
START_TEST(test_a_group_and_a_channel_of_one_bare_id_have_each_its_own_call)
{
    struct bed_made m;
    int64_t made[2] = {0};

    set_up(_i * WAYS);
    struct fake_chat *group = fake_world_chat(b.world, PEER_CHAT, 501);
    news->id = group->id;
    json_t *peers[] = {json_string("@news"), json_integer(-501)};
    for (int i = 0; i < 6; i++) {
        begin_create(peers[i % 2], &m);
        bed_pass(&b, 10 * SECOND_US);
        ck_assert_int_eq(m.end, i < 2 ? TG_CREATE_MADE : TG_CREATE_EXISTS);
        made[i % 2] = i < 2 ? m.id : made[i % 2];
        ck_assert_int_eq(m.id, made[i % 2]);
        if (i == 3)
            by_time();
    }
    ck_assert_int_eq(news->call->id, made[0]);
    ck_assert_int_eq(group->call->id, made[1]);
    ck_assert_uint_eq(fake_world_alive(b.world), 2);
    bed_expect_true_records(&b);
    json_decref(peers[0]);
    json_decref(peers[1]);
}
END_TEST

Suite *suite_evidence(void)
{
    Suite *s = suite_create("evidence");
    TCase *t = tcase_create("evidence");

    tcase_add_checked_fixture(t, NULL, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_a_call_that_another_started_is_not_ended, 0, LAYERS * WAYS);
    tcase_add_loop_test(t, test_a_call_that_another_put_in_the_place_of_ours_is_the_answer, 0, LAYERS * WAYS);
    tcase_add_loop_test(t, test_a_call_that_another_ended_is_not_the_answer, 0, LAYERS * WAYS);
    tcase_add_loop_test(t, test_a_start_that_is_told_while_the_chat_is_asked_counts, 0, LAYERS);
    tcase_add_loop_test(t, test_a_create_that_a_lost_link_kept_back_asks_the_chat_once_more, 0, LAYERS);
    tcase_add_loop_test(t, test_a_create_that_has_to_wait_does_not_end_what_was_started_meanwhile, 0,
                        sizeof(delays) / sizeof(delays[0]));
    tcase_add_loop_test(t, test_the_first_answer_to_a_random_id_is_not_believed_once_its_call_has_ended, 0, LAYERS);
    tcase_add_loop_test(t, test_a_group_and_a_channel_of_one_bare_id_have_each_its_own_call, 0, LAYERS);
    suite_add_tcase(s, t);
    return s;
}
