/* One create at a time in a chat of an account: on Telegram a second one would end the first one's call. Waiters go in
 * the order of their coming. The account's thread. */
#ifndef TGCALLD_TG_CHAT_LOCK_H
#define TGCALLD_TG_CHAT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"

struct chat_waiter;

/* Of one account; all zero at first. */
struct chat_locks {
    struct chat_lock *held;    /* uthash */
    struct chat_waiter *ready; /* granted, and to be told when the stack has come back */
    bool telling;
};

struct chat_waiter {
    void (*granted)(void *ctx); /* may be called from inside chat_lock_take() */
    void *ctx;
    struct chat_waiter *next;
};

/* GRANTED is called when the chat is ours, in place or later; the waiter lives in the caller's own memory until then.
 */
int chat_lock_take(struct chat_locks *locks, enum peer_kind kind, int64_t id, struct chat_waiter *waiter) TGC_MUST;
/* Whether a taker would have to wait. */
bool chat_lock_is_held(struct chat_locks *locks, enum peer_kind kind, int64_t id);
/* The waiter goes out of the line: its GRANTED is not called. */
void chat_lock_leave(struct chat_locks *locks, enum peer_kind kind, int64_t id, struct chat_waiter *waiter);
/* Gives it to the next in line, whose GRANTED is called before the outermost give or take returns: a thousand waiters
 * do not nest. */
void chat_lock_give(struct chat_locks *locks, enum peer_kind kind, int64_t id);
/* All of them; nobody is told. */
void chat_locks_fini(struct chat_locks *locks);

#endif
