/* An object said in C: its constructor's name and its members, for what the daemon asks by itself, where a tree of JSON
 * would be built only to be walked once. On the stack; names and texts are borrowed, a nested object too. */
#ifndef TGCALLD_TL_VALUES_H
#define TGCALLD_TL_VALUES_H

#include <jansson.h>

#include "daemon/base/buf.h"
#include "daemon/base/fault.h"
#include "daemon/tl/schema.h"

enum { TL_VALUES_MAX = 8 };

struct tl_value {
    const char *name;
    enum tl_kind kind; /* TL_INT, TL_LONG, TL_BOOL (of a true, too), TL_STRING, TL_OBJECT */
    union {
        int64_t number;
        struct {
            const char *text; /* UTF-8, not NUL-terminated */
            size_t len;
        };
        const struct tl_values *object;
    };
};

struct tl_values {
    const char *name; /* of the constructor; NULL: of a method, which the caller knows */
    unsigned n;
    struct tl_value list[TL_VALUES_MAX];
};

/* Without members; NAME as of the struct. */
void tl_values_begin(struct tl_values *v, const char *name);
/* One member more, in any order; a member that is optional may be left out. More than TL_VALUES_MAX are a mistake of
 * the caller's. */
void tl_values_int(struct tl_values *v, const char *name, int32_t value);
void tl_values_long(struct tl_values *v, const char *name, int64_t value);
void tl_values_bool(struct tl_values *v, const char *name, bool value);
void tl_values_text(struct tl_values *v, const char *name, const char *text, size_t len);
void tl_values_object(struct tl_values *v, const char *name, const struct tl_values *object);

/* V as the parameters of METHOD, its id in front: the bytes, and the faults with their paths, are those of
 * tl_encode_method() for the same object as JSON, strictly. */
int tl_encode_values(const struct tl_schema *schema, const struct tl_comb *method, const struct tl_values *v,
                     struct buf *out, struct fault *fault) TGC_MUST;

/* V as TL JSON, `_` and all: a new reference; NULL where memory is gone. */
json_t *tl_values_json(const struct tl_values *v);

#endif
