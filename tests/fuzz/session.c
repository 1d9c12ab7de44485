/* The client's session against a server that may say anything under the right key: containers, gzip, salts, states,
 * errors, in any order. The client's own packets are judged by the desk of the unit tests.
 * Input: operations (u8), see step(). */
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/crypto/kdf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/mt/peer.h"

enum { STEPS_MAX = 200, QUERIES_MAX = 64, SENT_MAX = 64, PIECE_MAX = 2048 };

struct play {
    struct desk d;
    struct feed f;
    uint64_t requests[QUERIES_MAX], sent[SENT_MAX]; /* msg_ids the server has seen */
    bool over[QUERIES_MAX], forgotten[QUERIES_MAX];
    unsigned queries_n, sent_n;
};

static const uint32_t ids[] = {
#define X(constant, name, id) id,
    MT_IDS(X)
#undef X
        ANSWER_ID,
    UPDATE_ID,
};

static void note_sent(struct play *p)
{
    for (size_t i = 0; i < p->d.heard_n; i++)
        p->sent[p->sent_n++ % SENT_MAX] = p->d.heard[i].msg_id;
}

static void flush(struct play *p)
{
    desk_flush(&p->d);
    note_sent(p);
}

/* Each request ends once. */
static void judge_events(struct play *p)
{
    for (size_t i = 0; i < p->d.events_n; i++) {
        const struct event *e = &p->d.events[i];
        if (e->kind != EVENT_RESULT && e->kind != EVENT_ERROR && e->kind != EVENT_FAILED)
            continue;
        unsigned q = 0;
        while (q < p->queries_n && p->requests[q] != e->request)
            q++;
        FUZZ_CHECK(q < p->queries_n && !p->over[q] && !p->forgotten[q]);
        p->over[q] = true;
    }
    desk_forget_events(&p->d);
}

static void after_feed(struct play *p, int err)
{
    FUZZ_CHECK(err == 0 || err == TGC_EPROTO || err == TGC_ECRYPTO);
    judge_events(p);
    if (err) {
        mt_session_disconnected(p->d.s);
        mt_session_connected(p->d.s);
    }
}

/* How far from now a message id is: mostly not at all. */
static uint64_t next_id(struct play *p)
{
    uint8_t how = feed_u8(&p->f);
    uint64_t id = desk_next_id(&p->d, how & 1 ? MT_MSG_ID_ANSWER : MT_MSG_ID_SERVER);

    if (how < 0xe0)
        return id;
    return id + ((uint64_t)(int64_t)(int8_t)feed_u8(&p->f) << (how & 63));
}

static void gzip_body(struct play *p)
{
    struct buf packed;

    buf_init(&packed, 1 << 20);
    FUZZ_CHECK(gzip_pack(p->d.body.data, p->d.body.len, &packed) == 0);
    buf_reset(&p->d.body);
    tl_write_u32(&p->d.body, MT_GZIP_PACKED);
    tl_write_bytes(&p->d.body, packed.data, packed.len);
    buf_fini(&packed);
}

/* Any plaintext at all, header and padding included. */
static void raw_packet(struct play *p)
{
    struct buf packet;
    size_t n;
    const uint8_t *plain = feed_take(&p->f, feed_u16(&p->f) % PIECE_MAX, &n);

    buf_init(&packet, 1 << 20);
    fuzz_seal(p->d.key, KDF_TO_CLIENT, plain, n, &packet);
    after_feed(p, desk_feed(&p->d, packet.data, packet.len));
    buf_fini(&packet);
}

/* A whole message's body must be a multiple of four. */
static void pad_body(struct buf *b)
{
    buf_put_zero(b, (4 - b->len % 4) % 4);
}

static void put_vector(struct play *p)
{
    uint32_t n = feed_u8(&p->f) % 16;

    tl_write_vector(&p->d.body, n);
    while (n-- > 0)
        tl_write_u64(&p->d.body, p->sent[feed_u8(&p->f) % SENT_MAX]);
}

/* The body as what a query's result holds, or as a copy of an earlier message. */
static void wrap_body(struct play *p, bool is_copy)
{
    struct buf *b = &p->d.body, whole;

    pad_body(b);
    buf_init(&whole, 2 << 20);
    tl_write_u32(&whole, is_copy ? MT_MSG_COPY : MT_RPC_RESULT);
    if (is_copy) {
        tl_write_u64(&whole, next_id(p));
        tl_write_u32(&whole, feed_u8(&p->f));
        tl_write_u32(&whole, (uint32_t)b->len);
    } else {
        tl_write_u64(&whole, p->sent[feed_u8(&p->f) % SENT_MAX]);
    }
    buf_put(&whole, b->data, b->len);
    buf_reset(b);
    buf_put(b, whole.data, whole.len);
    buf_fini(&whole);
}

static void query(struct play *p)
{
    if (p->queries_n < QUERIES_MAX) {
        p->requests[p->queries_n] = desk_query(&p->d, p->queries_n);
        p->queries_n++;
    }
}

/* A query whose answer comes without an rpc_result. */
static void destroy(struct play *p)
{
    uint8_t query[12] = {0};

    if (p->queries_n == QUERIES_MAX)
        return;
    le32_store(query, MT_DESTROY_SESSION);
    FUZZ_CHECK(mt_session_send(p->d.s, query, sizeof(query), &p->requests[p->queries_n]) == 0);
    p->queries_n++;
}

static void forget(struct play *p)
{
    unsigned q = feed_u8(&p->f);

    if (q < p->queries_n && !p->over[q]) {
        mt_session_forget(p->d.s, p->requests[q]);
        p->forgotten[q] = true;
    }
}

static void pass(struct play *p)
{
    int err = desk_pass(&p->d, (int64_t)feed_u8(&p->f) * SECOND_US / 4);

    FUZZ_CHECK(err == 0 || err == TGC_ETIMEOUT);
    judge_events(p);
    if (err)
        mt_session_connected(p->d.s);
}

static void step(struct play *p)
{
    struct buf *b = &p->d.body;
    size_t n;
    const uint8_t *bytes;

    switch (feed_u8(&p->f) % 20) {
    case 0:
        query(p);
        break;
    case 1: /* a message begins with a constructor */
        buf_reset(b);
        tl_write_u32(b, ids[feed_u8(&p->f) % (sizeof(ids) / sizeof(ids[0]))]);
        break;
    case 2: /* the body goes on: a constructor, a known id, bytes, a small number */
        tl_write_u32(b, ids[feed_u8(&p->f) % (sizeof(ids) / sizeof(ids[0]))]);
        break;
    case 3:
        tl_write_u64(b, p->sent[feed_u8(&p->f) % SENT_MAX]);
        break;
    case 4:
        bytes = feed_take(&p->f, feed_u8(&p->f), &n);
        buf_put(b, bytes, n);
        break;
    case 5:
        tl_write_u32(b, feed_u8(&p->f));
        break;
    case 6:
        pad_body(b);
        gzip_body(p);
        break;
    case 7: /* it is sent; with a sequence number of its own */
        pad_body(b);
        if (b->len) {
            uint64_t id = next_id(p);
            after_feed(p, desk_tell_as(&p->d, p->d.session_id, id, feed_u8(&p->f)));
        }
        break;
    case 8: /* or put into a container */
        pad_body(b);
        if (b->len && p->d.container.len < PIECE_MAX * 16) {
            uint64_t id = next_id(p);
            desk_put_as(&p->d, id, feed_u8(&p->f));
        }
        break;
    case 9:
        if (p->d.container_count) {
            p->d.container_count ^= feed_u8(&p->f) == 0xff;
            after_feed(p, desk_tell_container(&p->d));
        }
        break;
    case 10:
        pass(p);
        break;
    case 11:
        mt_session_disconnected(p->d.s);
        mt_session_connected(p->d.s);
        break;
    case 12:
        forget(p);
        break;
    case 13:
        raw_packet(p);
        break;
    case 14:
        if (feed_u8(&p->f) & 1)
            destroy(p);
        else
            mt_session_init_again(p->d.s);
        break;
    case 15:
        tl_write_u64(b, p->d.salt);
        break;
    case 16:
    case 17:
        wrap_body(p, false);
        break;
    case 18:
        wrap_body(p, true);
        break;
    default:
        put_vector(p);
        break;
    }
    if (b->len > 1 << 20 || buf_err(b))
        buf_reset(b);
    flush(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct play p;

    fuzz_begin();
    memset(&p, 0, sizeof(p));
    p.f = (struct feed){data, data + len};
    desk_init(&p.d);
    /* Some of each: what goes in front of the first query is in use too. */
    if (feed_u8(&p.f) & 1)
        FUZZ_CHECK(mt_session_set_prefix(p.d.s, "\1\2\3\4", 4) == 0);
    for (int i = 0; i < STEPS_MAX && feed_left(&p.f); i++)
        step(&p);
    size_t open = 0;
    for (unsigned q = 0; q < p.queries_n; q++)
        open += !p.over[q] && !p.forgotten[q];
    FUZZ_CHECK(mt_session_pending(p.d.s) >= open);
    desk_fini(&p.d);
    return 0;
}
