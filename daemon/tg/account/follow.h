/* The account follows its updates: they go through its update engine (tg/updates/engine.h), and what that lacks is
 * asked for. The account's thread. */
#ifndef TGCALLD_TG_FOLLOW_H
#define TGCALLD_TG_FOLLOW_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/tl/model.h"

struct tg_account;
struct tg_learnt;
struct tg_request;

int follow_new(struct tg_account *a) TGC_MUST;
void follow_free(struct tg_account *a);

/* What Telegram said by itself; learnt from already. */
void follow_update(struct tg_account *a, const uint8_t *data, size_t len, const struct tg_learnt *learnt);
/* What it said that cannot be read. */
void follow_unread(struct tg_account *a);
/* The updates within the answer to R; learnt from already. */
void follow_answer(struct tg_account *a, const struct tg_request *r, const uint8_t *data, size_t len,
                   const struct tg_learnt *learnt);
/* The account's timer. */
void follow_tick(struct tg_account *a);

#endif
