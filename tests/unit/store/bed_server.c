#include "tests/unit/store/bed_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/unit.h"
#include "tests/unit/store/bed.h"

static char name[32], url[1000];

static const char *given(void)
{
    const char *at = getenv("TGCALLD_TEST_DATABASE");

    return at && at[0] ? at : NULL;
}

bool bed_has_server(void)
{
    return given() != NULL;
}

PGconn *bed_server_connect(const char *at)
{
    PGconn *c = PQconnectdb(at);

    ck_assert_msg(PQstatus(c) == CONNECTION_OK, "%s", PQerrorMessage(c));
    return c;
}

static void run(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);

    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(c));
    PQclear(r);
}

static void run_beside(const char *before, const char *after)
{
    PGconn *c = bed_server_connect(given());
    char sql[128];

    snprintf(sql, sizeof(sql), "%s %s %s", before, name, after);
    run(c, "SET client_min_messages = warning");
    run(c, sql);
    PQfinish(c);
}

/* SQLite's words that tests use, where no table of the store is. */
static void teach(void)
{
    PGconn *c = bed_server_connect(url);

    run(c, "CREATE SCHEMA words");
    run(c, "CREATE FUNCTION words.zeroblob(int) RETURNS bytea LANGUAGE sql AS"
           " $$ SELECT decode(repeat('00', $1), 'hex') $$");
    run(c, "CREATE FUNCTION words.instr(bytea, text) RETURNS int LANGUAGE sql AS"
           " $$ SELECT position(convert_to($2, 'UTF8') IN $1) $$");
    PQfinish(c);
}

/* The URL is that of the given database with another name in it: postgresql://USER@/NAME?MORE. */
const char *bed_server_make(void)
{
    const char *path = strstr(given(), "@/");

    ck_assert_ptr_nonnull(path);
    const char *more = strchr(path, '?');
    snprintf(name, sizeof(name), "bed_%d", (int)getpid());
    run_beside("DROP DATABASE IF EXISTS", "WITH (FORCE)");
    run_beside("CREATE DATABASE", "");
    snprintf(url, sizeof(url), "%.*s%s%s", (int)(path + 2 - given()), given(), name, more ? more : "");
    teach();
    return url;
}

void bed_server_drop(void)
{
    run_beside("DROP DATABASE", "WITH (FORCE)");
}
