#include "daemon/store/sealed.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/base/limits.h"

enum { NAME_MAX_LEN = SEALED_KEYS_MAX * 21 };

static void name_row(const struct store_sealed *what, const int64_t *keys, char out[static NAME_MAX_LEN])
{
    size_t n = 0;

    out[0] = '\0';
    for (int i = 0; i < what->keys; i++)
        n += (size_t)snprintf(out + n, NAME_MAX_LEN - n, "%s%" PRId64, i ? "/" : "", keys[i]);
}

static int seal_under(const struct seal_key *key, struct store *s, const struct store_sealed *what, const int64_t *keys,
                      const void *data, size_t len, struct buf *out, struct fault *fault)
{
    char row[NAME_MAX_LEN];
    struct seal_place place = {what->table, what->column, row};

    name_row(what, keys, row);
    buf_reset(out);
    uint8_t *at = buf_room(out, len + SEAL_OVERHEAD);
    int err = at ? seal(key, s->config.random, &place, data, len, at) : buf_err(out);
    if (err)
        return fault_set(fault, err, "%s", tgc_err_text(err));
    buf_add(out, len + SEAL_OVERHEAD);
    return 0;
}

int store_seal(struct store *s, const struct store_sealed *what, const int64_t *keys, const void *data, size_t len,
               struct buf *out, struct fault *fault)
{
    return seal_under(s->ring.now, s, what, keys, data, len, out, fault);
}

/* Room for N bytes in place of what it held; growing, it would leave that behind. NULL as buf_room(). */
static uint8_t *room_for_secret(struct buf *b, size_t n)
{
    size_t max = b->max;

    if (b->cap < n) {
        buf_fini_secret(b);
        buf_init(b, max);
    }
    buf_reset(b);
    return buf_room(b, n);
}

int store_unseal(struct store *s, const struct store_sealed *what, const int64_t *keys, const uint8_t *sealed,
                 size_t len, struct buf *out, struct fault *fault)
{
    char row[NAME_MAX_LEN];
    struct seal_place place = {what->table, what->column, row};

    name_row(what, keys, row);
    if (len < SEAL_OVERHEAD)
        return fault_set(fault, TGC_EDAMAGED, "it is damaged");
    /* Of nothing there is one byte too, which is not counted. */
    uint8_t *at = room_for_secret(out, len - SEAL_OVERHEAD + 1);
    if (!at)
        return fault_set(fault, buf_err(out), "%s", tgc_err_text(buf_err(out)));
    int err = seal_open(s->ring.now, &place, sealed, len, at);
    if (err == TGC_EWRONGKEY)
        return fault_set(fault, TGC_EDAMAGED, "it was sealed with another seal key");
    if (err)
        return fault_set(fault, TGC_EDAMAGED, "it was changed, or is another row's");
    buf_add(out, len - SEAL_OVERHEAD);
    return 0;
}

static int reseal_row(struct store *s, const struct store_sealed *what, struct db_stmt *row,
                      int64_t keys[static SEALED_KEYS_MAX], size_t *damaged, struct buf *bufs, struct fault *fault)
{
    struct db_stmt *update;
    size_t len;

    for (int i = 0; i < what->keys; i++)
        keys[i] = db_int(row, i);
    const uint8_t *sealed = db_blob(row, what->keys, &len);
    if (seal_is_of(s->ring.next, sealed, len))
        return 0;
    int err = store_unseal(s, what, keys, sealed, len, &bufs[0], fault);
    if (err == TGC_EDAMAGED) {
        ++*damaged;
        return 0;
    }
    if (!err)
        err = seal_under(s->ring.next, s, what, keys, bufs[0].data, bufs[0].len, &bufs[1], fault);
    if (!err)
        err = db_prepare(s->db, what->update, &update, fault);
    if (err)
        return err;
    db_bind_blob(update, 1, bufs[1].data, bufs[1].len);
    for (int i = 0; i < what->keys; i++)
        db_bind_int(update, i + 2, keys[i]);
    return db_run(update, fault);
}

/* All of them, or up to ROWS_AT_ONCE after *AFTER, which is then the last. A server sends all that is asked for at
 * once, and has to have done it in time. */
enum { ROWS_AT_ONCE = 16 };
static int reseal_some(struct store *s, const struct store_sealed *what, int64_t *after, bool *ret_more,
                       size_t *damaged, struct buf *bufs, struct fault *fault)
{
    int64_t keys[SEALED_KEYS_MAX] = {0};
    struct db_stmt *rows;
    size_t seen = 0;
    bool more = true;
    int err = db_prepare(s->db, what->next ? what->next : what->select, &rows, fault);

    if (err)
        return err;
    if (what->next) {
        db_bind_int(rows, 1, *after);
        db_bind_int(rows, 2, ROWS_AT_ONCE);
    }
    while (!err && more) {
        err = db_step(rows, &more, fault);
        if (err || !more)
            break;
        err = reseal_row(s, what, rows, keys, damaged, bufs, fault);
        *after = keys[0];
        seen++;
    }
    db_reset(rows);
    *ret_more = what->next && seen == ROWS_AT_ONCE;
    return err;
}

int store_reseal(struct store *s, const struct store_sealed *what, size_t *damaged, struct fault *fault)
{
    int64_t after = INT64_MIN;
    struct buf bufs[2];
    bool more = true;
    int err = 0;

    buf_init(&bufs[0], LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    buf_init(&bufs[1], LIMIT_STORE_VALUE + SEAL_OVERHEAD);
    while (!err && more)
        err = reseal_some(s, what, &after, &more, damaged, bufs, fault);
    buf_fini_secret(&bufs[0]);
    buf_fini(&bufs[1]);
    return err;
}
