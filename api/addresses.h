/* How many connections come from where, over all loops: so that no one address takes all that there are. An IPv6
 * address counts by its first 64 bits, which are one customer's; an IPv4 address at an IPv6 socket as what it is. Any
 * thread. */
#ifndef TGCALLD_API_ADDRESSES_H
#define TGCALLD_API_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct addresses;
/* One of them, from which somebody is connected. */
struct address_count;

/* NULL where memory is gone. */
struct addresses *addresses_new(void);
/* When nobody is connected any more. NULL is fine. */
void addresses_free(struct addresses *all);

/* One more connection comes FROM there. NULL: it has MAX already, or memory is gone. */
struct address_count *addresses_take(struct addresses *all, const struct sockaddr *from, unsigned max);
/* It is over. NULL is fine. */
void addresses_give(struct address_count *a);

/* How many were refused so far. */
uint64_t addresses_refused(struct addresses *all);

#endif
