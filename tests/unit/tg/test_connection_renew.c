/* A temporary key is followed by the next before its end, and no request feels it. */
#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

static const char bind_method[] = "auth.bindTempAuthKey";

static struct client_bed t;

static void tear_down(void)
{
    ck_assert_uint_eq(fake_dc_unbound_queries(t.b.dc), 0);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    ck_assert_uint_eq(t.keys_lost, 0);
    ck_assert_uint_eq(t.sessions, 1);
    client_bed_fini(&t);
}

static void pass(int64_t s)
{
    bed_pass(&t.b, s * SECOND_US);
}

static void start(int32_t life_s)
{
    client_bed_init_temporary(&t, life_s);
    client_start(&t, NULL);
    client_expect(&t, "XR");
    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, 1);
}

static const int32_t lives[] = {24, 600, DAY_S};

START_TEST(test_the_next_key_comes_in_time_and_no_link_is_lost)
{
    int32_t life_s = lives[_i], late_s = life_s / 4 < HOUR_S ? life_s / 4 : HOUR_S;

    start(life_s);
    pass(life_s - late_s - 3);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 2);
    pass(3);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 2);
    ck_assert_uint_eq(fake_dc_bound_keys(t.b.dc), 1);
    for (int n = 0; n < 10; n++) {
        client_ask(&t);
        pass(life_s - late_s);
    }
    ck_assert_uint_ge(fake_dc_exchanges(t.b.dc), 12);
    ck_assert_uint_le(fake_dc_exchanges(t.b.dc), 13);
    ck_assert_uint_eq(t.results, 11);
    ck_assert_uint_eq(t.links_lost, 0);
    ck_assert_int_eq(client_state(&t), 'R');
}
END_TEST

START_TEST(test_under_traffic_every_request_is_answered_once)
{
    unsigned asked = 1;

    start(600);
    for (int i = 0; i < 1500 * 4; i++) {
        client_ask(&t);
        asked++;
        bed_pass(&t.b, SECOND_US / 4);
    }
    pass(1);
    ck_assert_uint_eq(t.results, asked);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), asked);
    ck_assert_uint_ge(fake_dc_exchanges(t.b.dc), 5);
    ck_assert_uint_eq(t.links_lost, 0);
}
END_TEST

/* Each is answered when others were asked long since: there is no moment without one on its way. */
START_TEST(test_where_no_moment_is_quiet_what_is_new_waits_for_one)
{
    unsigned asked = 1;

    start(600);
    fake_dc_rule(t.b.dc, "help.getNearestDc",
                 (struct fake_rule){.fate = FAKE_LATE, .times = FAKE_ALWAYS, .after_us = 3 * SECOND_US});
    for (int s = 0; s < 1200; s++) {
        client_ask(&t);
        asked++;
        pass(1);
    }
    pass(30);
    ck_assert_uint_eq(t.results, asked);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), asked);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 3);
    ck_assert_uint_eq(t.links_lost, 0);
}
END_TEST

START_TEST(test_a_request_that_is_answered_late_keeps_the_key_it_was_asked_under)
{
    start(DAY_S);
    pass(DAY_S - HOUR_S - 60);
    fake_dc_rule(t.b.dc, "help.getNearestDc", (struct fake_rule){.fate = FAKE_LATE, .after_us = 600 * SECOND_US});
    client_ask(&t);
    pass(540);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3); /* the next is there */
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 1);
    pass(120);
    ck_assert_uint_eq(t.results, 2);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), 2);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 2);
}
END_TEST

START_TEST(test_a_request_that_is_never_answered_is_waited_for_until_shortly_before_the_end)
{
    start(DAY_S);
    pass(DAY_S - HOUR_S - 60);
    fake_dc_rule(t.b.dc, "help.getNearestDc", (struct fake_rule){.fate = FAKE_NEVER});
    client_ask(&t);
    pass(60 + HOUR_S * 7 / 8 - 10);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 1);
    client_ask(&t); /* this one waits */
    ck_assert_uint_eq(t.results, 1);
    pass(15);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 2);
    ck_assert_uint_eq(t.results, 3); /* and the other was asked again */
}
END_TEST

/* An exchange that takes too long is given up, and what the server still says to it costs nobody the link. */
START_TEST(test_a_server_that_is_slow_to_make_the_next_key_keeps_its_link)
{
    start(600);
    pass(600 - 150 - 2);
    fake_net_set_latency(&t.b.net, 8 * SECOND_US);
    pass(25);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 2);
    fake_net_set_latency(&t.b.net, FAKE_NET_LATENCY_US);
    pass(40);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3);
    ck_assert_uint_eq(t.links_lost, 0);
    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, 2);
}
END_TEST

START_TEST(test_a_link_that_ends_while_the_next_key_is_made_or_bound)
{
    start(600);
    if (_i == 0) {
        while (fake_dc_plain_packets(t.b.dc) < 7)
            bed_pass(&t.b, SECOND_US / 1000);
        fake_dc_drop_links(t.b.dc);
    } else {
        fake_dc_rule(t.b.dc, bind_method, (struct fake_rule){.fate = _i == 1 ? FAKE_DROP_BEFORE : FAKE_DROP_AFTER});
        pass(460);
    }
    client_ask(&t);
    pass(30);
    ck_assert_uint_eq(t.results, 2);
    ck_assert_uint_eq(t.links_lost, 1);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 2);
    ck_assert_uint_le(fake_dc_exchanges(t.b.dc), 4);
    ck_assert_uint_eq(fake_dc_bound_keys(t.b.dc), 1);
}
END_TEST

START_TEST(test_a_next_key_that_is_not_bound_is_followed_by_another)
{
    start(600);
    fake_dc_rule(t.b.dc, bind_method, (struct fake_rule){.fate = FAKE_NEVER});
    pass(460);
    client_ask(&t);
    client_expect(&t, "W");
    ck_assert_str_eq(tg_client_trouble(t.c), "binding the temporary key took too long");
    client_expect(&t, "DXR");
    pass(1);
    ck_assert_uint_eq(t.results, 2);
}
END_TEST

START_TEST(test_a_key_whose_time_was_over_while_there_was_no_link)
{
    start(DAY_S);
    fake_net_set_dead(&t.b.net, true);
    pass(25 * HOUR_S);
    fake_net_set_dead(&t.b.net, false);
    client_ask(&t);
    pass(120);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_eq(t.results, 2);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3);
    ck_assert_uint_eq(fake_dc_bound_keys(t.b.dc), 1);
}
END_TEST

Suite *suite_connection_renew(void)
{
    Suite *s = suite_create("connection_renew");
    TCase *c = tcase_create("connection_renew");

    tcase_add_checked_fixture(c, NULL, tear_down);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, test_the_next_key_comes_in_time_and_no_link_is_lost, 0, sizeof(lives) / sizeof(lives[0]));
    tcase_add_test(c, test_under_traffic_every_request_is_answered_once);
    tcase_add_test(c, test_where_no_moment_is_quiet_what_is_new_waits_for_one);
    tcase_add_test(c, test_a_request_that_is_answered_late_keeps_the_key_it_was_asked_under);
    tcase_add_test(c, test_a_request_that_is_never_answered_is_waited_for_until_shortly_before_the_end);
    tcase_add_test(c, test_a_server_that_is_slow_to_make_the_next_key_keeps_its_link);
    tcase_add_loop_test(c, test_a_link_that_ends_while_the_next_key_is_made_or_bound, 0, 3);
    tcase_add_test(c, test_a_next_key_that_is_not_bound_is_followed_by_another);
    tcase_add_test(c, test_a_key_whose_time_was_over_while_there_was_no_link);
    suite_add_tcase(s, c);
    return s;
}
