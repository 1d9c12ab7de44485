#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/conn.h"
#include "daemon/sandbox/session.h"
#include "daemon/tl/writer.h"

static uint64_t next_id(struct session *ss, enum mt_msg_id_low low)
{
    return mt_msg_id_next(&ss->ids, sandbox_now_us(ss->s), low);
}

static void drop_first(struct session *ss)
{
    struct outgoing *o = ss->first;

    ss->first = o->next;
    if (!ss->first)
        ss->last = NULL;
    ss->kept_n--;
    ss->kept_bytes -= o->len;
    free(o);
}

static bool is_full(const struct session *ss, size_t len)
{
    return ss->first && (ss->kept_n >= SESSION_KEPT_MAX || ss->kept_bytes + len > SESSION_KEPT_BYTES);
}

/* What goes was written once, where there is a connection. */
static void make_room(struct session *ss, size_t len)
{
    while (is_full(ss, len)) {
        if (!ss->first->is_written)
            session_flush(ss);
        if (is_full(ss, len))
            drop_first(ss);
    }
}

void session_send(struct session *ss, const void *body, size_t len, bool content, uint64_t request)
{
    struct outgoing *o = malloc(sizeof(*o) + len);

    if (!o)
        return;
    make_room(ss, len);
    *o = (struct outgoing){.request = request, .len = len};
    o->msg_id = next_id(ss, request ? MT_MSG_ID_ANSWER : MT_MSG_ID_SERVER);
    o->seq_no = ss->content_sent * 2 + (content ? 1 : 0);
    ss->sent[ss->sent_n++ % SESSION_SENT] = o->msg_id;
    ss->content_sent += content ? 1 : 0;
    memcpy(o->body, body, len);
    if (ss->last)
        ss->last->next = o;
    else
        ss->first = o;
    ss->last = o;
    ss->kept_n++;
    ss->kept_bytes += len;
}

void session_send_late(struct session *ss, const void *body, size_t len, uint64_t request)
{
    struct seen *seen = session_seen(ss, request);

    if (seen && seen->is_answered)
        return;
    if (seen)
        seen->is_answered = true;
    session_send(ss, body, len, true, request);
}

static void put_acks(struct session *ss)
{
    struct buf b;

    if (!ss->acks_n)
        return;
    buf_init(&b, 16 + sizeof(ss->acks));
    buf_put_u32(&b, MT_MSGS_ACK);
    tl_write_vector(&b, ss->acks_n);
    for (unsigned i = 0; i < ss->acks_n; i++)
        buf_put_u64(&b, ss->acks[i]);
    ss->acks_n = 0;
    if (!b.err)
        session_send(ss, b.data, b.len, false, 0);
    buf_fini(&b);
}

void session_ack_later(struct session *ss, uint64_t msg_id)
{
    struct seen *seen = session_seen(ss, msg_id);

    if (seen)
        seen->is_acked = true;
    if (ss->acks_n == SESSION_ACKS)
        put_acks(ss);
    ss->acks[ss->acks_n++] = msg_id;
}

void session_acked(struct session *ss, uint64_t msg_id)
{
    struct outgoing *before = NULL;

    for (struct outgoing *o = ss->first; o; before = o, o = o->next) {
        if (o->msg_id != msg_id)
            continue;
        if (!before) {
            drop_first(ss);
            return;
        }
        before->next = o->next;
        if (ss->last == o)
            ss->last = before;
        ss->kept_n--;
        ss->kept_bytes -= o->len;
        free(o);
        return;
    }
}

bool session_sent(const struct session *ss, uint64_t msg_id)
{
    size_t n = ss->sent_n < SESSION_SENT ? ss->sent_n : SESSION_SENT;

    for (size_t i = 1; i <= n; i++)
        if (ss->sent[(ss->sent_n - i) % SESSION_SENT] == msg_id)
            return true;
    return ss->sent_n > SESSION_SENT && msg_id < ss->sent[ss->sent_n % SESSION_SENT];
}

bool session_resend(struct session *ss, uint64_t msg_id)
{
    for (struct outgoing *o = ss->first; o; o = o->next) {
        if (o->msg_id == msg_id) {
            o->is_written = false;
            return true;
        }
    }
    return false;
}

bool session_resend_answer(struct session *ss, uint64_t request)
{
    for (struct outgoing *o = ss->first; o; o = o->next) {
        if (o->request == request) {
            o->is_written = false;
            return true;
        }
    }
    return false;
}

void session_resend_all(struct session *ss)
{
    for (struct outgoing *o = ss->first; o; o = o->next)
        o->is_written = false;
}

static void seal(struct session *ss, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len)
{
    int64_t now = sandbox_now_us(ss->s);
    struct mt_message m = {
        .salt = keys_salt(&ss->s->keys, ss->auth, keys_salt_index(&ss->s->keys, ss->auth, now)),
        .session_id = ss->id,
        .msg_id = msg_id,
        .seq_no = seq_no,
        .body = body,
        .len = len,
    };
    struct buf packet;

    buf_init(&packet, LIMIT_PACKET);
    int err = ss->lie ? packet_lie_seal(ss->auth->key, &m, ss->lie, &packet)
                      : mt_packed_seal(ss->auth->key, KDF_TO_CLIENT, &m, &random_system, &packet);
    ss->lie = PACKET_LIE_NONE;
    if (err)
        log_error("sandbox", "a packet could not be sealed");
    else
        conn_put(ss->conn, packet.data, packet.len);
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
            seal(ss, next_id(ss, MT_MSG_ID_SERVER), ss->content_sent * 2, b.data, b.len);
        buf_fini(&b);
    }
    for (size_t i = 0; i < n; i++)
        list[i]->is_written = true;
}

void session_flush(struct session *ss)
{
    if (!ss->conn || ss->conn->closing)
        return;
    put_acks(ss);
    /* A connection that cannot take more closes, and the session loses it. */
    for (struct outgoing *at = ss->first; at && ss->conn;)
        write_packet(ss, &at);
    forget_written(ss);
    if (ss->conn)
        conn_flush(ss->conn);
}

void session_send_bad(struct session *ss, const struct mt_message *m, int code)
{
    int64_t now = sandbox_now_us(ss->s);
    struct buf b;

    buf_init(&b, 64);
    buf_put_u32(&b, code == BAD_SALT ? MT_BAD_SERVER_SALT : MT_BAD_MSG_NOTIFICATION);
    buf_put_u64(&b, m->msg_id);
    buf_put_u32(&b, m->seq_no);
    buf_put_u32(&b, (uint32_t)code);
    if (code == BAD_SALT)
        buf_put_u64(&b, keys_salt(&ss->s->keys, ss->auth, keys_salt_index(&ss->s->keys, ss->auth, now)));
    if (!b.err)
        session_send(ss, b.data, b.len, false, m->msg_id);
    buf_fini(&b);
    sandbox_trace(ss->s, json_pack("{s:s, s:i, s:i, s:s}", "event", code == BAD_SALT ? "bad_server_salt" : "bad_msg",
                                   "dc", ss->auth->dc, "code", code, "app", ss->auth->app));
}
