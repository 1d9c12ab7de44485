/* The connection of an account: how it comes to be, and how it comes back. */
#include <string.h>

#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/suites.h"

static struct bed b;
static struct bed_answer answer;

static void set_up(void)
{
    answer = (struct bed_answer){0};
    bed_init(&b, BED_READY);
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
}

static void ask(void)
{
    bed_answer_fini(&answer);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    bed_expect_result(&answer);
}

static unsigned dials(void)
{
    return fake_net_dials(&b.net, "10.0.0.1", 443);
}

static void set_address(enum fake_address state)
{
    fake_net_set_address(&b.net, "10.0.0.1", 443, state);
}

START_TEST(test_an_idle_connection_stays_with_one_key_and_one_session)
{
    bed_pass(&b, 6 * 3600 * SECOND_US);
    ck_assert(tg_account_is_online(b.a));
    ck_assert_uint_eq(dials(), 1);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    ck_assert_uint_eq(fake_dc_sessions(b.dc), 1);
    /* Whether updates still come, four times an hour. */
    ck_assert_uint_eq(fake_dc_asked(b.dc, "updates.getDifference"), 24);
    ck_assert_uint_eq(fake_dc_asked(b.dc, "*"), 24);
}
END_TEST

START_TEST(test_a_dropped_link_comes_back_with_the_same_key_and_session)
{
    for (int i = 0; i < 5; i++) {
        fake_dc_drop_links(b.dc);
        ask();
    }
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    ck_assert_uint_eq(fake_dc_sessions(b.dc), 1);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 5);
    ck_assert_uint_eq(dials(), 6);
}
END_TEST

START_TEST(test_attempts_at_an_address_that_refuses_become_rare)
{
    set_address(FAKE_REFUSES);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert_uint_ge(dials(), 1 + 2);
    bed_pass(&b, 600 * SECOND_US);
    unsigned before = dials();
    bed_pass(&b, 3600 * SECOND_US); /* one a minute, 30 % more or less */
    ck_assert_uint_ge(dials() - before, 3600 / 78);
    ck_assert_uint_le(dials() - before, 3600 / 42 + 1);
    ck_assert_str_eq(tg_account_trouble(b.a), "connection refused by 10.0.0.1:443");
    set_address(FAKE_LISTENS);
    bed_pass(&b, 79 * SECOND_US);
    ck_assert(tg_account_is_online(b.a));
    ck_assert_str_eq(tg_account_trouble(b.a), "");
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

START_TEST(test_the_next_address_of_a_data_centre_serves_where_the_first_does_not)
{
    enum fake_address state = _i == 0 ? FAKE_REFUSES : FAKE_IS_SILENT;
    struct tg_dc *dc = tg_dc_get(&b.dcs, 1);

    /* An address of another centre would not know the key: the second is the first again, behind one that is none. */
    dc->addresses[1] = dc->addresses[0];
    strcpy(dc->addresses[0].host, "10.0.0.2");
    dc->addresses_n = 2;
    fake_net_set_address(&b.net, "10.0.0.2", 443, state);
    fake_dc_drop_links(b.dc);
    ask();
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

START_TEST(test_a_line_that_went_dead_is_noticed_and_the_request_is_answered_on_the_next)
{
    fake_net_set_dead(&b.net, true);
    bed_ask(&b, "help.getNearestDc", "{}", 180 * SECOND_US, 0, &answer);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert(!tg_account_is_online(b.a));
    fake_net_set_dead(&b.net, false);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 1);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

START_TEST(test_salts_that_changed_cost_no_request)
{
    for (int i = 0; i < 3; i++) {
        fake_dc_change_salts(b.dc);
        ask();
    }
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 3);
    ck_assert_uint_eq(dials(), 1);
}
END_TEST

START_TEST(test_a_session_that_the_server_forgot_is_begun_anew)
{
    fake_dc_forget_sessions(b.dc);
    ask();
    fake_dc_forget_sessions(b.dc);
    fake_dc_drop_links(b.dc);
    ask();
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 2);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

START_TEST(test_a_key_that_was_forgotten_ends_a_login)
{
    fake_dc_forget_keys(b.dc);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 120 * SECOND_US);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_REVOKED);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
}
END_TEST

START_TEST(test_before_a_login_a_key_that_was_forgotten_is_made_anew)
{
    bed_fini(&b);
    bed_init(&b, BED_NEW);
    bed_phone(&b, "15550001", &answer);
    fake_dc_forget_keys(b.dc);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 120 * SECOND_US);
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
}
END_TEST

/* What a server says to who comes too often, or to the wrong one: the wait that it deserves. */
static const struct {
    int32_t code;
    int64_t least_s;
} codes[] = {{-429, 5}, {-444, 60}};

START_TEST(test_a_transport_error_is_given_its_pause)
{
    fake_dc_send_code(b.dc, codes[_i].code);
    bed_pass(&b, codes[_i].least_s * SECOND_US);
    ck_assert_uint_eq(dials(), 1);
    bed_pass(&b, 60 * SECOND_US);
    ck_assert_uint_eq(dials(), 2);
    ask();
}
END_TEST

static const int skews_s[] = {-4000, -100, -10, 10, 25, 45, 100, 290, 4000};

START_TEST(test_a_servers_time_that_is_not_ours_costs_no_request)
{
    fake_dc_set_offset(b.dc, skews_s[_i] * SECOND_US);
    ask();
    ask();
    ck_assert_uint_eq(fake_dc_executed(b.dc, "help.getNearestDc"), 2);
}
END_TEST

Suite *suite_connection(void)
{
    Suite *s = suite_create("connection");
    TCase *t = tcase_create("connection");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_an_idle_connection_stays_with_one_key_and_one_session);
    tcase_add_test(t, test_a_dropped_link_comes_back_with_the_same_key_and_session);
    tcase_add_test(t, test_attempts_at_an_address_that_refuses_become_rare);
    tcase_add_loop_test(t, test_the_next_address_of_a_data_centre_serves_where_the_first_does_not, 0, 2);
    tcase_add_test(t, test_a_line_that_went_dead_is_noticed_and_the_request_is_answered_on_the_next);
    tcase_add_test(t, test_salts_that_changed_cost_no_request);
    tcase_add_test(t, test_a_session_that_the_server_forgot_is_begun_anew);
    tcase_add_test(t, test_a_key_that_was_forgotten_ends_a_login);
    tcase_add_test(t, test_before_a_login_a_key_that_was_forgotten_is_made_anew);
    tcase_add_loop_test(t, test_a_transport_error_is_given_its_pause, 0, sizeof(codes) / sizeof(codes[0]));
    tcase_add_loop_test(t, test_a_servers_time_that_is_not_ours_costs_no_request, 0,
                        sizeof(skews_s) / sizeof(skews_s[0]));
    suite_add_tcase(s, t);
    return s;
}
