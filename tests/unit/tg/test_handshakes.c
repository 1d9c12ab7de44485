/* So many key exchanges at once, in the order of coming, and a place that is always given back. */
#include "daemon/tg/handshakes.h"

#include <string.h>

#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

/* --- places --- */

enum { SEATS = 2, PLACES = 6 };

static struct fake_net net;
static struct handshakes *all;
static struct handshake_seat *seats[SEATS];
static struct handshake_place places[PLACES];
static char told[PLACES + 1];

static void on_granted(void *ctx)
{
    told[strlen(told)] = (char)('0' + ((struct handshake_place *)ctx - places));
}

static void set_up(void)
{
    fake_net_init(&net);
    ck_assert_int_eq(handshakes_new(2, &all), 0);
    for (int i = 0; i < SEATS; i++)
        ck_assert_int_eq(handshake_seat_new(all, net.loop, &seats[i]), 0);
    for (int i = 0; i < PLACES; i++)
        places[i] = (struct handshake_place){.granted = on_granted, .ctx = &places[i]};
    memset(told, 0, sizeof(told));
}

static void tear_down(void)
{
    for (int i = 0; i < SEATS; i++)
        handshake_seat_free(seats[i]);
    handshakes_free(all);
    fake_net_fini(&net);
}

static void take(int i, bool now)
{
    ck_assert_int_eq(handshake_take(seats[i % SEATS], &places[i], false), now);
}

static void leave(int i)
{
    handshake_leave(&places[i]);
}

static void expect_told(const char *want)
{
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(told, want);
}

START_TEST(test_places_go_in_the_order_of_coming_over_all_seats)
{
    take(0, true);
    take(1, true);
    for (int i = 2; i < PLACES; i++)
        take(i, false);
    take(2, false); /* it stands where it stood */
    expect_told("");
    leave(1);
    expect_told("2");
    leave(0);
    leave(2);
    expect_told("234");
    leave(3);
    leave(4);
    expect_told("2345");
    leave(5);
    take(0, true);
    take(0, true); /* it is had */
    take(1, true);
    take(2, false);
    leave(2);
    leave(2);
    leave(1);
    leave(0);
    expect_told("2345");
}
END_TEST

START_TEST(test_a_place_that_was_granted_and_not_told_of_goes_on_to_the_next)
{
    take(0, true);
    take(1, true);
    take(2, false);
    take(3, false);
    leave(0); /* the place is 2's, who does not know it yet */
    leave(2);
    expect_told("3");
    leave(1);
    leave(3);
    take(4, true);
    take(5, true);
    leave(4);
    leave(5);
}
END_TEST

START_TEST(test_who_has_a_link_goes_before_who_has_none)
{
    take(0, true);
    take(1, true);
    take(2, false);
    for (int i = 3; i < PLACES; i++)
        ck_assert(!handshake_take(seats[i % SEATS], &places[i], true));
    leave(4);
    leave(0);
    expect_told("3");
    leave(1);
    leave(3);
    expect_told("352");
    leave(2);
    leave(5);
}
END_TEST

START_TEST(test_who_leaves_the_line_is_not_called)
{
    take(0, true);
    take(1, true);
    take(2, false);
    take(3, false);
    leave(2);
    leave(0);
    expect_told("3");
    leave(1);
    leave(3);
}
END_TEST

/* --- clients --- */

enum { CLIENTS = 12, AT_ONCE = 3 };

static struct client_bed t[CLIENTS]; /* in front of the servers of t[0] */
static unsigned most;                /* were at it at once */

static void clients_set_up(void)
{
    client_bed_init(&t[0]);
    ck_assert_int_eq(handshakes_new(AT_ONCE, &all), 0);
    ck_assert_int_eq(handshake_seat_new(all, t[0].b.net.loop, &t[0].b.env.handshakes), 0);
    most = 0;
}

static void clients_tear_down(void)
{
    for (int i = 0; i < CLIENTS; i++)
        client_end(&t[i]);
    /* Nothing is left of them: all places are free. */
    struct handshake_place free_ones[AT_ONCE] = {0};
    for (int i = 0; i < AT_ONCE; i++)
        ck_assert(handshake_take(t[0].b.env.handshakes, &free_ones[i], false));
    handshake_seat_free(t[0].b.env.handshakes);
    handshakes_free(all);
    client_bed_fini(&t[0]);
}

static void start_all(void)
{
    for (int i = 0; i < CLIENTS; i++) {
        client_start_beside(&t[i], &t[0]);
    }
}

static unsigned in_state(char state)
{
    unsigned n = 0;

    for (int i = 0; i < CLIENTS; i++)
        n += t[i].c && client_state(&t[i]) == state;
    return n;
}

static bool all_are_ready(void *ctx)
{
    unsigned busy = in_state('D') + in_state('X');

    (void)ctx;
    most = busy > most ? busy : most;
    return in_state('R') == CLIENTS;
}

static void wait_for_all(int64_t at_most_us)
{
    ck_assert_msg(fake_net_run_until(&t[0].b.net, all_are_ready, NULL, at_most_us), "%u are ready", in_state('R'));
}

START_TEST(test_no_more_than_so_many_exchange_keys_at_once)
{
    start_all();
    ck_assert_uint_eq(in_state('D'), AT_ONCE);
    ck_assert_uint_eq(in_state('W'), CLIENTS - AT_ONCE);
    ck_assert_ptr_nonnull(strstr(tg_client_trouble(t[CLIENTS - 1].c), "waits for its turn"));
    wait_for_all(10 * SECOND_US);
    ck_assert_uint_eq(most, AT_ONCE);
    ck_assert_uint_eq(fake_dc_keys(t[0].b.dc), CLIENTS);
    ck_assert_str_eq(tg_client_trouble(t[CLIENTS - 1].c), "");
}
END_TEST

static bool order_holds(void *ctx)
{
    for (int i = 1; i < CLIENTS; i++)
        ck_assert_msg(t[i].sessions <= t[i - 1].sessions, "%d is there before %d", i, i - 1);
    return all_are_ready(ctx);
}

START_TEST(test_they_come_in_the_order_of_asking)
{
    start_all();
    ck_assert(fake_net_run_until(&t[0].b.net, order_holds, NULL, 10 * SECOND_US));
}
END_TEST

START_TEST(test_a_link_that_comes_back_with_its_key_needs_no_turn)
{
    start_all();
    wait_for_all(10 * SECOND_US);
    most = 0;
    fake_net_set_latency(&t[0].b.net, SECOND_US); /* they are at it together */
    fake_dc_drop_links(t[0].b.dc);
    bed_pass(&t[0].b, SECOND_US);
    wait_for_all(10 * SECOND_US);
    ck_assert_uint_gt(most, AT_ONCE);
    ck_assert_uint_eq(fake_dc_keys(t[0].b.dc), CLIENTS);
}
END_TEST

START_TEST(test_bad_days_lose_no_place)
{
    start_all();
    for (int i = 0; i < 40; i++) {
        bed_pass(&t[0].b, 37 * 1000);
        fake_dc_drop_links(t[0].b.dc);
    }
    fake_net_set_address(&t[0].b.net, "10.0.0.1", 443, FAKE_REFUSES);
    bed_pass(&t[0].b, 60 * SECOND_US);
    fake_net_set_address(&t[0].b.net, "10.0.0.1", 443, FAKE_IS_SILENT);
    bed_pass(&t[0].b, 300 * SECOND_US);
    fake_net_set_address(&t[0].b.net, "10.0.0.1", 443, FAKE_LISTENS);
    wait_for_all(120 * SECOND_US);
}
END_TEST

/* A server that does not go on keeps its clients waiting, and nobody else. */
START_TEST(test_who_waits_for_a_slow_server_gives_the_turn_up)
{
    fake_net_set_address(&t[0].b.net, "10.0.0.1", 443, FAKE_IS_SILENT);
    start_all();
    ck_assert_uint_eq(in_state('D'), AT_ONCE);
    bed_pass(&t[0].b, 3 * SECOND_US + 1000);
    ck_assert_uint_ge(in_state('D'), 2 * AT_ONCE);
    fake_net_set_address(&t[0].b.net, "10.0.0.1", 443, FAKE_LISTENS);
    wait_for_all(120 * SECOND_US);
}
END_TEST

/* A server closes links on which nothing is said: who stands behind all others with his would lose it, and begin anew
 * behind all others, for ever. */
START_TEST(test_whose_link_took_longer_than_the_turn_is_the_next_to_have_one)
{
    fake_net_set_latency(&t[0].b.net, 4 * SECOND_US);
    start_all();
    bed_pass(&t[0].b, 3500 * 1000); /* the first gave the turn up, the next dial */
    ck_assert_uint_eq(in_state('D'), 2 * AT_ONCE);
    bed_pass(&t[0].b, 1000 * 1000);
    ck_assert_uint_eq(in_state('X'), AT_ONCE);
    bed_pass(&t[0].b, 2500 * 1000); /* the next gave it up too: it is had by those whose links are up */
    ck_assert_uint_eq(in_state('W'), CLIENTS - 2 * AT_ONCE);
    fake_net_set_latency(&t[0].b.net, FAKE_NET_LATENCY_US);
    wait_for_all(60 * SECOND_US);
}
END_TEST

START_TEST(test_who_ends_in_line_or_in_the_midst_gives_the_place_back)
{
    start_all();
    bed_pass(&t[0].b, _i * FAKE_NET_LATENCY_US);
    for (int i = 0; i < CLIENTS - 1; i++) {
        if (i % 2)
            tg_client_retire(t[i].c);
        else
            client_end(&t[i]);
    }
    bed_pass(&t[0].b, 2 * SECOND_US);
    ck_assert_int_eq(client_state(&t[CLIENTS - 1]), 'R');
}
END_TEST

Suite *suite_handshakes(void)
{
    Suite *s = suite_create("handshakes");
    TCase *line = tcase_create("places"), *clients = tcase_create("clients");

    tcase_add_checked_fixture(line, set_up, tear_down);
    tcase_add_test(line, test_places_go_in_the_order_of_coming_over_all_seats);
    tcase_add_test(line, test_a_place_that_was_granted_and_not_told_of_goes_on_to_the_next);
    tcase_add_test(line, test_who_has_a_link_goes_before_who_has_none);
    tcase_add_test(line, test_who_leaves_the_line_is_not_called);
    suite_add_tcase(s, line);
    tcase_add_checked_fixture(clients, clients_set_up, clients_tear_down);
    tcase_set_timeout(clients, 30);
    tcase_add_test(clients, test_no_more_than_so_many_exchange_keys_at_once);
    tcase_add_test(clients, test_they_come_in_the_order_of_asking);
    tcase_add_test(clients, test_a_link_that_comes_back_with_its_key_needs_no_turn);
    tcase_add_test(clients, test_bad_days_lose_no_place);
    tcase_add_test(clients, test_who_waits_for_a_slow_server_gives_the_turn_up);
    tcase_add_test(clients, test_whose_link_took_longer_than_the_turn_is_the_next_to_have_one);
    tcase_add_loop_test(clients, test_who_ends_in_line_or_in_the_midst_gives_the_place_back, 0, 10);
    suite_add_tcase(s, clients);
    return s;
}
