#include "daemon/sandbox/port/socket.h"

#include <stdlib.h>

#include "daemon/sandbox/centre/hear.h"
#include "daemon/sandbox/centre/late.h"

static void on_handle_closed(uv_handle_t *h)
{
    struct socket *c = h->data;

    if (--c->open_handles)
        return;
    if (c->prev)
        c->prev->next = c->next;
    else
        c->all->first = c->next;
    if (c->next)
        c->next->prev = c->prev;
    c->all->n--;
    line_free(c->line);
    socket_write_fini(c);
    free(c);
}

void socket_close(struct socket *c)
{
    if (c->closing)
        return;
    c->closing = true;
    if (c->line)
        line_close(c->line);
    uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&c->timer, on_handle_closed);
}

/* --- time --- */

/* Into the timer's milliseconds, never too early. */
static uint64_t ms_until(const struct sockets *all, int64_t deadline_us)
{
    int64_t left = deadline_us - clock_mono_us(all->s->world.clock);

    return left > 0 ? (uint64_t)(left + 999) / 1000 : 0;
}

static void on_late(uv_timer_t *t)
{
    struct sockets *all = t->data;

    late_tick(all->s, clock_mono_us(all->s->world.clock));
    sockets_settle(all);
}

static void on_deadline(uv_timer_t *t)
{
    struct socket *c = t->data;

    line_tick(c->line, clock_mono_us(c->all->s->world.clock));
    sockets_settle(c->all);
    /* The loop's clock may run ahead of the line's. */
    if (!c->closing && c->line->deadline_us != INT64_MAX)
        uv_timer_start(&c->timer, on_deadline, ms_until(c->all, c->line->deadline_us), 0);
}

static void set_deadline(struct socket *c)
{
    if (c->line->deadline_us == INT64_MAX)
        uv_timer_stop(&c->timer);
    else
        uv_timer_start(&c->timer, on_deadline, ms_until(c->all, c->line->deadline_us), 0);
}

/* --- bytes --- */

static void serve(struct socket *c)
{
    size_t len;
    uint8_t *data = line_take(c->line, &len);

    if (c->closing) {
        free(data);
        return;
    }
    if (data)
        socket_write(c, data, len);
    if (c->line->state == LINE_CLOSED)
        socket_close(c);
    else if (c->line->state == LINE_ENDS)
        socket_end(c);
    else
        set_deadline(c);
}

void sockets_settle(struct sockets *all)
{
    struct line *l;
    int64_t late = late_deadline_us(all->s);

    while ((l = line_next_ready(all->s)))
        serve(l->owner);
    if (late == INT64_MAX || uv_is_closing((uv_handle_t *)&all->timer))
        return;
    uv_timer_start(&all->timer, on_late, ms_until(all, late), 0);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
    struct socket *c = h->data;

    *ret = uv_buf_init(c->all->read_buffer, SOCKETS_READ_BUFFER);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
    struct socket *c = stream->data;

    if (n < 0) {
        socket_close(c);
        sockets_settle(c->all);
        return;
    }
    if (n > 0)
        hear_bytes(c->line, b->base, (size_t)n);
    while (hear_packet(c->line))
        sockets_settle(c->all);
    sockets_settle(c->all);
}

/* --- */

void socket_accept(struct sockets *all, uv_stream_t *server, int dc)
{
    struct socket *c = calloc(1, sizeof(*c));

    if (!c)
        return;
    c->all = all;
    uv_tcp_init(all->loop, &c->tcp);
    uv_timer_init(all->loop, &c->timer);
    c->tcp.data = c->timer.data = c;
    c->open_handles = 2;
    c->next = all->first;
    if (all->first)
        all->first->prev = c;
    all->first = c;
    all->n++;
    c->line = line_new(all->s, dc, c);
    if (uv_accept(server, (uv_stream_t *)&c->tcp) || all->n > SOCKETS_MAX || !c->line ||
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read)) {
        socket_close(c);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
}

int sockets_init(struct sockets *all, uv_loop_t *loop, struct centres *s)
{
    all->loop = loop;
    all->s = s;
    all->read_buffer = malloc(SOCKETS_READ_BUFFER);
    uv_timer_init(loop, &all->timer);
    all->timer.data = all;
    return all->read_buffer ? 0 : TGC_ENOMEM;
}

void sockets_close(struct sockets *all)
{
    for (struct socket *c = all->first, *next; c; c = next) {
        next = c->next;
        socket_close(c);
    }
    if (all->loop && !uv_is_closing((uv_handle_t *)&all->timer))
        uv_close((uv_handle_t *)&all->timer, NULL);
}

void sockets_fini(struct sockets *all)
{
    free(all->read_buffer);
    all->read_buffer = NULL;
}
