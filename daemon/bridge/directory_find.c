/* What is asked. */
#include <stdlib.h>
#include <string.h>

#include "daemon/bridge/directory_internal.h"

bool directory_is_visible(const char *account, const json_t *visible)
{
    size_t i;
    json_t *name;

    if (!visible)
        return true;
    json_array_foreach (visible, i, name)
        if (json_is_string(name) && strcmp(json_string_value(name), account) == 0)
            return true;
    return false;
}

static bool is_visible(const json_t *visible, const struct directory_account *e)
{
    return directory_is_visible(e->name, visible);
}

static bool pick(const struct directory_account *e, struct directory_pick *ret)
{
    if (!e)
        return false;
    memcpy(ret->account, e->name, sizeof(ret->account));
    ret->worker = e->worker;
    return true;
}

bool directory_pick_account(const struct directory_account *e, const json_t *visible, struct directory_pick *ret)
{
    return pick(e && is_visible(visible, e) ? e : NULL, ret);
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
    struct directory_account *e = directory_account(d, account);
    bool found = directory_pick_account(e, visible, ret);
    pthread_mutex_unlock(&d->lock);
    return found;
}

bool directory_find_call(struct directory *d, int64_t call, const json_t *visible, struct directory_pick *ret)
{
    const struct directory_account *created = NULL, *only = NULL;
    size_t n = 0;
    struct directory_known *k;

    pthread_mutex_lock(&d->lock);
    struct directory_call *known_call = directory_call(d, call);
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

void directory_count_calls(struct directory *d, size_t ret[static DIRECTORY_PHASES])
{
    pthread_mutex_lock(&d->lock);
    memcpy(ret, d->calls_in, sizeof(d->calls_in));
    pthread_mutex_unlock(&d->lock);
}

bool directory_find_key(struct directory *d, uint64_t id, const json_t *visible, struct directory_pick *ret)
{
    pthread_mutex_lock(&d->lock);
    struct directory_key *key = directory_key(d, id);
    bool found = pick(key && is_visible(visible, key->account) ? key->account : NULL, ret);
    pthread_mutex_unlock(&d->lock);
    return found;
}

/* By the few names of VISIBLE, so that it costs nothing what else there is. */
static const struct directory_account *only_of(struct directory *d, const json_t *visible,
                                               struct directory_census *census)
{
    const struct directory_account *ready = NULL, *any = NULL;
    size_t i;
    json_t *name;

    json_array_foreach (visible, i, name) {
        const struct directory_account *e = json_is_string(name) ? directory_account(d, json_string_value(name)) : NULL;
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

static const struct directory_account *only(struct directory *d, struct directory_census *census)
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

json_t *directory_names(struct directory *d, const json_t *visible, bool ready_only, size_t max)
{
    json_t *list = json_array();
    const char **names;
    struct directory_account *e;
    size_t n = 0;

    pthread_mutex_lock(&d->lock);
    names = malloc((HASH_COUNT(d->accounts) + 1) * sizeof(*names));
    for (e = names ? d->accounts : NULL; e; e = e->hh.next)
        if (is_visible(visible, e) && (e->is_ready || !ready_only))
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
