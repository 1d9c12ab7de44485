/* All meters of the process, and their sum as Prometheus reads it (text format 0.0.4). */
#ifndef TGCALLD_BASE_METRICS_H
#define TGCALLD_BASE_METRICS_H

#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/histogram.h"
#include "daemon/base/meter.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct metrics;

/* N meters, each of which belongs to one thread at a time. TGC_ENOMEM. */
int metrics_new(size_t n, struct metrics **ret) TGC_MUST;
/* NULL is fine. */
void metrics_free(struct metrics *m);
/* The I-th; NULL where M is. */
struct meter *metrics_meter(struct metrics *m, size_t i);

/* What else there is to tell is put behind the meters by PUT, with CTX, on the thread of who reads. Before the first
 * metrics_put(). */
void metrics_also(struct metrics *m, void (*put)(void *ctx, struct buf *out), void *ctx);

/* The sums of all meters. Any thread; the errors are OUT's. NULL: nothing is written. */
void metrics_put(struct metrics *m, struct buf *out);

/* A family's first lines; TYPE is "counter", "gauge" or "histogram". */
void metrics_put_family(struct buf *out, const char *family, const char *type, const char *help);
/* One line of it. LABELS: as in "state=\"ready\"", "" for none. */
void metrics_put_number(struct buf *out, const char *family, const char *labels, int64_t value);
/* A whole family of one histogram. */
void metrics_put_histogram(struct buf *out, const char *family, const char *help, const struct histogram *h);

#endif
