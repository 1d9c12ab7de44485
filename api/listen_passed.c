#include "api/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { PATH_AT = offsetof(struct sockaddr_un, sun_path) };

/* A name without a file begins with a zero, which is written as '@'. */
static int name_unix(const struct sockaddr_un *un, socklen_t len, struct listener *l, char *ret_url, size_t ret_size)
{
    size_t n = len > PATH_AT ? len - PATH_AT : 0;

    if (n > sizeof(un->sun_path))
        n = sizeof(un->sun_path);
    /* A path's end is counted by the kernel, and by who passes it or not. */
    if (n > 0 && un->sun_path[0])
        n = strnlen(un->sun_path, n);
    if (n == 0 || n >= sizeof(l->path))
        return TGC_EINVAL;
    l->is_unix = true;
    l->is_tls = false;
    memcpy(l->path, un->sun_path, n);
    l->path[n] = '\0';
    if (!l->path[0])
        l->path[0] = '@';
    return (size_t)snprintf(ret_url, ret_size, "unix:%s", l->path) < ret_size ? 0 : TGC_ELIMIT;
}

static int name_tcp(const struct sockaddr *any, socklen_t len, struct listener *l, char *ret_url, size_t ret_size)
{
    char port[8];

    if (getnameinfo(any, len, l->host, sizeof(l->host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return TGC_EINVAL;
    int n = snprintf(ret_url, ret_size, strchr(l->host, ':') ? "http%s://[%s]:%s" : "http%s://%s:%s",
                     l->is_tls ? "s" : "", l->host, port);
    return (size_t)n < ret_size ? 0 : TGC_ELIMIT;
}

static bool has_option(int fd, int option, int want)
{
    int value;
    socklen_t len = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 && value == want;
}

int listen_passed(int fd, struct listener *l, char *ret_url, size_t ret_size, struct fault *fault)
{
    struct sockaddr_storage any = {0};
    socklen_t len = sizeof(any);
    char url[LISTEN_URL_SIZE];
    int err = TGC_EINVAL;

    if (!has_option(fd, SO_TYPE, SOCK_STREAM) || !has_option(fd, SO_ACCEPTCONN, 1) ||
        getsockname(fd, (struct sockaddr *)&any, &len) < 0)
        return fault_set(fault, TGC_EINVAL, "it is no stream socket that listens");
    if (any.ss_family == AF_UNIX)
        err = name_unix((const struct sockaddr_un *)&any, len, l, url, sizeof(url));
    else if (any.ss_family == AF_INET || any.ss_family == AF_INET6)
        err = name_tcp((const struct sockaddr *)&any, len, l, url, sizeof(url));
    if (err || strlen(url) >= ret_size)
        return fault_set(fault, TGC_EINVAL, "it listens neither by TCP nor on a Unix socket with a name");
    /* Of the socket itself, so also for who made it: it only waits for connections there. */
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", url, strerror(errno));
    l->fd = fd;
    l->is_passed = true;
    strcpy(ret_url, url);
    return 0;
}
