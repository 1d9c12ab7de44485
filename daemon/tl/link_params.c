#include "daemon/tl/schema_internal.h"

#include <string.h>

static int no_memory(struct fault *fault)
{
    return fault_set(fault, TGC_ENOMEM, "no memory for the schema");
}

/* Every name is kept once: these are the ones met so far. There are many times more parameters than names. */
struct known_param {
    struct tl_arena *arena;
    struct tl_names names;
    const char **all;
    uint32_t n, cap;
};

static int make_room(struct known_param *k)
{
    struct known_param more = {.arena = k->arena, .n = k->n, .cap = k->cap ? 2 * k->cap : 512};

    if (k->n < k->cap)
        return 0;
    more.all = tl_arena_alloc(k->arena, more.cap * sizeof(*more.all));
    if (!more.all || tl_names_init(&more.names, k->arena, more.cap, more.all, sizeof(*more.all)))
        return TGC_ENOMEM;
    for (uint32_t i = 0; i < k->n; i++) {
        more.all[i] = k->all[i];
        tl_names_slot(&more.names, (struct tl_slice){k->all[i], strlen(k->all[i])})->index = i + 1;
    }
    *k = more;
    return 0;
}

/* A name and behind its NUL the `,"name":` of JSON text. */
static const char *intern(struct tl_schema *schema, struct known_param *known, struct tl_slice name)
{
    if (make_room(known))
        return NULL;
    struct tl_slot *slot = tl_names_slot(&known->names, name);
    if (slot->index)
        return known->all[slot->index - 1];
    char *p = tl_arena_text(&schema->arena, name.len + 1 + name.len + strlen(",\"\":"));
    if (!p)
        return NULL;
    memcpy(p, name.at, name.len);
    char *key = p + name.len + 1;
    memcpy(key, ",\"", 2);
    memcpy(key + 2, name.at, name.len);
    memcpy(key + 2 + name.len, "\":", 2);
    known->all[known->n++] = p;
    slot->index = known->n;
    return p;
}

/* The flags word that PARAM hangs on must stand in front of it. */
static int link_condition(struct tl_comb *comb, struct tl_param *params, unsigned at, const struct tl_raw_param *raw,
                          const char *text, struct fault *fault)
{
    struct tl_param *p = &params[at];
    struct tl_slice word = {raw->flag_word, raw->flag_len};

    if (p->expr.kind == TL_FLAGS)
        return tl_fault_at(text, raw->name, fault, TGC_ESYNTAX, "a flags word cannot be optional");
    for (unsigned i = 0; i < at; i++) {
        if (params[i].expr.kind != TL_FLAGS || !tl_slice_is(word, params[i].name))
            continue;
        p->flag_word = (int16_t)i;
        p->flag_bit = raw->flag_bit;
        p->flag_slot = params[i].flag_slot;
        comb->flags_defined[p->flag_slot] |= 1u << p->flag_bit;
        for (unsigned j = i + 1; j < at; j++) {
            if (params[j].flag_word == p->flag_word && params[j].flag_bit == p->flag_bit)
                params[j].shares_flag = p->shares_flag = true;
        }
        return 0;
    }
    return tl_fault_at(text, raw->name, fault, TGC_ESYNTAX, "no flags word '%.*s' stands in front of %s", (int)word.len,
                       word.at, p->name);
}

static int link_param(struct tl_comb *comb, struct tl_param *params, unsigned at, const struct tl_raw_param *raw,
                      const char *text, struct fault *fault)
{
    struct tl_param *p = &params[at];

    p->flag_word = -1;
    for (unsigned i = 0; i < at; i++)
        if (params[i].name == p->name)
            return tl_fault_at(text, raw->name, fault, TGC_EEXIST, "%s has two parameters named %s", comb->name,
                               p->name);
    if (p->expr.kind == TL_FLAGS) {
        if (comb->flag_words_n == TL_FLAG_WORDS_MAX)
            return tl_fault_at(text, raw->name, fault, TGC_ELIMIT, "more than %d flags words", TL_FLAG_WORDS_MAX);
        p->flag_slot = (uint8_t)comb->flag_words_n++;
    }
    if (p->expr.kind == TL_QUERY && !comb->is_method)
        return tl_fault_at(text, raw->name, fault, TGC_ESYNTAX, "only a method can take a query");
    return raw->flag_len ? link_condition(comb, params, at, raw, text, fault) : 0;
}

static uint8_t when_of(const struct tl_param *p)
{
    return p->flag_word < 0 ? TL_WHEN_ALWAYS : (uint8_t)(p->flag_slot * 32 + p->flag_bit);
}

static bool is_for_given(const struct tl_comb *comb)
{
    unsigned n = 0;

    for (unsigned i = 0; i < comb->params_n; i++)
        n += comb->params[i].flag_word >= 0;
    return n >= TL_GIVEN_FROM && comb->params_n <= TL_GIVEN_MAX;
}

/* In place of `when`, where that is the better way. */
static int link_given(struct tl_schema *schema, struct tl_comb *comb)
{
    if (!is_for_given(comb))
        return 0;
    struct tl_given *given =
        tl_arena_alloc(&schema->arena, sizeof(*given) + (size_t)comb->flag_words_n * 32 * sizeof(given->first[0]));
    if (!given)
        return TGC_ENOMEM;
    for (unsigned i = comb->params_n; i-- > 0;) {
        const struct tl_param *p = &comb->params[i];
        if (p->flag_word < 0) {
            given->always |= UINT64_C(1) << i;
            continue;
        }
        uint8_t *first = &given->first[when_of(p)];
        given->next[i] = *first;
        *first = (uint8_t)i;
    }
    comb->given = given;
    comb->has_given = true;
    return 0;
}

int tl_link_params(struct tl_schema *schema, const struct tl_raw *raw, const struct tl_raw_comb *const *raw_of,
                   struct fault *fault)
{
    struct tl_arena scratch = {0};
    struct known_param known = {.arena = &scratch};
    struct tl_param *params = tl_arena_alloc(&schema->arena, raw->params_n * sizeof(*params));
    uint8_t *when = tl_arena_alloc(&schema->arena, raw->params_n * sizeof(*when));
    int err = 0;

    if (!params || !when)
        err = no_memory(fault);
    for (size_t c = 0; !err && c < schema->combs_n; c++) {
        struct tl_comb *comb = &schema->combs[c];
        comb->params = params;
        comb->when = when;
        comb->params_n = raw_of[c]->params_n;
        for (unsigned i = 0; !err && i < comb->params_n; i++) {
            const struct tl_raw_param *from = &raw->params[raw_of[c]->params_at + i];
            params[i].name = intern(schema, &known, (struct tl_slice){from->name, from->name_len});
            if (!params[i].name) {
                err = no_memory(fault);
                break;
            }
            params[i].json_key_len = (uint16_t)(from->name_len + 4);
            err = tl_link_expr(schema, raw, from->type, raw_of[c]->variable, &params[i].expr, fault);
            if (!err)
                err = link_param(comb, params, i, from, raw->text, fault);
            when[i] = when_of(&params[i]);
        }
        if (!err && link_given(schema, comb))
            err = no_memory(fault);
        params += comb->params_n;
        when += comb->params_n;
    }
    tl_arena_free(&scratch);
    return err;
}
