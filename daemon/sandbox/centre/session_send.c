/* What a session sends: queued under its numbers, kept until the client has it. */
#include <stdlib.h>
#include <string.h>

#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/tl/writer.h"

uint64_t session_salt(const struct session *ss)
{
    const struct keys *k = &ss->s->keys;

    return keys_salt(k, ss->auth, keys_salt_index(k, ss->auth, centres_now_us(ss->s)));
}

uint64_t session_next_id(struct session *ss, enum mt_msg_id_low low)
{
    return mt_msg_id_next(&ss->ids, centres_now_us(ss->s), low);
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
    o->msg_id = session_next_id(ss, request ? MT_MSG_ID_ANSWER : MT_MSG_ID_SERVER);
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

void session_put_acks(struct session *ss)
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
        session_put_acks(ss);
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

void session_send_bad(struct session *ss, const struct mt_message *m, int code)
{
    struct buf b;

    buf_init(&b, 64);
    buf_put_u32(&b, code == BAD_SALT ? MT_BAD_SERVER_SALT : MT_BAD_MSG_NOTIFICATION);
    buf_put_u64(&b, m->msg_id);
    buf_put_u32(&b, m->seq_no);
    buf_put_u32(&b, (uint32_t)code);
    if (code == BAD_SALT)
        buf_put_u64(&b, session_salt(ss));
    if (!b.err)
        session_send(ss, b.data, b.len, false, m->msg_id);
    buf_fini(&b);
    centres_trace(ss->s, json_pack("{s:s, s:i, s:i, s:s}", "event", code == BAD_SALT ? "bad_server_salt" : "bad_msg",
                                   "dc", ss->auth->dc, "code", code, "app", ss->auth->app));
}
