#include "daemon/sandbox/centre/exchange.h"

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/sandbox/world/json.h"

enum { KEY_EXCHANGE_DC_WRONG = 444 };

static int start_handshake(struct line *l)
{
    struct centres *s = l->s;
    json_t *rule = inject_take(&s->inject, "handshake", NULL);
    struct mt_handshake_server_config config = {
        .clock = s->world.clock,
        .random = &s->random,
        .key = s->rsa,
        .dc = l->dc,
        .any_dc = s->options.any_dc,
        .time_skew_us = s->world.skew_us,
        .lie = rule ? mt_handshake_lie_find(json_get_text(rule, "lie")) : s->options.handshake,
    };

    json_decref(rule);
    int err = mt_handshake_server_new(&config, &l->handshake);
    if (!err)
        centres_trace(
            s, json_pack("{s:s, s:i, s:I}", "event", "key_exchange", "dc", l->dc, "connection", (json_int_t)l->number));
    return err;
}

static void note_oddities(struct line *l, unsigned oddities)
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
            lint_note(&l->s->lints, table[i].lint, NULL, NULL);
}

static void finish_handshake(struct line *l)
{
    struct centres *s = l->s;
    struct mt_handshake_server_result result = mt_handshake_server_take(l->handshake);

    l->has_key = true;
    note_oddities(l, result.oddities);
    struct auth *a = keys_add(&s->keys, l->dc, result.key, result.salt, centres_now_us(s));
    if (!a)
        return;
    a->temporary = result.temporary;
    a->media = result.dc < 0;
    if (result.temporary)
        a->expires_at = centres_now_us(s) / SECOND_US + result.expires_in;
    centres_trace(s, json_pack("{s:s, s:i, s:I, s:b, s:s, s:b}", "event", "key", "dc", l->dc, "connection",
                               (json_int_t)l->number, "temporary", (int)result.temporary, "framing",
                               wire_framing_name(wire_framing_of(l->wire)), "obfuscated",
                               (int)wire_is_obfuscated(l->wire)));
}

void exchange_drop(struct line *l)
{
    mt_handshake_server_free(l->handshake);
    l->handshake = NULL;
    l->has_key = false;
}

void exchange_hear(struct line *l, const uint8_t *packet, size_t len)
{
    struct buf out;
    struct fault fault;

    fault_clear(&fault);
    buf_init(&out, LIMIT_PACKET);
    if (l->has_key && !mt_handshake_server_knows(l->handshake, packet, len))
        exchange_drop(l);
    if (!l->handshake && start_handshake(l)) {
        line_close(l);
        return;
    }
    int got = mt_handshake_server_feed(l->handshake, packet, len, &out, &fault);
    if (got == 404 || got == KEY_EXCHANGE_DC_WRONG) {
        log_debug("sandbox", "key exchange refused: %s", fault.text);
        centres_trace(l->s,
                      json_pack("{s:s, s:i, s:s}", "event", "key_exchange_refused", "dc", l->dc, "why", fault.text));
        line_refuse(l, -got);
    } else if (got < 0) {
        line_close(l);
    } else {
        if (le64_load(packet + 8) % 4 != 0)
            lint_note(&l->s->lints, LINT_PLAIN_MSG_ID, NULL, NULL);
        line_put(l, out.data, out.len);
        if (got == 1)
            finish_handshake(l);
    }
    buf_fini(&out);
}
