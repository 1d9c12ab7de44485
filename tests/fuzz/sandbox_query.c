/* The sandbox's methods: queries by the schema in both layers, from the wrappers down to the handlers and back to
 * bytes, by four keys: two of data centre 1 and one of 2, each logged in or not, and a temporary one that is not bound.
 * Input: who is logged in (u8), then steps: which key, what and in which layer (u8), what follows from that. */
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/base/le.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/invoke.h"
#include "daemon/sandbox/centre/query.h"
#include "daemon/sandbox/rpc/rpc.h"
#include "daemon/tl/writer.h"
#include "tests/fuzz/answer.h"
#include "tests/fuzz/dc.h"
#include "tests/fuzz/tl_make.h"

enum { ASKERS = 4, STEPS_MAX = 40, QUERY_MAX = 1 << 20 };

struct play {
    struct dc d;
    struct feed f;
    struct session *askers[ASKERS];
    uint64_t msg_id;
};

static struct session *new_asker(struct play *p, int dc, uint8_t n, bool temporary, int64_t user_id)
{
    struct auth *a = dc_add_key(&p->d, dc, n, temporary);
    struct session *ss = calloc(1, sizeof(*ss));

    FUZZ_CHECK(ss != NULL);
    ss->s = &p->d.s;
    ss->auth = a;
    ss->id = n;
    a->sessions = ss;
    a->sessions_n = 1;
    dc_log_in(&p->d, a, user_id);
    return ss;
}

static const struct tl_schema *find_schema(void *ctx, int layer)
{
    return centres_schema(ctx, layer);
}

/* The method that is meant; "": none that the layer has. */
static const char *method_of(const struct session *ss, const struct buf *query)
{
    const char *name = NULL;
    struct query q;

    query_unwrap(&q, ss->auth->schema, ss->auth->layer, find_schema, ss->s, query->data, query->len);
    FUZZ_CHECK(q.error || (q.schema && q.len <= (q.unpacked.data ? q.unpacked.len : query->len)));
    for (const char *c = q.app; *c; c++)
        FUZZ_CHECK(*c >= ' ' && *c <= '~');
    const struct tl_comb *comb = !q.error && q.len >= 4 ? tl_find_method_id(q.schema, le32_load(q.data)) : NULL;
    if (comb)
        name = comb->name;
    query_fini(&q);
    return name;
}

/* Nobody takes what was said: it is judged and forgotten. One answer to REQUEST, updates to others; whether it is an
 * error. */
static bool judge(struct play *p, const struct session *asker, uint64_t request, const char *method)
{
    bool is_error = false;
    unsigned answers = 0;

    for (size_t i = 0; i < ASKERS; i++) {
        struct session *ss = p->askers[i];
        FUZZ_CHECK(ss->acks_n == 0);
        while (ss->first) {
            const struct outgoing *o = ss->first;
            FUZZ_CHECK(o->seq_no & 1);
            if (o->request) {
                FUZZ_CHECK(ss == asker && o->request == request && o->len > 12);
                FUZZ_CHECK(le32_load(o->body) == MT_RPC_RESULT && le64_load(o->body + 4) == request);
                answer_check(method, o->body + 12, o->len - 12);
                is_error = o->len >= 16 && le32_load(o->body + 12) == MT_RPC_ERROR;
                answers++;
            } else {
                answer_check_updates(o->body, o->len);
            }
            session_acked(ss, o->msg_id);
        }
    }
    FUZZ_CHECK(answers == 1);
    return is_error;
}

/* Who is not logged in gets what is public and nothing else; a refusal changes nothing. */
static void run(struct play *p, struct session *ss, const struct buf *query)
{
    const struct mt_message m = {.msg_id = p->msg_id += 4, .seq_no = 1, .body = query->data, .len = query->len};
    const char *method = method_of(ss, query);
    const struct rpc_row *row = method ? rpc_find(method) : NULL;
    const struct account *account = keys_account(&p->d.s.keys, ss->auth);
    bool may = row && (row->flags & RPC_PUBLIC || (account && account->user));
    uint64_t before = dc_digest(&p->d);

    invoke(ss, &m);
    bool is_error = judge(p, ss, m.msg_id, method);
    FUZZ_CHECK(is_error || may);
    FUZZ_CHECK(!is_error || dc_digest(&p->d) == before);
}

static void zip(struct buf *b)
{
    struct buf packed;

    buf_init(&packed, QUERY_MAX);
    FUZZ_CHECK(gzip_pack(b->data, b->len, &packed) == 0);
    buf_reset(b);
    tl_write_u32(b, MT_GZIP_PACKED);
    tl_write_bytes(b, packed.data, packed.len);
    buf_fini(&packed);
}

static void ask(struct play *p, uint8_t how)
{
    struct session *ss = p->askers[how % ASKERS];
    unsigned which = how & 0x20 ? 0 : 1;
    struct buf query;
    size_t n;

    buf_init(&query, QUERY_MAX);
    struct tl_maker m = {.schema = fuzz_schema(which),
                         .f = &p->f,
                         .out = &query,
                         .w = &p->d.s.world,
                         .account = keys_account(&p->d.s.keys, ss->auth)};
    /* A key that spoke no layer yet, or another one. */
    if (how & 0x40 || ss->auth->schema != m.schema)
        tl_make_init(&m, tl_schema_layer(m.schema));
    switch (how >> 2 & 7) {
    case 5:
        tl_make_call(&m, tl_make_any(&m));
        break;
    case 6: {
        const uint8_t *bytes = feed_take(&p->f, feed_u8(&p->f), &n);
        buf_put(&query, bytes, n / 4 * 4);
        break;
    }
    default:
        tl_make_call(&m, tl_make_served(&m));
    }
    if (how & 0x80 && feed_u8(&p->f) & 1)
        zip(&query);
    if (!buf_err(&query) && query.len >= 4)
        run(p, ss, &query);
    buf_fini(&query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct play p;

    fuzz_begin();
    p = (struct play){.f = {data, data + len}, .msg_id = 4};
    dc_init(&p.d, 1);
    uint8_t who = feed_u8(&p.f);
    p.askers[0] = new_asker(&p, 1, 1, false, who & 1 ? 0 : DC_ALICE);
    p.askers[1] = new_asker(&p, 1, 2, false, who & 2 ? DC_BOB : 0);
    p.askers[2] = new_asker(&p, 2, 3, false, who & 4 ? DC_BOB : DC_CAROL);
    p.askers[3] = new_asker(&p, 1, 4, true, 0);
    /* A bound key asks in its permanent key's name. */
    if (who & 8) {
        p.askers[3]->auth->perm_id = p.askers[who >> 4 & 1]->auth->id;
        keys_file(&p.d.s.keys, p.askers[3]->auth);
    }
    for (unsigned i = 0; i < STEPS_MAX && feed_left(&p.f); i++) {
        uint8_t how = feed_u8(&p.f);
        if ((how >> 2 & 7) == 7)
            p.d.wall_us += (int64_t)feed_u8(&p.f) * feed_u8(&p.f) * SECOND_US;
        else
            ask(&p, how);
        dc_check(&p.d);
    }
    dc_fini(&p.d);
    return 0;
}
