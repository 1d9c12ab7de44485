#include "daemon/sandbox/centre/line.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "daemon/base/limits.h"

struct line *line_new(struct centres *s, int dc, void *owner)
{
    struct wire_config config = {
        .random = &s->noise, .packet_max = LIMIT_PACKET, .padding_max = s->options.transport_pad};
    struct line *l = calloc(1, sizeof(*l));

    if (!l || wire_server_new(&config, &l->wire)) {
        free(l);
        return NULL;
    }
    l->s = s;
    l->dc = dc;
    l->owner = owner;
    l->deadline_us = INT64_MAX;
    buf_init(&l->out, LIMIT_SEND_QUEUE);
    s->lines_n++;
    l->number = ++s->lines_ever;
    centres_trace(s,
                  json_pack("{s:s, s:i, s:I}", "event", "connection", "dc", dc, "connection", (json_int_t)l->number));
    return l;
}

static void be_ready(struct line *l)
{
    if (l->is_ready)
        return;
    l->is_ready = true;
    DL_APPEND2(l->s->ready, l, ready_prev, ready_next);
}

static void be_done(struct line *l)
{
    if (!l->is_ready)
        return;
    l->is_ready = false;
    DL_DELETE2(l->s->ready, l, ready_prev, ready_next);
}

void line_free(struct line *l)
{
    if (!l)
        return;
    line_close(l);
    be_done(l);
    l->s->lines_n--;
    wire_free(l->wire);
    mt_handshake_server_free(l->handshake);
    buf_fini(&l->out);
    free(l);
}

struct line *line_next_ready(struct centres *s)
{
    struct line *l = s->ready;

    if (l)
        be_done(l);
    return l;
}

uint8_t *line_take(struct line *l, size_t *ret_len)
{
    *ret_len = 0;
    if (!l->flushed)
        return NULL;
    l->flushed = 0;
    return buf_take(&l->out, ret_len);
}

void line_close(struct line *l)
{
    if (l->state == LINE_CLOSED)
        return;
    l->state = LINE_CLOSED;
    buf_cut(&l->out, l->flushed);
    while (l->seats)
        line_seat(l->seats, NULL);
    be_ready(l);
}

void line_tick(struct line *l, int64_t now_us)
{
    if (now_us >= l->deadline_us)
        line_close(l);
}

void line_seat(struct line_seat *seat, struct line *l)
{
    if (seat->line)
        LL_DELETE(seat->line->seats, seat);
    seat->line = l;
    seat->next = NULL;
    if (l)
        LL_PREPEND(l->seats, seat);
}

void line_put(struct line *l, const void *packet, size_t len)
{
    if (l->state == LINE_OPEN && wire_pack(l->wire, packet, len, &l->out))
        line_close(l);
}

void line_quick_ack(struct line *l, uint32_t token)
{
    if (l->state == LINE_OPEN && wire_pack_quick_ack(l->wire, token, &l->out))
        line_close(l);
}

void line_flush(struct line *l)
{
    if (l->state != LINE_OPEN || (!l->out.len && !l->out.err))
        return;
    if (l->out.err) {
        line_close(l);
        return;
    }
    l->flushed = l->out.len;
    be_ready(l);
}

void line_refuse(struct line *l, int32_t code)
{
    if (l->state != LINE_OPEN)
        return;
    centres_trace(l->s, json_pack("{s:s, s:i, s:i}", "event", "transport_error", "dc", l->dc, "code", (int)code));
    if (wire_pack_error(l->wire, code, &l->out)) {
        line_close(l);
        return;
    }
    line_flush(l);
    if (l->state == LINE_OPEN)
        l->state = LINE_ENDS;
}

void line_disconnect_after(struct line *l, unsigned seconds)
{
    if (l->state == LINE_CLOSED)
        return;
    l->deadline_us = seconds ? clock_mono_us(l->s->world.clock) + seconds * SECOND_US : INT64_MAX;
    be_ready(l);
}
