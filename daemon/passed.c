#include "daemon/passed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "daemon/base/address.h"

/* As systemd has it, for all sockets of a unit. */
#define NAME_OF_TLS "https"

static int judge(const struct settings *s, int fd, const char *name, struct passed *p, struct fault *fault)
{
    struct sockaddr_storage any = {0};
    socklen_t len = sizeof(any);
    bool is_listening = sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0;

    if (!is_listening || getsockname(fd, (struct sockaddr *)&any, &len) < 0 ||
        (any.ss_family != AF_UNIX && any.ss_family != AF_INET && any.ss_family != AF_INET6))
        return fault_set(fault, TGC_EINVAL,
                         "descriptor %d (%.64s) of those that were passed is no TCP or Unix socket that listens: let "
                         "tgcalld.socket have lines ListenStream= alone, and Accept=no",
                         fd, name);
    if (any.ss_family == AF_UNIX) {
        p->unix_n++;
        return 0;
    }
    bool is_tls = strcmp(name, NAME_OF_TLS) == 0;
    if (is_tls && !(s->tls_certificate && s->tls_key))
        return fault_set(fault, TGC_EINVAL,
                         "descriptor %d of those that were passed is named https, which needs tls_certificate and "
                         "tls_key in the section [server] of the configuration",
                         fd);
    if (!is_tls && !s->insecure && !address_is_loopback((const struct sockaddr *)&any))
        return fault_set(fault, TGC_EINVAL,
                         "descriptor %d (%.64s) of those that were passed is not on loopback, and without TLS everyone "
                         "on the way reads the tokens: let ListenStream= of tgcalld.socket name 127.0.0.1, serve it by "
                         "TLS with FileDescriptorName=https, or say insecure = yes",
                         fd, name);
    p->is_tls[p->n - 1] = is_tls;
    p->tls_n += is_tls;
    p->tcp_n++;
    return 0;
}

int passed_take(const struct settings *s, struct passed *ret, struct fault *fault)
{
    struct passed p = {0};
    char **names = NULL;
    int n = sd_listen_fds_with_names(1, &names);
    int err = 0;

    if (n < 0)
        err = fault_set(fault, TGC_EINVAL, "LISTEN_FDS in the environment names no descriptors: %s", strerror(-n));
    else if (n > PASSED_MAX)
        err = fault_set(fault, TGC_EINVAL,
                        "%d sockets were passed, and at most %d can be served: let tgcalld.socket have "
                        "fewer lines ListenStream=",
                        n, PASSED_MAX);
    for (int i = 0; i < n && !err; i++) {
        p.fds[p.n++] = SD_LISTEN_FDS_START + i;
        err = judge(s, SD_LISTEN_FDS_START + i, names ? names[i] : "", &p, fault);
    }
    for (int i = 0; names && names[i]; i++)
        free(names[i]);
    free((void *)names);
    if (!err)
        *ret = p;
    return err;
}

void passed_close(struct passed *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->fds[i] >= 0)
            close(p->fds[i]);
    p->n = 0;
}
