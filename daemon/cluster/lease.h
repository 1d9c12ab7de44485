/* One account as one node sees it: whose it is, and what the worker does with it. Both are kept apart, since a worker
 * takes a while to stop, whoever the account belongs to meanwhile.
 *
 *                 take sent            taken with epoch E               another is due, or the node leaves
 *   ELSEWHERE ───────────────▶ TAKING ───────────────────▶ HELD ──────────────────────────────▶ GIVING
 *       ▲  ▲                     │                          │                                     │ ▲ no answer
 *       │  └─────────────────────┘ lost the race, no answer │                     worker is idle, │ │
 *       ├───────────────────────────────────────────────────┘ lost                   release sent ▼ │
 *       └──────────────────────────────────────────────────────────────────────────────────── RELEASING
 *                                                             released, or not ours any more
 *
 * HELD is entered by an answered take alone. A row that names this node without one (the take's answer was lost) is
 * taken again, with a new epoch: a statement that was given up may still be executed, and a release among them bears
 * the epoch that it was meant for.
 *
 * The worker: IDLE, RUNNING (told to start), STOPPING (told to stop; it says so when no byte can leave any more). */
#ifndef TGCALLD_CLUSTER_LEASE_H
#define TGCALLD_CLUSTER_LEASE_H

#include <stdbool.h>
#include <stdint.h>

enum lease_own { LEASE_ELSEWHERE, LEASE_TAKING, LEASE_HELD, LEASE_GIVING, LEASE_RELEASING };
enum lease_work { LEASE_IDLE, LEASE_RUNNING, LEASE_STOPPING };

enum lease_order {
    LEASE_NOTHING,
    LEASE_START, /* traffic and durable writes, under the epoch */
    LEASE_STOP,  /* in order: write what is to be written, end the traffic, then say so */
    LEASE_LOST,  /* at once: it may be another's; nothing that is written now will be accepted. Say so too */
};

struct lease {
    int64_t account;
    int64_t row_node,
        row_epoch;      /* as the database had it when last looked at; an epoch of -1: no such account any more */
    int64_t epoch;      /* since TAKING of this node's own lease */
    int64_t work_epoch; /* what the worker was told to start with */
    enum lease_own own : 8;
    enum lease_work work : 8;
    bool is_wanted;           /* to be taken, by the last look */
    bool was_left;            /* nobody had it when it was taken: who had it before gave it up, or nobody ever had */
    bool is_noted, is_queued; /* in the line of orders; in that of releases */
    struct lease *next_noted, *next_queued;
};

/* What the worker is to be told, which it then counts as told. MAY_RUN: the node's lease holds. */
enum lease_order lease_next_order(struct lease *l, bool may_run);
/* The worker has no traffic of it any more. */
void lease_stopped(struct lease *l);

void lease_taking(struct lease *l);
/* By NODE, from the node HAD; 0: from none. */
void lease_taken(struct lease *l, int64_t node, int64_t epoch, int64_t had);
/* Lost the race, or no answer. */
void lease_not_taken(struct lease *l);
/* HELD → GIVING. */
void lease_give(struct lease *l);
/* Whether its release may be sent now: it is to be given, and the worker is idle. */
bool lease_is_to_release(const struct lease *l);
void lease_releasing(struct lease *l);
/* Released, or found to be no longer this node's. */
void lease_released(struct lease *l);
/* Whether the release was executed is not known: it is sent again. */
void lease_not_released(struct lease *l);
/* It is not this node's, whatever it was. */
void lease_lose(struct lease *l);

static inline bool lease_is_gone(const struct lease *l)
{
    return l->row_epoch < 0;
}

/* On its way out: for the number of moves at a time. */
static inline bool lease_is_leaving(const struct lease *l)
{
    return l->own == LEASE_GIVING || l->own == LEASE_RELEASING;
}

#endif
