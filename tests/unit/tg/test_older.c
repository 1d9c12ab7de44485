/* Answers that are older than what happened since: they were on their way while the link was lost, or something else
 * was told. What they say is no proof any more. */
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/objects.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct fake_chat *news;
static struct tg_known *k;

static void set_up(void)
{
    bed_init(&b, BED_READY);
    news = fake_world_named(b.world, "news");
    k = tg_account_known(b.a);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static void begin_create(const json_t *peer, struct bed_made *m)
{
    bed_create(&b, &(struct tg_create_order){.peer = peer}, m);
}

static void pass_until_asked(const char *method)
{
    for (int i = 0; i < 4000 && !fake_dc_asked(b.dc, method); i++)
        bed_pass(&b, 1000);
    ck_assert_uint_eq(fake_dc_asked(b.dc, method), 1);
}

static void expect_theirs(const struct bed_made *m, const struct fake_call *theirs)
{
    ck_assert_int_eq(theirs->state, FAKE_CALL_ACTIVE);
    ck_assert_int_eq(m->end, TG_CREATE_EXISTS);
    ck_assert_int_eq(m->id, theirs->id);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
}

static const char full_channel[] = "{'channel':{'_':'inputChannel','channel_id':6001,'access_hash':42007}}";

/* The session hands it out on the next link: it was true before the link was lost. */
START_TEST(test_that_a_chat_was_empty_before_a_lost_link_is_no_proof)
{
    json_t *peer = json_string("@news");
    struct bed_answer answer;
    struct bed_made m;

    fake_dc_rule(b.dc, "channels.getFullChannel", (struct fake_rule){.fate = FAKE_DROP_AFTER});
    if (_i)
        begin_create(peer, &m);
    else
        bed_ask(&b, "channels.getFullChannel", full_channel, 30 * SECOND_US, 0, &answer);
    pass_until_asked("channels.getFullChannel");
    const struct fake_call *theirs = fake_world_start(b.world, news);
    if (!_i) {
        bed_wait(&b, &answer);
        bed_expect_result(&answer);
        bed_answer_fini(&answer);
        begin_create(peer, &m);
    }
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    expect_theirs(&m, theirs);
    json_decref(peer);
}
END_TEST

/* --- a call's own record --- */

static void learn(const char *method, uint64_t mark, const char *text)
{
    struct tg_learnt learnt;
    struct fault fault = {0};
    struct buf bytes;

    bytes_of(229, text, &bytes);
    int err =
        tg_known_learn(k, tl_find_method(shipped_layer(229), method), mark, bytes.data, bytes.len, &learnt, &fault);
    ck_assert_msg(err == 0, "%s", fault.text);
    buf_fini(&bytes);
}

#define ANSWER                                                                                                         \
    "{'_':'phone.groupCall','call':" CALL("") ",'participants':[],'participants_next_offset':'','chats':[],'users':[]" \
                                              "}"

static const struct tg_call *record(void)
{
    const struct tg_call *call = tg_calls_find(tg_known_calls(k), 11);

    ck_assert_ptr_nonnull(call);
    return call;
}

static void lose_the_link(void)
{
    tg_known_link_lost(k);
}

static void miss_updates(void)
{
    tg_known_missed(k);
}

static void unsettle(void)
{
    tg_known_unsettle_call(k, 11);
}

static void (*const doubts[])(void) = {lose_the_link, miss_updates, unsettle};

START_TEST(test_a_call_that_is_doubted_is_settled_by_a_later_question_alone)
{
    uint64_t before = tg_known_mark(k);

    learn("phone.getGroupCall", before, ANSWER);
    ck_assert(!record()->stale);
    before = tg_known_mark(k);
    doubts[_i]();
    learn("phone.getGroupCall", before, ANSWER);
    ck_assert(record()->stale);
    learn("phone.getGroupCall", tg_known_mark(k), ANSWER);
    ck_assert(!record()->stale);
}
END_TEST

START_TEST(test_a_call_that_was_first_shown_before_a_lost_link_is_in_doubt)
{
    uint64_t before = tg_known_mark(k);

    lose_the_link();
    learn("phone.getGroupCall", before, ANSWER);
    ck_assert(record()->stale);
}
END_TEST

/* Asked for by the chat whose call it was then. */
START_TEST(test_a_call_that_another_replaced_while_it_was_read_is_not_the_answer)
{
    const struct fake_call *first = fake_world_start(b.world, news);
    json_t *peer = json_string("@news");
    struct bed_made m;

    fake_dc_rule(b.dc, "phone.getGroupCall", (struct fake_rule){.fate = FAKE_LATE, .after_us = 2 * SECOND_US});
    begin_create(peer, &m);
    pass_until_asked("phone.getGroupCall");
    const struct fake_call *theirs = fake_world_start(b.world, news);
    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(theirs)), news));
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_int_eq(first->state, FAKE_CALL_DISCARDED);
    ck_assert_uint_eq(m.times, 1);
    expect_theirs(&m, theirs);
    json_decref(peer);
}
END_TEST

Suite *suite_older(void)
{
    Suite *s = suite_create("older");
    TCase *t = tcase_create("older");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_that_a_chat_was_empty_before_a_lost_link_is_no_proof, 0, 2);
    tcase_add_loop_test(t, test_a_call_that_is_doubted_is_settled_by_a_later_question_alone, 0,
                        sizeof(doubts) / sizeof(doubts[0]));
    tcase_add_test(t, test_a_call_that_was_first_shown_before_a_lost_link_is_in_doubt);
    tcase_add_test(t, test_a_call_that_another_replaced_while_it_was_read_is_not_the_answer);
    suite_add_tcase(s, t);
    return s;
}
