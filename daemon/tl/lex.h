/* Schema text → tokens. Comments and white space are skipped; a `// LAYER N` comment is remembered. */
#ifndef TGCALLD_TL_LEX_H
#define TGCALLD_TL_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "daemon/base/fault.h"

enum {
    TL_TOKEN_END = 0,
    TL_TOKEN_WORD = 1,      /* [A-Za-z0-9_.]+ */
    TL_TOKEN_TYPES = 2,     /* ---types--- */
    TL_TOKEN_FUNCTIONS = 3, /* ---functions--- */
    /* Any other token is one character and has that character as its kind. */
};

/* A piece of the text, without a NUL. */
struct tl_slice {
    const char *at;
    size_t len;
};
static inline bool tl_slice_is(struct tl_slice s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.at, text, s.len) == 0;
}

/* The lines that begin between two places of a text. Nobody counts them but for a fault. */
unsigned tl_lines_between(const char *from, const char *to);
/* A fault at AT in the text that begins at TEXT; its column counts bytes. Returns ERR. */
int tl_fault_at(const char *text, const char *at, struct fault *fault, int err, const char *format, ...)
    TGC_PRINTF(5, 6);

struct tl_token {
    int kind;
    struct tl_slice text;
};

struct tl_lexer {
    const char *text, *at, *end;
    int layer;             /* 0: not said so far */
    struct tl_token token; /* the current one */
};

/* Stands before the first token. */
void tl_lex_init(struct tl_lexer *lex, const char *text, size_t len);
/* Reads the next token into lex->token. TGC_ESYNTAX: a character that TL does not have, a comment without an end. */
int tl_lex_next(struct tl_lexer *lex, struct fault *fault) TGC_MUST;

#endif
