#include "tests/unit/sandbox/desk.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/sandbox/centre/hear.h"
#include "daemon/sandbox/centre/late.h"
#include "daemon/sandbox/centre/setup.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/writer.h"
#include "tests/support/shipped.h"
#include "tests/support/unit.h"

static const struct tl_schema *schemas[1];

void desk_init(struct desk *d)
{
    struct fault fault;

    memset(d, 0, sizeof(*d));
    fake_clock_init(&d->clock);
    random_seeded_init(&d->seeded, 3);
    d->random = random_seeded_source(&d->seeded);
    random_seeded_init(&d->server_seeded, 4);
    d->server_random = random_seeded_source(&d->server_seeded);
    ck_assert_int_eq(rsa_key_read(unit_data_path("../../config/keys/sandbox.pem"), &d->rsa, &fault), 0);
    ck_assert_int_eq(rsa_key_read(unit_data_path("../../config/keys/sandbox.pub.pem"), &d->rsa_public, &fault), 0);
    d->schema = schemas[0] = shipped_layer(229);
    struct centres_config config = {
        .clock = &d->clock.source,
        .random = &d->server_random,
        .rsa = d->rsa,
        .schemas = schemas,
        .schemas_n = 1,
        .seeded = true,
        .seed = 1,
    };
    ck_assert_int_eq(centres_init(&d->s, &config, &fault), 0);
    for (unsigned i = 0; i < DESK_CLIENTS; i++)
        d->clients[i].d = d;
}

static void hang_up(struct desk_client *c)
{
    line_free(c->line);
    wire_free(c->wire);
    c->line = NULL;
    c->wire = NULL;
    if (c->session)
        mt_session_disconnected(c->session);
}

void desk_fini(struct desk *d)
{
    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        hang_up(&d->clients[i]);
        mt_session_free(d->clients[i].session);
        mt_auth_key_free(d->clients[i].key);
    }
    ck_assert_uint_eq(d->s.lines_n, 0);
    centres_fini(&d->s);
    rsa_key_free(d->rsa);
    rsa_key_free(d->rsa_public);
}

void desk_dial(struct desk_client *c, enum wire_framing framing, bool obfuscated)
{
    struct wire_config config = {.random = &c->d->random, .packet_max = LIMIT_PACKET, .padding_max = 15};

    hang_up(c);
    c->line = line_new(&c->d->s, 1, c);
    ck_assert_ptr_nonnull(c->line);
    ck_assert_int_eq(wire_client_new(&config, framing, obfuscated, &c->wire), 0);
    if (c->session)
        mt_session_connected(c->session);
}

/* --- bytes --- */

typedef void packet_fn(struct desk_client *c, struct wire_packet *p, void *ctx);

static size_t piece_of(const struct desk *d, size_t left)
{
    return d->piece && d->piece < left ? d->piece : left;
}

static void to_server(struct desk_client *c, const struct buf *packet)
{
    struct buf out;

    buf_init(&out, LIMIT_SEND_QUEUE);
    ck_assert_int_eq(wire_pack(c->wire, packet->data, packet->len, &out), 0);
    for (size_t at = 0, n; at < out.len; at += n) {
        n = piece_of(c->d, out.len - at);
        hear_bytes(c->line, out.data + at, n);
        while (hear_packet(c->line))
            ;
    }
    buf_fini(&out);
}

static void to_client(struct desk_client *c, const uint8_t *data, size_t len, packet_fn *hear, void *ctx)
{
    struct wire_packet p;
    struct fault fault;

    for (size_t at = 0, n; at < len; at += n) {
        n = piece_of(c->d, len - at);
        ck_assert_int_eq(wire_feed(c->wire, data + at, n), 0);
        for (;;) {
            ck_assert_int_eq(wire_next(c->wire, &p, &fault), 0);
            if (p.kind == WIRE_NONE)
                break;
            hear(c, &p, ctx);
        }
    }
}

/* Whether any line had something; PACKET gets what it was. */
static bool take_from_server(struct desk *d, packet_fn *hear, void *ctx)
{
    struct line *l = line_next_ready(&d->s);
    size_t len;

    if (!l)
        return false;
    struct desk_client *c = l->owner;
    uint8_t *data = line_take(l, &len);
    for (size_t i = 0; i < len; i++)
        d->said = (d->said ^ data[i]) * 0x100000001b3u;
    to_client(c, data, len, hear, ctx);
    free(data);
    if (l->state != LINE_OPEN)
        hang_up(c);
    return true;
}

/* --- the key exchange --- */

struct exchange_in_memory {
    struct mt_handshake_client *handshake;
    struct buf out;
    int got;
};

static void on_exchange(struct desk_client *c, struct wire_packet *p, void *ctx)
{
    struct exchange_in_memory *e = ctx;
    struct fault fault;

    ck_assert_int_eq(p->kind, WIRE_PACKET);
    e->got = mt_handshake_client_feed(e->handshake, p->data, p->len, &e->out, &fault);
    ck_assert_msg(e->got >= 0, "%s", fault.text);
}

static struct mt_handshake_result make_key(struct desk_client *c)
{
    const struct rsa_key *keys[] = {c->d->rsa_public};
    struct mt_handshake_client_config config = {
        .clock = &c->d->clock.source, .random = &c->d->random, .keys = keys, .keys_n = 1, .dc = 1};
    struct exchange_in_memory e = {0};

    buf_init(&e.out, LIMIT_PACKET);
    ck_assert_int_eq(mt_handshake_client_new(&config, &e.handshake), 0);
    ck_assert_int_eq(mt_handshake_client_start(e.handshake, &e.out), 0);
    while (!e.got) {
        struct buf packet = e.out;
        buf_init(&e.out, LIMIT_PACKET);
        to_server(c, &packet);
        buf_fini(&packet);
        ck_assert(take_from_server(c->d, on_exchange, &e));
    }
    struct mt_handshake_result result = mt_handshake_client_take(e.handshake);
    mt_handshake_client_free(e.handshake);
    buf_fini(&e.out);
    return result;
}

/* --- the session --- */

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    struct desk_client *c = ctx;

    c->answers++;
    c->answered = request;
    ck_assert_uint_le(len, sizeof(c->answer));
    memcpy(c->answer, data, len);
    c->answer_len = len;
}

static void on_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    ((struct desk_client *)ctx)->errors++;
}

static void on_failed(void *ctx, uint64_t request, int err)
{
    ((struct desk_client *)ctx)->failures++;
}

static void on_update(void *ctx, const uint8_t *data, size_t len)
{
    ((struct desk_client *)ctx)->updates++;
}

static void on_new_session(void *ctx)
{
}

static void on_salt(void *ctx, uint64_t salt)
{
}

static const struct mt_session_handlers handlers = {
    .on_result = on_result,
    .on_error = on_error,
    .on_failed = on_failed,
    .on_update = on_update,
    .on_new_session = on_new_session,
    .on_salt = on_salt,
};

static void set_prefix(struct desk_client *c)
{
    static const char *const texts[] = {"desk", "1", "test", "en", "", "en"};
    struct buf b;

    buf_init(&b, 256);
    buf_put_u32(&b, 0xda9b0d0d); /* invokeWithLayer */
    buf_put_u32(&b, 229);
    buf_put_u32(&b, 0xc1cd5ea9); /* initConnection */
    buf_put_u32(&b, 0);
    buf_put_u32(&b, 1);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        tl_write_text(&b, texts[i]);
    ck_assert_int_eq(mt_session_set_prefix(c->session, b.data, b.len), 0);
    buf_fini(&b);
}

void desk_begin(struct desk_client *c, int64_t user_id)
{
    struct mt_handshake_result made = make_key(c);
    struct mt_session_config config = {
        .clock = &c->d->clock.source,
        .random = &c->d->random,
        .handlers = &handlers,
        .ctx = c,
        .key = made.key,
        .salt = made.salt,
        .time_offset_us = made.time_offset_us,
        .time_is_trusted = true,
    };
    struct auth *a = keys_find(&c->d->s.keys, 1, le64_load(made.key->id));

    ck_assert_ptr_nonnull(a);
    c->key = made.key;
    a->account.user = world_user_by_id(&c->d->s.world, user_id);
    keys_file(&c->d->s.keys, a);
    ck_assert_int_eq(mt_session_new(&config, &c->session), 0);
    set_prefix(c);
    mt_session_connected(c->session);
}

uint64_t desk_ask(struct desk_client *c, const char *method, json_t *params)
{
    const struct tl_schema *schema = c->d->schema;
    struct fault fault;
    struct buf query;
    uint64_t request;

    buf_init(&query, LIMIT_QUERY);
    ck_assert_msg(tl_encode_method(schema, tl_find_method(schema, method), params, TL_ENCODE_STRICT, &query, &fault) ==
                      0,
                  "%s: %s %s", method, fault.path, fault.text);
    ck_assert_int_eq(mt_session_send(c->session, query.data, query.len, &request), 0);
    buf_fini(&query);
    json_decref(params);
    return request;
}

static void on_session(struct desk_client *c, struct wire_packet *p, void *ctx)
{
    struct fault fault;

    ck_assert_int_eq(p->kind, WIRE_PACKET);
    ck_assert_msg(mt_session_feed(c->session, p->data, p->len, &fault) == 0, "%s", fault.text);
}

static bool take_from_client(struct desk_client *c)
{
    struct buf packet;
    int got = 0;

    buf_init(&packet, LIMIT_PACKET);
    if (c->session && c->line && !c->is_mute)
        got = mt_session_flush(c->session, &packet);
    ck_assert_int_ge(got, 0);
    if (got)
        to_server(c, &packet);
    buf_fini(&packet);
    return got;
}

void desk_settle(struct desk *d)
{
    bool any;

    do {
        any = take_from_server(d, on_session, NULL);
        for (unsigned i = 0; i < DESK_CLIENTS; i++)
            any = take_from_client(&d->clients[i]) || any;
    } while (any);
}

/* --- time --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_deadline(const struct desk *d)
{
    int64_t next = late_deadline_us(&d->s);

    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        const struct desk_client *c = &d->clients[i];
        if (c->line)
            next = earlier(next, c->line->deadline_us);
        if (c->session && c->line && !c->is_mute)
            next = earlier(next, mt_session_deadline(c->session));
    }
    return next;
}

static void tick(struct desk *d)
{
    late_tick(&d->s, d->clock.mono_us);
    for (unsigned i = 0; i < DESK_CLIENTS; i++) {
        struct desk_client *c = &d->clients[i];
        if (c->line)
            line_tick(c->line, d->clock.mono_us);
        if (c->session && c->line && !c->is_mute && mt_session_deadline(c->session) <= d->clock.mono_us)
            ck_assert_int_eq(mt_session_tick(c->session), 0);
    }
    desk_settle(d);
}

void desk_pass(struct desk *d, int64_t us)
{
    int64_t end = d->clock.mono_us + us;

    desk_settle(d);
    while (d->clock.mono_us < end) {
        int64_t next = earlier(next_deadline(d), end);
        fake_clock_pass(&d->clock, next > d->clock.mono_us ? next - d->clock.mono_us : 0);
        tick(d);
    }
}

void desk_fault(struct desk *d, json_t *rule)
{
    struct fault fault;

    ck_assert_msg(inject_add(&d->s.inject, rule, &fault) == 0, "%s", fault.text);
    json_decref(rule);
}

int desk_executed(const struct desk *d, const char *method)
{
    return (int)json_integer_value(json_object_get(d->s.trace.methods, method));
}
