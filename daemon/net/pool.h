/* The threads for what is too slow for a loop: net_offload() and names that are looked up. */
#ifndef TGCALLD_NET_POOL_H
#define TGCALLD_NET_POOL_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* Makes them, before anything needs them: libuv makes them at their first use, and ends the process where it cannot.
 * TGC_ENOMEM; TGC_ESYSTEM: the machine has none to give. Once, on the main thread. */
int net_pool_start(struct fault *fault) TGC_MUST;

#endif
