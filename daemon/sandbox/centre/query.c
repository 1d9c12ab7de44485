#include "daemon/sandbox/centre/query.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/gzip.h"
#include "daemon/mt/ids.h"
#include "daemon/sandbox/centre/centres.h"
#include "daemon/tl/walk.h"

enum query_id {
    INVOKE_WITH_LAYER = 0xda9b0d0d,
    INIT_CONNECTION = 0xc1cd5ea9,
    INVOKE_AFTER_MSG = 0xcb9f372d,
    INVOKE_AFTER_MSGS = 0x3dc4b4f0,
    INVOKE_WITHOUT_UPDATES = 0xbf9459b7,
};

enum { WRAPPERS_MAX = 8, INIT_PROXY = 1, INIT_PARAMS = 2 };

struct unwrap {
    struct query *q;
    struct tl_reader r;
    const struct tl_schema *(*find)(void *ctx, int layer);
    void *ctx;
};

static int skip_type(struct unwrap *u, const char *type)
{
    struct tl_expr expr = {.kind = TL_OBJECT, .type = tl_find_type(u->q->schema, type)};

    if (!expr.type)
        return TGC_EUNKNOWN;
    return tl_walk(u->q->schema, &expr, &u->r, &tl_pass_over, NULL, NULL, NULL);
}

static const char *on_layer(struct unwrap *u)
{
    struct query *q = u->q;

    q->layer = tl_read_i32(&u->r);
    q->schema = u->find(u->ctx, q->layer);
    return q->schema ? NULL : "CONNECTION_LAYER_INVALID";
}

static void take_text(struct unwrap *u, char *out, size_t size)
{
    size_t len;
    const uint8_t *text = tl_read_bytes(&u->r, &len);

    snprintf(out, size, "%.*s", text ? (int)(len < size ? len : size - 1) : 0, text ? (const char *)text : "");
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
            *p = '?';
}

static const char *on_init(struct unwrap *u)
{
    char device[24], system[8], app[24], code[8];

    if (!u->q->schema)
        return "CONNECTION_LAYER_INVALID";
    uint32_t flags = tl_read_u32(&u->r);
    if (tl_read_i32(&u->r) <= 0)
        return "CONNECTION_API_ID_INVALID";
    take_text(u, device, sizeof(device));
    take_text(u, system, sizeof(system));
    take_text(u, app, sizeof(app));
    take_text(u, code, sizeof(code));
    take_text(u, code, sizeof(code));
    take_text(u, code, sizeof(code));
    if (flags & INIT_PROXY && skip_type(u, "InputClientProxy"))
        return "INPUT_FETCH_ERROR";
    if (flags & INIT_PARAMS && skip_type(u, "JSONValue"))
        return "INPUT_FETCH_ERROR";
    snprintf(u->q->app, sizeof(u->q->app), "%s, %s", app, device);
    u->q->is_inited = true;
    return NULL;
}

static const char *wait_for(struct unwrap *u, uint32_t n)
{
    struct query *q = u->q;

    if (n > QUERY_AFTER_MAX - q->after_n)
        return "INPUT_REQUEST_TOO_LONG";
    while (n--)
        q->after[q->after_n++] = tl_read_u64(&u->r);
    return NULL;
}

static const char *on_after_msg(struct unwrap *u)
{
    return wait_for(u, 1);
}

static const char *on_after_msgs(struct unwrap *u)
{
    return wait_for(u, tl_read_vector(&u->r, 8));
}

static const char *on_without_updates(struct unwrap *u)
{
    u->q->without_updates = true;
    return NULL;
}

static const char *on_gzip(struct unwrap *u)
{
    struct query *q = u->q;
    size_t len;
    int is_zlib = 0;
    const uint8_t *packed = tl_read_bytes(&u->r, &len);

    if (!packed || q->unpacked.data || tl_reader_left(&u->r) || gzip_unpack(packed, len, &q->unpacked, &is_zlib))
        return "INPUT_FETCH_ERROR";
    q->is_zlib = is_zlib;
    tl_reader_init(&u->r, q->unpacked.data, q->unpacked.len);
    return NULL;
}

static const struct {
    uint32_t id;
    const char *(*step)(struct unwrap *u);
} wrappers[] = {
    {INVOKE_WITH_LAYER, on_layer},
    {INIT_CONNECTION, on_init},
    {INVOKE_AFTER_MSG, on_after_msg},
    {INVOKE_AFTER_MSGS, on_after_msgs},
    {INVOKE_WITHOUT_UPDATES, on_without_updates},
    {MT_GZIP_PACKED, on_gzip},
};

/* One wrapper off: 1; none there: 0; q->error set: -1. */
static int step(struct unwrap *u)
{
    uint32_t id = tl_peek_u32(&u->r);

    for (size_t i = 0; i < sizeof(wrappers) / sizeof(*wrappers); i++) {
        if (wrappers[i].id != id)
            continue;
        tl_read_u32(&u->r);
        u->q->error = wrappers[i].step(u);
        if (u->r.err)
            u->q->error = "INPUT_FETCH_ERROR";
        return u->q->error ? -1 : 1;
    }
    return 0;
}

void query_unwrap(struct query *q, const struct tl_schema *schema, int layer,
                  const struct tl_schema *(*find)(void *ctx, int layer), void *ctx, const uint8_t *data, size_t len)
{
    struct unwrap u = {.q = q, .find = find, .ctx = ctx};
    int got = 1;

    *q = (struct query){.schema = schema, .layer = layer};
    buf_init(&q->unpacked, CENTRES_QUERY_MAX);
    tl_reader_init(&u.r, data, len);
    for (int i = 0; got == 1 && i < WRAPPERS_MAX; i++)
        got = step(&u);
    if (got == 1)
        q->error = "INPUT_REQUEST_TOO_LONG";
    q->data = u.r.at;
    q->len = tl_reader_left(&u.r);
    /* A key that never said initConnection has no layer to speak in. */
    if (!q->error && !q->schema)
        q->error = "CONNECTION_NOT_INITED";
}

void query_fini(struct query *q)
{
    buf_fini(&q->unpacked);
}
