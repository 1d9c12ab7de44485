/* Sockets to listen on, ready for libmicrohttpd. */
#ifndef TGCALLD_API_LISTEN_H
#define TGCALLD_API_LISTEN_H

#include <stddef.h>
#include <sys/types.h>

#include "api/api_internal.h"
#include "daemon/base/fault.h"

/* Fill in fd and what names the listener. TGC_EINVAL: not an address; TGC_ESYSTEM; TGC_EEXIST: the path is in use. */
int listen_tcp(const char *address, struct listener *l, char *ret_url, size_t ret_size, struct fault *fault) TGC_MUST;
int listen_unix(const char *path, mode_t mode, gid_t gid, struct listener *l, struct fault *fault) TGC_MUST;

/* "http://[ADDRESS]:PORT" or "unix:/path" and its end. */
enum { LISTEN_URL_SIZE = 128 };

/* FD listens already, by TLS where L says so and it is by TCP; whoever made it keeps it, and so the connections that
 * wait there, beyond our end. TGC_EINVAL: it is none by TCP or with a Unix socket's name; TGC_ESYSTEM: FD stays the
 * caller's then. */
int listen_passed(int fd, struct listener *l, char *ret_url, size_t ret_size, struct fault *fault) TGC_MUST;

/* A socket of the listener for one more loop, the caller's: the first time the one that is there, then others that
 * share its address. Or TGC_ESYSTEM. */
int listen_again(struct listener *l, struct fault *fault) TGC_MUST;

/* Closes the socket where it is still ours; the Unix socket's file goes too where it is still ours. */
void listen_close(struct listener *l);

#endif
