#include "daemon/tg/chat_lock.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/table.h"

struct lock_key {
    int64_t kind, id; /* no padding */
};

struct chat_lock {
    struct lock_key key;
    bool held;
    const void *owner; /* who has it or had it last, or acted last; the table itself: several did */
    unsigned doubts;
    struct chat_waiter *waiters;
    struct chat_lock *prev, *next; /* among those that are free, the oldest first */
    UT_hash_handle hh;
};

struct chat_locks {
    pthread_mutex_t mutex;
    struct chat_lock *all;
    struct chat_lock *free_ones; /* kept for who had them last */
    size_t free_n;
};

struct chat_seat {
    struct chat_locks *locks;
    struct net_wake *wake;
    struct chat_waiter *posted; /* granted by another thread; under the mutex */
    struct chat_waiter *ready;  /* granted, and to be told when the stack has come back */
    bool telling;
};

int chat_locks_new(struct chat_locks **ret)
{
    struct chat_locks *locks = calloc(1, sizeof(*locks));

    if (!locks)
        return TGC_ENOMEM;
    pthread_mutex_init(&locks->mutex, NULL); /* cannot fail with default attributes on Linux */
    *ret = locks;
    return 0;
}

void chat_locks_free(struct chat_locks *locks)
{
    struct chat_lock *lock, *next;

    if (!locks)
        return;
    HASH_ITER (hh, locks->all, lock, next) {
        HASH_DEL(locks->all, lock);
        free(lock);
    }
    pthread_mutex_destroy(&locks->mutex);
    free(locks);
}

static struct chat_lock *find(struct chat_locks *locks, enum peer_kind kind, int64_t id)
{
    struct lock_key key = {kind, id};
    struct chat_lock *lock;

    HASH_FIND(hh, locks->all, &key, sizeof(key), lock);
    return lock;
}

static struct chat_lock *find_or_add(struct chat_locks *locks, enum peer_kind kind, int64_t id)
{
    struct chat_lock *lock = find(locks, kind, id);

    if (lock)
        return lock;
    lock = calloc(1, sizeof(*lock));
    if (!lock)
        return NULL;
    lock->key = (struct lock_key){kind, id};
    HASH_ADD(hh, locks->all, key, sizeof(lock->key), lock);
    if (!lock->hh.tbl) {
        free(lock);
        return NULL;
    }
    DL_APPEND(locks->free_ones, lock);
    locks->free_n++;
    return lock;
}

/* --- telling who has it --- */

static void tell(struct chat_seat *seat, struct chat_waiter *waiter)
{
    waiter->place = CHAT_WAITER_READY;
    waiter->next = NULL;
    LL_APPEND(seat->ready, waiter);
    if (seat->telling)
        return;
    seat->telling = true;
    while (seat->ready) {
        struct chat_waiter *next = seat->ready;
        LL_DELETE(seat->ready, next);
        next->place = CHAT_WAITER_OUT;
        next->granted(next->ctx);
    }
    seat->telling = false;
}

static void on_wake(void *ctx)
{
    struct chat_seat *seat = ctx;
    struct chat_waiter *waiter;

    do {
        pthread_mutex_lock(&seat->locks->mutex);
        waiter = seat->posted;
        if (waiter)
            LL_DELETE(seat->posted, waiter);
        pthread_mutex_unlock(&seat->locks->mutex);
        if (waiter)
            tell(seat, waiter);
    } while (waiter);
}

int chat_seat_new(struct chat_locks *locks, struct net_loop *loop, struct chat_seat **ret)
{
    struct chat_seat *seat = calloc(1, sizeof(*seat));

    if (!seat)
        return TGC_ENOMEM;
    seat->locks = locks;
    int err = net_wake_new(loop, on_wake, seat, &seat->wake);
    if (err) {
        free(seat);
        return err;
    }
    *ret = seat;
    return 0;
}

void chat_seat_free(struct chat_seat *seat)
{
    if (!seat)
        return;
    net_wake_free(seat->wake);
    free(seat);
}

/* --- the line --- */

static void grant(struct chat_lock *lock, struct chat_waiter *waiter)
{
    waiter->before = lock->owner;
    waiter->after_other = lock->doubts || (lock->owner && lock->owner != waiter->owner);
    lock->owner = waiter->owner;
}

/* Those that are free are kept for who had them last, up to a number and those in doubt. */
static void trim(struct chat_locks *locks)
{
    struct chat_lock *oldest = locks->free_ones;

    if (locks->free_n <= LIMIT_CHAT_LOCKS)
        return;
    while (oldest && oldest->doubts)
        oldest = oldest->next;
    if (!oldest)
        return;
    DL_DELETE(locks->free_ones, oldest);
    locks->free_n--;
    HASH_DEL(locks->all, oldest);
    free(oldest);
}

static void let_go(struct chat_locks *locks, struct chat_lock *lock)
{
    lock->held = false;
    DL_APPEND(locks->free_ones, lock);
    locks->free_n++;
    trim(locks);
}

int chat_lock_take(struct chat_seat *seat, enum peer_kind kind, int64_t id, struct chat_waiter *waiter)
{
    struct chat_locks *locks = seat->locks;
    bool granted = false;

    waiter->seat = seat;
    waiter->next = NULL;
    pthread_mutex_lock(&locks->mutex);
    struct chat_lock *lock = find_or_add(locks, kind, id);
    if (lock && lock->held) {
        waiter->place = CHAT_WAITER_IN_LINE;
        LL_APPEND(lock->waiters, waiter);
    } else if (lock) {
        DL_DELETE(locks->free_ones, lock);
        locks->free_n--;
        lock->held = true;
        grant(lock, waiter);
        granted = true;
    }
    pthread_mutex_unlock(&locks->mutex);
    if (!lock)
        return TGC_ENOMEM;
    if (granted)
        tell(seat, waiter);
    return granted ? 0 : 1;
}

/* The next in line of SEAT's own, to be told; another seat's was sent for. */
static struct chat_waiter *pass_on(struct chat_seat *seat, struct chat_lock *lock)
{
    struct chat_waiter *next = lock->waiters;

    if (!next) {
        let_go(seat->locks, lock);
        return NULL;
    }
    LL_DELETE(lock->waiters, next);
    grant(lock, next);
    if (next->seat == seat)
        return next;
    next->place = CHAT_WAITER_POSTED;
    next->next = NULL;
    LL_APPEND(next->seat->posted, next);
    net_wake_signal(next->seat->wake);
    return NULL;
}

void chat_lock_give(struct chat_seat *seat, enum peer_kind kind, int64_t id)
{
    struct chat_waiter *next = NULL;

    pthread_mutex_lock(&seat->locks->mutex);
    struct chat_lock *lock = find(seat->locks, kind, id);
    if (lock && lock->held)
        next = pass_on(seat, lock);
    pthread_mutex_unlock(&seat->locks->mutex);
    if (next)
        tell(seat, next);
}

void chat_lock_leave(struct chat_seat *seat, enum peer_kind kind, int64_t id, struct chat_waiter *waiter)
{
    bool was_granted = true;

    pthread_mutex_lock(&seat->locks->mutex);
    struct chat_lock *lock = find(seat->locks, kind, id);
    switch (waiter->place) {
    case CHAT_WAITER_IN_LINE:
        was_granted = false;
        LL_DELETE(lock->waiters, waiter);
        break;
    case CHAT_WAITER_POSTED:
        LL_DELETE(seat->posted, waiter);
        break;
    case CHAT_WAITER_READY:
        LL_DELETE(seat->ready, waiter);
        break;
    case CHAT_WAITER_OUT:
        was_granted = false;
        break;
    }
    waiter->place = CHAT_WAITER_OUT;
    if (was_granted && lock->owner == waiter->owner) /* it never heard of what was before it */
        lock->owner = waiter->before;
    pthread_mutex_unlock(&seat->locks->mutex);
    if (was_granted)
        chat_lock_give(seat, kind, id);
}

bool chat_lock_doubt(struct chat_seat *seat, enum peer_kind kind, int64_t id)
{
    pthread_mutex_lock(&seat->locks->mutex);
    struct chat_lock *lock = find_or_add(seat->locks, kind, id);
    if (lock)
        lock->doubts++;
    trim(seat->locks);
    pthread_mutex_unlock(&seat->locks->mutex);
    return lock != NULL;
}

void chat_lock_doubt_end(struct chat_seat *seat, enum peer_kind kind, int64_t id)
{
    pthread_mutex_lock(&seat->locks->mutex);
    struct chat_lock *lock = find(seat->locks, kind, id);
    if (lock && lock->doubts)
        lock->doubts--;
    pthread_mutex_unlock(&seat->locks->mutex);
}

void chat_lock_note(struct chat_seat *seat, enum peer_kind kind, int64_t id, const void *owner)
{
    struct chat_locks *locks = seat->locks;

    pthread_mutex_lock(&locks->mutex);
    struct chat_lock *lock = find_or_add(locks, kind, id);
    if (lock) /* without memory the others are told by updates alone */
        lock->owner = lock->held && lock->owner != owner ? (const void *)locks : owner;
    trim(locks);
    pthread_mutex_unlock(&locks->mutex);
}
