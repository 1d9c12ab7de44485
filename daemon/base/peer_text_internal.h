/* What peer_text.c (names, phones, ids) and peer_link.c (links) share. */
#ifndef TGCALLD_BASE_PEER_TEXT_INTERNAL_H
#define TGCALLD_BASE_PEER_TEXT_INTERNAL_H

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/peer_text.h"

enum { PEER_NAME_MIN = 4, PEER_NAME_MAX = 32, PEER_PHONE_MIN = 5, PEER_PHONE_MAX = 20 };

/* A borrowed piece of the text. */
struct text_piece {
    const char *p;
    size_t len;
};

/* ctype's classes follow the locale. */
static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool drop_prefix(struct text_piece *s, const char *prefix)
{
    size_t n = strlen(prefix);

    if (s->len < n || strncasecmp(s->p, prefix, n) != 0)
        return false;
    s->p += n;
    s->len -= n;
    return true;
}

static inline bool all_digits(struct text_piece s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.p[i]))
            return false;
    return s.len > 0;
}

/* A piece as a reason may show it: its first characters; "..." for what is no UTF-8 or has controls in it. */
enum { PEER_SHOWN_MAX = 48 };
const char *peer_show(struct text_piece s, char text[static PEER_SHOWN_MAX]);

int peer_parse_name(struct text_piece s, struct peer_text *out, struct fault *fault) TGC_MUST;
int peer_parse_phone(struct text_piece s, struct peer_text *out, struct fault *fault) TGC_MUST;
/* A bare id of KIND. */
int peer_parse_bare_id(struct text_piece s, enum peer_kind kind, struct peer_text *out, struct fault *fault) TGC_MUST;

/* Whether it is written as a link, whoever's. */
bool peer_is_link(struct text_piece s);
int peer_parse_link(struct text_piece s, struct peer_text *out, struct fault *fault) TGC_MUST;

#endif
