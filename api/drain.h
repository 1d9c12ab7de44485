/* Connections that get their last answer while the client is still sending its body. Closing at once would reset them,
 * and a reset can cost the client the answer (RFC 9112, 9.6): what still comes is read and thrown away for a while. One
 * thread; any thread may add. */
#ifndef TGCALLD_API_DRAIN_H
#define TGCALLD_API_DRAIN_H

#include "daemon/base/err.h"

struct drain;

enum { DRAINED_MAX = 64 };

/* Holds at most MAX at once, and DRAINED_MAX. TGC_ESYSTEM: there is no thread or descriptor to be had. */
int drain_new(unsigned max, struct drain **ret) TGC_MUST;
/* Closes what is left and ends the thread. */
void drain_free(struct drain *d);

/* FD stays the caller's to close: a copy is kept. Past the most that are held at once nothing is done. */
void drain_add(struct drain *d, int fd);

#endif
