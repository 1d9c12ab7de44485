#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/tl/encode_internal.h"

struct peers_visit {
    const struct tl_schema *schema;
    tl_peer_visit *visit;
    void *ctx;
    unsigned depth;
};

static bool is_peer_type(const struct tl_type *type)
{
    return strcmp(type->name, "InputPeer") == 0 || strcmp(type->name, "InputUser") == 0 ||
           strcmp(type->name, "InputChannel") == 0;
}

/* As answers bear it: an id with its kind. */
static bool is_peer(const struct tl_comb *comb)
{
    return strcmp(comb->result.type->name, "Peer") == 0;
}

const struct tl_comb *tl_comb_of_value(const struct tl_schema *schema, const struct tl_expr *expr, const json_t *value)
{
    const char *name = json_string_value(json_object_get(value, "_"));

    if (!json_is_object(value))
        return NULL;
    switch (expr->kind) {
    case TL_BARE:
        return expr->comb;
    case TL_OBJECT:
    case TL_ANY:
        return name ? tl_find_constructor_name(schema, name) : NULL;
    case TL_QUERY:
        return name ? tl_find_method(schema, name) : NULL;
    default:
        return NULL;
    }
}

static int visit_fields(struct peers_visit *v, const struct tl_comb *comb, json_t *object);

/* VALUE, which is member KEY or item INDEX of PARENT. */
static int visit_value(struct peers_visit *v, const struct tl_expr *expr, json_t *value, json_t *parent,
                       const char *key, size_t index)
{
    if (!value)
        return 0;
    if (expr->kind == TL_VECTOR || expr->kind == TL_BARE_VECTOR) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            int err = visit_value(v, expr->item, json_array_get(value, i), value, NULL, i);
            if (err)
                return err;
        }
        return 0;
    }
    const struct tl_comb *comb = tl_comb_of_value(v->schema, expr, value);
    if (expr->kind == TL_OBJECT && is_peer_type(expr->type) &&
        (json_is_string(value) || json_is_integer(value) || (comb && is_peer(comb))))
        return v->visit(v->ctx, expr->type->name, parent, key, index);
    return comb ? visit_fields(v, comb, value) : 0;
}

static int visit_fields(struct peers_visit *v, const struct tl_comb *comb, json_t *object)
{
    int err = 0;

    /* What lies deeper is refused by the encoder. */
    if (v->depth == LIMIT_TL_DEPTH)
        return 0;
    v->depth++;
    for (unsigned i = 0; !err && i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->expr.kind == TL_OBJECT || p->expr.kind >= TL_BARE)
            err = visit_value(v, &p->expr, json_object_get(object, p->name), object, p->name, 0);
    }
    v->depth--;
    return err;
}

int tl_visit_peers(const struct tl_schema *schema, const struct tl_comb *method, json_t *params, tl_peer_visit *visit,
                   void *ctx)
{
    struct peers_visit v = {.schema = schema, .visit = visit, .ctx = ctx};

    return visit_fields(&v, method, params);
}
