#include "daemon/store/tell.h"

#include "daemon/base/hex.h"
#include "daemon/store/meta.h"

static int tell(struct store *s, const char *sql, struct fault *fault)
{
    struct db_stmt *st;

    if (!s->config.node || db_engine(s->db) != DB_POSTGRESQL)
        return 0;
    int err = db_prepare(s->db, sql, &st, fault);
    return err ? err : db_run(st, fault);
}

int store_tell_event(struct store *s, struct fault *fault)
{
    return tell(s, "NOTIFY " STORE_TOLD_EVENT, fault);
}

/* By chance, not by counting: what a database that was put back comes to afterwards is told from what there was. */
int store_tell_token(struct store *s, struct fault *fault)
{
    uint8_t chance[12];
    char text[2 * sizeof(chance) + 1];

    random_fill(s->config.random, chance, sizeof(chance));
    hex_encode(chance, sizeof(chance), text);
    int err = store_meta_put_text(s, STORE_META_TOKENS, text, fault);
    return err ? err : tell(s, "NOTIFY " STORE_TOLD_TOKEN, fault);
}
