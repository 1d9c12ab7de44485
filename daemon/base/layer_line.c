#include "daemon/base/layer_line.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

int layer_of_comment(const char *text, size_t len)
{
    static const char word[] = "LAYER";
    const char *p = text, *end = text + len;
    int layer = 0;

    while (p < end && is_blank(*p))
        p++;
    if ((size_t)(end - p) <= sizeof(word) - 1 || memcmp(p, word, sizeof(word) - 1) != 0)
        return 0;
    p += sizeof(word) - 1;
    if (!is_blank(*p))
        return 0;
    while (p < end && is_blank(*p))
        p++;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        layer = layer * 10 + (*p - '0');
        if (layer > LAYER_MAX)
            return 0;
    }
    return p == end || is_blank(*p) ? layer : 0;
}

enum text_start text_start_of(const char *text, size_t len)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        return TEXT_BOM;
    if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return TEXT_UTF16;
    return TEXT_PLAIN;
}
