/* Accounts and keys come back as they were put. */
#include <stdlib.h>

#include "tests/support/temp.h"
#include "tests/unit/store/rows_bed.h"
#include "tests/unit/store/suites.h"

static void accounts_are(const char *expected)
{
    char *accounts = bed_accounts();

    ck_assert_str_eq(accounts, expected);
    free(accounts);
}

static void see_carla(void *ctx, int err, const char *why, const struct store_loaded_account *list, size_t n)
{
    int *seen = ctx;

    ck_assert_int_eq(err, 0);
    ck_assert_uint_eq(n, 3);
    const struct store_account *a = &list[2].row;
    ck_assert_str_eq(a->name, "carla");
    ck_assert_str_eq(a->state, "needs_code");
    ck_assert_str_eq(a->reason, "a \"reason\" with ü");
    ck_assert_ptr_null(a->remedy);
    ck_assert_str_eq(a->logout, "");
    ck_assert_int_eq(a->home_dc, -2);
    ck_assert_int_eq(a->self_id, INT64_MAX);
    ck_assert_int_eq(a->user_id, INT64_MIN);
    ck_assert_ptr_null(a->user_json);
    ck_assert_str_eq(a->proxy, "socks5://ü:%40@[::1]:1080");
    ck_assert_int_eq(a->layer, INT32_MAX);
    ck_assert_ptr_null(list[2].damage);
    ck_assert_int_gt(a->id, list[1].row.id);
    ++*seen;
}

START_TEST(every_member_of_an_account_comes_back)
{
    struct store_account a = {.name = "carla",
                              .state = "needs_code",
                              .reason = "a \"reason\" with ü",
                              .logout = "",
                              .home_dc = -2,
                              .self_id = INT64_MAX,
                              .user_id = INT64_MIN,
                              .proxy = "socks5://ü:%40@[::1]:1080",
                              .layer = INT32_MAX};
    int seen = 0;

    put_is(store_put_account(bed_desk, &a, bed_done, &h));
    reopen();
    ck_assert_int_eq(store_load_accounts(bed_desk, see_carla, &seen), 0);
    while (!seen)
        bed_turn();
}
END_TEST

START_TEST(an_account_that_is_put_again_is_changed_and_keeps_its_keys)
{
    struct store_account a = bed_account("anna");

    bed_put_key("anna", 2, 0x21);
    a.proxy = "none";
    put_is(store_put_account(bed_desk, &a, bed_done, &h));
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} proxy none keys "
                 "2:21 | berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys");
    a.proxy = NULL;
    a.state = "revoked";
    a.user_json = NULL;
    a.login_json = NULL;
    put_is(store_put_account(bed_desk, &a, bed_done, &h));
    reopen();
    accounts_are("anna revoked dc 2 user none login none keys 2:21 | "
                 "berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys");
}
END_TEST

START_TEST(keys_are_put_changed_and_dropped_each_alone)
{
    bed_put_key("anna", 4, 0x44);
    bed_put_key("anna", 2, 0x21);
    bed_put_key("berta", 2, 0x22);
    bed_put_key("anna", 2, 0x2f);
    put_is(store_drop_key(bed_desk, "anna", 5, bed_done, &h));
    put_is(store_put_salt(bed_desk, "anna", 4, 0x99, bed_done, &h));
    put_is(store_put_salt(bed_desk, "anna", 5, 0x99, bed_done, &h));
    put_is(store_put_salt(bed_desk, "anna", 4, 0x44, bed_done, &h));
    reopen();
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:2f 4:44 | "
                 "berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:22");
    put_is(store_drop_key(bed_desk, "anna", 2, bed_done, &h));
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 4:44 | "
                 "berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 2:22");
}
END_TEST

START_TEST(a_key_of_nobody_is_refused)
{
    struct store_key k = bed_key("nobody", 2, 1);

    ck_assert_int_eq(store_put_key(bed_desk, &k, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EUNKNOWN);
    ck_assert_str_eq(h.why, "the store has no account \"nobody\"");
    put_is(store_drop_key(bed_desk, "nobody", 2, bed_done, &h));
    put_is(store_drop_account(bed_desk, "nobody", bed_done, &h));
}
END_TEST

START_TEST(damage_is_told_of_its_account_and_costs_the_others_nothing)
{
    bed_put_key("anna", 2, 0x21);
    bed_put_key("anna", 4, 0x44);
    bed_put_key("berta", 2, 0x22);
    bed_close();
    /* A bit of a key; a user and a login moved to another row. */
    bed_sql(
        "UPDATE keys SET key_sealed = CAST(substr(key_sealed, 1, 40) || x'00' || substr(key_sealed, 42) AS BLOB)"
        " WHERE dc = 2 AND account_id = (SELECT id FROM accounts WHERE name = 'anna');"
        "UPDATE accounts SET user_sealed = (SELECT user_sealed FROM accounts WHERE name = 'anna')"
        " WHERE name = 'berta';"
        "INSERT INTO accounts SELECT 9, 'carla', state, reason, remedy, logout, home_dc, self_id, user_id, NULL, layer,"
        " login_sealed, NULL FROM accounts WHERE name = 'anna'");
    bed_open();
    char *accounts = bed_accounts();
    ck_assert_str_eq(
        accounts, "anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys 4:44 "
                  "damage: its key of data "
                  "centre 2 cannot be read: it was changed, or is another row's; put a backup in place, or "
                  "log in anew | berta ready dc 2 user none login {\"tokens\":[\"dG9rZW4=\"]} keys 2:22 damage: its "
                  "user cannot be read: it "
                  "was changed, or is another row's; put a backup in place, or log in anew | "
                  "carla ready dc 2 user none login none keys damage: its login cannot be read: it was changed, or is "
                  "another row's; put a backup in place, or log in anew");
    free(accounts);
    bed_close();
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), 3);
    ck_assert_int_eq(bed_number("SELECT count(*) FROM accounts WHERE user_sealed IS NOT NULL"), 2);
    bed_open();
}
END_TEST

/* Whose packets would go by another way than they should: such an account is one that cannot be read. */
START_TEST(a_proxy_of_another_account_is_damage)
{
    struct store_account a = bed_account("anna");

    a.proxy = "socks5://127.0.0.1:1080";
    put_is(store_put_account(bed_desk, &a, bed_done, &h));
    bed_close();
    bed_sql("UPDATE accounts SET proxy_sealed = (SELECT proxy_sealed FROM accounts WHERE name = 'anna')"
            " WHERE name = 'berta'");
    bed_open();
    accounts_are("anna ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} proxy "
                 "socks5://127.0.0.1:1080 keys | "
                 "berta ready dc 2 user {\"phone\":\"491701234567\"} login {\"tokens\":[\"dG9rZW4=\"]} keys proxy lost "
                 "damage: its "
                 "proxy cannot be read: it was changed, or is another row's; put a backup in place, or log in anew");
}
END_TEST

START_TEST(a_name_that_comes_back_has_nothing_of_the_one_before)
{
    struct store_peer p = {.account = "anna", .kind = PEER_USER, .id = 1};
    struct store_call c = {.account = "anna", .id = 2};
    struct store_flood f = {.family = "FLOOD_WAIT_X"};

    bed_put_key("anna", 2, 0x21);
    put_is(store_put_peers(bed_desk, &p, 1, bed_done, &h));
    put_is(store_put_calls(bed_desk, &c, 1, bed_done, &h));
    put_is(store_put_floods(bed_desk, "anna", &f, 1, bed_done, &h));
    bed_close();
    bed_sql("CREATE TABLE before AS SELECT id FROM accounts WHERE name = 'anna'");
    bed_open();
    put_is(store_drop_account(bed_desk, "anna", bed_done, &h));
    bed_put_account("anna");
    bed_close();
    ck_assert_int_eq(bed_number("SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM peers)"
                                " + (SELECT count(*) FROM calls) + (SELECT count(*) FROM floods)"),
                     0);
    ck_assert_int_eq(bed_number("SELECT (SELECT id FROM accounts WHERE name = 'anna') = (SELECT id FROM before)"), 0);
    bed_open();
}
END_TEST

START_TEST(an_account_that_is_stripped_keeps_what_was_asked_of_it)
{
    struct store_peer p = {.account = "anna", .kind = PEER_USER, .id = 1};
    struct store_call c = {.account = "anna", .id = 2};
    struct store_flood f = {.family = "FLOOD_WAIT_X"};
    struct store_update_state u = {.pts = 1};
    struct store_intent i = {.id = 5, .account = "anna", .order = "{}", .order_len = 2};

    bed_put_key("anna", 2, 0x21);
    bed_put_key("berta", 2, 0x22);
    put_is(store_put_peers(bed_desk, &p, 1, bed_done, &h));
    put_is(store_put_calls(bed_desk, &c, 1, bed_done, &h));
    put_is(store_put_floods(bed_desk, "anna", &f, 1, bed_done, &h));
    put_is(store_put_update_states(bed_desk, "anna", &u, 1, bed_done, &h));
    put_is(store_put_intent(bed_desk, &i, bed_done, &h));
    put_is(store_strip_account(bed_desk, "anna", bed_done, &h));
    put_is(store_strip_account(bed_desk, "nobody", bed_done, &h));
    bed_close();
    ck_assert_int_eq(bed_number("SELECT (SELECT count(*) FROM peers) + (SELECT count(*) FROM calls)"
                                " + (SELECT count(*) FROM floods) + (SELECT count(*) FROM update_states)"),
                     0);
    ck_assert_int_eq(bed_number("SELECT count(*) FROM keys"), 1);
    ck_assert_int_eq(bed_number("SELECT account_id = (SELECT id FROM accounts WHERE name = 'anna') FROM intents"), 1);
    bed_open();
}
END_TEST

Suite *suite_account_rows(void)
{
    Suite *s = suite_create("account_rows");
    TCase *t = tcase_create("account_rows");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, rows_set_up, bed_tear_down);
    tcase_add_test(t, every_member_of_an_account_comes_back);
    tcase_add_test(t, an_account_that_is_put_again_is_changed_and_keeps_its_keys);
    tcase_add_test(t, keys_are_put_changed_and_dropped_each_alone);
    tcase_add_test(t, a_key_of_nobody_is_refused);
    tcase_add_test(t, damage_is_told_of_its_account_and_costs_the_others_nothing);
    tcase_add_test(t, a_proxy_of_another_account_is_damage);
    tcase_add_test(t, a_name_that_comes_back_has_nothing_of_the_one_before);
    tcase_add_test(t, an_account_that_is_stripped_keeps_what_was_asked_of_it);
    suite_add_tcase(s, t);
    return s;
}
