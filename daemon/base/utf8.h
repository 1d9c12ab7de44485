/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing past U+10FFFF. */
#ifndef TGCALLD_BASE_UTF8_H
#define TGCALLD_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether all LEN bytes are UTF-8. NUL is a code point like any other. */
bool utf8_is_valid(const void *data, size_t len);

/* Code points in valid UTF-8. */
size_t utf8_count(const char *text, size_t len);

/* The largest n <= LEN at which TEXT can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t len);

#endif
