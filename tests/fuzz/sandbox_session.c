/* The sandbox from the packet up: four clients (two sessions of one key, one of another data centre, one with a
 * temporary key) that say anything under right keys, with faults on demand and options of the control port in between.
 * Input: who is logged in (u8), then operations (u8), see step(). */
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/mt/container.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/service.h"
#include "daemon/sandbox/control/opts.h"
#include "daemon/sandbox/fault/packet_lie.h"
#include "daemon/tl/writer.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/sandbox_client.h"
#include "tests/fuzz/tl_make.h"
#include "tests/unit/sandbox/seal_v1.h"

enum { CLIENTS = 4, STEPS_MAX = 120, BODY_MAX = 1 << 20, TEMPORARY = 3 };

struct play {
    struct dc d;
    struct feed f;
    struct client clients[CLIENTS];
    struct client *c; /* who speaks */
    struct buf body;
    struct buf inner; /* of a container that is being filled */
    uint32_t inner_n;
    unsigned long lies;
};

/* Right numbers, mostly. */
static void number(struct play *p, struct mt_message *m, bool content)
{
    uint8_t how = feed_u8(&p->f);
    const struct client_sent *before = &p->c->sent[how >> 3 & 7];

    client_number(p->c, m, content);
    if (how < 0xa0)
        return;
    switch (how & 7) {
    case 0:
        m->msg_id += (uint64_t)(int64_t)(int8_t)feed_u8(&p->f) << (feed_u8(&p->f) & 63);
        break;
    case 1:
        m->msg_id |= feed_u8(&p->f) & 3;
        break;
    case 2:
        m->seq_no = feed_u8(&p->f);
        break;
    case 3:
        m->seq_no ^= 1;
        break;
    case 4:
        m->salt += feed_u8(&p->f);
        break;
    case 5:
        m->session_id = feed_u8(&p->f);
        break;
    default:
        if (before->body) {
            m->msg_id = before->msg_id;
            m->seq_no = how & 1 ? before->seq_no : m->seq_no;
        }
    }
}

static void send_message(struct play *p, const struct mt_message *m)
{
    client_send(p->c, m, p->clients, CLIENTS);
}

static bool is_content(const struct buf *b)
{
    return b->len >= 4 && service_is_content(le32_load(b->data));
}

/* The body goes on its own or waits for its container. */
static void dispatch(struct play *p, bool boxed)
{
    struct buf *b = &p->body;
    struct mt_message m;

    buf_put_zero(b, (4 - b->len % 4) % 4);
    if (buf_err(b))
        return;
    number(p, &m, is_content(b));
    m.body = b->data;
    m.len = b->len;
    if (!boxed) {
        send_message(p, &m);
    } else if (p->inner.len < BODY_MAX / 2) {
        mt_container_put(&p->inner, m.msg_id, m.seq_no, m.body, m.len);
        p->inner_n++;
    }
}

static void send_container(struct play *p)
{
    struct mt_message m;
    struct buf whole;
    uint8_t how = feed_u8(&p->f);

    buf_init(&whole, 2 * BODY_MAX);
    mt_container_begin(&whole, p->inner_n + (how == 0xff));
    buf_put(&whole, p->inner.data, p->inner.len);
    number(p, &m, false);
    m.body = whole.data;
    m.len = whole.len;
    if (!buf_err(&whole))
        send_message(p, &m);
    buf_fini(&whole);
    buf_reset(&p->inner);
    p->inner_n = 0;
}

static void zip(struct buf *b)
{
    struct buf packed;

    buf_init(&packed, 2 * BODY_MAX);
    FUZZ_CHECK(gzip_pack(b->data, b->len, &packed) == 0);
    buf_reset(b);
    tl_write_u32(b, MT_GZIP_PACKED);
    tl_write_bytes(b, packed.data, packed.len);
    buf_fini(&packed);
}

static void query(struct play *p)
{
    uint8_t how = feed_u8(&p->f);
    struct auth *a = client_auth(p->c = &p->clients[how % CLIENTS]);
    struct tl_maker m = {.schema = fuzz_schema(how & 4 ? 0 : 1),
                         .f = &p->f,
                         .out = &p->body,
                         .w = &p->d.s.world,
                         .account = keys_account(&p->d.s.keys, a)};

    buf_reset(&p->body);
    if (how & 0x40)
        tl_write_u32(&p->body, 0xbf9459b7); /* invokeWithoutUpdates */
    if (how & 8 || a->schema != m.schema)
        tl_make_init(&m, tl_schema_layer(m.schema));
    tl_make_call(&m, how & 0x80 && feed_u8(&p->f) & 1 ? tl_make_any(&m) : tl_make_served(&m));
    if (how & 0x20)
        zip(&p->body);
    dispatch(p, how & 0x10);
}

/* --- service messages --- */

static uint64_t some_id(struct play *p)
{
    uint8_t k = feed_u8(&p->f);
    const struct client *c = p->c;

    if (k < 0x60)
        return c->sent[(c->sent_n - 1 - k) % CLIENT_SENT].msg_id;
    if (k < 0xc0)
        return c->heard[(c->heard_n - 1 - (k - 0x60)) % CLIENT_HEARD].msg_id;
    return k < 0xf0 ? p->clients[k % CLIENTS].session_id : (uint64_t)feed_u16(&p->f) << 32;
}

static void put_ids(struct play *p)
{
    uint8_t n = feed_u8(&p->f);

    tl_write_vector(&p->body, n & 31);
    for (n &= 31; n > 0; n--)
        tl_write_u64(&p->body, some_id(p));
}

/* constructor; what follows: v ids, l an id, i a number */
static const struct {
    uint32_t id;
    const char *fields;
} services[] = {
    {MT_MSGS_ACK, "v"},
    {MT_PING, "l"},
    {MT_PING_DELAY_DISCONNECT, "li"},
    {MT_GET_FUTURE_SALTS, "i"},
    {MT_MSGS_STATE_REQ, "v"},
    {MT_MSG_RESEND_REQ, "v"},
    {MT_DESTROY_SESSION, "l"},
    {MT_DESTROY_AUTH_KEY, ""},
    {MT_RPC_DROP_ANSWER, "l"},
    {MT_HTTP_WAIT, "iii"},
    {MT_MSGS_STATE_INFO, "li"},
    {MT_MSGS_ALL_INFO, "vi"},
    {MT_BAD_MSG_NOTIFICATION, "lii"},
    {MT_MSG_COPY, "liil"},
    {MT_MSG_CONTAINER, "iiii"},
    {MT_RPC_RESULT, "li"},
};

static void service(struct play *p)
{
    uint8_t how = feed_u8(&p->f), what = feed_u8(&p->f) % (sizeof(services) / sizeof(*services));

    p->c = &p->clients[how % CLIENTS];
    buf_reset(&p->body);
    tl_write_u32(&p->body, services[what].id);
    for (const char *field = services[what].fields; *field; field++) {
        if (*field == 'v')
            put_ids(p);
        else if (*field == 'l')
            tl_write_u64(&p->body, some_id(p));
        else
            tl_write_u32(&p->body, feed_u8(&p->f));
    }
    if (how & 0x80)
        edits_apply(&p->f, &p->body);
    if (how & 0x20)
        zip(&p->body);
    dispatch(p, how & 0x10);
}

/* The same small message often, in one container. */
static void burst(struct play *p)
{
    static const uint32_t queries[] = {MT_PING, 0x1fb33026 /* help.getNearestDc */, MT_RPC_DROP_ANSWER,
                                       MT_MSGS_STATE_REQ};
    uint8_t k = feed_u8(&p->f);
    unsigned n = k < 0xe0 ? k % 32 : 1 + (k & 31) * 36; /* mostly few: many take their time */
    uint32_t id = queries[feed_u8(&p->f) & 3];

    p->c = &p->clients[feed_u8(&p->f) % CLIENTS];
    for (unsigned i = 0; i < n; i++) {
        struct mt_message m;
        buf_reset(&p->body);
        tl_write_u32(&p->body, id);
        if (id == MT_MSGS_STATE_REQ)
            tl_write_vector(&p->body, 0);
        else if (id == MT_PING || id == MT_RPC_DROP_ANSWER)
            tl_write_u64(&p->body, i);
        client_number(p->c, &m, is_content(&p->body));
        mt_container_put(&p->inner, m.msg_id, m.seq_no, p->body.data, p->body.len);
    }
    p->inner_n += n;
    send_container(p);
}

static void ack_all(struct play *p)
{
    struct client *c = p->c;
    struct mt_message m;
    uint32_t n = c->heard_n < CLIENT_HEARD ? c->heard_n : CLIENT_HEARD;

    buf_reset(&p->body);
    tl_write_u32(&p->body, MT_MSGS_ACK);
    tl_write_vector(&p->body, n);
    while (n-- > 0)
        tl_write_u64(&p->body, c->heard[n].msg_id);
    client_number(c, &m, false);
    m.body = p->body.data;
    m.len = p->body.len;
    send_message(p, &m);
}

/* What was said before, with its numbers or with new ones. */
static void again(struct play *p)
{
    const struct client_sent *s = &p->c->sent[feed_u8(&p->f) % CLIENT_SENT];
    struct mt_message m;

    if (!s->body)
        return;
    client_number(p->c, &m, false);
    m.msg_id = s->msg_id;
    m.seq_no = s->seq_no;
    buf_reset(&p->body);
    buf_put(&p->body, s->body, s->len);
    m.body = p->body.data;
    m.len = p->body.len;
    send_message(p, &m);
}

/* auth.bindTempAuthKey, right but for a byte of the sealed message. */
static void bind_key(struct play *p)
{
    const struct mt_auth_key *perm = p->clients[0].key;
    struct client *c = p->c = &p->clients[TEMPORARY];
    uint8_t sealed[8 + 16 + SEAL_V1_PADDED], at = feed_u8(&p->f), change = feed_u8(&p->f);
    struct buf plain;
    struct mt_message m;

    int32_t expires = (int32_t)(centres_now_us(&p->d.s) / SECOND_US) + feed_u8(&p->f);
    client_number(c, &m, true);
    buf_init(&plain, SEAL_V1_PADDED);
    buf_put_zero(&plain, 16);
    buf_put_u64(&plain, m.msg_id);
    buf_put_u32(&plain, 0);
    buf_put_u32(&plain, SEAL_V1_INNER);
    buf_put_u32(&plain, 0x75a3f765);
    buf_put_u64(&plain, 77);
    buf_put(&plain, c->key->id, 8);
    buf_put(&plain, perm->id, 8);
    buf_put_u64(&plain, c->session_id);
    buf_put_u32(&plain, (uint32_t)expires);
    buf_put_zero(&plain, SEAL_V1_PADDED - SEAL_V1_PLAIN);
    plain.data[at % SEAL_V1_PADDED] ^= change;
    memcpy(sealed, perm->id, 8);
    FUZZ_CHECK(seal_v1(perm->key, plain.data, sealed + 8) == 0);
    buf_fini(&plain);
    buf_reset(&p->body);
    buf_put_u32(&p->body, 0xcdd42a05);
    buf_put(&p->body, perm->id, 8);
    buf_put_u64(&p->body, 77);
    buf_put_u32(&p->body, (uint32_t)expires);
    tl_write_bytes(&p->body, sealed, sizeof(sealed));
    m.body = p->body.data;
    m.len = p->body.len;
    send_message(p, &m);
}

/* --- below messages --- */

static void raw_packet(struct play *p)
{
    struct buf packet;
    size_t n;
    uint8_t how = feed_u8(&p->f);
    const uint8_t *bytes = feed_take(&p->f, feed_u16(&p->f) % 2048, &n);

    buf_init(&packet, 1 << 16);
    if (how & 1) {
        client_auth(p->c);
        fuzz_seal(p->c->key, 0, bytes, n, &packet);
    } else {
        /* A message of the key exchange has no key. */
        buf_put_zero(&packet, how & 2 ? 8 : 0);
        buf_put(&packet, bytes, n);
    }
    client_send_raw(p->c, packet.data, packet.len, p->clients, CLIENTS);
    buf_fini(&packet);
}

static void reconnect(struct play *p)
{
    uint8_t how = feed_u8(&p->f);

    p->c = &p->clients[how % CLIENTS];
    client_connect(p->c, (enum wire_framing)(how >> 2 & 3), how & 0x10);
    for (unsigned i = 0; i < CLIENTS; i++)
        client_hear(&p->clients[i]);
}

/* --- the control port's part --- */

static void rule(struct play *p)
{
    static const char *const types[] = {
#define X(name, of_answers, text) name,
        INJECT_TYPES(X)
#undef X
    };
    static const char *const lies[] = {
#define X(name, text) text,
        PACKET_LIES(X)
#undef X
    };
    const char *type = types[feed_u8(&p->f) % (sizeof(types) / sizeof(*types))];
    uint8_t how = feed_u8(&p->f);
    int count = 1 + (how & 3);
    struct fault fault;
    json_t *j = json_pack("{s:s, s:i}", "type", type, "count", count);

    if (strcmp(type, "rpc_error") == 0)
        json_put(j, "message", json_string("FLOOD_WAIT_3"));
    if (strcmp(type, "rpc_error") == 0 || strcmp(type, "transport_error") == 0)
        json_put(j, "code", json_integer(-404));
    if (strcmp(type, "bad_msg") == 0)
        json_put(j, "code", json_integer(16 + (how >> 2) % 49));
    if (strcmp(type, "delay") == 0)
        json_put(j, "ms", json_integer(600000));
    if (strcmp(type, "large") == 0)
        json_put(j, "n", json_integer(how + 1));
    if (strcmp(type, "migrate") == 0)
        json_put(j, "dc", json_integer(1 + (how >> 2 & 1)));
    if (strcmp(type, "packet") == 0)
        json_put(j, "lie", json_string(lies[(how >> 2) % (sizeof(lies) / sizeof(*lies))]));
    if (strcmp(type, "handshake") == 0)
        json_put(j, "lie", json_string("legal_retry_once"));
    if (strcmp(type, "forget_key") == 0)
        json_put(j, "permanent", json_boolean(how & 4));
    if (inject_add(&p->d.s.inject, j, &fault) == 0 && strcmp(type, "packet") == 0)
        p->lies += (unsigned)count;
    json_decref(j);
}

static void options(struct play *p)
{
    static const struct {
        const char *key;
        int step;
    } table[] = {{"transport_pad", 1}, {"gzip_min", 8}, {"write_size", 9}, {"salt_period_s", 30}};
    static const char *const flags[] = {"containers", "any_dc", "volunteer"};
    uint8_t which = feed_u8(&p->f) % 6;
    int value = feed_u8(&p->f);
    json_t *j = which < 4 ? json_pack("{s:i}", table[which].key, value * table[which].step)
                          : json_pack("{s:b}",
                                      flags[which == 4  ? 0
                                            : value & 2 ? 2
                                                        : 1],
                                      value & 1);

    (void)opts_set(&p->d.s, j);
    json_decref(j);
}

static void step(struct play *p)
{
    size_t n;
    const uint8_t *bytes;

    switch (feed_u8(&p->f) % 24) {
    case 8:
    case 9:
        service(p);
        break;
    case 10:
        send_container(p);
        break;
    case 11:
        p->d.wall_us += (int64_t)feed_u8(&p->f) * feed_u8(&p->f) * SECOND_US / 8;
        break;
    case 12:
        reconnect(p);
        break;
    case 13:
        rule(p);
        break;
    case 14:
        options(p);
        break;
    case 15:
        dc_strike(&p->d);
        for (unsigned i = 0; i < CLIENTS; i++)
            client_hear(&p->clients[i]);
        break;
    case 16:
        raw_packet(p);
        break;
    case 17:
        bind_key(p);
        break;
    case 18:
        ack_all(p);
        break;
    case 19:
        again(p);
        break;
    case 20: /* any body */
        buf_reset(&p->body);
        bytes = feed_take(&p->f, feed_u8(&p->f), &n);
        buf_put(&p->body, bytes, n);
        dispatch(p, feed_u8(&p->f) & 1);
        break;
    case 21:
        burst(p);
        break;
    default:
        query(p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct play p;
    static const struct {
        int dc;
        uint8_t key_n;
        bool temporary;
    } who[CLIENTS] = {{1, 1, false}, {1, 1, false}, {2, 2, false}, {1, 3, true}};

    fuzz_begin();
    memset(&p, 0, sizeof(p));
    p.f = (struct feed){data, data + len};
    dc_init(&p.d, 1);
    buf_init(&p.body, BODY_MAX);
    buf_init(&p.inner, BODY_MAX);
    for (unsigned i = 0; i < CLIENTS; i++)
        client_init(&p.clients[i], &p.d, i, who[i].dc, who[i].key_n, who[i].temporary, &p.lies);
    p.c = &p.clients[0];
    uint8_t logins = feed_u8(&p.f);
    dc_log_in(&p.d, client_auth(&p.clients[0]), logins & 1 ? 0 : logins & 2 ? DC_BOB : DC_ALICE);
    dc_log_in(&p.d, client_auth(&p.clients[2]), logins & 4 ? 0 : logins & 8 ? DC_BOB : DC_CAROL);
    for (unsigned i = 0; i < STEPS_MAX && feed_left(&p.f); i++) {
        step(&p);
        dc_check(&p.d);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        client_fini(&p.clients[i]);
    buf_fini(&p.body);
    buf_fini(&p.inner);
    dc_fini(&p.d);
    return 0;
}
