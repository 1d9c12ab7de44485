/* A worker: owns a number of accounts and runs the jobs that concern them, on a thread with one event loop, which is
 * its own or which it shares. */
#ifndef TGCALLD_WORKER_WORKER_H
#define TGCALLD_WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/metrics.h"
#include "daemon/bridge/audit.h"
#include "daemon/bridge/events.h"
#include "daemon/bridge/guest.h"
#include "daemon/bridge/tokens.h"
#include "daemon/bridge/workers.h"
#include "daemon/store/store.h"
#include "daemon/tg/chat_lock.h"
#include "daemon/tg/env.h"
#include "daemon/tg/handshakes.h"
#include "daemon/tl/outline.h"

struct hooks;
struct lease_gate;
struct worker;

struct worker_config {
    struct tg_env env;                /* its loop is the worker's own and filled in */
    struct tl_outline *const *others; /* the layers that are known and not spoken; outlive the worker */
    size_t others_n;
    size_t queue_size;
    const char *config_file;       /* where people set what is missing; NULL: none is read */
    struct chat_locks *chat_locks; /* of all workers; outlives them */
    struct handshakes *handshakes; /* the same; NULL: as many at once as there are */
    struct tokens *tokens;         /* the same; never NULL where there is an API */
    struct cluster_link *cluster;  /* the same, told of in METRICS; NULL: there is no other node */
    struct store *store;           /* outlives the worker; NULL: nothing outlives the process */
    struct events *events;         /* the same; written to that store; NULL: what happens here is told to nobody */
    struct audit *audit;           /* the same; NULL: what is asked for is not kept */
    int64_t late_max_us;           /* so long after its date a scheduled call is started */
    size_t share_n;                /* so many workers share the accounts that are kept; 0 counts as 1 */
    size_t shares;                 /* 0, or: the accounts are those of the workers that come and go, so many in all */
    const struct lease_gate *gate; /* the accounts' traffic keeps to it; outlives the worker; NULL: there is none */
    struct metrics *metrics;       /* the I-th worker counts in the I-th meter; NULL: none does */
    /* An order was carried out; see worker_hold(). */
    void (*moved)(void *ctx, struct worker *w, int err, const char *why);
    void *moved_ctx;
    struct workers *workers; /* this one adds its mailbox; outlives the worker, which may pass jobs to the others */
};

/* Starts the thread. TGC_ESYSTEM: there is none to be had, or no event loop. */
int worker_start(const struct worker_config *config, struct worker **ret, struct fault *fault) TGC_MUST;
/* The accounts of the process before come to live here, and events are written; once. HOOKS is borrowed; NULL: there
 * are none. */
void worker_load(struct worker *w, struct hooks *hooks);
/* Waits until they are there, and go on. An error says why they are not. */
int worker_wait_loaded(struct worker *w, struct fault *fault) TGC_MUST;
/* GUEST lives on the worker's loop from now on, until the worker's end. One for each worker. TGC_ESYSTEM. */
int worker_host(struct worker *w, struct guest *guest) TGC_MUST;

/* The gate was moved: see net_gate_moved() for when to say so. Any thread, until worker_free(). */
void worker_gate_moved(struct worker *w);

/* For a watchdog: asks the loop for a sign of its turning, and whether it gave one since. Any one thread. */
void worker_ask_sign(struct worker *w);
bool worker_gave_sign(const struct worker *w);

/* --- accounts that come and go, as those of a node among several do --- */

/* A worker that has no account before worker_hold(), on the thread of BESIDE, and goes with that one. SHARE, below
 * config->shares: whose accounts they will be (store_load_share()). Before the first job. TGC_ELIMIT (WORKERS_MAX),
 * TGC_ENOMEM. */
int worker_add(const struct worker_config *config, struct worker *beside, size_t share, struct worker **ret,
               struct fault *fault) TGC_MUST;
/* Its accounts are loaded and go on. One order at a time: config->moved() says when it is done, on the worker's thread;
 * with an error there are none. Any thread, until worker_end(). */
void worker_hold(struct worker *w, struct hooks *hooks);
/* Its accounts leave: it takes no more jobs, those inside have DRAIN_US to be answered, then end as at a stop; all is
 * written, nothing of it is deleted. Nothing more is sent with their keys when config->moved() says that it is done. */
void worker_give(struct worker *w, int64_t drain_us);

/* --- the end, each step for all workers before the next --- */

/* It and those beside it: no more jobs are taken; those inside go on. */
void worker_close(struct worker *w);
/* Waits until every job in it was answered, at most until DEADLINE_US or until HURRY (may be NULL) says so. */
void worker_drain(struct worker *w, int64_t deadline_us, bool (*hurry)(void *ctx), void *ctx);
/* Jobs that are left end with a problem and the accounts are closed; then the guest leaves and the thread ends. */
void worker_end(struct worker *w);
/* When it has ended. Its mailbox stays, closed: who could reach it may still ask. */
void worker_join(struct worker *w);
/* When nobody can reach the mailboxes any more. NULL is fine. */
void worker_free(struct worker *w);

#endif
