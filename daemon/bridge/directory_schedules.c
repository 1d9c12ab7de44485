/* Whose account each schedule is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/bridge/directory_internal.h"

static struct directory_schedule *find(struct directory *d, const char *name)
{
    struct directory_schedule *s;

    HASH_FIND_STR(d->schedules, name, s);
    return s;
}

static void drop(struct directory *d, struct directory_schedule *s)
{
    DL_DELETE(s->account->schedules, s);
    HASH_DEL(d->schedules, s);
    free(s);
}

void directory_drop_schedules(struct directory *d, struct directory_account *e)
{
    while (e->schedules)
        drop(d, e->schedules);
}

static int put(struct directory *d, const char *name, struct directory_account *e)
{
    if (find(d, name))
        return TGC_EEXIST;
    if (HASH_COUNT(d->schedules) >= LIMIT_SCHEDULES || strlen(name) >= DIRECTORY_NAME_MAX)
        return TGC_ELIMIT;
    struct directory_schedule *s = calloc(1, sizeof(*s));
    if (!s)
        return TGC_ENOMEM;
    snprintf(s->name, sizeof(s->name), "%s", name);
    HASH_ADD_STR(d->schedules, name, s);
    if (!s->hh.tbl) {
        free(s);
        return TGC_ENOMEM;
    }
    s->account = e;
    DL_APPEND(e->schedules, s);
    return 0;
}

int directory_put_schedule(struct directory *d, const char *name, const char *account)
{
    pthread_mutex_lock(&d->lock);
    struct directory_account *e = directory_account(d, account);
    int err = e ? put(d, name, e) : TGC_EUNKNOWN;
    pthread_mutex_unlock(&d->lock);
    return err;
}

void directory_drop_schedule(struct directory *d, const char *name, const char *account)
{
    pthread_mutex_lock(&d->lock);
    struct directory_schedule *s = find(d, name);
    if (s && strcmp(s->account->name, account) == 0)
        drop(d, s);
    pthread_mutex_unlock(&d->lock);
}

bool directory_find_schedule(struct directory *d, const char *name, const json_t *visible, struct directory_pick *ret)
{
    pthread_mutex_lock(&d->lock);
    struct directory_schedule *s = find(d, name);
    bool found = directory_pick_account(s ? s->account : NULL, visible, ret);
    pthread_mutex_unlock(&d->lock);
    return found;
}

size_t directory_count_schedules(struct directory *d, const char *account)
{
    size_t n = 0;

    pthread_mutex_lock(&d->lock);
    const struct directory_account *e = directory_account(d, account);
    const struct directory_schedule *s;
    if (e)
        DL_COUNT(e->schedules, s, n);
    pthread_mutex_unlock(&d->lock);
    return n;
}
