/* A connection and the gate of the node's lease: while it is shut there is none, and when it opens there is one soon.
 */
#include "daemon/base/lease_gate.h"
#include "daemon/net/gate.h"
#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

static struct client_bed t;
static struct lease_gate gate;

static void set_up(void)
{
    client_bed_init(&t);
    lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
    ck_assert_int_eq(net_gate_set(t.b.net.loop, &gate), 0);
    client_start(&t, NULL);
    client_expect(&t, "XR");
}

static void tear_down(void)
{
    client_bed_fini(&t);
}

static void pass(int64_t us)
{
    fake_net_advance(&t.b.net, us);
}

static void move(int64_t until_us)
{
    lease_gate_move(&gate, until_us);
    net_gate_moved(t.b.net.loop);
}

static unsigned dials(void)
{
    return fake_net_dials(&t.b.net, "10.0.0.1", 443);
}

START_TEST(test_it_ends_at_the_lapse_and_is_back_within_a_second_when_the_gate_opens)
{
    unsigned before = dials();

    move(t.b.net.clock.mono_us + 5 * SECOND_US);
    pass(4 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
    pass(2 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'W');
    ck_assert_str_eq(tg_client_trouble(t.c), NET_GATE_SHUT);
    ck_assert_uint_eq(fake_dc_links(t.b.dc), 0);
    pass(3600 * SECOND_US);
    ck_assert_uint_eq(dials(), before);
    move(t.b.net.clock.mono_us + 3600 * SECOND_US);
    pass(SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_eq(dials(), before + 1);
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_sessions(t.b.dc), 1);
    ck_assert_uint_eq(t.links_lost, 1);
    ck_assert_uint_eq(t.links_back, 1);
}
END_TEST

START_TEST(test_however_often_it_is_shut_the_back_off_stays_what_it_was)
{
    for (unsigned i = 1; i <= 12; i++) {
        move(LEASE_GATE_SHUT);
        pass(30 * SECOND_US);
        ck_assert_int_eq(client_state(&t), 'W');
        move(LEASE_GATE_FOR_EVER);
        pass(SECOND_US);
        ck_assert_int_eq(client_state(&t), 'R');
        ck_assert_uint_eq(t.links_back, i);
    }
}
END_TEST

START_TEST(test_an_opened_gate_of_which_nobody_says_a_word_is_found)
{
    move(LEASE_GATE_SHUT);
    pass(30 * SECOND_US);
    lease_gate_move(&gate, LEASE_GATE_FOR_EVER);
    pass(2 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
}
END_TEST

START_TEST(test_what_is_asked_for_meanwhile_is_sent_when_it_opens)
{
    unsigned before = fake_dc_asked(t.b.dc, "help.getNearestDc");

    move(LEASE_GATE_SHUT);
    pass(SECOND_US);
    client_ask(&t);
    pass(20 * SECOND_US);
    ck_assert_uint_eq(fake_dc_asked(t.b.dc, "help.getNearestDc"), before);
    move(LEASE_GATE_FOR_EVER);
    pass(2 * SECOND_US);
    ck_assert_uint_eq(t.results, 1);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), before + 1);
}
END_TEST

START_TEST(test_what_is_asked_for_in_the_moment_of_the_lapse_is_not_lost)
{
    lease_gate_move(&gate, LEASE_GATE_SHUT); /* nobody knows yet */
    client_ask(&t);
    pass(20 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'W');
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), 0);
    move(LEASE_GATE_FOR_EVER);
    pass(2 * SECOND_US);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, "help.getNearestDc"), 1);
}
END_TEST

START_TEST(test_the_pause_that_a_server_wants_outlasts_the_gate)
{
    unsigned before = dials();

    fake_dc_send_code(t.b.dc, -444); /* a minute */
    pass(SECOND_US);
    move(LEASE_GATE_SHUT);
    pass(SECOND_US);
    move(LEASE_GATE_FOR_EVER);
    pass(55 * SECOND_US);
    ck_assert_uint_eq(dials(), before);
    pass(60 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
}
END_TEST

START_TEST(test_one_that_is_made_while_it_is_shut_waits_for_it)
{
    client_end(&t);
    pass(SECOND_US);
    move(LEASE_GATE_SHUT);
    client_start(&t, t.key);
    pass(600 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'W');
    ck_assert_str_eq(tg_client_trouble(t.c), NET_GATE_SHUT);
    move(LEASE_GATE_FOR_EVER);
    pass(SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
}
END_TEST

START_TEST(test_one_that_goes_away_meanwhile_is_not_called_back)
{
    move(LEASE_GATE_SHUT);
    pass(SECOND_US);
    if (_i == 0)
        tg_client_retire(t.c);
    else
        client_end(&t);
    move(LEASE_GATE_FOR_EVER);
    pass(10 * SECOND_US);
    ck_assert_uint_eq(fake_dc_links(t.b.dc), 0);
}
END_TEST

Suite *suite_connection_gate(void)
{
    Suite *s = suite_create("connection_gate");
    TCase *c = tcase_create("connection_gate");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 30);
    tcase_add_test(c, test_it_ends_at_the_lapse_and_is_back_within_a_second_when_the_gate_opens);
    tcase_add_test(c, test_however_often_it_is_shut_the_back_off_stays_what_it_was);
    tcase_add_test(c, test_an_opened_gate_of_which_nobody_says_a_word_is_found);
    tcase_add_test(c, test_what_is_asked_for_meanwhile_is_sent_when_it_opens);
    tcase_add_test(c, test_what_is_asked_for_in_the_moment_of_the_lapse_is_not_lost);
    tcase_add_test(c, test_the_pause_that_a_server_wants_outlasts_the_gate);
    tcase_add_test(c, test_one_that_is_made_while_it_is_shut_waits_for_it);
    tcase_add_loop_test(c, test_one_that_goes_away_meanwhile_is_not_called_back, 0, 2);
    suite_add_tcase(s, c);
    return s;
}
