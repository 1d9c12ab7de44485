#include "daemon/tg/call/chat_lock.h"

#include <stdlib.h>

#include "daemon/base/table.h"

struct lock_key {
    int64_t kind, id; /* no padding */
};

struct chat_lock {
    struct lock_key key;
    struct chat_waiter *waiters;
    UT_hash_handle hh;
};

static struct chat_lock *find(struct chat_locks *locks, enum peer_kind kind, int64_t id)
{
    struct lock_key key = {kind, id};
    struct chat_lock *lock;

    HASH_FIND(hh, locks->held, &key, sizeof(key), lock);
    return lock;
}

static void tell(struct chat_locks *locks, struct chat_waiter *waiter)
{
    waiter->next = NULL;
    LL_APPEND(locks->ready, waiter);
    if (locks->telling)
        return;
    locks->telling = true;
    while (locks->ready) {
        struct chat_waiter *next = locks->ready;
        LL_DELETE(locks->ready, next);
        next->granted(next->ctx);
    }
    locks->telling = false;
}

int chat_lock_take(struct chat_locks *locks, enum peer_kind kind, int64_t id, struct chat_waiter *waiter)
{
    struct chat_lock *lock = find(locks, kind, id);

    if (lock) {
        waiter->next = NULL;
        LL_APPEND(lock->waiters, waiter);
        return 0;
    }
    lock = calloc(1, sizeof(*lock));
    if (!lock)
        return TGC_ENOMEM;
    lock->key = (struct lock_key){kind, id};
    HASH_ADD(hh, locks->held, key, sizeof(lock->key), lock);
    if (!lock->hh.tbl) {
        free(lock);
        return TGC_ENOMEM;
    }
    tell(locks, waiter);
    return 0;
}

bool chat_lock_is_held(struct chat_locks *locks, enum peer_kind kind, int64_t id)
{
    return find(locks, kind, id) != NULL;
}

void chat_lock_leave(struct chat_locks *locks, enum peer_kind kind, int64_t id, struct chat_waiter *waiter)
{
    struct chat_lock *lock = find(locks, kind, id);

    if (lock)
        LL_DELETE(lock->waiters, waiter);
}

void chat_lock_give(struct chat_locks *locks, enum peer_kind kind, int64_t id)
{
    struct chat_lock *lock = find(locks, kind, id);

    if (!lock)
        return;
    if (lock->waiters) {
        struct chat_waiter *next = lock->waiters;
        LL_DELETE(lock->waiters, next);
        tell(locks, next);
        return;
    }
    HASH_DEL(locks->held, lock);
    free(lock);
}

void chat_locks_fini(struct chat_locks *locks)
{
    struct chat_lock *lock, *next;

    HASH_ITER (hh, locks->held, lock, next) {
        HASH_DEL(locks->held, lock);
        free(lock);
    }
}
