/* The creates of an account that were sent and whose fate is not known: the last in each chat. Until it is, the next
 * create there goes out with the same random_id, so that Telegram makes one call of both, whichever it runs first. */
#ifndef TGCALLD_TG_UNSETTLED_H
#define TGCALLD_TG_UNSETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/table.h"

struct tg_unsettled {
    struct {
        int64_t kind, id; /* no padding */
    } chat;
    int64_t user_id; /* who asked: nothing of it concerns another user */
    int32_t random_id;
    unsigned open;    /* requests with this random_id that may still be answered */
    int64_t until_us; /* none is: when the last of them is taken for dead for good */
    bool crossed;     /* another create was sent in the chat since */
    UT_hash_handle hh;
};

/* Of one account; all zero at first. */
struct tg_unsettled_table {
    struct tg_unsettled *by_chat; /* uthash, the longest unchanged first */
};

/* NULL where the chat has none. NOW is monotonic. */
struct tg_unsettled *tg_unsettled_find(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                       int64_t now_us);
/* One more request of this random_id has become unknown; another random_id's takes the place of what was there. Past
 * LIMIT_UNSETTLED the oldest goes. NULL: no memory. */
struct tg_unsettled *tg_unsettled_put(struct tg_unsettled_table *t, enum peer_kind kind, int64_t id, int64_t user_id,
                                      int32_t random_id);
/* One of its requests did not happen, or (LOST) nobody will know. Where none is left it goes, at once or after a while:
 * what was lost may still run. */
void tg_unsettled_close(struct tg_unsettled_table *t, struct tg_unsettled *u, bool lost, int64_t now_us);
/* Its fate is known. */
void tg_unsettled_drop(struct tg_unsettled_table *t, struct tg_unsettled *u);
/* In the order of their coming; NULL starts. */
struct tg_unsettled *tg_unsettled_next(struct tg_unsettled_table *t, struct tg_unsettled *after);
void tg_unsettled_fini(struct tg_unsettled_table *t);

#endif
