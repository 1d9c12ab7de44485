/* What was asked for and found, or not: usernames, phones, invites and ids, as a table with an age. Whoever is not
 * found is remembered too, for a little while. Belongs to the account's thread. */
#ifndef TGCALLD_TG_NAMES_H
#define TGCALLD_TG_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"

struct tg_name {
    bool missed; /* nobody has it */
    bool listed; /* the peer itself shows it among its names */
    enum peer_kind kind;
    int64_t id;
    int64_t learnt_us; /* monotonic */
    uint64_t mark;     /* see tg_known_mark() */
};

struct tg_names;

int tg_names_new(struct tg_names **ret) TGC_MUST;
void tg_names_free(struct tg_names *n);
void tg_names_clear(struct tg_names *n);

/* Borrowed until the next put; NULL. It counts as used. */
const struct tg_name *tg_names_find(struct tg_names *n, const struct peer_text *asked);
/* Past LIMIT_NAMES the longest unused goes. */
int tg_names_put(struct tg_names *n, const struct peer_text *asked, const struct tg_name *name) TGC_MUST;
void tg_names_drop(struct tg_names *n, const struct peer_text *asked);

#endif
