/* The states of a connection: which may follow which, and which are seen on good days and bad. */
#include <string.h>

#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

/* --- the table --- */

static const char letters[] = "OWDXR";

/* What may follow each, in the order of the letters. */
static const char *const legal[TG_CONNECTION_STATES] = {"WD", "DO", "XRWO", "RWO", "WO"};

START_TEST(test_every_transition_is_in_the_table_or_refused)
{
    for (unsigned from = 0; from < TG_CONNECTION_STATES; from++)
        for (unsigned to = 0; to < TG_CONNECTION_STATES; to++) {
            struct tg_connection c = {(enum tg_connection_state)from, 11};
            bool is_legal = strchr(legal[from], letters[to]) != NULL;

            ck_assert_msg(tg_connection_go(&c, (enum tg_connection_state)to, 22) == is_legal, "%c to %c", letters[from],
                          letters[to]);
            ck_assert_uint_eq(c.state, is_legal ? to : from);
            ck_assert_int_eq(c.since_unix, is_legal ? 22 : 11);
        }
}
END_TEST

START_TEST(test_every_state_has_a_name)
{
    for (unsigned i = 0; i < TG_CONNECTION_STATES; i++)
        for (unsigned k = 0; k < i; k++)
            ck_assert_str_ne(tg_connection_state_text((enum tg_connection_state)i),
                             tg_connection_state_text((enum tg_connection_state)k));
}
END_TEST

/* --- replayed --- */

static struct client_bed t;

static void set_up(void)
{
    client_bed_init(&t);
}

static void tear_down(void)
{
    client_bed_fini(&t);
}

static void set_address(enum fake_address state)
{
    fake_net_set_address(&t.b.net, "10.0.0.1", 443, state);
}

static void start(void)
{
    client_start(&t, NULL);
    ck_assert_int_eq(client_state(&t), 'D');
    client_expect(&t, "XR");
}

START_TEST(test_a_good_day)
{
    start();
    ck_assert_int_eq(tg_client_connection(t.c)->since_unix, t.b.net.clock.wall_us / SECOND_US);
    bed_pass(&t.b, 3600 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
    tg_client_retire(t.c);
    ck_assert_int_eq(client_state(&t), 'O');
    ck_assert_uint_eq(t.links_lost, 0);
}
END_TEST

START_TEST(test_an_address_that_refuses_or_is_silent)
{
    set_address(_i ? FAKE_IS_SILENT : FAKE_REFUSES);
    client_start(&t, NULL);
    client_expect(&t, "WDWDW");
    set_address(FAKE_LISTENS);
    client_expect(&t, "DXR");
    ck_assert_uint_eq(t.links_lost, 0); /* there was none */
}
END_TEST

START_TEST(test_an_exchange_that_is_never_answered)
{
    client_start(&t, NULL);
    client_expect(&t, "X");
    fake_net_set_dead(&t.b.net, true);
    int64_t since = t.b.net.clock.mono_us;
    client_expect(&t, "W");
    ck_assert_int_eq(t.b.net.clock.mono_us - since, 15 * SECOND_US);
    ck_assert_str_eq(tg_client_trouble(t.c), "the key exchange took too long");
    fake_net_set_dead(&t.b.net, false);
    client_expect(&t, "DXR");
}
END_TEST

START_TEST(test_an_exchange_whose_link_is_closed)
{
    client_start(&t, NULL);
    client_expect(&t, "X");
    fake_dc_drop_links(t.b.dc);
    client_expect(&t, "WDXR");
    ck_assert_uint_eq(t.made, 1);
    ck_assert_uint_eq(t.links_lost, 0);
}
END_TEST

START_TEST(test_a_link_that_is_closed_comes_back_without_an_exchange)
{
    start();
    for (unsigned n = 1; n <= 3; n++) {
        fake_dc_drop_links(t.b.dc);
        client_expect(&t, "WDR");
        ck_assert_uint_eq(t.links_lost, n);
        ck_assert_uint_eq(t.links_back, n);
    }
    ck_assert_uint_eq(t.sessions, 1);
}
END_TEST

static const struct {
    int32_t code;
    int64_t least_s;
    const char *trouble;
} codes[] = {
    {-404, 0, "the server sent transport error -404"},
    {-429, 5, "the server sent transport error -429"},
    {-444, 60, "the server sent transport error -444"},
    {-1, 0, "the server sent transport error -1"},
};

START_TEST(test_a_transport_error_in_a_session)
{
    start();
    client_ask(&t); /* the key has served: one denial does not end it */
    bed_pass(&t.b, SECOND_US);
    fake_dc_send_code(t.b.dc, codes[_i].code);
    client_expect(&t, "W");
    ck_assert_str_eq(tg_client_trouble(t.c), codes[_i].trouble);
    int64_t since = t.b.net.clock.mono_us;
    client_expect(&t, "D");
    ck_assert_int_ge(t.b.net.clock.mono_us - since, codes[_i].least_s * SECOND_US);
    client_expect(&t, "R");
    ck_assert_uint_eq(t.keys_lost, 0);
}
END_TEST

START_TEST(test_a_transport_error_in_an_exchange)
{
    client_start(&t, NULL);
    client_expect(&t, "X");
    fake_dc_send_code(t.b.dc, codes[_i].code);
    client_expect(&t, "W");
    ck_assert_str_eq(tg_client_trouble(t.c), codes[_i].trouble);
    client_expect(&t, "DXR");
    ck_assert_uint_eq(t.keys_lost, 0);
}
END_TEST

START_TEST(test_a_server_that_forgot_the_key)
{
    start();
    client_ask(&t);
    bed_pass(&t.b, SECOND_US);
    fake_dc_forget_keys(t.b.dc);
    client_ask(&t);
    client_expect(&t, "WDRWDRWDXR");
    ck_assert_uint_eq(t.keys_lost, 1);
    ck_assert_uint_eq(t.sessions, 2);
}
END_TEST

START_TEST(test_a_line_that_went_dead)
{
    start();
    fake_net_set_dead(&t.b.net, true);
    client_expect(&t, "W");
    ck_assert_str_eq(tg_client_trouble(t.c), "the server went silent");
    fake_net_set_dead(&t.b.net, false);
    client_expect(&t, "DR");
}
END_TEST

Suite *suite_connection_state(void)
{
    Suite *s = suite_create("connection_state");
    TCase *table = tcase_create("table"), *replay = tcase_create("replay");
    int codes_n = sizeof(codes) / sizeof(codes[0]);

    tcase_add_test(table, test_every_transition_is_in_the_table_or_refused);
    tcase_add_test(table, test_every_state_has_a_name);
    suite_add_tcase(s, table);
    tcase_add_checked_fixture(replay, set_up, tear_down);
    tcase_set_timeout(replay, 30);
    tcase_add_test(replay, test_a_good_day);
    tcase_add_loop_test(replay, test_an_address_that_refuses_or_is_silent, 0, 2);
    tcase_add_test(replay, test_an_exchange_that_is_never_answered);
    tcase_add_test(replay, test_an_exchange_whose_link_is_closed);
    tcase_add_test(replay, test_a_link_that_is_closed_comes_back_without_an_exchange);
    tcase_add_loop_test(replay, test_a_transport_error_in_a_session, 0, codes_n);
    tcase_add_loop_test(replay, test_a_transport_error_in_an_exchange, 0, codes_n);
    tcase_add_test(replay, test_a_server_that_forgot_the_key);
    tcase_add_test(replay, test_a_line_that_went_dead);
    suite_add_tcase(s, replay);
    return s;
}
