/* What this node is asked and another has the accounts for, and what others are asked and this one has them for: a
 * thread and a connection of its own, which carry bytes between the nodes through the database (relay_sql.h), sealed on
 * the way. What they say is for others to know.
 *
 * Of what was asked it is always told what became of it, by its deadline, or as long afterwards as an answer of the
 * database is waited for. */
#ifndef TGCALLD_STORE_RELAY_LINK_H
#define TGCALLD_STORE_RELAY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/store/relay_route.h"

struct relay_link;

enum relay_fate {
    RELAY_HAS_ANSWER, /* the bytes */
    RELAY_NOT_TAKEN,  /* no node took it: nothing was done */
    RELAY_NOT_READ,   /* the node that took it could not open it: the same */
    RELAY_LOST,       /* a node took it, and what came of it is not known */
};

/* In place of a lease: for this node alone, whatever it holds. */
enum { RELAY_FOR_NODE = 63 };

/* On the link's thread. */
struct relay_calls {
    /* Each turn begins with it: now is the time for relay_link_ask(), relay_link_answer() and relay_link_return(). */
    void (*turn)(void *ctx);
    /* How many requests more may come in. */
    size_t (*room)(void *ctx);
    /* One came in, to be answered under ID within LEFT_US, or returned. LEASE: that it was taken by. */
    void (*take)(void *ctx, int64_t id, unsigned lease, int64_t left_us, const uint8_t *bytes, size_t len);
    /* What became of one that was asked. BYTES are secret, and borrowed. */
    void (*tell)(void *ctx, void *asked, enum relay_fate fate, const uint8_t *bytes, size_t len);
    /* The turn ends. */
    void (*turned)(void *ctx);
    /* This node's number among those of the cluster; 0: it has none yet, or no more. */
    int64_t (*node_id)(void *ctx);
    void *ctx;
};

struct relay_link_config {
    const char *url;      /* of the database; texts are copied */
    const char *key_path; /* the store's seal key */
    bool key_is_given;
    int64_t lease_us;
    const struct clock_source *clock; /* borrowed, as is RANDOM */
    const struct random_source *random;
    struct relay_calls calls;
};

/* Connects, and reads the key. Errors are db_open_server()'s and store_ring_load()'s. The cluster's tables are there
 * (cluster_link.h). */
int relay_link_new(const struct relay_link_config *config, struct relay_link **ret, struct fault *fault) TGC_MUST;
int relay_link_start(struct relay_link *l, struct fault *fault) TGC_MUST;
/* Any thread. */
void relay_link_wake(struct relay_link *l);
/* Requests of others come in from now on, or no more. Any thread. */
void relay_link_serve(struct relay_link *l, bool is_on);
/* What LEASE is of (relay_sql.h) is here, and what waits for it comes in while requests do; or it is not any more. None
 * is at first. Any thread. */
void relay_link_holds(struct relay_link *l, unsigned lease, bool is_on);
bool relay_link_has(struct relay_link *l, unsigned lease);
/* Ends the thread: what was asked and has no answer is withdrawn, and told what became of it. NULL is fine. */
void relay_link_free(struct relay_link *l);

/* --- on the link's thread --- */

struct relay_ask {
    void *asked;
    struct relay_route route;
    int64_t node; /* that alone may take it, and it is told as not taken where that one does not live; 0: any */
    int64_t deadline_us;
    bool may_repeat; /* another node may do it again where one died over it; not with a node */
    const uint8_t *bytes;
    size_t len;
};
/* Copies it. TGC_ENOMEM, TGC_ELIMIT: it is not asked, nor told of. */
int relay_link_ask(struct relay_link *l, const struct relay_ask *ask) TGC_MUST;
/* Copies it. Bytes without an answer (NULL): it could not be read. */
void relay_link_answer(struct relay_link *l, int64_t id, const uint8_t *bytes, size_t len);
/* It was carried out, and its answer cannot be passed on: who asked is told that it is lost. */
void relay_link_lose(struct relay_link *l, int64_t id);
/* Nothing was done about it: it is there for who has room. */
void relay_link_return(struct relay_link *l, int64_t id);
/* Why the database does not answer; NULL: it does. */
const char *relay_link_away(const struct relay_link *l);
/* Whether what came in, and was answered, is in the database. */
bool relay_link_is_empty(const struct relay_link *l);

#endif
