#include "tests/unit/tl/gen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/base/hex.h"
#include "daemon/base/utf8.h"
#include "daemon/tl/base64.h"

enum { UNKNOWN_HEIGHT = 1000 };

static unsigned height_of(const struct gen *g, const struct tl_comb *comb)
{
    size_t n;

    return g->heights[comb - tl_schema_combs(g->schema, &n)];
}

static const struct tl_comb *lowest(const struct gen *g, const struct tl_type *type)
{
    const struct tl_comb *best = type->combs[0];

    for (unsigned i = 1; i < type->combs_n; i++)
        if (height_of(g, type->combs[i]) < height_of(g, best))
            best = type->combs[i];
    return best;
}

/* What the fields that must be there make of a combinator's height. */
static unsigned needed_height(const struct gen *g, const struct tl_comb *comb)
{
    unsigned height = 1;

    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        unsigned h = 0;
        if (p->flag_word >= 0)
            continue;
        if (p->expr.kind == TL_OBJECT)
            h = height_of(g, lowest(g, p->expr.type));
        else if (p->expr.kind == TL_BARE)
            h = height_of(g, p->expr.comb);
        height = h + 1 > height ? h + 1 : height;
    }
    return height < UNKNOWN_HEIGHT ? height : UNKNOWN_HEIGHT;
}

void gen_init(struct gen *g, const struct tl_schema *schema, uint64_t seed)
{
    size_t n;
    const struct tl_comb *combs = tl_schema_combs(schema, &n);

    *g = (struct gen){.schema = schema, .depth_max = 5, .heights = calloc(n, sizeof(*g->heights))};
    random_seeded_init(&g->seeded, seed);
    g->random = random_seeded_source(&g->seeded);
    for (size_t i = 0; i < n; i++)
        g->heights[i] = UNKNOWN_HEIGHT;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < n; i++) {
            unsigned h = needed_height(g, &combs[i]);
            changed |= h < g->heights[i];
            g->heights[i] = h;
        }
    }
}

void gen_fini(struct gen *g)
{
    free(g->heights);
}

static uint32_t below(struct gen *g, uint32_t bound)
{
    return random_below(&g->random, bound);
}

static int64_t gen_number(struct gen *g)
{
    static const int64_t edges[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT32_MAX, INT32_MIN, 9007199254740993};

    if (below(g, 4) == 0)
        return edges[below(g, 8)];
    return (int64_t)random_u64(&g->random) >> below(g, 64);
}

static json_t *gen_long(struct gen *g)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", (long long)gen_number(g));
    return json_string(text);
}

static json_t *gen_double(struct gen *g)
{
    double v;

    do {
        uint64_t bits = random_u64(&g->random);
        memcpy(&v, &bits, sizeof(v));
        if (below(g, 3) == 0)
            v = (double)(gen_number(g) >> 20);
    } while (!isfinite(v));
    return json_real(v);
}

static json_t *gen_base64(const uint8_t *data, size_t len)
{
    size_t n = tl_base64_encoded_len(len);
    char *text = malloc(n + 1);

    tl_base64_encode(data, len, text);
    json_t *j = json_stringn(text, n);
    free(text);
    return j;
}

static size_t gen_length(struct gen *g)
{
    static const size_t edges[] = {0, 1, 252, 253, 254, 255, 256, 257};

    return below(g, 12) == 0 ? edges[below(g, 8)] : below(g, 20);
}

/* One code point: ASCII with its controls, or any other. */
static size_t put_code_point(struct gen *g, uint8_t *p)
{
    switch (below(g, 8)) {
    case 0:
        *p = (uint8_t)below(g, 0x20);
        return 1;
    case 1:
        *p = "\"\\/\x7f"[below(g, 4)];
        return 1;
    case 2:
        p[0] = (uint8_t)(0xc2 + below(g, 30));
        p[1] = (uint8_t)(0x80 + below(g, 64));
        return 2;
    case 3:
        memcpy(p, (const char *const[]){"\xe2\x80\xa8", "\xef\xbf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf"}[below(g, 4)],
               3);
        return 3;
    case 4:
        memcpy(p, (const char *const[]){"\xf0\x9f\x91\x8d", "\xf4\x8f\xbf\xbf", "\xf0\x90\x80\x80"}[below(g, 3)], 4);
        return 4;
    default:
        *p = (uint8_t)('a' + below(g, 26));
        return 1;
    }
}

static json_t *gen_string(struct gen *g)
{
    uint8_t data[300];
    size_t len = gen_length(g), n = 0;

    if (below(g, 10) == 0)
        random_fill(&g->random, data, n = len);
    while (n < len)
        n += put_code_point(g, data + n);
    if (utf8_is_valid(data, n))
        return json_stringn((const char *)data, n);
    return json_pack("{s:o}", "_bytes", gen_base64(data, n));
}

static json_t *gen_bytes(struct gen *g)
{
    uint8_t data[300];
    size_t len = gen_length(g);

    random_fill(&g->random, data, len);
    return gen_base64(data, len);
}

static json_t *gen_hex(struct gen *g, size_t len)
{
    uint8_t data[32];
    char text[65];

    random_fill(&g->random, data, len);
    hex_encode(data, len, text);
    return json_string(text);
}

static json_t *gen_vector(struct gen *g, const struct tl_expr *item, unsigned depth)
{
    json_t *array = json_array();
    size_t n = depth >= g->depth_max ? 0 : below(g, 4);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(array, gen_value(g, item, depth + 1));
    return array;
}

static const struct tl_comb *pick(struct gen *g, const struct tl_type *type, unsigned depth)
{
    return depth >= g->depth_max ? lowest(g, type) : type->combs[below(g, type->combs_n)];
}

/* Any method that takes no other. */
static const struct tl_comb *pick_query(struct gen *g)
{
    size_t n, i;
    const struct tl_comb *combs = tl_schema_combs(g->schema, &n);

    do
        i = below(g, (uint32_t)n);
    while (!combs[i].is_method || combs[i].is_generic);
    return &combs[i];
}

static const struct tl_comb *pick_any(struct gen *g)
{
    size_t n, i;
    const struct tl_comb *combs = tl_schema_combs(g->schema, &n);

    do
        i = below(g, (uint32_t)n);
    while (combs[i].is_method || height_of(g, &combs[i]) > 1);
    return &combs[i];
}

json_t *gen_value(struct gen *g, const struct tl_expr *expr, unsigned depth)
{
    switch (expr->kind) {
    case TL_INT:
        return json_integer((int32_t)gen_number(g));
    case TL_LONG:
        return gen_long(g);
    case TL_DOUBLE:
        return gen_double(g);
    case TL_INT128:
        return gen_hex(g, 16);
    case TL_INT256:
        return gen_hex(g, 32);
    case TL_STRING:
        return gen_string(g);
    case TL_BYTES:
        return gen_bytes(g);
    case TL_BOOL:
        return json_boolean(below(g, 2));
    case TL_TRUE:
        return json_true();
    case TL_OBJECT:
        return gen_object(g, pick(g, expr->type, depth), depth + 1);
    case TL_BARE:
        return gen_object(g, expr->comb, depth + 1);
    case TL_VECTOR:
    case TL_BARE_VECTOR:
        return gen_vector(g, expr->item, depth);
    case TL_QUERY:
        return gen_object(g, pick_query(g), depth + 1);
    case TL_ANY:
        return gen_object(g, pick_any(g), depth + 1);
    case TL_FLAGS:
        break;
    }
    ck_abort_msg("no value for kind %d", expr->kind);
    return NULL;
}

json_t *gen_object(struct gen *g, const struct tl_comb *comb, unsigned depth)
{
    json_t *object = json_pack("{s:s}", "_", comb->name);
    uint32_t flags[TL_FLAG_WORDS_MAX];

    for (unsigned i = 0; i < TL_FLAG_WORDS_MAX; i++) {
        /* Sometimes none, sometimes all, mostly some. */
        uint32_t some = below(g, 8) == 0 ? 0xffffffffu : random_u32(&g->random);
        flags[i] = depth >= g->depth_max ? 0 : some & comb->flags_defined[i];
    }
    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->expr.kind == TL_FLAGS || (p->flag_word >= 0 && !(flags[p->flag_slot] >> p->flag_bit & 1)))
            continue;
        json_object_set_new(object, p->name, gen_value(g, &p->expr, depth));
    }
    return object;
}
