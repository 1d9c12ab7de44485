/* SQL on the store's database from outside, in the words of SQLite: by SQLite, or by libpq. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <sqlite3.h>

#include "daemon/base/buf.h"
#include "tests/unit/store/bed.h"
#include "tests/unit/store/bed_server.h"

/* --- PostgreSQL --- */

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* x'00' is written '\x00' there, and a BLOB is a BYTEA. Other words of SQLite's are functions (bed_server.c). */
static char *in_its_words(const char *sql)
{
    struct buf b;
    size_t len;

    buf_init(&b, 1 << 16);
    for (const char *at = sql; *at; at++) {
        bool is_word = at == sql || !(isalnum((unsigned char)at[-1]) || at[-1] == '_');
        if (is_word && (begins_with(at, "x'") || begins_with(at, "X'"))) {
            buf_put_text(&b, "'\\x");
            at++;
        } else if (is_word && begins_with(at, "BLOB")) {
            buf_put_text(&b, "BYTEA");
            at += strlen("BLOB") - 1;
        } else {
            buf_put_byte(&b, (uint8_t)*at);
        }
    }
    buf_put_byte(&b, 0);
    ck_assert_int_eq(buf_err(&b), 0);
    return (char *)buf_take(&b, &len);
}

/* Of the last statement. */
static PGresult *ask_server(PGconn **ret, const char *sql)
{
    PGconn *c = bed_server_connect(bed_config.url);
    char *words = in_its_words(sql);

    PQclear(PQexec(c, "SET search_path = public, words"));
    PGresult *r = PQexec(c, words);

    ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", words,
                  PQerrorMessage(c));
    free(words);
    *ret = c;
    return r;
}

static void run_in_server(const char *sql)
{
    PGconn *c;

    PQclear(ask_server(&c, sql));
    PQfinish(c);
}

static int64_t number_in_server(const char *sql)
{
    PGconn *c;
    PGresult *r = ask_server(&c, sql);

    ck_assert_int_eq(PQntuples(r), 1);
    const char *value = PQgetvalue(r, 0, 0);
    int64_t n = *value == 't' ? 1 : strtoll(value, NULL, 10);
    PQclear(r);
    PQfinish(c);
    return n;
}

/* --- SQLite --- */

static sqlite3 *open_raw(const char *path)
{
    sqlite3 *db;

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void run_in_file(const char *sql)
{
    sqlite3 *db = open_raw(bed_config.path);
    char *message = NULL;

    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK, "%s", message);
    sqlite3_close(db);
}

static int64_t number_in_file(const char *path, const char *sql)
{
    sqlite3 *db = open_raw(path);
    sqlite3_stmt *st;

    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

/* --- either --- */

void bed_sql(const char *sql)
{
    if (bed_config.url)
        run_in_server(sql);
    else
        run_in_file(sql);
}

int64_t bed_number(const char *sql)
{
    return bed_config.url ? number_in_server(sql) : number_in_file(bed_config.path, sql);
}

void bed_is_sound(const char *path)
{
    static const char damage[] = "SELECT count(*) = 1 AND max(integrity_check) = 'ok' FROM pragma_integrity_check";

    ck_assert_int_eq(number_in_file(path, damage), 1);
    ck_assert_int_eq(number_in_file(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

void bed_refuse_delete(const char *table, const char *when)
{
    char sql[1024];

    if (bed_config.url)
        snprintf(sql, sizeof(sql),
                 "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF %s THEN RAISE EXCEPTION"
                 " 'full' USING ERRCODE = 'disk_full'; END IF; RETURN old; END $$;"
                 "CREATE TRIGGER full_disk BEFORE DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse()",
                 when, table);
    else
        snprintf(sql, sizeof(sql),
                 "CREATE TRIGGER full_disk BEFORE DELETE ON %s WHEN %s BEGIN SELECT RAISE(FAIL, 'full'); END", table,
                 when);
    bed_sql(sql);
}

void bed_refuse_no_more(const char *table)
{
    char sql[128];

    snprintf(sql, sizeof(sql), bed_config.url ? "DROP TRIGGER full_disk ON %s" : "DROP TRIGGER full_disk", table);
    bed_sql(sql);
}
