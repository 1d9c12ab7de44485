#include "daemon/sandbox/centre/keys.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"

enum { SALT_PERIOD_S = 1800 };

static struct auth **bucket_of(const struct keys *k, uint64_t id)
{
    return (struct auth **)&k->buckets[id % KEYS_BUCKETS];
}

struct auth *keys_find(const struct keys *k, int dc, uint64_t id)
{
    for (struct auth *a = *bucket_of(k, id); a; a = a->next)
        if (a->id == id && a->dc == dc)
            return a;
    return NULL;
}

static bool is_idle(const struct keys *k, const struct auth *a)
{
    return !a->account.user && !a->perm_id && !(k->holder && k->holder->speaks(a));
}

/* Whether there is room for one more now. */
static bool make_room(struct keys *k)
{
    struct auth *oldest = NULL;

    for (size_t i = 0; k->n == KEYS_MAX && i < KEYS_BUCKETS; i++)
        for (struct auth *a = k->buckets[i]; a; a = a->next)
            if (is_idle(k, a) && (!oldest || a->made_us < oldest->made_us))
                oldest = a;
    if (oldest)
        keys_drop(k, oldest);
    return k->n < KEYS_MAX;
}

struct auth *keys_add(struct keys *k, int dc, struct mt_auth_key *key, uint64_t first_salt, int64_t now_us)
{
    struct auth *a = make_room(k) ? calloc(1, sizeof(*a)) : NULL;

    if (!a) {
        mt_auth_key_free(key);
        return NULL;
    }
    a->key = key;
    a->id = le64_load(key->id);
    a->dc = dc;
    a->first_salt = first_salt;
    a->made_us = now_us;
    a->account.key_id = a->id;
    a->account.dc = dc;
    struct auth **bucket = bucket_of(k, a->id);
    a->next = *bucket;
    *bucket = a;
    k->n++;
    return a;
}

static struct auth **user_bucket(const struct keys *k, const struct world_user *user)
{
    return (struct auth **)&k->by_user[(uint64_t)user->id % KEYS_BUCKETS];
}

static void unfile(struct keys *k, struct auth *a)
{
    if (!a->filed)
        return;
    for (struct auth **p = user_bucket(k, a->filed); *p; p = &(*p)->user_next) {
        if (*p == a) {
            *p = a->user_next;
            break;
        }
    }
    a->filed = NULL;
    a->user_next = NULL;
}

static void file(struct keys *k, struct auth *a, struct world_user *user)
{
    if (a->filed == user)
        return;
    unfile(k, a);
    if (user) {
        struct auth **bucket = user_bucket(k, user);
        a->user_next = *bucket;
        a->filed = user;
        *bucket = a;
    }
}

void keys_file(struct keys *k, struct auth *a)
{
    const struct account *account = keys_account(k, a);

    if (a->filed == (account ? account->user : NULL))
        return;
    if (!account) {
        unfile(k, a);
        return;
    }
    for (size_t i = 0; i < KEYS_BUCKETS; i++)
        for (struct auth *other = k->buckets[i]; other; other = other->next)
            if (keys_account(k, other) == account)
                file(k, other, account->user);
}

void keys_log_in(struct keys *k, struct auth *a, struct world_user *user)
{
    a->account.user = user;
    file(k, a, user);
}

struct auth *keys_of_user(const struct keys *k, const struct world_user *user)
{
    return *user_bucket(k, user);
}

void keys_drop(struct keys *k, struct auth *a)
{
    unfile(k, a);
    for (struct auth **p = bucket_of(k, a->id); *p; p = &(*p)->next) {
        if (*p == a) {
            *p = a->next;
            k->n--;
            break;
        }
    }
    if (k->holder)
        k->holder->forget(a);
    mt_auth_key_free(a->key);
    free(a);
}

void keys_fini(struct keys *k)
{
    for (size_t i = 0; i < KEYS_BUCKETS; i++)
        while (k->buckets[i])
            keys_drop(k, k->buckets[i]);
}

struct account *keys_account(const struct keys *k, struct auth *a)
{
    if (!a->temporary)
        return &a->account;
    struct auth *perm = a->perm_id ? keys_find(k, a->dc, a->perm_id) : NULL;
    return perm ? &perm->account : NULL;
}

void keys_bind(struct keys *k, struct auth *temporary, uint64_t perm_id)
{
    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (struct auth *a = k->buckets[i]; a; a = a->next) {
            if (a == temporary || a->perm_id != perm_id || a->dc != temporary->dc || a->media != temporary->media)
                continue;
            a->perm_id = 0;
            keys_file(k, a);
        }
    }
    temporary->perm_id = temporary->login_id = perm_id;
    keys_file(k, temporary);
}

int64_t keys_salt_period_s(const struct keys *k)
{
    return k->salt_period_s > 0 ? k->salt_period_s : SALT_PERIOD_S;
}

int64_t keys_salt_index(const struct keys *k, const struct auth *a, int64_t now_us)
{
    int64_t index = (now_us - a->made_us) / (keys_salt_period_s(k) * SECOND_US);

    return index > 0 ? index : 0;
}

uint64_t keys_salt(const struct keys *k, const struct auth *a, int64_t index)
{
    uint8_t in[16], digest[32];

    if (index <= 0)
        return a->first_salt;
    le64_store(in, a->id);
    le64_store(in + 8, (uint64_t)index);
    hash_sha256(HASH_PIECES({k->secret, sizeof(k->secret)}, {in, sizeof(in)}), digest);
    return le64_load(digest);
}

void keys_salt_expire(const struct keys *k, struct auth *a)
{
    a->made_us -= 2 * keys_salt_period_s(k) * SECOND_US;
}

bool keys_salt_is_valid(const struct keys *k, const struct auth *a, uint64_t salt, int64_t now_us)
{
    int64_t index = keys_salt_index(k, a, now_us);

    return salt == keys_salt(k, a, index) || (index > 0 && salt == keys_salt(k, a, index - 1));
}
