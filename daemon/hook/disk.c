#include "daemon/hook/disk.h"

static void wake(void *ctx)
{
    struct hook_disk *d = ctx;

    pthread_mutex_lock(&d->lock);
    d->is_woken = true;
    pthread_cond_signal(&d->came);
    pthread_mutex_unlock(&d->lock);
}

int hook_disk_open(struct store *store, struct hook_disk *ret, struct fault *fault)
{
    *ret = (struct hook_disk){.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};
    return store_desk_new(store, wake, ret, &ret->desk) ? fault_set(fault, TGC_ENOMEM, "out of memory") : 0;
}

void hook_disk_close(struct hook_disk *d)
{
    store_desk_free(d->desk);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->came);
}

void hook_disk_done(void *disk, int err, const char *why)
{
    struct hook_disk *d = disk;

    d->is_answered = true;
    fault_clear(&d->fault);
    if (err)
        fault_set(&d->fault, err == TGC_ENOMEM || err == TGC_EAWAY ? err : TGC_ESYSTEM, "the store cannot do it: %s",
                  why ? why : tgc_err_text(err));
}

int hook_disk_await(struct hook_disk *d, int accepted, struct fault *fault)
{
    if (accepted == TGC_ENOMEM)
        return fault_set(fault, TGC_ENOMEM, "out of memory");
    if (accepted)
        return fault_set(fault, TGC_ESYSTEM, "the disk does not keep up");
    d->is_answered = false;
    while (!d->is_answered) {
        pthread_mutex_lock(&d->lock);
        while (!d->is_woken)
            pthread_cond_wait(&d->came, &d->lock);
        d->is_woken = false;
        pthread_mutex_unlock(&d->lock);
        store_desk_run(d->desk);
    }
    return d->fault.err ? fault_set(fault, d->fault.err, "%s", d->fault.text) : 0;
}
