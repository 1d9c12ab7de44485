/* The comment that says which layer a schema file is of: "// LAYER 214". */
#ifndef TGCALLD_BASE_LAYER_LINE_H
#define TGCALLD_BASE_LAYER_LINE_H

#include <stddef.h>

enum { LAYER_MAX = 1000000 };

/* The inside of a line comment, without its slashes: the layer, else 0. Any blanks, one space or many. */
int layer_of_comment(const char *text, size_t len);

/* How a text file begins that is not plain UTF-8 text. */
enum text_start { TEXT_PLAIN, TEXT_BOM /* UTF-8's byte order mark, 3 bytes */, TEXT_UTF16 };
enum text_start text_start_of(const char *text, size_t len);

#endif
