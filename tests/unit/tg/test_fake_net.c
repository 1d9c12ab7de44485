/* The fake network keeps what the headers of daemon/net promise. */
#include <stdio.h>
#include <string.h>

#include "tests/support/fake_net.h"
#include "tests/unit/tg/suites.h"

static struct fake_net net;
static char order[32];

static void note(const char *what)
{
    size_t n = strlen(order);

    ck_assert_uint_lt(n, sizeof(order) - 1);
    order[n] = what[0];
    order[n + 1] = '\0';
}

static void on_due(void *ctx)
{
    note(ctx);
}

/* --- a server that echoes, and closes when it is told --- */

static struct net_link *accepted;

static void *on_accept(void *ctx, struct net_link *link)
{
    accepted = link;
    note("a");
    return ctx;
}

static void on_server_packet(void *conn, const uint8_t *data, size_t len)
{
    note("s");
    ck_assert_ptr_eq(conn, &net);
    fake_link_send(accepted, data, len);
    if (data[0] == 'd') {
        fake_link_send(accepted, data, len);
        fake_link_drop(accepted);
    } else if (data[0] == 'r') {
        fake_link_reset(accepted);
    }
}

static void on_server_closed(void *conn)
{
    ck_assert_ptr_eq(conn, &net);
    note("x");
}

static const struct fake_listener server = {on_accept, on_server_packet, on_server_closed};

/* --- a client --- */

static struct net_link *link;
static bool close_on_open, close_on_packet;
static char why[160];

static void leave(void)
{
    net_link_close(link);
    link = NULL;
}

static void on_open(void *ctx)
{
    (void)ctx;
    note("o");
    if (close_on_open)
        leave();
}

static void on_packet(void *ctx, uint8_t *data, size_t len)
{
    (void)ctx;
    note("p");
    memset(data, 0, len);
    if (close_on_packet)
        leave();
}

static void on_error_code(void *ctx, int32_t code)
{
    (void)ctx;
    ck_assert_int_eq(code, -404);
    note("e");
}

static void on_closed(void *ctx, const char *cause)
{
    (void)ctx;
    note("c");
    snprintf(why, sizeof(why), "%s", cause);
}

static const struct net_link_handlers handlers = {on_open, on_packet, on_error_code, on_closed};

static void connect_to(const struct net_address *addresses, size_t n)
{
    struct net_link_config config = {.addresses = addresses, .addresses_n = n, .framing = WIRE_PADDED};

    ck_assert_int_eq(net_link_new(net.loop, &config, &handlers, NULL, &link), 0);
}

static void connect_one(uint16_t port)
{
    struct net_address a = {"10.0.0.1", port};

    connect_to(&a, 1);
    ck_assert_str_eq(order, ""); /* nothing from inside */
}

static void send_text(const char *text)
{
    ck_assert_int_eq(net_link_send(link, text, strlen(text)), 0);
}

static void set_up(void)
{
    order[0] = '\0';
    link = NULL;
    close_on_open = close_on_packet = false;
    fake_net_init(&net);
    fake_net_listen(&net, "10.0.0.1", 443, &server, &net);
}

static void tear_down(void)
{
    leave();
    fake_net_fini(&net);
}

START_TEST(test_timers_come_at_their_time_and_in_order)
{
    struct net_timer *t[4];
    int64_t start = net.clock.mono_us, wall = net.clock.wall_us;
    static char *const names[] = {"a", "b", "c", "d"};

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(net_timer_new(net.loop, on_due, names[i], &t[i]), 0);
    net_timer_set(t[0], start + 3 * SECOND_US);
    net_timer_set(t[1], start + 2 * SECOND_US);
    net_timer_set(t[2], 0); /* the past is now, and comes from the loop */
    net_timer_set(t[3], start + 2 * SECOND_US);
    net_timer_set(t[1], start + SECOND_US);
    ck_assert_str_eq(order, "");
    ck_assert_int_eq(fake_net_next(&net), 0);
    fake_net_advance(&net, SECOND_US - 1);
    ck_assert_str_eq(order, "c");
    ck_assert_int_eq(fake_net_next(&net), 1);
    fake_net_advance(&net, 1);
    ck_assert_str_eq(order, "cb");
    net_timer_set(t[3], INT64_MAX);
    fake_net_advance(&net, 60 * SECOND_US);
    ck_assert_str_eq(order, "cba");
    ck_assert_int_eq(net.clock.mono_us, start + 61 * SECOND_US);
    ck_assert_int_eq(net.clock.wall_us, wall + 61 * SECOND_US);
    ck_assert_int_eq(fake_net_next(&net), INT64_MAX);
    for (int i = 0; i < 4; i++)
        net_timer_free(t[i]);
}
END_TEST

START_TEST(test_work_and_wakes_come_from_the_loop)
{
    struct net_wake *w;

    ck_assert_int_eq(net_wake_new(net.loop, on_due, "w", &w), 0);
    ck_assert_int_eq(net_offload(net.loop, on_due, on_due, "o"), 0);
    net_wake_signal(w);
    net_wake_signal(w);
    ck_assert_str_eq(order, "");
    fake_net_advance(&net, 0);
    ck_assert_str_eq(order, "oow");
    net_wake_free(w);
}
END_TEST

START_TEST(test_a_packet_takes_its_time_there_and_back)
{
    connect_one(443);
    fake_net_advance(&net, FAKE_NET_LATENCY_US);
    send_text("hello");
    fake_net_advance(&net, FAKE_NET_LATENCY_US);
    ck_assert_str_eq(order, "aos");
    fake_net_advance(&net, FAKE_NET_LATENCY_US);
    ck_assert_str_eq(order, "aosp");
    ck_assert_uint_eq(net_link_received(link), 5);
    fake_link_send_error(accepted, -404);
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(order, "aospe");
    leave();
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(order, "aospex");
}
END_TEST

START_TEST(test_what_a_server_sent_before_it_closed_still_comes_and_after_a_reset_nothing)
{
    connect_one(443);
    fake_net_advance(&net, SECOND_US);
    send_text(_i ? "reset" : "drop");
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(order, _i ? "aosc" : "aosppc");
    ck_assert_int_eq(net_link_send(link, "more", 4), TGC_ECLOSED);
}
END_TEST

START_TEST(test_a_link_may_be_closed_from_its_handlers)
{
    close_on_open = _i == 0;
    close_on_packet = _i == 1;
    connect_one(443);
    fake_net_advance(&net, FAKE_NET_LATENCY_US);
    if (link)
        send_text("drop");
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(order, _i == 0 ? "aox" : "aosp");
    ck_assert_ptr_null(link);
}
END_TEST

START_TEST(test_the_next_address_is_tried_and_the_last_cause_is_told)
{
    static const struct net_address list[] = {{"10.0.0.9", 1}, {"10.0.0.1", 443}};

    fake_net_set_address(&net, "10.0.0.1", 443, (enum fake_address)_i);
    connect_to(list, 2);
    fake_net_advance(&net, 10 * SECOND_US);
    ck_assert_str_eq(order, _i == FAKE_LISTENS ? "ao" : "c");
    if (_i != FAKE_LISTENS)
        ck_assert_str_eq(why, _i == FAKE_REFUSES ? "connection refused by 10.0.0.1:443"
                                                 : "no answer from 10.0.0.1:443 in time");
}
END_TEST

START_TEST(test_a_dead_line_says_nothing)
{
    connect_one(443);
    fake_net_advance(&net, SECOND_US);
    send_text("lost");
    fake_net_set_dead(&net, true);
    fake_net_advance(&net, SECOND_US);
    send_text("lost too");
    fake_net_set_dead(&net, false);
    fake_net_advance(&net, 3600 * SECOND_US);
    ck_assert_str_eq(order, "ao");
    send_text("heard");
    fake_net_advance(&net, SECOND_US);
    ck_assert_str_eq(order, "aosp");
}
END_TEST

Suite *suite_fake_net(void)
{
    Suite *s = suite_create("fake_net");
    TCase *t = tcase_create("fake_net");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_timers_come_at_their_time_and_in_order);
    tcase_add_test(t, test_work_and_wakes_come_from_the_loop);
    tcase_add_test(t, test_a_packet_takes_its_time_there_and_back);
    tcase_add_loop_test(t, test_what_a_server_sent_before_it_closed_still_comes_and_after_a_reset_nothing, 0, 2);
    tcase_add_loop_test(t, test_a_link_may_be_closed_from_its_handlers, 0, 2);
    tcase_add_loop_test(t, test_the_next_address_is_tried_and_the_last_cause_is_told, 0, 3);
    tcase_add_test(t, test_a_dead_line_says_nothing);
    suite_add_tcase(s, t);
    return s;
}
