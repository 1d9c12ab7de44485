#include "daemon/sandbox/world/said.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 16 << 10, ALIGN = 16 };

struct say_block {
    struct say_block *next;
    size_t size;
    alignas(ALIGN) char data[];
};

struct say_json {
    struct say_json *before;
    json_t *json;
};

static struct say_block *block_new(size_t size)
{
    struct say_block *b = malloc(sizeof(*b) + size);

    if (b)
        *b = (struct say_block){.size = size};
    return b;
}

/* Behind the block in use: the next one where it is large enough, else a new one in between. */
static bool go_on(struct say *s, size_t size)
{
    struct say_block **next = s->block ? &s->block->next : &s->blocks;

    if (!*next || (*next)->size < size) {
        struct say_block *b = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
        if (!b)
            return false;
        b->next = *next;
        *next = b;
    }
    s->block = *next;
    s->used = 0;
    return true;
}

static void *take(struct say *s, size_t size)
{
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if ((!s->block || s->block->size - s->used < size) && !go_on(s, size)) {
        s->err = TGC_ENOMEM;
        return NULL;
    }
    s->used += size;
    return s->block->data + s->used - size;
}

struct say_mark say_mark(const struct say *s)
{
    return (struct say_mark){s->block, s->used, s->json};
}

void say_forget(struct say *s, const struct say_mark *mark)
{
    for (; s->json != mark->json; s->json = s->json->before)
        json_decref(s->json->json);
    s->block = mark->block;
    s->used = mark->used;
    s->err = 0;
}

void say_fini(struct say *s)
{
    say_forget(s, &(struct say_mark){0});
    while (s->blocks) {
        struct say_block *next = s->blocks->next;
        free(s->blocks);
        s->blocks = next;
    }
    *s = (struct say){0};
}

struct telling *say_object(struct say *s, const char *tag, unsigned cap)
{
    struct telling *o = take(s, sizeof(*o) + cap * sizeof(o->members[0]));

    if (o)
        *o = (struct telling){.tag = tag, .cap = cap};
    return o;
}

struct said_list *say_list(struct say *s, size_t cap)
{
    struct said_list *list = take(s, sizeof(*list) + cap * sizeof(list->items[0]));

    if (list)
        *list = (struct said_list){.cap = cap, .items = (const struct telling **)(list + 1)};
    return list;
}

void said_append(struct said_list *list, const struct telling *item)
{
    if (!list || !item)
        return;
    assert(list->n < list->cap);
    list->items[list->n++] = item;
}

const struct telling *say_json(struct say *s, json_t *json)
{
    struct say_json *kept = take(s, sizeof(*kept));
    struct telling *o = say_object(s, NULL, 1);

    if (!json || !kept || !o) {
        s->err = TGC_ENOMEM;
        json_decref(json);
        return NULL;
    }
    *kept = (struct say_json){s->json, json};
    s->json = kept;
    said_put(o, "", 0, (struct said_value){.kind = SAID_JSON, .json = json});
    return o;
}

const struct telling *say_number(struct say *s, int64_t number)
{
    struct telling *o = say_object(s, NULL, 1);

    said_number(o, "", number);
    return o;
}

void said_put(struct telling *o, const char *name, size_t name_len, struct said_value value)
{
    if (!o)
        return;
    assert(o->n < o->cap);
    o->members[o->n++] = (struct said_member){name, name_len, value};
}

static json_t *list_json(const struct said_list *list)
{
    json_t *j = json_array();

    for (size_t i = 0; list && i < list->n; i++)
        json_array_append_new(j, said_json(list->items[i]));
    return j;
}

static json_t *value_json(const struct said_value *v)
{
    switch (v->kind) {
    case SAID_TRUE:
        return json_true();
    case SAID_NUMBER:
        return json_integer(v->number);
    case SAID_TEXT:
        return json_stringn(v->text.at, v->text.len);
    case SAID_OBJECT:
        return said_json(v->object);
    case SAID_LIST:
        return list_json(v->list);
    case SAID_JSON:
        return json_incref(v->json);
    }
    return NULL;
}

/* Objects stand in each other as deep as the world has it. */
json_t *said_json(const struct telling *o)
{
    if (!o)
        return NULL;
    if (!o->tag)
        return value_json(&o->members[0].value);
    json_t *j = json_object();
    json_object_set_new(j, "_", json_string(o->tag));
    for (unsigned i = 0; i < o->n; i++)
        json_object_set_new(j, o->members[i].name, value_json(&o->members[i].value));
    return j;
}
