/* The link's parts: what was asked here (relay_asks.c), what was taken (relay_takes.c), and the thread (relay_link.c),
 * whose all of it is. */
#ifndef TGCALLD_STORE_RELAY_LINK_INTERNAL_H
#define TGCALLD_STORE_RELAY_LINK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/store/relay_link.h"
#include "daemon/store/relay_seal.h"
#include "daemon/store/relay_sql.h"

/* Of one round trip. */
enum { RELAY_BATCH = 200, RELAY_BATCH_BYTES = 8 << 20 };

enum relay_ask_state {
    ASK_QUEUED, /* not in the database */
    ASK_UNSURE, /* the server did not say that it was written */
    ASK_PUT,
};

struct relay_asked {
    int64_t id;
    void *asked;
    struct relay_route route; /* NAME and VISIBLE are those below */
    char name[64], *visible;
    int64_t node, deadline_us;
    bool may_repeat, is_seen;
    bool may_be_done; /* a row of it that is no more may have been carried out */
    enum relay_ask_state state;
    struct buf sealed; /* kept for as long as it may have to be put again */
    struct relay_asked *prev, *next;
    UT_hash_handle hh;
};

struct relay_taken {
    int64_t id, asker, until_us;
    bool is_answered, is_returned;
    bool is_lost;      /* it was carried out, and there is no answer to be had */
    struct buf sealed; /* the answer; empty: it could not be read */
    struct relay_taken *prev, *next;
    UT_hash_handle hh;
};

struct relay_link {
    struct relay_link_config config;
    struct relay_seal seal;
    struct db *db;
    struct relay_session session;
    int64_t node; /* under which the rows are; 0: none yet */
    int woken;    /* eventfd */
    pthread_t thread;
    bool has_started;
    atomic_bool serves, is_ending;
    atomic_uint_least64_t leases; /* a bit each */
    atomic_bool has_gained;       /* a lease, since it was looked for what waits */
    bool is_away, is_listening;
    bool wants_take, wants_fetch; /* there may be some */
    int64_t again_us;             /* away: when it is tried next */
    int64_t look_us, sweep_us, rest_us;
    char why[FAULT_TEXT_MAX];
    struct buf opened; /* secret */
    /* Asked here: by id, and in the order of their coming, those that are queued at the front of a list of their own.
     */
    struct relay_asked *asks, *queued, *put;
    size_t put_n;
    int64_t next_deadline_us;
    struct buf dropped; /* ids whose answers were taken: their rows can go */
    /* Taken: by id, those under way, and those whose answer is to be written. */
    struct relay_taken *takes, *done;
    size_t sent_n; /* of DONE, in the transaction under way */
    bool has_returned;
    size_t taken_n;    /* since the table was vacuumed */
    size_t read_bytes; /* of the rows that came together last */
};

static inline int64_t relay_now(const struct relay_link *l)
{
    return clock_mono_us(l->config.clock);
}

/* Adds ID to a text of ids. */
void relay_add_id(struct buf *ids, int64_t id);

/* --- relay_asks.c --- */

/* What is to be put and dropped, as far as one batch goes, within a transaction; then what became of that. */
int relay_asks_send(struct relay_link *l, struct fault *fault) TGC_MUST;
void relay_asks_sent(struct relay_link *l, bool is_sure);
bool relay_asks_has_more(const struct relay_link *l);
/* What was answered goes, where no batch has to. */
int relay_asks_drop(struct relay_link *l, struct fault *fault) TGC_MUST;
/* The answers that there are. */
int relay_asks_fetch(struct relay_link *l, struct fault *fault) TGC_MUST;
/* Takes that died. */
int relay_asks_mend(struct relay_link *l, struct fault *fault) TGC_MUST;
/* After a connection was lost: what of them is in the database. */
int relay_asks_look(struct relay_link *l, struct fault *fault) TGC_MUST;
/* Those whose time is over, or ALL, are withdrawn, or told that it cannot be known. */
int relay_asks_expire(struct relay_link *l, bool all, struct fault *fault) TGC_MUST;

/* --- relay_takes.c --- */

int relay_takes_take(struct relay_link *l, bool *ret_more, struct fault *fault) TGC_MUST;
/* As with what was asked. */
int relay_takes_send(struct relay_link *l, struct fault *fault) TGC_MUST;
void relay_takes_sent(struct relay_link *l);
bool relay_takes_has_more(const struct relay_link *l);
/* After a connection was lost: what was taken with it goes back. */
int relay_takes_look(struct relay_link *l, struct fault *fault) TGC_MUST;
void relay_takes_free(struct relay_link *l);

#endif
