#include "daemon/sandbox/centre/push.h"

#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/log.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/sandbox/rpc/said_bytes.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/writer.h"

static const uint8_t too_long[4] = {0x7e, 0xaf, 0x17, 0xe3}; /* updatesTooLong#e317af7e */

static void push_bytes(struct session *ss, const struct buf *b)
{
    if (ss->seat.line) {
        session_send(ss, b->data, b->len, true, 0);
    } else if (ss->kept_n < SESSION_OFFLINE_MAX) {
        session_send(ss, b->data, b->len, true, 0);
        ss->missed_updates = false;
    } else if (!ss->missed_updates) {
        ss->missed_updates = true;
        session_send(ss, too_long, sizeof(too_long), true, 0);
    }
    session_flush(ss);
}

/* The reorder_update fault; where there is no memory for it, it does not strike. */
static bool hold(struct session *ss, const struct buf *b)
{
    buf_init(&ss->held_update, CENTRES_ANSWER_MAX);
    if (!buf_put(&ss->held_update, b->data, b->len))
        return true;
    buf_fini(&ss->held_update);
    return false;
}

static void push_too_long(struct session *ss, const uint8_t *bytes, size_t len)
{
    session_send(ss, bytes, len, true, 0);
    session_flush(ss);
}

/* What faults on demand leave of it; CHANNEL is updateChannelTooLong where it counts in a channel's pts. */
static void push_to_session(struct session *ss, int64_t user, const struct buf *b, const struct buf *channel)
{
    struct inject *in = &ss->s->inject;
    struct buf held = ss->held_update;

    if (inject_take_update(in, "lost_update", user))
        return;
    if (inject_take_update(in, "too_long_update", user)) {
        push_too_long(ss, too_long, sizeof(too_long));
        return;
    }
    if (channel->len && inject_take_update(in, "channel_too_long_update", user)) {
        push_too_long(ss, channel->data, channel->len);
        return;
    }
    if (!held.len && inject_take_update(in, "reorder_update", user) && hold(ss, b))
        return;
    push_bytes(ss, b);
    if (inject_take_update(in, "double_update", user))
        push_bytes(ss, b);
    if (!held.len)
        return;
    ss->held_update = (struct buf){0};
    push_bytes(ss, &held);
    buf_fini(&held);
}

/* The option gzip_min: a message may stand in gzip_packed whatever it is. */
static void pack(const struct centres *s, struct buf *b)
{
    struct buf packed, whole;

    if (!s->options.gzip_min || b->len < s->options.gzip_min)
        return;
    buf_init(&packed, CENTRES_ANSWER_MAX);
    buf_init(&whole, CENTRES_ANSWER_MAX);
    if (!gzip_pack(b->data, b->len, &packed)) {
        buf_put_u32(&whole, MT_GZIP_PACKED);
        tl_write_bytes(&whole, packed.data, packed.len);
    }
    buf_fini(&packed);
    if (whole.len && !whole.err) {
        buf_fini(b);
        *b = whole;
    } else {
        buf_fini(&whole);
    }
}

/* What is said, or JSON, in the layer of A. */
struct pushed_updates {
    const struct telling *said;
    const json_t *json;
};

static const struct said_value *member_of(const struct telling *o, const char *name)
{
    for (unsigned i = 0; o && i < o->n; i++)
        if (o->members[i].name_len == strlen(name) && memcmp(o->members[i].name, name, strlen(name)) == 0)
            return &o->members[i].value;
    return NULL;
}

/* The channel in whose pts the last update of SAID counts; 0: none does. */
static int64_t channel_of(const struct telling *said)
{
    const struct said_value *updates = member_of(said, "updates");
    int64_t id = 0;

    for (size_t i = 0; updates && i < updates->list->n; i++) {
        const struct telling *u = updates->list->items[i];
        const struct said_value *own = member_of(u, "channel_id"), *message = member_of(u, "message");
        if (!member_of(u, "pts"))
            continue;
        const struct said_value *peer = message ? member_of(message->object, "peer_id") : NULL;
        const struct said_value *channel = peer ? member_of(peer->object, "channel_id") : own;
        id = channel ? channel->number : id;
    }
    return id;
}

/* updateChannelTooLong in place of SAID, where a rule waits for one; else nothing. */
static void put_channel_too_long(struct centres *s, const struct auth *a, const struct telling *said, struct buf *out)
{
    int64_t id = said && inject_find(&s->inject, "channel_too_long_update", NULL) ? channel_of(said) : 0;
    const struct world_chat *c = id ? world_chat_by_id(&s->world, id, false) : NULL;
    struct fault fault;

    if (!c)
        return;
    fault_clear(&fault);
    json_t *j = json_pack("{s:s, s:{s:s, s:I, s:i}, s:i}", "_", "updateShort", "update", "_", "updateChannelTooLong",
                          "channel_id", (json_int_t)id, "pts", c->box.pts, "date", world_now(&s->world));
    if (tl_encode_object(a->schema, j, TL_ENCODE_LENIENT, out, &fault))
        buf_reset(out);
    json_decref(j);
}

static void push_over(struct centres *s, struct auth *a, struct pushed_updates updates)
{
    struct buf b, channel;
    struct fault fault;

    fault_clear(&fault);
    buf_init(&b, CENTRES_ANSWER_MAX);
    buf_init(&channel, CENTRES_ANSWER_MAX);
    int err = updates.json ? tl_encode_object(a->schema, updates.json, TL_ENCODE_LENIENT, &b, &fault)
                           : said_bytes(a->schema, updates.said, &b, &fault);
    /* What a layer lacks does not exist there: nothing is said. */
    if (err && err != TGC_EUNKNOWN) {
        log_error("sandbox", "updates in layer %d: %s %s", a->layer, fault.text, fault.path);
    } else if (!err) {
        const struct account *account = keys_account(&s->keys, a);
        pack(s, &b);
        put_channel_too_long(s, a, updates.said, &channel);
        for (struct session *ss = a->sessions; ss; ss = ss->next)
            if (ss->wants_updates && ss != s->acting)
                push_to_session(ss, account && account->user ? account->user->id : 0, &b, &channel);
    }
    buf_fini(&channel);
    buf_fini(&b);
}

static bool has_listener(const struct centres *s, struct auth *a, const struct world_user *user)
{
    const struct account *account = keys_account(&s->keys, a);

    /* A temporary key may not know yet that its permanent key was logged out. */
    if (!account || account->user != user)
        return false;
    for (const struct session *ss = a->sessions; ss; ss = ss->next)
        if (ss->wants_updates && ss != s->acting)
            return true;
    return false;
}

void push_to_user(void *ctx, const struct world_user *user, const struct telling *updates)
{
    struct centres *s = ctx;

    for (struct auth *a = keys_of_user(&s->keys, user); a; a = a->user_next)
        if (a->filed == user && a->schema && has_listener(s, a, user))
            push_over(s, a, (struct pushed_updates){.said = updates});
}

void push_to_key(void *ctx, int dc, uint64_t key_id, const json_t *updates)
{
    struct centres *s = ctx;

    /* The key itself, or a temporary one that is bound to it: whoever speaks now. */
    for (size_t i = 0; i < KEYS_BUCKETS; i++) {
        for (struct auth *a = s->keys.buckets[i]; a; a = a->next) {
            const struct account *account = a->dc == dc ? keys_account(&s->keys, a) : NULL;
            if (account && account->key_id == key_id && a->schema)
                push_over(s, a, (struct pushed_updates){.json = updates});
        }
    }
}

static void push_to_all(struct centres *s, const json_t *updates)
{
    for (size_t i = 0; i < KEYS_BUCKETS; i++)
        for (struct auth *a = s->keys.buckets[i]; a; a = a->next)
            if (a->schema)
                push_over(s, a, (struct pushed_updates){.json = updates});
}

void push_dc_options(struct centres *s)
{
    json_t *updates = json_pack("{s:s, s:{s:s, s:o}, s:i}", "_", "updateShort", "update", "_", "updateDcOptions",
                                "dc_options", rpc_dc_options(&s->world), "date", world_now(&s->world));

    if (updates && !s->world.is_silent)
        push_to_all(s, updates);
    json_decref(updates);
}
