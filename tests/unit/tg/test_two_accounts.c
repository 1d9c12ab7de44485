/* Two accounts of one daemon in one chat: each counts with what the other did, and with nothing that it only knew. */
#include <stdio.h>

#include "daemon/tg/account/effect.h"
#include "daemon/tg/call/step.h"
#include "tests/unit/tg/bed_create.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct tg_account *first, *second;
static json_t *peer;

static void set_up(void)
{
    struct bed_answer answer;

    bed_init(&b, BED_READY);
    first = b.a;
    ck_assert_int_eq(tg_account_new(&b.env, "b", &b.a), 0);
    second = b.a;
    bed_phone(&b, "15550001", &answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    bed_pass(&b, SECOND_US);
    fake_dc_forget_counts(b.dc);
    peer = json_string("@news");
}

/* Some tests end an account themselves. */
static void end(struct tg_account **a)
{
    tg_account_free(*a);
    *a = NULL;
}

static void tear_down(void)
{
    b.a = NULL;
    end(&first);
    end(&second);
    bed_fini(&b);
    json_decref(peer);
}

static void begin(struct tg_account *a, int64_t within_us, struct bed_made *m)
{
    bed_create_on(&b, a, &(struct tg_create_order){.peer = peer, .deadline_us = bed_in(&b, within_us)}, m);
}

static void create(struct tg_account *a, struct bed_made *m)
{
    begin(a, 30 * SECOND_US, m);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(m->times, 1);
}

static void expect_exists(const struct bed_made *m, int64_t id)
{
    ck_assert_int_eq(m->end, TG_CREATE_EXISTS);
    ck_assert_int_eq(m->id, id);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}

START_TEST(test_of_two_creates_at_once_one_makes_the_call)
{
    struct bed_made m, n;

    begin(first, 30 * SECOND_US, &m);
    begin(second, 30 * SECOND_US, &n);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(m.times, 1);
    ck_assert_uint_eq(n.times, 1);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    expect_exists(&n, m.id);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 1);
}
END_TEST

START_TEST(test_a_waiter_leaves_at_its_own_deadline)
{
    struct bed_made m, n;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LATE, .after_us = 20 * SECOND_US});
    begin(first, 30 * SECOND_US, &m);
    bed_pass(&b, SECOND_US);
    int64_t deadline_us = bed_in(&b, 5 * SECOND_US);
    begin(second, 5 * SECOND_US, &n);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(n.times, 1);
    ck_assert_int_eq(n.at_us, deadline_us);
    ck_assert(n.end == TG_CREATE_TROUBLE && n.fate == TG_FATE_NOT_SENT && n.err == TGC_ETIMEOUT);
    bed_pass(&b, 15 * SECOND_US);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    create(second, &n);
    expect_exists(&n, m.id);
}
END_TEST

START_TEST(test_an_account_that_goes_gives_the_chat_on)
{
    struct bed_made m, n;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER});
    begin(first, 30 * SECOND_US, &m);
    bed_pass(&b, SECOND_US);
    begin(second, 30 * SECOND_US, &n);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(n.times, 0);
    end(&first);
    ck_assert_uint_eq(m.times, 1);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_eq(n.times, 1);
    ck_assert_int_eq(n.end, TG_CREATE_EXISTS); /* it ran */
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

START_TEST(test_an_account_that_goes_gives_its_place_back)
{
    struct bed_made m, n;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LATE, .after_us = 10 * SECOND_US});
    begin(first, 30 * SECOND_US, &m);
    bed_pass(&b, SECOND_US);
    begin(second, 30 * SECOND_US, &n);
    bed_pass(&b, SECOND_US);
    end(&second);
    ck_assert_uint_eq(n.times, 1);
    ck_assert(n.end == TG_CREATE_TROUBLE && n.fate == TG_FATE_NOT_SENT && n.err == TGC_ECLOSED);
    bed_pass(&b, 15 * SECOND_US);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    create(first, &n);
    expect_exists(&n, m.id);
}
END_TEST

static void learn_that_it_is_empty(struct tg_account *a)
{
    struct bed_answer answer;

    b.a = a;
    bed_ask_now(&b, "channels.getFullChannel", "{'channel':{'_':'inputChannel','channel_id':6001,'access_hash':42007}}",
                0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
}

START_TEST(test_what_was_known_is_not_relied_on_after_a_question_that_failed)
{
    struct bed_made m, n;

    learn_that_it_is_empty(second);
    create(first, &m);
    fake_dc_rule(b.dc, "channels.getFullChannel",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "CHAT_ADMIN_REQUIRED"});
    create(second, &n);
    ck_assert_int_eq(n.end, TG_CREATE_TROUBLE);
    create(second, &n);
    expect_exists(&n, m.id);
}
END_TEST

START_TEST(test_a_create_that_runs_late_is_heard_of)
{
    struct bed_made m, n;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LATER, .after_us = 40 * SECOND_US});
    begin(first, 10 * SECOND_US, &m);
    bed_pass(&b, 15 * SECOND_US);
    ck_assert(m.end == TG_CREATE_TROUBLE && m.fate == TG_FATE_SENT);
    create(second, &n);
    ck_assert_int_eq(n.end, TG_CREATE_MADE);
    int64_t theirs = n.id;
    bed_pass(&b, 30 * SECOND_US);
    ck_assert_int_eq(fake_world_call(b.world, theirs)->state, FAKE_CALL_DISCARDED);
    create(second, &n);
    ck_assert_int_ne(n.id, theirs);
    expect_exists(&n, fake_world_named(b.world, "news")->call->id);
}
END_TEST

static void on_step(void *ctx, const struct tg_step_outcome *outcome)
{
    *(enum tg_step_end *)ctx = outcome->end;
}

START_TEST(test_a_call_that_another_account_ended_is_not_handed_out)
{
    enum tg_step_end step = TG_STEP_TROUBLE;
    struct bed_made m, n;

    create(first, &m);
    create(second, &n);
    expect_exists(&n, m.id);
    tg_call_step(first, m.id, "phone.discardGroupCall", json_object(), bed_in(&b, 30 * SECOND_US), on_step, &step);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_int_eq(step, TG_STEP_DONE);
    create(second, &n);
    ck_assert_int_eq(n.end, TG_CREATE_MADE);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

/* A caller's own method may change anything: what it did is in its answer. */
START_TEST(test_a_call_that_a_callers_own_method_ended_is_not_handed_out)
{
    static const struct tg_effect all = {.what = TG_EFFECT_ALL};
    struct bed_answer answer;
    struct bed_made m, n;
    char params[128];

    create(first, &m);
    create(second, &n);
    expect_exists(&n, m.id);
    snprintf(params, sizeof(params), "{'call':{'_':'inputGroupCall','id':'%d','access_hash':'%d'}}", (int)m.id,
             (int)m.id * 11);
    b.a = first;
    bed_intend(&b, "phone.discardGroupCall", params, 30 * SECOND_US, 0, &all, &answer);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    create(second, &n);
    ck_assert_int_eq(n.end, TG_CREATE_MADE);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

/* Sent, then silence: it may be over, and is not handed out either. _i: by a method of the caller's own. */
START_TEST(test_a_call_that_another_account_may_have_ended_is_not_handed_out)
{
    static const struct tg_effect in_news = {.what = TG_EFFECT_ALL, .kind = PEER_CHANNEL, .id = 6001};
    enum tg_step_end step = TG_STEP_DONE;
    struct bed_answer answer;
    struct bed_made m, n;
    char params[128];

    create(first, &m);
    create(second, &n);
    expect_exists(&n, m.id);
    fake_dc_rule(b.dc, "phone.discardGroupCall", (struct fake_rule){.fate = FAKE_NEVER});
    if (_i) {
        snprintf(params, sizeof(params), "{'call':{'_':'inputGroupCall','id':'%d','access_hash':'%d'}}", (int)m.id,
                 (int)m.id * 11);
        b.a = first;
        bed_intend(&b, "phone.discardGroupCall", params, 2 * SECOND_US, 0, &in_news, &answer);
        bed_pass(&b, 3 * SECOND_US);
        ck_assert_uint_eq(answer.unknown, 1);
    } else {
        tg_call_step(first, m.id, "phone.discardGroupCall", json_object(), bed_in(&b, 2 * SECOND_US), on_step, &step);
        bed_pass(&b, 3 * SECOND_US);
        ck_assert_int_eq(step, TG_STEP_TROUBLE);
    }
    create(second, &n);
    ck_assert_int_eq(n.end, TG_CREATE_MADE);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    if (_i) {
        end(&first); /* whose answer is not waited for */
        bed_answer_fini(&answer);
    }
}
END_TEST

/* A replace that was not answered, and another account's create before the server carries it out: it ends the younger
 * call. _i: the older one is answered; it is not; the links are renewed too. */
START_TEST(test_a_replace_that_runs_late_ends_the_younger_call_in_the_records)
{
    struct bed_made zero, m, n;

    create(first, &zero);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_LATER, .after_us = 40 * SECOND_US, .silent = _i == 1});
    bed_create_on(&b, first,
                  &(struct tg_create_order){
                      .peer = peer, .if_exists = TG_IF_EXISTS_REPLACE, .deadline_us = bed_in(&b, 10 * SECOND_US)},
                  &m);
    bed_pass(&b, 15 * SECOND_US);
    ck_assert(m.end == TG_CREATE_TROUBLE && m.fate == TG_FATE_SENT);
    bed_create_on(&b, second, &(struct tg_create_order){.peer = peer, .if_exists = TG_IF_EXISTS_REPLACE}, &n);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_int_eq(n.end, TG_CREATE_MADE);
    int64_t younger = n.id;
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_int_eq(fake_world_call(b.world, younger)->state, FAKE_CALL_DISCARDED);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    if (_i == 2) {
        fake_dc_drop_links(b.dc);
        bed_pass(&b, 30 * SECOND_US);
        /* Nobody has to create anything for that to show. */
        const struct tg_call *over = tg_calls_find(tg_account_calls(second), younger);
        ck_assert(over && over->state == TG_CALL_DISCARDED);
    }
    int64_t late = fake_world_named(b.world, "news")->call->id;
    /* Each asks before it relies on what it knew: the younger account first, the older one behind it. */
    for (int i = 0; i < 2; i++) {
        struct bed_made after;
        b.a = i ? first : second;
        create(b.a, &after);
        expect_exists(&after, late);
        bed_expect_true_records(&b);
        ck_assert_int_eq(tg_calls_find(tg_account_calls(b.a), late)->state, TG_CALL_ACTIVE);
        const struct tg_call *over = tg_calls_find(tg_account_calls(b.a), younger);
        ck_assert(!over ? b.a == first : over->state == TG_CALL_DISCARDED);
    }
}
END_TEST

Suite *suite_two_accounts(void)
{
    Suite *s = suite_create("two_accounts");
    TCase *t = tcase_create("two_accounts");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_of_two_creates_at_once_one_makes_the_call);
    tcase_add_test(t, test_a_waiter_leaves_at_its_own_deadline);
    tcase_add_test(t, test_an_account_that_goes_gives_the_chat_on);
    tcase_add_test(t, test_an_account_that_goes_gives_its_place_back);
    tcase_add_test(t, test_what_was_known_is_not_relied_on_after_a_question_that_failed);
    tcase_add_test(t, test_a_create_that_runs_late_is_heard_of);
    tcase_add_test(t, test_a_call_that_another_account_ended_is_not_handed_out);
    tcase_add_test(t, test_a_call_that_a_callers_own_method_ended_is_not_handed_out);
    tcase_add_loop_test(t, test_a_call_that_another_account_may_have_ended_is_not_handed_out, 0, 2);
    tcase_add_loop_test(t, test_a_replace_that_runs_late_ends_the_younger_call_in_the_records, 0, 3);
    suite_add_tcase(s, t);
    return s;
}
