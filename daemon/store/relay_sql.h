/* The table through which nodes pass on what they are asked, tgcalld_job, as statements. A row is one request: made by
 * who was asked, carried out by who has what it is about, and removed by who was asked. Accounts fall into shares, by
 * their ids; share N is had under lease N + 1, and lease 0 is the lead's: what is about no account, or about one that
 * is not there. It is UNLOGGED: a queue; what must
 * last is in the store. PostgreSQL's alone; the tables of cluster_sql.h are there. */
#ifndef TGCALLD_STORE_RELAY_SQL_H
#define TGCALLD_STORE_RELAY_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/store/db.h"
#include "daemon/store/relay_route.h"

enum relay_state {
    RELAY_WAITING,
    RELAY_TAKEN,
    RELAY_ANSWERED,    /* without bytes: it was carried out, and the answer is lost */
    RELAY_UNREAD,      /* who took it cannot open it: nothing was done */
    RELAY_MARK,        /* no request: as long as it is there the table lost nothing */
    RELAY_WAITING_FOR, /* for one certain node, and so in no state in which a node of an older version takes it */
};

struct relay_row {
    int64_t id, asker, taker;
    int64_t left_us; /* of its time */
    int64_t lease;   /* of one that was taken: whose holder it waited for */
    int64_t node;    /* that alone may take it, whatever it holds; 0: any */
    enum relay_state state;
    bool may_repeat;
    bool was_taken;                  /* of one that was withdrawn: by a node that is no more, before it waited again */
    const struct relay_route *route; /* of one that is put */
    const uint8_t *bytes;            /* sealed: the request, or the answer; NULL: none */
    size_t len;
};
/* ROW is borrowed for the call. */
typedef void relay_row_fn(void *ctx, const struct relay_row *row);

/* For each connection: the table is there, and what is told of answers to NODE is heard. */
int relay_sql_prepare(struct db *db, int64_t node, struct fault *fault) TGC_MUST;
/* NODE's mark is in the table. */
int relay_sql_mark(struct db *db, int64_t node, struct fault *fault) TGC_MUST;
/* What is told of new requests is heard, or not. */
int relay_sql_listen(struct db *db, bool is_on, struct fault *fault) TGC_MUST;
/* This connection's name, for relay_sql_end(). */
struct relay_session {
    int64_t pid, since_us;
};
int relay_sql_session(struct db *db, struct relay_session *ret, struct fault *fault) TGC_MUST;
/* The server is done with a connection that was lost: what it had in hand is written, or never will be. TGC_EAWAY: not
 * yet. */
int relay_sql_end(struct db *db, const struct relay_session *session, struct fault *fault) TGC_MUST;
/* The node goes on under another id. */
int relay_sql_rename(struct db *db, int64_t from, int64_t to, struct fault *fault) TGC_MUST;
/* The node leaves. */
int relay_sql_leave(struct db *db, int64_t node, struct fault *fault) TGC_MUST;

/* --- in a transaction, without waiting --- IDS are texts of numbers with commas between. */

/* Its lease is worked out from its route. One that is there already stays as it is. */
int relay_sql_put(struct db *db, const struct relay_row *row, struct fault *fault) TGC_MUST;
int relay_sql_tell_holder(struct db *db, struct fault *fault) TGC_MUST;
/* As ROW->taker, with state RELAY_ANSWERED or RELAY_UNREAD. A row that a crash of the server took is there again. */
int relay_sql_answer(struct db *db, const struct relay_row *row, struct fault *fault) TGC_MUST;
int relay_sql_tell_asker(struct db *db, int64_t asker, struct fault *fault) TGC_MUST;
/* What NODE has taken waits again. */
int relay_sql_give_back(struct db *db, int64_t node, const char *ids, struct fault *fault) TGC_MUST;
/* NODE, which asked, has its answers. */
int relay_sql_drop(struct db *db, int64_t node, const char *ids, struct fault *fault) TGC_MUST;

/* --- outside of one --- */

/* Of rows that are read no more come together than those up to which these bytes are not reached: one at least. */
#define RELAY_SQL_BYTES (INT64_C(8) << 20)

/* NODE takes at most LIMIT of those that wait for who has one of LEASES, a bit each, or for itself. */
int relay_sql_take(struct db *db, int64_t node, uint64_t leases, size_t limit, relay_row_fn *fn, void *ctx,
                   struct fault *fault) TGC_MUST;
/* The answers to NODE, which stay. */
int relay_sql_fetch(struct db *db, int64_t node, size_t limit, relay_row_fn *fn, void *ctx,
                    struct fault *fault) TGC_MUST;
/* Removes these of NODE's, and tells how they stood. */
int relay_sql_withdraw(struct db *db, int64_t node, const char *ids, relay_row_fn *fn, void *ctx,
                       struct fault *fault) TGC_MUST;
/* Of what NODE asked, and a node took that is no more: what may be repeated waits again; the rest is removed and told,
 * and so is, as waiting, what is for one node that does not live. */
int relay_sql_mend(struct db *db, int64_t node, relay_row_fn *fn, void *ctx, struct fault *fault) TGC_MUST;
/* All that NODE asked, its mark among them. */
int relay_sql_look(struct db *db, int64_t node, relay_row_fn *fn, void *ctx, struct fault *fault) TGC_MUST;
/* What NODE has taken, but for IDS, waits again: it does not know of it. */
int relay_sql_forget(struct db *db, int64_t node, const char *ids, struct fault *fault) TGC_MUST;
/* Removes what nobody waits for: whose time is long over, or whose asker is no more for LEASE_US. */
int relay_sql_sweep(struct db *db, int64_t lease_us, struct fault *fault) TGC_MUST;
/* Makes room of what was removed. */
int relay_sql_vacuum(struct db *db, struct fault *fault) TGC_MUST;

#endif
