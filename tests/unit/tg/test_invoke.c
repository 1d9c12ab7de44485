/* What becomes of a request: deadlines, errors that are waited out or repeated, moves, answers that come late. */
#include <stdio.h>

#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;
static int64_t start_us;

static const char create[] = "{'peer':{'_':'inputPeerChannel','channel_id':6001,'access_hash':42007},'random_id':7}";
static const struct tg_effect chat = {TG_EFFECT_CHAT, PEER_CHANNEL, 6001};

static void set_up(void)
{
    answer = (struct bed_answer){0};
    bed_init(&b, BED_READY);
    start_us = b.net.clock.mono_us;
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

static int64_t took_us(void)
{
    return answer.at_us - start_us;
}

/* A read, which may be repeated. */
static void read_now(void)
{
    bed_answer_fini(&answer);
    start_us = b.net.clock.mono_us;
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
}

static unsigned reads(void)
{
    return fake_dc_asked(b.dc, "help.getNearestDc");
}

static void refuse_reads(int code, const char *text, int times)
{
    fake_dc_rule(b.dc, "help.getNearestDc",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = times, .code = code, .text = text});
}

/* Something that must not happen twice: the call that is running is ended. */
static void discard_now(void)
{
    struct fake_call *call = fake_world_start(b.world, fake_world_chat(b.world, PEER_CHANNEL, 6001));
    char params[128];

    snprintf(params, sizeof(params), "{'call':{'_':'inputGroupCall','id':%d,'access_hash':%d}}", (int)call->id,
             (int)call->access_hash);
    bed_ask_now(&b, "phone.discardGroupCall", params, 0, &answer);
}

/* --- deadlines --- */

START_TEST(test_what_is_not_answered_ends_at_its_deadline_and_may_have_happened)
{
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    bed_ask_now(&b, "phone.createGroupCall", create, 0, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert(answer.sent);
    ck_assert_int_eq(took_us(), 30 * SECOND_US);
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert_uint_eq(answer.times, 1);
}
END_TEST

START_TEST(test_what_was_not_sent_by_its_deadline_never_is)
{
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, SECOND_US);
    bed_ask_now(&b, "phone.createGroupCall", create, 0, &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert(!answer.sent);
    ck_assert_str_eq(answer.text, "no connection to data centre 1: connection refused by 10.0.0.1:443");
    fake_net_set_address(&b.net, "10.0.0.1", 443, FAKE_LISTENS);
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert(tg_account_is_online(b.a));
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.createGroupCall"), 0);
}
END_TEST

START_TEST(test_a_late_answer_is_told_to_who_has_a_use_for_it)
{
    fake_dc_rule(b.dc, "phone.createGroupCall",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 90 * SECOND_US});
    bed_intend(&b, "phone.createGroupCall", create, 30 * SECOND_US, 0, &chat, &answer);
    bed_pass(&b, 31 * SECOND_US);
    ck_assert_uint_eq(answer.unknown, 1);
    ck_assert_uint_eq(answer.times, 0);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(answer.unknown, 1);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
    ck_assert_uint_eq(b.world->calls_n, 1);
}
END_TEST

START_TEST(test_a_fate_that_never_shows_is_lost_in_the_end)
{
    fake_dc_rule(b.dc, "phone.createGroupCall", (struct fake_rule){.fate = FAKE_NEVER, .times = FAKE_ALWAYS});
    bed_intend(&b, "phone.createGroupCall", create, 30 * SECOND_US, 0, &chat, &answer);
    bed_wait(&b, &answer);
    ck_assert_uint_eq(answer.unknown, 1);
    bed_expect_no_answer(&answer, TGC_ELOST);
    ck_assert_uint_eq(fake_world_alive(b.world), 1);
}
END_TEST

/* --- errors --- */

static const struct {
    int code;
    const char *text;
} troubles[] = {{500, "RPC_CALL_FAIL"}, {-503, "Timeout"}, {500, "INTERDC_2_CALL_ERROR"}};

START_TEST(test_server_trouble_with_a_read_is_asked_again)
{
    refuse_reads(troubles[_i].code, troubles[_i].text, 2);
    read_now();
    bed_expect_result(&answer);
    ck_assert_uint_eq(reads(), 3);
    ck_assert_int_ge(took_us(), 3 * SECOND_US); /* one second, then two */
}
END_TEST

START_TEST(test_server_trouble_with_what_must_not_happen_twice_is_told)
{
    fake_dc_rule(b.dc, "phone.discardGroupCall",
                 (struct fake_rule){.fate = FAKE_ERROR_AFTER, .code = troubles[_i].code, .text = troubles[_i].text});
    discard_now();
    bed_expect_error(&answer, troubles[_i].code, troubles[_i].text);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "phone.discardGroupCall"), 1);
}
END_TEST

START_TEST(test_server_trouble_without_end_is_told_before_the_deadline)
{
    refuse_reads(500, "RPC_CALL_FAIL", FAKE_ALWAYS);
    read_now();
    bed_expect_error(&answer, 500, "RPC_CALL_FAIL");
    ck_assert_int_le(took_us(), 30 * SECOND_US);
    ck_assert_uint_ge(reads(), 3);
    ck_assert_uint_le(reads(), 6);
}
END_TEST

START_TEST(test_a_clients_fault_is_told_at_once)
{
    refuse_reads(400, "INPUT_FETCH_ERROR", 1);
    read_now();
    bed_expect_error(&answer, 400, "INPUT_FETCH_ERROR");
    ck_assert_uint_eq(reads(), 1);
    ck_assert_int_lt(took_us(), SECOND_US);
}
END_TEST

START_TEST(test_a_server_that_forgot_who_asks_is_told_again)
{
    refuse_reads(400, "CONNECTION_NOT_INITED", 1);
    read_now();
    bed_expect_result(&answer);
    ck_assert_uint_eq(reads(), 2);
}
END_TEST

/* --- floods --- */

START_TEST(test_a_short_flood_wait_is_waited_out)
{
    refuse_reads(420, "FLOOD_WAIT_3", 1);
    read_now();
    bed_expect_result(&answer);
    ck_assert_int_ge(took_us(), 3 * SECOND_US);
    ck_assert_int_lt(took_us(), 4 * SECOND_US);
    ck_assert_uint_eq(reads(), 2);
}
END_TEST

START_TEST(test_a_long_flood_wait_is_told_and_nobody_asks_meanwhile)
{
    refuse_reads(420, "FLOOD_WAIT_60", 1);
    read_now();
    bed_expect_error(&answer, 420, "FLOOD_WAIT_60");
    bed_pass(&b, 20 * SECOND_US);
    read_now();
    bed_expect_error(&answer, 420, "FLOOD_WAIT_40");
    ck_assert_uint_eq(reads(), 1);
    bed_pass(&b, 35 * SECOND_US);
    read_now(); /* what is left of it is short enough */
    bed_expect_result(&answer);
    ck_assert_int_ge(took_us(), 4 * SECOND_US);
    ck_assert_uint_eq(reads(), 2);
}
END_TEST

START_TEST(test_a_flood_wait_past_the_deadline_is_told_at_once)
{
    refuse_reads(420, "FLOOD_WAIT_8", 1);
    bed_ask(&b, "help.getNearestDc", "{}", 5 * SECOND_US, 0, &answer);
    bed_wait(&b, &answer);
    bed_expect_error(&answer, 420, "FLOOD_WAIT_8");
    ck_assert_int_lt(took_us(), SECOND_US);
}
END_TEST

/* --- answers that get lost, moves --- */

START_TEST(test_a_read_whose_answer_got_lost_is_asked_again)
{
    fake_dc_rule(b.dc, "help.getNearestDc", (struct fake_rule){.fate = FAKE_NEVER});
    read_now();
    bed_expect_result(&answer);
    ck_assert_uint_eq(reads(), 2);
}
END_TEST

START_TEST(test_what_must_not_happen_twice_does_not)
{
    static const enum fake_fate fates[] = {FAKE_DROP_BEFORE, FAKE_DROP_AFTER, FAKE_NEVER};

    fake_dc_rule(b.dc, "phone.discardGroupCall", (struct fake_rule){.fate = fates[_i]});
    discard_now();
    if (fates[_i] == FAKE_NEVER)
        bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    else
        bed_expect_result(&answer);
    bed_pass(&b, 3600 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.discardGroupCall"), 1);
    ck_assert_uint_eq(fake_world_alive(b.world), 0);
}
END_TEST

START_TEST(test_an_account_that_moved_is_followed_and_stays_logged_in)
{
    b.world->users[0].home_dc = 2;
    read_now();
    bed_expect_result(&answer);
    ck_assert_int_eq(json_integer_value(json_object_get(answer.json, "this_dc")), 2);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.importAuthorization"), 1);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    read_now();
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "auth.exportAuthorization"), 1);
}
END_TEST

START_TEST(test_a_login_that_telegram_ended_is_over)
{
    refuse_reads(401, "SESSION_REVOKED", 1);
    read_now();
    bed_expect_error(&answer, 401, "SESSION_REVOKED");
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
}
END_TEST

Suite *suite_invoke(void)
{
    Suite *s = suite_create("invoke");
    TCase *t = tcase_create("invoke");
    int troubles_n = sizeof(troubles) / sizeof(troubles[0]);

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_what_is_not_answered_ends_at_its_deadline_and_may_have_happened);
    tcase_add_test(t, test_what_was_not_sent_by_its_deadline_never_is);
    tcase_add_test(t, test_a_late_answer_is_told_to_who_has_a_use_for_it);
    tcase_add_test(t, test_a_fate_that_never_shows_is_lost_in_the_end);
    tcase_add_loop_test(t, test_server_trouble_with_a_read_is_asked_again, 0, troubles_n);
    tcase_add_loop_test(t, test_server_trouble_with_what_must_not_happen_twice_is_told, 0, troubles_n);
    tcase_add_test(t, test_server_trouble_without_end_is_told_before_the_deadline);
    tcase_add_test(t, test_a_clients_fault_is_told_at_once);
    tcase_add_test(t, test_a_server_that_forgot_who_asks_is_told_again);
    tcase_add_test(t, test_a_short_flood_wait_is_waited_out);
    tcase_add_test(t, test_a_long_flood_wait_is_told_and_nobody_asks_meanwhile);
    tcase_add_test(t, test_a_flood_wait_past_the_deadline_is_told_at_once);
    tcase_add_test(t, test_a_read_whose_answer_got_lost_is_asked_again);
    tcase_add_loop_test(t, test_what_must_not_happen_twice_does_not, 0, 3);
    tcase_add_test(t, test_an_account_that_moved_is_followed_and_stays_logged_in);
    tcase_add_test(t, test_a_login_that_telegram_ended_is_over);
    suite_add_tcase(s, t);
    return s;
}
