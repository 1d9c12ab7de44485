/* Each theme's rows come back as they were put. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static struct bed_heard h;

static void set_up(void)
{
    bed_set_up();
    bed_open();
    bed_put_account("anna");
    bed_put_account("berta");
    memset(&h, 0, sizeof(h));
}

/* The last put went well. */
static void put_is(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    bed_await(&h, h.n + 1);
    ck_assert_msg(h.err == 0, "%s", h.why);
}

/* Whatever was committed is read by a new process, too. */
static void reopen(void)
{
    bed_close();
    bed_open();
}

static void accounts_are(const char *expected)
{
    char *accounts = bed_accounts();

    ck_assert_str_eq(accounts, expected);
    free(accounts);
}

/* --- accounts and keys --- */

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

/* --- peers --- */

struct told {
    unsigned n;
    size_t rows, damaged;
    char text[1024];
};

static struct told told;

static void tell_peers(void *ctx, int err, const char *why, const struct store_peer *list, size_t n, size_t damaged)
{
    size_t at = 0;

    ck_assert_msg(err == 0, "%s", why);
    told = (struct told){.n = told.n + 1, .rows = n, .damaged = damaged};
    for (size_t i = 0; i < n && i < 8; i++)
        at +=
            (size_t)snprintf(told.text + at, sizeof(told.text) - at, "%s %d:%lld #%lld %d%d >%lld %s|", list[i].account,
                             list[i].kind, (long long)list[i].id, (long long)list[i].access_hash, list[i].has_hash,
                             list[i].is_self, (long long)list[i].migrated_to, list[i].phone ? list[i].phone : "-");
}

static void load_peers(const char *account)
{
    unsigned n = told.n;

    ck_assert_int_eq(store_load_peers(bed_desk, account, tell_peers, NULL), 0);
    while (told.n == n)
        bed_turn();
}

START_TEST(peers_come_back_in_the_order_in_which_they_were_put)
{
    const struct store_peer peers[] = {
        {"anna", PEER_CHANNEL, 3000000000000, INT64_MIN, true, false, 0, NULL},
        {"anna", PEER_USER, 777, -1, true, true, 0, "491701234567"},
        {"berta", PEER_USER, 777, 42, true, false, 0, NULL},
    };
    const struct store_peer later = {"anna", PEER_CHAT, 5, 0, false, false, 3000000000000, NULL};

    put_is(store_put_peers(bed_desk, peers, 3, bed_done, &h));
    put_is(store_put_peers(bed_desk, &later, 1, bed_done, &h));
    reopen();
    load_peers("anna");
    ck_assert_str_eq(told.text, "anna 0:777 #-1 11 >0 491701234567|"
                                "anna 2:3000000000000 #-9223372036854775808 10 >0 -|"
                                "anna 1:5 #0 00 >3000000000000 -|");
    ck_assert_uint_eq(told.damaged, 0);
    put_is(store_put_peers(bed_desk, &peers[0], 1, bed_done, &h));
    put_is(store_drop_peer(bed_desk, "anna", PEER_USER, 777, bed_done, &h));
    load_peers("anna");
    ck_assert_str_eq(told.text, "anna 1:5 #0 00 >3000000000000 -|"
                                "anna 2:3000000000000 #-9223372036854775808 10 >0 -|");
    put_is(store_drop_peers(bed_desk, "anna", bed_done, &h));
    load_peers("anna");
    ck_assert_uint_eq(told.rows, 0);
    load_peers("berta");
    ck_assert_str_eq(told.text, "berta 0:777 #42 10 >0 -|");
    load_peers("nobody");
    ck_assert_uint_eq(told.rows, 0);
}
END_TEST

START_TEST(a_batch_with_a_stranger_in_it_is_not_written_at_all)
{
    const struct store_peer peers[] = {{.account = "anna", .id = 1}, {.account = "nobody", .id = 2}};

    ck_assert_int_eq(store_put_peers(bed_desk, peers, 2, bed_done, &h), 0);
    bed_await(&h, 1);
    ck_assert_int_eq(h.err, TGC_EUNKNOWN);
    load_peers("anna");
    ck_assert_uint_eq(told.rows, 0);
}
END_TEST

START_TEST(damaged_peers_are_counted)
{
    const struct store_peer peers[] = {{"anna", PEER_USER, 1, 11, true, false, 0, "4911"},
                                       {"anna", PEER_USER, 2, 22, true, false, 0, "4922"},
                                       {"anna", PEER_USER, 3, 33, true, false, 0, NULL}};

    put_is(store_put_peers(bed_desk, peers, 3, bed_done, &h));
    bed_close();
    bed_sql("UPDATE peers SET phone_sealed = x'01' WHERE id = 1; UPDATE peers SET kind = 9 WHERE id = 3");
    bed_open();
    load_peers("anna");
    ck_assert_str_eq(told.text, "anna 0:1 #11 10 >0 -|anna 0:2 #22 10 >0 4922|");
    ck_assert_uint_eq(told.damaged, 2);
}
END_TEST

START_TEST(of_too_many_peers_the_oldest_are_forgotten)
{
    enum { BATCH = 1000, BATCHES = 2 * LIMIT_PEERS / BATCH };
    static struct store_peer peers[BATCH];

    for (int b = 0; b < BATCHES; b++) {
        for (int i = 0; i < BATCH; i++)
            peers[i] = (struct store_peer){.account = "anna", .id = b * BATCH + i};
        put_is(store_put_peers(bed_desk, peers, BATCH, bed_done, &h));
    }
    load_peers("anna");
    ck_assert_uint_eq(told.rows, LIMIT_PEERS);
    ck_assert_ptr_nonnull(strstr(told.text, "anna 0:20000 #"));
    bed_close();
    ck_assert_int_le(bed_number("SELECT count(*) FROM peers"), LIMIT_PEERS + BATCH);
    bed_open();
}
END_TEST

/* --- calls --- */

static void tell_calls(void *ctx, int err, const char *why, const struct store_call *list, size_t n, size_t damaged)
{
    ck_assert_msg(err == 0, "%s", why);
    told = (struct told){.n = told.n + 1, .rows = n, .damaged = damaged};
    if (n != 3)
        return;
    const struct store_call *c = &list[1];
    ck_assert_str_eq(c->account, "anna");
    ck_assert_int_eq(c->id, INT64_MIN);
    ck_assert_int_eq(c->access_hash, -7);
    ck_assert(c->has_peer && c->peer_kind == PEER_CHANNEL && c->peer_id == 99);
    ck_assert_uint_eq(c->title_len, 5);
    ck_assert_mem_eq(c->title, "a\0\xff\"b", 5);
    ck_assert(c->conference && !list[0].conference && !list[0].invite_link);
    ck_assert_str_eq(c->invite_link, "https://t.me/call/abc");
    ck_assert_int_eq(c->state, 2);
    ck_assert(c->schedule_date == 1 && c->duration == -1 && c->participants_count == 3 && c->version == INT32_MAX);
    ck_assert(c->rtmp_stream && !c->join_muted && c->created_here && !c->end_inferred);
    ck_assert(c->created_at == 20 && c->ended_at == 21);
    ck_assert(c->auto_start == 2 && c->missed_at == 22);
    ck_assert_pstr_eq(c->missed_why, "it was ü");
    ck_assert(list[0].auto_start == 0 && !list[0].missed_why);
    ck_assert(list[0].created_at == 10 && !list[0].has_peer && !list[0].title);
    ck_assert(list[2].created_at == 30 && list[2].title && list[2].title_len == 0);
}

static void load_calls(void)
{
    unsigned n = told.n;

    ck_assert_int_eq(store_load_calls(bed_desk, "anna", tell_calls, NULL), 0);
    while (told.n == n)
        bed_turn();
}

START_TEST(every_member_of_a_call_comes_back)
{
    struct store_call calls[] = {{.account = "anna", .id = 1, .created_at = 30, .title = ""},
                                 {.account = "anna",
                                  .id = INT64_MIN,
                                  .access_hash = -7,
                                  .has_peer = true,
                                  .peer_kind = PEER_CHANNEL,
                                  .peer_id = 99,
                                  .title = "a\0\xff\"b",
                                  .title_len = 5,
                                  .conference = true,
                                  .invite_link = "https://t.me/call/abc",
                                  .state = 2,
                                  .schedule_date = 1,
                                  .duration = -1,
                                  .rtmp_stream = true,
                                  .created_here = true,
                                  .participants_count = 3,
                                  .version = INT32_MAX,
                                  .created_at = 20,
                                  .ended_at = 21,
                                  .auto_start = 2,
                                  .missed_at = 22,
                                  .missed_why = "it was ü"},
                                 {.account = "anna", .id = 3, .created_at = 10}};

    put_is(store_put_calls(bed_desk, calls, 3, bed_done, &h));
    put_is(store_put_calls(bed_desk, calls, 3, bed_done, &h));
    reopen();
    load_calls();
    ck_assert_uint_eq(told.rows, 3);
    put_is(store_drop_call(bed_desk, "anna", 1, bed_done, &h));
    put_is(store_drop_call(bed_desk, "anna", 77, bed_done, &h));
    load_calls();
    ck_assert_uint_eq(told.rows, 2);
    put_is(store_drop_calls(bed_desk, "anna", bed_done, &h));
    load_calls();
    ck_assert_uint_eq(told.rows, 0);
}
END_TEST

/* --- floods --- */

static void tell_floods(void *ctx, int err, const char *why, const struct store_flood *list, size_t n, size_t damaged)
{
    size_t at = 0;

    ck_assert_msg(err == 0, "%s", why);
    told = (struct told){.n = told.n + 1, .rows = n, .damaged = damaged};
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(told.text + at, sizeof(told.text) - at, "%s %s %d%d %d:%lld %s %d %s %lld|",
                               list[i].account, list[i].method, list[i].has_peer, list[i].of_peer, list[i].kind,
                               (long long)list[i].peer_id, list[i].phone ? list[i].phone : "-", list[i].code,
                               list[i].family, (long long)list[i].until_wall_us);
}

static void load_floods(void)
{
    unsigned n = told.n;

    ck_assert_int_eq(store_load_floods(bed_desk, "anna", tell_floods, NULL), 0);
    while (told.n == n)
        bed_turn();
}

START_TEST(waits_are_replaced_as_a_whole)
{
    const struct store_flood floods[] = {
        {NULL, "auth.sendCode", false, false, PEER_USER, 0, "491701234567", 420, "FLOOD_WAIT_X", INT64_MAX},
        {NULL, NULL, true, true, PEER_CHANNEL, 9, "", 420, "SLOWMODE_WAIT_X", -1}};

    put_is(store_put_floods(bed_desk, "anna", floods, 2, bed_done, &h));
    reopen();
    load_floods();
    ck_assert_str_eq(told.text, "anna auth.sendCode 00 0:0 491701234567 420 FLOOD_WAIT_X 9223372036854775807|"
                                "anna  11 2:9 - 420 SLOWMODE_WAIT_X -1|");
    put_is(store_put_floods(bed_desk, "anna", &floods[1], 1, bed_done, &h));
    load_floods();
    ck_assert_str_eq(told.text, "anna  11 2:9 - 420 SLOWMODE_WAIT_X -1|");
    put_is(store_put_floods(bed_desk, "anna", floods, 2, bed_done, &h));
    bed_close();
    bed_sql("UPDATE floods SET phone_sealed = zeroblob(80) WHERE position = 0");
    bed_open();
    load_floods();
    ck_assert_str_eq(told.text, "anna  11 2:9 - 420 SLOWMODE_WAIT_X -1|");
    ck_assert_uint_eq(told.damaged, 1);
    put_is(store_put_floods(bed_desk, "anna", NULL, 0, bed_done, &h));
    load_floods();
    ck_assert_uint_eq(told.rows, 0);
}
END_TEST

/* --- updates --- */

static void tell_updates(void *ctx, int err, const char *why, const struct store_update_state *list, size_t n,
                         size_t damaged)
{
    size_t at = 0;

    ck_assert_msg(err == 0, "%s", why);
    told = (struct told){.n = told.n + 1, .rows = n, .damaged = damaged};
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(told.text + at, sizeof(told.text) - at, "%lld: %d %d %d %d|",
                               (long long)list[i].channel_id, list[i].pts, list[i].qts, list[i].date, list[i].seq);
}

static void updates_are(const char *want)
{
    unsigned n = told.n;

    reopen();
    ck_assert_int_eq(store_load_update_states(bed_desk, "anna", tell_updates, NULL), 0);
    while (told.n == n)
        bed_turn();
    ck_assert_str_eq(told.text, want);
}

START_TEST(where_updates_stand_is_put_changed_and_forgotten_each_alone)
{
    const struct store_update_state first[] = {
        {0, 500, 6, 1790000000, -1}, {997852516352, 42, 0, 0, 0}, {7, 1, 0, 0, 0}};
    const struct store_update_state then[] = {{7, 2, 0, 0, 0}, {997852516352, 0, 0, 0, 0}};

    updates_are("");
    put_is(store_put_update_states(bed_desk, "anna", first, 3, bed_done, &h));
    updates_are("0: 500 6 1790000000 -1|7: 1 0 0 0|997852516352: 42 0 0 0|");
    put_is(store_put_update_states(bed_desk, "anna", then, 2, bed_done, &h));
    updates_are("0: 500 6 1790000000 -1|7: 2 0 0 0|");
    bed_close();
    bed_sql("UPDATE update_states SET qts = 5000000000 WHERE channel_id = 0");
    bed_open();
    updates_are("7: 2 0 0 0|");
    ck_assert_uint_eq(told.damaged, 1);
    put_is(store_drop_account(bed_desk, "anna", bed_done, &h));
    bed_put_account("anna");
    updates_are("");
    ck_assert_uint_eq(told.damaged, 0);
}
END_TEST

Suite *suite_rows(void)
{
    Suite *s = suite_create("rows");
    TCase *t = tcase_create("rows");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, set_up, bed_tear_down);
    tcase_add_test(t, every_member_of_an_account_comes_back);
    tcase_add_test(t, an_account_that_is_put_again_is_changed_and_keeps_its_keys);
    tcase_add_test(t, keys_are_put_changed_and_dropped_each_alone);
    tcase_add_test(t, a_key_of_nobody_is_refused);
    tcase_add_test(t, damage_is_told_of_its_account_and_costs_the_others_nothing);
    tcase_add_test(t, a_proxy_of_another_account_is_damage);
    tcase_add_test(t, a_name_that_comes_back_has_nothing_of_the_one_before);
    tcase_add_test(t, an_account_that_is_stripped_keeps_what_was_asked_of_it);
    tcase_add_test(t, peers_come_back_in_the_order_in_which_they_were_put);
    tcase_add_test(t, a_batch_with_a_stranger_in_it_is_not_written_at_all);
    tcase_add_test(t, damaged_peers_are_counted);
    tcase_add_test(t, of_too_many_peers_the_oldest_are_forgotten);
    tcase_add_test(t, every_member_of_a_call_comes_back);
    tcase_add_test(t, waits_are_replaced_as_a_whole);
    tcase_add_test(t, where_updates_stand_is_put_changed_and_forgotten_each_alone);
    suite_add_tcase(s, t);
    return s;
}
