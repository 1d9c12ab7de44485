/* What a node tells of itself and of the others to who reads the metrics; a daemon that is none has none of it. */
#ifndef TGCALLD_STORE_CLUSTER_METRICS_H
#define TGCALLD_STORE_CLUSTER_METRICS_H

#include "daemon/base/metrics.h"

/* Of the struct cluster_link LINK, for metrics_also(). Any thread. */
void cluster_metrics_put(void *link, struct buf *out);

#endif
