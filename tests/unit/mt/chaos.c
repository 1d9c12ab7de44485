#include "tests/unit/mt/chaos.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/packed.h"
#include "tests/unit/mt/peer.h"

enum { CHANNEL_MAX = 64, QUERIES_MAX = 120, SEEN_MAX = 4000, CALM_STEPS = 800 };

struct parcel {
    uint8_t *data;
    size_t len;
};

struct channel {
    struct parcel parcels[CHANNEL_MAX];
    size_t n;
};

/* A query that the server has taken. */
struct taken {
    uint64_t msg_id, answer_id;
    uint32_t value;
    bool acked;
};

struct chaos {
    struct desk d;
    const uint8_t *bytes, *end;
    struct channel to_server, to_client;
    uint64_t requests[QUERIES_MAX];
    uint32_t queries_n;

    bool has_session, fresh_connection;
    uint64_t session_id, unique_id;
    struct taken taken[SEEN_MAX];
    size_t taken_n;
    bool calm;
};

static uint8_t draw(struct chaos *c)
{
    return c->bytes < c->end ? *c->bytes++ : 0;
}

/* True in PERCENT of all cases; never once it is calm. */
static bool chance(struct chaos *c, unsigned percent)
{
    return !c->calm && draw(c) * 100u < percent * 256u;
}

static void channel_put(struct channel *ch, const uint8_t *data, size_t len)
{
    if (ch->n == CHANNEL_MAX)
        return; /* lost */
    uint8_t *copy = malloc(len);
    memcpy(copy, data, len);
    ch->parcels[ch->n++] = (struct parcel){copy, len};
}

static struct parcel channel_take(struct channel *ch, size_t at)
{
    struct parcel p = ch->parcels[at];

    ch->n--;
    memmove(ch->parcels + at, ch->parcels + at + 1, (ch->n - at) * sizeof(p));
    return p;
}

static void channel_clear(struct channel *ch)
{
    while (ch->n)
        free(channel_take(ch, 0).data);
}

/* The message begun, to the client. */
static void post(struct chaos *c, uint64_t msg_id, uint32_t seq_no)
{
    size_t len;
    uint8_t *packet = desk_seal(&c->d, c->session_id, msg_id, seq_no, &len);

    channel_put(&c->to_client, packet, len);
    free(packet);
}

static void post_service(struct chaos *c, bool content)
{
    post(c, desk_next_id(&c->d, MT_MSG_ID_SERVER), content);
}

/* Answers keep their id; a container around them is of today. */
static void post_answer(struct chaos *c, const struct taken *t)
{
    struct buf *b = desk_begin(&c->d, MT_RPC_RESULT);

    tl_write_u64(b, t->msg_id);
    tl_write_u32(b, ANSWER_ID);
    tl_write_u32(b, t->value * 3 + 1);
    if (chance(c, 50)) {
        c->d.container_count = 0;
        desk_put_as(&c->d, t->answer_id, 1);
        le32_store(c->d.container.data + 4, 1);
        buf_reset(b);
        buf_put(b, c->d.container.data, c->d.container.len);
        c->d.container_count = 0;
        post(c, desk_next_id(&c->d, MT_MSG_ID_SERVER), 2);
        return;
    }
    c->d.container_count = 0;
    desk_put_as(&c->d, t->answer_id, 1);
    tl_write_u32(desk_begin(&c->d, UPDATE_ID), 0);
    desk_put_as(&c->d, desk_next_id(&c->d, MT_MSG_ID_SERVER), 1);
    le32_store(c->d.container.data + 4, 2);
    buf_reset(b);
    buf_put(b, c->d.container.data, c->d.container.len);
    c->d.container_count = 0;
    post(c, desk_next_id(&c->d, MT_MSG_ID_SERVER), 4);
}

static struct taken *find_taken(struct chaos *c, uint64_t msg_id)
{
    for (size_t i = 0; i < c->taken_n; i++) {
        if (c->taken[i].msg_id == msg_id)
            return &c->taken[i];
    }
    return NULL;
}

static void serve_query(struct chaos *c, const struct mt_message *m)
{
    struct taken *t = find_taken(c, m->msg_id);

    if (t) {
        if (!t->acked)
            post_answer(c, t);
        return;
    }
    if (c->taken_n == SEEN_MAX)
        return;
    t = &c->taken[c->taken_n++];
    *t = (struct taken){
        .msg_id = m->msg_id, .answer_id = desk_next_id(&c->d, MT_MSG_ID_ANSWER), .value = le32_load(m->body + 4)};
    if (!chance(c, 30))
        post_answer(c, t);
    else if (chance(c, 50)) {
        struct buf *b = desk_begin(&c->d, MT_MSGS_ACK);
        tl_write_vector(b, 1);
        tl_write_u64(b, m->msg_id);
        post_service(c, false);
    }
}

static void serve_state_req(struct chaos *c, const struct mt_message *m, struct tl_reader *r)
{
    uint8_t info[QUERIES_MAX * 16];
    uint64_t ids[QUERIES_MAX * 16];
    uint32_t n = tl_read_vector(r, 8);

    ck_assert_uint_le(n, QUERIES_MAX * 16);
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = tl_read_u64(r);
        info[i] = find_taken(c, ids[i]) ? 4 : 2;
    }
    struct buf *b = desk_begin(&c->d, MT_MSGS_STATE_INFO);
    tl_write_u64(b, m->msg_id);
    tl_write_bytes(b, info, n);
    post_service(c, false);
    for (uint32_t i = 0; i < n; i++) {
        struct taken *t = find_taken(c, ids[i]);
        if (!t || t->acked)
            continue;
        if (chance(c, 50)) {
            post_answer(c, t);
            continue;
        }
        b = desk_begin(&c->d, MT_MSG_DETAILED_INFO);
        tl_write_u64(b, t->msg_id);
        tl_write_u64(b, t->answer_id);
        tl_write_u32(b, 20);
        tl_write_u32(b, 0);
        post_service(c, false);
    }
}

static void serve_ids(struct chaos *c, uint32_t id, struct tl_reader *r)
{
    uint32_t n = tl_read_vector(r, 8);

    for (uint32_t i = 0; i < n; i++) {
        uint64_t wanted = tl_read_u64(r);
        for (size_t k = 0; k < c->taken_n; k++) {
            if (c->taken[k].answer_id != wanted)
                continue;
            if (id == MT_MSGS_ACK)
                c->taken[k].acked = true;
            else
                post_answer(c, &c->taken[k]);
        }
    }
}

static void serve_message(struct chaos *c, const struct mt_message *m)
{
    struct tl_reader r;
    struct buf *b;

    tl_reader_init(&r, m->body, m->len);
    uint32_t id = tl_read_u32(&r);
    switch (id) {
    case QUERY_ID:
        serve_query(c, m);
        break;
    case MT_MSGS_STATE_REQ:
        serve_state_req(c, m, &r);
        break;
    case MT_MSGS_ACK:
    case MT_MSG_RESEND_REQ:
        serve_ids(c, id, &r);
        break;
    case MT_PING_DELAY_DISCONNECT:
        b = desk_begin(&c->d, MT_PONG);
        tl_write_u64(b, m->msg_id);
        tl_write_u64(b, tl_read_u64(&r));
        post_service(c, false);
        break;
    default:
        break;
    }
}

static uint64_t first_id(const struct mt_message *m)
{
    return le32_load(m->body) == MT_MSG_CONTAINER ? le64_load(m->body + 8) : m->msg_id;
}

static void meet_session(struct chaos *c, const struct mt_message *m)
{
    if (c->has_session && c->session_id == m->session_id)
        return;
    c->has_session = true;
    c->session_id = m->session_id;
    c->taken_n = 0;
    struct buf *b = desk_begin(&c->d, MT_NEW_SESSION_CREATED);
    tl_write_u64(b, first_id(m));
    tl_write_u64(b, ++c->unique_id);
    tl_write_u64(b, c->d.salt);
    post_service(c, true);
}

/* Whether the packet was refused, rightly or out of spite. */
static bool refuse(struct chaos *c, const struct mt_message *m)
{
    static const uint32_t codes[] = {16, 20, 20, 17, 32, 33};
    struct buf *b;

    if (m->salt != c->d.salt) {
        b = desk_begin(&c->d, MT_BAD_SERVER_SALT);
        tl_write_u64(b, m->msg_id);
        tl_write_u32(b, m->seq_no);
        tl_write_u32(b, 48);
        tl_write_u64(b, c->d.salt);
        post_service(c, false);
        return true;
    }
    if (!chance(c, 3))
        return false;
    b = desk_begin(&c->d, MT_BAD_MSG_NOTIFICATION);
    tl_write_u64(b, m->msg_id);
    tl_write_u32(b, m->seq_no);
    tl_write_u32(b, codes[draw(c) % 6]);
    post_service(c, false);
    return true;
}

static void serve(struct chaos *c, struct parcel p)
{
    struct mt_message m, inner;
    struct tl_reader r;
    uint32_t count;

    ck_assert_int_eq(mt_packed_open(c->d.key, KDF_TO_SERVER, p.data, p.len, &m), 0);
    meet_session(c, &m);
    if (!refuse(c, &m)) {
        if (c->fresh_connection) {
            c->fresh_connection = false;
            for (size_t i = 0; i < c->taken_n; i++) {
                if (!c->taken[i].acked && chance(c, 50))
                    post_answer(c, &c->taken[i]);
            }
        }
        if (le32_load(m.body) != MT_MSG_CONTAINER) {
            serve_message(c, &m);
        } else {
            ck_assert_int_eq(mt_container_open(m.body, m.len, &r, &count), 0);
            while (count-- > 0) {
                ck_assert_int_eq(mt_container_next(&r, &inner), 0);
                serve_message(c, &inner);
            }
        }
    }
    free(p.data);
}

static void reconnect(struct chaos *c)
{
    mt_session_disconnected(c->d.s);
    channel_clear(&c->to_server);
    channel_clear(&c->to_client);
    c->fresh_connection = true;
    mt_session_connected(c->d.s);
}

static void flush(struct chaos *c)
{
    int more;

    for (;;) {
        buf_reset(&c->d.packet);
        more = mt_session_flush(c->d.s, &c->d.packet);
        if (more != 1)
            break;
        channel_put(&c->to_server, c->d.packet.data, c->d.packet.len);
        desk_hear_packet(&c->d); /* judges ids, sequence numbers, containers */
        desk_forget_heard(&c->d);
    }
    ck_assert_int_eq(more, 0);
}

static void receive(struct chaos *c, struct parcel p)
{
    struct fault fault;
    int err = mt_session_feed(c->d.s, p.data, p.len, &fault);

    free(p.data);
    if (err) {
        ck_assert_msg(err == TGC_EPROTO && strstr(fault.text, "Too many new sessions"), "%d %s", err, fault.text);
        reconnect(c);
    }
}

static size_t any_of(struct chaos *c, const struct channel *ch)
{
    return chance(c, 20) ? draw(c) % ch->n : 0;
}

static void step(struct chaos *c)
{
    switch (draw(c) % 16) {
    case 0:
    case 1:
        if (c->queries_n < QUERIES_MAX) {
            c->requests[c->queries_n] = desk_query(&c->d, c->queries_n);
            c->queries_n++;
        }
        break;
    case 2:
    case 3:
    case 4:
    case 5:
        if (c->to_server.n)
            serve(c, channel_take(&c->to_server, any_of(c, &c->to_server)));
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        if (c->to_client.n)
            receive(c, channel_take(&c->to_client, any_of(c, &c->to_client)));
        break;
    case 10: { /* lost, or doubled */
        struct channel *ch = chance(c, 50) ? &c->to_server : &c->to_client;
        if (!ch->n)
            break;
        struct parcel p = channel_take(ch, draw(c) % ch->n);
        if (chance(c, 50)) {
            channel_put(ch, p.data, p.len);
            channel_put(ch, p.data, p.len);
        }
        free(p.data);
        break;
    }
    case 11:
    case 12:
        if (desk_pass(&c->d, draw(c) * SECOND_US / 20) == TGC_ETIMEOUT)
            reconnect(c);
        break;
    case 13:
        if (chance(c, 20))
            reconnect(c);
        break;
    case 14:
        if (chance(c, 30))
            c->d.salt += 0x10001;
        break;
    default:
        if (chance(c, 10))
            c->has_session = false; /* the server forgets */
        break;
    }
    flush(c);
}

/* No more mischief: everything is delivered, in order, as time passes. */
static void calm_down(struct chaos *c)
{
    c->calm = true;
    for (int i = 0; i < CALM_STEPS && mt_session_pending(c->d.s); i++) {
        flush(c);
        while (c->to_server.n)
            serve(c, channel_take(&c->to_server, 0));
        while (c->to_client.n)
            receive(c, channel_take(&c->to_client, 0));
        flush(c);
        if (!mt_session_pending(c->d.s))
            break;
        /* Timers: what the session says is due is all that is needed to get on. */
        int64_t deadline = mt_session_deadline(c->d.s), now = c->d.clock.mono_us;
        ck_assert(deadline != INT64_MAX);
        if (desk_pass(&c->d, deadline > now ? deadline - now : 1) == TGC_ETIMEOUT)
            reconnect(c);
    }
}

static void check_ends(struct chaos *c)
{
    static unsigned ends[QUERIES_MAX];

    memset(ends, 0, sizeof(ends));
    ck_assert_uint_eq(mt_session_pending(c->d.s), 0);
    for (size_t i = 0; i < c->d.events_n; i++) {
        struct event *e = &c->d.events[i];
        ck_assert_int_ne(e->kind, EVENT_ERROR);
        ck_assert_int_ne(e->kind, EVENT_FAILED);
        if (e->kind != EVENT_RESULT)
            continue;
        uint32_t q = 0;
        while (q < c->queries_n && c->requests[q] != e->request)
            q++;
        ck_assert_uint_lt(q, c->queries_n);
        ck_assert_uint_eq(e->id, ANSWER_ID);
        ck_assert_uint_eq(e->value, q * 3 + 1);
        ends[q]++;
    }
    for (uint32_t q = 0; q < c->queries_n; q++)
        ck_assert_msg(ends[q] == 1, "query %u ended %u times", q, ends[q]);
}

void chaos_run(const uint8_t *bytes, size_t len)
{
    struct chaos *c = calloc(1, sizeof(*c));

    desk_init(&c->d);
    c->bytes = bytes;
    c->end = bytes + len;
    c->session_id = c->d.session_id;
    while (c->bytes < c->end)
        step(c);
    calm_down(c);
    check_ends(c);
    channel_clear(&c->to_server);
    channel_clear(&c->to_client);
    desk_fini(&c->d);
    free(c);
}
