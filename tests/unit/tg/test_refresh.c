/* Calls whose records are in doubt are read again: each is settled as soon as it can be, whatever becomes of others. */
#include "daemon/tg/known/calls.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct fake_call *forbidden, *other;

static struct fake_call *start(int64_t channel_id)
{
    struct fake_chat *chat = fake_world_chat(b.world, PEER_CHANNEL, channel_id);
    struct fake_call *call = fake_world_start(b.world, chat);

    fake_dc_push(b.dc, fake_json_updates(b.world, json_pack("[o]", fake_json_update_call(call)), chat));
    bed_pass(&b, SECOND_US);
    return call;
}

static void set_up(void)
{
    bed_init(&b, BED_READY);
    forbidden = start(6001);
}

static void tear_down(void)
{
    bed_fini(&b);
}

static bool is_stale(const struct fake_call *call)
{
    const struct tg_call *r = tg_calls_find(tg_account_calls(b.a), call->id);

    ck_assert_ptr_nonnull(r);
    return r->stale;
}

static void miss_updates(void)
{
    fake_dc_push(b.dc, json_pack("{s:s}", "_", "updatesTooLong"));
    bed_pass(&b, 25000);
}

static const struct fake_rule refusals[] = {
    {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 403, .text = "GROUPCALL_FORBIDDEN"},
    {.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 500, .text = "SOMETHING_INTERNAL"},
    {.fate = FAKE_LOST, .times = FAKE_ALWAYS},
};
enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

/* The account is refused one call, over and over, and then has updates to make up for. */
START_TEST(test_a_call_that_cannot_be_settled_delays_no_other)
{
    fake_dc_rule(b.dc, "phone.getGroupCall", refusals[_i]);
    fake_dc_rule(b.dc, "channels.getFullChannel", refusals[_i]);
    miss_updates();
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert(is_stale(forbidden));
    fake_dc_no_rules(b.dc);
    other = start(6002);
    struct tg_call *r = tg_calls_find(tg_account_calls(b.a), other->id);
    ck_assert(!r->stale);
    miss_updates();
    ck_assert(is_stale(other));
    bed_pass(&b, 5 * SECOND_US);
    ck_assert(!is_stale(other));
}
END_TEST

static unsigned asked_in(int64_t us)
{
    unsigned before = fake_dc_asked(b.dc, "phone.getGroupCall");

    bed_pass(&b, us);
    return fake_dc_asked(b.dc, "phone.getGroupCall") - before;
}

/* …and losses that teach nothing of it do not have it asked for more often. */
START_TEST(test_a_call_that_is_refused_for_ever_is_asked_for_ever_more_seldom)
{
    fake_dc_rule(b.dc, "phone.getGroupCall", refusals[0]);
    fake_dc_rule(b.dc, "channels.getFullChannel", refusals[0]);
    miss_updates();
    unsigned first = asked_in(60 * SECOND_US);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_ge(first, 4);
    ck_assert_uint_le(asked_in(60 * SECOND_US), 1);
    for (int i = 0; i < 20; i++)
        miss_updates();
    ck_assert_uint_le(asked_in(60 * SECOND_US), 1);
    ck_assert_uint_ge(asked_in(3 * 3600 * SECOND_US), 1);
    ck_assert(is_stale(forbidden));
}
END_TEST

/* A link that carried a caller's query off: what became of that is settled before anything of ours is asked. A server
 * that ends the link with each answer would otherwise never hear the query again. */
START_TEST(test_a_question_of_ours_waits_for_a_callers_query_in_doubt)
{
    struct bed_answer answer;

    fake_dc_rule(b.dc, "users.getUsers", (struct fake_rule){.fate = FAKE_DROP_BEFORE});
    bed_ask(&b, "users.getUsers", "{'id':[{'_':'inputUserSelf'}]}", 20 * SECOND_US, 0, &answer);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.getGroupCall"), 0);
    ck_assert(is_stale(forbidden));
    bed_pass(&b, SECOND_US);
    ck_assert(!is_stale(forbidden));
}
END_TEST

Suite *suite_refresh(void)
{
    Suite *s = suite_create("refresh");
    TCase *t = tcase_create("refresh");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_loop_test(t, test_a_call_that_cannot_be_settled_delays_no_other, 0, REFUSALS);
    tcase_add_test(t, test_a_call_that_is_refused_for_ever_is_asked_for_ever_more_seldom);
    tcase_add_test(t, test_a_question_of_ours_waits_for_a_callers_query_in_doubt);
    suite_add_tcase(s, t);
    return s;
}
