#include "daemon/tl/number_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/long_text.h"

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
        size_t n = long_text(out, (int64_t)v);
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
