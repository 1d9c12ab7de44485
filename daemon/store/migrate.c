#include "daemon/store/migrate.h"

#include <inttypes.h>

#include "daemon/base/buf.h"
#include "daemon/store/migrate_words.h"

/* "tgcd", in a file's head: a database of ours. */
#define APPLICATION_ID "1952932708"
enum { APPLICATION = 1952932708 };

/* What leads to version 1, 2, …: once released, a text never changes. The types are SQLite's, and have another word in
 * PostgreSQL (migrate_words.h); all else is what both take. Times are Unix seconds, but for *_us. */
static const char *const steps[STORE_VERSION] = {
    "PRAGMA application_id = " APPLICATION_ID ";"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
    "CREATE TABLE accounts ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, reason TEXT, remedy TEXT, logout TEXT,"
    " home_dc INTEGER NOT NULL, self_id INTEGER NOT NULL, user_id INTEGER NOT NULL, user_sealed BLOB,"
    " layer INTEGER NOT NULL) STRICT;"
    "CREATE TABLE keys ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, dc INTEGER NOT NULL,"
    " key_sealed BLOB NOT NULL, salt_sealed BLOB NOT NULL, PRIMARY KEY (account_id, dc)) STRICT;"
    "CREATE TABLE peers ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, kind INTEGER NOT NULL, id INTEGER NOT "
    "NULL,"
    " access_hash INTEGER, is_self INTEGER NOT NULL, migrated_to INTEGER NOT NULL, phone_sealed BLOB,"
    " put_us INTEGER NOT NULL, PRIMARY KEY (account_id, kind, id)) STRICT;"
    "CREATE TABLE calls ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, id INTEGER NOT NULL,"
    " access_hash INTEGER NOT NULL, peer_kind INTEGER, peer_id INTEGER, title BLOB, state INTEGER NOT NULL,"
    " schedule_date INTEGER NOT NULL, duration INTEGER NOT NULL, rtmp_stream INTEGER NOT NULL,"
    " join_muted INTEGER NOT NULL, created_here INTEGER NOT NULL, end_inferred INTEGER NOT NULL,"
    " participants_count INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " ended_at INTEGER NOT NULL, PRIMARY KEY (account_id, id)) STRICT;"
    "CREATE TABLE floods ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, position INTEGER NOT NULL,"
    " method TEXT NOT NULL, peer_kind INTEGER, peer_id INTEGER, of_peer INTEGER NOT NULL, phone_sealed BLOB,"
    " code INTEGER NOT NULL, family TEXT NOT NULL, until_wall_us INTEGER NOT NULL,"
    " PRIMARY KEY (account_id, position)) STRICT;"
    "PRAGMA user_version = 1",
    "ALTER TABLE accounts ADD COLUMN login_sealed BLOB;"
    "PRAGMA user_version = 2",
    "ALTER TABLE accounts ADD COLUMN proxy_sealed BLOB;"
    "PRAGMA user_version = 3",
    "CREATE TABLE intents ("
    " id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE, key_hash BLOB,"
    " state INTEGER NOT NULL, sent INTEGER NOT NULL, shown INTEGER NOT NULL, created_us INTEGER NOT NULL,"
    " until_us INTEGER NOT NULL, order_sealed BLOB NOT NULL, answer_sealed BLOB) STRICT;"
    "CREATE INDEX intents_by_account ON intents (account_id);"
    "PRAGMA user_version = 4",
    "CREATE TABLE event_pages ("
    " id INTEGER PRIMARY KEY, last INTEGER NOT NULL, n INTEGER NOT NULL, account TEXT, page_sealed BLOB NOT NULL) "
    "STRICT;"
    "PRAGMA user_version = 5",
    "ALTER TABLE calls ADD COLUMN conference INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE calls ADD COLUMN link_sealed BLOB;"
    "PRAGMA user_version = 6",
    "ALTER TABLE calls ADD COLUMN auto_start INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE calls ADD COLUMN missed_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE calls ADD COLUMN missed_why TEXT;"
    "PRAGMA user_version = 7",
    "CREATE TABLE update_states ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, channel_id INTEGER NOT NULL,"
    " pts INTEGER NOT NULL, qts INTEGER NOT NULL, date INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " PRIMARY KEY (account_id, channel_id)) STRICT;"
    "PRAGMA user_version = 8",
    /* A page of events may be squeezed: one who does not know would read it as something else. */
    "PRAGMA user_version = 9",
    "CREATE TABLE audit_pages (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, page_sealed BLOB NOT NULL) STRICT;"
    "PRAGMA user_version = 10",
    "CREATE TABLE hooks ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, url_sealed BLOB NOT NULL, types TEXT NOT NULL,"
    " account TEXT NOT NULL, secrets_sealed BLOB NOT NULL, state INTEGER NOT NULL, reason TEXT,"
    " created_at INTEGER NOT NULL, cursor INTEGER NOT NULL, head INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " due_us INTEGER NOT NULL) STRICT;"
    "CREATE TABLE hook_deliveries ("
    " hook_id INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE, n INTEGER NOT NULL, event_id INTEGER NOT NULL,"
    " number INTEGER NOT NULL, at_us INTEGER NOT NULL, took_ms INTEGER NOT NULL, status INTEGER NOT NULL,"
    " state INTEGER NOT NULL, error TEXT, PRIMARY KEY (hook_id, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX hook_deliveries_troubled ON hook_deliveries (hook_id, state, n) WHERE state > 0;"
    "CREATE TABLE hook_again ("
    " hook_id INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE, event_id INTEGER NOT NULL,"
    " PRIMARY KEY (hook_id, event_id)) STRICT, WITHOUT ROWID;"
    "PRAGMA user_version = 11",
    "CREATE TABLE live ("
    " account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, peer_kind INTEGER NOT NULL,"
    " peer_id INTEGER NOT NULL, wish_sealed BLOB NOT NULL, PRIMARY KEY (account_id, peer_kind, peer_id)) STRICT;"
    "PRAGMA user_version = 12",
    "CREATE TABLE schedules ("
    " id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,"
    " name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL, cursor INTEGER NOT NULL, phase INTEGER NOT NULL,"
    " at INTEGER NOT NULL, started_at INTEGER NOT NULL, call_id INTEGER NOT NULL, turn INTEGER NOT NULL,"
    " skipped_at INTEGER NOT NULL, order_text TEXT, last TEXT) STRICT;"
    "CREATE INDEX schedules_by_account ON schedules (account_id);"
    "PRAGMA user_version = 13",
    "CREATE TABLE tokens ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, token_sealed BLOB NOT NULL, used_at INTEGER NOT NULL) STRICT;"
    "PRAGMA user_version = 14",
};

/* A file's head has a place for it; a server's database has a table. */
static int read_file(struct db *db, int64_t *ret_application, int64_t *ret_version, int64_t *ret_things,
                     struct fault *fault)
{
    int err = db_number(db, "PRAGMA application_id", ret_application, fault);

    if (!err)
        err = db_number(db, "PRAGMA user_version", ret_version, fault);
    if (!err)
        err = db_number(db, "SELECT count(*) FROM sqlite_master", ret_things, fault);
    return err;
}

/* Its claim comes first, so that what it is told apart by is not a thing of others (db_claim()). */
static int read_server(struct db *db, int64_t *ret_application, int64_t *ret_version, int64_t *ret_things,
                       struct fault *fault)
{
    static const char things[] = "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
                                 " AND relkind IN ('r', 'p', 'v', 'm') AND relname NOT LIKE 'tgcalld\\_%'";
    int64_t is_ours = 0;
    int err = db_number(db, things, ret_things, fault);

    if (!err)
        err = db_number(db, "SELECT (to_regclass('tgcalld_schema') IS NOT NULL)::int", &is_ours, fault);
    if (err || !is_ours)
        return err;
    *ret_application = APPLICATION;
    return db_number(db, "SELECT version FROM tgcalld_schema", ret_version, fault);
}

int store_version(struct db *db, const char *path, int *ret, struct fault *fault)
{
    int64_t application = 0, version = 0, things = 0;
    int err = db_engine(db) == DB_SQLITE ? read_file(db, &application, &version, &things, fault)
                                         : read_server(db, &application, &version, &things, fault);

    if (err)
        return err;
    if (application == 0 && version == 0 && things == 0) {
        *ret = 0;
        return 0;
    }
    if (application != APPLICATION || version < 1)
        return fault_set(fault, TGC_EDAMAGED, "%s is another program's database: choose another one", path);
    if (version > STORE_VERSION)
        return fault_set(fault, TGC_ENEWER,
                         "%s was written by a newer tgcalld (schema %" PRId64
                         ", this one knows %d): run that one, or put a "
                         "backup from before in its place",
                         path, version, STORE_VERSION);
    *ret = (int)version;
    return 0;
}

static int run_step(struct db *db, const char *step, struct fault *fault)
{
    struct buf words;
    int err;

    if (db_engine(db) == DB_SQLITE)
        return db_exec(db, step, fault);
    buf_init(&words, 64 << 10);
    migrate_words(step, &words);
    buf_put_byte(&words, '\0');
    err = buf_err(&words);
    err = err ? fault_set(fault, err, "%s", tgc_err_text(err)) : db_exec(db, (const char *)words.data, fault);
    buf_fini(&words);
    return err;
}

int store_migrate(struct db *db, int from, struct fault *fault)
{
    int err = 0;

    for (int v = from; !err && v < STORE_VERSION; v++)
        err = run_step(db, steps[v], fault);
    return err;
}
