#include "daemon/bridge/tokens.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/base/le.h"
#include "daemon/base/random.h"

enum { TOKENS_MAX = 10000, SECRET_BYTES = 32 };

struct entry {
    char *name;
    uint8_t hash[DIGEST_SIZE];
    unsigned scopes;
    json_t *accounts; /* NULL: any */
    int64_t created_at;
};

/* By the first bytes of the hash: SHA-256 spreads them evenly, and they tell nothing of the token. */
struct snapshot {
    size_t count;
    uint32_t *slots; /* an entry's number and one more; 0: none */
    uint32_t mask;
    struct entry entries[];
};

struct tokens {
    pthread_mutex_t writer; /* held from reading the old snapshot to swapping in the new one */
    pthread_rwlock_t lock;  /* of the pointer */
    struct snapshot *now;
};

static const struct {
    const char *name;
    unsigned scope;
} scopes[] = {
    {"read", SCOPE_READ},       {"calls", SCOPE_CALLS},     {"accounts", SCOPE_ACCOUNTS},
    {"methods", SCOPE_METHODS}, {"secrets", SCOPE_SECRETS}, {"admin", SCOPE_ADMIN},
};
enum { SCOPE_COUNT = sizeof(scopes) / sizeof(scopes[0]) };

unsigned scope_parse(const char *name)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (strcmp(scopes[i].name, name) == 0)
            return scopes[i].scope;
    return 0;
}

void scope_text(unsigned set, char out[static SCOPE_TEXT_SIZE])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (set & scopes[i].scope)
            n += (size_t)snprintf(out + n, SCOPE_TEXT_SIZE - n, "%s%s", n ? ", " : "", scopes[i].name);
}

static struct snapshot *snapshot_new(size_t count)
{
    struct snapshot *s = calloc(1, sizeof(struct snapshot) + count * sizeof(struct entry));
    uint32_t size = 2;

    if (!s)
        return NULL;
    while (size < 2 * count)
        size *= 2;
    s->mask = size - 1;
    s->slots = calloc(size, sizeof(*s->slots));
    if (s->slots)
        return s;
    free(s);
    return NULL;
}

static void snapshot_add(struct snapshot *s, const struct entry *e)
{
    uint32_t at = le32_load(e->hash) & s->mask;

    while (s->slots[at])
        at = (at + 1) & s->mask;
    s->entries[s->count++] = *e;
    s->slots[at] = (uint32_t)s->count;
}

/* NULL: none. What is compared with the hash is compared whole. */
static const struct entry *snapshot_find(const struct snapshot *s, const uint8_t hash[static DIGEST_SIZE])
{
    const struct entry *hit = NULL;

    for (uint32_t at = le32_load(hash) & s->mask; s->slots[at]; at = (at + 1) & s->mask) {
        const struct entry *e = &s->entries[s->slots[at] - 1];
        if (digest_equal(hash, e->hash, DIGEST_SIZE))
            hit = e;
    }
    return hit;
}

static void snapshot_free(struct snapshot *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        free(s->entries[i].name);
        json_decref(s->entries[i].accounts);
    }
    free(s->slots);
    free(s);
}

int tokens_new(struct tokens **ret)
{
    struct tokens *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    t->now = snapshot_new(0);
    if (!t->now) {
        free(t);
        return TGC_ENOMEM;
    }
    pthread_mutex_init(&t->writer, NULL);
    pthread_rwlock_init(&t->lock, NULL);
    *ret = t;
    return 0;
}

void tokens_free(struct tokens *t)
{
    if (!t)
        return;
    pthread_rwlock_destroy(&t->lock);
    pthread_mutex_destroy(&t->writer);
    snapshot_free(t->now);
    free(t);
}

static int read_name(const json_t *json, struct entry *e, struct fault *fault)
{
    const char *name = json_string_value(json);
    size_t len = json_string_length(json);

    if (!name || len == 0 || len > TOKEN_NAME_MAX || memchr(name, 0, len)) {
        int err = fault_set(fault, TGC_EINVAL, "a text of 1 to %d bytes was expected", TOKEN_NAME_MAX);
        fault_path_member(fault, "name");
        return err;
    }
    e->name = strdup(name);
    return e->name ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
}

static int read_hash(const json_t *json, struct entry *e, struct fault *fault)
{
    const char *hex = json_string_value(json);

    if (!hex || hex_decode(hex, json_string_length(json), e->hash, sizeof(e->hash)) != 0) {
        int err = fault_set(fault, TGC_EINVAL, "the hex of a SHA-256 was expected");
        fault_path_member(fault, "hash");
        return err;
    }
    return 0;
}

static int read_scopes(const json_t *json, struct entry *e, struct fault *fault)
{
    size_t count = json_array_size(json);
    int err;

    if (count == 0) {
        err = fault_set(fault, TGC_EINVAL, "a list of scopes was expected");
        goto wrong;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(json, i));
        unsigned scope = name ? scope_parse(name) : 0;
        if (!scope) {
            err = fault_set(fault, TGC_EINVAL, "there is no such scope");
            fault_path_index(fault, i);
            goto wrong;
        }
        e->scopes |= scope;
    }
    return 0;
wrong:
    fault_path_member(fault, "scopes");
    return err;
}

static int read_accounts(const json_t *json, struct entry *e, struct fault *fault)
{
    if (!json || json_is_null(json))
        return 0;
    size_t bad = 0;
    if (json_is_array(json)) {
        while (bad < json_array_size(json) && json_is_string(json_array_get(json, bad)))
            bad++;
        if (bad == json_array_size(json)) {
            e->accounts = json_deep_copy(json);
            return e->accounts ? 0 : fault_set(fault, TGC_ENOMEM, "out of memory");
        }
    }
    int err = fault_set(fault, TGC_EINVAL, "a list of account names was expected");
    fault_path_member(fault, "accounts");
    return err;
}

static int read_entry(const json_t *json, struct entry *e, struct fault *fault)
{
    if (!json_is_object(json))
        return fault_set(fault, TGC_EINVAL, "an object was expected");
    int err = read_name(json_object_get(json, "name"), e, fault);
    if (!err)
        err = read_hash(json_object_get(json, "hash"), e, fault);
    if (!err)
        err = read_scopes(json_object_get(json, "scopes"), e, fault);
    if (!err)
        err = read_accounts(json_object_get(json, "accounts"), e, fault);
    if (!err)
        e->created_at = json_integer_value(json_object_get(json, "created_at"));
    return err;
}

static void swap(struct tokens *t, struct snapshot *fresh)
{
    pthread_rwlock_wrlock(&t->lock);
    struct snapshot *old = t->now;
    t->now = fresh;
    pthread_rwlock_unlock(&t->lock);
    snapshot_free(old);
}

static int load(struct tokens *t, const json_t *json, struct fault *fault)
{
    const json_t *list = json_object_get(json, "tokens");
    size_t count = json_array_size(list);

    if (!json_is_array(list))
        return fault_set(fault, TGC_EINVAL, "an object with a list \"tokens\" was expected");
    if (count > TOKENS_MAX)
        return fault_set(fault, TGC_ELIMIT, "more than %d tokens", TOKENS_MAX);
    struct snapshot *s = snapshot_new(count);
    json_t *names = json_object();
    if (!s || !names) {
        snapshot_free(s);
        json_decref(names);
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        struct entry e = {0};
        int err = read_entry(json_array_get(list, i), &e, fault);
        if (!err && json_object_get(names, e.name))
            err = fault_set(fault, TGC_EEXIST, "the name is there twice");
        if (!err && json_object_set_new_nocheck(names, e.name, json_true()) < 0)
            err = fault_set(fault, TGC_ENOMEM, "out of memory");
        if (err) {
            fault_path_index(fault, i);
            fault_path_member(fault, "tokens");
            free(e.name);
            json_decref(e.accounts);
            snapshot_free(s);
            json_decref(names);
            return err;
        }
        snapshot_add(s, &e);
    }
    json_decref(names);
    swap(t, s);
    return 0;
}

int tokens_load(struct tokens *t, const json_t *json, struct fault *fault)
{
    pthread_mutex_lock(&t->writer);
    int err = load(t, json, fault);
    pthread_mutex_unlock(&t->writer);
    return err;
}

static json_t *scope_names(unsigned set)
{
    json_t *names = json_array();

    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (set & scopes[i].scope && json_array_append_new(names, json_string(scopes[i].name)) < 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}

static json_t *entry_json(const struct entry *e)
{
    char hash[2 * DIGEST_SIZE + 1];

    hex_encode(e->hash, sizeof(e->hash), hash);
    /* "o" and "o*" let go of their references where packing fails. */
    return json_pack("{s:s, s:s, s:o, s:o*, s:I}", "name", e->name, "hash", hash, "scopes", scope_names(e->scopes),
                     "accounts", e->accounts ? json_deep_copy(e->accounts) : NULL, "created_at",
                     (json_int_t)e->created_at);
}

json_t *tokens_save(struct tokens *t)
{
    json_t *list = json_array();

    pthread_rwlock_rdlock(&t->lock);
    for (size_t i = 0; list && i < t->now->count; i++)
        if (json_array_append_new(list, entry_json(&t->now->entries[i])) < 0) {
            json_decref(list);
            list = NULL;
        }
    pthread_rwlock_unlock(&t->lock);
    return list ? json_pack("{s:o}", "tokens", list) : NULL;
}

size_t tokens_count(struct tokens *t)
{
    pthread_rwlock_rdlock(&t->lock);
    size_t count = t->now->count;
    pthread_rwlock_unlock(&t->lock);
    return count;
}

static void make_token(char token[static TOKEN_TEXT_SIZE], uint8_t hash[static DIGEST_SIZE])
{
    uint8_t secret[SECRET_BYTES];

    random_fill(&random_system, secret, sizeof(secret));
    memcpy(token, "tgc_", 4);
    digest_base64url(secret, sizeof(secret), token + 4);
    digest_sha256(token, strlen(token), hash);
    explicit_bzero(secret, sizeof(secret));
}

/* Adding goes the way of loading, so that there is one judge of what a token is. */
int tokens_create(struct tokens *t, const char *name, unsigned set, const json_t *accounts,
                  char ret_token[static TOKEN_TEXT_SIZE])
{
    char token[TOKEN_TEXT_SIZE];
    struct entry e = {.name = (char *)(uintptr_t)name, .scopes = set, .accounts = (json_t *)(uintptr_t)accounts};
    int err = TGC_ENOMEM;

    make_token(token, e.hash);
    e.created_at = clock_wall_us(&clock_system) / SECOND_US;
    pthread_mutex_lock(&t->writer);
    json_t *all = tokens_save(t);
    if (!all || json_array_append_new(json_object_get(all, "tokens"), entry_json(&e)) < 0)
        goto done;
    err = load(t, all, NULL);
    if (!err)
        memcpy(ret_token, token, sizeof(token));
done:
    pthread_mutex_unlock(&t->writer);
    json_decref(all);
    explicit_bzero(token, sizeof(token));
    return err;
}

bool tokens_check(struct tokens *t, const char *token, size_t len, struct token_grant *ret)
{
    uint8_t hash[DIGEST_SIZE];
    struct token_grant grant = {0};
    bool known = false;

    digest_sha256(token, len, hash);
    pthread_rwlock_rdlock(&t->lock);
    const struct entry *hit = snapshot_find(t->now, hash);
    if (hit) {
        strcpy(grant.name, hit->name);
        grant.scopes = hit->scopes & SCOPE_ADMIN ? SCOPE_ALL : hit->scopes;
        /* A copy: the reference counts of one value are not for many threads, and a bound token must not become free
         * where memory is gone. */
        grant.accounts = hit->accounts ? json_deep_copy(hit->accounts) : NULL;
        known = !hit->accounts || grant.accounts;
    }
    pthread_rwlock_unlock(&t->lock);
    if (known)
        *ret = grant;
    return known;
}
