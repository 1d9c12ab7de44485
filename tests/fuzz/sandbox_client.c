#include "tests/fuzz/sandbox_client.h"

#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"
#include "daemon/mt/plain.h"
#include "daemon/sandbox/centre/query.h"
#include "daemon/sandbox/centre/service.h"
#include "tests/fuzz/answer.h"

enum { FEED = 64 << 10, INNER_MAX = 1100 };

void client_init(struct client *c, struct dc *d, unsigned n, int dc, uint8_t key_n, bool temporary, unsigned long *lies)
{
    *c = (struct client){.d = d,
                         .line = &d->lines[n],
                         .dc = dc,
                         .key_n = key_n,
                         .temporary = temporary,
                         .session_id = 0x5e5510 + n,
                         .lies = lies};
    c->key = dc_key(key_n);
}

static void hang_up(struct client *c)
{
    dc_hang_up(c->d, c->line);
    wire_free(c->wire);
    c->wire = NULL;
}

void client_fini(struct client *c)
{
    hang_up(c);
    mt_auth_key_free(c->key);
    for (unsigned i = 0; i < CLIENT_SENT; i++)
        free(c->sent[i].body);
}

static struct auth *find_auth(const struct client *c)
{
    return keys_find(&c->d->s.keys, c->dc, le64_load(c->key->id));
}

struct auth *client_auth(struct client *c)
{
    struct auth *a = find_auth(c);

    return a ? a : dc_add_key(c->d, c->dc, c->key_n, c->temporary);
}

static struct session *find_session(const struct client *c)
{
    const struct auth *a = find_auth(c);

    return a ? session_find(a, c->session_id) : NULL;
}

void client_connect(struct client *c, enum wire_framing framing, bool obfuscated)
{
    struct wire_config config = {.random = &random_system, .packet_max = LIMIT_PACKET, .padding_max = 15};

    hang_up(c);
    dc_connect(c->d, c->line, c->dc);
    FUZZ_CHECK(wire_client_new(&config, framing, obfuscated && framing != WIRE_FULL, &c->wire) == 0);
}

void client_number(struct client *c, struct mt_message *m, bool content)
{
    const struct auth *a = client_auth(c);
    const struct centres *s = &c->d->s;

    m->salt = keys_salt(&s->keys, a, keys_salt_index(&s->keys, a, centres_now_us(s)));
    m->session_id = c->session_id;
    m->msg_id = mt_msg_id_next(&c->ids, centres_now_us(s), MT_MSG_ID_CLIENT);
    m->seq_no = c->content * 2 + content;
    c->content += content;
}

/* --- what is heard --- */

static const struct tl_schema *find_schema(void *ctx, int layer)
{
    return centres_schema(ctx, layer);
}

/* What a message asks for; NULL: that is not known. */
static const char *method_in(struct client *c, const struct mt_message *m)
{
    const struct auth *a = find_auth(c);
    const struct tl_comb *comb = NULL;
    struct query q;

    if (!a || m->len < 4 || le32_load(m->body) == MT_GZIP_PACKED)
        return NULL;
    query_unwrap(&q, a->schema, a->layer, find_schema, &c->d->s, m->body, m->len);
    if (!q.error && q.len >= 4)
        comb = tl_find_method_id(q.schema, le32_load(q.data));
    query_fini(&q);
    return comb ? comb->name : NULL;
}

/* The last one with this id from the message FROM on; NULL: none. */
static const struct client_asked *asked_since(const struct client *c, unsigned from, uint64_t msg_id)
{
    for (unsigned i = c->asked_n; i-- > from && c->asked_n - i <= CLIENT_ASKED;)
        if (c->asked[i % CLIENT_ASKED].msg_id == msg_id)
            return &c->asked[i % CLIENT_ASKED];
    return NULL;
}

static void note_told(struct client *c, uint64_t msg_id)
{
    c->told[c->told_n++ % CLIENT_TOLD] = msg_id;
}

static void hear_result(struct client *c, const struct mt_message *m, bool is_ours)
{
    uint64_t request = le64_load(m->body + 4);

    FUZZ_CHECK(m->len > 12 && m->msg_id % 4 == MT_MSG_ID_ANSWER);
    /* One answer to a message, however often it goes out. */
    for (unsigned i = 0; is_ours && i < c->heard_n && i < CLIENT_HEARD; i++)
        FUZZ_CHECK(c->heard[i].request != request || c->heard[i].msg_id == m->msg_id);
    note_told(c, request);
    const struct client_asked *asked = is_ours ? asked_since(c, 0, request) : NULL;
    answer_check(asked ? asked->method : NULL, m->body + 12, m->len - 12);
}

static void hear_bad(struct client *c, struct tl_reader *r, bool has_salt)
{
    uint64_t msg_id = tl_read_u64(r);

    tl_read_u32(r);
    uint32_t code = tl_read_u32(r);
    FUZZ_CHECK(code >= 16 && code <= 64 && (code == BAD_SALT) == has_salt);
    c->refused = c->refused || msg_id == c->packet_msg_id;
    if (has_salt)
        tl_read_u64(r);
}

static void hear_ids(struct client *c, struct tl_reader *r)
{
    uint32_t n = tl_read_vector(r, 8);

    FUZZ_CHECK(n > 0 && n <= SESSION_ACKS);
    while (n-- > 0)
        note_told(c, tl_read_u64(r));
}

static void hear_salts(struct tl_reader *r)
{
    tl_read_u64(r);
    tl_read_u32(r);
    uint32_t n = tl_read_count(r, 16);
    FUZZ_CHECK(n >= 1 && n <= 64);
    for (; n > 0; n--) {
        int32_t since = tl_read_i32(r), until = tl_read_i32(r);
        FUZZ_CHECK(since < until);
        tl_read_u64(r);
    }
}

static void hear_message(struct client *c, const struct mt_message *m, bool is_ours);

/* A message of the server's own that is no answer to a query: what follows the constructor is read to its end. */
static bool hear_service(struct client *c, const struct mt_message *m, uint32_t id)
{
    struct tl_reader r;
    size_t len;

    tl_reader_init(&r, m->body + 4, m->len - 4);
    switch (id) {
    case MT_MSGS_ACK:
        hear_ids(c, &r);
        break;
    case MT_BAD_MSG_NOTIFICATION:
    case MT_BAD_SERVER_SALT:
        hear_bad(c, &r, id == MT_BAD_SERVER_SALT);
        break;
    case MT_PONG:
        tl_read_raw(&r, 16);
        break;
    case MT_FUTURE_SALTS:
        hear_salts(&r);
        break;
    case MT_MSGS_STATE_INFO:
        tl_read_u64(&r);
        tl_read_bytes(&r, &len);
        break;
    case MT_DESTROY_SESSION_OK:
    case MT_DESTROY_SESSION_NONE:
        tl_read_u64(&r);
        break;
    case MT_DESTROY_AUTH_KEY_OK:
    case MT_DESTROY_AUTH_KEY_FAIL:
        break;
    default:
        return false;
    }
    FUZZ_CHECK(!r.err && tl_reader_left(&r) == 0 && m->seq_no % 2 == 0);
    return true;
}

static uint64_t digest_of(const uint8_t *data, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ data[i]) * 0x100000001b3u;
    return h;
}

/* A message id stands for one message for ever, a content message's seqno for one id. */
static void note_heard(struct client *c, const struct mt_message *m)
{
    struct client_heard now = {.msg_id = m->msg_id, .seq_no = m->seq_no, .digest = digest_of(m->body, m->len)};

    if (le32_load(m->body) == MT_RPC_RESULT)
        now.request = le64_load(m->body + 4);
    for (unsigned i = 0; i < c->heard_n && i < CLIENT_HEARD; i++) {
        const struct client_heard *h = &c->heard[i];
        if (h->msg_id == m->msg_id) {
            FUZZ_CHECK(h->seq_no == now.seq_no && h->digest == now.digest);
            return;
        }
        FUZZ_CHECK(!h->msg_id || !(m->seq_no & 1) || h->seq_no != m->seq_no);
    }
    c->heard[c->heard_n++ % CLIENT_HEARD] = now;
}

static void hear_message(struct client *c, const struct mt_message *m, bool is_ours)
{
    uint32_t id;
    struct buf inner;

    FUZZ_CHECK(m->len >= 4 && m->len % 4 == 0);
    FUZZ_CHECK(m->msg_id % 4 == MT_MSG_ID_ANSWER || m->msg_id % 4 == MT_MSG_ID_SERVER);
    id = le32_load(m->body);
    if (is_ours)
        note_heard(c, m);
    if (hear_service(c, m, id))
        return;
    FUZZ_CHECK(m->seq_no & 1);
    if (id == MT_RPC_RESULT) {
        hear_result(c, m, is_ours);
    } else if (id == MT_NEW_SESSION_CREATED) {
        FUZZ_CHECK(m->len == 28);
    } else if (answer_unpack(m->body, m->len, &inner)) {
        answer_check_updates(inner.data, inner.len);
        buf_fini(&inner);
    } else {
        answer_check_updates(m->body, m->len);
    }
}

static void hear_container(struct client *c, const struct mt_message *m, bool is_ours)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    FUZZ_CHECK(mt_container_open(m->body, m->len, &r, &count) == 0 && count > 0);
    FUZZ_CHECK(count <= LIMIT_CONTAINER_MESSAGES && m->seq_no % 2 == 0);
    while (count-- > 0) {
        FUZZ_CHECK(mt_container_next(&r, &inner) == 0);
        FUZZ_CHECK(inner.msg_id < m->msg_id && inner.len >= 4 && le32_load(inner.body) != MT_MSG_CONTAINER);
        hear_message(c, &inner, is_ours);
    }
    FUZZ_CHECK(tl_reader_left(&r) == 0);
}

/* Whether a right client would take it; what a fault on demand spoils is not. */
static bool is_right(const struct client *c, const struct mt_message *m)
{
    int64_t late = centres_now_us(&c->d->s) / SECOND_US - mt_msg_id_seconds(m->msg_id);

    /* A single old message that goes out again keeps its id. */
    return m->msg_id & 1 && m->len % 4 == 0 && late > -30 &&
           (late < 300 || (m->len >= 4 && le32_load(m->body) != MT_MSG_CONTAINER));
}

static void hear_packet(struct client *c, uint8_t *packet, size_t len)
{
    const struct session *ss = find_session(c);
    const struct auth *a = find_auth(c);
    struct mt_message m;
    uint64_t msg_id;
    const uint8_t *body;
    size_t body_len;

    if (mt_packed_key_id(packet, len) == 0) {
        FUZZ_CHECK(mt_plain_parse(packet, len, &msg_id, &body, &body_len) == 0);
        return;
    }
    if (mt_packed_open(c->key, KDF_TO_CLIENT, packet, len, &m) || !is_right(c, &m)) {
        FUZZ_CHECK(*c->lies > 0);
        --*c->lies;
        return;
    }
    /* An old id is a lie, or that of a message that goes out again: there is no telling. */
    if (*c->lies && centres_now_us(&c->d->s) / SECOND_US - mt_msg_id_seconds(m.msg_id) >= 300)
        return;
    if (ss && ss->unique_id != c->unique_id) {
        memset(c->heard, 0, sizeof(c->heard));
        c->heard_n = 0;
        c->unique_id = ss->unique_id;
    }
    FUZZ_CHECK(!a || keys_salt_is_valid(&c->d->s.keys, a, m.salt, centres_now_us(&c->d->s)));
    bool is_ours = ss && m.session_id == c->session_id;
    if (m.len >= 4 && le32_load(m.body) == MT_MSG_CONTAINER)
        hear_container(c, &m, is_ours);
    else
        hear_message(c, &m, is_ours);
}

void client_hear(struct client *c)
{
    struct buf *in = &c->line->in;
    struct wire_packet p;
    struct fault fault;

    if (!c->wire)
        return;
    FUZZ_CHECK(buf_err(in) == 0);
    for (size_t at = 0; at < in->len;) {
        size_t n = in->len - at < FEED ? in->len - at : FEED;
        FUZZ_CHECK(wire_feed(c->wire, in->data + at, n) == 0);
        at += n;
        for (;;) {
            FUZZ_CHECK(wire_next(c->wire, &p, &fault) == 0);
            if (p.kind == WIRE_NONE)
                break;
            if (p.kind == WIRE_PACKET)
                hear_packet(c, p.data, p.len);
            FUZZ_CHECK(p.kind != WIRE_ERROR || p.value < 0);
        }
    }
    buf_reset(in);
}

/* --- what is said --- */

static void remember(struct client *c, const struct mt_message *m)
{
    struct client_sent *s = &c->sent[c->sent_n++ % CLIENT_SENT];

    free(s->body);
    *s = (struct client_sent){.msg_id = m->msg_id, .seq_no = m->seq_no, .body = malloc(m->len + 1), .len = m->len};
    FUZZ_CHECK(s->body != NULL);
    if (m->len)
        memcpy(s->body, m->body, m->len);
}

void client_send_raw(struct client *c, const void *packet, size_t len, struct client *list, size_t n)
{
    struct buf out;

    if (!c->wire || !c->line->line)
        client_connect(c, WIRE_INTERMEDIATE, false);
    buf_init(&out, CLIENT_PACKET_MAX);
    if (wire_pack(c->wire, packet, len, &out) == 0)
        dc_feed(c->d, c->line, out.data, out.len);
    buf_fini(&out);
    for (size_t i = 0; i < n; i++)
        client_hear(&list[i]);
}

/* Messages in a packet that the server has not seen before. */
struct fresh {
    uint64_t ids[INNER_MAX]; /* queries: each of them gets an answer or an ack at once */
    unsigned n, may_run;     /* may_run: these, and what may hold a query */
    bool may_ack;            /* or drop, even what it cannot know yet */
    unsigned asked;          /* the first of the packet in the client's list */
    uint64_t unique_id;      /* of the session that has not seen them; 0: none */
};

static void note_fresh(struct client *c, const struct mt_message *m, struct fresh *f)
{
    struct session *ss = find_session(c);

    remember(c, m);
    uint32_t id = m->len >= 4 ? le32_load(m->body) : 0;
    /* The same id twice in one packet is one message: the first. */
    if ((ss && session_seen(ss, m->msg_id)) || asked_since(c, f->asked, m->msg_id))
        return;
    c->asked[c->asked_n++ % CLIENT_ASKED] = (struct client_asked){m->msg_id, method_in(c, m)};
    f->may_ack = f->may_ack || id == MT_MSGS_ACK || id == MT_RPC_DROP_ANSWER || id == MT_GZIP_PACKED;
    f->may_run += service_is_content(id) || id == MT_GZIP_PACKED || id == MT_MSG_COPY;
    if (service_is_content(id) && f->n < INNER_MAX)
        f->ids[f->n++] = m->msg_id;
}

static void look_into(struct client *c, const struct mt_message *m, struct fresh *f)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    const struct session *ss = find_session(c);

    f->unique_id = ss ? ss->unique_id : 0;
    f->n = f->may_run = 0;
    f->may_ack = false;
    f->asked = c->asked_n;
    if (m->session_id != c->session_id) {
        f->may_run = INNER_MAX;
        return;
    }
    if (m->len >= 4 && mt_container_open(m->body, m->len, &r, &count) == 0) {
        while (count-- > 0 && mt_container_next(&r, &inner) == 0)
            note_fresh(c, &inner, f);
    } else {
        note_fresh(c, m, f);
    }
}

static unsigned rpc_events(const struct trace *t, uint64_t since)
{
    unsigned n = 0;

    for (uint64_t i = since; i < t->next; i++) {
        const char *name = json_string_value(json_object_get(t->ring[i % TRACE_EVENTS], "event"));
        n += name && strcmp(name, "rpc") == 0;
    }
    return n;
}

static bool was_told(const struct client *c, uint64_t msg_id)
{
    for (unsigned i = 0; i < c->told_n && i < CLIENT_TOLD; i++)
        if (c->told[i] == msg_id)
            return true;
    return false;
}

static void judge(struct client *c, const struct fresh *f, unsigned events, bool no_faults)
{
    struct session *ss = find_session(c);

    FUZZ_CHECK(!c->refused || events == 0);
    /* A session that was forgotten has seen nothing. */
    FUZZ_CHECK(events <= f->may_run || (f->unique_id && (!ss || ss->unique_id != f->unique_id)));
    if (!ss || !ss->seat.line || ss->seat.line->state != LINE_OPEN || !no_faults || f->may_ack || c->refused)
        return;
    for (unsigned i = 0; i < f->n; i++)
        FUZZ_CHECK(!session_seen(ss, f->ids[i]) || was_told(c, f->ids[i]));
}

void client_send(struct client *c, const struct mt_message *m, struct client *list, size_t n)
{
    struct centres *s = &c->d->s;
    static struct fresh fresh;
    struct buf packet;

    client_auth(c);
    look_into(c, m, &fresh);
    buf_init(&packet, CLIENT_PACKET_MAX);
    if (mt_packed_seal(c->key, KDF_TO_SERVER, m, &random_system, &packet) == 0) {
        uint64_t since = s->trace.next;
        const struct session *ss = find_session(c);
        bool no_faults = s->inject.n == 0 && (!ss || ss->lie == PACKET_LIE_NONE);
        c->refused = false;
        c->told_n = 0;
        c->packet_msg_id = m->msg_id;
        client_send_raw(c, packet.data, packet.len, list, n);
        judge(c, &fresh, rpc_events(&s->trace, since), no_faults);
    }
    buf_fini(&packet);
}
