/* Which addresses webhooks may be sent to: a list of words, each "loopback", "public", "private", or a network as
 * "10.1.0.0/16" or "2001:db8::/32". Pure: the address is the one that is about to be connected to, never a name. */
#ifndef TGCALLD_HOOK_ADDRESS_JUDGE_H
#define TGCALLD_HOOK_ADDRESS_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct sockaddr;

struct hook_network {
    uint8_t bytes[16];
    unsigned size; /* of an address of its family: 4 or 16 */
    unsigned bits;
};

enum { HOOK_NETWORKS_MAX = 64 };

struct hook_allow {
    bool loopback, public_, private_;
    struct hook_network networks[HOOK_NETWORKS_MAX];
    size_t networks_n;
};

/* Adds a word. TGC_EINVAL, TGC_ELIMIT, with a sentence. */
int hook_allow_add(struct hook_allow *a, const char *word, struct fault *fault) TGC_MUST;

/* What an address is. An IPv6 address that stands for an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo) is what
 * that one is; of these only a mapped one can be loopback, as it is to the kernel. */
enum hook_reach {
    HOOK_LOOPBACK,
    HOOK_PRIVATE, /* RFC 1918, RFC 4193 and RFC 6598 (shared address space) */
    HOOK_PUBLIC,
    /* Multicast, broadcast, unspecified, documentation, reserved; and link-local, where clouds keep their machines'
     * credentials. Allowed only as a network. */
    HOOK_NOWHERE,
};
enum hook_reach hook_reach_of(const struct sockaddr *address);

bool hook_is_allowed(const struct hook_allow *a, const struct sockaddr *address);

#endif
