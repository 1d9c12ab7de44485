/* Which worker has an intent. */
#include <stdlib.h>
#include <string.h>

#include "daemon/bridge/directory_internal.h"

static struct directory_intent *find(struct directory *d, const uint8_t *name)
{
    struct directory_intent *i;

    HASH_FIND(hh, d->intents, name, DIRECTORY_INTENT, i);
    return i;
}

int directory_claim_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT], size_t *worker)
{
    int err = 0;

    pthread_mutex_lock(&d->lock);
    struct directory_intent *i = find(d, name);
    if (i) {
        *worker = i->worker;
    } else if (!(i = malloc(sizeof(*i)))) {
        err = TGC_ENOMEM;
    } else {
        memcpy(i->name, name, DIRECTORY_INTENT);
        i->worker = *worker;
        HASH_ADD(hh, d->intents, name, DIRECTORY_INTENT, i);
        if (!i->hh.tbl) {
            free(i);
            err = TGC_ENOMEM;
        }
    }
    pthread_mutex_unlock(&d->lock);
    return err;
}

bool directory_find_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT], size_t *ret_worker)
{
    pthread_mutex_lock(&d->lock);
    struct directory_intent *i = find(d, name);
    if (i)
        *ret_worker = i->worker;
    pthread_mutex_unlock(&d->lock);
    return i != NULL;
}

void directory_drop_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT])
{
    pthread_mutex_lock(&d->lock);
    struct directory_intent *i = find(d, name);
    if (i) {
        HASH_DEL(d->intents, i);
        free(i);
    }
    pthread_mutex_unlock(&d->lock);
}

void directory_drop_intents(struct directory *d, size_t worker)
{
    struct directory_intent *i, *next;

    HASH_ITER (hh, d->intents, i, next) {
        if (worker != DIRECTORY_ALL_WORKERS && i->worker != worker)
            continue;
        HASH_DEL(d->intents, i);
        free(i);
    }
}
