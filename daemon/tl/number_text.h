/* Doubles as JSON text, whatever the locale says. */
#ifndef TGCALLD_TL_NUMBER_TEXT_H
#define TGCALLD_TL_NUMBER_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum {
    TL_DOUBLE_TEXT_MAX = 32, /* -1.7976931348623157e+308, and room for a point and a NUL */
};

/* Writes the shortest text of finite V that reads back as V to OUT without a NUL, always with a point or an exponent so
 * that it stays a double; returns how many characters. */
size_t tl_double_text(char out[static TL_DOUBLE_TEXT_MAX], double v);

#endif
