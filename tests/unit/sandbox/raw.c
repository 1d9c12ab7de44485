#include "tests/unit/sandbox/raw.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/plain.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/tree.h"
#include "daemon/tl/writer.h"
#include "tests/support/shipped.h"

enum { WAIT_MS = 60000 };

/* --- bytes --- */

static void put_packet(struct raw *r, const void *packet, size_t len)
{
    struct buf out;

    buf_init(&out, LIMIT_PACKET + 64);
    ck_assert_int_eq(wire_pack(r->wire, packet, len, &out), 0);
    /* A server that has hung up is seen when it is read from. */
    if (send(r->fd, out.data, out.len, MSG_NOSIGNAL) < 0)
        r->transport_error = -1;
    buf_fini(&out);
}

/* The next packet; false: the end, or a transport error. */
static bool get_packet(struct raw *r, struct wire_packet *p)
{
    uint8_t bytes[4096];
    struct fault fault;

    for (;;) {
        ck_assert_int_eq(wire_next(r->wire, p, &fault), 0);
        if (p->kind == WIRE_PACKET)
            return true;
        if (p->kind == WIRE_ERROR) {
            r->transport_error = p->value;
            return false;
        }
        struct pollfd fd = {.fd = r->fd, .events = POLLIN};
        if (p->kind == WIRE_NONE && poll(&fd, 1, WAIT_MS) != 1)
            return false;
        ssize_t n = p->kind == WIRE_NONE ? recv(r->fd, bytes, sizeof(bytes), 0) : 0;
        if (p->kind == WIRE_NONE && n <= 0)
            return false;
        ck_assert_int_eq(wire_feed(r->wire, bytes, (size_t)n), 0);
    }
}

/* QUERY once more: the same answer comes once more. */
static void repeat(struct raw *r, const struct buf *query, struct wire_packet *p)
{
    struct buf first;

    buf_init(&first, LIMIT_PACKET);
    buf_put(&first, p->data, p->len);
    put_packet(r, query->data, query->len);
    ck_assert_msg(get_packet(r, p), "query %u is not answered again, transport error %d", r->exchanges,
                  (int)r->transport_error);
    ck_assert_uint_eq(p->len, first.len);
    ck_assert_int_eq(memcmp(p->data, first.data, first.len), 0);
    buf_fini(&first);
}

uint32_t raw_plain(struct raw *r, uint64_t msg_id, const void *body, size_t len)
{
    struct wire_packet p;
    struct buf out;
    uint64_t answer_id;
    const uint8_t *answer;
    size_t answer_len;

    buf_init(&out, LIMIT_PACKET);
    mt_plain_pack(&out, msg_id, body, len);
    put_packet(r, out.data, out.len);
    buf_fini(&out);
    if (!get_packet(r, &p) || mt_plain_parse(p.data, p.len, &answer_id, &answer, &answer_len))
        return 0;
    return le32_load(answer);
}

/* False: the server told a lie, or hung up. */
static bool handshake(struct raw *r, int32_t expires_in)
{
    const struct rsa_key *keys[] = {r->server->key};
    struct mt_handshake_client_config config = {
        .clock = &clock_system, .random = &r->random, .keys = keys, .keys_n = 1, .dc = r->dc, .expires_in = expires_in};
    struct mt_handshake_client *h;
    struct wire_packet p;
    struct fault fault;
    struct buf out;
    int done = 0;

    fault_clear(&fault);
    buf_init(&out, LIMIT_PACKET);
    ck_assert_int_eq(mt_handshake_client_new(&config, &h), 0);
    ck_assert_int_eq(mt_handshake_client_start(h, &out), 0);
    for (; !done; r->exchanges++) {
        put_packet(r, out.data, out.len);
        bool answered = get_packet(r, &p);
        if (answered && r->repeats)
            repeat(r, &out, &p);
        buf_reset(&out);
        done = answered ? mt_handshake_client_feed(h, p.data, p.len, &out, &fault) : TGC_EPROTO;
    }
    if (done == 1) {
        struct mt_handshake_result result = mt_handshake_client_take(h);
        r->key = result.key;
        r->salt = result.salt;
    }
    mt_handshake_client_free(h);
    buf_fini(&out);
    return done == 1;
}

static void connect_raw(struct raw *r, enum wire_framing framing, bool obfuscated)
{
    struct wire_config config = {.random = &random_system, .packet_max = LIMIT_PACKET, .padding_max = 15};

    r->fd = server_dial(sandbox_dc_address(r->server->s, r->dc));
    ck_assert_int_eq(wire_client_new(&config, framing, obfuscated, &r->wire), 0);
}

static void init(struct raw *r, const struct server *server, int dc, int layer)
{
    memset(r, 0, sizeof(*r));
    r->server = server;
    r->dc = dc;
    r->layer = layer;
    r->updates = json_array();
    r->session_id = random_u64(&random_system);
    r->random = random_system;
}

void raw_init(struct raw *r, const struct server *server, int dc, int layer, enum wire_framing framing, bool obfuscated)
{
    init(r, server, dc, layer);
    connect_raw(r, framing, obfuscated);
    ck_assert_msg(handshake(r, 0), "transport error %d", (int)r->transport_error);
}

void raw_init_seeded(struct raw *r, const struct server *server, uint64_t seed)
{
    struct random_seeded seeded;

    random_seeded_init(&seeded, seed);
    init(r, server, 1, 229);
    r->random = random_seeded_source(&seeded);
    connect_raw(r, WIRE_INTERMEDIATE, false);
    ck_assert(handshake(r, 0));
    r->random = random_system;
}

void raw_init_repeating(struct raw *r, const struct server *server)
{
    init(r, server, 1, 229);
    r->repeats = true;
    connect_raw(r, WIRE_INTERMEDIATE, false);
    ck_assert(handshake(r, 0));
}

bool raw_try_key(const struct server *server)
{
    struct raw r;

    init(&r, server, 1, 229);
    connect_raw(&r, WIRE_INTERMEDIATE, false);
    bool made = handshake(&r, 0);
    raw_fini(&r);
    return made;
}

void raw_init_temporary(struct raw *r, const struct server *server, int32_t expires_in)
{
    init(r, server, 1, 229);
    connect_raw(r, WIRE_INTERMEDIATE, false);
    ck_assert(handshake(r, expires_in));
}

bool raw_make_key(struct raw *r)
{
    struct mt_auth_key *last = r->key;

    if (!handshake(r, 0))
        return false;
    mt_auth_key_free(last);
    return true;
}

static void hang_up(struct raw *r)
{
    close(r->fd);
    wire_free(r->wire);
    while (r->queue_n)
        free(r->queue[--r->queue_n].body);
}

void raw_fini(struct raw *r)
{
    hang_up(r);
    mt_auth_key_free(r->key);
    json_decref(r->updates);
}

void raw_reconnect(struct raw *r)
{
    hang_up(r);
    r->transport_error = 0;
    connect_raw(r, WIRE_INTERMEDIATE, false);
}

void raw_init_twin(struct raw *twin, const struct raw *r)
{
    init(twin, r->server, r->dc, r->layer);
    twin->key = mt_auth_key_new(r->key->key);
    ck_assert_ptr_nonnull(twin->key);
    twin->salt = r->salt;
    twin->session_id = r->session_id + 1;
    connect_raw(twin, WIRE_INTERMEDIATE, false);
}

/* --- messages --- */

uint64_t raw_msg_id(struct raw *r)
{
    int64_t now = r->now_us ? r->now_us : clock_wall_us(&clock_system);

    return mt_msg_id_next(&r->ids, now, MT_MSG_ID_CLIENT);
}

void raw_send_as(struct raw *r, uint64_t salt, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len)
{
    struct mt_message m = {
        .salt = salt, .session_id = r->session_id, .msg_id = msg_id, .seq_no = seq_no, .body = body, .len = len};
    struct buf packet;

    buf_init(&packet, LIMIT_PACKET);
    ck_assert_int_eq(mt_packed_seal(r->key, KDF_TO_SERVER, &m, &random_system, &packet), 0);
    put_packet(r, packet.data, packet.len);
    buf_fini(&packet);
}

uint64_t raw_send(struct raw *r, const void *body, size_t len, bool content)
{
    uint64_t msg_id = raw_msg_id(r);
    uint32_t seq_no = r->content * 2 + (content ? 1 : 0);

    r->content += content ? 1 : 0;
    raw_send_as(r, r->salt, msg_id, seq_no, body, len);
    return msg_id;
}

static void enqueue(struct raw *r, const struct mt_message *m, uint64_t container_id)
{
    struct raw_message *q = &r->queue[r->queue_n++];

    ck_assert_uint_lt(r->queue_n, 256);
    ck_assert_uint_ge(m->len, 4);
    *q = (struct raw_message){.msg_id = m->msg_id, .seq_no = m->seq_no, .id = le32_load(m->body), .len = m->len};
    q->container_id = container_id;
    q->body = malloc(m->len);
    memcpy(q->body, m->body, m->len);
    /* Only a server's ids: odd. */
    ck_assert_uint_eq(m->msg_id & 1, 1);
}

static bool fill(struct raw *r)
{
    struct wire_packet p;
    struct mt_message m, inner;
    struct tl_reader reader;
    uint32_t count;

    if (!get_packet(r, &p))
        return false;
    ck_assert_int_eq(mt_packed_open(r->key, KDF_TO_CLIENT, p.data, p.len, &m), 0);
    ck_assert(m.session_id == r->session_id);
    if (le32_load(m.body) != MT_MSG_CONTAINER) {
        enqueue(r, &m, 0);
        return true;
    }
    ck_assert_int_eq(mt_container_open(m.body, m.len, &reader, &count), 0);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(mt_container_next(&reader, &inner), 0);
        ck_assert(inner.msg_id < m.msg_id);
        enqueue(r, &inner, m.msg_id);
    }
    return true;
}

bool raw_recv(struct raw *r, struct raw_message *ret)
{
    if (!r->queue_n && !fill(r))
        return false;
    *ret = r->queue[0];
    memmove(r->queue, r->queue + 1, --r->queue_n * sizeof(*r->queue));
    return true;
}

struct raw_message raw_expect(struct raw *r, uint32_t id)
{
    struct raw_message m;

    for (;;) {
        ck_assert_msg(raw_recv(r, &m), "no message %08x, transport error %d", id, (int)r->transport_error);
        if (m.id == id)
            return m;
        free(m.body);
    }
}

int raw_bad_code(struct raw *r)
{
    struct raw_message m;
    int code = 0;

    if (!raw_recv(r, &m))
        return 0;
    if (m.id == MT_BAD_MSG_NOTIFICATION || m.id == MT_BAD_SERVER_SALT)
        code = (int)le32_load(m.body + 16);
    if (m.id == MT_BAD_SERVER_SALT)
        r->salt = le64_load(m.body + 20);
    free(m.body);
    return code;
}

/* --- calls --- */

void raw_encode(struct raw *r, const char *method, json_t *params, struct buf *out)
{
    const struct tl_schema *schema = shipped_layer(r->layer);
    struct fault fault;

    fault_clear(&fault);
    ck_assert_msg(tl_encode_method(schema, tl_find_method(schema, method), params, TL_ENCODE_STRICT, out, &fault) == 0,
                  "%s: %s %s", method, fault.path, fault.text);
    json_decref(params);
}

static json_t *with_init(struct raw *r, const char *method, json_t *params)
{
    json_object_set_new(params, "_", json_string(method));
    return json_pack("{s:i, s:{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:o}}", "layer", r->layer, "query", "_",
                     "initConnection", "api_id", 1, "device_model", "raw", "system_version", "1", "app_version", "test",
                     "system_lang_code", "en", "lang_pack", "", "lang_code", "en", "query", params);
}

static json_t *result_of(struct raw *r, const char *method, const struct raw_message *m)
{
    const struct tl_schema *schema = shipped_layer(r->layer);
    struct tl_reader reader;
    struct buf unpacked;
    struct fault fault;
    json_t *j = NULL;
    size_t len = m->len - 12;
    const uint8_t *at = m->body + 12;

    fault_clear(&fault);
    buf_init(&unpacked, LIMIT_UNPACKED);
    if (le32_load(at) == MT_GZIP_PACKED) {
        tl_reader_init(&reader, at + 4, len - 4);
        at = tl_read_bytes(&reader, &len);
        ck_assert_int_eq(gzip_unpack(at, len, &unpacked, NULL), 0);
        at = unpacked.data;
        len = unpacked.len;
    }
    if (le32_load(at) == MT_RPC_ERROR) {
        tl_reader_init(&reader, at + 4, len - 4);
        r->error_code = tl_read_i32(&reader);
        at = tl_read_bytes(&reader, &len);
        snprintf(r->error, sizeof(r->error), "%.*s", (int)len, at);
    } else {
        ck_assert_msg(tl_tree_result(schema, tl_find_method(schema, method), at, len, &j, NULL, &fault) == 0, "%s: %s",
                      method, fault.text);
    }
    buf_fini(&unpacked);
    return j;
}

static void keep_update(struct raw *r, const struct raw_message *m)
{
    json_t *j;

    if (tl_tree_object(shipped_layer(r->layer), m->body, m->len, &j, NULL, NULL) == 0)
        json_array_append_new(r->updates, j);
}

json_t *raw_call(struct raw *r, const char *method, json_t *params)
{
    struct raw_message m;
    struct buf query;
    json_t *j = NULL;

    r->error_code = 0;
    r->error[0] = '\0';
    buf_init(&query, LIMIT_QUERY);
    if (r->is_inited)
        raw_encode(r, method, params, &query);
    else
        raw_encode(r, "invokeWithLayer", with_init(r, method, params), &query);
    uint64_t request = raw_send(r, query.data, query.len, true);
    buf_fini(&query);
    while (raw_recv(r, &m)) {
        bool is_mine = m.id == MT_RPC_RESULT && le64_load(m.body + 4) == request;
        if (is_mine)
            j = result_of(r, method, &m);
        else
            keep_update(r, &m);
        free(m.body);
        if (is_mine) {
            r->is_inited = true;
            break;
        }
    }
    return j;
}

void raw_login(struct raw *r, const char *phone)
{
    json_t *sent = raw_call(r, "auth.sendCode",
                            json_pack("{s:s, s:i, s:s, s:{s:s}}", "phone_number", phone, "api_id", 1, "api_hash", "x",
                                      "settings", "_", "codeSettings"));

    ck_assert_msg(sent != NULL, "%d %s", r->error_code, r->error);
    json_t *done = raw_call(r, "auth.signIn",
                            json_pack("{s:s, s:O, s:s}", "phone_number", phone, "phone_code_hash",
                                      json_object_get(sent, "phone_code_hash"), "phone_code", "12345"));
    ck_assert_msg(done != NULL, "%d %s", r->error_code, r->error);
    json_decref(sent);
    json_decref(done);
}
