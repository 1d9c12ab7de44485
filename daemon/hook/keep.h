/* What came of deliveries, on its way to the disk: gathered for a quarter of a second, then written together. After a
 * kill what was not written is delivered again, with the same ids. The thread's, but for what says
 * otherwise. */
#ifndef TGCALLD_HOOK_KEEP_H
#define TGCALLD_HOOK_KEEP_H

#include "daemon/hook/hooks_internal.h"
#include "daemon/store/delivery_rows.h"

struct hook_keep;

int hook_keep_new(struct hooks *h, struct store_desk *desk, struct hook_keep **ret) TGC_MUST;
/* What was gathered is written first. NULL is fine. */
void hook_keep_free(struct hook_keep *k);

/* Under the hooks' lock. ROW's error is copied. */
void hook_keep_try(struct hook_keep *k, const struct store_delivery *row);
/* The hook's place is another one, or its state where that is marked. What the disk refuses is written again. */
void hook_keep_place(struct hook_keep *k, struct hook *hook);
/* A secret of the hook's has ended. */
void hook_keep_secrets(struct hook_keep *k, struct hook *hook);
/* That event is to be sent again: whoever asks for a replay meanwhile hears what goes wrong. */
int hook_keep_again(struct hook_keep *k, const struct hook *hook, uint64_t id) TGC_MUST;
/* What was gathered is written now, before whatever the store is asked for next. Any thread. */
void hook_keep_flush(struct hook_keep *k);
/* When it wants to be turned, monotonic; INT64_MAX: never. */
int64_t hook_keep_due_us(const struct hook_keep *k);
/* Takes the lock. */
void hook_keep_turn(struct hook_keep *k);

#endif
