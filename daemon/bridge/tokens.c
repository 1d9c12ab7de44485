#include "daemon/bridge/tokens.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/le.h"
#include "daemon/base/random.h"

enum { TOKENS_MAX = 10000, SECRET_BYTES = 32 };

/* By the first bytes of the hash: SHA-256 spreads them evenly, and they tell nothing of the token. */
struct snapshot {
    size_t count;
    uint32_t *slots; /* an entry's number and one more; 0: none */
    uint32_t mask;
    struct token_entry entries[];
};

struct tokens {
    pthread_mutex_t writer; /* held from reading the old snapshot to swapping in the new one */
    pthread_rwlock_t lock;  /* of the pointer */
    struct snapshot *now;
    atomic_uint_fast64_t generation; /* of it; the first is 1 */
};

static struct snapshot *snapshot_new(size_t count)
{
    struct snapshot *s = calloc(1, sizeof(struct snapshot) + count * sizeof(struct token_entry));
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

static void snapshot_add(struct snapshot *s, const struct token_entry *e)
{
    uint32_t at = le32_load(e->hash) & s->mask;

    while (s->slots[at])
        at = (at + 1) & s->mask;
    s->entries[s->count++] = *e;
    s->slots[at] = (uint32_t)s->count;
}

/* NULL: none. What is compared with the hash is compared whole. */
static const struct token_entry *snapshot_find(const struct snapshot *s, const uint8_t hash[static DIGEST_SIZE])
{
    const struct token_entry *hit = NULL;

    for (uint32_t at = le32_load(hash) & s->mask; s->slots[at]; at = (at + 1) & s->mask) {
        const struct token_entry *e = &s->entries[s->slots[at] - 1];
        if (digest_equal(hash, e->hash, DIGEST_SIZE))
            hit = e;
    }
    return hit;
}

static void snapshot_free(struct snapshot *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        token_entry_fini(&s->entries[i]);
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
    atomic_init(&t->generation, 1);
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

static void swap(struct tokens *t, struct snapshot *fresh)
{
    pthread_rwlock_wrlock(&t->lock);
    struct snapshot *old = t->now;
    t->now = fresh;
    atomic_fetch_add(&t->generation, 1);
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
        struct token_entry e;
        int err = token_entry_read(json_array_get(list, i), &e, fault);
        if (!err && json_object_get(names, e.name))
            err = fault_set(fault, TGC_EEXIST, "the name is there twice");
        if (!err && json_object_set_new_nocheck(names, e.name, json_true()) < 0)
            err = fault_set(fault, TGC_ENOMEM, "out of memory");
        if (err) {
            fault_path_index(fault, i);
            fault_path_member(fault, "tokens");
            token_entry_fini(&e);
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

json_t *tokens_save(struct tokens *t)
{
    json_t *list = json_array();

    pthread_rwlock_rdlock(&t->lock);
    for (size_t i = 0; list && i < t->now->count; i++)
        if (json_array_append_new(list, token_entry_json(&t->now->entries[i])) < 0) {
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
    struct token_entry e = {.name = (char *)(uintptr_t)name, .scopes = set, .accounts = (json_t *)(uintptr_t)accounts};
    int err = TGC_ENOMEM;

    make_token(token, e.hash);
    e.created_at = clock_wall_us(&clock_system) / SECOND_US;
    pthread_mutex_lock(&t->writer);
    json_t *all = tokens_save(t);
    if (!all || json_array_append_new(json_object_get(all, "tokens"), token_entry_json(&e)) < 0)
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
    const struct token_entry *hit = snapshot_find(t->now, hash);
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

void token_memo_fini(struct token_memo *m)
{
    json_decref(m->grant.accounts);
    explicit_bzero(m, sizeof(*m));
}

static bool recall(const struct token_memo *m, const char *token, size_t len, struct token_grant *ret)
{
    if (len >= sizeof(m->token) || m->token[len] || !digest_equal(token, m->token, len))
        return false;
    *ret = m->grant;
    ret->accounts = m->grant.accounts ? json_deep_copy(m->grant.accounts) : NULL;
    return !m->grant.accounts || ret->accounts;
}

/* Without memory for a copy it is not remembered. */
static void remember(struct token_memo *m, uint64_t generation, const char *token, size_t len,
                     const struct token_grant *grant)
{
    struct token_grant copy = *grant;

    if (len >= sizeof(m->token))
        return;
    copy.accounts = grant->accounts ? json_deep_copy(grant->accounts) : NULL;
    if (grant->accounts && !copy.accounts)
        return;
    memcpy(m->token, token, len);
    m->grant = copy;
    m->generation = generation;
}

bool tokens_check_again(struct tokens *t, struct token_memo *m, const char *token, size_t len, struct token_grant *ret)
{
    /* Before the look: what is found may be newer than that, and is then looked for once more. */
    uint64_t generation = atomic_load(&t->generation);

    if (m->generation == generation && recall(m, token, len, ret))
        return true;
    token_memo_fini(m);
    if (!tokens_check(t, token, len, ret))
        return false;
    remember(m, generation, token, len, ret);
    return true;
}
