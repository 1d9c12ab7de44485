/* From queued messages to packets on the session's line. */
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/sandbox/centre/session.h"

static void seal(struct session *ss, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len)
{
    struct mt_message m = {
        .salt = session_salt(ss),
        .session_id = ss->id,
        .msg_id = msg_id,
        .seq_no = seq_no,
        .body = body,
        .len = len,
    };
    struct buf packet;

    buf_init(&packet, LIMIT_PACKET);
    int err = ss->lie ? packet_lie_seal(ss->auth->key, &m, ss->lie, &ss->s->noise, &packet)
                      : mt_packed_seal(ss->auth->key, KDF_TO_CLIENT, &m, &ss->s->noise, &packet);
    ss->lie = PACKET_LIE_NONE;
    if (err)
        log_error("sandbox", "a packet could not be sealed");
    else
        line_put(ss->seat.line, packet.data, packet.len);
    buf_fini(&packet);
}

/* Service messages with an even seqno are not kept once they are written. */
static void forget_written(struct session *ss)
{
    struct outgoing **p = &ss->first, *last = NULL;

    while (*p) {
        struct outgoing *o = *p;
        if (o->is_written && !(o->seq_no & 1)) {
            *p = o->next;
            ss->kept_n--;
            ss->kept_bytes -= o->len;
            free(o);
        } else {
            last = o;
            p = &o->next;
        }
    }
    ss->last = last;
}

static bool unwritten(const struct outgoing *o)
{
    return o && !o->is_written;
}

/* As many of the messages from *AT on as fit one container; leaves *AT behind them. */
static void write_packet(struct session *ss, struct outgoing **at)
{
    struct outgoing *list[LIMIT_CONTAINER_MESSAGES];
    size_t n = 0, bytes = 0;
    struct buf b;

    for (; *at && n < LIMIT_CONTAINER_MESSAGES; *at = (*at)->next) {
        if (!unwritten(*at))
            continue;
        if (n && bytes + (*at)->len > LIMIT_CONTAINER_BYTES)
            break;
        bytes += (*at)->len + 16;
        list[n++] = *at;
    }
    bool boxed = n > 1 || ss->boxed || ss->s->options.containers;
    ss->boxed = false;
    if (n == 1 && !boxed)
        seal(ss, list[0]->msg_id, list[0]->seq_no, list[0]->body, list[0]->len);
    if (n && boxed) {
        buf_init(&b, LIMIT_PACKET);
        mt_container_begin(&b, (uint32_t)n);
        for (size_t i = 0; i < n; i++)
            mt_container_put(&b, list[i]->msg_id, list[i]->seq_no, list[i]->body, list[i]->len);
        if (!b.err)
            seal(ss, session_next_id(ss, MT_MSG_ID_SERVER), ss->content_sent * 2, b.data, b.len);
        buf_fini(&b);
    }
    for (size_t i = 0; i < n; i++)
        list[i]->is_written = true;
}

void session_flush(struct session *ss)
{
    if (!ss->seat.line)
        return;
    session_put_acks(ss);
    /* A connection that cannot take more closes, and the session loses it. */
    for (struct outgoing *at = ss->first; at && ss->seat.line;)
        write_packet(ss, &at);
    forget_written(ss);
    if (ss->seat.line)
        line_flush(ss->seat.line);
}
