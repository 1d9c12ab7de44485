#include "daemon/store/server_facts.h"

/* Least of what the server, the database and the login allow. Connections of others are counted by pg_stat_database,
 * which shows them to everybody. */
#define LEFT_IN_SERVER                                                                                                 \
    "current_setting('max_connections')::BIGINT - current_setting('superuser_reserved_connections')::BIGINT"           \
    " - coalesce(current_setting('reserved_connections', true)::BIGINT, 0)"                                            \
    " - (SELECT coalesce(sum(numbackends), 0)::BIGINT FROM pg_stat_database)"
#define LEFT_IN_DATABASE                                                                                               \
    "(SELECT CASE WHEN d.datconnlimit < 0 THEN NULL ELSE d.datconnlimit - s.numbackends END"                           \
    " FROM pg_database AS d JOIN pg_stat_database AS s ON s.datid = d.oid WHERE d.datname = current_database())"
#define LEFT_FOR_LOGIN                                                                                                 \
    "(SELECT CASE WHEN r.rolconnlimit < 0 THEN NULL ELSE r.rolconnlimit - (SELECT count(*) FROM pg_stat_activity"      \
    " WHERE usesysid = r.oid) END FROM pg_roles AS r WHERE r.rolname = current_user)"

int server_facts_read(struct db *db, const struct clock_source *clock, struct server_facts *ret, struct fault *fault)
{
    static const char sql[] =
        "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT,"
        " greatest(0, least(" LEFT_IN_SERVER ", " LEFT_IN_DATABASE ", " LEFT_FOR_LOGIN "))::BIGINT,"
        " (current_setting('fsync') = 'on')::INTEGER, (current_setting('full_page_writes') = 'on')::INTEGER,"
        " (current_setting('synchronous_commit') NOT IN ('off', 'local'))::INTEGER,"
        " (current_setting('synchronous_standby_names') <> '')::INTEGER";
    struct db_stmt *st;
    bool row = false;
    int64_t before = clock_wall_us(clock);
    int err = db_prepare(db, sql, &st, fault);

    if (!err)
        before = clock_wall_us(clock);
    if (!err)
        err = db_step(st, &row, fault);
    int64_t after = clock_wall_us(clock);
    if (err)
        return err;
    if (row)
        *ret = (struct server_facts){.seen_us = after,
                                     .clock_ahead_us = db_int(st, 0) - (before + (after - before) / 2),
                                     .connections_left = db_int(st, 1),
                                     .has_fsync = db_int(st, 2) != 0,
                                     .has_full_page_writes = db_int(st, 3) != 0,
                                     .has_synchronous_commit = db_int(st, 4) != 0,
                                     .has_synchronous_standby = db_int(st, 5) != 0};
    db_reset(st);
    return 0;
}

/* A newer version that changes the tables has them locked for as long as that takes. */
int server_facts_accounts(struct db *db, int64_t *ret, struct fault *fault)
{
    static const char can[] =
        "SELECT count(*) FROM (SELECT to_regclass('accounts') AS t) AS a WHERE t IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM pg_locks WHERE relation = t::oid AND mode = 'AccessExclusiveLock')";
    int64_t can_be_read = 0;
    int err = db_number(db, can, &can_be_read, fault);

    *ret = -1;
    return !err && can_be_read ? db_number(db, "SELECT count(*) FROM accounts", ret, fault) : err;
}
