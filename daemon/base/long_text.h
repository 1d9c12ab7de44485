/* Whole numbers as decimal text. */
#ifndef TGCALLD_BASE_LONG_TEXT_H
#define TGCALLD_BASE_LONG_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { LONG_TEXT_MAX = 20 /* -9223372036854775808 */ };

/* Writes V to OUT without a NUL; returns how many characters. What is behind them in OUT is lost. */
size_t long_text(char out[static LONG_TEXT_MAX], int64_t v);

#endif
