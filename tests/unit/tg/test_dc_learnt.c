/* Telegram's word on its data centres in an account's life: asked for by one, heard by all, dialled by who comes back.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/tg/dc_learnt.h"
#include "tests/unit/tg/bed.h"
#include "tests/unit/tg/config_json.h"
#include "tests/unit/tg/suites.h"

#define THERE(host) "{'_':'dcOption','id':1,'ip_address':'" host "','port':443,'this_port_only':true}"

enum { LIFE_S = 3600 };

static struct bed b;
static struct bed_answer answer;
static struct dc_learnt *learnt;
static struct tg_keeper keeper;
static unsigned kept;

static void keep_key(void *ctx, struct tg_account *account, const struct tg_made_key *made, struct tg_commit *commit)
{
    (void)ctx, (void)account, (void)made;
    tg_commit_done(commit, 0, NULL);
}

static void drop_key(void *ctx, struct tg_account *account, int32_t dc)
{
    (void)ctx, (void)account, (void)dc;
}

static void noted(void *ctx, struct tg_account *account)
{
    (void)ctx, (void)account;
}

static void keep_dc_options(void *ctx)
{
    (void)ctx;
    kept++;
}

static void make_learnt(enum dc_mode mode)
{
    struct dc_learnt_config config = {.dcs = &b.dcs, .mode = mode, .local = true, .ipv6 = true};

    dc_learnt_free(learnt);
    ck_assert_int_eq(dc_learnt_new(&config, &learnt), 0);
    b.env.learnt = learnt;
}

/* What is answered from now on. */
static void serve(const char *json)
{
    static char text[16384];

    snprintf(text, sizeof(text), "%s", json);
    fake_dc_no_rules(b.dc);
    fake_dc_rule(b.dc, "help.getConfig", (struct fake_rule){.times = FAKE_ALWAYS, .json = text});
}

static void log_in(void)
{
    bed_phone(&b, "15550001", &answer);
    bed_expect_result(&answer);
    bed_code(&b, "12345", &answer);
    bed_expect_result(&answer);
    bed_pass(&b, SECOND_US);
}

static void set_up(void)
{
    answer = (struct bed_answer){0};
    learnt = NULL;
    kept = 0;
    bed_init(&b, BED_NEW);
    make_learnt(DC_MODE_TEST);
    keeper = (struct tg_keeper){keep_key, drop_key, noted, keep_dc_options, NULL};
    b.env.keeper = &keeper;
    serve(config_json(LIFE_S, THERE("10.0.0.1")));
}

static void tear_down(void)
{
    bed_answer_fini(&answer);
    bed_fini(&b);
    dc_learnt_free(learnt);
}

static unsigned asked(void)
{
    return fake_dc_asked(b.dc, "help.getConfig");
}

static void expect_option(const char *ip)
{
    struct tg_dc_option list[TG_DC_OPTIONS_OF_ONE_MAX];

    ck_assert_uint_eq(dc_learnt_of(learnt, 1, list), 1);
    ck_assert_str_eq(list[0].ip, ip);
}

START_TEST(test_one_account_asks_once_and_again_when_the_config_expires)
{
    struct tg_account *other;
    struct fault fault;

    ck_assert_int_eq(tg_account_new(&b.env, "b", &other), 0);
    log_in();
    ck_assert_uint_eq(asked(), 1);
    expect_option("10.0.0.1");
    ck_assert_uint_eq(kept, 1);
    ck_assert_int_eq(tg_login_phone(other, "15550002", bed_in(&b, 30 * SECOND_US), bed_step_done, &answer, &fault), 0);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(asked(), 1);
    bed_pass(&b, (LIFE_S - 60) * SECOND_US);
    tg_account_look_at_config(b.a);
    tg_account_look_at_config(other);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 1);
    bed_pass(&b, 60 * SECOND_US);
    tg_account_look_at_config(other);
    tg_account_look_at_config(b.a);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 2);
    tg_account_free(other);
}
END_TEST

START_TEST(test_where_asking_comes_to_nothing_it_is_tried_again_later)
{
    fake_dc_no_rules(b.dc);
    fake_dc_rule(b.dc, "help.getConfig",
                 (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "X"});
    log_in();
    ck_assert_uint_eq(asked(), 1);
    for (int i = 0; i < DC_LEARNT_RETRY_S; i += 10) {
        tg_account_look_at_config(b.a);
        bed_pass(&b, 10 * SECOND_US);
    }
    ck_assert_uint_eq(asked(), 1);
    tg_account_look_at_config(b.a);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 2);
    ck_assert_uint_eq(kept, 0);
}
END_TEST

START_TEST(test_a_life_of_nonsense_is_kept_within_bounds)
{
    static const struct {
        int life_s, is_asked_after_s, not_after_s;
    } lives[] = {{0, 60, 59}, {-5, 60, 59}, {2000000000, 86400, 86399}};

    serve(config_json(lives[_i].life_s, THERE("10.0.0.1")));
    log_in();
    ck_assert(!dc_learnt_claim(learnt, bed_in(&b, (lives[_i].not_after_s - 3) * SECOND_US)));
    ck_assert(dc_learnt_claim(learnt, bed_in(&b, lives[_i].is_asked_after_s * SECOND_US)));
}
END_TEST

START_TEST(test_a_data_centre_that_moved_is_found_where_it_went)
{
    log_in();
    fake_dc_listen(b.dc, 1, "10.0.9.1", 443);
    serve(config_json(LIFE_S, THERE("10.0.9.1")));
    fake_dc_push(b.dc, json_of(dc_update_json(THERE("10.0.9.1"))));
    bed_pass(&b, SECOND_US);
    expect_option("10.0.9.1");
    ck_assert(tg_account_is_online(b.a));
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.9.1", 443), 0);
    unsigned before = fake_net_dials(&b.net, "10.0.0.1", 443);
    fake_dc_drop_links(b.dc);
    bed_pass(&b, 5 * SECOND_US);
    ck_assert(tg_account_is_online(b.a));
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.9.1", 443), 1);
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.0.1", 443), before);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

START_TEST(test_an_update_is_heard_at_once_and_the_config_asked_for_soon)
{
    log_in();
    bed_pass(&b, 3600 / 2 * SECOND_US);
    fake_dc_push(b.dc, json_of("{'_':'updateShort','update':{'_':'updateConfig'},'date':1}"));
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 2);
    /* Every account hears of it, and each update again: it is asked for once more, and not at once. */
    for (int i = 0; i < 10; i++) {
        fake_dc_push(b.dc, json_of(dc_update_json(THERE("10.0.0.1"))));
        bed_pass(&b, SECOND_US);
    }
    ck_assert_uint_eq(asked(), 2);
    bed_pass(&b, DC_LEARNT_PACE_S * SECOND_US);
    tg_account_look_at_config(b.a);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 3);
    bed_pass(&b, 600 * SECOND_US);
    tg_account_look_at_config(b.a);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 3);
}
END_TEST

START_TEST(test_an_update_while_the_question_is_under_way_has_it_asked_again)
{
    log_in();
    bed_pass(&b, 600 * SECOND_US);
    fake_dc_push(b.dc, json_of("{'_':'updateShort','update':{'_':'updateConfig'},'date':1}"));
    bed_pass(&b, FAKE_NET_LATENCY_US + 1000);
    dc_learnt_doubt(learnt, b.net.clock.mono_us); /* by another account */
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 2);
    bed_pass(&b, DC_LEARNT_PACE_S * SECOND_US);
    tg_account_look_at_config(b.a);
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(asked(), 3);
}
END_TEST

START_TEST(test_the_account_s_own_question_is_heard_too)
{
    log_in();
    serve(config_json(LIFE_S, THERE("10.0.9.1")));
    bed_ask_now(&b, "help.getConfig", "{}", 0, &answer);
    bed_expect_result(&answer);
    expect_option("10.0.9.1");
}
END_TEST

START_TEST(test_a_config_of_the_other_mode_is_left_alone)
{
    make_learnt(DC_MODE_PRODUCTION); /* what is served is in test mode */
    struct tg_dc_option list[TG_DC_OPTIONS_OF_ONE_MAX];

    log_in();
    ck_assert_uint_eq(asked(), 1);
    ck_assert_uint_eq(dc_learnt_of(learnt, 1, list), 0);
    ck_assert_uint_eq(kept, 0);
}
END_TEST

START_TEST(test_a_config_without_an_address_of_use_changes_nothing)
{
    log_in();
    unsigned edition = dc_learnt_edition(learnt);
    serve(config_json(LIFE_S, "{'_':'dcOption','id':1,'cdn':true,'ip_address':'10.0.9.9','port':443},"
                              "{'_':'dcOption','id':77,'ip_address':'10.0.9.9','port':443},"
                              "{'_':'dcOption','id':1,'ip_address':'224.0.0.1','port':443}"));
    bed_ask_now(&b, "help.getConfig", "{}", 0, &answer);
    bed_expect_result(&answer);
    expect_option("10.0.0.1");
    ck_assert_uint_eq(dc_learnt_edition(learnt), edition);
    ck_assert_uint_eq(kept, 1);
}
END_TEST

START_TEST(test_a_list_of_lies_does_not_keep_the_account_out)
{
    enum fake_address state = _i == 0 ? FAKE_REFUSES : FAKE_IS_SILENT;

    log_in();
    fake_dc_listen(b.dc, 2, "10.0.9.1", 443);
    fake_net_set_address(&b.net, "10.0.9.1", 443, state);
    serve(config_json(LIFE_S, THERE("10.0.9.1") "," THERE("10.0.9.2")));
    bed_ask_now(&b, "help.getConfig", "{}", 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    fake_dc_drop_links(b.dc);
    bed_ask_now(&b, "help.getNearestDc", "{}", 0, &answer);
    bed_expect_result(&answer);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 1);
}
END_TEST

/* It takes the connection, and never says a word. */
static void *accept_mutely(void *ctx, struct net_link *link)
{
    (void)link;
    return ctx;
}

static void hear_mutely(void *conn, const uint8_t *data, size_t len)
{
    (void)conn, (void)data, (void)len;
}

static void close_mutely(void *conn)
{
    (void)conn;
}

static const struct fake_listener mute = {accept_mutely, hear_mutely, close_mutely};

START_TEST(test_an_address_that_accepts_and_does_not_serve_costs_one_attempt)
{
    log_in();
    fake_net_listen(&b.net, "10.0.9.1", 443, &mute, &b);
    fake_net_listen(&b.net, "10.0.9.2", 443, &mute, &b);
    serve(config_json(LIFE_S, THERE("10.0.9.1") "," THERE("10.0.9.2")));
    bed_ask_now(&b, "help.getConfig", "{}", 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    fake_dc_forget_temporary_keys(b.dc); /* a key is to be made on the next link: that shows who serves */
    fake_dc_drop_links(b.dc);
    bed_ask(&b, "help.getNearestDc", "{}", 300 * SECOND_US, 0, &answer);
    bed_wait(&b, &answer);
    bed_expect_result(&answer);
}
END_TEST

static void restore(const char *text)
{
    ck_assert_int_eq(dc_learnt_restore(learnt, text, b.net.clock.mono_us, b.net.clock.wall_us), 0);
}

START_TEST(test_the_next_process_goes_straight_to_where_the_last_one_was_told)
{
    char text[128];

    fake_dc_listen(b.dc, 1, "10.0.9.1", 443);
    snprintf(text, sizeof(text), "1 %lld\n1 10.0.9.1 443 p -\n", (long long)(b.net.clock.wall_us / SECOND_US + LIFE_S));
    restore(text);
    log_in();
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.9.1", 443), 1);
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.0.1", 443), 0);
    ck_assert_uint_eq(asked(), 0); /* it has not expired */
}
END_TEST

START_TEST(test_an_old_list_is_used_until_there_is_a_new_one)
{
    fake_dc_listen(b.dc, 1, "10.0.9.1", 443);
    restore("1 1000\n1 10.0.9.1 443 p -\n");
    log_in();
    ck_assert_uint_eq(fake_net_dials(&b.net, "10.0.9.1", 443), 1);
    ck_assert_uint_eq(asked(), 1);
    expect_option("10.0.0.1");
    restore("1 1000\n1 10.0.9.1 443 p -\n"); /* by another worker: too late */
    expect_option("10.0.0.1");
}
END_TEST

START_TEST(test_what_is_kept_is_what_was_heard)
{
    struct buf text;

    log_in();
    buf_init(&text, TG_DC_OPTIONS_TEXT_MAX);
    ck_assert_int_eq(dc_learnt_write(learnt, &text), 0);
    buf_put_byte(&text, 0);
    ck_assert_ptr_nonnull(strstr((const char *)text.data, "\n1 10.0.0.1 443 p -\n"));
    make_learnt(DC_MODE_TEST);
    restore((const char *)text.data);
    expect_option("10.0.0.1");
    ck_assert(!dc_learnt_claim(learnt, bed_in(&b, (LIFE_S - 10) * SECOND_US)));
    ck_assert(dc_learnt_claim(learnt, bed_in(&b, LIFE_S * SECOND_US)));
    ck_assert_int_eq(dc_learnt_restore(learnt, "no list", 0, 0), TGC_EINVAL);
    buf_fini(&text);
}
END_TEST

Suite *suite_dc_learnt(void)
{
    Suite *s = suite_create("dc_learnt");
    TCase *t = tcase_create("dc_learnt");

    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_add_test(t, test_one_account_asks_once_and_again_when_the_config_expires);
    tcase_add_test(t, test_where_asking_comes_to_nothing_it_is_tried_again_later);
    tcase_add_loop_test(t, test_a_life_of_nonsense_is_kept_within_bounds, 0, 3);
    tcase_add_test(t, test_a_data_centre_that_moved_is_found_where_it_went);
    tcase_add_test(t, test_an_update_is_heard_at_once_and_the_config_asked_for_soon);
    tcase_add_test(t, test_an_update_while_the_question_is_under_way_has_it_asked_again);
    tcase_add_test(t, test_the_account_s_own_question_is_heard_too);
    tcase_add_test(t, test_a_config_of_the_other_mode_is_left_alone);
    tcase_add_test(t, test_a_config_without_an_address_of_use_changes_nothing);
    tcase_add_loop_test(t, test_a_list_of_lies_does_not_keep_the_account_out, 0, 2);
    tcase_add_test(t, test_an_address_that_accepts_and_does_not_serve_costs_one_attempt);
    tcase_add_test(t, test_the_next_process_goes_straight_to_where_the_last_one_was_told);
    tcase_add_test(t, test_an_old_list_is_used_until_there_is_a_new_one);
    tcase_add_test(t, test_what_is_kept_is_what_was_heard);
    suite_add_tcase(s, t);
    return s;
}
