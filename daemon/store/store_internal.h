/* The store's inside, for the files of this room: the queue, and what an operation is made of. */
#ifndef TGCALLD_STORE_INTERNAL_H
#define TGCALLD_STORE_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/store/db.h"
#include "daemon/store/events_place.h"
#include "daemon/store/ring.h"
#include "daemon/store/store.h"

#define STORE_WHY_ALONE "Telegram ends a login whose key it sees at two places at once (AUTH_KEY_DUPLICATED)"

struct store_op;

struct store_list {
    struct store_op *first, **end;
};

/* store_take_over() as it waits for the store's thread. */
struct store_turn {
    pthread_cond_t over;
    struct fault *fault;
    int err;
    bool is_over;
};

/* Whether rows of webhooks that were deleted are still there: STUCK, and the disk refused the last try to remove them.
 */
enum store_sweep { STORE_SWEEP_NONE, STORE_SWEEP_ON, STORE_SWEEP_STUCK };

struct store {
    struct store_config config; /* its texts are copies */
    /* Of the thread, once it runs. */
    struct db *db;
    struct store_ring ring;
    int lineage_fd; /* what keeps its copies from being used beside it; -1 */
    bool is_failing;
    int64_t away_us;               /* since when the server does not answer; 0: it does */
    int64_t closing_us;            /* until when it is waited for, where the store closes; 0: it does not */
    _Atomic int64_t stop_us;       /* when the process is to have ended; 0: nothing is known of that. Any thread */
    size_t unkept;                 /* writes that came to nothing since, as the server did not answer */
    int64_t tried_us;              /* when it was last tried to have it back */
    char away_why[FAULT_TEXT_MAX]; /* what it said last, and the log was told */
    bool is_unsure;                /* there is a transaction that nothing is known of; its operations wait: */
    struct store_list unsure, settled;
    int told_failing;    /* what the meter says */
    atomic_bool is_away; /* what others are told of away_us */
    size_t peers_put;    /* since the oldest were last forgotten */
    struct store_events_place events;
    enum store_sweep sweep;
    struct fault unheard; /* the first failed write that nobody was told of */
    /* Under the lock. */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t came;
    struct store_list queue;
    size_t waiting; /* bytes of all operations that are not completed */
    bool is_closing;
    struct store_turn *turn; /* who waits for the database to become this process's; NULL */
};

struct store_desk {
    struct store *store;
    void (*wake)(void *ctx);
    void *ctx;
    /* Under the store's lock. */
    struct store_list done;
    size_t under_way; /* operations that are this desk's and not yet done */
    bool is_gone;     /* its caller freed it; it goes with its last operation */
};

/* What one kind of operation does. */
struct store_kind {
    /* On the store's thread. WRITES: within a transaction, which ends well only where all of its operations do; it may
     * be run again in another one. */
    int (*run)(struct store *s, struct store_op *op, struct fault *fault);
    /* On the desk's thread. */
    void (*complete)(struct store_op *op);
    void (*fini)(struct store_op *op); /* what RUN made; NULL for nothing */
    bool writes;
};

/* The beginning of every operation, which is one allocation of SIZE bytes, wiped when it goes. LENT: bytes of others
 * that it keeps there meanwhile. */
struct store_op {
    struct store_op *next;
    const struct store_kind *kind;
    struct store_desk *desk;
    size_t size, lent;
    int err;
    bool is_unsure; /* its transaction was sent, and nothing is known of it */
    char *why;      /* owned; NULL where memory was gone too */
};

/* Zeroed, with the head filled in; NULL where memory is gone. */
struct store_op *store_op_new(struct store_desk *d, const struct store_kind *kind, size_t size) TGC_MUST;
void store_op_free(struct store_op *op);
const char *store_op_why(const struct store_op *op);
/* Queues it. TGC_ELIMIT: too much is waiting, and OP was freed. */
int store_submit(struct store_op *op) TGC_MUST;

void store_list_init(struct store_list *l);
void store_list_add(struct store_list *l, struct store_op *op);
/* The first; NULL. */
struct store_op *store_list_take(struct store_list *l);

/* Runs the first operations of LIST, as many as make one transaction, or one that writes nothing: they leave LIST for
 * DONE with their errors. On the store's thread. */
void store_run(struct store *s, struct store_list *list, struct store_list *done);
/* store_take_over()'s part on the store's thread, outside of a transaction. */
int store_lead(struct store *s, struct fault *fault) TGC_MUST;
/* The meter says whether it can be written. */
void store_meter_failing(struct store *s);
/* The thread: until the store closes and its queue is empty. */
void *store_thread(void *store);

#endif
