/* A thread with one event loop: the workers that live on it, the first of them for as long as the thread runs, and the
 * front end as its guest (host.c). The loop's thread, but for what says otherwise. */
#ifndef TGCALLD_WORKER_THREAD_H
#define TGCALLD_WORKER_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/bridge/guest.h"
#include "daemon/bridge/workers.h"
#include "daemon/net/loop.h"

struct lease_gate;
struct worker;
struct worker_thread;

struct guest_watch {
    struct worker_thread *thread;
    size_t i;
    struct net_watch *watch;
};

/* What a thread has its workers do. */
struct worker_calls {
    void (*begin)(struct worker *w);      /* the thread runs */
    void (*hear)(struct worker *w);       /* what other threads said */
    void (*take_jobs)(struct worker *w);  /* those that its mailbox has */
    void (*deliver)(struct worker *w);    /* the answers that it has */
    bool (*tend)(struct worker *w);       /* at the end of a turn; true: there are answers */
    bool (*goes)(struct worker *w);       /* it is on its way out still */
    bool (*is_loading)(struct worker *w); /* half there, so that it cannot be emptied */
    void (*stops)(struct worker *w);      /* the thread's end has come: what is refused from here on says why */
    void (*empty)(struct worker *w);      /* its jobs end */
    bool (*is_done)(struct worker *w);    /* they are answered, and all is written */
    void (*flush)(struct worker *w);      /* what the guest left it, too, is to be written; once */
    bool (*is_kept)(struct worker *w);    /* that is answered: it is written, or never will be */
};

struct worker_thread {
    const struct worker_calls *calls;
    const struct clock_source *clock; /* the loop's */
    struct net_loop *loop;
    struct net_wake *wake;  /* something was asked: of a worker's mailbox, of a worker, or of the thread itself */
    struct net_timer *pace; /* of what is looked at until it is done: who goes */
    pthread_t id;
    atomic_bool has_turned; /* the sign that a watchdog asks for */
    struct worker *workers[WORKERS_MAX];
    atomic_size_t workers_n; /* grows only */
    bool ends;               /* no worker comes any more */
    struct guest *guest;     /* NULL: none */
    struct guest_watch watches[GUEST_FDS_MAX];
    struct net_timer *guest_due;
    int64_t guest_due_us; /* what that is set to */
    /* Under the lock: what other threads say. */
    pthread_mutex_t lock;
    pthread_cond_t hosted;
    struct guest *arriving;
    int arrived; /* how that went: 0 or an error; 1: not yet known */
    bool stop;
};

/* GATE may be NULL; all is borrowed. Not the thread's own. TGC_ESYSTEM: no loop is to be had; TGC_ENOMEM. */
int worker_thread_new(const struct clock_source *clock, const struct lease_gate *gate, const struct worker_calls *calls,
                      struct worker_thread **ret) TGC_MUST;
/* When it has ended, or never ran, and its workers are gone. NULL is fine. */
void worker_thread_free(struct worker_thread *t);
/* TGC_ESYSTEM: there is none to be had. */
int worker_thread_start(struct worker_thread *t) TGC_MUST;
/* Any thread, one at a time; at most WORKERS_MAX. */
void worker_thread_add(struct worker_thread *t, struct worker *w);
/* Each worker is asked what was said to it. Any thread. */
void worker_thread_wake(struct worker_thread *t);
/* A worker goes: it is asked every few milliseconds whether it is gone. */
void worker_thread_pace(struct worker_thread *t);

/* host.c */
/* GUEST lives on the loop from now on, until its end; one at most. Any other thread. TGC_ESYSTEM. */
int worker_thread_host(struct worker_thread *t, struct guest *guest) TGC_MUST;
int host_init(struct worker_thread *t) TGC_MUST;
/* The guest that arrives, if one does. */
void host_take_in(struct worker_thread *t);
/* True: the guest has more to do at once. */
bool host_turn(struct worker_thread *t);
bool host_may_end(struct worker_thread *t);
void host_end(struct worker_thread *t);

#endif
