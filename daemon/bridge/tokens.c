#include "daemon/bridge/tokens.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/base/random.h"
#include "daemon/bridge/token_snapshot.h"

enum { SECRET_BYTES = 32 };

struct tokens {
    pthread_mutex_t writer; /* held from reading the old snapshot to swapping in the new one */
    pthread_rwlock_t lock;  /* of the pointer */
    struct token_snapshot *now;
    atomic_uint_fast64_t generation; /* of it; the first is 1 */
    struct tokens_keeper keeper;     /* empty: nothing outlives the process */
};

int tokens_new(struct tokens **ret)
{
    struct tokens *t = calloc(1, sizeof(*t));

    if (!t)
        return TGC_ENOMEM;
    t->now = token_snapshot_new(0);
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
    token_snapshot_free(t->now);
    free(t);
}

static void swap(struct tokens *t, struct token_snapshot *fresh)
{
    pthread_rwlock_wrlock(&t->lock);
    struct token_snapshot *old = t->now;
    t->now = fresh;
    atomic_fetch_add(&t->generation, 1);
    pthread_rwlock_unlock(&t->lock);
    token_snapshot_free(old);
}

int tokens_load(struct tokens *t, const json_t *json, struct fault *fault)
{
    struct token_snapshot *fresh;

    pthread_mutex_lock(&t->writer);
    int err = token_snapshot_read(json, t->now, &fresh, fault);
    if (!err)
        swap(t, fresh);
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

void tokens_keep(struct tokens *t, const struct tokens_keeper *keeper)
{
    pthread_mutex_lock(&t->writer);
    t->keeper = *keeper;
    pthread_mutex_unlock(&t->writer);
}

/* To ALL, which it steals, by an entry that is MADE or the one of a name that is DROPPED. Kept before it is in force:
 * else what was in force would not be so after a restart. */
static int change(struct tokens *t, json_t *all, const json_t *made, const char *dropped, struct fault *fault)
{
    struct token_snapshot *fresh = NULL;
    int err = token_snapshot_read(all, t->now, &fresh, fault);

    if (!err && made && t->keeper.put)
        err = t->keeper.put(t->keeper.ctx, made, fault);
    if (!err && dropped && t->keeper.drop)
        err = t->keeper.drop(t->keeper.ctx, dropped, fault);
    if (!err)
        swap(t, fresh);
    else
        token_snapshot_free(fresh);
    json_decref(all);
    return err;
}

int tokens_create(struct tokens *t, const char *name, unsigned set, const json_t *accounts, int64_t expires_at,
                  char ret_token[static TOKEN_TEXT_SIZE], struct fault *fault)
{
    char token[TOKEN_TEXT_SIZE];
    struct token_entry e = {.name = (char *)(uintptr_t)name,
                            .scopes = set,
                            .accounts = (json_t *)(uintptr_t)accounts,
                            .expires_at = expires_at};
    int err = TGC_ENOMEM;

    make_token(token, e.hash);
    e.created_at = clock_wall_us(&clock_system) / SECOND_US;
    pthread_mutex_lock(&t->writer);
    json_t *all = tokens_save(t), *made = token_entry_json(&e);
    if (all && made && json_array_append(json_object_get(all, "tokens"), made) == 0)
        err = change(t, all, made, NULL, fault);
    else
        json_decref(all);
    json_decref(made);
    pthread_mutex_unlock(&t->writer);
    if (!err)
        memcpy(ret_token, token, sizeof(token));
    explicit_bzero(token, sizeof(token));
    return err;
}

/* With it gone, nobody could make a token any more. */
static bool is_last_admin(const struct token_snapshot *s, const char *name)
{
    bool is_one = false, others = false;

    for (size_t i = 0; i < s->count; i++) {
        bool stays = s->entries[i].scopes & SCOPE_ADMIN && !s->entries[i].accounts && !s->entries[i].expires_at;
        if (strcmp(s->entries[i].name, name) == 0)
            is_one = stays;
        else
            others |= stays;
    }
    return is_one && !others;
}

static int drop(struct tokens *t, const char *name, struct fault *fault)
{
    json_t *all = tokens_save(t), *list = json_object_get(all, "tokens");
    size_t i = 0;

    while (i < json_array_size(list) &&
           strcmp(json_string_value(json_object_get(json_array_get(list, i), "name")), name) != 0)
        i++;
    if (all && i < json_array_size(list) && !is_last_admin(t->now, name)) {
        json_array_remove(list, i);
        return change(t, all, NULL, name, fault);
    }
    bool found = i < json_array_size(list);
    json_decref(all);
    if (!all)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (found)
        return fault_set(fault, TGC_ESTATE, "it is the last token with the scope admin that does not expire");
    return fault_set(fault, TGC_EUNKNOWN, "there is no token of that name");
}

int tokens_drop(struct tokens *t, const char *name, struct fault *fault)
{
    pthread_mutex_lock(&t->writer);
    int err = drop(t, name, fault);
    pthread_mutex_unlock(&t->writer);
    return err;
}

json_t *tokens_list(struct tokens *t, const char *name)
{
    json_t *all = tokens_save(t), *list = json_incref(json_object_get(all, "tokens")), *one;

    json_decref(all);
    for (size_t i = json_array_size(list); i-- > 0;) {
        one = json_array_get(list, i);
        json_object_del(one, "hash");
        if (name && strcmp(json_string_value(json_object_get(one, "name")), name) != 0)
            json_array_remove(list, i);
    }
    return list;
}

static int64_t now_s(void)
{
    return clock_wall_us(&clock_system) / SECOND_US;
}

/* Once a second at most: it is written from all loops. */
static void note_use(struct token_use *use, int64_t now)
{
    if (atomic_load_explicit(&use->at, memory_order_relaxed) != now)
        atomic_store_explicit(&use->at, now, memory_order_relaxed);
}

static bool has_expired(int64_t expires_at, int64_t now)
{
    return expires_at && now >= expires_at;
}

/* RET_USE: held for the caller, who may let it be NULL. */
static bool look_up(struct tokens *t, const char *token, size_t len, struct token_grant *ret, int64_t *ret_expires_at,
                    struct token_use **ret_use)
{
    uint8_t hash[DIGEST_SIZE];
    struct token_grant grant = {0};
    int64_t now = now_s();
    bool known = false;

    digest_sha256(token, len, hash);
    pthread_rwlock_rdlock(&t->lock);
    const struct token_entry *hit = token_snapshot_find(t->now, hash);
    if (hit && !has_expired(hit->expires_at, now)) {
        strcpy(grant.name, hit->name);
        hex_encode(hit->hash, TOKEN_ID_MAX / 2, grant.id);
        grant.scopes = hit->scopes & SCOPE_ADMIN ? SCOPE_ALL : hit->scopes;
        /* A copy: the reference counts of one value are not for many threads, and a bound token must not become free
         * where memory is gone. */
        grant.accounts = hit->accounts ? json_deep_copy(hit->accounts) : NULL;
        known = !hit->accounts || grant.accounts;
        note_use(hit->use, now);
        if (known && ret_use) {
            *ret_use = token_use_hold(hit->use);
            *ret_expires_at = hit->expires_at;
        }
    }
    pthread_rwlock_unlock(&t->lock);
    if (known)
        *ret = grant;
    return known;
}

bool tokens_check(struct tokens *t, const char *token, size_t len, struct token_grant *ret)
{
    return look_up(t, token, len, ret, NULL, NULL);
}

void token_memo_fini(struct token_memo *m)
{
    json_decref(m->grant.accounts);
    token_use_drop(m->use);
    explicit_bzero(m, sizeof(*m));
}

static bool recall(const struct token_memo *m, const char *token, size_t len, struct token_grant *ret)
{
    int64_t now = now_s();

    if (len >= sizeof(m->token) || m->token[len] || !digest_equal(token, m->token, len) ||
        has_expired(m->expires_at, now))
        return false;
    *ret = m->grant;
    ret->accounts = m->grant.accounts ? json_deep_copy(m->grant.accounts) : NULL;
    note_use(m->use, now);
    return !m->grant.accounts || ret->accounts;
}

/* Steals USE. Without memory for a copy it is not remembered. */
static void remember(struct token_memo *m, uint64_t generation, const char *token, size_t len,
                     const struct token_grant *grant, int64_t expires_at, struct token_use *use)
{
    struct token_grant copy = *grant;

    copy.accounts = grant->accounts ? json_deep_copy(grant->accounts) : NULL;
    if (len >= sizeof(m->token) || (grant->accounts && !copy.accounts)) {
        json_decref(copy.accounts);
        token_use_drop(use);
        return;
    }
    memcpy(m->token, token, len);
    m->grant = copy;
    m->generation = generation;
    m->expires_at = expires_at;
    m->use = use;
}

bool tokens_check_again(struct tokens *t, struct token_memo *m, const char *token, size_t len, struct token_grant *ret)
{
    /* Before the look: what is found may be newer than that, and is then looked for once more. */
    uint64_t generation = atomic_load(&t->generation);
    struct token_use *use = NULL;
    int64_t expires_at = 0;

    if (m->generation == generation && recall(m, token, len, ret))
        return true;
    token_memo_fini(m);
    if (!look_up(t, token, len, ret, &expires_at, &use))
        return false;
    remember(m, generation, token, len, ret, expires_at, use);
    return true;
}

static bool is_same(const json_t *a, const json_t *b)
{
    return a && b ? json_equal(a, b) : a == b;
}

bool tokens_holds(struct tokens *t, struct token_memo *m, const char *token, size_t len, unsigned scopes,
                  const json_t *accounts)
{
    struct token_grant grant = {0};

    if (m->generation == atomic_load(&t->generation))
        return !has_expired(m->expires_at, now_s());
    bool holds =
        tokens_check_again(t, m, token, len, &grant) && grant.scopes == scopes && is_same(grant.accounts, accounts);
    json_decref(grant.accounts);
    return holds;
}
