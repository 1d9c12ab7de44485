/* By which way an account connects: never by another than it was told, and by a new one at once. A proxy is a server of
 * the fake network that leads to a data centre. */
#include "daemon/tg/way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tg/account/saved.h"
#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

#define ONE "socks5://me:hunter2@10.9.0.1:1080"
#define TWO "http://10.9.0.2:3128"
#define MT "mtproxy://10.9.0.3:443?secret=ddf05fb7acb549be047a7c585116581418"

enum { PROXIES = 4 };
static const struct {
    const char *host;
    uint16_t port;
} proxies[PROXIES] = {{"10.0.0.1", 443}, {"10.9.0.1", 1080}, {"10.9.0.2", 3128}, {"10.9.0.3", 443}};
enum { DIRECT, BY_ONE, BY_TWO, BY_MT };

static struct client_bed t;
static struct bed *b = &t.b;
static struct bed_answer answer;

static void listen_at_proxies(void)
{
    for (int i = BY_ONE; i < PROXIES; i++)
        fake_dc_listen(b->dc, 1, proxies[i].host, proxies[i].port);
}

static void set_up(void)
{
    t = (struct client_bed){0};
    answer = (struct bed_answer){0};
    bed_init(b, BED_NEW);
    listen_at_proxies();
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(b);
}

static unsigned dials(int i)
{
    return fake_net_dials(&b->net, proxies[i].host, proxies[i].port);
}

static void expect_dials(unsigned direct, unsigned one, unsigned two, unsigned mt)
{
    const unsigned want[PROXIES] = {direct, one, two, mt};

    for (int i = 0; i < PROXIES; i++)
        ck_assert_msg(dials(i) == want[i], "%s was dialled %u times, not %u", proxies[i].host, dials(i), want[i]);
}

static void set_address(int i, enum fake_address state)
{
    fake_net_set_address(&b->net, proxies[i].host, proxies[i].port, state);
}

/* NULL: the daemon's own. */
static struct tg_way *way_of(const char *text)
{
    struct tg_way *way = NULL;
    struct fault fault = {0};

    if (text)
        ck_assert_msg(tg_way_new(text, &way, &fault) == 0, "%s: %s", text, fault.text);
    return way;
}

static void set_way(const char *text)
{
    struct tg_way *way = way_of(text);

    tg_account_set_way(b->a, way);
    tg_way_unref(way);
}

static void turn(const char *text)
{
    set_way(text);
    tg_account_go_its_way(b->a);
}

static void log_in(void)
{
    bed_phone(b, "15550001", &answer);
    bed_expect_result(&answer);
    bed_code(b, "12345", &answer);
    bed_expect_result(&answer);
    bed_pass(b, SECOND_US);
}

static void goes_on(void)
{
    bed_answer_fini(&answer);
    bed_ask_now(b, "help.getNearestDc", "{}", 0, &answer);
    bed_expect_result(&answer);
}

/* --- the text --- */

START_TEST(what_is_shown_has_no_secret)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {{ONE, "socks5://10.9.0.1:1080"}, {TWO, TWO}, {MT, "mtproxy://10.9.0.3:443"}, {"none", "none"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_way *way = way_of(cases[i].text), *same = way_of(cases[i].text);
        char shown[PROXY_SHOWN_SIZE], remedy[TG_WAY_REMEDY_SIZE];
        tg_way_show(way, shown);
        ck_assert_str_eq(shown, cases[i].shown);
        ck_assert_str_eq(tg_way_text(way), cases[i].text);
        ck_assert(tg_way_is(way, same) && tg_way_is(NULL, NULL));
        ck_assert(!tg_way_is(way, NULL) && !tg_way_is(NULL, way));
        tg_way_remedy(way, &b->env, "a", remedy);
        ck_assert_ptr_null(strstr(remedy, "hunter2"));
        if (strcmp(cases[i].text, "none") == 0)
            ck_assert_str_eq(remedy, "");
        else
            ck_assert(strstr(remedy, cases[i].shown) && strstr(remedy, "PATCH /v1/accounts/a"));
        ck_assert_ptr_eq(tg_way_ref(same), same);
        tg_way_unref(same);
        tg_way_unref(same);
        tg_way_unref(way);
    }
    ck_assert_ptr_null(tg_way_ref(NULL));
    tg_way_unref(NULL);
}
END_TEST

START_TEST(what_is_no_proxy_is_no_way)
{
    static const char *const cases[] = {"", "None", "none ", "hunter2", "socks5://me:hunter2@h"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_way *way = NULL;
        struct fault fault = {0};
        ck_assert_int_eq(tg_way_new(cases[i], &way, &fault), TGC_EINVAL);
        ck_assert(!way && fault.text[0] && !strstr(fault.text, "hunter2"));
    }
}
END_TEST

/* --- from the first packet on --- */

START_TEST(a_login_goes_by_no_other_way_than_it_was_told)
{
    set_way(ONE);
    log_in();
    goes_on();
    expect_dials(0, 1, 0, 0);
    fake_dc_drop_links(b->dc);
    goes_on();
    expect_dials(0, 2, 0, 0);
}
END_TEST

START_TEST(a_dead_proxy_is_gone_around_by_nobody)
{
    set_address(BY_ONE, _i ? FAKE_IS_SILENT : FAKE_REFUSES);
    set_way(ONE);
    bed_phone(b, "15550001", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    bed_pass(b, 600 * SECOND_US);
    ck_assert_uint_eq(dials(DIRECT) + dials(BY_TWO) + dials(BY_MT), 0);
    json_t *j = tg_account_json(b->a), *connection = json_object_get(j, "connection");
    ck_assert_str_eq(json_string_value(json_object_get(j, "proxy")), "socks5://10.9.0.1:1080");
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(connection, "reason")), "10.9.0.1:1080"));
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(connection, "remedy")), "socks5://10.9.0.1:1080"));
    json_decref(j);
}
END_TEST

START_TEST(none_goes_directly_past_the_daemons_own_proxy)
{
    struct proxy own;

    ck_assert_int_eq(proxy_parse(TWO, &own, NULL), 0);
    b->env.proxy = &own;
    set_way("none");
    log_in();
    expect_dials(1, 0, 0, 0);
    turn(NULL);
    goes_on();
    expect_dials(1, 0, 1, 0);
    /* One that it has itself is no reason to hang up. */
    turn(NULL);
    goes_on();
    expect_dials(1, 0, 1, 0);
}
END_TEST

START_TEST(a_move_to_another_centre_goes_by_the_same_way)
{
    set_way(ONE);
    log_in();
    fake_dc_rule(b->dc, "help.getNearestDc",
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 303, .text = "USER_MIGRATE_2"});
    bed_ask_now(b, "help.getNearestDc", "{}", 0, &answer);
    ck_assert_uint_eq(fake_net_dials(&b->net, "10.0.0.2", 443) + dials(DIRECT), 0);
    ck_assert_uint_gt(dials(BY_ONE), 1);
}
END_TEST

/* --- another way --- */

START_TEST(another_way_is_dialled_at_once_and_the_login_goes_on)
{
    log_in();
    unsigned keys = fake_dc_keys(b->dc), sessions = fake_dc_sessions(b->dc);

    turn(ONE);
    ck_assert(!tg_account_is_online(b->a));
    bed_pass(b, SECOND_US);
    ck_assert(tg_account_is_online(b->a));
    ck_assert_uint_eq(fake_dc_links(b->dc), 1);
    turn(TWO);
    turn(MT);
    bed_pass(b, SECOND_US);
    expect_dials(1, 1, 0, 1);
    turn("none");
    goes_on();
    expect_dials(2, 1, 0, 1);
    ck_assert_uint_eq(fake_dc_keys(b->dc), keys);
    ck_assert_uint_eq(fake_dc_sessions(b->dc), sessions);
}
END_TEST

/* As a lost link does: it is asked again, and executed once. */
START_TEST(what_is_under_way_is_answered_by_the_new_way)
{
    log_in();
    fake_dc_forget_counts(b->dc);
    fake_dc_rule(b->dc, "help.getNearestDc", (struct fake_rule){.fate = FAKE_LATE, .after_us = 5 * SECOND_US});
    bed_ask(b, "help.getNearestDc", "{}", 30 * SECOND_US, 0, &answer);
    bed_pass(b, SECOND_US);
    ck_assert_uint_eq(answer.times, 0);
    turn(ONE);
    bed_wait(b, &answer);
    bed_expect_result(&answer);
    expect_dials(1, 1, 0, 0);
}
END_TEST

START_TEST(the_pause_after_failures_by_the_old_way_is_not_waited_for)
{
    log_in();
    set_address(BY_ONE, FAKE_REFUSES);
    turn(ONE);
    bed_pass(b, 900 * SECOND_US);
    ck_assert(!tg_account_is_online(b->a));
    turn(TWO);
    ck_assert_str_eq(tg_account_trouble(b->a), "");
    bed_pass(b, SECOND_US);
    ck_assert(tg_account_is_online(b->a));
}
END_TEST

START_TEST(what_is_only_set_waits_for_the_next_dial)
{
    log_in();
    set_way(ONE);
    bed_pass(b, SECOND_US);
    ck_assert(tg_account_is_online(b->a));
    expect_dials(1, 0, 0, 0);
    tg_account_go_its_way(b->a);
    goes_on();
    expect_dials(1, 1, 0, 0);
}
END_TEST

START_TEST(a_way_outlives_the_process)
{
    struct tg_saved saved;

    set_way(ONE);
    log_in();
    tg_account_saved(b->a, &saved);
    ck_assert_str_eq(tg_way_text(saved.way), ONE);
    struct tg_account *before = b->a;
    saved.state = TG_ACCOUNT_WAIT_LOGIN;
    ck_assert_int_eq(tg_account_restore(&b->env, &saved, &b->a), 0);
    tg_account_free(before);
    ck_assert_str_eq(tg_way_text(tg_account_way(b->a)), ONE);
    log_in();
    expect_dials(0, 2, 0, 0);
}
END_TEST

START_TEST(nothing_goes_by_a_way_that_was_lost)
{
    struct tg_way *way;
    char shown[PROXY_SHOWN_SIZE], remedy[TG_WAY_REMEDY_SIZE];

    ck_assert_int_eq(tg_way_new_lost(&way), 0);
    tg_way_show(way, shown);
    ck_assert_str_eq(shown, "unknown");
    tg_way_remedy(way, &b->env, "a", remedy);
    ck_assert_ptr_nonnull(strstr(remedy, "backup"));
    ck_assert_int_eq(tg_way_new(tg_way_text(way), &way, NULL), TGC_EINVAL);
    tg_account_set_way(b->a, way);
    tg_way_unref(way);
    bed_phone(b, "15550001", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert_ptr_nonnull(strstr(answer.text, "its proxy cannot be read"));
    expect_dials(0, 0, 0, 0);
}
END_TEST

/* The configuration was changed after the proxy was taken. */
START_TEST(what_the_framing_does_not_fit_is_not_dialled_and_said)
{
    b->env.framing = WIRE_FULL;
    set_way(MT);
    bed_phone(b, "15550001", &answer);
    bed_expect_no_answer(&answer, TGC_ETIMEOUT);
    ck_assert_ptr_nonnull(strstr(answer.text, "demands transport = padded"));
    expect_dials(0, 0, 0, 0);
}
END_TEST

/* --- a client, wherever it stands --- */

static void by(const char *text)
{
    struct tg_way *way = way_of(text);

    tg_client_go_by(t.c, way);
    tg_way_unref(way);
}

static void client_set_up(void)
{
    client_bed_init(&t);
    listen_at_proxies();
}

static void client_tear_down(void)
{
    client_bed_fini(&t);
}

START_TEST(from_every_state_a_client_goes_by_the_new_way)
{
    static const char *const until[] = {"", "X", "XR", "XR"};

    client_start(&t, NULL);
    client_expect(&t, until[_i]);
    if (_i == 3) {
        set_address(DIRECT, FAKE_REFUSES);
        fake_dc_drop_links(b->dc);
        client_expect(&t, "WDWDW");
    }
    by(ONE);
    ck_assert_int_eq(client_state(&t), 'W');
    client_expect(&t, _i < 2 ? "DXR" : "DR");
    ck_assert_uint_eq(dials(BY_ONE), 1);
    ck_assert_uint_eq(t.links_lost, _i < 2 ? 0 : 1);
    ck_assert_uint_eq(t.made, 1);
    ck_assert_uint_eq(t.sessions, 1);
}
END_TEST

START_TEST(a_key_that_is_being_kept_is_used_by_the_new_way)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    bed_pass(b, SECOND_US);
    ck_assert_ptr_nonnull(t.commit);
    by(ONE);
    client_expect(&t, "DX");
    client_commit(&t, 0, NULL);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_eq(t.made, 1);
    ck_assert_uint_eq(dials(BY_ONE), 1);
}
END_TEST

START_TEST(one_that_is_closed_stays_closed)
{
    client_start(&t, NULL);
    client_expect(&t, "XR");
    tg_client_retire(t.c);
    by(ONE);
    bed_pass(b, 60 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'O');
    ck_assert_uint_eq(dials(BY_ONE), 0);
}
END_TEST

Suite *suite_way(void)
{
    Suite *s = suite_create("way");
    TCase *c = tcase_create("account");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_add_test(c, what_is_shown_has_no_secret);
    tcase_add_test(c, what_is_no_proxy_is_no_way);
    tcase_add_test(c, a_login_goes_by_no_other_way_than_it_was_told);
    tcase_add_loop_test(c, a_dead_proxy_is_gone_around_by_nobody, 0, 2);
    tcase_add_test(c, none_goes_directly_past_the_daemons_own_proxy);
    tcase_add_test(c, a_move_to_another_centre_goes_by_the_same_way);
    tcase_add_test(c, another_way_is_dialled_at_once_and_the_login_goes_on);
    tcase_add_test(c, what_is_under_way_is_answered_by_the_new_way);
    tcase_add_test(c, the_pause_after_failures_by_the_old_way_is_not_waited_for);
    tcase_add_test(c, what_is_only_set_waits_for_the_next_dial);
    tcase_add_test(c, a_way_outlives_the_process);
    tcase_add_test(c, nothing_goes_by_a_way_that_was_lost);
    tcase_add_test(c, what_the_framing_does_not_fit_is_not_dialled_and_said);
    suite_add_tcase(s, c);
    c = tcase_create("client");
    tcase_add_checked_fixture(c, client_set_up, client_tear_down);
    tcase_add_loop_test(c, from_every_state_a_client_goes_by_the_new_way, 0, 4);
    tcase_add_test(c, a_key_that_is_being_kept_is_used_by_the_new_way);
    tcase_add_test(c, one_that_is_closed_stays_closed);
    suite_add_tcase(s, c);
    return s;
}
