#include "daemon/base/terminal_text.h"

#include <string.h>

#include "daemon/base/utf8.h"

/* Bytes of the character at TEXT, which is UTF-8. */
static size_t char_len(const char *text)
{
    unsigned char c = (unsigned char)*text;

    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* U+0080…U+009F, and the marks (U+061C among them), embeddings, overrides and isolates that turn the direction, and
 * separators of lines. */
static bool is_hostile(const char *c, size_t len)
{
    unsigned char a = (unsigned char)c[0], b = len > 1 ? (unsigned char)c[1] : 0, d = len > 2 ? (unsigned char)c[2] : 0;

    if (len == 2)
        return (a == 0xc2 && b < 0xa0) || (a == 0xd8 && b == 0x9c);
    if (len == 3 && a == 0xe2 && b == 0x80)
        return d == 0x8e || d == 0x8f || (d >= 0xa8 && d <= 0xae);
    return len == 3 && a == 0xe2 && b == 0x81 && d >= 0xa6 && d <= 0xa9;
}

char *terminal_text(const char *text, bool keep_lines, bool is_utf8, char *out, size_t size)
{
    bool is_valid = utf8_is_valid(text, strlen(text));
    size_t n = 0;

    while (*text) {
        unsigned char c = (unsigned char)*text;
        size_t len = is_valid ? char_len(text) : 1;
        bool is_odd = c < 0x20 ? c != '\n' || !keep_lines : c == 0x7f;
        if (c >= 0x80)
            is_odd = !is_valid || !is_utf8 || is_hostile(text, len);
        if (n + len >= size)
            break;
        if (is_odd)
            out[n++] = '?';
        else
            for (size_t i = 0; i < len; i++)
                out[n++] = text[i];
        text += len;
    }
    out[n] = '\0';
    return out;
}
