#include "daemon/base/utf8.h"

#include <stdint.h>
#include <string.h>

bool utf8_is_valid(const void *data, size_t len)
{
    const uint8_t *p = data, *end = p + len;

    while (p < end) {
        /* Most text is ASCII: eight bytes at a time while no high bit shows. */
        uint64_t word;
        while (end - p >= 8 && (memcpy(&word, p, 8), (word & 0x8080808080808080u) == 0))
            p += 8;
        if (p == end)
            break;
        uint8_t c = *p++;
        if (c < 0x80)
            continue;
        size_t more;
        uint8_t low = 0x80, high = 0xbf; /* what the second byte may be */
        if (c >= 0xc2 && c <= 0xdf) {
            more = 1;
        } else if ((c & 0xf0) == 0xe0) {
            more = 2;
            if (c == 0xe0)
                low = 0xa0;
            else if (c == 0xed)
                high = 0x9f;
        } else if (c >= 0xf0 && c <= 0xf4) {
            more = 3;
            if (c == 0xf0)
                low = 0x90;
            else if (c == 0xf4)
                high = 0x8f;
        } else {
            return false;
        }
        if ((size_t)(end - p) < more || *p < low || *p > high)
            return false;
        for (size_t i = 1; i < more; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += more;
    }
    return true;
}

size_t utf8_count(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((uint8_t)text[i] & 0xc0) != 0x80;
    return n;
}

size_t utf8_cut(const char *text, size_t len)
{
    size_t n = len;

    while (n > 0 && len - n < 4 && ((uint8_t)text[n - 1] & 0xc0) == 0x80)
        n--;
    if (n == 0 || (uint8_t)text[n - 1] < 0x80)
        return len; /* ends in ASCII, or was not UTF-8 anyway */
    uint8_t lead = (uint8_t)text[n - 1];
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    return len - (n - 1) >= want ? len : n - 1;
}
