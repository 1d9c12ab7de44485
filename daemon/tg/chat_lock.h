/* One create at a time in a chat, of all accounts: on Telegram a second one would end the first one's call. Waiters go
 * in the order of their coming. The locks are shared by all workers; a seat is one worker's, and belongs to its thread.
 */
#ifndef TGCALLD_TG_CHAT_LOCK_H
#define TGCALLD_TG_CHAT_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/net/loop.h"

struct chat_locks;
struct chat_seat;

int chat_locks_new(struct chat_locks **ret) TGC_MUST;
/* When no seat is left. NULL is fine. */
void chat_locks_free(struct chat_locks *locks);

int chat_seat_new(struct chat_locks *locks, struct net_loop *loop, struct chat_seat **ret) TGC_MUST;
/* When nobody of it holds or waits. NULL is fine. */
void chat_seat_free(struct chat_seat *seat);

/* Lives in the caller's own memory until it was granted or has left. */
struct chat_waiter {
    void (*granted)(void *ctx); /* on the seat's thread; may be called from inside chat_lock_take() */
    void *ctx;
    const void *owner; /* the account: only compared */
    /* When granted: another owner acted in the chat since this one had it last, or somebody may at any time. What was
     * known of it may be over. */
    bool after_other;
    const void *before; /* whose word was the last until it was granted */

    enum { CHAT_WAITER_OUT, CHAT_WAITER_IN_LINE, CHAT_WAITER_POSTED, CHAT_WAITER_READY } place;
    struct chat_seat *seat;
    struct chat_waiter *next;
};

/* 0: the chat is ours, and GRANTED was called or is about to be; 1: in line; TGC_ENOMEM. */
int chat_lock_take(struct chat_seat *seat, enum peer_kind kind, int64_t id, struct chat_waiter *waiter) TGC_MUST;
/* The waiter that was not told yet goes out: its GRANTED is not called. */
void chat_lock_leave(struct chat_seat *seat, enum peer_kind kind, int64_t id, struct chat_waiter *waiter);
/* Gives it to the next in line. One of the same seat hears before the outermost give or take returns: a thousand
 * waiters do not nest. */
void chat_lock_give(struct chat_seat *seat, enum peer_kind kind, int64_t id);
/* Something was sent that acts in the chat, and whether and when is not known: until it is, nobody relies on what he
 * knew of the chat when he gets its lock. One END for each begin that returned true; false: there is no memory for it.
 */
bool chat_lock_doubt(struct chat_seat *seat, enum peer_kind kind, int64_t id);
void chat_lock_doubt_end(struct chat_seat *seat, enum peer_kind kind, int64_t id);
/* OWNER acted in the chat without its lock, or long after: all others hear of it when they have the lock next. */
void chat_lock_note(struct chat_seat *seat, enum peer_kind kind, int64_t id, const void *owner);

#endif
