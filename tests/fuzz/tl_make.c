#include "tests/fuzz/tl_make.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/sandbox/rpc/call.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/writer.h"
#include "tests/fuzz/dc.h"

enum { VALUES_MAX = 400, DEPTH_MAX = 8, LONG_TEXT = 1200 };

static const struct rpc_row *const tables[] = {
    rpc_phone_rows,         rpc_call_join_rows,   rpc_call_participant_rows,
    rpc_call_settings_rows, rpc_call_invite_rows, rpc_call_read_rows,
    rpc_auth_rows,          rpc_login_token_rows, rpc_account_rows,
    rpc_updates_rows,       rpc_chats_rows,       rpc_contacts_rows,
    rpc_users_rows,         rpc_help_rows,
};

const struct tl_comb *tl_make_served(struct tl_maker *m)
{
    const struct rpc_row *rows = tables[feed_u8(m->f) % (sizeof(tables) / sizeof(*tables))];
    size_t n = 0;

    while (rows[n].method)
        n++;
    const struct tl_comb *method = tl_find_method(m->schema, rows[feed_u8(m->f) % n].method);
    return method ? method : tl_find_method(m->schema, "help.getConfig");
}

const struct tl_comb *tl_make_any(struct tl_maker *m)
{
    size_t n, first = 0;
    const struct tl_comb *combs = tl_schema_combs(m->schema, &n);

    while (first < n && !combs[first].is_method)
        first++;
    return &combs[first + feed_u16(m->f) % (n - first)];
}

static uint64_t raw(struct tl_maker *m, size_t size)
{
    uint64_t v = 0;

    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)feed_u8(m->f) << 8 * i;
    return v;
}

static bool is_named(const char *name, const char *want)
{
    return name && strstr(name, want) != NULL;
}

static void make_int(struct tl_maker *m, const char *name)
{
    uint8_t k = feed_u8(m->f);
    int now = m->w ? world_now(m->w) : 1800000000;

    if (k >= 0xf0)
        tl_write_u32(m->out, (uint32_t)raw(m, 4));
    else if (is_named(name, "date") || is_named(name, "expires"))
        tl_write_i32(m->out, now + (k - 8) * 60);
    else
        tl_write_i32(m->out, (int)k - 1);
}

static void make_long(struct tl_maker *m, const char *name)
{
    static const int64_t ids[] = {1001, 1002, 1003, 2001, 5001, 6001, 6002, 6003, 6004, 6005, 7001, 7002};
    uint8_t k = feed_u8(m->f);

    if (k >= 0xf0)
        tl_write_u64(m->out, raw(m, 8));
    else if (k < 0x80)
        tl_write_i64(m->out, ids[k % (sizeof(ids) / sizeof(*ids))]);
    else
        tl_write_i64(m->out, k - 0x81);
}

static void write_long_text(struct tl_maker *m)
{
    char text[LONG_TEXT + 1];

    memset(text, 'x', sizeof(text));
    for (size_t i = 1; i + 1 < LONG_TEXT; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[LONG_TEXT] = '\0';
    tl_write_text(m->out, text + (feed_u8(m->f) & 1));
}

static const struct world_call *a_call(const struct tl_maker *m, uint8_t k)
{
    size_t n = m->w->calls_n;

    return n ? m->w->calls[n - 1 - k % (n < 4 ? n : 4)] : NULL;
}

/* What is only good when it is what the server said; false: nothing fits. */
static bool make_said(struct tl_maker *m, const char *name, uint8_t k)
{
    const struct world *w = m->w;
    const struct world_call *call = w ? a_call(m, k) : NULL;
    char hash[24];

    if (!w)
        return false;
    if (is_named(name, "code_hash")) {
        tl_write_text(m->out, w->codes[(w->codes_at - 1 - k % 4) % WORLD_CODES].hash);
    } else if (is_named(name, "invite_hash") && call) {
        snprintf(hash, sizeof(hash), "%016" PRIx64, call->invite_key);
        tl_write_text(m->out, hash);
    } else if (is_named(name, "phone_code")) {
        tl_write_text(m->out, k & 7 ? "12345" : "54321");
    } else {
        return false;
    }
    return true;
}

static void make_string(struct tl_maker *m, const char *name)
{
    static const char *const texts[] = {"",
                                        "15550001",
                                        "15550002",
                                        "15550003",
                                        "+1 (555) 0009",
                                        "15550077",
                                        "12345",
                                        "alice",
                                        "bobby",
                                        "carol",
                                        "sandbox_channel",
                                        "sandbox_stranger",
                                        "sandboxinvite",
                                        "0",
                                        "3",
                                        "\xd0\x9f\xd0\xbb\xd0\xb0\xd0\xbd",
                                        "nobody_here",
                                        "{\"ssrc\":1}"};
    uint8_t k = feed_u8(m->f);
    size_t n;

    if (k < 0x80 && make_said(m, name, k))
        return;
    if (is_named(name, "phone_number") && k < 0x80) {
        tl_write_text(m->out, texts[1 + k % 5]);
    } else if (k < 0xc0) {
        tl_write_text(m->out, texts[k % (sizeof(texts) / sizeof(*texts))]);
    } else if (k >= 0xf8) {
        write_long_text(m);
    } else {
        const uint8_t *bytes = feed_take(m->f, feed_u8(m->f), &n);
        tl_write_bytes(m->out, bytes, n);
    }
}

static void make_bytes(struct tl_maker *m, const char *name)
{
    const struct world *w = m->w;
    uint8_t k = feed_u8(m->f);
    size_t n;

    if (w && is_named(name, "token") && k < 0xc0) {
        tl_write_bytes(m->out, w->logins[(w->logins_at - 1 - k % 4) % WORLD_LOGINS].token, 32);
    } else if (w && is_named(name, "bytes") && k < 0xc0) {
        tl_write_bytes(m->out, w->exports[(w->exports_at - 1 - k % 4) % WORLD_EXPORTS].bytes, 32);
    } else {
        const uint8_t *bytes = feed_take(m->f, feed_u8(m->f), &n);
        tl_write_bytes(m->out, bytes, n);
    }
}

/* --- objects that mean something --- */

static int64_t asker_id(const struct tl_maker *m)
{
    return m->account && m->account->user ? m->account->user->id : 0;
}

static json_t *known_chat(const struct tl_maker *m, const char *tag, uint8_t k)
{
    const struct world_chat *c = m->w->chats[k % m->w->chats_n];
    int64_t hash = world_access_hash(m->w, asker_id(m), 'c', c->id);

    if (c->kind == WORLD_BASIC && strcmp(tag, "inputPeerChannel") == 0)
        return json_pack("{s:s, s:I}", "_", "inputPeerChat", "chat_id", (json_int_t)c->id);
    return json_pack("{s:s, s:I, s:I}", "_", tag, "channel_id", (json_int_t)c->id, "access_hash", (json_int_t)hash);
}

static json_t *known_user(const struct tl_maker *m, const char *tag, uint8_t k)
{
    const struct world_user *u = m->w->users[k % m->w->users_n];

    return json_pack("{s:s, s:I, s:I}", "_", tag, "user_id", (json_int_t)u->id, "access_hash",
                     (json_int_t)world_access_hash(m->w, asker_id(m), 'u', u->id));
}

static json_t *known_peer(const struct tl_maker *m, uint8_t k)
{
    if (k % 4 == 0)
        return json_pack("{s:s}", "_", "inputPeerSelf");
    return k % 4 == 1 ? known_user(m, "inputPeerUser", k / 4) : known_chat(m, "inputPeerChannel", k / 4);
}

static json_t *known_input_user(const struct tl_maker *m, uint8_t k)
{
    return k % 4 ? known_user(m, "inputUser", k / 4) : json_pack("{s:s}", "_", "inputUserSelf");
}

static json_t *known_channel(const struct tl_maker *m, uint8_t k)
{
    return known_chat(m, "inputChannel", k);
}

static json_t *known_call(const struct tl_maker *m, uint8_t k)
{
    const struct world_call *call = a_call(m, k);

    return call ? view_input_call(call) : NULL;
}

static json_t *known_source(const struct tl_maker *m, uint8_t k)
{
    return json_pack("{s:s, s:o}", "_", "dataJSON", "data", json_sprintf("{\"ssrc\":%d}", k % 8));
}

static json_t *known_proof(const struct tl_maker *m, uint8_t k)
{
    struct account *a = m->account;
    const struct world_user *u = a ? a->pending ? a->pending : a->user : NULL;
    uint8_t public[256], m1[32], secret[256] = {k, 1};
    struct fault fault;

    if (!u || !a->srp_id || !*u->password ||
        srp_client(&u->algo, dc_bob_x(), a->srp_public, sizeof(a->srp_public), &random_system, secret, public, m1,
                   &fault))
        return NULL;
    return json_pack("{s:s, s:I, s:o, s:o}", "_", "inputCheckPasswordSRP", "srp_id", (json_int_t)a->srp_id, "A",
                     json_from_bytes(public, sizeof(public)), "M1", json_from_bytes(m1, sizeof(m1)));
}

static const struct {
    const char *type;
    json_t *(*make)(const struct tl_maker *m, uint8_t k);
} known[] = {
    {"InputPeer", known_peer},      {"InputUser", known_input_user}, {"InputChannel", known_channel},
    {"InputGroupCall", known_call}, {"DataJSON", known_source},      {"InputCheckPasswordSRP", known_proof},
};

static bool make_known(struct tl_maker *m, const struct tl_type *type)
{
    struct fault fault;

    for (size_t i = 0; m->w && i < sizeof(known) / sizeof(*known); i++) {
        if (strcmp(known[i].type, type->name) != 0)
            continue;
        json_t *j = known[i].make(m, feed_u8(m->f));
        bool ok = j && !tl_encode_object(m->schema, j, TL_ENCODE_LENIENT, m->out, &fault);
        json_decref(j);
        return ok;
    }
    return false;
}

/* --- anything --- */

static void make_fields(struct tl_maker *m, const struct tl_comb *comb, unsigned depth);

/* Flags that the combinator has; now and then others too. */
static uint32_t make_flags(struct tl_maker *m, uint32_t defined)
{
    uint8_t k = feed_u8(m->f);

    if (k == 0)
        return 0;
    if (k >= 0xf8)
        return (uint32_t)raw(m, 4);
    return defined & (k < 0x80 ? (uint32_t)k | (uint32_t)k << 7 | (uint32_t)k << 14 : (uint32_t)raw(m, 4));
}

static void make_object(struct tl_maker *m, const struct tl_type *type, unsigned depth)
{
    uint8_t k = feed_u8(m->f);

    if (k < 0xe0 && make_known(m, type))
        return;
    const struct tl_comb *comb = type->combs[k % type->combs_n];
    for (unsigned i = 0; depth >= DEPTH_MAX && i < type->combs_n; i++)
        if (type->combs[i]->params_n < comb->params_n)
            comb = type->combs[i];
    tl_write_u32(m->out, comb->id);
    make_fields(m, comb, depth + 1);
}

static void make_value(struct tl_maker *m, const struct tl_expr *e, const char *name, unsigned depth)
{
    uint32_t n;

    if (m->values++ > VALUES_MAX || depth > 2 * DEPTH_MAX)
        return;
    switch (e->kind) {
    case TL_INT:
        make_int(m, name);
        break;
    case TL_LONG:
        make_long(m, name);
        break;
    case TL_DOUBLE:
        tl_write_u64(m->out, raw(m, 8));
        break;
    case TL_INT128:
    case TL_INT256:
        for (n = e->kind == TL_INT128 ? 2 : 4; n > 0; n--)
            tl_write_u64(m->out, raw(m, 2));
        break;
    case TL_STRING:
        make_string(m, name);
        break;
    case TL_BYTES:
        make_bytes(m, name);
        break;
    case TL_BOOL:
        tl_write_bool(m->out, feed_u8(m->f) & 1);
        break;
    case TL_TRUE:
    case TL_FLAGS:
        break;
    case TL_OBJECT:
        make_object(m, e->type, depth);
        break;
    case TL_BARE:
        make_fields(m, e->comb, depth + 1);
        break;
    case TL_VECTOR:
    case TL_BARE_VECTOR:
        n = feed_u8(m->f);
        n = n < 0xf0 ? n & 3 : n & 31;
        if (e->kind == TL_VECTOR)
            tl_write_vector(m->out, n);
        else
            tl_write_u32(m->out, n);
        while (n-- > 0)
            make_value(m, e->item, name, depth + 1);
        break;
    case TL_QUERY:
        if (depth < DEPTH_MAX) {
            const struct tl_comb *method = tl_make_served(m);
            tl_write_u32(m->out, method->id);
            make_fields(m, method, depth + 1);
        }
        break;
    case TL_ANY:
        tl_write_u32(m->out, 0);
        break;
    }
}

static void make_fields(struct tl_maker *m, const struct tl_comb *comb, unsigned depth)
{
    uint32_t words[TL_FLAG_WORDS_MAX] = {0};

    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->expr.kind == TL_FLAGS) {
            words[p->flag_slot] = make_flags(m, comb->flags_defined[p->flag_slot]);
            tl_write_u32(m->out, words[p->flag_slot]);
        } else if (p->flag_word < 0 || words[comb->params[p->flag_word].flag_slot] >> p->flag_bit & 1) {
            make_value(m, &p->expr, p->name, depth);
        }
    }
}

void tl_make_call(struct tl_maker *m, const struct tl_comb *method)
{
    tl_write_u32(m->out, method->id);
    make_fields(m, method, 0);
}

void tl_make_result(struct tl_maker *m, const struct tl_comb *method)
{
    make_value(m, &method->result, NULL, 0);
}

void tl_make_init(struct tl_maker *m, int layer)
{
    tl_write_u32(m->out, 0xda9b0d0d); /* invokeWithLayer */
    tl_write_i32(m->out, layer);
    tl_write_u32(m->out, 0xc1cd5ea9); /* initConnection */
    tl_write_u32(m->out, 0);
    tl_write_i32(m->out, 1);
    for (const char *const *text = (const char *const[]){"device", "1", "fuzz 1", "en", "", "en", NULL}; *text; text++)
        tl_write_text(m->out, *text);
}
