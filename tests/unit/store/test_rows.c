/* What accounts know comes back as it was put: peers, calls, waits, where updates stand. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "tests/support/temp.h"
#include "tests/unit/store/rows_bed.h"
#include "tests/unit/store/suites.h"

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
    tcase_add_checked_fixture(t, rows_set_up, bed_tear_down);
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
