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
#include "daemon/worker/worker.h"

struct worker {
    struct worker_config config;
    size_t index;                /* among config.workers */
    struct tg_env env;           /* its clock is the loop's, for this thread alone */
    struct tg_listener listener; /* env.listener: the directory follows */
    struct random_pool random;   /* env.random: ids, padding and nonces of this thread */
    struct random_source pooled;
    struct mailbox *mailbox;
    struct net_loop *loop;
    struct net_wake *wake;  /* jobs are there, or it is time to stop */
    atomic_bool has_turned; /* the sign that a watchdog asks for */
    struct net_timer *config_look;
    size_t config_turn;      /* whose turn it is to look */
    struct net_timer *later; /* frees deleted accounts outside of their own callbacks; the pace of the end */
    pthread_t thread;
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
    struct guest *guest; /* NULL: none */
    struct guest_watch {
        struct worker *worker;
        size_t i;
        struct net_watch *watch;
    } watches[GUEST_FDS_MAX]; /* of its descriptors */
    struct net_timer *guest_due;
    int64_t guest_due_us; /* what that is set to */
    /* Under the lock: what other threads say. */
    pthread_mutex_t lock;
    pthread_cond_t hosted;
    struct guest *arriving;
    int arrived; /* how that went: 0 or an error; 1: not yet known */
    int loaded;  /* whether the accounts of the process before are there: the same */
    char load_why[256];
    bool is_to_load;
    struct hooks *hooks_given; /* with it */
    bool stop;
    bool stopping; /* the loop's own: every refusal says so */
    bool is_empty; /* the loop's own: the accounts are closed */
};

/* host.c, on the worker's thread. */
int host_init(struct worker *w) TGC_MUST;
/* The guest that arrives, if one does. */
void host_take_in(struct worker *w);
/* True: the guest has more to do at once. */
bool host_turn(struct worker *w);
bool host_may_end(struct worker *w);
void host_end(struct worker *w);

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
