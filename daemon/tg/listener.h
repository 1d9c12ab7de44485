/* Who hears every change of what an account is and knows: one for all accounts of a worker. Called on the worker's
 * thread, after the change, from inside whatever brought it: it looks and notes, and asks for nothing. */
#ifndef TGCALLD_TG_LISTENER_H
#define TGCALLD_TG_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

struct tg_account;

/* Members may be NULL. */
struct tg_listener {
    /* Its state, its reason or its user. */
    void (*account_changed)(void *ctx, struct tg_account *account);
    /* It knows the group call CALL; CREATED: by its own request. May come again. */
    void (*call_known)(void *ctx, struct tg_account *account, int64_t call, bool created);
    void (*call_forgotten)(void *ctx, struct tg_account *account, int64_t call);
    void *ctx;
};

#endif
