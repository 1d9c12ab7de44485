/* A client whose session speaks under a temporary key: how it comes to one, what is done where the server knows it or
 * its binding no more, and that none of it touches the permanent one. */
#include <string.h>

#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

enum { DAY_S = 86400 };

static const char bind_method[] = "auth.bindTempAuthKey";

static struct client_bed t;

static void set_up(void)
{
    client_bed_init_temporary(&t, DAY_S);
}

/* Whatever happened: nothing was asked under a key that was not bound, and only one key was ever a login. */
static void tear_down(void)
{
    ck_assert_uint_eq(fake_dc_unbound_queries(t.b.dc), 0);
    ck_assert_uint_le(fake_dc_bound_keys(t.b.dc), 1);
    client_bed_fini(&t);
}

static void pass(int64_t s)
{
    bed_pass(&t.b, s * SECOND_US);
}

static void ask_and_hear(void)
{
    unsigned before = t.results;

    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, before + 1);
}

static void start(void)
{
    client_start(&t, NULL);
    client_expect(&t, "XR");
    ask_and_hear();
}

/* A client that made a key and was served came and went. */
static void make_key(void)
{
    start();
    client_end(&t);
    t.sessions = t.made = 0;
}

START_TEST(test_a_first_login_keeps_its_permanent_key_and_then_makes_a_temporary_one)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(2);
    ck_assert_uint_eq(t.made, 1);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_sealed_packets(t.b.dc), 0);
    client_commit(&t, 0, NULL);
    client_expect(&t, "R");
    ck_assert_uint_eq(t.made, 1); /* the other one is nobody's to keep */
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 2);
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_bound_keys(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_executed(t.b.dc, bind_method), 1);
    ck_assert_uint_eq(t.sessions, 1);
    ask_and_hear();
    struct tg_given_key key;
    ck_assert(tg_client_key(t.c, &key));
    ck_assert_mem_eq(key.key, t.key, sizeof(t.key));
}
END_TEST

START_TEST(test_a_restart_makes_one_temporary_key_and_no_other)
{
    make_key();
    if (_i == 1)
        t.salt = 0;
    if (_i == 2)
        fake_dc_change_salts(t.b.dc);
    if (_i == 3)
        fake_dc_set_offset(t.b.dc, 4000 * SECOND_US);
    client_start(&t, t.key);
    client_expect(&t, "XR");
    ask_and_hear();
    ck_assert_uint_eq(t.made, 0);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3);
}
END_TEST

START_TEST(test_a_link_that_comes_back_goes_on_with_the_same_temporary_key)
{
    start();
    for (unsigned n = 1; n <= 3; n++) {
        fake_dc_drop_links(t.b.dc);
        client_expect(&t, "WDR");
        ask_and_hear();
    }
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 2);
    ck_assert_uint_eq(fake_dc_asked(t.b.dc, bind_method), 1);
    ck_assert_uint_eq(t.sessions, 1);
}
END_TEST

START_TEST(test_a_temporary_key_that_the_server_forgot_is_made_anew_and_nothing_is_lost)
{
    start();
    fake_dc_forget_temporary_keys(t.b.dc);
    client_ask(&t);
    client_expect(&t, "W");
    ck_assert_str_eq(tg_client_trouble(t.c), "the server does not know our temporary key");
    client_expect(&t, "DXR");
    pass(1);
    ck_assert_uint_eq(t.results, 2);
    ck_assert_uint_eq(t.keys_lost, 0);
    ck_assert_uint_eq(t.sessions, 1);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 3);
}
END_TEST

START_TEST(test_a_server_whose_time_is_past_the_end_of_the_key)
{
    start();
    fake_dc_set_offset(t.b.dc, (DAY_S + 10) * SECOND_US);
    client_ask(&t);
    client_expect(&t, "WDXR");
    pass(1);
    ck_assert_uint_eq(t.results, 2);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
}
END_TEST

/* gotd's clients made hundreds of keys a second where a server forgot them early. */
START_TEST(test_a_server_that_keeps_no_temporary_key_is_not_asked_for_one_after_the_other)
{
    start();
    for (int s = 0; s < 3600; s++) {
        fake_dc_forget_temporary_keys(t.b.dc);
        if (s % 5 == 0)
            client_ask(&t);
        pass(1);
    }
    ck_assert_uint_le(fake_dc_exchanges(t.b.dc), 3600 / 42 + 10);
    ck_assert_uint_eq(t.keys_lost, 0);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    unsigned before = t.results;
    pass(120);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_gt(t.results, before);
    ck_assert_uint_eq(t.results, 1 + 3600 / 5);
}
END_TEST

/* What the server makes of the first binding, and what it comes to: the states from the first X on. */
static const struct {
    struct fake_rule rule;
    const char *states;
    unsigned exchanges;
    int64_t least_s; /* until it is ready */
} words[] = {
    {{.fate = FAKE_DROP_BEFORE}, "XWDXR", 2, 0}, /* in vain: once more, for the same key */
    {{.fate = FAKE_DROP_AFTER}, "XWDXR", 2, 0},  /* its answer was lost, and is heard on the next link */
    {{.fate = FAKE_LATE, .after_us = 5 * SECOND_US}, "XR", 2, 5},
    {{.fate = FAKE_NEVER}, "XWDXR", 3, 15},
    {{.fate = FAKE_LOST}, "XWDXR", 3, 15},
    {{.fate = FAKE_ERROR, .code = 500, .text = "RPC_CALL_FAIL"}, "XWDXR", 3, 1},
    {{.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_30"}, "XWDXR", 3, 30},
    {{.fate = FAKE_ERROR, .code = 400, .text = "EXPIRES_AT_INVALID"}, "XWDXR", 3, 1},
    {{.fate = FAKE_ERROR, .code = 400, .text = "ENCRYPTED_MESSAGE_INVALID"}, "XWDXR", 3, 1},
    {{.fate = FAKE_ERROR, .code = 401, .text = "AUTH_KEY_PERM_EMPTY"}, "XWDXR", 3, 1},
};

START_TEST(test_what_a_binding_comes_to)
{
    fake_dc_rule(t.b.dc, bind_method, words[_i].rule);
    client_start(&t, NULL);
    int64_t since = t.b.net.clock.mono_us;
    client_expect(&t, words[_i].states);
    ck_assert_int_ge(t.b.net.clock.mono_us - since, words[_i].least_s * SECOND_US);
    ask_and_hear();
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), words[_i].exchanges);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    ck_assert_uint_eq(t.made, 1);
    ck_assert_uint_eq(t.keys_lost, 0);
    ck_assert_uint_eq(t.sessions, 1);
}
END_TEST

START_TEST(test_no_wait_that_a_binding_is_told_is_longer_than_two_weeks)
{
    fake_dc_rule(t.b.dc, bind_method,
                 (struct fake_rule){.fate = FAKE_ERROR, .code = 420, .text = "FLOOD_WAIT_99999999999999999999"});
    client_start(&t, NULL);
    client_expect(&t, "XW");
    bed_pass(&t.b, 13 * 86400 * SECOND_US);
    ck_assert_uint_eq(fake_dc_exchanges(t.b.dc), 2);
    bed_pass(&t.b, 86400 * SECOND_US + 120 * SECOND_US);
    ck_assert_int_eq(client_state(&t), 'R');
    ask_and_hear();
}
END_TEST

START_TEST(test_a_server_that_binds_no_key_loses_us_no_login)
{
    fake_dc_rule(
        t.b.dc, bind_method,
        (struct fake_rule){.fate = FAKE_ERROR, .times = FAKE_ALWAYS, .code = 400, .text = "ENCRYPTED_MESSAGE_INVALID"});
    client_start(&t, NULL);
    client_expect(&t, "XW");
    ck_assert_str_eq(tg_client_trouble(t.c),
                     "the server refuses to bind our temporary key: 400 ENCRYPTED_MESSAGE_INVALID");
    ck_assert_ptr_nonnull(strstr(tg_client_remedy(t.c), "pfs = no"));
    pass(3600);
    ck_assert_uint_le(fake_dc_exchanges(t.b.dc), 3600 / 42 + 10);
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 1);
    ck_assert_uint_eq(t.keys_lost, 0);
    ck_assert_uint_eq(t.sessions, 0);
    fake_dc_no_rules(t.b.dc);
    pass(120);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_str_eq(tg_client_trouble(t.c), "");
    ck_assert_ptr_null(tg_client_remedy(t.c));
    ask_and_hear();
}
END_TEST

START_TEST(test_a_permanent_key_that_the_server_forgot_is_lost_by_its_own_denials)
{
    bool is_given = _i == 1;

    if (is_given) {
        make_key();
        client_start(&t, t.key);
        client_expect(&t, "XR");
    } else {
        start();
    }
    fake_dc_forget_keys(t.b.dc);
    client_ask(&t);
    client_expect(&t, "W"); /* the temporary key goes, and the next is not bound */
    for (int denials = 1; denials < 3; denials++) {
        client_expect(&t, "DXW");
        ck_assert_str_eq(tg_client_trouble(t.c), "the server sent transport error -404");
        ck_assert_uint_eq(t.keys_lost, 0);
    }
    client_expect(&t, "DXW");
    ck_assert_uint_eq(t.keys_lost, 1);
    ck_assert_str_eq(tg_client_trouble(t.c), "the server does not know our key");
    client_expect(&t, "DXR");
    ck_assert_uint_eq(fake_dc_made_keys(t.b.dc), 2);
    ask_and_hear();
}
END_TEST

START_TEST(test_a_permanent_key_that_never_served_is_lost_at_its_first_denial)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(1);
    fake_dc_forget_keys(t.b.dc);
    t.commits = CLIENT_KEEPS;
    client_commit(&t, 0, NULL);
    client_expect(&t, "W");
    ck_assert_uint_eq(t.keys_lost, 1);
    client_expect(&t, "DXR");
    ck_assert_uint_eq(t.made, 2);
}
END_TEST

START_TEST(test_a_link_that_ends_while_the_temporary_key_is_made)
{
    make_key();
    client_start(&t, t.key);
    client_expect(&t, "X");
    fake_dc_drop_links(t.b.dc);
    client_expect(&t, "WDXR");
    ask_and_hear();
    ck_assert_uint_eq(t.links_lost, 0);
}
END_TEST

/* Of an account: who asked does not hear of it. */
START_TEST(test_a_binding_that_the_server_forgot_is_made_anew_and_the_request_is_served)
{
    struct bed b;
    struct bed_answer answer;

    bed_init(&b, BED_READY);
    unsigned exchanges = fake_dc_exchanges(b.dc);
    fake_dc_unbind_keys(b.dc);
    bed_ask_now(&b, "phone.createGroupCall", "{'peer':{'_':'inputPeerChat','chat_id':501},'random_id':7}", 0, &answer);
    bed_expect_result(&answer);
    bed_answer_fini(&answer);
    ck_assert_uint_eq(fake_dc_executed(b.dc, "phone.createGroupCall"), 1);
    ck_assert_int_eq(tg_account_state(b.a), TG_ACCOUNT_READY);
    ck_assert_uint_eq(fake_dc_exchanges(b.dc), exchanges + 1);
    ck_assert_uint_eq(fake_dc_made_keys(b.dc), 1);
    bed_fini(&b);
}
END_TEST

START_TEST(test_a_logout_has_both_keys_forgotten)
{
    struct bed b;
    struct bed_answer answer;

    bed_init(&b, BED_READY);
    if (_i == 1) /* which the daemon has not heard of the permanent key's */
        fake_dc_change_salts(b.dc);
    bed_logout(&b, &answer);
    bed_expect_result(&answer);
    if (_i == 2) { /* the account goes in the middle of that */
        bed_fini(&b);
        return;
    }
    bed_pass(&b, SECOND_US);
    ck_assert_uint_eq(fake_dc_keys(b.dc), 0);
    ck_assert_uint_eq(fake_dc_temporary_keys(b.dc), 0);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
    bed_pass(&b, 10 * SECOND_US);
    ck_assert_uint_eq(fake_dc_links(b.dc), 0);
    bed_fini(&b);
}
END_TEST

Suite *suite_connection_temporary(void)
{
    Suite *s = suite_create("connection_temporary");
    TCase *c = tcase_create("connection_temporary");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 30);
    tcase_add_test(c, test_a_first_login_keeps_its_permanent_key_and_then_makes_a_temporary_one);
    tcase_add_loop_test(c, test_a_restart_makes_one_temporary_key_and_no_other, 0, 4);
    tcase_add_test(c, test_a_link_that_comes_back_goes_on_with_the_same_temporary_key);
    tcase_add_test(c, test_a_temporary_key_that_the_server_forgot_is_made_anew_and_nothing_is_lost);
    tcase_add_test(c, test_a_server_whose_time_is_past_the_end_of_the_key);
    tcase_add_test(c, test_a_server_that_keeps_no_temporary_key_is_not_asked_for_one_after_the_other);
    tcase_add_loop_test(c, test_what_a_binding_comes_to, 0, sizeof(words) / sizeof(words[0]));
    tcase_add_test(c, test_no_wait_that_a_binding_is_told_is_longer_than_two_weeks);
    tcase_add_test(c, test_a_server_that_binds_no_key_loses_us_no_login);
    tcase_add_loop_test(c, test_a_permanent_key_that_the_server_forgot_is_lost_by_its_own_denials, 0, 2);
    tcase_add_test(c, test_a_permanent_key_that_never_served_is_lost_at_its_first_denial);
    tcase_add_test(c, test_a_link_that_ends_while_the_temporary_key_is_made);
    tcase_add_test(c, test_a_binding_that_the_server_forgot_is_made_anew_and_the_request_is_served);
    tcase_add_loop_test(c, test_a_logout_has_both_keys_forgotten, 0, 3);
    suite_add_tcase(s, c);
    return s;
}
