#include "daemon/base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static bool parse_port(const char *text, bool any_port, uint16_t *ret)
{
    unsigned v = 0;
    size_t n = 0;

    for (; text[n] >= '0' && text[n] <= '9' && n < 5; n++)
        v = v * 10 + (unsigned)(text[n] - '0');
    if (n == 0 || text[n] != '\0' || v > 65535 || (v == 0 && !any_port))
        return false;
    *ret = (uint16_t)v;
    return true;
}

static bool is_name(const char *host)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    size_t len = strlen(host);

    /* All digits and dots would be an address that inet_pton did not take. */
    return len > 0 && strspn(host, allowed) == len && strspn(host, "0123456789.") != len;
}

static bool is_loopback_v4(in_addr_t address)
{
    return ntohl(address) >> 24 == 127;
}

bool address_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return address->sa_family == AF_INET &&
           is_loopback_v4(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr);
}

size_t address_bytes(const struct sockaddr *address, const uint8_t **ret)
{
    if (address->sa_family == AF_INET) {
        *ret = (const uint8_t *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;
        return 4;
    }
    if (address->sa_family != AF_INET6)
        return 0;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(six);
    *ret = six->s6_addr + (is_mapped ? 12 : 0);
    return is_mapped ? 4 : 16;
}

static bool judge_host(struct address *a)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (a->v6) {
        if (inet_pton(AF_INET6, a->host, &v6) != 1)
            return false;
        a->numeric = true;
        a->loopback = IN6_IS_ADDR_LOOPBACK(&v6);
        return true;
    }
    if (inet_pton(AF_INET, a->host, &v4) == 1) {
        a->numeric = true;
        a->loopback = is_loopback_v4(v4.s_addr);
        return true;
    }
    a->loopback = strcasecmp(a->host, "localhost") == 0;
    return is_name(a->host);
}

int address_from_text(const char *text, bool any_port, struct address *ret, struct fault *fault)
{
    struct address a = {.v6 = text[0] == '['};
    const char *host = text + a.v6;
    size_t len = strcspn(host, a.v6 ? "]" : ":");
    const char *port = host + len + a.v6;

    if (!a.v6 && host[len] == ':' && strchr(host + len + 1, ':'))
        return fault_set(fault, TGC_EINVAL, "'%s': an IPv6 address stands in brackets, as in [::1]:8765", text);
    if (len >= sizeof(a.host) || host[len] == '\0' || *port != ':')
        return fault_set(fault, TGC_EINVAL, "'%s' is not ADDRESS:PORT or [IPv6]:PORT", text);
    memcpy(a.host, host, len);
    if (!judge_host(&a))
        return fault_set(fault, TGC_EINVAL, "'%s' is not an address", a.host);
    if (!parse_port(port + 1, any_port, &a.port))
        return fault_set(fault, TGC_EINVAL, "'%s' is not a port from %d to 65535", port + 1, any_port ? 0 : 1);
    *ret = a;
    return 0;
}
