/* What outlives the process: accounts, their keys and what they know, in one database, a file or a PostgreSQL server's,
 * with one thread of its own.
 *
 * Nobody waits for the disk or the network. A put copies what it is given, into a queue, and returns; the store's
 * thread writes what has gathered in one transaction, and says so by a completion on the caller's own thread. While a
 * server does not answer, what came waits for it for STORE_PATIENCE_US; then it fails, as on a full disk. The rows of
 * each theme are in account_rows.h, key_rows.h, token_rows.h and their kin; upkeep.h has backup and rotation of the
 * seal key.
 *
 * All that is written is on the disk when its completion says 0 (WAL, synchronous=FULL). */
#ifndef TGCALLD_STORE_STORE_H
#define TGCALLD_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"

struct store;
struct store_desk;
struct meter;

struct store_config {
    const char *url;         /* of a PostgreSQL database (base/database_url.h), secret; NULL: a file is used */
    int64_t node;            /* the server's database is that of a cluster's nodes, of which this process is the one
                                with that id, and writes it beside the others; 0: it is this process's alone */
    bool is_led;             /* another node leads, until store_take_over(): what is the cluster's as a whole, as what
                                changes tables and removes what is over, is not done here */
    const char *path;        /* the database's file; its folder exists. Of a server: what people are told of it */
    const char *left_path;   /* of a server: where a file would be, which may have been used before; NULL */
    const char *key_path;    /* the seal key's file; KEY_PATH.next is the next one while keys are changed */
    bool key_is_given;       /* the key's files are only read; else a key is made where there is neither key nor
                                database */
    const char *environment; /* "production", …: the database belongs to it for good. NULL: to whichever it is, and
                                then it must be there, as a key must */
    const uint8_t *fingerprint; /* of the environment's keys: so it does to these */
    size_t fingerprint_len;     /* 1..64 */
    const char *place;          /* "MACHINE PATH": where a file is used, to tell copies from what they were made of;
                                   NULL: it is not used, only kept, or a server's */
    int64_t events_keep;        /* of the event log so many, and less than a page more */
    int64_t events_keep_bytes;  /* and of so many bytes, as they stand on the disk */
    const struct clock_source *clock; /* borrowed for the store's life, as is RANDOM; used on the store's thread */
    const struct random_source *random;
    struct meter *meter; /* the store's thread counts there; NULL: nowhere */
    /* Another daemon took the server's database while it did not answer, or other nodes took this one for dead: the
     * accounts' keys are theirs now, and are to be used here no more. On the store's thread, maybe more than
     * once. NULL: nobody hears. */
    void (*taken)(void);
};

/* Opens or makes the database and starts the thread. A node writes of an account only what no other one has the lease
 * of: such a put fails with TGC_EFOREIGN. Nothing is overwritten where it fails: TGC_ENOKEY     there is a database,
 * but no seal key for it (or none where one is to be given) TGC_EWRONGKEY  the seal key is another one TGC_EINVAL the
 * seal key's file is none, or anybody may read it TGC_ENEWER     a newer version's database TGC_EFOREIGN   of another
 * environment, or of one with other keys TGC_EDAMAGED   damaged, or no database of ours TGC_EREADONLY  it cannot be
 * written TGC_EFULL      no space is left TGC_EBUSY      another process has it open, or on this machine a copy of it,
 * or what it is a copy of TGC_EAWAY, TGC_EREFUSED, TGC_EINVAL   the server does not answer, or refuses the login, or
 * the URL is none TGC_ESTATE     another node leads, and the database is not of this program's version (yet)
 *   TGC_ESYSTEM, TGC_ENOMEM
 * FAULT's text says what is wrong and what to do about it. */
int store_open(const struct store_config *config, struct store **ret, struct fault *fault) TGC_MUST;
/* Of one that is led: from now on this node leads. Waits for that; what is put and loaded meanwhile waits too. Errors
 * are those of store_open(), and then it goes on as it was. */
int store_take_over(struct store *s, struct fault *fault) TGC_MUST;
/* How long what was accepted waits for a server that does not answer. */
#define STORE_PATIENCE_US (10 * SECOND_US)

/* Whether store_open() of a server's database would find what it needs there, its key above all, while another daemon
 * uses it; the errors are the same. *RET_VERSION: the database's, 0 where it has no tables yet, also where a fault was
 * found after that. Nothing is changed. */
int store_look_at_server(const struct store_config *config, int *ret_version, struct fault *fault) TGC_MUST;
/* Borrowed, for the store's life. */
const char *store_path(const struct store *s);
const char *store_key_path(const struct store *s);
bool store_key_is_given(const struct store *s);
/* The process is to have ended by UNTIL_US, on the store's clock: a server that does not answer is waited for no longer
 * than that, and a moment. What is not written then fails, is counted in the log, and store_close() says it. Any
 * thread. */
void store_stop_by(struct store *s, int64_t until_us);
/* Writes what was accepted, then closes. All desks are freed before. 0, or the first error of a write whose completion
 * nobody heard, since its desk was gone, or that a server did not take before the process was to end. NULL is fine. */
int store_close(struct store *s, struct fault *fault);

/* One loop's end of the store. All its functions, and all puts and loads through it, belong to one thread. WAKE is
 * called on the store's thread when completions wait; it must neither block nor call the store (uv_async_send() does
 * neither). */
int store_desk_new(struct store *s, void (*wake)(void *ctx), void *ctx, struct store_desk **ret) TGC_MUST;
/* Calls the completions that wait, in the order of what they complete. They may put and load, and free no desk. */
void store_desk_run(struct store_desk *d);
/* A server's database does not answer: what is put waits. On any thread. */
bool store_desk_is_waiting(const struct store_desk *d);
/* What was put is written all the same; no completion is called any more, nor WAKE. NULL is fine. */
void store_desk_free(struct store_desk *d);

/* How a write went: 0, or the error, and WHY as the end of a sentence for people ("the disk is full: free some space"),
 * NULL with 0. What failed is as it was before. */
typedef void store_done_fn(void *ctx, int err, const char *why);

/* What rows point to, where that is not copied: BYTES of it, which stay and do not change until RELEASE was called with
 * HELD: once, on any thread, when the put is over, also where it was not accepted. */
struct store_loan {
    void (*release)(void *held);
    void *held;
    size_t bytes;
};

/* For every put, drop and load of this room: 0, or TGC_ENOMEM, or TGC_ELIMIT where too much is waiting
 * (LIMIT_STORE_QUEUE) or one row is too long (LIMIT_STORE_VALUE): then nothing was done, and no completion comes. DONE
 * may be NULL. What one desk puts is written in that order, and a load sees all that was put before it. Each put stands
 * or falls as a whole, and one that falls takes no other with it. */

/* Whether another process has a store of that database. Not for one's own: to look at it would end what keeps others
 * out. */
bool store_is_in_use(const char *path);

#endif
