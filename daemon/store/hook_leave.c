#include "daemon/store/hook_leave.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/log.h"
#include "daemon/crypto/seal.h"
#include "daemon/store/sealed.h"

/* A few milliseconds, for which others wait. */
enum { PIECE_ROWS = 512 };

/* Its secrets go at once. */
int store_hook_leave(struct store *s, int64_t id, struct fault *fault)
{
    static const char sql[] = "UPDATE hooks SET name = $1, url_sealed = $2, types = '', account = '',"
                              " secrets_sealed = $3, state = -1, reason = NULL WHERE id = $4";
    struct buf url, secrets;
    char name[32]; /* that no webhook has */
    struct db_stmt *st;

    snprintf(name, sizeof(name), ".%" PRId64, id);
    buf_init(&url, SEAL_OVERHEAD);
    buf_init(&secrets, SEAL_OVERHEAD);
    int err = store_seal(s, &store_sealed_hook_url, &id, "", 0, &url, fault);
    if (!err)
        err = store_seal(s, &store_sealed_hook_secrets, &id, "", 0, &secrets, fault);
    if (!err)
        err = db_prepare(s->db, sql, &st, fault);
    if (!err) {
        db_bind_text(st, 1, name);
        db_bind_blob(st, 2, url.data, url.len);
        db_bind_blob(st, 3, secrets.data, secrets.len);
        db_bind_int(st, 4, id);
        err = db_run(st, fault);
    }
    buf_fini(&url);
    buf_fini(&secrets);
    if (!err)
        s->sweep = STORE_SWEEP_ON;
    return err;
}

static int run_for(struct store *s, const char *sql, int64_t id, int64_t limit, struct fault *fault)
{
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_int(st, 1, id);
    if (limit)
        db_bind_int(st, 2, limit);
    return db_run(st, fault);
}

static int drop_piece(struct store *s, int64_t id, struct fault *fault)
{
    static const char tries[] = "DELETE FROM hook_deliveries WHERE hook_id = $1 AND n IN"
                                " (SELECT n FROM hook_deliveries WHERE hook_id = $1 ORDER BY n LIMIT $2)";
    static const char again[] = "DELETE FROM hook_again WHERE hook_id = $1 AND event_id IN"
                                " (SELECT event_id FROM hook_again WHERE hook_id = $1 ORDER BY event_id LIMIT $2)";
    static const char itself[] = "DELETE FROM hooks WHERE id = $1"
                                 " AND NOT EXISTS (SELECT 1 FROM hook_deliveries WHERE hook_id = $1)"
                                 " AND NOT EXISTS (SELECT 1 FROM hook_again WHERE hook_id = $1)";
    int err = run_for(s, tries, id, PIECE_ROWS, fault);

    if (!err)
        err = run_for(s, again, id, PIECE_ROWS, fault);
    return err ? err : run_for(s, itself, id, 0, fault);
}

static int gone(struct store *s, int64_t *ret_id, struct fault *fault)
{
    return db_number(s->db, "SELECT id FROM hooks WHERE state < 0 ORDER BY id LIMIT 1", ret_id, fault);
}

int store_hook_sweep_open(struct store *s, struct fault *fault)
{
    int64_t id = 0;
    int err = gone(s, &id, fault);

    if (!err && id)
        s->sweep = STORE_SWEEP_ON;
    return err;
}

static int sweep(struct store *s, int64_t *ret_id, struct fault *fault)
{
    int err = db_begin(s->db, fault);

    if (!err)
        err = gone(s, ret_id, fault);
    if (!err && *ret_id)
        err = drop_piece(s, *ret_id, fault);
    if (!err)
        err = db_commit(s->db, fault);
    if (err)
        db_rollback(s->db);
    return err;
}

void store_hook_sweep(struct store *s)
{
    struct fault fault = {0};
    int64_t id = 0;

    if (sweep(s, &id, &fault) == 0) {
        s->sweep = id ? STORE_SWEEP_ON : STORE_SWEEP_NONE;
        return;
    }
    if (s->sweep != STORE_SWEEP_STUCK)
        log_warning("store", "what a webhook that was deleted leaves behind is removed later: %s",
                    fault.text[0] ? fault.text : tgc_err_text(fault.err));
    s->sweep = STORE_SWEEP_STUCK;
}
