/* Whether a database would let the daemon in, without using it. */
#ifndef TGCALLD_STORE_PROBE_H
#define TGCALLD_STORE_PROBE_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* Logs in at URL and out again, waiting for some seconds at most; another daemon that has the database open does not
 * mind. 0, or store_open()'s errors of a server: TGC_EAWAY, TGC_EREFUSED, TGC_EUNKNOWN,
 * TGC_EINVAL, TGC_EREADONLY (it is a standby); TGC_ENOMEM. */
int store_probe(const char *url, struct fault *fault) TGC_MUST;

#endif
