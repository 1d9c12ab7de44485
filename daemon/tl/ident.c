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
    return p[0] == '/' && end - p >= 2 && (p[1] == '/' || p[1] == '*');
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

/* Writes the word to TO, and returns what is behind it there: at most one byte more than it has. */
static char *put_word(const char *word, size_t len, char *to)
{
    bool is_bytes = ends_with(word, len, ":bytes") || ends_with(word, len, "?bytes");

    if (is_bytes)
        len -= strlen("bytes");
    for (size_t i = 0; i < len; i++) {
        char c = word[i];
        if (c == '<')
            *to++ = ' ';
        else if (c != '{' && c != '}' && c != '>')
            *to++ = c;
    }
    return is_bytes ? mempcpy(to, "string", strlen("string")) : to;
}

void tl_ident_normalise(const char *start, const char *end, struct buf *out)
{
    /* A word of one byte may become three: a space in front of it where a comment stood, and one byte more. */
    char *room = (char *)buf_room(out, 3 * (size_t)(end - start) + 1), *to = room;
    const char *p = start;
    bool is_first = true;

    while (room && p < end) {
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
        } else if (ends_with(word, len, "?true") && memchr(word, ':', len)) {
            continue;
        } else {
            *to++ = ' ';
        }
        to = put_word(word, len, to);
    }
    if (room)
        buf_add(out, (size_t)(to - room));
}
