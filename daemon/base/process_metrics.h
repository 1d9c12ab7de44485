/* What Linux says of this process, by the names that all of Prometheus' clients have for it. */
#ifndef TGCALLD_BASE_PROCESS_METRICS_H
#define TGCALLD_BASE_PROCESS_METRICS_H

#include "daemon/base/buf.h"

/* What cannot be read is left out. Any thread. */
void process_metrics_put(struct buf *out);

#endif
