#include "daemon/store/next_key.h"

#include <poll.h>
#include <stdio.h>

#include "daemon/store/db_pg.h"

/* Each looks every second. */
enum { TRIES = 12, PAUSE_MS = 250 };

/* With what nodes said that are no more. */
int next_key_note(struct db *db, int64_t node, const char *ids, struct fault *fault)
{
    static const char sql[] = "WITH d AS (DELETE FROM tgcalld_key AS k WHERE node <> $1"
                              " AND NOT EXISTS (SELECT 1 FROM tgcalld_node WHERE id = k.node))"
                              " INSERT INTO tgcalld_key (node, ids) VALUES ($1, $2)"
                              " ON CONFLICT (node) DO UPDATE SET ids = EXCLUDED.ids";
    struct db_stmt *st;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_text(st, 2, ids);
    return db_run(st, fault);
}

/* Who leaves needs none any more. */
static int look(struct db *db, int64_t node, const char *id, char *ret, size_t size, struct fault *fault)
{
    static const char sql[] = "SELECT coalesce(string_agg(n.name, ', ' ORDER BY n.id), '') FROM tgcalld_node AS n"
                              " LEFT JOIN tgcalld_key AS k ON k.node = n.id"
                              " WHERE n.id <> $1 AND n.beat > 0 AND n.leaving <> 1 AND n.until_us > " PG_NOW_US
                              " AND coalesce(position($2 IN k.ids), 0) = 0";
    struct db_stmt *st;
    bool row = false;
    int err = db_prepare(db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, node);
    db_bind_text(st, 2, id);
    err = db_step(st, &row, fault);
    const char *names = !err && row ? db_text(st, 0) : NULL;
    snprintf(ret, size, "%s", names ? names : "");
    db_reset(st);
    return err;
}

int next_key_lacking(struct db *db, int64_t node, const char *id, char *ret, size_t size, struct fault *fault)
{
    int err = look(db, node, id, ret, size, fault);

    for (int i = 1; i < TRIES && !err && ret[0]; i++) {
        poll(NULL, 0, PAUSE_MS);
        err = look(db, node, id, ret, size, fault);
    }
    return err;
}
