#include "daemon/sandbox/centre/push.h"

#include "daemon/base/gzip.h"
#include "daemon/base/log.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/sandbox/rpc/said_bytes.h"
#include "daemon/tl/encode.h"
#include "daemon/tl/writer.h"

static void push_bytes(struct session *ss, const struct buf *b)
{
    static const uint8_t too_long[4] = {0x7e, 0xaf, 0x17, 0xe3}; /* updatesTooLong#e317af7e */

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

static void push_over(struct centres *s, struct auth *a, struct pushed_updates updates)
{
    struct buf b;
    struct fault fault;

    fault_clear(&fault);
    buf_init(&b, CENTRES_ANSWER_MAX);
    int err = updates.json ? tl_encode_object(a->schema, updates.json, TL_ENCODE_LENIENT, &b, &fault)
                           : said_bytes(a->schema, updates.said, &b, &fault);
    if (err) {
        log_error("sandbox", "updates in layer %d: %s %s", a->layer, fault.text, fault.path);
    } else {
        pack(s, &b);
        for (struct session *ss = a->sessions; ss; ss = ss->next)
            if (ss->wants_updates && ss != s->acting)
                push_bytes(ss, &b);
    }
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
