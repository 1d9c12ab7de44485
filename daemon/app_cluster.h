/* This daemon as one node of several ([cluster] node): before the store is opened it waits until the accounts are its
 * own, and gives them up when the store is closed. The main thread, but for what is said otherwise. */
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

/* Waits. 0: the accounts are this node's, or (*RET_STOP) a signal asked for a stop meanwhile; else a fault: TGC_EEXIST,
 * another node has this one's name. */
int app_cluster_join(const struct settings *s, struct signals *signals, bool *ret_stop, struct app_cluster **ret,
                     struct fault *fault) TGC_MUST;
/* NULL of NULL, as is: */
struct lease_gate *app_cluster_gate(struct app_cluster *c);
struct cluster_link *app_cluster_link(struct app_cluster *c);
/* Whose loops hear of the gate's moves; N 0: nobody's any more. */
void app_cluster_watch(struct app_cluster *c, struct worker *const *workers, size_t n);
/* The accounts are another node's: the service manager starts this one anew, and then it waits like any other. Any
 * thread. */
void app_cluster_end_at_once(void);
/* NULL is fine. */
void app_cluster_leave(struct app_cluster *c);

#endif
