#include "daemon/hook/address_judge.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/base/address.h"

/* The special-purpose registries of IANA (RFC 6890); the first row that has an address is what it is. */
static const struct {
    uint8_t bytes[4];
    unsigned bits;
    enum hook_reach reach;
} v4[] = {
    {{0}, 8, HOOK_NOWHERE},
    {{10}, 8, HOOK_PRIVATE},
    {{100, 64}, 10, HOOK_PRIVATE},
    {{127}, 8, HOOK_LOOPBACK},
    {{169, 254}, 16, HOOK_NOWHERE},
    {{172, 16}, 12, HOOK_PRIVATE},
    {{192, 0, 0}, 24, HOOK_NOWHERE},
    {{192, 0, 2}, 24, HOOK_NOWHERE},
    {{192, 88, 99}, 24, HOOK_NOWHERE},
    {{192, 168}, 16, HOOK_PRIVATE},
    {{198, 18}, 15, HOOK_NOWHERE},
    {{198, 51, 100}, 24, HOOK_NOWHERE},
    {{203, 0, 113}, 24, HOOK_NOWHERE},
    {{224}, 4, HOOK_NOWHERE},
    {{240}, 4, HOOK_NOWHERE},
};

/* Whose last bytes, or some in between, are an IPv4 address: it is that which counts. AT: where it stands. */
static const struct {
    uint8_t bytes[16];
    unsigned bits, at;
    bool is_turned; /* each bit of it */
} inside[] = {
    {{[8] = 0xff, 0xff}, 96, 12, false},                   /* IPv4-translated (RFC 2765) */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12, false},             /* NAT64 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, 12, false}, /* NAT64 of a network's own */
    {{0x20, 0x02}, 16, 2, false},                          /* 6to4 */
    {{0x20, 0x01, 0x00, 0x00}, 32, 12, true},              /* Teredo */
};

static const struct {
    uint8_t bytes[16];
    unsigned bits;
    enum hook_reach reach;
} v6[] = {
    {{[15] = 1}, 128, HOOK_LOOPBACK},
    {{0xfc}, 7, HOOK_PRIVATE},
    {{0xfe, 0x80}, 10, HOOK_NOWHERE},
    {{0xfe, 0xc0}, 10, HOOK_PRIVATE},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, HOOK_NOWHERE},
    {{0x3f, 0xff, 0x00}, 20, HOOK_NOWHERE},
    {{0x20, 0x01, 0x00}, 23, HOOK_NOWHERE},
    {{0x20}, 3, HOOK_PUBLIC},
};

static bool is_in(const uint8_t *address, const uint8_t *network, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    if (memcmp(address, network, whole) != 0)
        return false;
    return !rest || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

static enum hook_reach reach_of_v4(const uint8_t *bytes)
{
    for (size_t i = 0; i < sizeof(v4) / sizeof(v4[0]); i++)
        if (is_in(bytes, v4[i].bytes, v4[i].bits))
            return v4[i].reach;
    return HOOK_PUBLIC;
}

/* Of those that stand for an IPv4 address, its bytes to INNER. IPv4-compatible ones have nothing before it: the two
 * that are none of these are :: and ::1. */
static bool has_v4_inside(const uint8_t *bytes, uint8_t inner[static 4])
{
    static const uint8_t nothing[12];

    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        if (is_in(bytes, inside[i].bytes, inside[i].bits)) {
            for (size_t k = 0; k < 4; k++)
                inner[k] = inside[i].is_turned ? (uint8_t)~bytes[inside[i].at + k] : bytes[inside[i].at + k];
            return true;
        }
    memcpy(inner, bytes + 12, 4);
    return memcmp(bytes, nothing, sizeof(nothing)) == 0 && (bytes[12] || bytes[13] || bytes[14] || bytes[15] > 1);
}

static enum hook_reach reach_of_v6(const uint8_t *bytes)
{
    uint8_t inner[4];

    if (has_v4_inside(bytes, inner)) {
        enum hook_reach reach = reach_of_v4(inner);
        return reach == HOOK_LOOPBACK ? HOOK_NOWHERE : reach;
    }
    for (size_t i = 0; i < sizeof(v6) / sizeof(v6[0]); i++)
        if (is_in(bytes, v6[i].bytes, v6[i].bits))
            return v6[i].reach;
    return HOOK_NOWHERE;
}

/* As the system connects to it: ::ffff:127.0.0.1 is 127.0.0.1 to the kernel, which makes IPv4 of it. */
enum hook_reach hook_reach_of(const struct sockaddr *address)
{
    const uint8_t *bytes;
    size_t n = address_bytes(address, &bytes);

    return n == 4 ? reach_of_v4(bytes) : n == 16 ? reach_of_v6(bytes) : HOOK_NOWHERE;
}

bool hook_is_allowed(const struct hook_allow *a, const struct sockaddr *address)
{
    const uint8_t *bytes;
    size_t n = address_bytes(address, &bytes);

    for (size_t i = 0; n && i < a->networks_n; i++)
        if (a->networks[i].size == n && is_in(bytes, a->networks[i].bytes, a->networks[i].bits))
            return true;
    switch (hook_reach_of(address)) {
    case HOOK_LOOPBACK:
        return a->loopback;
    case HOOK_PRIVATE:
        return a->private_;
    case HOOK_PUBLIC:
        return a->public_;
    case HOOK_NOWHERE:
        return false;
    }
    return false;
}

static int add_network(struct hook_allow *a, const char *word, struct fault *fault)
{
    const char *slash = strchr(word, '/');
    char host[INET6_ADDRSTRLEN], *end = NULL;
    struct hook_network n = {0};

    if (!slash || (size_t)(slash - word) >= sizeof(host) || slash[1] < '0' || slash[1] > '9')
        return fault_set(fault, TGC_EINVAL,
                         "[webhooks] allow: \"%.80s\" is none of loopback, public, private, and no network as "
                         "10.1.0.0/16 or fd00::/8",
                         word);
    snprintf(host, sizeof(host), "%.*s", (int)(slash - word), word);
    n.size = inet_pton(AF_INET, host, n.bytes) == 1 ? 4 : inet_pton(AF_INET6, host, n.bytes) == 1 ? 16 : 0;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (!n.size || *end || bits > 8UL * n.size)
        return fault_set(fault, TGC_EINVAL, "[webhooks] allow: \"%.80s\" is no network as 10.1.0.0/16 or fd00::/8",
                         word);
    n.bits = (unsigned)bits;
    if (a->networks_n == HOOK_NETWORKS_MAX)
        return fault_set(fault, TGC_ELIMIT, "[webhooks] allow has more than %d networks", HOOK_NETWORKS_MAX);
    a->networks[a->networks_n++] = n;
    return 0;
}

int hook_allow_add(struct hook_allow *a, const char *word, struct fault *fault)
{
    if (strcmp(word, "loopback") == 0)
        a->loopback = true;
    else if (strcmp(word, "public") == 0)
        a->public_ = true;
    else if (strcmp(word, "private") == 0)
        a->private_ = true;
    else
        return add_network(a, word, fault);
    return 0;
}
