#include "daemon/bridge/directory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/table.h"

/* That an account knows a call: in the call's list and in the account's. */
struct known {
    struct entry *account;
    struct call *call;
    bool created;
    struct known *prev, *next;           /* of the account */
    struct known *call_prev, *call_next; /* of the call */
};

struct call {
    int64_t id;
    struct known *known;
    UT_hash_handle hh;
};

struct entry {
    char name[DIRECTORY_NAME_MAX];
    size_t worker;
    bool is_ready;
    struct known *calls;
    struct entry *prev, *next; /* among those that are ready */
    UT_hash_handle hh;
};

struct directory {
    pthread_mutex_t lock;
    struct entry *accounts;
    struct entry *ready;
    size_t ready_n;
    struct call *calls;
    size_t workers_n;
    size_t accounts_of[]; /* by worker */
};

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

size_t directory_workers(const struct directory *d)
{
    return d->workers_n;
}

static struct entry *find(struct directory *d, const char *name)
{
    struct entry *e;

    HASH_FIND_STR(d->accounts, name, e);
    return e;
}

static struct call *find_call(struct directory *d, int64_t id)
{
    struct call *call;

    HASH_FIND(hh, d->calls, &id, sizeof(id), call);
    return call;
}

static void unready(struct directory *d, struct entry *e)
{
    if (!e->is_ready)
        return;
    DL_DELETE(d->ready, e);
    d->ready_n--;
    e->is_ready = false;
}

static void forget(struct directory *d, struct known *k)
{
    struct call *call = k->call;

    DL_DELETE(k->account->calls, k);
    DL_DELETE2(call->known, k, call_prev, call_next);
    free(k);
    if (!call->known) {
        HASH_DEL(d->calls, call);
        free(call);
    }
}

static void drop(struct directory *d, struct entry *e)
{
    while (e->calls)
        forget(d, e->calls);
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
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* --- what workers tell --- */

static int put(struct directory *d, const char *name, size_t worker)
{
    if (find(d, name))
        return TGC_EEXIST;
    if (HASH_COUNT(d->accounts) >= LIMIT_ACCOUNTS)
        return TGC_ELIMIT;
    struct entry *e = calloc(1, sizeof(*e));
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
    struct entry *e = find(d, account);
    if (e)
        drop(d, e);
    pthread_mutex_unlock(&d->lock);
}

void directory_set_ready(struct directory *d, const char *account, bool ready)
{
    pthread_mutex_lock(&d->lock);
    struct entry *e = find(d, account);
    if (e && !ready) {
        unready(d, e);
    } else if (e && !e->is_ready) {
        e->is_ready = true;
        DL_APPEND(d->ready, e);
        d->ready_n++;
    }
    pthread_mutex_unlock(&d->lock);
}

static struct call *get_call(struct directory *d, int64_t id)
{
    struct call *call = find_call(d, id);

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
    return call;
}

static struct known *find_known(struct call *call, const struct entry *e)
{
    struct known *k;

    DL_FOREACH2(call->known, k, call_next)
    if (k->account == e)
        return k;
    return NULL;
}

static int put_call(struct directory *d, int64_t id, struct entry *e, bool created)
{
    struct call *call = get_call(d, id);
    struct known *k = call ? find_known(call, e) : NULL;

    if (k) {
        k->created |= created;
        return 0;
    }
    k = call ? calloc(1, sizeof(*k)) : NULL;
    if (!k) {
        if (call && !call->known) {
            HASH_DEL(d->calls, call);
            free(call);
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
    struct entry *e = find(d, account);
    int err = e ? put_call(d, call, e, created) : TGC_EUNKNOWN;
    pthread_mutex_unlock(&d->lock);
    return err;
}

void directory_drop_call(struct directory *d, int64_t call, const char *account)
{
    pthread_mutex_lock(&d->lock);
    struct entry *e = find(d, account);
    struct call *known_call = find_call(d, call);
    struct known *k = e && known_call ? find_known(known_call, e) : NULL;
    if (k)
        forget(d, k);
    pthread_mutex_unlock(&d->lock);
}

/* --- what is asked --- */

static bool is_visible(const json_t *visible, const struct entry *e)
{
    size_t i;
    json_t *name;

    if (!visible)
        return true;
    json_array_foreach (visible, i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), e->name) == 0)
            return true;
    return false;
}

static bool pick(const struct entry *e, struct directory_pick *ret)
{
    if (!e)
        return false;
    memcpy(ret->account, e->name, sizeof(ret->account));
    ret->worker = e->worker;
    return true;
}

size_t directory_next_worker(struct directory *d)
{
    size_t best = 0;

    pthread_mutex_lock(&d->lock);
    for (size_t i = 1; i < d->workers_n; i++)
        if (d->accounts_of[i] < d->accounts_of[best])
            best = i;
    pthread_mutex_unlock(&d->lock);
    return best;
}

bool directory_find(struct directory *d, const char *account, const json_t *visible, struct directory_pick *ret)
{
    pthread_mutex_lock(&d->lock);
    struct entry *e = find(d, account);
    bool found = pick(e && is_visible(visible, e) ? e : NULL, ret);
    pthread_mutex_unlock(&d->lock);
    return found;
}

bool directory_find_call(struct directory *d, int64_t call, const json_t *visible, struct directory_pick *ret)
{
    const struct entry *created = NULL, *only = NULL;
    size_t n = 0;
    struct known *k;

    pthread_mutex_lock(&d->lock);
    struct call *known_call = find_call(d, call);
    if (known_call)
        DL_FOREACH2(known_call->known, k, call_next)
        {
            if (!is_visible(visible, k->account))
                continue;
            if (k->created && !created)
                created = k->account;
            only = k->account;
            n++;
        }
    bool found = pick(created ? created : n == 1 ? only : NULL, ret);
    pthread_mutex_unlock(&d->lock);
    return found;
}

/* By the few names of VISIBLE, so that it costs nothing what else there is. */
static const struct entry *only_of(struct directory *d, const json_t *visible, struct directory_census *census)
{
    const struct entry *ready = NULL, *any = NULL;
    size_t i;
    json_t *name;

    json_array_foreach (visible, i, name) {
        const struct entry *e = json_is_string(name) ? find(d, json_string_value(name)) : NULL;
        if (!e)
            continue;
        any = e;
        census->accounts++;
        if (e->is_ready) {
            ready = e;
            census->ready++;
        }
    }
    return census->ready == 1 ? ready : census->ready == 0 && census->accounts == 1 ? any : NULL;
}

static const struct entry *only(struct directory *d, struct directory_census *census)
{
    census->accounts = HASH_COUNT(d->accounts);
    census->ready = d->ready_n;
    return census->ready == 1 ? d->ready : census->ready == 0 && census->accounts == 1 ? d->accounts : NULL;
}

bool directory_find_only(struct directory *d, const json_t *visible, struct directory_pick *ret,
                         struct directory_census *ret_census)
{
    struct directory_census census = {0};

    pthread_mutex_lock(&d->lock);
    bool found = pick(visible ? only_of(d, visible, &census) : only(d, &census), ret);
    pthread_mutex_unlock(&d->lock);
    *ret_census = census;
    return found;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *directory_names(struct directory *d, const json_t *visible, size_t max)
{
    json_t *list = json_array();
    const char **names;
    struct entry *e;
    size_t n = 0;

    pthread_mutex_lock(&d->lock);
    names = malloc((HASH_COUNT(d->accounts) + 1) * sizeof(*names));
    for (e = names ? d->accounts : NULL; e; e = e->hh.next)
        if (is_visible(visible, e))
            names[n++] = e->name;
    if (names)
        qsort(names, n, sizeof(*names), by_name);
    for (size_t i = 0; i < n && i < max; i++)
        json_array_append_new(list, json_string(names[i]));
    pthread_mutex_unlock(&d->lock);
    if (!names) {
        json_decref(list);
        return NULL;
    }
    free(names);
    return list;
}
