/* Lower-case hex. */
#ifndef TGCALLD_BASE_HEX_H
#define TGCALLD_BASE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* Writes 2*LEN digits and a NUL to OUT. */
void hex_encode(const void *data, size_t len, char *out);

/* Reads exactly 2*LEN digits of either case (TEXT has TEXT_LEN bytes) into OUT. TGC_EINVAL: another length or
 * character; OUT is undefined then. */
int hex_decode(const char *text, size_t text_len, void *out, size_t len) TGC_MUST;

#endif
