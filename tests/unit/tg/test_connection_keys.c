/* How a client comes to a key: it is given one, or makes one that is kept before anything is sent under it. */
#include "tests/unit/tg/client_bed.h"
#include "tests/unit/tg/suites.h"

static struct client_bed t;

static void set_up(void)
{
    client_bed_init(&t);
}

static void tear_down(void)
{
    client_bed_fini(&t);
}

static void pass(int64_t s)
{
    bed_pass(&t.b, s * SECOND_US);
}

/* A client that made a key and was served under it came and went. */
static void make_key(void)
{
    client_start(&t, NULL);
    client_expect(&t, "XR");
    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, 1);
    client_end(&t);
    t.results = t.sessions = t.made = 0;
}

START_TEST(test_a_given_key_needs_no_exchange)
{
    make_key();
    unsigned plain = fake_dc_plain_packets(t.b.dc);
    if (_i == 1)
        t.salt = 0; /* not known: the server tells */
    client_start(&t, t.key);
    client_expect(&t, "R");
    ck_assert_uint_eq(t.sessions, 1);
    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, 1);
    ck_assert_uint_eq(t.made, 0);
    ck_assert_uint_eq(fake_dc_plain_packets(t.b.dc), plain);
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
}
END_TEST

START_TEST(test_a_given_key_works_where_the_servers_time_is_not_ours)
{
    make_key();
    fake_dc_set_offset(t.b.dc, 4000 * SECOND_US);
    client_start(&t, t.key);
    client_expect(&t, "R");
    client_ask(&t);
    pass(5);
    ck_assert_uint_eq(t.results, 1);
}
END_TEST

START_TEST(test_nothing_is_sent_under_a_key_that_is_not_kept_yet)
{
    uint64_t request;

    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(5);
    ck_assert_uint_eq(t.made, 1);
    ck_assert_int_eq(client_state(&t), 'X');
    ck_assert_uint_eq(t.sessions, 0);
    ck_assert_int_eq(tg_client_send(t.c, "abcd", 4, &request), TGC_ESTATE);
    ck_assert_uint_eq(fake_dc_sealed_packets(t.b.dc), 0);
    client_commit(&t, 0, NULL);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_eq(t.sessions, 1);
    client_ask(&t);
    pass(1);
    ck_assert_uint_eq(t.results, 1);
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
}
END_TEST

START_TEST(test_a_key_that_cannot_be_kept_is_offered_again_with_growing_pauses)
{
    t.commits = CLIENT_REFUSES;
    client_start(&t, NULL);
    client_expect(&t, "XW");
    ck_assert_str_eq(tg_client_trouble(t.c), "the new key could not be kept: no space left on device");
    unsigned plain = fake_dc_plain_packets(t.b.dc);
    pass(600);
    unsigned offers = t.made;
    ck_assert_uint_ge(offers, 5);
    pass(3600); /* one a minute, 30 % more or less */
    ck_assert_uint_le(t.made - offers, 3600 / 42 + 1);
    ck_assert_uint_eq(t.sessions, 0);
    ck_assert_uint_eq(fake_dc_sealed_packets(t.b.dc), 0);
    t.commits = CLIENT_KEEPS;
    pass(79);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_str_eq(tg_client_trouble(t.c), "");
    ck_assert_uint_eq(fake_dc_plain_packets(t.b.dc), plain); /* and it is the same key */
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
}
END_TEST

START_TEST(test_why_a_key_could_not_be_kept_may_be_the_errors_own_text)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(1);
    client_commit(&t, TGC_ENOMEM, NULL);
    ck_assert_int_eq(client_state(&t), 'W');
    ck_assert_str_eq(tg_client_trouble(t.c), "the new key could not be kept: out of memory");
}
END_TEST

START_TEST(test_keeping_that_takes_too_long_is_said_and_waited_for_on_the_next_link)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "XW");
    ck_assert_str_eq(tg_client_trouble(t.c), "keeping the new key takes too long");
    unsigned plain = fake_dc_plain_packets(t.b.dc);
    client_expect(&t, "DX");
    pass(1);
    ck_assert_uint_eq(t.made, 1);
    client_commit(&t, 0, NULL);
    ck_assert_int_eq(client_state(&t), 'R');
    ck_assert_uint_eq(fake_dc_plain_packets(t.b.dc), plain);
}
END_TEST

START_TEST(test_a_key_that_is_kept_while_the_link_is_down_is_used_on_the_next)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(1);
    unsigned plain = fake_dc_plain_packets(t.b.dc);
    fake_dc_drop_links(t.b.dc);
    client_expect(&t, "W");
    if (_i == 1)
        client_expect(&t, "D");
    client_commit(&t, 0, NULL);
    client_expect(&t, _i == 1 ? "R" : "DR");
    ck_assert_uint_eq(t.sessions, 1);
    ck_assert_uint_eq(t.links_lost, 0);
    ck_assert_uint_eq(fake_dc_plain_packets(t.b.dc), plain);
}
END_TEST

START_TEST(test_a_key_that_could_not_be_kept_while_the_link_is_down_is_offered_on_the_next)
{
    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(1);
    fake_dc_drop_links(t.b.dc);
    client_expect(&t, "W");
    client_commit(&t, TGC_EIO, "the disk is full");
    t.commits = CLIENT_KEEPS;
    client_expect(&t, "DR"); /* kept at once */
    ck_assert_uint_eq(t.made, 2);
    ck_assert_uint_eq(fake_dc_keys(t.b.dc), 1);
}
END_TEST

START_TEST(test_the_word_on_a_key_may_come_when_its_client_is_gone)
{
    int err = _i % 2 ? TGC_EIO : 0;

    t.commits = CLIENT_HOLDS;
    client_start(&t, NULL);
    client_expect(&t, "X");
    pass(1);
    if (_i < 2) {
        client_end(&t);
        client_commit(&t, err, NULL);
    } else {
        tg_client_retire(t.c);
        client_commit(&t, err, NULL);
        ck_assert_int_eq(client_state(&t), 'O');
    }
    pass(60);
    ck_assert_uint_eq(t.sessions, 0);
    ck_assert_uint_eq(fake_dc_sealed_packets(t.b.dc), 0);
}
END_TEST

START_TEST(test_a_made_key_that_never_served_is_given_up_at_its_first_denial)
{
    client_start(&t, NULL);
    client_expect(&t, "XR");
    fake_dc_forget_keys(t.b.dc);
    client_ask(&t);
    client_expect(&t, "W");
    ck_assert_uint_eq(t.keys_lost, 1);
    ck_assert_str_eq(tg_client_trouble(t.c), "the server does not know our key");
    client_expect(&t, "DXR");
    ck_assert_uint_eq(t.made, 2);
    ck_assert_uint_eq(t.sessions, 2);
}
END_TEST

START_TEST(test_a_key_that_served_is_given_up_at_its_third_denial_in_a_row)
{
    make_key();
    client_start(&t, t.key);
    client_expect(&t, "R");
    if (_i == 1) { /* a given key counts as one that has served */
        client_ask(&t);
        pass(1);
    }
    fake_dc_forget_keys(t.b.dc);
    client_ask(&t);
    client_expect(&t, "WDRWDR");
    ck_assert_uint_eq(t.keys_lost, 0);
    client_expect(&t, "W");
    ck_assert_uint_eq(t.keys_lost, 1);
    client_expect(&t, "DXR");
}
END_TEST

Suite *suite_connection_keys(void)
{
    Suite *s = suite_create("connection_keys");
    TCase *c = tcase_create("connection_keys");

    tcase_add_checked_fixture(c, set_up, tear_down);
    tcase_set_timeout(c, 30);
    tcase_add_loop_test(c, test_a_given_key_needs_no_exchange, 0, 2);
    tcase_add_test(c, test_a_given_key_works_where_the_servers_time_is_not_ours);
    tcase_add_test(c, test_nothing_is_sent_under_a_key_that_is_not_kept_yet);
    tcase_add_test(c, test_a_key_that_cannot_be_kept_is_offered_again_with_growing_pauses);
    tcase_add_test(c, test_why_a_key_could_not_be_kept_may_be_the_errors_own_text);
    tcase_add_test(c, test_keeping_that_takes_too_long_is_said_and_waited_for_on_the_next_link);
    tcase_add_loop_test(c, test_a_key_that_is_kept_while_the_link_is_down_is_used_on_the_next, 0, 2);
    tcase_add_test(c, test_a_key_that_could_not_be_kept_while_the_link_is_down_is_offered_on_the_next);
    tcase_add_loop_test(c, test_the_word_on_a_key_may_come_when_its_client_is_gone, 0, 4);
    tcase_add_test(c, test_a_made_key_that_never_served_is_given_up_at_its_first_denial);
    tcase_add_loop_test(c, test_a_key_that_served_is_given_up_at_its_third_denial_in_a_row, 0, 2);
    suite_add_tcase(s, c);
    return s;
}
