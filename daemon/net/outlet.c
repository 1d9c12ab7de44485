#include "daemon/net/outlet.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/net/loop_internal.h"
#include "daemon/net/stream.h"

/* libuv watches a stream's descriptor for itself, and writes to it unasked: this is another of the same socket. */
struct net_room {
    uv_poll_t uv; /* first: it is freed by it */
    int fd;
};

static void free_room(uv_handle_t *handle)
{
    free(handle);
}

static void end_wait(struct net_outlet *o)
{
    if (!o->room)
        return;
    uv_close((uv_handle_t *)&o->room->uv, free_room);
    close(o->room->fd);
    o->room = NULL;
}

void net_outlet_close(struct net_outlet *o)
{
    end_wait(o);
    buf_fini(&o->rest);
    o->at = 0;
}

/* 0: some was taken, or nothing; what there is left waits. */
static int write_some(struct net_outlet *o)
{
    int n = net_stream_write(o->stream, o->rest.data + o->at, net_outlet_waiting(o));

    if (n > 0)
        o->at += (size_t)n;
    return n >= 0 || n == UV_EAGAIN ? 0 : n;
}

/* An error of the socket shows in writing. */
static void on_room(uv_poll_t *uv, int status, int events)
{
    struct net_outlet *o = uv->data;

    (void)status;
    (void)events;
    status = write_some(o);
    if (!status && net_outlet_waiting(o) > 0)
        return;
    net_outlet_close(o);
    o->written(o->ctx, status);
}

static int wait_for_room(struct net_outlet *o)
{
    struct net_room *room = calloc(1, sizeof(*room));
    int fd, status;

    if (!room)
        return UV_ENOMEM;
    status = uv_fileno((uv_handle_t *)o->stream, &fd);
    room->fd = status == 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (room->fd < 0) {
        free(room);
        return status < 0 ? status : UV_EMFILE;
    }
    status = uv_poll_init(o->stream->loop, &room->uv, room->fd);
    if (status < 0) {
        close(room->fd);
        free(room);
        return status;
    }
    room->uv.data = o;
    o->room = room;
    uv_poll_start(&room->uv, UV_WRITABLE, on_room);
    return 0;
}

int net_outlet_write(struct net_outlet *o, struct buf *out)
{
    size_t max = out->max;

    o->rest = *out;
    o->at = 0;
    buf_init(out, max);
    int status = write_some(o);
    if (!status && net_outlet_waiting(o) > 0)
        status = wait_for_room(o);
    else
        net_outlet_close(o);
    return status;
}
