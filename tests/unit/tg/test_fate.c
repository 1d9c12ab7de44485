/* Sent, then silence, at each point of what can be done to a call, and the client that repeats its request: how many
 * calls are alive in the end, and whether the account's records are true. The table is printed. */
#include <stdio.h>

#include "daemon/tg/account/request.h"
#include "daemon/tg/call/create.h"
#include "daemon/tg/call/settle.h"
#include "daemon/tg/call/step.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;

/* When it is executed, as seen from the deadline. */
enum runs { RUNS_NEVER, RUNS, RUNS_LATER };

static const struct silence {
    const char *name;
    struct fake_rule rule;
    enum runs runs;
} silences[] = {
    {"drop before", {.fate = FAKE_DROP_BEFORE}, RUNS},
    {"drop before, for ever", {.fate = FAKE_DROP_BEFORE, .times = FAKE_ALWAYS}, RUNS_NEVER},
    {"drop after", {.fate = FAKE_DROP_AFTER}, RUNS},
    {"late answer", {.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US}, RUNS},
    {"executed later", {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US}, RUNS_LATER},
    {"executed later, unheard",
     {.fate = FAKE_LATER, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US, .silent = true},
     RUNS_LATER},
    {"no answer", {.fate = FAKE_NEVER, .times = FAKE_ALWAYS}, RUNS},
    {"lost", {.fate = FAKE_LOST, .times = FAKE_ALWAYS}, RUNS_NEVER},
};

static const struct repeat {
    const char *name;
    enum tg_if_exists if_exists; /* what "fail" makes of a call that exists is the operation's */
} repeats[] = {
    {"none", 0}, {"return", TG_IF_EXISTS_KEEP}, {"fail", TG_IF_EXISTS_KEEP}, {"replace", TG_IF_EXISTS_REPLACE}};

enum {
    SILENCES = sizeof(silences) / sizeof(silences[0]),
    REPEATS = sizeof(repeats) / sizeof(repeats[0]),
    ROWS = SILENCES * REPEATS,
};

static void set_up(void)
{
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_fini(&b);
}

struct made {
    unsigned times;
    enum tg_create_end end;
    enum tg_fate fate;
    int64_t id;
};

static void on_create(void *ctx, const struct tg_create_outcome *o)
{
    struct made *m = ctx;

    m->times++;
    m->end = o->end;
    m->fate = o->end == TG_CREATE_TROUBLE ? o->trouble.fate : TG_FATE_NONE;
    m->id = o->call ? o->call->id : 0;
}

/* Started, and waited for until its deadline. */
static void create(enum tg_if_exists if_exists, struct made *m)
{
    json_t *peer = json_string("@news");
    struct tg_create_order order = {.peer = peer,
                                    .terms = {.title = "Title", .title_len = 5},
                                    .if_exists = if_exists,
                                    .deadline_us = bed_in(&b, 30 * SECOND_US)};
    struct fault fault;

    *m = (struct made){0};
    ck_assert_int_eq(tg_create(b.a, &order, on_create, m, &fault), 0);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(m->times, 1);
    json_decref(peer);
}

static const char *outcome_text(const struct made *m)
{
    static const char *const ends[] = {"201",     "existing",    "no peer",   "spent",   "no call",
                                       "refused", "504, unsent", "504, sent", "executed"};

    return m->times == 0 ? "-" : ends[m->end < TG_CREATE_TROUBLE ? (int)m->end : (int)m->end + (int)m->fate];
}

static void on_settled(void *ctx)
{
    *(bool *)ctx = true;
}

/* What is told, once the unsettled was asked for, is how it is. */
static void expect_true_records(void)
{
    bool settled = false;
    unsigned running = 0;

    (void)tg_settle(b.a, TG_SETTLE_MAX, bed_in(&b, 3 * SECOND_US), on_settled, &settled);
    bed_pass(&b, 3 * SECOND_US);
    ck_assert(settled);
    for (struct tg_call *c = NULL; (c = tg_calls_next(tg_account_calls(b.a), c)) != NULL;) {
        const struct fake_call *real = fake_world_call(b.world, c->id);
        ck_assert_ptr_nonnull(real);
        ck_assert_int_eq(c->state, (int)real->state);
        if (c->state == TG_CALL_DISCARDED) /* of which Telegram tells no more than that */
            continue;
        running++;
        ck_assert_uint_eq(c->title_len, strlen(real->title));
        if (c->title_len)
            ck_assert_mem_eq(c->title, real->title, c->title_len);
    }
    ck_assert_uint_eq(running, fake_world_alive(b.world));
}

static void say(const char *what, const struct silence *s, const char *then, const char *first, const char *second)
{
    printf("# %-8s %-23s %-12s then %-8s %-12s alive %u of %zu\n", what, s->name, first, then, second,
           fake_world_alive(b.world), b.world->calls_n);
    fflush(stdout);
}

/* BEFORE: the chat has a call, which the first create is to replace. */
static void run_create(int row, bool before)
{
    const struct silence *s = &silences[row / REPEATS];
    const struct repeat *r = &repeats[row % REPEATS];
    struct made zero, first, second = {0};
    bool in_time = s->rule.fate == FAKE_DROP_AFTER || (s->rule.fate == FAKE_DROP_BEFORE && s->runs == RUNS);
    size_t made = before;

    if (before)
        create(TG_IF_EXISTS_KEEP, &zero);
    fake_dc_rule(b.dc, "phone.createGroupCall", s->rule);
    create(before ? TG_IF_EXISTS_REPLACE : TG_IF_EXISTS_KEEP, &first);
    made += s->runs == RUNS;
    ck_assert_int_eq(first.end, in_time ? TG_CREATE_MADE : TG_CREATE_TROUBLE);
    ck_assert_uint_eq(b.world->calls_n, made);
    if (!in_time && s->rule.fate != FAKE_DROP_BEFORE)
        ck_assert_int_eq(first.fate, TG_FATE_SENT);
    expect_true_records();
    fake_dc_no_rules(b.dc);
    if (row % REPEATS) {
        create(r->if_exists, &second);
        bool exists = r->if_exists == TG_IF_EXISTS_KEEP && made;
        ck_assert_int_eq(second.end, exists ? TG_CREATE_EXISTS : TG_CREATE_MADE);
        made += !exists;
        ck_assert_int_eq(second.id, b.world->calls[made - 1].id);
        expect_true_records();
    }
    /* Where the repeat has not taken it over. */
    if (s->runs == RUNS_LATER &&
        (!second.times || second.end != TG_CREATE_MADE || r->if_exists == TG_IF_EXISTS_REPLACE))
        made++;
    bed_pass(&b, 180 * SECOND_US);
    if (row % REPEATS)
        expect_true_records();
    bed_pass(&b, 20 * 60 * SECOND_US);
    say(before ? "replace" : "create", s, r->name, outcome_text(&first), outcome_text(&second));
    /* What was lost on the way may still be carried out where nobody asked again. */
    if (row % REPEATS || s->runs != RUNS_NEVER) {
        ck_assert_uint_eq(b.world->calls_n, made);
        ck_assert_uint_eq(fake_world_alive(b.world), made != 0);
    }
    expect_true_records();
}

START_TEST(test_a_create_then_silence_then_again_is_one_call)
{
    run_create(_i, false);
}
END_TEST

START_TEST(test_a_replace_then_silence_then_again_is_one_call)
{
    run_create(_i, true);
}
END_TEST

static json_int_t sent_random_id(void)
{
    return json_integer_value(json_object_get(fake_dc_last(b.dc, "phone.createGroupCall"), "random_id"));
}

START_TEST(test_a_repeat_takes_the_random_id_of_what_is_unsettled_along)
{
    struct made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    create(TG_IF_EXISTS_KEEP, &m);
    json_int_t unsettled = sent_random_id();
    create(TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(sent_random_id(), unsettled);
    /* What is to end a call is another intent, and the last one is what is unsettled then. */
    create(TG_IF_EXISTS_REPLACE, &m);
    json_int_t replacing = sent_random_id();
    ck_assert_int_ne(replacing, unsettled);
    fake_dc_no_rules(b.dc);
    create(TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(sent_random_id(), replacing);
    /* Its fate is known now. */
    fake_world_end(b.world, b.world->chats[1].call);
    create(TG_IF_EXISTS_REPLACE, &m);
    ck_assert_int_ne(sent_random_id(), replacing);
    bed_pass(&b, 20 * 60 * SECOND_US);
    expect_true_records();
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
    struct made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", later);
    create(TG_IF_EXISTS_REPLACE, &m);
    fake_dc_no_rules(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall", seconds[_i]);
    create(TG_IF_EXISTS_REPLACE, &m);
    ck_assert_int_eq(m.end, TG_CREATE_TROUBLE);
    fake_dc_no_rules(b.dc);
    bed_pass(&b, 240 * SECOND_US);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    expect_true_records();
    create(TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_EXISTS);
    ck_assert_int_eq(m.id, fake_world_named(b.world, "news")->call->id);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    bed_pass(&b, 20 * 60 * SECOND_US);
    expect_true_records();
}
END_TEST

/* Another admin's call is what made it fail: sent again at once, it would end that. */
START_TEST(test_a_create_that_failed_reads_the_chat_before_it_is_sent_again)
{
    struct fake_chat *news = fake_world_named(b.world, "news");
    struct made m;

    create(TG_IF_EXISTS_KEEP, &m);
    fake_world_end(b.world, news->call);
    tg_known_link_lost(tg_account_known(b.a));
    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 400, .text = "CREATE_CALL_FAILED"});
    /* The answer to the question before the create is the last word that there is none. */
    fake_dc_rule(b.dc, "channels.getFullChannel", (struct fake_rule){.fate = FAKE_LATE, .after_us = SECOND_US});
    json_t *peer = json_string("@news");
    struct tg_create_order order = {.peer = peer, .deadline_us = bed_in(&b, 30 * SECOND_US)};
    struct fault fault;
    m = (struct made){0};
    ck_assert_int_eq(tg_create(b.a, &order, on_create, &m, &fault), 0);
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

/* The call that an unanswered create made is over by the time that the client asks again: a new one is meant. */
START_TEST(test_the_random_id_of_a_call_that_has_ended_is_not_taken_along)
{
    struct made m;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    create(TG_IF_EXISTS_KEEP, &m);
    fake_dc_no_rules(b.dc);
    fake_world_end(b.world, &b.world->calls[0]);
    create(TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(m.id, b.world->calls[1].id);
    ck_assert_uint_eq(b.world->calls_n, 2);
    expect_true_records();
}
END_TEST

START_TEST(test_a_group_that_has_become_a_channel_gets_its_call_there)
{
    struct fake_chat *group = fake_world_chat(b.world, PEER_CHAT, 501);
    json_t *peer = json_of("{'_':'inputPeerChat','chat_id':501}");
    struct tg_create_order order = {.peer = peer, .if_exists = _i ? TG_IF_EXISTS_REPLACE : TG_IF_EXISTS_KEEP};
    struct made m = {0};
    struct fault fault;

    group->migrated_to = fake_world_chat(b.world, PEER_CHANNEL, 6003);
    order.deadline_us = bed_in(&b, 30 * SECOND_US);
    ck_assert_int_eq(tg_create(b.a, &order, on_create, &m, &fault), 0);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_ptr_eq(b.world->calls[0].chat, group->migrated_to);
    const struct tg_call *call = tg_calls_find(tg_account_calls(b.a), m.id);
    ck_assert_int_eq(call->peer_kind, PEER_CHANNEL);
    ck_assert_int_eq(call->peer_id, 6003);
    expect_true_records();
    json_decref(peer);
}
END_TEST

/* It was carried out, whatever the answer meant to say. */
START_TEST(test_an_answer_that_cannot_be_read_has_the_chat_asked_for_its_call)
{
    json_t *peer = json_string("@news");
    struct tg_create_order order = {.peer = peer, .deadline_us = bed_in(&b, 30 * SECOND_US)};
    struct made m = {0};
    struct fault fault;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER});
    ck_assert_int_eq(tg_create(b.a, &order, on_create, &m, &fault), 0);
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
    expect_true_records();
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
    struct made m;

    create(TG_IF_EXISTS_KEEP, &m);
    fake_world_end(b.world, &b.world->calls[0]);
    tg_known_link_lost(tg_account_known(b.a)); /* so that the chat is asked */
    move_name();
    create(TG_IF_EXISTS_KEEP, &m);
    ck_assert_int_eq(m.end, TG_CREATE_MADE);
    ck_assert_int_eq(b.world->calls[b.world->calls_n - 1].chat->id, 6003);
    expect_true_records();
}
END_TEST

START_TEST(test_a_channel_that_is_closed_to_us_has_its_name_resolved_once_more)
{
    struct made m;

    create(TG_IF_EXISTS_KEEP, &m);
    fake_dc_forget_counts(b.dc);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = 1 + _i, .code = 400, .text = "CHANNEL_PRIVATE"});
    if (!_i)
        move_name();
    create(TG_IF_EXISTS_REPLACE, &m);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "contacts.resolveUsername"), 1);
    ck_assert_int_eq(m.end, _i ? TG_CREATE_TROUBLE : TG_CREATE_MADE);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), _i ? 1 : 2);
    if (!_i)
        ck_assert_int_eq(b.world->calls[1].chat->id, 6003);
}
END_TEST

/* --- what is done to a call --- */

struct stepped {
    unsigned times;
    enum tg_step_end end;
    enum tg_fate fate;
};

static void on_step(void *ctx, const struct tg_step_outcome *o)
{
    struct stepped *s = ctx;

    s->times++;
    s->end = o->end;
    s->fate = o->end == TG_STEP_TROUBLE ? o->trouble.fate : TG_FATE_NONE;
}

static void step(int64_t id, const char *method, struct stepped *s)
{
    json_t *params =
        strcmp(method, "phone.editGroupCallTitle") == 0 ? json_pack("{s:s}", "title", "New") : json_object();

    *s = (struct stepped){0};
    tg_call_step(b.a, id, method, params, bed_in(&b, 30 * SECOND_US), on_step, s);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(s->times, 1);
}

static const char *step_text(const struct stepped *s)
{
    static const char *const ends[] = {"200", "over", "no call", "refused", "504, unsent", "504, sent", "executed"};

    return ends[s->end < TG_STEP_TROUBLE ? (int)s->end : (int)s->end + (int)s->fate];
}

static void run_step(const struct silence *silence, const char *what, const char *method, bool scheduled)
{
    struct stepped first, second;
    struct bed_answer made;
    int64_t id;

    bed_ask_now(&b, "phone.createGroupCall",
                scheduled ? "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7,'schedule_date':2000000000}"
                          : "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}",
                0, &made);
    bed_expect_result(&made);
    id = made.call_id;
    bed_answer_fini(&made);
    fake_dc_rule(b.dc, method, silence->rule);
    step(id, method, &first);
    expect_true_records();
    fake_dc_no_rules(b.dc);
    step(id, method, &second);
    ck_assert_int_eq(second.end, TG_STEP_DONE);
    expect_true_records();
    bed_pass(&b, 20 * 60 * SECOND_US);
    expect_true_records();
    say(what, silence, "again", step_text(&first), step_text(&second));
}

START_TEST(test_a_discard_then_silence_then_again_is_done)
{
    run_step(&silences[_i], "discard", "phone.discardGroupCall", false);
    ck_assert_uint_eq(fake_world_alive(b.world), 0);
}
END_TEST

START_TEST(test_a_start_then_silence_then_again_is_done)
{
    run_step(&silences[_i], "start", "phone.startScheduledGroupCall", true);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

START_TEST(test_a_title_then_silence_then_again_is_set)
{
    run_step(&silences[_i], "title", "phone.editGroupCallTitle", false);
    ck_assert_str_eq(b.world->calls[0].title, "New");
}
END_TEST

Suite *suite_fate(void)
{
    Suite *s = suite_create("fate");
    TCase *t = tcase_create("fate");

    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, test_a_create_then_silence_then_again_is_one_call, 0, ROWS);
    tcase_add_loop_test(t, test_a_replace_then_silence_then_again_is_one_call, 0, ROWS);
    tcase_add_test(t, test_a_repeat_takes_the_random_id_of_what_is_unsettled_along);
    tcase_add_loop_test(t, test_of_several_unsettled_creates_none_is_forgotten, 0,
                        sizeof(seconds) / sizeof(seconds[0]));
    tcase_add_loop_test(t, test_a_create_that_failed_reads_the_chat_before_it_is_sent_again, 0, 2);
    tcase_add_test(t, test_the_random_id_of_a_call_that_has_ended_is_not_taken_along);
    tcase_add_loop_test(t, test_a_group_that_has_become_a_channel_gets_its_call_there, 0, 2);
    tcase_add_loop_test(t, test_an_answer_that_cannot_be_read_has_the_chat_asked_for_its_call, 0, 2);
    tcase_add_test(t, test_a_name_that_has_moved_is_followed_before_a_call_is_made);
    tcase_add_loop_test(t, test_a_channel_that_is_closed_to_us_has_its_name_resolved_once_more, 0, 2);
    tcase_add_loop_test(t, test_a_discard_then_silence_then_again_is_done, 0, SILENCES);
    tcase_add_loop_test(t, test_a_start_then_silence_then_again_is_done, 0, SILENCES);
    tcase_add_loop_test(t, test_a_title_then_silence_then_again_is_set, 0, SILENCES);
    suite_add_tcase(s, t);
    return s;
}
