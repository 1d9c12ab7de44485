/* What the thread keeps between its rounds (thread.c), and deliveries, each of one webhook's tries (deliver.c). The
 * thread's, under the webhooks' lock. */
#ifndef TGCALLD_HOOK_THREAD_INTERNAL_H
#define TGCALLD_HOOK_THREAD_INTERNAL_H

#include "daemon/hook/feed.h"
#include "daemon/hook/hooks_internal.h"
#include "daemon/hook/keep.h"
#include "daemon/hook/send.h"

struct hook_thread {
    struct hooks *hooks;
    pthread_t thread;
    atomic_bool is_stopping;
    struct hook_sender *sender;
    struct store_desk *desk;
    struct hook_keep *keep;
    size_t turn; /* where the next round begins, so that all have their turn */
    unsigned sending, sending_troubled;
    size_t forgotten_n; /* of the hooks', that were looked at */
    int64_t next_us;    /* of a round: when the first of all wants another; monotonic */
    int64_t shown_pending, shown_oldest;
};

/* --- thread.c --- */
/* A round is wanted by then. */
void hook_thread_want_by(struct hook_thread *t, int64_t at_us);

/* --- deliver.c --- */
/* Begins what can begin for HOOK. */
void hook_deliver_look(struct hook_thread *t, struct hook *hook, int64_t now_us);
/* What came of the tries that have ended. */
void hook_deliver_end(struct hook_thread *t);
/* The try under way counts no more among those that have a place. */
void hook_deliver_give_place_back(struct hook_thread *t, struct hook_feed *f);

#endif
