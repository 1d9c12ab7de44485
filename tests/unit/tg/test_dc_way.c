/* Which addresses are dialled, and in which order. */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/dc_way.h"
#include "tests/unit/tg/suites.h"

static struct tg_dcs dcs;
static struct tg_dc *dc;
static struct dc_learnt *learnt;
static struct dc_way way;
static struct dc_way_asked asked;

static void begin(bool own_first, bool ipv6)
{
    struct dc_learnt_config config = {
        .dcs = &dcs, .mode = DC_MODE_ANY, .local = true, .ipv6 = ipv6, .own_first = own_first};

    dc_learnt_free(learnt);
    ck_assert_int_eq(dc_learnt_new(&config, &learnt), 0);
    asked = (struct dc_way_asked){.learnt = learnt, .dc = dc, .framing = WIRE_PADDED};
}

static void set_up(void)
{
    dcs = (struct tg_dcs){.first = 1};
    dc = tg_dc_get(&dcs, 1);
    ck_assert_int_eq(tg_dc_add_address(dc, "9.9.9.9", 443), 0);
    ck_assert_int_eq(tg_dc_add_address(dc, "9.9.9.9", 80), 0);
    learnt = NULL;
    begin(false, true);
}

static void tear_down(void)
{
    dc_learnt_free(learnt);
}

/* As they are written down, without the first line. */
static void learn(const char *options)
{
    struct tg_config config = {.is_whole = true};
    char text[2048];
    int64_t until;

    snprintf(text, sizeof(text), "1 0\n%s", options);
    ck_assert_int_eq(tg_dc_options_read(text, true, &config.options, &until), 0);
    ck_assert(dc_learnt_hear(learnt, &config, 0, 0));
}

/* "HOST:PORT …" of all, from the one that is first. */
static void expect(unsigned attempt, const char *want)
{
    char got[2048] = "";

    asked.attempt = attempt;
    dc_way_find(&asked, &way);
    for (size_t i = 0; i < way.n; i++) {
        const struct net_address *a = &way.addresses[(way.first + i) % way.n];
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s:%u", i ? " " : "", a->host, (unsigned)a->port);
    }
    ck_assert_str_eq(got, want);
}

START_TEST(test_without_a_word_of_telegram_s_the_given_ones_are_tried_in_turn)
{
    asked.learnt = NULL;
    expect(0, "9.9.9.9:443 9.9.9.9:80");
    expect(1, "9.9.9.9:80 9.9.9.9:443");
    expect(2, "9.9.9.9:443 9.9.9.9:80");
    asked.learnt = learnt;
    expect(0, "9.9.9.9:443 9.9.9.9:80");
    expect(1, "9.9.9.9:80 9.9.9.9:443");
    learn("2 1.1.1.1 443 - -\n1 1.1.1.1 443 p -\n"); /* DC 2 is none of ours */
    expect(0, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
}
END_TEST

START_TEST(test_ports_go_round_by_round_and_families_in_turn)
{
    learn("1 1.1.1.1 443 - -\n1 2.2.2.2 443 - -\n1 2001:b28::a 443 - -\n");
    dc->addresses_n = 1;
    expect(0, "2001:b28::a:443 1.1.1.1:443 2.2.2.2:443 2001:b28::a:80 1.1.1.1:80 2.2.2.2:80 2001:b28::a:5222 "
              "1.1.1.1:5222 2.2.2.2:5222 9.9.9.9:443");
}
END_TEST

START_TEST(test_an_option_s_own_port_comes_first_or_stands_alone)
{
    learn("1 1.1.1.1 5222 - -\n1 2.2.2.2 8443 p -\n");
    dc->addresses_n = 1;
    expect(0, "1.1.1.1:5222 2.2.2.2:8443 1.1.1.1:443 1.1.1.1:80 9.9.9.9:443");
}
END_TEST

START_TEST(test_ipv6_is_for_who_has_it)
{
    begin(false, false);
    learn("1 1.1.1.1 443 p -\n1 2001:b28::a 443 p -\n");
    expect(0, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
}
END_TEST

START_TEST(test_what_the_user_chose_comes_before_what_is_learnt)
{
    begin(true, true);
    learn("1 1.1.1.1 443 p -\n");
    expect(0, "9.9.9.9:443 9.9.9.9:80 1.1.1.1:443");
    expect(1, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
}
END_TEST

START_TEST(test_of_two_attempts_one_begins_with_the_other_list)
{
    learn("1 1.1.1.1 443 p -\n1 2.2.2.2 443 p -\n");
    expect(0, "1.1.1.1:443 2.2.2.2:443 9.9.9.9:443 9.9.9.9:80");
    expect(1, "9.9.9.9:443 9.9.9.9:80 1.1.1.1:443 2.2.2.2:443");
    expect(2, "2.2.2.2:443 9.9.9.9:443 9.9.9.9:80 1.1.1.1:443");
    expect(3, "9.9.9.9:80 1.1.1.1:443 2.2.2.2:443 9.9.9.9:443");
}
END_TEST

START_TEST(test_a_long_list_leaves_room_for_the_other_one)
{
    static const bool own_first[] = {false, true};
    char host[32];

    begin(own_first[_i], true);
    for (int i = 0; i < 14; i++) {
        snprintf(host, sizeof(host), "8.8.8.%d", i);
        ck_assert_int_eq(tg_dc_add_address(dc, host, 443), 0);
    }
    dc_way_find(&asked, &way);
    ck_assert_uint_eq(way.n, 16);
    learn("1 1.1.1.1 443 - -\n1 1.1.1.2 443 - -\n1 1.1.1.3 443 - -\n1 1.1.1.4 443 - -\n1 1.1.1.5 443 - -\n"
          "1 1.1.1.6 443 - -\n1 1.1.1.7 443 - -\n1 1.1.1.8 443 - -\n");
    dc_way_find(&asked, &way);
    ck_assert_uint_eq(way.n, LIMIT_DIAL_ADDRESSES);
    ck_assert_uint_eq(way.first, 0);
    ck_assert_str_eq(way.addresses[0].host, own_first[_i] ? "9.9.9.9" : "1.1.1.1");
    ck_assert_str_eq(way.addresses[12].host, own_first[_i] ? "1.1.1.1" : "9.9.9.9");
    /* Each has its second. */
    ck_assert_int_eq(way.timeout_us, 16 * 1000000);
}
END_TEST

START_TEST(test_obfuscated_only_is_for_who_is_obfuscated)
{
    learn("1 1.1.1.1 443 tp -\n1 2.2.2.2 443 p -\n");
    dc->addresses_n = 1;
    expect(0, "2.2.2.2:443 9.9.9.9:443");
    asked.obfuscated = true;
    expect(0, "1.1.1.1:443 2.2.2.2:443 9.9.9.9:443");
}
END_TEST

START_TEST(test_a_proxy_is_asked_for_static_ones_and_for_ipv4_first)
{
    learn("1 2001:b28::a 443 p -\n1 1.1.1.1 443 p -\n");
    dc->addresses_n = 1;
    asked.by_proxy = true;
    expect(0, "1.1.1.1:443 2001:b28::a:443 9.9.9.9:443");
    learn("1 2001:b28::a 443 p -\n1 1.1.1.1 443 p -\n1 2.2.2.2 443 sp -\n");
    expect(0, "2.2.2.2:443 9.9.9.9:443");
    asked.by_proxy = false;
    expect(0, "2001:b28::a:443 1.1.1.1:443 2.2.2.2:443 9.9.9.9:443");
}
END_TEST

#define KEY "000102030405060708090a0b0c0d0e0f"

START_TEST(test_what_has_a_secret_is_spoken_to_as_an_mtproxy_every_third_time)
{
    learn("1 1.1.1.1 443 p -\n1 2.2.2.2 8443 t dd" KEY "\n1 2001:b28::a 443 t ee" KEY "612e6578616d706c65\n");
    expect(0, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
    ck_assert(!way.has_via);
    expect(1, "9.9.9.9:443 9.9.9.9:80 1.1.1.1:443");
    expect(2, "2.2.2.2:8443");
    ck_assert(way.has_via && way.via.kind == PROXY_MTPROXY && way.via.padded);
    ck_assert_str_eq(way.via.address.host, "2.2.2.2");
    ck_assert_int_eq(way.via.address.port, 8443);
    ck_assert_uint_eq(way.via.key[15], 15);
    ck_assert_str_eq(way.via.domain, "");
    expect(3, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
    expect(5, "2001:b28::a:443");
    ck_assert_str_eq(way.via.address.host, "2001:b28::a");
    ck_assert_str_eq(way.via.domain, "a.example");
}
END_TEST

START_TEST(test_a_secret_is_of_no_use_in_a_framing_or_behind_a_proxy_that_cannot_have_one)
{
    learn("1 1.1.1.1 443 p -\n1 2.2.2.2 443 t dd" KEY "\n");
    asked.framing = WIRE_ABRIDGED; /* dd is for the padded one */
    expect(2, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
    asked.framing = WIRE_FULL;
    expect(2, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
    asked.framing = WIRE_PADDED;
    asked.by_proxy = true;
    expect(2, "1.1.1.1:443 9.9.9.9:443 9.9.9.9:80");
    ck_assert(!way.has_via);
    asked.by_proxy = false;
    expect(2, "2.2.2.2:443");
    learn("1 2.2.2.2 443 t ee" KEY "2f\n"); /* "/" is no domain: one begins elsewhere */
    expect(2, "9.9.9.9:443 9.9.9.9:80");
    ck_assert(!way.has_via);
}
END_TEST

Suite *suite_dc_way(void)
{
    Suite *s = suite_create("dc_way");
    TCase *t = tcase_create("dc_way");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_without_a_word_of_telegram_s_the_given_ones_are_tried_in_turn);
    tcase_add_test(t, test_ports_go_round_by_round_and_families_in_turn);
    tcase_add_test(t, test_an_option_s_own_port_comes_first_or_stands_alone);
    tcase_add_test(t, test_ipv6_is_for_who_has_it);
    tcase_add_test(t, test_what_the_user_chose_comes_before_what_is_learnt);
    tcase_add_test(t, test_of_two_attempts_one_begins_with_the_other_list);
    tcase_add_loop_test(t, test_a_long_list_leaves_room_for_the_other_one, 0, 2);
    tcase_add_test(t, test_obfuscated_only_is_for_who_is_obfuscated);
    tcase_add_test(t, test_a_proxy_is_asked_for_static_ones_and_for_ipv4_first);
    tcase_add_test(t, test_what_has_a_secret_is_spoken_to_as_an_mtproxy_every_third_time);
    tcase_add_test(t, test_a_secret_is_of_no_use_in_a_framing_or_behind_a_proxy_that_cannot_have_one);
    suite_add_tcase(s, t);
    return s;
}
