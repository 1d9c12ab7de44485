/* Sentences with a name in them, kept in tables: "Log in with POST /v1/accounts/{account}/login". */
#ifndef TGCALLD_BASE_FILL_H
#define TGCALLD_BASE_FILL_H

#include <stddef.h>

/* TEXT with VALUE wherever it has {NAME}; cut at SIZE. */
void fill_name(char *out, size_t size, const char *text, const char *name, const char *value);

#endif
