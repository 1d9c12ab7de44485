/* A conference is created: what its create is told, and what is learnt when nobody waits any more. */
#include <string.h>

#include "daemon/tg/call/conference.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

enum { WAIT_S = 30 };

static struct bed b;

static struct told {
    unsigned times;
    enum tg_conference_end end;
    enum tg_fate fate;
    int err;
    int32_t random_id;
    char method[64];
} told;

static void on_done(void *ctx, const struct tg_conference_outcome *outcome)
{
    const struct tg_trouble *trouble = &outcome->trouble;

    (void)ctx;
    told = (struct told){.times = told.times + 1,
                         .end = outcome->end,
                         .fate = trouble->fate,
                         .err = trouble->answer ? trouble->answer->err : trouble->err,
                         .random_id = outcome->random_id};
    if (trouble->method)
        strncpy(told.method, trouble->method, sizeof(told.method) - 1);
}

static void create(int32_t random_id)
{
    memset(&told, 0, sizeof(told));
    tg_conference_create(b.a, random_id, bed_in(&b, WAIT_S * SECOND_US), NULL, on_done, NULL);
}

static json_int_t sent_random_id(void)
{
    return json_integer_value(json_object_get(fake_dc_last(b.dc, "phone.createConferenceCall"), "random_id"));
}

static void refuse(int code, const char *text)
{
    fake_dc_rule(b.dc, "phone.createConferenceCall",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = code, .text = text});
}

START_TEST(test_a_random_id_of_a_conference_that_has_ended_is_spent)
{
    bed_init(&b, BED_READY);
    refuse(400, "GROUPCALL_ALREADY_DISCARDED");
    create(-7);
    bed_pass(&b, SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_SPENT && told.random_id == -7);
    ck_assert_int_eq(sent_random_id(), -7);
    bed_fini(&b);
}
END_TEST

START_TEST(test_a_random_id_that_telegram_has_seen_is_spent)
{
    bed_init(&b, BED_READY);
    refuse(500, "RANDOM_ID_DUPLICATE");
    create(-7);
    bed_pass(&b, SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_SPENT && told.random_id == -7);
    bed_fini(&b);
}
END_TEST

START_TEST(test_a_refusal_is_told_and_did_not_happen)
{
    bed_init(&b, BED_READY);
    refuse(400, "CREATE_CALL_FAILED");
    create(0);
    bed_pass(&b, SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_TROUBLE && told.fate == TG_FATE_NOT_SENT);
    bed_fini(&b);
}
END_TEST

/* Who waits hears at the deadline which random_id it was, once; what is sent again meanwhile is the same intent. */
START_TEST(test_silence_may_have_made_one_that_the_random_id_finds)
{
    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "phone.createConferenceCall", (struct fake_rule){.fate = FAKE_LOST, .times = FAKE_ALWAYS});
    create(0);
    bed_pass(&b, (WAIT_S - 1) * SECOND_US);
    ck_assert_uint_eq(told.times, 0);
    bed_pass(&b, 2 * SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_TROUBLE && told.fate == TG_FATE_SENT);
    ck_assert_int_eq(told.err, TGC_ETIMEOUT);
    ck_assert_int_ne(told.random_id, 0);
    ck_assert_int_eq(sent_random_id(), told.random_id);
    bed_pass(&b, 600 * SECOND_US);
    ck_assert_uint_eq(told.times, 1);
    ck_assert_int_eq(sent_random_id(), told.random_id);
    bed_fini(&b);
}
END_TEST

static const char made[] = "{'_':'updates','updates':[{'_':'updateGroupCall','call':{'_':'groupCall','conference':true,"
                           "'creator':true,'id':'11',"
                           "'access_hash':'12','participants_count':0,'unmuted_video_limit':0,'version':1,'invite_link'"
                           ":'https://t.me/call/x'}}],"
                           "'users':[],'chats':[],'date':1,'seq':0}";

static const struct tg_call *known_call(void)
{
    return tg_calls_find(tg_account_calls(b.a), 11);
}

START_TEST(test_what_is_made_is_ours_and_spent_once_it_has_ended)
{
    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "phone.createConferenceCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .json = made});
    create(5);
    bed_pass(&b, SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_MADE);
    ck_assert(known_call()->conference && known_call()->created_here && !known_call()->has_peer);
    ck_assert_str_eq(known_call()->invite_link, "https://t.me/call/x");
    /* The same answer again, to the same intent, is no proof that it runs. */
    ck_assert_int_eq(tg_known_call_ended(tg_account_known(b.a), (struct tg_call *)(uintptr_t)known_call()), 0);
    create(5);
    bed_pass(&b, SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_SPENT);
    bed_fini(&b);
}
END_TEST

START_TEST(test_a_late_answer_is_learnt)
{
    bed_init(&b, BED_READY);
    fake_dc_rule(b.dc, "phone.createConferenceCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 40 * SECOND_US, .json = made});
    create(0);
    bed_pass(&b, (WAIT_S + 1) * SECOND_US);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_TROUBLE && told.fate == TG_FATE_SENT);
    ck_assert_ptr_null(known_call());
    bed_pass(&b, 20 * SECOND_US);
    ck_assert_uint_eq(told.times, 1);
    ck_assert(known_call() && known_call()->created_here);
    bed_fini(&b);
}
END_TEST

START_TEST(test_an_old_layer_has_none)
{
    bed_init_in(&b, BED_READY, 138);
    create(0);
    ck_assert(told.times == 1 && told.end == TG_CONFERENCE_TROUBLE && told.fate == TG_FATE_NOT_SENT);
    ck_assert_int_eq(told.err, TGC_EUNKNOWN);
    ck_assert_str_eq(told.method, "phone.createConferenceCall");
    bed_fini(&b);
}
END_TEST

Suite *suite_conference(void)
{
    Suite *s = suite_create("conference");
    TCase *t = tcase_create("conference");

    tcase_add_test(t, test_a_random_id_of_a_conference_that_has_ended_is_spent);
    tcase_add_test(t, test_a_random_id_that_telegram_has_seen_is_spent);
    tcase_add_test(t, test_a_refusal_is_told_and_did_not_happen);
    tcase_add_test(t, test_silence_may_have_made_one_that_the_random_id_finds);
    tcase_add_test(t, test_what_is_made_is_ours_and_spent_once_it_has_ended);
    tcase_add_test(t, test_a_late_answer_is_learnt);
    tcase_add_test(t, test_an_old_layer_has_none);
    suite_add_tcase(s, t);
    return s;
}
