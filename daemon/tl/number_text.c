#include "daemon/tl/number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495969798"
    "99";

size_t tl_long_text(char out[static TL_LONG_TEXT_MAX], int64_t v)
{
    char scratch[TL_LONG_TEXT_MAX], *p = scratch + sizeof(scratch);
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

/* Digits of the shortest precision that reads back as V. snprintf and strtod agree on the locale's point, whatever it
 * is. */
static int shortest(char out[static TL_DOUBLE_TEXT_MAX], double v)
{
    int n = 0;

    for (int precision = 15; precision <= 17; precision++) {
        n = snprintf(out, TL_DOUBLE_TEXT_MAX, "%.*g", precision, v);
        if (strtod(out, NULL) == v)
            break;
    }
    return n;
}

size_t tl_double_text(char out[static TL_DOUBLE_TEXT_MAX], double v)
{
    /* Whole numbers are the common case. */
    if (v > -1e15 && v < 1e15 && v == trunc(v) && !(v == 0 && signbit(v))) {
        size_t n = tl_long_text(out, (int64_t)v);
        memcpy(out + n, ".0", 2);
        return n + 2;
    }
    size_t len = (size_t)shortest(out, v);
    int is_double = 0;
    for (size_t i = 0; i < len; i++) {
        /* What is neither digit, sign nor exponent is the locale's decimal point; a longer one does not exist in
         * practice. */
        if (!strchr("0123456789+-e", out[i]))
            out[i] = '.';
        is_double |= out[i] == '.' || out[i] == 'e';
    }
    if (!is_double) {
        memcpy(out + len, ".0", 2);
        len += 2;
    }
    return len;
}
