#include "daemon/sandbox/conn.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/session.h"

enum { KEY_EXCHANGE_DC_WRONG = 444 };

static void on_handle_closed(uv_handle_t *h)
{
    struct conn *c = h->data;

    if (--c->open_handles)
        return;
    struct sandbox *s = c->s;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    s->conns_n--;
    wire_free(c->wire);
    mt_handshake_server_free(c->handshake);
    conn_write_fini(c);
    free(c);
}

void conn_close(struct conn *c)
{
    if (c->closing)
        return;
    c->closing = true;
    session_conn_closed(c);
    uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
    uv_close((uv_handle_t *)&c->timer, on_handle_closed);
}

static void on_timer(uv_timer_t *t)
{
    conn_close(t->data);
}

void conn_disconnect_after(struct conn *c, unsigned seconds)
{
    if (c->closing)
        return;
    if (seconds)
        uv_timer_start(&c->timer, on_timer, (uint64_t)seconds * 1000, 0);
    else
        uv_timer_stop(&c->timer);
}

/* --- the key exchange --- */

static int start_handshake(struct conn *c)
{
    struct sandbox *s = c->s;
    json_t *rule = inject_take(&s->inject, "handshake", NULL);
    struct mt_handshake_server_config config = {
        .clock = s->world.clock,
        .random = &s->world_random,
        .key = s->rsa,
        .dc = c->dc,
        .any_dc = s->options.any_dc,
        .time_skew_us = s->world.skew_us,
        .lie = rule ? mt_handshake_lie_find(json_get_text(rule, "lie")) : s->options.handshake,
    };

    json_decref(rule);
    return mt_handshake_server_new(&config, &c->handshake);
}

static void note_oddities(struct conn *c, unsigned oddities)
{
    static const struct {
        enum mt_handshake_oddity bit;
        enum lint lint;
    } table[] = {
        {MT_ODD_INNER_WITHOUT_DC, LINT_INNER_WITHOUT_DC},
        {MT_ODD_OLD_RSA, LINT_OLD_RSA},
        {MT_ODD_REQ_PQ, LINT_REQ_PQ},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (oddities & table[i].bit)
            lint_note(&c->s->lints, table[i].lint, NULL, NULL);
}

static void finish_handshake(struct conn *c)
{
    struct sandbox *s = c->s;
    struct mt_handshake_server_result result = mt_handshake_server_take(c->handshake);

    c->has_key = true;
    note_oddities(c, result.oddities);
    struct auth *a = keys_add(&s->keys, c->dc, result.key, result.salt, sandbox_now_us(s));
    if (!a)
        return;
    a->temporary = result.temporary;
    a->media = result.dc < 0;
    if (result.temporary)
        a->expires_at = sandbox_now_us(s) / SECOND_US + result.expires_in;
    sandbox_trace(s, json_pack("{s:s, s:i, s:b, s:s, s:b}", "event", "key", "dc", c->dc, "temporary",
                               (int)result.temporary, "framing", wire_framing_name(wire_framing_of(c->wire)),
                               "obfuscated", (int)wire_is_obfuscated(c->wire)));
}

static void drop_handshake(struct conn *c)
{
    mt_handshake_server_free(c->handshake);
    c->handshake = NULL;
    c->has_key = false;
}

static void on_plain(struct conn *c, const uint8_t *packet, size_t len)
{
    struct buf out;
    struct fault fault;

    fault_clear(&fault);
    buf_init(&out, LIMIT_PACKET);
    if (c->has_key && !mt_handshake_server_knows(c->handshake, packet, len))
        drop_handshake(c);
    if (!c->handshake && start_handshake(c)) {
        conn_close(c);
        return;
    }
    int got = mt_handshake_server_feed(c->handshake, packet, len, &out, &fault);
    if (got == 404 || got == KEY_EXCHANGE_DC_WRONG) {
        log_debug("sandbox", "key exchange refused: %s", fault.text);
        sandbox_trace(c->s,
                      json_pack("{s:s, s:i, s:s}", "event", "key_exchange_refused", "dc", c->dc, "why", fault.text));
        conn_refuse(c, -got);
    } else if (got < 0) {
        conn_close(c);
    } else {
        if (le64_load(packet + 8) % 4 != 0)
            lint_note(&c->s->lints, LINT_PLAIN_MSG_ID, NULL, NULL);
        conn_put(c, out.data, out.len);
        if (got == 1)
            finish_handshake(c);
    }
    buf_fini(&out);
}

/* --- packets --- */

static void quick_ack(struct conn *c, const struct auth *a, const uint8_t *plain, size_t len)
{
    uint8_t digest[32];

    hash_sha256(HASH_PIECES({a->key->key + 88, 32}, {plain, len}), digest);
    if (wire_pack_quick_ack(c->wire, le32_load(digest) | 0x80000000u, &c->out))
        conn_close(c);
}

static void forget_key(struct sandbox *s, struct auth *a, bool permanent)
{
    struct auth *perm = permanent && a->temporary ? keys_find(&s->keys, a->dc, a->perm_id) : NULL;

    keys_drop(&s->keys, a);
    if (perm)
        keys_drop(&s->keys, perm);
}

static void on_encrypted(struct conn *c, struct wire_packet *p)
{
    struct sandbox *s = c->s;
    struct auth *a = keys_find(&s->keys, c->dc, mt_packed_key_id(p->data, p->len));
    struct mt_message m;
    json_t *rule = inject_take(&s->inject, "transport_error", NULL);

    if (rule) {
        conn_refuse(c, (int32_t)json_get_long(rule, "code"));
        json_decref(rule);
        return;
    }
    if (a && (rule = inject_take(&s->inject, "forget_key", NULL))) {
        forget_key(s, a, json_get_true(rule, "permanent"));
        json_decref(rule);
        a = NULL;
    }
    if (a && a->expires_at && a->expires_at <= sandbox_now_us(s) / SECOND_US) {
        keys_drop(&s->keys, a);
        a = NULL;
    }
    /* -404 for an unknown key and for a packet that does not decrypt: from outside they look the same. */
    if (!a || mt_packed_open(a->key, KDF_TO_SERVER, p->data, p->len, &m)) {
        conn_refuse(c, -404);
        return;
    }
    if (c->has_key)
        drop_handshake(c);
    if (p->wants_quick_ack)
        quick_ack(c, a, p->data + 24, p->len - 24);
    session_packet(c, a, &m);
}

static void on_packet(struct conn *c, struct wire_packet *p)
{
    if (mt_packed_key_id(p->data, p->len) == 0)
        on_plain(c, p->data, p->len);
    else
        on_encrypted(c, p);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
    struct conn *c = h->data;

    *ret = uv_buf_init(c->s->read_buffer, SANDBOX_READ_BUFFER);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
    struct conn *c = stream->data;
    struct wire_packet p;
    struct fault fault;
    int err = 0;

    if (n < 0) {
        conn_close(c);
        return;
    }
    fault_clear(&fault);
    if (n > 0 && wire_feed(c->wire, b->base, (size_t)n)) {
        conn_close(c);
        return;
    }
    while (!c->closing && !uv_is_closing((uv_handle_t *)stream) && uv_is_readable(stream)) {
        err = wire_next(c->wire, &p, &fault);
        if (err || p.kind == WIRE_NONE)
            break;
        if (p.kind == WIRE_PACKET)
            on_packet(c, &p);
    }
    if (err) {
        sandbox_trace(c->s, json_pack("{s:s, s:i, s:s}", "event", "framing_fault", "dc", c->dc, "why", fault.text));
        conn_close(c);
    }
    conn_flush(c);
}

void conn_accept(struct listener *l)
{
    struct sandbox *s = l->s;
    struct wire_config config = {
        .random = &random_system, .packet_max = LIMIT_PACKET, .padding_max = s->options.transport_pad};
    struct conn *c = calloc(1, sizeof(*c));

    if (!c)
        return;
    c->s = s;
    c->dc = l->dc;
    conn_write_init(c);
    uv_tcp_init(&s->loop, &c->tcp);
    uv_timer_init(&s->loop, &c->timer);
    c->tcp.data = c->timer.data = c;
    c->open_handles = 2;
    c->next = s->conns;
    if (s->conns)
        s->conns->prev = c;
    s->conns = c;
    s->conns_n++;
    if (uv_accept((uv_stream_t *)&l->tcp, (uv_stream_t *)&c->tcp) || s->conns_n > SANDBOX_CONNS_MAX ||
        wire_server_new(&config, &c->wire) || uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read)) {
        conn_close(c);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
}
