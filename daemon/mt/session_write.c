/* The next packet: acknowledgements, questions, pings and queries, bare or in a container. */
#include <stdlib.h>

#include "daemon/mt/bind.h"
#include "daemon/mt/container.h"
#include "daemon/mt/session_internal.h"

enum { ITEM_HEADER = 16, CONTAINER_HEADER = 8, HEADROOM = 1 << 16 };

/* One message of the packet. Ids are given when all memory is there, so that none is ever used and lost. */
struct item {
    struct sent *sent;
    struct mt_request *request; /* NULL: a service message, whose body is in SENT */
    bool prefixed;
    size_t len;
    uint32_t seq_no;
};

struct packet {
    struct item items[LIMIT_CONTAINER_MESSAGES];
    uint32_t n;
    size_t bytes;
};

/* Acks, pings and what answers a question need no acknowledgement. */
static bool is_content(enum sent_kind kind)
{
    return kind == SENT_QUERY || kind == SENT_STATE_REQ || kind == SENT_RESEND_REQ;
}

/* The first of the waiting queries from Q on that may go now. */
static struct mt_request *next_query(const struct mt_session *s, struct mt_request *q)
{
    while (q && !session_may_send(s, q))
        q = q->next;
    return q;
}

static int push_acks(struct mt_session *s)
{
    struct buf body;

    buf_init(&body, 16 + 8 * (size_t)LIMIT_ACKS);
    acks_write(&s->acks, &body);
    int err = outbox_push(s, SENT_ACKS, &body);
    buf_fini(&body);
    if (!err)
        acks_clear(&s->acks);
    return err;
}

/* Lays the service messages that are due on the heap of those to send; acks go along with whatever goes. */
static int push_due(struct mt_session *s, int64_t now_us)
{
    bool ping = now_us >= s->ping_next_us, salts = salts_are_wanted(s, now_us);
    bool any =
        ping || salts || s->ask_state || s->to_send.n || next_query(s, s->queue.first) || now_us >= s->acks.due_us;
    int err = 0;

    if (any && s->acks.n)
        err = push_acks(s);
    if (!err && s->ask_state)
        err = state_push(s);
    if (!err && ping)
        err = ping_push(s, now_us);
    if (!err && salts)
        err = salts_push(s, now_us);
    return err;
}

static bool fits(const struct packet *p, size_t len)
{
    return p->n == 0 || (p->n < LIMIT_CONTAINER_MESSAGES && p->bytes + ITEM_HEADER + len <= LIMIT_CONTAINER_BYTES);
}

static void take_in(struct packet *p, struct item item)
{
    p->items[p->n++] = item;
    p->bytes += ITEM_HEADER + item.len;
}

static int choose(struct mt_session *s, struct packet *p)
{
    p->n = 0;
    p->bytes = CONTAINER_HEADER;
    for (struct sent *e = s->to_send.first; e && fits(p, e->len); e = e->next)
        take_in(p, (struct item){.sent = e, .len = e->len});
    for (struct mt_request *q = next_query(s, s->queue.first); q; q = next_query(s, q->next)) {
        bool prefixed = !s->inited && !mt_request_is_bare(q) && s->prefix.len;
        size_t len = q->len + (prefixed ? s->prefix.len : 0);
        if (!fits(p, len))
            break;
        struct sent *e = sent_new(SENT_QUERY, NULL, 0);
        if (!e)
            return TGC_ENOMEM;
        e->init_round = prefixed ? s->init_round : 0;
        take_in(p, (struct item){.sent = e, .request = q, .prefixed = prefixed, .len = len});
    }
    return id_map_reserve(&s->by_msg_id, p->n);
}

static uint64_t next_id(struct mt_session *s)
{
    return mt_msg_id_next(&s->ids, session_server_us(s), MT_MSG_ID_CLIENT);
}

static uint32_t next_seq_no(struct mt_session *s, bool content)
{
    uint32_t seq_no = 2 * s->content_n + content;

    s->content_n += content;
    return seq_no;
}

static void number(struct mt_session *s, struct packet *p, struct mt_message *m)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct item *item = &p->items[i];
        item->sent->msg_id = next_id(s);
        item->seq_no = next_seq_no(s, is_content(item->sent->kind));
    }
    m->msg_id = p->n == 1 ? p->items[0].sent->msg_id : next_id(s);
    m->seq_no = p->n == 1 ? p->items[0].seq_no : next_seq_no(s, false);
    for (uint32_t i = 0; i < p->n; i++)
        p->items[i].sent->outer_id = m->msg_id;
}

static int write_body(const struct mt_session *s, const struct item *item, struct buf *b)
{
    const struct mt_request *q = item->request;

    if (!q)
        return buf_put(b, item->sent->body, item->sent->len);
    if (q->method == MT_BIND_TEMP_AUTH_KEY)
        return session_bind_write(s, item->sent->msg_id, b);
    if (item->prefixed)
        buf_put(b, s->prefix.data, s->prefix.len);
    return buf_put(b, q->body, q->len);
}

static int write_packet(const struct mt_session *s, const struct packet *p, struct buf *b)
{
    int err = 0;

    if (p->n == 1)
        return write_body(s, &p->items[0], b);
    mt_container_begin(b, p->n);
    for (uint32_t i = 0; !err && i < p->n; i++) {
        const struct item *item = &p->items[i];
        buf_put_u64(b, item->sent->msg_id);
        buf_put_u32(b, item->seq_no);
        buf_put_u32(b, (uint32_t)item->len);
        err = write_body(s, item, b);
    }
    return err;
}

static void commit(struct mt_session *s, struct packet *p, int64_t now_us)
{
    for (uint32_t i = 0; i < p->n; i++) {
        struct item *item = &p->items[i];
        outbox_remember_id(s, item->sent->msg_id);
        if (item->request)
            mt_request_sent(s, item->request, item->sent, now_us);
        else
            outbox_service_sent(s, sent_list_take(&s->to_send));
    }
}

/* Whether the server will say that it took the packet. */
static bool is_answered(const struct packet *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->items[i].sent->kind != SENT_ACKS && p->items[i].sent->kind != SENT_STATE_INFO)
            return true;
    }
    return false;
}

static void give_up(struct packet *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->items[i].request)
            sent_free(p->items[i].sent);
    }
}

static void scratch_shrink(struct mt_session *s)
{
    size_t max = s->scratch.max;

    buf_reset(&s->scratch);
    if (s->scratch.cap > HEADROOM) {
        buf_fini(&s->scratch);
        buf_init_secret(&s->scratch, max);
    }
}

int mt_session_flush(struct mt_session *s, struct buf *out)
{
    struct packet p;
    int64_t now_us = session_now_us(s);

    if (!s->connected)
        return 0;
    if (s->probe_id && now_us < s->probe_until_us)
        return 0;
    if (s->probe_id) /* the server is slow to say anything */
        session_salt_trust(s);
    session_salt_choose(s);
    int err = push_due(s, now_us);
    if (err || (!s->to_send.first && !next_query(s, s->queue.first)))
        return err;
    struct mt_msg_id_source ids = s->ids;
    uint64_t packet_id = 0;
    uint32_t content_n = s->content_n;
    err = choose(s, &p);
    if (!err) {
        struct mt_message m = {.salt = s->salts.now, .session_id = s->session_id};
        number(s, &p, &m);
        packet_id = m.msg_id;
        err = write_packet(s, &p, &s->scratch);
        m.body = s->scratch.data;
        m.len = s->scratch.len;
        if (!err)
            err = mt_packed_seal(s->config.key, KDF_TO_SERVER, &m, s->config.random, out);
        if (!err && p.n > 1)
            outbox_remember_id(s, m.msg_id);
    }
    scratch_shrink(s);
    if (err) {
        give_up(&p);
        s->ids = ids;
        s->content_n = content_n;
        return err;
    }
    bool probe = s->salt_doubted && is_answered(&p);
    commit(s, &p, now_us);
    if (probe) {
        s->probe_id = packet_id;
        s->probe_until_us = now_us + SALT_WAIT_S * SECOND_US;
    }
    return 1;
}
