#include "daemon/sandbox/port/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PORT_MAX = 65535, HOST_MAX = 46 };

static int parse_port(const char *text)
{
    char *end;
    long port = strtol(text, &end, 10);

    return *text < '0' || *text > '9' || *end || port > PORT_MAX ? -1 : (int)port;
}

int address_parse(const char *text, struct sockaddr_storage *ret, struct fault *fault)
{
    const char *colon = strrchr(text, ':');
    char host[HOST_MAX];
    struct sockaddr_storage a = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&a;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a;
    int port = colon ? parse_port(colon + 1) : -1;
    size_t len = colon ? (size_t)(colon - text) : 0;

    if (port < 0 || len == 0 || len >= sizeof(host))
        return fault_set(fault, TGC_EINVAL, "\"%s\" is no ADDRESS:PORT", text);
    bool bracketed = text[0] == '[' && text[len - 1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(bracketed ? len - 2 : len), text + (bracketed ? 1 : 0));
    if (!bracketed && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        if (ntohl(v4->sin_addr.s_addr) >> 24 != 127)
            return fault_set(fault, TGC_EINVAL, "the sandbox listens on loopback only, not on %s", host);
    } else if (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        if (!IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
            return fault_set(fault, TGC_EINVAL, "the sandbox listens on loopback only, not on %s", host);
    } else {
        return fault_set(fault, TGC_EINVAL, "\"%s\" is no ADDRESS:PORT", text);
    }
    *ret = a;
    return 0;
}

void address_format(const struct sockaddr_storage *a, char *text, size_t text_size, char *host, size_t host_size,
                    int *ret_port)
{
    char name[HOST_MAX] = "";
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
    bool is_v6 = a->ss_family == AF_INET6;

    inet_ntop(a->ss_family, is_v6 ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr, name, sizeof(name));
    *ret_port = ntohs(is_v6 ? v6->sin6_port : v4->sin_port);
    snprintf(host, host_size, "%s", name);
    snprintf(text, text_size, is_v6 ? "[%s]:%d" : "%s:%d", name, *ret_port);
}
