#include "api/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static int split_address(const char *address, char *host, size_t host_size, char *port, size_t port_size)
{
    const char *colon = strrchr(address, ':'), *start = address, *end = colon;

    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return TGC_EINVAL;
    if (*start == '[') {
        start++;
        end--;
        if (end <= start || *end != ']')
            return TGC_EINVAL;
    }
    if (end == start || (size_t)(end - start) >= host_size || strlen(colon + 1) >= port_size)
        return TGC_EINVAL;
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    strcpy(port, colon + 1);
    return 0;
}

static int open_tcp(const struct addrinfo *ai)
{
    const int on = 1;
    int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (ai->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int bound_port(int fd, unsigned *ret)
{
    struct sockaddr_storage any;
    socklen_t len = sizeof(any);

    if (getsockname(fd, (struct sockaddr *)&any, &len) < 0)
        return TGC_ESYSTEM;
    *ret = ntohs(any.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&any)->sin6_port
                                           : ((struct sockaddr_in *)&any)->sin_port);
    return 0;
}

/* What to do about it, behind the reason. */
static const char *remedy_of(int e)
{
    return e == EADDRINUSE      ? ": end what serves there, or listen on another port"
           : e == EACCES        ? ": ports below 1024 need a right of their own: listen on another one"
           : e == EADDRNOTAVAIL ? ": this machine has no such address: listen on one that it has"
                                : "";
}

int listen_tcp(const char *address, struct listener *l, char *ret_url, size_t ret_size, struct fault *fault)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char port[8];
    unsigned number;

    if (split_address(address, l->host, sizeof(l->host), port, sizeof(port)) != 0)
        return fault_set(fault, TGC_EINVAL, "%s: an address was expected as HOST:PORT or [IPV6]:PORT", address);
    int failed = getaddrinfo(l->host, port, &hints, &found);
    if (failed)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", address, gai_strerror(failed));
    l->fd = open_tcp(found);
    int saved = errno;
    freeaddrinfo(found);
    if (l->fd < 0)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s%s", address, strerror(saved), remedy_of(saved));
    if (bound_port(l->fd, &number) != 0) {
        close(l->fd);
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", address, strerror(errno));
    }
    snprintf(ret_url, ret_size, strchr(l->host, ':') ? "http%s://[%s]:%u" : "http%s://%s:%u", l->is_tls ? "s" : "",
             l->host, number);
    return 0;
}

/* A socket file stays behind when its owner is killed; one that still answers is somebody's. */
static int clear_stale(const char *path, const struct sockaddr_un *address, struct fault *fault)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    if (!S_ISSOCK(st.st_mode))
        return fault_set(fault, TGC_ESYSTEM, "%s: is there and is no socket", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    bool refused = connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
    close(fd);
    if (!refused)
        return fault_set(fault, TGC_EEXIST, "%s: another process listens there", path);
    if (unlink(path) < 0 && errno != ENOENT)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    return 0;
}

int listen_unix(const char *path, mode_t mode, gid_t gid, struct listener *l, struct fault *fault)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;

    if (strlen(path) >= sizeof(address.sun_path))
        return fault_set(fault, TGC_EINVAL, "%s: longer than %zu bytes", path, sizeof(address.sun_path) - 1);
    strcpy(address.sun_path, path);
    strcpy(l->path, path);
    int err = clear_stale(path, &address, fault);
    if (err)
        return err;
    l->is_unix = true;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0)
        return fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    if (bind(l->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        goto failed;
    /* Nobody can connect before listen(): the mode is right by then. */
    if (stat(path, &st) < 0 || (gid != (gid_t)-1 && chown(path, (uid_t)-1, gid) < 0) || chmod(path, mode) < 0 ||
        listen(l->fd, BACKLOG) < 0) {
        int saved = errno;
        unlink(path);
        errno = saved;
        goto failed;
    }
    l->dev = st.st_dev;
    l->ino = st.st_ino;
    return 0;
failed:
    fault_set(fault, TGC_ESYSTEM, "%s: %s", path, strerror(errno));
    close(l->fd);
    return TGC_ESYSTEM;
}

/* The kernel spreads connections over all that are bound so. The first one was bound without: another program that has
 * the port would not have been noticed. */
static int bind_beside(int first)
{
    struct sockaddr_storage any;
    socklen_t len = sizeof(any);
    const int on = 1;
    int fd = -1;

    if (getsockname(first, (struct sockaddr *)&any, &len) < 0 ||
        setsockopt(first, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
        return -1;
    fd = socket(any.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (any.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&any, len) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

int listen_again(struct listener *l, struct fault *fault)
{
    /* A Unix socket cannot be bound twice, and what waits at a socket of our own is lost with it, where one that was
     * passed outlives us: whoever is quicker accepts. */
    bool is_shared = l->is_unix || l->is_passed;
    int fd = !l->is_given ? l->fd : is_shared ? fcntl(l->fd, F_DUPFD_CLOEXEC, 3) : bind_beside(l->fd);

    l->is_given = true;
    return fd < 0 ? fault_set(fault, TGC_ESYSTEM, "one more socket to listen on: %s", strerror(errno)) : fd;
}

void listen_close(struct listener *l)
{
    struct stat st;

    if (l->is_unix && !l->is_passed && lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
        unlink(l->path);
    if (!l->is_given)
        close(l->fd);
}
