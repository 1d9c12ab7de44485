/* A connected socket as all of this folder write to it and close it: the last place before bytes go to the kernel,
 * which keeps to the loop's gate (gate.h). */
#ifndef TGCALLD_NET_STREAM_H
#define TGCALLD_NET_STREAM_H

#include <stddef.h>

#include "daemon/base/err.h"

struct uv_tcp_s;

/* Writes what the socket takes at once: how much, or libuv's UV_EAGAIN where that is nothing, or another of its errors;
 * UV_ECANCELED: the gate is shut. Nothing is queued: libuv would write it later without asking. */
int net_stream_write(struct uv_tcp_s *stream, const void *data, size_t len) TGC_MUST;
/* Closes and frees it. In a loop with a gate nothing leaves afterwards: where the kernel still has what the other side
 * did not take, or the gate is shut, the connection is reset. */
void net_stream_close(struct uv_tcp_s *stream);
/* In words, and of the gate in its own. */
const char *net_stream_error(int status);

#endif
