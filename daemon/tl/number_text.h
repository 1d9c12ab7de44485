/* Numbers as JSON text, whatever the locale says. */
#ifndef TGCALLD_TL_NUMBER_TEXT_H
#define TGCALLD_TL_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum {
    TL_LONG_TEXT_MAX = 20,   /* -9223372036854775808 */
    TL_DOUBLE_TEXT_MAX = 32, /* -1.7976931348623157e+308, and room for a point and a NUL */
};

/* Writes V to OUT without a NUL; returns how many characters. */
size_t tl_long_text(char out[static TL_LONG_TEXT_MAX], int64_t v);
/* The shortest text of finite V that reads back as V, always with a point or an exponent so that it stays a double. */
size_t tl_double_text(char out[static TL_DOUBLE_TEXT_MAX], double v);

#endif
