#include "daemon/tl/ident.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool ends_with(const char *word, size_t len, const char *tail)
{
    size_t n = strlen(tail);

    return len >= n && memcmp(word + len - n, tail, n) == 0;
}

static bool is_comment(const char *p, const char *end)
{
    return end - p >= 2 && p[0] == '/' && (p[1] == '/' || p[1] == '*');
}

/* The lexer has been here: a comment has its end. */
static const char *skip_comment(const char *p, const char *end)
{
    if (p[1] == '/') {
        while (p < end && *p != '\n')
            p++;
        return p;
    }
    for (p += 2; end - p >= 2 && !(p[0] == '*' && p[1] == '/'); p++)
        ;
    return end - p >= 2 ? p + 2 : end;
}

static void put_word(const char *word, size_t len, struct buf *out)
{
    const char *tail = "";

    if (memchr(word, ':', len) && ends_with(word, len, "?true"))
        return;
    if (ends_with(word, len, ":bytes") || ends_with(word, len, "?bytes")) {
        len -= strlen("bytes");
        tail = "string";
    }
    if (out->len)
        buf_put_byte(out, ' ');
    for (size_t i = 0; i < len; i++) {
        if (word[i] == '<')
            buf_put_byte(out, ' ');
        else if (!strchr("{}>", word[i]))
            buf_put_byte(out, (uint8_t)word[i]);
    }
    buf_put_text(out, tail);
}

void tl_ident_normalise(const char *start, const char *end, struct buf *out)
{
    const char *p = start;
    bool is_first = true;

    while (p < end) {
        if (is_space(*p)) {
            p++;
            continue;
        }
        if (is_comment(p, end)) {
            p = skip_comment(p, end);
            continue;
        }
        const char *word = p;
        while (p < end && !is_space(*p) && !is_comment(p, end))
            p++;
        size_t len = (size_t)(p - word);
        if (is_first) {
            const char *id = memchr(word, '#', len);
            len = id ? (size_t)(id - word) : len;
            is_first = false;
        }
        put_word(word, len, out);
    }
}
