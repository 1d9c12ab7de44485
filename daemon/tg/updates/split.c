#include "daemon/tg/updates/split.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/tg/updates/split_internal.h"

static const struct {
    const char *name;
    enum split_kind kind;
} kinds[] = {
    {"updates", SPLIT_UPDATES},
    {"updatesCombined", SPLIT_UPDATES},
    {"updateShort", SPLIT_SHORT},
    {"updateShortMessage", SPLIT_SHORT_MESSAGE},
    {"updateShortChatMessage", SPLIT_SHORT_MESSAGE},
    {"updateShortSentMessage", SPLIT_SENT},
    {"updatesTooLong", SPLIT_TOO_LONG},
    {"messages.affectedMessages", SPLIT_AFFECTED},
    {"messages.affectedHistory", SPLIT_AFFECTED},
    {"messages.affectedFoundMessages", SPLIT_AFFECTED},
    {"updates.state", SPLIT_STATE},
    {"updates.differenceEmpty", SPLIT_EMPTY},
    {"updates.difference", SPLIT_DIFFERENCE},
    {"updates.differenceSlice", SPLIT_SLICE},
    {"updates.differenceTooLong", SPLIT_DIFFERENCE_TOO_LONG},
    {"updates.channelDifferenceEmpty", SPLIT_CHANNEL_EMPTY},
    {"updates.channelDifference", SPLIT_CHANNEL},
    {"updates.channelDifferenceTooLong", SPLIT_CHANNEL_TOO_LONG},
};

enum split_kind split_kind_of(const struct tl_comb *comb)
{
    /* All their names begin so: most objects are none of them by their first letter. */
    if (comb->name[0] != 'u' && comb->name[0] != 'm')
        return SPLIT_NOTHING;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, comb->name) == 0)
            return kinds[i].kind;
    return SPLIT_NOTHING;
}

void split_words_init(const struct tl_schema *schema, struct split_words *ret)
{
    *ret = (struct split_words){
        .schema = schema,
        .update = tl_find_type(schema, "Update"),
        .message = tl_find_type(schema, "Message"),
        .encrypted = tl_find_type(schema, "EncryptedMessage"),
        .state = tl_find_type(schema, "updates.State"),
        .dialog = tl_find_type(schema, "Dialog"),
    };
}

/* Some answers have an Updates as one of their parts. */
static bool has_container(const struct tl_comb *comb)
{
    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_expr *expr = &comb->params[i].expr;
        if (expr->kind == TL_OBJECT && expr->type->combs_n > 0 && split_kind_of(expr->type->combs[0]) != SPLIT_NOTHING)
            return true;
    }
    return false;
}

bool split_is_of_use(const struct split_words *words, const struct tl_comb *method)
{
    (void)words;
    if (method->result.kind != TL_OBJECT)
        return method->result.kind == TL_ANY;
    for (unsigned i = 0; i < method->result.type->combs_n; i++) {
        const struct tl_comb *comb = method->result.type->combs[i];
        if (split_kind_of(comb) != SPLIT_NOTHING || has_container(comb))
            return true;
    }
    return false;
}

int split_put(struct split *s, const struct split_item *item)
{
    if (s->n == s->cap) {
        struct split_item *p = reallocarray(s->items == s->some ? NULL : s->items, s->cap * 2, sizeof(*p));
        if (!p)
            return TGC_ENOMEM;
        if (s->items == s->some)
            memcpy(p, s->some, sizeof(s->some));
        s->items = p;
        s->cap *= 2;
    }
    s->items[s->n++] = *item;
    return 0;
}

void split_fini(struct split *s)
{
    if (s->items != s->some)
        free(s->items);
    s->items = s->some;
    s->n = 0;
}

int split_read(const struct split_words *words, const struct tl_comb *method, const void *data, size_t len,
               struct split *ret, struct fault *fault)
{
    return split_read_again(words, method, data, len, NULL, ret, fault);
}

int split_read_again(const struct split_words *words, const struct tl_comb *method, const void *data, size_t len,
                     const struct tl_walked *walked, struct split *ret, struct fault *fault)
{
    static const struct tl_expr any = {.kind = TL_ANY};
    struct split_walk w;

    memset(ret, 0, offsetof(struct split, some));
    ret->items = ret->some;
    ret->cap = SPLIT_SOME;
    /* The stack is written before it is read. */
    w.words = words;
    w.out = ret;
    w.depth = 0;
    w.vector = NULL;
    w.vector_at = 0;
    tl_reader_init(&w.r, data, len);
    w.r.walked = walked;
    return tl_walk(words->schema, method ? &method->result : &any, &w.r, &split_visitor, &w, NULL, fault);
}
