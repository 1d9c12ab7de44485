/* This daemon as one node of several ([cluster] node): it keeps a lease, or stands by to take over from the node that
 * has it, and gives up what it has when the store is closed. The main thread, but for what is said otherwise. */
#ifndef TGCALLD_APP_CLUSTER_H
#define TGCALLD_APP_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "daemon/base/lease_gate.h"
#include "daemon/signals.h"
#include "daemon/store/cluster_link.h"
#include "daemon/worker/worker.h"

struct app_cluster;

/* SIGNALS are borrowed, and nudged when the accounts have become this node's. */
int app_cluster_join(const struct settings *s, struct signals *signals, struct app_cluster **ret,
                     struct fault *fault) TGC_MUST;

enum app_cluster_place {
    APP_CLUSTER_HERE,      /* the accounts are this node's */
    APP_CLUSTER_ELSEWHERE, /* they are another's, by what the database says */
    APP_CLUSTER_STOP,      /* a signal asked for a stop meanwhile */
};
/* Waits until it is known, and MAY_STAND_BY says whether ELSEWHERE is an end of it; else until they are here.
 * TGC_EEXIST: another node has this one's name. */
int app_cluster_wait(struct app_cluster *c, bool may_stand_by, enum app_cluster_place *ret,
                     struct fault *fault) TGC_MUST;
/* Of NULL: true. */
bool app_cluster_has_accounts(struct app_cluster *c);
/* They are, and who had them before did not come to give them up. */
bool app_cluster_led_after_death(const struct app_cluster *c);
/* NULL of NULL, as is: */
struct lease_gate *app_cluster_gate(struct app_cluster *c);
struct cluster_link *app_cluster_link(struct app_cluster *c);
/* Whose loops hear of the gate's moves; N 0: nobody's any more. */
void app_cluster_watch(struct app_cluster *c, struct worker *const *workers, size_t n);
/* The accounts are another node's: the service manager starts this one anew, and then it stands by like any other. Any
 * thread. */
void app_cluster_end_at_once(void);
/* NULL is fine. */
void app_cluster_leave(struct app_cluster *c);

#endif
