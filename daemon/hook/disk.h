/* Waiting for the store, by who may: a desk for one caller, for as long as his question takes. */
#ifndef TGCALLD_HOOK_DISK_H
#define TGCALLD_HOOK_DISK_H

#include <pthread.h>
#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/store/store.h"

struct hook_disk {
    struct store_desk *desk;
    pthread_mutex_t lock;
    pthread_cond_t came;
    bool is_woken, is_answered;
    struct fault fault; /* of what was answered */
};

int hook_disk_open(struct store *store, struct hook_disk *ret, struct fault *fault) TGC_MUST;
void hook_disk_close(struct hook_disk *d);
/* For a put: its DONE, with the disk as its CTX; a load's own function calls it. */
void hook_disk_done(void *disk, int err, const char *why);
/* ACCEPTED is what the put or load returned. Waits for its answer, and returns that. */
int hook_disk_await(struct hook_disk *d, int accepted, struct fault *fault) TGC_MUST;

#endif
