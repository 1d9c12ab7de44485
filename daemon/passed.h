/* Sockets that the service manager made and passes to this process (sd_listen_fds(3), tgcalld.socket). Those by TCP
 * take the place of `listen`, Unix ones that of `unix`, whatever says so. Those by TCP whose name
 * (FileDescriptorName=) is "https" are served by TLS. They stay when the daemon ends, and so does
 * who waits there. The main thread, before any other is started.
 */
#ifndef TGCALLD_PASSED_H
#define TGCALLD_PASSED_H

#include <stdbool.h>
#include <stddef.h>

#include "config/settings.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"

/* As many as the front end takes listeners. */
enum { PASSED_MAX = 16 };

struct passed {
    int fds[PASSED_MAX]; /* -1: not ours any more */
    bool is_tls[PASSED_MAX];
    size_t n;
    size_t tcp_n, unix_n; /* of these */
    size_t tls_n;         /* of those by TCP */
};

/* Takes what was passed, and out of the environment that it was. TGC_EINVAL: there is something that cannot be served,
 * and the fault says what to do about it. */
int passed_take(const struct settings *s, struct passed *ret, struct fault *fault) TGC_MUST;

/* Closes those that nobody has taken. */
void passed_close(struct passed *p);

#endif
