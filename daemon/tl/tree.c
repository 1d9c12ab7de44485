#include "daemon/tl/tree.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/base/hex.h"
#include "daemon/base/limits.h"
#include "daemon/base/long_text.h"
#include "daemon/base/utf8.h"
#include "daemon/tl/base64.h"
#include "daemon/tl/parse.h"

/* Objects nest LIMIT_TL_DEPTH deep, each with at most TL_NEST_MAX + 1 vectors around the next. */
enum { STACK_MAX = LIMIT_TL_DEPTH * (TL_NEST_MAX + 2) + TL_NEST_MAX + 2 };

struct tree {
    json_t *root;
    json_t *stack[STACK_MAX]; /* the containers being filled; borrowed from the root */
    size_t depth;
    uint32_t values_n;
};

/* Takes VALUE over, NULL (no memory) included. */
static int put(struct tree *t, const struct tl_param *field, json_t *value)
{
    json_t *parent = t->depth ? t->stack[t->depth - 1] : NULL;
    int failed = 0;

    if (!value)
        return TGC_ENOMEM;
    if (t->values_n++ == TL_TREE_VALUES_MAX) {
        json_decref(value);
        return TGC_ELIMIT;
    }
    if (!parent)
        t->root = value;
    else if (json_is_array(parent))
        failed = json_array_append_new(parent, value);
    else
        failed = json_object_set_new_nocheck(parent, field->name, value);
    return failed ? TGC_ENOMEM : 0;
}

static int push(struct tree *t, const struct tl_param *field, json_t *container)
{
    if (container && t->depth == STACK_MAX) {
        json_decref(container);
        return TGC_ELIMIT;
    }
    int err = put(t, field, container);
    if (!err)
        t->stack[t->depth++] = container;
    return err;
}

static int begin_object(void *ctx, const struct tl_param *field, const struct tl_comb *comb)
{
    struct tree *t = ctx;
    int err = push(t, field, json_object());

    return !err && json_object_set_new_nocheck(t->stack[t->depth - 1], "_", json_string_nocheck(comb->name))
               ? TGC_ENOMEM
               : err;
}

static int begin_vector(void *ctx, const struct tl_param *field, uint32_t count)
{
    return push(ctx, field, json_array());
}

static int end_container(void *ctx)
{
    ((struct tree *)ctx)->depth--;
    return 0;
}

static int on_int(void *ctx, const struct tl_param *field, int32_t v)
{
    return put(ctx, field, json_integer(v));
}

static int on_long(void *ctx, const struct tl_param *field, int64_t v)
{
    char text[LONG_TEXT_MAX];

    return put(ctx, field, json_stringn_nocheck(text, long_text(text, v)));
}

static int on_double(void *ctx, const struct tl_param *field, double v)
{
    return put(ctx, field, isfinite(v) ? json_real(v) : json_null());
}

static int on_bool(void *ctx, const struct tl_param *field, bool v)
{
    return put(ctx, field, json_boolean(v));
}

static int on_raw(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    char text[2 * 32 + 1];

    hex_encode(v, len, text);
    return put(ctx, field, json_stringn_nocheck(text, 2 * len));
}

static json_t *base64_string(const uint8_t *v, size_t len)
{
    size_t text_len = tl_base64_encoded_len(len);
    char *text = malloc(text_len + 1);

    if (!text)
        return NULL;
    tl_base64_encode(v, len, text);
    json_t *j = json_stringn_nocheck(text, text_len);
    free(text);
    return j;
}

static int on_bytes(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    return put(ctx, field, base64_string(v, len));
}

static int on_string(void *ctx, const struct tl_param *field, const uint8_t *v, size_t len)
{
    if (utf8_is_valid(v, len))
        return put(ctx, field, json_stringn_nocheck((const char *)v, len));
    json_t *wrapped = json_object();
    if (wrapped && json_object_set_new_nocheck(wrapped, "_bytes", base64_string(v, len))) {
        json_decref(wrapped);
        wrapped = NULL;
    }
    return put(ctx, field, wrapped);
}

static const struct tl_visitor visitor = {
    .begin_object = begin_object,
    .end_object = end_container,
    .begin_vector = begin_vector,
    .end_vector = end_container,
    .on_int = on_int,
    .on_long = on_long,
    .on_double = on_double,
    .on_bool = on_bool,
    .on_raw = on_raw,
    .on_bytes = on_bytes,
    .on_string = on_string,
};

static int finish(struct tree *t, int err, json_t **ret, struct fault *fault)
{
    if (!err) {
        *ret = t->root;
        return 0;
    }
    json_decref(t->root);
    /* The visitor says nothing of its own. */
    if (err == TGC_ENOMEM)
        return fault_set(fault, err, "no memory for the answer");
    return t->values_n > TL_TREE_VALUES_MAX ? fault_set(fault, err, "more than %d values", TL_TREE_VALUES_MAX) : err;
}

int tl_tree_result(const struct tl_schema *schema, const struct tl_comb *method, const void *data, size_t len,
                   json_t **ret, struct tl_walk_stats *stats, struct fault *fault)
{
    struct tree t = {.depth = 0};

    return finish(&t, tl_walk_result(schema, method, data, len, &visitor, &t, stats, fault), ret, fault);
}

int tl_tree_object(const struct tl_schema *schema, const void *data, size_t len, json_t **ret,
                   struct tl_walk_stats *stats, struct fault *fault)
{
    struct tree t = {.depth = 0};

    return finish(&t, tl_walk_object(schema, data, len, &visitor, &t, stats, fault), ret, fault);
}

int tl_tree_call(const struct tl_schema *schema, struct tl_reader *r, json_t **ret, struct tl_walk_stats *stats,
                 struct fault *fault)
{
    struct tree t = {.depth = 0};

    return finish(&t, tl_walk_call(schema, r, &visitor, &t, stats, fault), ret, fault);
}
