#include "daemon/net/stream.h"

#include <limits.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "daemon/base/lease_gate.h"
#include "daemon/net/gate.h"
#include "daemon/net/loop_internal.h"

static struct net_loop *loop_of(const uv_tcp_t *stream)
{
    return stream->loop->data;
}

/* What the kernel has it sends again and again, also for a process that is stopped or dead: not for longer than the
 * gate is open now. To that the kernel adds one time of its own for sending again, which the lease's margin is there
 * for. */
static void bound_kernel(uv_tcp_t *stream, int64_t left_us)
{
    int64_t left_ms = left_us / 1000;
    unsigned ms = left_ms < 1 ? 1 : left_ms > INT_MAX ? INT_MAX : (unsigned)left_ms;
    int fd;

    if (uv_fileno((uv_handle_t *)stream, &fd) == 0)
        (void)!setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

/* Asked last, right before the bytes go. */
static bool may_write(uv_tcp_t *stream)
{
    struct net_loop *loop = loop_of(stream);
    int64_t left_us = net_gate_left_us(loop);

    if (left_us == 0 || left_us == INT64_MAX)
        return left_us != 0;
    bound_kernel(stream, left_us);
    return net_gate_is_open(loop);
}

int net_stream_write(struct uv_tcp_s *stream, const void *data, size_t len)
{
    uv_buf_t b = uv_buf_init((char *)data, (unsigned)len);

    return may_write(stream) ? uv_try_write((uv_stream_t *)stream, &b, 1) : UV_ECANCELED;
}

static void free_stream(uv_handle_t *handle)
{
    free(handle);
}

static bool is_to_reset(const uv_tcp_t *stream)
{
    int64_t left_us = net_gate_left_us(loop_of(stream));
    int fd, waiting = 0;

    if (left_us == 0 || left_us == INT64_MAX)
        return left_us == 0;
    return uv_fileno((const uv_handle_t *)stream, &fd) == 0 && ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 0;
}

void net_stream_close(struct uv_tcp_s *stream)
{
    /* One that has no socket yet cannot be reset. */
    if (!is_to_reset(stream) || uv_tcp_close_reset(stream, free_stream) != 0)
        uv_close((uv_handle_t *)stream, free_stream);
}

const char *net_stream_error(int status)
{
    return status == UV_ECANCELED ? NET_GATE_SHUT : uv_strerror(status);
}
