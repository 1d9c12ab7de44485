/* A database of every version that there was opens, with all that was in it. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "daemon/base/buf.h"
#include "daemon/store/audit_rows.h"
#include "daemon/store/delivery_rows.h"
#include "daemon/store/hook_rows.h"
#include "daemon/store/live_rows.h"
#include "daemon/store/migrate.h"
#include "daemon/store/schedule_rows.h"
#include "daemon/store/token_rows.h"
#include "tests/support/temp.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/suites.h"

static const char seal_key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static void write_key(void)
{
    int fd = open(bed_config.key_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, seal_key, strlen(seal_key)), (ssize_t)strlen(seal_key));
    close(fd);
}

/* The tables as the database has them, but for blanks. */
static char *schema(void)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    struct buf b;
    size_t len;

    ck_assert_int_eq(sqlite3_open(bed_config.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_master ORDER BY name", -1, &st, NULL),
                     SQLITE_OK);
    buf_init(&b, 1 << 20);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(st, 1);
        buf_printf(&b, "%s:", (const char *)sqlite3_column_text(st, 0));
        for (; sql && *sql; sql++)
            if (*sql != ' ' && *sql != '\n')
                buf_put_byte(&b, (uint8_t)*sql);
        buf_put_byte(&b, '\n');
    }
    buf_put_byte(&b, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return (char *)buf_take(&b, &len);
}

static void lay_down(int version)
{
    char name[64];

    snprintf(name, sizeof(name), "store/version-%d.sql", version);
    char *sql = unit_read_file(unit_data_path(name), NULL);
    bed_sql(sql);
    free(sql);
}

static bool heard;

static void see_peers(void *ctx, int err, const char *why, const struct store_peer *list, size_t n, size_t damaged)
{
    ck_assert(err == 0 && n == 2 && damaged == 0);
    ck_assert(list[0].kind == PEER_USER && list[0].id == 777 && list[0].access_hash == 42 && list[0].is_self);
    ck_assert_str_eq(list[0].phone, "491701234567");
    ck_assert(list[1].kind == PEER_CHANNEL && list[1].access_hash == -5 && !list[1].phone);
    heard = true;
}

static void see_calls(void *ctx, int err, const char *why, const struct store_call *list, size_t n, size_t damaged)
{
    bool has_conference = *(const int *)ctx >= 6;

    ck_assert(err == 0 && n == (has_conference ? 2 : 1) && damaged == 0);
    ck_assert(list[0].id == 11 && list[0].access_hash == 12 && list[0].peer_id == 3000000000 && list[0].created_here);
    ck_assert_mem_eq(list[0].title, "a title", 7);
    bool has_wish = *(const int *)ctx >= 7;
    ck_assert_int_eq(list[0].auto_start, has_wish ? 2 : 0);
    ck_assert_int_eq(list[0].missed_at, has_wish ? 1790003600 : 0);
    ck_assert_pstr_eq(list[0].missed_why, has_wish ? "too late" : NULL);
    ck_assert(!list[0].conference && !list[0].invite_link);
    if (has_conference) {
        ck_assert(list[1].id == 21 && list[1].conference && !list[1].has_peer);
        ck_assert_str_eq(list[1].invite_link, "https://t.me/call/AbCdEf");
    }
    heard = true;
}

static void see_floods(void *ctx, int err, const char *why, const struct store_flood *list, size_t n, size_t damaged)
{
    ck_assert(err == 0 && n == 1 && damaged == 0);
    ck_assert_str_eq(list[0].method, "auth.sendCode");
    ck_assert_str_eq(list[0].phone, "491701234567");
    ck_assert_int_eq(list[0].until_wall_us, 1790000000000000);
    heard = true;
}

static void see_intents(void *ctx, int err, const char *why, const struct store_intent *list, size_t n)
{
    ck_assert(err == 0 && n == 1);
    ck_assert(list[0].id == 5 && list[0].state == 1 && list[0].sent && !list[0].key);
    ck_assert_mem_eq(list[0].order, "{\"n\":1}", 7);
    heard = true;
}

static void see_events(void *ctx, int err, const char *why, const struct store_event *list, size_t n, size_t damaged,
                       int64_t dropped)
{
    bool has_squeezed = *(const int *)ctx >= 9;

    ck_assert(err == 0 && n == (has_squeezed ? 2 : 1) && damaged == 0 && dropped == 3);
    ck_assert(list[0].id == 4 && list[0].received_at == 1790000000);
    ck_assert_str_eq(list[0].account, "anna");
    ck_assert_str_eq(list[0].type, "call");
    ck_assert_mem_eq(list[0].data, "{\"n\":2}", 7);
    if (has_squeezed) {
        ck_assert(list[1].id == 5 && list[1].received_at == 1790000001);
        ck_assert_str_eq(list[1].data, "{\"n\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
    }
    heard = true;
}

static void see_updates(void *ctx, int err, const char *why, const struct store_update_state *list, size_t n,
                        size_t damaged)
{
    ck_assert(err == 0 && n == 2 && damaged == 0);
    ck_assert(list[0].channel_id == 0 && list[0].pts == 500 && list[0].qts == 6 && list[0].seq == 7);
    ck_assert(list[1].channel_id == 6001 && list[1].pts == 42);
    heard = true;
}

static void see_audit(void *ctx, int err, const char *why, const struct store_audit_page *list, size_t n,
                      size_t damaged, int64_t oldest)
{
    ck_assert(err == 0 && n == 2 && damaged == 0 && oldest == 0);
    ck_assert(list[0].id == 2 && list[0].of_strangers && list[0].n == 1);
    ck_assert(list[1].id == 1 && !list[1].of_strangers && list[1].n == 3);
    ck_assert_mem_eq(list[1].data, "three records", list[1].len);
    heard = true;
}

static void see_hooks(void *ctx, int err, const char *why, const struct store_hook *list, size_t n, size_t damaged,
                      int64_t last_id)
{
    ck_assert(err == 0 && n == 1 && damaged == 0 && last_id == 3);
    ck_assert(list[0].place.id == 3 && list[0].place.cursor == 4 && list[0].place.head == 5 &&
              list[0].place.tries == 2 && list[0].place.due_us == 1790000300000000 && list[0].deliveries == 2);
    ck_assert_str_eq(list[0].name, "mine");
    ck_assert_str_eq(list[0].url, "https://hooks.example/a/b?c=d");
    ck_assert_str_eq(list[0].secrets, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    heard = true;
}

static void see_again(void *ctx, int err, const char *why, const int64_t *list, size_t n)
{
    ck_assert(err == 0 && n == 1 && list[0] == 4);
    heard = true;
}

static void see_live(void *ctx, int err, const char *why, const struct store_live *list, size_t n)
{
    ck_assert(err == 0 && n == 1);
    ck_assert(list[0].peer_kind == PEER_CHANNEL && list[0].peer_id == 6002);
    ck_assert_str_eq(list[0].wish, "{\"id\":7}");
    heard = true;
}

static void see_schedules(void *ctx, int err, const char *why, const struct store_schedule *list, size_t n)
{
    ck_assert(err == 0 && n == 1);
    ck_assert_str_eq(list[0].name, "daily");
    ck_assert_str_eq(list[0].account, "anna");
    ck_assert_str_eq(list[0].spec, "{\"peer\":-1000000006001,\"at\":1790000600}");
    ck_assert(list[0].id == 7 && list[0].phase == 2 && list[0].call_id == 77 && list[0].turn == 3);
    ck_assert(list[0].cursor == 1790000600 && list[0].at == 1790000600 && list[0].skipped_at == 1790000000);
    ck_assert(!list[0].order);
    ck_assert_str_eq(list[0].last, "{\"at\":1789999000}");
    heard = true;
}

static void see_tokens(void *ctx, int err, const char *why, const struct store_token *list, size_t n)
{
    ck_assert(err == 0 && n == 1);
    ck_assert_str_eq(list[0].name, "reader");
    ck_assert_str_eq(list[0].text, "{\"scopes\":[\"read\"]}");
    ck_assert(list[0].used_at == 1790000005);
    heard = true;
}

static void await_load(int accepted)
{
    ck_assert_int_eq(accepted, 0);
    for (heard = false; !heard;)
        bed_turn();
}

START_TEST(every_version_opens_with_all_that_was_in_it)
{
    int version = _i;

    bed_open();
    bed_close();
    char *fresh = schema();
    unlink(bed_config.path);
    write_key();
    lay_down(version);
    ck_assert_int_eq(bed_number("PRAGMA user_version"), version);
    bed_open();
    char *accounts = bed_accounts();
    if (version == 1)
        ck_assert_str_eq(accounts, "anna ready dc 2 user {\"phone\":\"491701234567\"} login none keys 2:5a | "
                                   "berta revoked dc 4 user none login none keys");
    else if (version == 2)
        ck_assert_str_eq(accounts, "anna ready dc 2 user {\"phone\":\"491701234567\"} login "
                                   "{\"tokens\":[\"dG9rZW4=\"]} keys 2:5a | "
                                   "berta revoked dc 4 user none login none keys");
    else
        ck_assert_str_eq(accounts, "anna ready dc 2 user {\"phone\":\"491701234567\"} login "
                                   "{\"tokens\":[\"dG9rZW4=\"]} proxy socks5://me:word@127.0.0.1:1080 keys 2:5a | "
                                   "berta revoked dc 4 user none login none proxy none keys");
    free(accounts);
    await_load(store_load_peers(bed_desk, "anna", see_peers, NULL));
    await_load(store_load_calls(bed_desk, "anna", see_calls, &version));
    await_load(store_load_floods(bed_desk, "anna", see_floods, NULL));
    if (version >= 4)
        await_load(store_load_intents(bed_desk, "anna", see_intents, NULL));
    if (version >= 5)
        await_load(store_load_events(bed_desk, 0, 10, see_events, &version));
    if (version >= 8)
        await_load(store_load_update_states(bed_desk, "anna", see_updates, NULL));
    if (version >= 10)
        await_load(store_load_audit(bed_desk, INT64_MAX, see_audit, NULL));
    if (version >= 11) {
        await_load(store_load_hooks(bed_desk, see_hooks, NULL));
        await_load(store_load_again(bed_desk, 3, 10, see_again, NULL));
    }
    if (version >= 12)
        await_load(store_load_live(bed_desk, "anna", see_live, NULL));
    if (version >= 13)
        await_load(store_load_schedules(bed_desk, "anna", see_schedules, NULL));
    if (version >= 14)
        await_load(store_load_tokens(bed_desk, see_tokens, NULL));
    bed_put_account("carla");
    bed_close();
    ck_assert_int_eq(bed_number("PRAGMA user_version"), STORE_VERSION);
    char *migrated = schema();
    ck_assert_str_eq(migrated, fresh);
    bed_is_sound(bed_config.path);
    free(migrated);
    free(fresh);
}
END_TEST

Suite *suite_migrate(void)
{
    Suite *s = suite_create("migrate");
    TCase *t = tcase_create("migrate");

    tcase_add_unchecked_fixture(t, temp_make, temp_remove);
    tcase_add_checked_fixture(t, bed_set_up, bed_tear_down);
    tcase_add_loop_test(t, every_version_opens_with_all_that_was_in_it, 1, STORE_VERSION + 1);
    suite_add_tcase(s, t);
    return s;
}
