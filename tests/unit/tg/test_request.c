/* What becomes of a request: "sent, then silence" at each point, for who waits for its end and who does not. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tg/known/known_internal.h"
#include "daemon/tg/account/request.h"
#include "tests/unit/tg/bed.h"
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

/* What who asked was told, in order. */
struct told {
    unsigned unknown_n, done_n;
    struct tg_answer unknown, done;
    char text[2][320];
    bool unknown_was_first;
};

static void note(struct tg_answer *to, char *text, const struct tg_answer *answer)
{
    *to = *answer;
    strcpy(text, answer->outcome == TG_RPC_ERROR ? answer->error->message : answer->detail ? answer->detail : "");
}

static void on_unknown(void *ctx, const struct tg_answer *answer)
{
    struct told *t = ctx;

    t->unknown_n++;
    t->unknown_was_first = t->done_n == 0;
    note(&t->unknown, t->text[0], answer);
}

static void on_done(void *ctx, const struct tg_answer *answer)
{
    struct told *t = ctx;

    t->done_n++;
    note(&t->done, t->text[1], answer);
}

static void ask(const char *method, const char *params, int64_t timeout_us, struct tg_effect effect, bool waits,
                struct told *told)
{
    json_t *j = json_of(params);
    struct tg_ask k = {.method = tl_find_method(b.env.schema, method),
                       .params = j,
                       .deadline_us = bed_in(&b, timeout_us),
                       .effect = effect,
                       .done = on_done,
                       .unknown = waits ? on_unknown : NULL,
                       .ctx = told};
    struct fault fault = {0};

    *told = (struct told){0};
    ck_assert_msg(tg_invoke(b.a, &k, &fault) == 0, "%s %s", fault.path, fault.text);
    json_decref(j);
}

#define GROUP "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}"
static const struct tg_effect of_group = {TG_EFFECT_CHAT, PEER_CHAT, 501};

static void create(bool waits, struct told *told)
{
    ask("phone.createGroupCall", GROUP, 30 * SECOND_US, of_group, waits, told);
}

/* The fates at which a deadline of 30 s finds a request; how many calls there are in the end. */
static const struct {
    const char *name;
    struct fake_rule rule;
    bool in_time; /* answered before the deadline */
    bool ever;    /* answered in the end */
    unsigned alive;
} fates[] = {
    {"answered", {.fate = FAKE_ANSWER}, true, true, 1},
    {"dropped before", {.fate = FAKE_DROP_BEFORE}, true, true, 1},
    {"dropped after", {.fate = FAKE_DROP_AFTER}, true, true, 1},
    {"late", {.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US}, false, true, 1},
    {"never", {.fate = FAKE_NEVER, .times = FAKE_ALWAYS}, false, false, 1},
    {"lost", {.fate = FAKE_LOST, .times = FAKE_ALWAYS}, false, false, 0},
};

enum { FATES = sizeof(fates) / sizeof(fates[0]), FATE_KEPT_S = 10 * 60 };

START_TEST(test_who_waits_for_the_end_is_told_of_it_once)
{
    struct told told;

    fake_dc_rule(b.dc, "phone.createGroupCall", fates[_i].rule);
    create(true, &told);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(told.unknown_n, !fates[_i].in_time);
    ck_assert_uint_eq(told.done_n, fates[_i].in_time);
    if (!fates[_i].in_time) {
        ck_assert_int_eq(told.unknown.outcome, TG_NO_ANSWER);
        ck_assert_int_eq(told.unknown.err, TGC_ETIMEOUT);
        ck_assert(told.unknown.sent && !told.unknown.executed);
    }
    bed_pass(&b, (FATE_KEPT_S + 60) * SECOND_US);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_uint_eq(told.unknown_n, !fates[_i].in_time);
    if (fates[_i].ever) {
        ck_assert_int_eq(told.done.outcome, TG_RESULT);
        ck_assert(told.done.executed);
    } else {
        ck_assert_int_eq(told.done.outcome, TG_NO_ANSWER);
        ck_assert_int_eq(told.done.err, TGC_ELOST);
        ck_assert(told.done.sent);
    }
    ck_assert_uint_eq(fake_world_alive(b.world), fates[_i].alive);
}
END_TEST

START_TEST(test_who_does_not_is_told_at_the_deadline_and_the_late_answer_is_learnt)
{
    struct told told;

    fake_dc_rule(b.dc, "phone.createGroupCall", fates[_i].rule);
    create(false, &told);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(told.done_n, 1);
    if (!fates[_i].in_time) {
        ck_assert_int_eq(told.done.err, TGC_ETIMEOUT);
        ck_assert(told.done.sent);
    }
    bed_pass(&b, (FATE_KEPT_S + 60) * SECOND_US);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_uint_eq(fake_world_alive(b.world), fates[_i].alive);
    ck_assert_int_eq(tg_known_chat(tg_account_known(b.a), PEER_CHAT, 501, NULL) == TG_CHAT_CALL, fates[_i].ever);
}
END_TEST

START_TEST(test_what_is_not_sent_at_its_deadline_is_never_sent)
{
    struct told told;

    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, SECOND_US);
    create(_i, &told);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(told.unknown_n, 0);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_int_eq(told.done.err, TGC_ETIMEOUT);
    ck_assert(!told.done.sent);
    ck_assert_msg(strstr(told.text[1], "data centre 1") && strstr(told.text[1], "refused"), "%s", told.text[1]);
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_pass(&b, 300 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 0);
}
END_TEST

START_TEST(test_what_was_sent_and_not_received_turns_out_not_to_have_happened)
{
    struct told told;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_DROP_BEFORE});
    create(true, &told);
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_REFUSES);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(told.unknown_n, 1);
    ck_assert_uint_eq(told.done_n, 0);
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_int_eq(told.done.err, TGC_ETIMEOUT);
    ck_assert(!told.done.sent);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 0);
}
END_TEST

START_TEST(test_a_late_error_is_an_answer_too)
{
    struct told told;

    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US});
    b.world->chats[0].migrated_to = &b.world->chats[1]; /* PEER_ID_INVALID */
    create(true, &told);
    bed_pass(&b, 300 * SECOND_US);
    ck_assert_uint_eq(told.unknown_n, 1);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_int_eq(told.done.outcome, TG_RPC_ERROR);
    ck_assert(!told.done.sent);
}
END_TEST

START_TEST(test_trouble_at_the_server_does_not_say_that_nothing_happened)
{
    struct told told;

    fake_dc_rule(b.dc, "messages.exportChatInvite",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 500, .text = "RPC_CALL_FAIL"});
    ask("messages.exportChatInvite", "{'peer':{'_':'inputPeerChat','chat_id':501}}", 30 * SECOND_US,
        (struct tg_effect){.what = TG_EFFECT_ALL}, false, &told);
    bed_pass(&b, SECOND_US);
    ck_assert_int_eq(told.done.outcome, TG_RPC_ERROR);
    ck_assert(told.done.sent);
}
END_TEST

START_TEST(test_an_answer_that_cannot_be_read_was_executed)
{
    struct told told;

    create(true, &told);
    bed_pass(&b, 1);
    invoke_on_result(b.a, b.a->requests->number, (const uint8_t *)"junk", 4);
    ck_assert_uint_eq(told.done_n, 1);
    ck_assert_int_eq(told.done.err, TGC_EPROTO);
    ck_assert(told.done.executed && told.done.sent);
}
END_TEST

START_TEST(test_an_account_that_goes_tells_all_who_wait)
{
    struct told sent, unsent;

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    create(_i, &sent);
    bed_pass(&b, _i ? 31 * SECOND_US : SECOND_US);
    ask("help.getNearestDc", "{}", 30 * SECOND_US, (struct tg_effect){0}, false, &unsent);
    tg_account_free(b.a);
    b.a = NULL;
    ck_assert_uint_eq(sent.done_n, 1);
    ck_assert_int_eq(sent.done.err, _i ? TGC_ELOST : TGC_ECLOSED);
    ck_assert(sent.done.sent);
    ck_assert_int_eq(unsent.done.err, TGC_ECLOSED);
    ck_assert(!unsent.done.sent);
}
END_TEST

/* And again: what is given up makes room. */
START_TEST(test_the_oldest_fates_are_given_up_when_there_are_too_many)
{
    enum { MANY = LIMIT_UNKNOWN_REQUESTS + 2 };
    static struct told told[2 * MANY];

    fake_dc_rule(b.dc, "messages.exportChatInvite", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    for (int round = 1; round <= 2; round++) {
        for (int i = (round - 1) * MANY; i < round * MANY; i++)
            ask("messages.exportChatInvite", "{'peer':{'_':'inputPeerChat','chat_id':501}}", SECOND_US + i,
                (struct tg_effect){0}, true, &told[i]);
        bed_pass(&b, 2 * SECOND_US);
        for (int i = 0; i < round * MANY; i++) {
            bool is_kept = i >= round * MANY - LIMIT_UNKNOWN_REQUESTS;
            ck_assert_uint_eq(told[i].unknown_n, 1);
            ck_assert_msg(told[i].done_n == !is_kept, "round %d: request %d", round, i);
            ck_assert(is_kept || told[i].done.err == TGC_ELOST);
        }
    }
}
END_TEST

START_TEST(test_an_account_at_rest_wakes_for_nothing)
{
    static struct told told; /* told once more when the account goes */

    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    create(false, &told);
    bed_pass(&b, SECOND_US);
    ck_assert_int_gt(fake_net_next(&b.net), SECOND_US);
}
END_TEST

START_TEST(test_a_full_session_is_no_reason_to_wake_and_its_first_room_is_used)
{
    /* Some MiB: not among the program's data, which the memory sanitizer looks through for each test. */
    static struct told *told;
    struct told one_more;

    told = calloc(LIMIT_SESSION_REQUESTS, sizeof(*told));
    ck_assert_ptr_nonnull(told);
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 100 * SECOND_US});
    for (int i = 0; i < LIMIT_SESSION_REQUESTS; i++)
        ask("phone.createGroupCall", GROUP, 300 * SECOND_US, of_group, true, &told[i]);
    ask("help.getNearestDc", "{}", 300 * SECOND_US, (struct tg_effect){0}, true, &one_more);
    bed_pass(&b, SECOND_US);
    ck_assert_int_gt(fake_net_next(&b.net), SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 0);
    bed_pass(&b, 100 * SECOND_US);
    ck_assert_uint_eq(one_more.done_n, 1);
    ck_assert_int_eq(one_more.done.outcome, TG_RESULT);
}
END_TEST

static const struct tg_effect effects[] = {
    {TG_EFFECT_CHAT, PEER_CHAT, 501},
    {.what = TG_EFFECT_ALL},
};

START_TEST(test_what_may_have_been_changed_is_not_known_any_more)
{
    struct told told;

    struct tg_known *k = tg_account_known(b.a);
    ck_assert_int_eq(known_chat_shows(k, PEER_CHAT, 501, 0, tg_known_mark(k)), 0);
    fake_dc_rule(b.dc, "messages.exportChatInvite", (struct fake_rule){.fate = FAKE_LOST});
    ask("messages.exportChatInvite", "{'peer':{'_':'inputPeerChat','chat_id':501}}", SECOND_US, effects[_i], false,
        &told);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 501, NULL), TG_CHAT_EMPTY);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert_int_eq(tg_known_chat(k, PEER_CHAT, 501, NULL), TG_CHAT_UNKNOWN);
}
END_TEST

Suite *suite_request(void)
{
    Suite *s = suite_create("request");
    TCase *t = tcase_create("request");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_loop_test(t, test_who_waits_for_the_end_is_told_of_it_once, 0, FATES);
    tcase_add_loop_test(t, test_who_does_not_is_told_at_the_deadline_and_the_late_answer_is_learnt, 0, FATES);
    tcase_add_loop_test(t, test_what_is_not_sent_at_its_deadline_is_never_sent, 0, 2);
    tcase_add_test(t, test_what_was_sent_and_not_received_turns_out_not_to_have_happened);
    tcase_add_test(t, test_a_late_error_is_an_answer_too);
    tcase_add_test(t, test_trouble_at_the_server_does_not_say_that_nothing_happened);
    tcase_add_test(t, test_an_answer_that_cannot_be_read_was_executed);
    tcase_add_loop_test(t, test_an_account_that_goes_tells_all_who_wait, 0, 2);
    tcase_add_test(t, test_the_oldest_fates_are_given_up_when_there_are_too_many);
    tcase_add_test(t, test_an_account_at_rest_wakes_for_nothing);
    tcase_add_test(t, test_a_full_session_is_no_reason_to_wake_and_its_first_room_is_used);
    tcase_add_loop_test(t, test_what_may_have_been_changed_is_not_known_any_more, 0,
                        sizeof(effects) / sizeof(effects[0]));
    suite_add_tcase(s, t);
    return s;
}
