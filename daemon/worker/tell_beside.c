#include "daemon/worker/tell_beside.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/tl/text.h"

#define PUT(out, literal) buf_put(out, literal, sizeof(literal) - 1)

/* NOBODY: the end of a list, whose links are indices plus one. Of so many people, each of at most so many bytes, the
 * text is kept. */
enum { NOBODY = 0, ID_SIZE = 8, TABLE_BITS_MIN = 5, KEPT_BITS = 7, KEPT_BYTES_MAX = 2 << 10 };

/* One as he was told last: users and chats come with nearly every update, and seldom change. */
struct kept {
    uint32_t of_len, text_len;
    uint8_t bytes[]; /* of TL, then the text */
};

struct person {
    uint32_t at, len; /* of the text */
    uint32_t next;    /* with the same id, or in the same place of the table */
    uint32_t round;   /* of the last update that named it */
    int64_t id;
    bool is_named; /* by whatever update: its id is not known */
};

struct tell_beside {
    const struct tl_schema *schema;
    const struct tl_expr *users, *chats; /* what vectors of them are; NULL: the layer has none */
    struct buf of;                       /* the bytes of the container at hand: users, then chats */
    struct buf text;                     /* of all of them, one after the other */
    struct person *people;               /* the users, then the chats */
    uint32_t users_n, n, cap;
    uint32_t *table;     /* of lists, by id */
    unsigned table_bits; /* of its places; it has room for more */
    size_t table_cap;
    uint32_t round;
    struct kept *kept[1 << KEPT_BITS]; /* each in the place of his id, where it is not another's */
};

static const struct tl_expr *member_of_updates(const struct tl_schema *schema, const char *name)
{
    const struct tl_comb *updates = tl_find_constructor_name(schema, "updates");

    for (unsigned i = 0; updates && i < updates->params_n; i++)
        if (strcmp(updates->params[i].name, name) == 0 && updates->params[i].expr.kind == TL_VECTOR)
            return &updates->params[i].expr;
    return NULL;
}

int tell_beside_new(const struct tl_schema *schema, struct tell_beside **ret)
{
    struct tell_beside *b = calloc(1, sizeof(*b));

    if (!b)
        return TGC_ENOMEM;
    b->schema = schema;
    b->users = member_of_updates(schema, "users");
    b->chats = member_of_updates(schema, "chats");
    buf_init(&b->of, LIMIT_EVENT);
    buf_init(&b->text, LIMIT_EVENT);
    *ret = b;
    return 0;
}

static void free_kept(struct kept *k)
{
    if (!k)
        return;
    explicit_bzero(k->bytes, k->of_len + k->text_len);
    free(k);
}

void tell_beside_free(struct tell_beside *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < sizeof(b->kept) / sizeof(b->kept[0]); i++)
        free_kept(b->kept[i]);
    buf_fini_secret(&b->of);
    buf_fini_secret(&b->text);
    free(b->people);
    free(b->table);
    free(b);
}

/* --- the people of a container --- */

/* Where a User's or Chat's id stands behind its constructor's: only flags come before it. 0: it has none that is a
 * long. */
static size_t id_offset(const struct tl_comb *comb)
{
    size_t offset = 4;

    for (unsigned i = 0; i < comb->params_n; i++) {
        const struct tl_param *p = &comb->params[i];
        if (p->expr.kind == TL_FLAGS)
            offset += 4;
        else if (p->expr.kind != TL_TRUE)
            return p->expr.kind == TL_LONG && p->flag_word < 0 && strcmp(p->name, "id") == 0 ? offset : 0;
    }
    return 0;
}

static struct person *add(struct tell_beside *b)
{
    if (b->n == b->cap) {
        uint32_t cap = b->cap ? 2 * b->cap : 16;
        struct person *p = reallocarray(b->people, cap, sizeof(*p));
        if (!p)
            return NULL;
        b->people = p;
        b->cap = cap;
    }
    b->people[b->n] = (struct person){0};
    return &b->people[b->n++];
}

static uint64_t mix(int64_t id)
{
    return (uint64_t)id * 0x9e3779b97f4a7c15u;
}

/* No value of TL begins with another whole one: what begins with his bytes is he. */
static bool put_kept(struct tell_beside *b, const struct kept *k, struct tl_reader *r)
{
    if (!k || tl_reader_left(r) < k->of_len || memcmp(r->at, k->bytes, k->of_len) != 0)
        return false;
    r->at += k->of_len;
    buf_put(&b->text, k->bytes + k->of_len, k->text_len);
    return true;
}

/* Without memory he is not kept. */
static void keep(struct kept **place, const uint8_t *of, size_t of_len, const uint8_t *text, size_t text_len)
{
    free_kept(*place);
    *place = of_len + text_len <= KEPT_BYTES_MAX ? malloc(sizeof(**place) + of_len + text_len) : NULL;
    if (!*place)
        return;
    **place = (struct kept){.of_len = (uint32_t)of_len, .text_len = (uint32_t)text_len};
    memcpy((*place)->bytes, of, of_len);
    memcpy((*place)->bytes + of_len, text, text_len);
}

static int put_person(struct tell_beside *b, const struct tl_expr *expr, struct tl_reader *r, int64_t id)
{
    struct kept **place = &b->kept[mix(id) >> (64 - KEPT_BITS)];
    const uint8_t *begin = r->at;
    size_t text = b->text.len;

    if (put_kept(b, *place, r))
        return buf_err(&b->text);
    int err = tl_text_next(b->schema, expr, r, &b->text, NULL, NULL);
    if (!err)
        keep(place, begin, (size_t)(r->at - begin), b->text.data + text, b->text.len - text);
    return err;
}

static int read_person(struct tell_beside *b, const struct tl_expr *expr, struct tl_reader *r)
{
    const struct tl_comb *comb = tl_find_constructor(b->schema, tl_peek_u32(r));
    size_t offset = comb ? id_offset(comb) : 0;
    const uint8_t *begin = r->at;
    struct person *p = add(b);

    if (!p)
        return TGC_ENOMEM;
    p->at = (uint32_t)b->text.len;
    p->is_named = offset == 0 || tl_reader_left(r) < offset + ID_SIZE;
    if (!p->is_named)
        p->id = (int64_t)le64_load(begin + offset);
    int err = put_person(b, expr, r, p->id);
    p->len = (uint32_t)b->text.len - p->at;
    return err;
}

static int read_people(struct tell_beside *b, const struct tl_expr *vector, const uint8_t *data, size_t len)
{
    struct tl_reader r;
    int err = 0;

    if (!vector || !len)
        return 0;
    tl_reader_init(&r, data, len);
    uint32_t n = tl_read_vector(&r, 4);
    for (uint32_t i = 0; !err && i < n; i++)
        err = read_person(b, vector->item, &r);
    return err ? err : r.err;
}

static uint32_t *place(const struct tell_beside *b, int64_t id)
{
    return &b->table[mix(id) >> (64 - b->table_bits)];
}

static int fill_table(struct tell_beside *b)
{
    b->table_bits = TABLE_BITS_MIN;
    while (b->n > 1u << (b->table_bits - 1))
        b->table_bits++;
    size_t size = (size_t)1 << b->table_bits;
    if (size > b->table_cap) {
        uint32_t *table = reallocarray(b->table, size, sizeof(*table));
        if (!table)
            return TGC_ENOMEM;
        b->table = table;
        b->table_cap = size;
    }
    memset(b->table, NOBODY, size * sizeof(*b->table));
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t *at = place(b, b->people[i].id);
        b->people[i].next = *at;
        *at = i + 1;
    }
    return 0;
}

static bool is_same(const uint8_t *a, const uint8_t *b, size_t len)
{
    return !len || memcmp(a, b, len) == 0;
}

static bool is_at_hand(const struct tell_beside *b, const struct tg_update *u)
{
    return b->of.len == u->users_len + u->chats_len && is_same(b->of.data, u->users, u->users_len) &&
           is_same(b->of.data + u->users_len, u->chats, u->chats_len);
}

/* Where they cannot be read there is nobody, for all updates of the container. */
static void take(struct tell_beside *b, const struct tg_update *u)
{
    if (is_at_hand(b, u))
        return;
    buf_reset(&b->of);
    buf_put(&b->of, u->users, u->users_len);
    buf_put(&b->of, u->chats, u->chats_len);
    if (buf_err(&b->of))
        buf_reset(&b->of);
    buf_reset(&b->text);
    b->n = 0;
    int err = read_people(b, b->users, u->users, u->users_len);
    b->users_n = b->n;
    if (!err)
        err = read_people(b, b->chats, u->chats, u->chats_len);
    if (!err)
        err = fill_table(b);
    if (err)
        b->n = b->users_n = 0;
}

/* --- whom an update names --- */

/* All of TL stands at multiples of four bytes, so that a look at each misses no id, whatever a layer calls it and
 * wherever it has it. */
static void look_for_ids(struct tell_beside *b, const struct tg_update *u)
{
    b->round++;
    for (size_t at = 4; at + ID_SIZE <= u->len; at += 4) {
        int64_t id = (int64_t)le64_load(u->data + at);
        uint32_t i = *place(b, id);
        /* Whoever has an id that was seen before is marked, with all others who have it. */
        for (; i != NOBODY && (b->people[i - 1].id != id || b->people[i - 1].round != b->round);
             i = b->people[i - 1].next)
            if (b->people[i - 1].id == id)
                b->people[i - 1].round = b->round;
    }
}

static bool is_named(const struct tell_beside *b, const struct person *p)
{
    return p->is_named || p->round == b->round;
}

/* With what goes around and between them. */
static size_t named_size(const struct tell_beside *b)
{
    size_t size = sizeof(",\"users\":[]") + sizeof(",\"chats\":[]");

    for (uint32_t i = 0; i < b->n; i++)
        if (is_named(b, &b->people[i]))
            size += b->people[i].len + 1;
    return size;
}

static void put_named(const struct tell_beside *b, const char *key, uint32_t from, uint32_t to, struct buf *out)
{
    bool any = false;

    for (uint32_t i = from; i < to; i++) {
        const struct person *p = &b->people[i];
        if (!is_named(b, p))
            continue;
        if (any)
            PUT(out, ",");
        else
            buf_put_text(out, key);
        any = true;
        buf_put(out, b->text.data + p->at, p->len);
    }
    if (any)
        PUT(out, "]");
}

void tell_beside_put(struct tell_beside *b, const struct tg_update *update, struct buf *out)
{
    if (!update->users_len && !update->chats_len)
        return;
    take(b, update);
    if (!b->n)
        return;
    look_for_ids(b, update);
    if (named_size(b) >= out->max - out->len)
        return;
    put_named(b, ",\"users\":[", 0, b->users_n, out);
    put_named(b, ",\"chats\":[", b->users_n, b->n, out);
}
