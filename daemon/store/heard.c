#include "daemon/store/heard.h"

#include "daemon/store/db_pg.h"
#include "daemon/store/tell.h"

/* With what nodes said that are no more. */
int heard_note(struct db *db, int64_t node, const char *mark, struct fault *fault)
{
    static const char sql[] = "WITH d AS (DELETE FROM tgcalld_heard AS h WHERE node <> $1"
                              " AND NOT EXISTS (SELECT 1 FROM tgcalld_node WHERE id = h.node)),"
                              " w AS (INSERT INTO tgcalld_heard (node, tokens) VALUES ($1, $2)"
                              " ON CONFLICT (node) DO UPDATE SET tokens = EXCLUDED.tokens RETURNING node)"
                              " SELECT node, pg_notify('" HEARD_TOLD "', '') FROM w";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_text(st, 2, mark);
    return db_run(st, fault);
}

/* One that has said nothing yet may have read them before. Who leaves says nothing any more. */
static int count_left(struct db *db, int64_t node, int64_t *ret, struct fault *fault)
{
    static const char sql[] =
        "SELECT count(*) FROM tgcalld_node AS n LEFT JOIN tgcalld_heard AS h ON h.node = n.id"
        " WHERE n.id <> $1 AND n.beat > 0 AND n.until_us > " PG_NOW_US " AND (h.node IS NOT NULL OR n.leaving <> 1)"
        " AND h.tokens IS DISTINCT FROM"
        " (SELECT convert_from(value, 'UTF8') FROM meta WHERE name = '" STORE_META_TOKENS "')";
    struct db_stmt *st;
    bool row;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    err = db_step(st, &row, fault);
    if (!err)
        *ret = row ? db_int(st, 0) : 0;
    db_reset(st);
    return err;
}

int heard_wait(const char *url, int64_t node, const struct clock_source *clock, int64_t until_us, int64_t *ret_left,
               struct fault *fault)
{
    const struct db_server server = {
        .url = url, .clock = clock, .patience_us = until_us - clock_mono_us(clock), .is_shared = true};
    struct db *db = NULL;
    bool is_told;
    int err = db_open_server(&server, &db, fault);

    *ret_left = 0;
    if (!err)
        err = db_exec(db, "LISTEN " HEARD_TOLD, fault);
    if (!err)
        err = count_left(db, node, ret_left, fault);
    while (!err && *ret_left && clock_mono_us(clock) < until_us) {
        err = db_wait(db, -1, until_us, &is_told, fault);
        if (!err)
            err = count_left(db, node, ret_left, fault);
    }
    db_close(db);
    return err;
}
