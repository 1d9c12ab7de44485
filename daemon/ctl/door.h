/* How to get to the daemon: by which socket or URL, and with which token. */
#ifndef TGCALLD_CTL_DOOR_H
#define TGCALLD_CTL_DOOR_H

#include "daemon/base/fault.h"
#include "daemon/ctl/http.h"

/* By URL (over http:// off loopback with INSECURE alone), or by the Unix socket PATH, or (both NULL) by the first of
 * the usual sockets that is served: where a daemon of this user's has it, then the service's. The token is the one line
 * of TOKEN_FILE, where that is not NULL. TGC_EINVAL, TGC_ESYSTEM: TOKEN_FILE or URL is not to be used; TGC_ECLOSED:
 * nobody serves any of the usual sockets. */
int door_open(const char *url, bool insecure, const char *path, const char *token_file, struct ctl_http **ret,
              struct fault *fault) TGC_MUST;

#endif
