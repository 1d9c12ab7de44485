#include "daemon/store/meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"

static const struct seal_place check_place = {"meta", "value", "seal"};
static const char check_text[] = "tgcalld";

static int put(struct store *s, const char *name, const void *value, size_t len, struct fault *fault)
{
    static const char sql[] =
        "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    struct db_stmt *st;
    int err = db_prepare(s->db, sql, &st, fault);

    if (err)
        return err;
    db_bind_text(st, 1, name);
    db_bind_blob(st, 2, value, len);
    return db_run(st, fault);
}

static int put_number(struct store *s, const char *name, int64_t value, struct fault *fault)
{
    char text[24];

    return put(s, name, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, value), fault);
}

/* *RET_ST stands at the row, where there is one, and is to be reset. */
static int find(struct store *s, const char *name, struct db_stmt **ret_st, bool *ret_row, struct fault *fault)
{
    static const char sql[] = "SELECT value FROM meta WHERE name = $1";
    int err = db_prepare(s->db, sql, ret_st, fault);

    if (err)
        return err;
    db_bind_text(*ret_st, 1, name);
    return db_step(*ret_st, ret_row, fault);
}

/* The same where there must be one. */
static int get(struct store *s, const char *name, struct db_stmt **ret_st, const uint8_t **ret, size_t *ret_len,
               struct fault *fault)
{
    bool row = false;
    int err = find(s, name, ret_st, &row, fault);

    if (!err && !row)
        err = fault_set(fault, TGC_EDAMAGED, "the database does not say its %s: put a backup in its place", name);
    if (!err)
        *ret = db_blob(*ret_st, 0, ret_len);
    return err;
}

int store_meta_text(struct store *s, const char *name, char *ret, size_t size, struct fault *fault)
{
    struct db_stmt *st = NULL;
    bool row = false;
    size_t len = 0;
    int err = find(s, name, &st, &row, fault);
    const uint8_t *value = !err && row ? db_blob(st, 0, &len) : NULL;

    if (!err)
        snprintf(ret, size, "%.*s", (int)(len < size ? len : size - 1), value ? (const char *)value : "");
    db_reset(st);
    return err;
}

int store_meta_put_text(struct store *s, const char *name, const char *text, struct fault *fault)
{
    return put(s, name, text, strlen(text), fault);
}

int store_meta_seal(struct store *s, const struct seal_key *key, struct fault *fault)
{
    uint8_t sealed[sizeof(check_text) + SEAL_OVERHEAD];
    int err = seal(key, s->config.random, &check_place, check_text, sizeof(check_text), sealed);

    return err ? fault_set(fault, err, "%s", tgc_err_text(err)) : put(s, "seal", sealed, sizeof(sealed), fault);
}

int store_meta_write(struct store *s, struct fault *fault)
{
    const struct store_config *c = &s->config;
    int err = put(s, "environment", c->environment, strlen(c->environment), fault);

    if (!err)
        err = put(s, "fingerprint", c->fingerprint, c->fingerprint_len, fault);
    if (!err)
        err = put_number(s, "created_at", clock_wall_us(c->clock) / SECOND_US, fault);
    if (!err)
        err = put_number(s, "next_account", 1, fault);
    return err ? err : store_meta_seal(s, s->ring.now, fault);
}

static int check_environment(struct store *s, struct fault *fault)
{
    const char *ours = s->config.environment;
    struct db_stmt *st = NULL;
    const uint8_t *value;
    size_t len;
    int err = get(s, "environment", &st, &value, &len, fault);

    if (!err && (len != strlen(ours) || memcmp(value, ours, len) != 0))
        err = fault_set(
            fault, TGC_EFOREIGN,
            "%s belongs to the environment \"%.*s\", not to \"%s\": choose that one, or another state directory",
            s->config.path, len < 40 ? (int)len : 40, len ? (const char *)value : "", ours);
    db_reset(st);
    return err;
}

static int check_fingerprint(struct store *s, struct fault *fault)
{
    struct db_stmt *st = NULL;
    const uint8_t *value;
    size_t len;
    int err = get(s, "fingerprint", &st, &value, &len, fault);

    if (!err && (len != s->config.fingerprint_len || memcmp(value, s->config.fingerprint, len) != 0))
        err = fault_set(
            fault, TGC_EFOREIGN,
            "%s belongs to the environment \"%s\" with other keys of its data centres: put those keys back, or "
            "choose another state directory",
            s->config.path, s->config.environment);
    db_reset(st);
    return err;
}

static int choose_key(struct store *s, struct fault *fault)
{
    struct db_stmt *st = NULL;
    const uint8_t *value;
    size_t len;
    int err = get(s, "seal", &st, &value, &len, fault);

    if (!err)
        err = store_ring_choose(&s->ring, &check_place, value, len, fault);
    db_reset(st);
    return err;
}

int store_meta_check(struct store *s, struct fault *fault)
{
    int err = s->config.environment ? check_environment(s, fault) : 0;

    if (!err && s->config.environment)
        err = check_fingerprint(s, fault);
    return err ? err : choose_key(s, fault);
}

int store_meta_follow(struct store *s, struct fault *fault)
{
    struct store_ring before = s->ring, fresh;
    int err = choose_key(s, fault);

    if (err != TGC_EWRONGKEY)
        return err;
    fault_clear(fault);
    err = store_ring_load(&s->config, true, &fresh, fault);
    if (err)
        return err;
    s->ring = fresh;
    err = choose_key(s, fault);
    if (err) {
        store_ring_free(&s->ring);
        s->ring = before;
        return err;
    }
    store_ring_free(&before);
    log_notice("store", "the database is sealed with another key now, which was read");
    return 0;
}

int store_meta_next_account(struct store *s, int64_t *ret, struct fault *fault)
{
    struct db_stmt *st = NULL;
    const uint8_t *value;
    size_t len;
    char text[24];
    int64_t next = 0;
    int err = get(s, "next_account", &st, &value, &len, fault);

    if (!err) {
        snprintf(text, sizeof(text), "%.*s", len < sizeof(text) ? (int)len : 0, len ? (const char *)value : "");
        next = strtoll(text, NULL, 10);
        if (next < 1 || next == INT64_MAX)
            err = fault_set(fault, TGC_EDAMAGED, "the database does not say how many accounts it had");
    }
    db_reset(st);
    if (!err)
        err = put_number(s, "next_account", next + 1, fault);
    if (!err)
        *ret = next;
    return err;
}
