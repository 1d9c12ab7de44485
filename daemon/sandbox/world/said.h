/* What is said of the world, before it is bytes of some layer: objects with named members, built for one answer and
 * forgotten together. One text serves all layers. Where memory is short it is not whole, and `err` tells. */
#ifndef TGCALLD_SANDBOX_WORLD_SAID_H
#define TGCALLD_SANDBOX_WORLD_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/err.h"

enum said_kind { SAID_TRUE, SAID_NUMBER, SAID_TEXT, SAID_OBJECT, SAID_LIST, SAID_JSON };

struct telling;

struct said_list {
    size_t n, cap;
    const struct telling **items;
};

struct said_value {
    enum said_kind kind;
    union {
        int64_t number;
        struct {
            const char *at; /* borrowed, as long as what is said is of use */
            size_t len;
        } text;
        const struct telling *object;
        const struct said_list *list;
        json_t *json;
    };
};

struct said_member {
    const char *name;
    size_t name_len;
    struct said_value value;
};

/* With `_` TAG and members in any order; without a tag it is the value of its only member. */
struct telling {
    const char *tag;
    /* Said only where the layer has the constructor, with this member (NULL: with any); elsewhere OTHERWISE is. */
    const char *only_with;
    const struct telling *otherwise; /* NULL: what it stands in cannot be said there */
    unsigned n, cap;
    struct said_member members[];
};

/* Where it is kept. A zeroed struct is empty. */
struct say {
    struct say_block *blocks, *block; /* the first, and the one in use */
    size_t used;                      /* of the one in use */
    struct say_json *json;            /* trees that are kept along */
    int err;                          /* TGC_ENOMEM */
};

/* All that was said since MARK is forgotten; the memory stays. */
struct say_mark {
    struct say_block *block;
    size_t used;
    struct say_json *json;
};
struct say_mark say_mark(const struct say *s);
void say_forget(struct say *s, const struct say_mark *mark);
void say_fini(struct say *s);

/* An object with at most CAP members. */
struct telling *say_object(struct say *s, const char *tag, unsigned cap);
struct said_list *say_list(struct say *s, size_t cap);
/* Both NULL where memory is short; what is put into NULL, and NULL itself, is not said. */
void said_append(struct said_list *list, const struct telling *item);
/* Values as items of a list; JSON is stolen. */
const struct telling *say_json(struct say *s, json_t *json);
const struct telling *say_number(struct say *s, int64_t number);

void said_put(struct telling *o, const char *name, size_t name_len, struct said_value value);

/* NAME is a literal: its length is known. */
#define said_number(o, name, v)                                                                                        \
    said_put(o, name, sizeof(name) - 1, (struct said_value){.kind = SAID_NUMBER, .number = (v)})
#define said_text(o, name, t) said_text_n(o, name, t, strlen(t))
#define said_text_n(o, name, t, n)                                                                                     \
    said_put(o, name, sizeof(name) - 1, (struct said_value){.kind = SAID_TEXT, .text = {t, n}})
#define said_object(o, name, v)                                                                                        \
    said_put(o, name, sizeof(name) - 1, (struct said_value){.kind = SAID_OBJECT, .object = (v)})
#define said_items(o, name, v) said_put(o, name, sizeof(name) - 1, (struct said_value){.kind = SAID_LIST, .list = (v)})
/* Said where IS_SET. */
#define said_flag(o, name, is_set)                                                                                     \
    ((is_set) ? said_put(o, name, sizeof(name) - 1, (struct said_value){.kind = SAID_TRUE}) : (void)0)

/* The same as TL JSON, a new reference; NULL where memory is short. */
json_t *said_json(const struct telling *o);

#endif
