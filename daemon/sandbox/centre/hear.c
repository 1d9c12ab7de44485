#include "daemon/sandbox/centre/hear.h"

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/packed.h"
#include "daemon/sandbox/centre/exchange.h"
#include "daemon/sandbox/centre/place.h"
#include "daemon/sandbox/centre/receive.h"
#include "daemon/sandbox/world/json.h"

static void quick_ack(struct line *l, const struct auth *a, const uint8_t *plain, size_t len)
{
    uint8_t digest[32];

    hash_sha256(HASH_PIECES({a->key->key + 88, 32}, {plain, len}), digest);
    line_quick_ack(l, le32_load(digest) | 0x80000000u);
}

static void forget_key(struct centres *s, struct auth *a, bool permanent)
{
    struct auth *perm = permanent && a->temporary ? keys_find(&s->keys, a->dc, a->perm_id) : NULL;

    keys_drop(&s->keys, a);
    if (perm)
        keys_drop(&s->keys, perm);
}

static void on_encrypted(struct line *l, struct wire_packet *p)
{
    struct centres *s = l->s;
    struct auth *a = keys_find(&s->keys, l->dc, mt_packed_key_id(p->data, p->len));
    struct mt_message m;
    json_t *rule = inject_take(&s->inject, "transport_error", NULL);

    if (rule) {
        line_refuse(l, (int32_t)json_get_long(rule, "code"));
        json_decref(rule);
        return;
    }
    if (a && (rule = inject_take(&s->inject, "forget_key", NULL))) {
        forget_key(s, a, json_get_true(rule, "permanent"));
        json_decref(rule);
        a = NULL;
    }
    if (a && a->expires_at && a->expires_at <= centres_now_us(s) / SECOND_US) {
        keys_drop(&s->keys, a);
        a = NULL;
    }
    /* -404 for an unknown key and for a packet that does not decrypt: from outside they look the same. */
    if (!a || mt_packed_open(a->key, KDF_TO_SERVER, p->data, p->len, &m)) {
        line_refuse(l, -404);
        return;
    }
    if (l->has_key)
        exchange_drop(l);
    if (p->wants_quick_ack)
        quick_ack(l, a, p->data + 24, p->len - 24);
    place_note(l, a);
    receive_packet(l, a, &m);
}

static void on_packet(struct line *l, struct wire_packet *p)
{
    if (mt_packed_key_id(p->data, p->len) == 0)
        exchange_hear(l, p->data, p->len);
    else
        on_encrypted(l, p);
}

void hear_bytes(struct line *l, const void *data, size_t len)
{
    if (l->state == LINE_OPEN && wire_feed(l->wire, data, len))
        line_close(l);
}

bool hear_packet(struct line *l)
{
    struct wire_packet p = {0};
    struct fault fault;

    if (l->state != LINE_OPEN)
        return false;
    fault_clear(&fault);
    if (wire_next(l->wire, &p, &fault)) {
        centres_trace(l->s, json_pack("{s:s, s:i, s:s}", "event", "framing_fault", "dc", l->dc, "why", fault.text));
        line_close(l);
        return false;
    }
    if (p.kind == WIRE_PACKET)
        on_packet(l, &p);
    line_flush(l);
    return p.kind != WIRE_NONE;
}
