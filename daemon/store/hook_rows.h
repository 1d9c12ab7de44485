/* Webhooks: what was asked for, and how far each has come in the event log. The address and the secrets are sealed. */
#ifndef TGCALLD_STORE_HOOK_ROWS_H
#define TGCALLD_STORE_HOOK_ROWS_H

#include "daemon/store/store.h"

enum { STORE_HOOK_AS_IT_IS = -1 };

/* How far it has come. */
struct store_hook_place {
    int64_t id;
    int64_t cursor; /* up to this event all is done */
    int64_t head;   /* the event that was tried and is not done; 0: none */
    int64_t tries;  /* of the head */
    int64_t due_us; /* of the head's next try; wall clock */
};

struct store_hook {
    const char *name;
    const char *url;
    const char *types;   /* with a blank between two; "": all */
    const char *account; /* "": any */
    const char *secrets; /* a text of whose making the store knows nothing */
    const char *reason;  /* why it is in its state, or NULL */
    int64_t state; /* a number of the caller's, from 0; of a put also STORE_HOOK_AS_IT_IS: that and the reason stay */
    int64_t created_at;
    struct store_hook_place place; /* its id is the hook's; of a put for a hook that is there all else is ignored */
    int64_t deliveries;            /* of a load: the number of the newest delivery, 0 for none */
};

/* Adds the hook, whose id is above any other. One that has its name goes: who adds one knows of none, so that it is one
 * that cannot be read. */
int store_add_hook(struct store_desk *d, const struct store_hook *hook, store_done_fn *done, void *ctx) TGC_MUST;
/* Adds the hook, or changes one with that id, but for its name, its account and its place. */
int store_put_hook(struct store_desk *d, const struct store_hook *hook, store_done_fn *done, void *ctx) TGC_MUST;
/* What is not there has no place, no state and no secrets. */
int store_put_hook_state(struct store_desk *d, int64_t id, int64_t state, const char *reason, store_done_fn *done,
                         void *ctx) TGC_MUST;
int store_put_hook_secrets(struct store_desk *d, int64_t id, const char *secrets, store_done_fn *done,
                           void *ctx) TGC_MUST;
int store_put_hook_places(struct store_desk *d, const struct store_hook_place *rows, size_t n, store_done_fn *done,
                          void *ctx) TGC_MUST;
/* Nobody reads it any more, nor its deliveries, which are removed in pieces between what is asked for later. */
int store_drop_hook(struct store_desk *d, int64_t id, store_done_fn *done, void *ctx) TGC_MUST;

/* LIST lives as long as the call. DAMAGED: so many more cannot be read. LAST_ID: the highest of all, 0 for none. */
typedef void store_hooks_fn(void *ctx, int err, const char *why, const struct store_hook *list, size_t n,
                            size_t damaged, int64_t last_id);
int store_load_hooks(struct store_desk *d, store_hooks_fn *loaded, void *ctx) TGC_MUST;

#endif
