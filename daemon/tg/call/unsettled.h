/* The creates of an account that were sent and whose fate is not known, all of those in each chat: any of them may
 * still run and end what another made, so that until the last is settled the chat is asked before it is believed. The
 * next create there goes out with the random_id of the youngest, so that Telegram makes one call of both, whichever it
 * runs first. */
#ifndef TGCALLD_TG_UNSETTLED_H
#define TGCALLD_TG_UNSETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"

struct tg_unsettled {
    enum peer_kind kind;
    int64_t id;
    int64_t user_id; /* who asked: nothing of it concerns another user */
    int32_t random_id;
    unsigned open;    /* requests with this random_id that may still be answered */
    int64_t until_us; /* none is: when the last of them is taken for dead for good */
    bool crossed;     /* another create was sent in the chat meanwhile */
    struct tg_unsettled *prev, *next;
};

/* Of one account; all zero at first. There are few, if any. */
struct tg_unsettled_table {
    struct tg_unsettled *list; /* utlist, the youngest first */
    unsigned n;
};

/* The youngest; NULL where the chat has none. NOW is monotonic. */
struct tg_unsettled *tg_unsettled_find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                       int64_t now_us);
/* The same of one random_id. */
struct tg_unsettled *tg_unsettled_find_id(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id,
                                          int64_t user_id, int32_t random_id, int64_t now_us);
/* One more request of this random_id has become unknown. Past LIMIT_UNSETTLED the oldest goes. NULL: no memory. */
struct tg_unsettled *tg_unsettled_put(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                      int32_t random_id, int64_t now_us);
/* A create of RANDOM_ID is sent in the chat: what is unsettled there and another is crossed. */
void tg_unsettled_cross(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int32_t random_id);
/* One of its requests did not happen, or (LOST) nobody will know. Where none is left it goes, at once or after a while:
 * what was lost may still run. */
void tg_unsettled_close(struct tg_unsettled_table *t, struct tg_unsettled *u, bool lost, int64_t now_us);
/* Its fate is known. */
void tg_unsettled_drop(struct tg_unsettled_table *t, struct tg_unsettled *u);
/* From the youngest on; NULL starts. */
struct tg_unsettled *tg_unsettled_next(struct tg_unsettled_table *t, struct tg_unsettled *after);
void tg_unsettled_fini(struct tg_unsettled_table *t);

#endif
