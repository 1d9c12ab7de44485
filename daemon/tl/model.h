/* A TL schema as tables: built once by schema.h, immutable and shared by all threads afterwards. Nothing here is made
 * for one layer; the schema is data. Names and terms are those of the TL language description. */
#ifndef TGCALLD_TL_MODEL_H
#define TGCALLD_TL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tl_kind {
    TL_INT,         /* i32 */
    TL_LONG,        /* i64 */
    TL_DOUBLE,      /* IEEE 754 binary64 */
    TL_INT128,      /* 16 raw bytes */
    TL_INT256,      /* 32 raw bytes */
    TL_STRING,      /* length-prefixed; meant to be UTF-8 */
    TL_BYTES,       /* the same on the wire */
    TL_BOOL,        /* boolTrue or boolFalse, boxed */
    TL_TRUE,        /* flags.N?true: the bit alone, no bytes */
    TL_FLAGS,       /* #: a word of flag bits */
    TL_OBJECT,      /* boxed: a constructor of `type` */
    TL_BARE,        /* %Type or a lower-case name: the fields of `comb` without its id */
    TL_VECTOR,      /* boxed Vector of `item` */
    TL_BARE_VECTOR, /* vector: count and items without the id */
    TL_QUERY,       /* !X: any method, boxed */
    TL_ANY,         /* X, Object: any constructor, boxed */
};

/* More flag words in one combinator than this are refused by the schema reader (Telegram's own use two). */
enum { TL_FLAG_WORDS_MAX = 4 };

struct tl_comb;
struct tl_type;

/* The type of a value. Only the member that `kind` names may be looked at. What they point to lives as long as the
 * schema. */
struct tl_expr {
    enum tl_kind kind;
    union {
        const struct tl_type *type; /* TL_OBJECT */
        const struct tl_comb *comb; /* TL_BARE */
        const struct tl_expr *item; /* TL_VECTOR, TL_BARE_VECTOR */
    };
};

struct tl_param {
    const char *name;
    struct tl_expr expr;
    uint16_t json_key_len; /* of tl_json_key() */
    int16_t flag_word;     /* index of the parameter that holds the flags; -1: always present */
    uint8_t flag_bit;      /* 0..31 */
    uint8_t flag_slot; /* which of the combinator's flag words that is, 0 the first; of a TL_FLAGS parameter: itself */
    bool shares_flag;  /* another parameter has the same word and bit: they are given together */
};

/* `,"name":` ready to copy into JSON text, json_key_len bytes without a NUL: it stands behind the name. */
static inline const char *tl_json_key(const struct tl_param *p)
{
    return p->name + p->json_key_len - 3;
}

/* Where in an array of flag words, the fifth of which is TL_FLAGS_ALWAYS, the bit stands that says whether a parameter
 * is there: the word's place times 32 and the bit's. A reader passes over the many that are not there by these bytes
 * alone. */
enum { TL_WHEN_ALWAYS = 32 * TL_FLAG_WORDS_MAX, TL_FLAGS_ALWAYS = 1 };

/* The same the other way round, for combinators of which a few parameters are there and very many are not: a reader
 * goes from one that is there to the next. No parameter that hangs on a flag is the first, so that 0 stands for none.
 */
enum { TL_GIVEN_FROM = 8, TL_GIVEN_MAX = 64 };

struct tl_given {
    uint64_t always;            /* a bit for each parameter that is always there */
    uint8_t next[TL_GIVEN_MAX]; /* of each parameter: the next one by the same flag */
    uint8_t first[];            /* of each bit of each flags word: the first parameter by it */
};

/* A combinator: a constructor or a method. */
struct tl_comb {
    const char *name; /* "groupCall", "phone.createGroupCall" */
    uint32_t id;      /* as declared, never computed */
    uint32_t crc32;
    struct tl_expr result; /* constructors: TL_OBJECT of their type, methods: what they answer */
    const struct tl_param *params;
    union {
        const uint8_t *when;          /* of each parameter */
        const struct tl_given *given; /* where at least TL_GIVEN_FROM, of at most TL_GIVEN_MAX, hang on flags */
    };
    unsigned params_n;
    uint16_t flag_words_n;
    bool has_given;
    uint32_t flags_defined[TL_FLAG_WORDS_MAX]; /* the bits that some parameter uses, by flag word in order */
    const char *json_open;                     /* `{"_":"name"` */
    uint16_t json_open_len;
    bool is_method;
    bool is_generic; /* {X:Type}: wraps a query */
    unsigned line;   /* in its file */
};

/* A boxed type and its constructors, in the order of the text. */
struct tl_type {
    const char *name; /* "GroupCall" */
    const struct tl_comb *const *combs;
    unsigned combs_n;
};

#endif
