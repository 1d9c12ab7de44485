#include "daemon/tl/text.h"

#include <math.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/base/long_text.h"
#include "daemon/base/utf8.h"
#include "daemon/tl/arena.h"
#include "daemon/tl/base64.h"
#include "daemon/tl/number_text.h"

struct text {
    struct buf *out;
    bool is_first; /* nothing stands before the next item of the vector: no comma */
};

/* N bytes of the schema's arena to TO, in B. They are few, and a call of memcpy() would cost more than they do: they
 * are copied in steps, with what stands behind them. */
static inline void copy_name(const struct buf *b, uint8_t *to, const char *from, size_t n)
{
    enum { STEP = TL_ARENA_BEHIND };

    if ((size_t)(b->data + b->cap - to) < n + STEP) {
        memcpy(to, from, n);
        return;
    }
    for (size_t i = 0; i < n; i += STEP)
        memcpy(to + i, from + i, STEP);
}

/* Room for the next value's LEN bytes with what goes in front of it, which is written at once. */
static inline char *begin_value(struct text *t, const struct tl_param *field, size_t len)
{
    size_t head = field ? field->json_key_len : 1;
    struct buf *b = t->out;
    uint8_t *p = buf_room(b, head + len);

    if (!p)
        return NULL;
    if (field) {
        copy_name(b, p, tl_json_key(field), head);
    } else if (t->is_first) {
        head = 0;
    } else {
        p[0] = ',';
    }
    t->is_first = false;
    b->len += head;
    return (char *)p + head;
}

static inline int put_value(struct text *t, const struct tl_param *field, const char *text, size_t len)
{
    char *p = begin_value(t, field, len);

    if (!p)
        return buf_err(t->out);
    memcpy(p, text, len);
    t->out->len += len;
    return 0;
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct text *t = ctx;
    char *p = begin_value(t, field, comb->json_open_len);

    if (!p)
        return buf_err(t->out);
    copy_name(t->out, (uint8_t *)p, comb->json_open, comb->json_open_len);
    t->out->len += comb->json_open_len;
    return 0;
}

static inline int put_end(struct text *t, uint8_t bracket)
{
    uint8_t *p = buf_room(t->out, 1);

    if (!p)
        return buf_err(t->out);
    *p = bracket;
    t->out->len++;
    return 0;
}

static int end_object(void *ctx)
{
    return put_end(ctx, '}');
}

static int begin_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    int err = put_value(ctx, field, "[", 1);

    ((struct text *)ctx)->is_first = true;
    return err;
}

static int end_vector(void *ctx)
{
    ((struct text *)ctx)->is_first = false;
    return put_end(ctx, ']');
}

static int on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    struct text *t = ctx;
    char *p = begin_value(t, field, LONG_TEXT_MAX);

    if (!p)
        return buf_err(t->out);
    t->out->len += long_text(p, v);
    return 0;
}

static int on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    struct text *t = ctx;
    char *p = begin_value(t, field, LONG_TEXT_MAX + 2);

    if (!p)
        return buf_err(t->out);
    size_t n = long_text(p + 1, v);
    p[0] = p[n + 1] = '"';
    t->out->len += n + 2;
    return 0;
}

static int on_double(void *ctx, const struct tl_param *field, double v)
{
    char text[TL_DOUBLE_TEXT_MAX];

    if (!isfinite(v))
        return put_value(ctx, field, "null", 4);
    return put_value(ctx, field, text, tl_double_text(text, v));
}

static int on_bool(void *ctx, const struct tl_param *field, bool v)
{
    return v ? put_value(ctx, field, "true", 4) : put_value(ctx, field, "false", 5);
}

static int on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    char text[2 * 32 + 3];

    text[0] = '"';
    hex_encode(v, len, text + 1);
    text[2 * len + 1] = '"';
    return put_value(ctx, field, text, 2 * len + 2);
}

/* Base64 of V between OPEN and CLOSE. */
static int put_base64(struct text *t, const struct tl_param *field, const char *open, const uint8_t *v, size_t len,
                      const char *close)
{
    size_t open_len = strlen(open), close_len = strlen(close), all = open_len + tl_base64_encoded_len(len) + close_len;
    char *p = begin_value(t, field, all);

    if (!p)
        return buf_err(t->out);
    memcpy(p, open, open_len);
    tl_base64_encode(v, len, p + open_len);
    memcpy(p + all - close_len, close, close_len);
    t->out->len += all;
    return 0;
}

static int on_bytes(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    return put_base64(ctx, field, "\"", v, len, "\"");
}

/* Around the bytes of a string that is not UTF-8. */
static const char bytes_open[] = "{\"_bytes\":\"", bytes_close[] = "\"}";

static int on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    struct text *t = ctx;

    if (!utf8_is_valid(v, len))
        return put_base64(t, field, bytes_open, v, len, bytes_close);
    if (!begin_value(t, field, 0))
        return buf_err(t->out);
    tl_text_put_string(t->out, (const char *)v, len);
    return buf_err(t->out);
}

/* How many bytes from P on need no escape. */
static size_t clean_run(const uint8_t *p, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    size_t n = 0;

    /* Eight bytes at a time. A byte of (x - k) & ~x has its top bit where that byte of x was below k: exact for the
     * lowest such byte, and bytes from 0x80 on never count, which is right as UTF-8 needs no escape. */
    for (; n + 8 <= len; n += 8) {
        uint64_t x, quote, slash;
        memcpy(&x, p + n, 8);
        quote = x ^ ones * '"';
        slash = x ^ ones * '\\';
        if ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & tops)
            break;
    }
    while (n < len && p[n] >= 0x20 && p[n] != '"' && p[n] != '\\')
        n++;
    return n;
}

static void put_escaped(struct buf *out, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    static const char letters[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    if (c >= 0x20 || letters[c]) {
        const char text[] = {'\\', c >= 0x20 ? (char)c : letters[c]};
        buf_put(out, text, sizeof(text));
    } else {
        const char text[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        buf_put(out, text, sizeof(text));
    }
}

void tl_text_put_string(struct buf *out, const char *text, size_t len)
{
    const uint8_t *p = (const uint8_t *)text;
    bool is_first = true;

    /* A clean string, the rule, is copied in one go with its quotes. */
    do {
        size_t n = clean_run(p, len);
        uint8_t *to = buf_room(out, n + 2);
        if (!to)
            return;
        uint8_t *start = to;
        if (is_first)
            *to++ = '"';
        if (n)
            memcpy(to, p, n);
        to += n;
        if (n == len)
            *to++ = '"';
        buf_add(out, (size_t)(to - start));
        is_first = false;
        if (n == len)
            return;
        put_escaped(out, p[n]);
        p += n + 1;
        len -= n + 1;
    } while (!buf_err(out));
}

void tl_text_put_tl_string(struct buf *out, const uint8_t *bytes, size_t len)
{
    if (utf8_is_valid(bytes, len)) {
        tl_text_put_string(out, (const char *)bytes, len);
        return;
    }
    struct text t = {.out = out, .is_first = true};
    (void)!put_base64(&t, NULL, bytes_open, bytes, len, bytes_close);
}

void tl_text_put_number(struct buf *out, int64_t v)
{
    uint8_t *p = buf_room(out, LONG_TEXT_MAX);

    if (p)
        buf_add(out, long_text((char *)p, v));
}

static const struct tl_visitor visitor = {
    .begin_object = begin_object,
    .end_object = end_object,
    .begin_vector = begin_vector,
    .end_vector = end_vector,
    .on_int = on_int,
    .on_long = on_long,
    .on_double = on_double,
    .on_bool = on_bool,
    .on_raw = on_raw,
    .on_bytes = on_bytes,
    .on_string = on_string,
};

/* What the walk returned; OUT, LEN bytes long before, keeps nothing of a failure. */
static int finish(struct buf *out, size_t len, int err, struct fault *fault)
{
    if (buf_err(out))
        err = fault_set(fault, buf_err(out), "the JSON text: %s", tgc_err_text(buf_err(out)));
    if (err)
        buf_cut(out, len);
    return err;
}

int tl_text_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   struct buf *out, struct tl_walk_stats *stats, struct fault *fault)
{
    struct text t = {.out = out, .is_first = true};
    size_t before = out->len;

    return finish(out, before, tl_walk_result(schema, method, data, len, &visitor, &t, stats, fault), fault);
}

int tl_text_object(const struct tl_schema *schema, const void *data, size_t len, struct buf *out,
                   struct tl_walk_stats *stats, struct fault *fault)
{
    struct text t = {.out = out, .is_first = true};
    size_t before = out->len;

    return finish(out, before, tl_walk_object(schema, data, len, &visitor, &t, stats, fault), fault);
}

int tl_text_next(const struct tl_schema *schema, const struct tl_expr *expr, struct tl_reader *r, struct buf *out,
                 struct tl_walk_stats *stats, struct fault *fault)
{
    struct text t = {.out = out, .is_first = true};
    size_t before = out->len;

    return finish(out, before, tl_walk(schema, expr, r, &visitor, &t, stats, fault), fault);
}

int tl_text_value(const struct tl_schema *schema, const struct tl_expr *expr, const void *data, size_t len,
                  struct buf *out, struct tl_walk_stats *stats, struct fault *fault)
{
    size_t before = out->len;
    struct tl_reader r;

    tl_reader_init(&r, data, len);
    int err = tl_text_next(schema, expr, &r, out, stats, fault);
    if (!err && tl_reader_left(&r))
        err = fault_set(fault, TGC_ETRAILING, "bytes follow the value");
    return finish(out, before, err, fault);
}
