/* Whether a database would let the daemon in, without using it. */
#ifndef TGCALLD_STORE_PROBE_H
#define TGCALLD_STORE_PROBE_H

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/cluster/statement.h"
#include "daemon/store/server_facts.h"

/* Logs in at URL, looks at what the server is like, and out again, waiting for some seconds at most; another daemon
 * that has the database open does not mind. 0, or store_open()'s errors of a server: TGC_EAWAY, TGC_EREFUSED,
 * TGC_EUNKNOWN, TGC_EINVAL, TGC_EREADONLY (it is a standby); TGC_ENOMEM. */
int store_probe(const char *url, struct server_facts *ret, struct fault *fault) TGC_MUST;

/* The nodes at the database there whose lease holds, the oldest first, but for those that leave; at most
 * LIMIT_CLUSTER_NODES, none where no node ever was. The errors are the same. */
int store_probe_nodes(const char *url, struct cluster_node_row ret[static LIMIT_CLUSTER_NODES], size_t *ret_n,
                      struct fault *fault) TGC_MUST;

#endif
