/* Text as a segment of a path or a value of a query (RFC 3986, 2.1). */
#ifndef TGCALLD_BASE_PERCENT_H
#define TGCALLD_BASE_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

/* All but letters, digits and -._~@ as %XX. False, and OUT is "", where it does not fit. */
bool percent_encode(const char *text, size_t len, char *out, size_t size);

#endif
