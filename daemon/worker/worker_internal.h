/* The worker as its own rooms see it. */
#ifndef TGCALLD_WORKER_INTERNAL_H
#define TGCALLD_WORKER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/net/loop.h"
#include "daemon/tg/call/starter.h"
#include "daemon/worker/accounts.h"
#include "daemon/worker/audit_log.h"
#include "daemon/worker/event_log.h"
#include "daemon/worker/journal.h"
#include "daemon/worker/live.h"
#include "daemon/worker/records.h"
#include "daemon/worker/schedule.h"
#include "daemon/worker/tell_events.h"
#include "daemon/worker/thread.h"
#include "daemon/worker/worker.h"

/* Where the accounts of a worker are, as its thread sees it. */
enum worker_place {
    WORKER_AWAY, /* another node's, or nobody's: the worker has but its mailbox, which is closed */
    WORKER_COMES,
    WORKER_HERE,
    WORKER_GOES, /* no more jobs come; those inside are answered */
};

struct worker {
    struct worker_config config;
    size_t index;                /* among config.workers */
    struct tg_env env;           /* its clock is the loop's, for this thread alone */
    struct tg_listener listener; /* env.listener: the directory follows */
    struct random_pool random;   /* env.random: ids, padding and nonces of this thread */
    struct random_source pooled;
    struct mailbox *mailbox;
    struct worker_thread *thread;
    struct net_loop *loop; /* the thread's */
    bool comes_and_goes;   /* and then it has this of config.shares */
    size_t share;
    enum worker_place place;
    int come_err;            /* why it goes again */
    int64_t drains_until_us; /* of one that goes */
    struct net_timer *config_look;
    size_t config_turn;      /* whose turn it is to look */
    struct net_timer *later; /* frees deleted accounts outside of their own callbacks */
    struct accounts accounts;
    struct starter *starter;
    struct records *records;     /* NULL: nothing outlives the process */
    struct event_log *event_log; /* NULL: nobody is told of events */
    struct tell_events *tell;    /* the same */
    struct audit_log *audit_log; /* NULL: none is kept */
    struct hooks *hooks;         /* NULL: there are none */
    struct journal *journal;
    struct live *live;
    struct schedules *schedules;
    struct turning *turnings; /* proxies of accounts that are being changed */
    struct tg_account **buried;
    size_t buried_n, buried_cap;
    bool stopping;        /* the loop's own: every refusal says so */
    bool is_empty;        /* the loop's own: the accounts are closed */
    uint64_t events_mark; /* of what they said last */
    /* Under the lock: what other threads say, and hear. */
    pthread_mutex_t lock;
    pthread_cond_t has_loaded;
    int loaded; /* whether the accounts of the process before are there: 0 or an error; 1: not yet known */
    char load_why[256];
    bool is_to_load, is_to_come, is_to_go;
    bool is_closed; /* for good */
    int64_t drain_us;
    struct hooks *hooks_given; /* with what is to be loaded */
};

/* worker_place.c. Its rooms are made; TGC_ENOMEM, TGC_ESYSTEM: none is. */
int worker_fill(struct worker *w) TGC_MUST;
/* They are freed; it is done. */
void worker_clear(struct worker *w);
/* Its jobs end with a problem and its accounts are closed; where it has none, nothing. */
void worker_empty(struct worker *w);
/* Whether what was asked for here, and of here, is answered and kept. */
bool worker_is_done(struct worker *w);
/* What its guest left it, too. A store that keeps nothing any more is asked once. */
void worker_flush(struct worker *w);
bool worker_is_kept(struct worker *w);
/* It comes and goes. */
void worker_come(struct worker *w, struct hooks *hooks);
void worker_go(struct worker *w, int64_t drain_us);
/* Whether it is still about to: asked by the thread's pace. */
bool worker_goes(struct worker *w);

/* config_look.c */
int config_look_init(struct worker *w) TGC_MUST;
/* On the worker's thread. */
void config_look_start(struct worker *w);

/* adopt.c. Has the directory follow what the accounts become. */
void worker_listen(struct worker *w);
/* The account lives here from now on. Of others, here or elsewhere, TGC_EEXIST: one has its name; TGC_EBUSY: one has
 * its key. TGC_ELIMIT, TGC_ENOMEM. */
int worker_adopt(struct worker *w, struct tg_account *account) TGC_MUST;
/* The same for one of an earlier process: where another has its key it lives here without. WORKER is one. */
int worker_adopt_restored(void *worker, struct tg_account *account) TGC_MUST;
/* worker.c. */
/* The account leaves the table now and is freed from the loop. TGC_ENOMEM: nothing was changed. */
int worker_bury(struct worker *w, struct tg_account *account) TGC_MUST;

#endif
