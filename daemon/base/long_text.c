#include "daemon/base/long_text.h"

#include <string.h>

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798"
    "99";

size_t long_text(char out[static LONG_TEXT_MAX], int64_t v)
{
    char scratch[LONG_TEXT_MAX], *p = scratch + sizeof(scratch);
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    while (u >= 100) {
        p -= 2;
        memcpy(p, pairs + u % 100 * 2, 2);
        u /= 100;
    }
    if (u >= 10) {
        p -= 2;
        memcpy(p, pairs + u * 2, 2);
    } else {
        *--p = (char)('0' + u);
    }
    if (v < 0)
        *--p = '-';
    size_t len = (size_t)(scratch + sizeof(scratch) - p);
    memcpy(out, p, len);
    return len;
}
