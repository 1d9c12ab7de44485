/* What workers tell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/directory_internal.h"

int directory_new(size_t workers, struct directory **ret)
{
    struct directory *d = calloc(1, sizeof(*d) + workers * sizeof(d->accounts_of[0]));

    if (!d)
        return TGC_ENOMEM;
    pthread_mutex_init(&d->lock, NULL); /* cannot fail with default attributes on Linux */
    d->workers_n = workers;
    *ret = d;
    return 0;
}

struct directory_account *directory_account(struct directory *d, const char *name)
{
    struct directory_account *e;

    HASH_FIND_STR(d->accounts, name, e);
    return e;
}

struct directory_call *directory_call(struct directory *d, int64_t id)
{
    struct directory_call *call;

    HASH_FIND(hh, d->calls, &id, sizeof(id), call);
    return call;
}

struct directory_key *directory_key(struct directory *d, uint64_t id)
{
    struct directory_key *key;

    HASH_FIND(hh, d->keys, &id, sizeof(id), key);
    return key;
}

static void unready(struct directory *d, struct directory_account *e)
{
    if (!e->is_ready)
        return;
    DL_DELETE(d->ready, e);
    d->ready_n--;
    e->is_ready = false;
}

static void drop_call(struct directory *d, struct directory_call *call)
{
    d->calls_in[call->phase]--;
    HASH_DEL(d->calls, call);
    free(call);
}

static void forget(struct directory *d, struct directory_known *k)
{
    struct directory_call *call = k->call;

    DL_DELETE(k->account->calls, k);
    DL_DELETE2(call->known, k, call_prev, call_next);
    free(k);
    if (!call->known) {
        drop_call(d, call);
    }
}

static void drop_keys(struct directory *d, struct directory_account *e)
{
    while (e->keys_n)
        HASH_DEL(d->keys, &e->keys[--e->keys_n]);
}

static void drop(struct directory *d, struct directory_account *e)
{
    while (e->calls)
        forget(d, e->calls);
    directory_drop_schedules(d, e);
    drop_keys(d, e);
    unready(d, e);
    d->accounts_of[e->worker]--;
    HASH_DEL(d->accounts, e);
    free(e);
}

void directory_free(struct directory *d)
{
    if (!d)
        return;
    while (d->accounts)
        drop(d, d->accounts);
    directory_drop_intents(d, DIRECTORY_ALL_WORKERS);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

static int put(struct directory *d, const char *name, size_t worker)
{
    if (directory_account(d, name))
        return TGC_EEXIST;
    if (HASH_COUNT(d->accounts) >= LIMIT_ACCOUNTS)
        return TGC_ELIMIT;
    struct directory_account *e = calloc(1, sizeof(*e));
    if (!e)
        return TGC_ENOMEM;
    snprintf(e->name, sizeof(e->name), "%s", name);
    e->worker = worker;
    HASH_ADD_STR(d->accounts, name, e);
    if (!e->hh.tbl) {
        free(e);
        return TGC_ENOMEM;
    }
    d->accounts_of[worker]++;
    return 0;
}

int directory_put(struct directory *d, const char *account, size_t worker)
{
    if (strlen(account) >= DIRECTORY_NAME_MAX || worker >= d->workers_n)
        return TGC_ELIMIT;
    pthread_mutex_lock(&d->lock);
    int err = put(d, account, worker);
    pthread_mutex_unlock(&d->lock);
    return err;
}

void directory_drop(struct directory *d, const char *account)
{
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    if (e)
        drop(d, e);
    pthread_mutex_unlock(&d->lock);
}

void directory_drop_worker(struct directory *d, size_t worker)
{
    struct directory_account *e, *next;

    pthread_mutex_lock(&d->lock);
    HASH_ITER (hh, d->accounts, e, next)
        if (e->worker == worker)
            drop(d, e);
    directory_drop_intents(d, worker);
    pthread_mutex_unlock(&d->lock);
}

void directory_set_ready(struct directory *d, const char *account, bool ready)
{
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    if (e && !ready) {
        unready(d, e);
    } else if (e && !e->is_ready) {
        e->is_ready = true;
        DL_APPEND(d->ready, e);
        d->ready_n++;
    }
    pthread_mutex_unlock(&d->lock);
}

static struct directory_call *get_call(struct directory *d, int64_t id)
{
    struct directory_call *call = directory_call(d, id);

    if (call)
        return call;
    call = calloc(1, sizeof(*call));
    if (!call)
        return NULL;
    call->id = id;
    HASH_ADD(hh, d->calls, id, sizeof(call->id), call);
    if (!call->hh.tbl) {
        free(call);
        return NULL;
    }
    d->calls_in[call->phase]++;
    return call;
}

static struct directory_known *find_known(struct directory_call *call, const struct directory_account *e)
{
    struct directory_known *k;

    DL_FOREACH2(call->known, k, call_next)
    if (k->account == e)
        return k;
    return NULL;
}

static int put_call(struct directory *d, int64_t id, struct directory_account *e, bool created)
{
    struct directory_call *call = get_call(d, id);
    struct directory_known *k = call ? find_known(call, e) : NULL;

    if (k) {
        k->created |= created;
        return 0;
    }
    k = call ? calloc(1, sizeof(*k)) : NULL;
    if (!k) {
        if (call && !call->known) {
            drop_call(d, call);
        }
        return TGC_ENOMEM;
    }
    k->account = e;
    k->call = call;
    k->created = created;
    DL_APPEND(e->calls, k);
    DL_APPEND2(call->known, k, call_prev, call_next);
    return 0;
}

int directory_put_call(struct directory *d, int64_t call, const char *account, bool created)
{
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    int err = e ? put_call(d, call, e, created) : TGC_EUNKNOWN;
    pthread_mutex_unlock(&d->lock);
    return err;
}

void directory_set_call(struct directory *d, int64_t call, enum directory_phase phase)
{
    pthread_mutex_lock(&d->lock);
    struct directory_call *known_call = directory_call(d, call);
    if (known_call) {
        d->calls_in[known_call->phase]--;
        known_call->phase = phase;
        d->calls_in[phase]++;
    }
    pthread_mutex_unlock(&d->lock);
}

void directory_drop_call(struct directory *d, int64_t call, const char *account)
{
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    struct directory_call *known_call = directory_call(d, call);
    struct directory_known *k = e && known_call ? find_known(known_call, e) : NULL;
    if (k)
        forget(d, k);
    pthread_mutex_unlock(&d->lock);
}

static int put_key(struct directory *d, struct directory_account *e, uint64_t id)
{
    struct directory_key *key = &e->keys[e->keys_n];

    *key = (struct directory_key){.id = id, .account = e};
    HASH_ADD(hh, d->keys, id, sizeof(key->id), key);
    if (!key->hh.tbl)
        return TGC_ENOMEM;
    e->keys_n++;
    return 0;
}

static int set_keys(struct directory *d, struct directory_account *e, const uint64_t *ids, size_t n)
{
    int err = 0;

    for (size_t i = 0; i < n; i++) {
        const struct directory_key *key = directory_key(d, ids[i]);
        if (key && key->account != e)
            return TGC_EEXIST;
    }
    drop_keys(d, e);
    for (size_t i = 0; i < n && !err; i++)
        if (!directory_key(d, ids[i]))
            err = put_key(d, e, ids[i]);
    if (err)
        drop_keys(d, e);
    return err;
}

int directory_set_keys(struct directory *d, const char *account, const uint64_t *ids, size_t n)
{
    if (n > DIRECTORY_KEYS_MAX)
        return TGC_ELIMIT;
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    int err = e ? set_keys(d, e, ids, n) : TGC_EUNKNOWN;
    pthread_mutex_unlock(&d->lock);
    return err;
}
