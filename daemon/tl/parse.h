/* Tokens → declarations as they are written: names are still pieces of the text, nothing is looked up yet. */
#ifndef TGCALLD_TL_PARSE_H
#define TGCALLD_TL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/fault.h"
#include "daemon/tl/lex.h"

enum {
    /* Bytes of a name; the longest in use has 74. */
    TL_NAME_MAX = 200,
    /* Parameters of one combinator; the most in use is about 60. */
    TL_PARAMS_MAX = 255,
    /* Vectors inside vectors in one type. */
    TL_NEST_MAX = 4,
};

enum tl_form {
    TL_FORM_PLAIN, /* Name or name, with an item where it is a vector */
    TL_FORM_BARE,  /* %Name */
    TL_FORM_QUERY, /* !X */
    TL_FORM_FLAGS, /* # */
};

/* There are ten thousand of these two: they are small, and where they stand in the text is counted on a fault only. */
struct tl_raw_type {
    const char *at;   /* where it begins: its name, or the mark in front */
    const char *name; /* NAME_LEN bytes */
    int32_t item;     /* index of what stands in <…>; -1 where nothing does */
    uint8_t name_len;
    uint8_t form; /* enum tl_form */
};

static inline struct tl_slice tl_raw_type_name(const struct tl_raw_type *t)
{
    return (struct tl_slice){t->name, t->name_len};
}

struct tl_raw_param {
    const char *name;      /* NAME_LEN bytes; the parameter begins with it */
    const char *flag_word; /* FLAG_LEN bytes; 0 where the parameter is always there */
    uint32_t type;
    uint8_t name_len, flag_len;
    uint8_t flag_bit;
};

struct tl_raw_comb {
    struct tl_slice name;
    struct tl_slice variable; /* the X of {X:Type}; its len is 0 where there is none */
    uint32_t id, crc32;
    bool is_method;
    uint32_t params_at, params_n;
    uint32_t result;
};

/* Room for whatever a text of its length can declare, most of which is never touched. */
struct tl_raw {
    const char *text;
    struct tl_raw_type *types;
    struct tl_raw_param *params;
    struct tl_raw_comb *combs;
    size_t types_n, params_n, combs_n, cap;
    size_t constructors_n;
    int layer;
};

/* Fills RAW (zeroed by the caller, freed with tl_raw_free() whatever happens). TGC_ESYNTAX, TGC_ELIMIT, TGC_ENOMEM. */
int tl_parse(const char *text, size_t len, struct tl_raw *raw, struct fault *fault) TGC_MUST;
void tl_raw_free(struct tl_raw *raw);

/* parse_type.c: a type at the current token, which then is the one behind it. */
int tl_parse_type(struct tl_lexer *lex, struct tl_raw *raw, uint32_t *ret_type, struct fault *fault) TGC_MUST;

/* TGC_ESYNTAX at the current token. */
int tl_parse_fault(const struct tl_lexer *lex, struct fault *fault, const char *expected) TGC_MUST;
/* TGC_ELIMIT where NAME has more than TL_NAME_MAX bytes. */
int tl_parse_check_name(const struct tl_lexer *lex, struct tl_slice name, struct fault *fault) TGC_MUST;

#endif
