/* How to get to the daemon: by which socket or URL, and with which token. */
#ifndef TGCALLD_CTL_DOOR_H
#define TGCALLD_CTL_DOOR_H

#include "daemon/base/fault.h"
#include "daemon/ctl/http.h"

/* As the command line has it; NULL: not given. */
struct ctl_door {
    const char *url;
    bool is_insecure; /* over http:// off loopback, too */
    const char *unix_path;
    const char *token_file; /* its one line is the token */
    struct ctl_tls tls;
};

/* By the URL, or by the Unix socket, or where neither is given by the first of the usual sockets that is served: where
 * a daemon of this user's has it, then the service's. TGC_EINVAL, TGC_ESYSTEM: the URL or a file is not to be used;
 * TGC_ECLOSED: nobody serves any of the usual sockets. */
int door_open(const struct ctl_door *d, struct ctl_http **ret, struct fault *fault) TGC_MUST;

#endif
