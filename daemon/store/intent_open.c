#include "daemon/store/intent_open.h"

/* Not for a store that is one process's alone: there the process knows its keys, and an index by what is chance writes
 * a page for each row. Of rows that have one key the older ones are what was to be forgotten, and could not be
 * (worker/journal_rows.c). */
int store_intents_open(struct store *s, struct fault *fault)
{
    int64_t is_there = 0;
    int err = s->config.node
                  ? db_number(s->db, "SELECT (to_regclass('tgcalld_intent_key') IS NOT NULL)::int", &is_there, fault)
                  : 0;

    if (err || !s->config.node || is_there)
        return err;
    err = db_exec(s->db,
                  "UPDATE intents SET key_hash = NULL WHERE id NOT IN (SELECT DISTINCT ON (key_hash) id FROM intents"
                  " WHERE key_hash IS NOT NULL ORDER BY key_hash, created_us DESC, id DESC)",
                  fault);
    return err ? err
               : db_exec(s->db, "CREATE UNIQUE INDEX IF NOT EXISTS tgcalld_intent_key ON intents (key_hash)", fault);
}
