/* From an address as it is written to the sockets' form of it: an address is read at once, a name is asked for. For the
 * files of this room. Belongs to its loop's thread. */
#ifndef TGCALLD_NET_LOOKUP_H
#define TGCALLD_NET_LOOKUP_H

#include <stddef.h>

#include <netdb.h>

#include "daemon/base/err.h"
#include "daemon/net/address.h"
#include "daemon/net/loop.h"

struct net_lookup;

/* STATUS is 0 or libuv's; FOUND is the callee's to free with freeaddrinfo(). */
typedef void net_looked_up_fn(void *ctx, int status, struct addrinfo *found);

/* 0 with *ret_found set, the caller's to free; or 0 with *ret_lookup set, of which DONE will be told, once; or libuv's
 * error. */
int net_look_up(struct net_loop *loop, const struct net_address *address, net_looked_up_fn *done, void *ctx,
                struct net_lookup **ret_lookup, struct addrinfo **ret_found) TGC_MUST;
/* DONE is not called any more. NULL is fine. */
void net_lookup_drop(struct net_lookup *l);

/* "the look-up of the name x failed: …" */
void net_lookup_why(const struct net_address *address, int status, char *out, size_t size);
/* "127.0.0.1:443", "[::1]:443" */
enum { NET_NAME_SIZE = 80 };
void net_sockaddr_name(const struct sockaddr *sa, char out[static NET_NAME_SIZE]);

#endif
