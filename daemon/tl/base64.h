/* Base64 as RFC 4648 §4 has it: the standard alphabet, always padded. */
#ifndef TGCALLD_TL_BASE64_H
#define TGCALLD_TL_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

static inline size_t tl_base64_encoded_len(size_t len)
{
    return (len + 2) / 3 * 4;
}

/* Writes tl_base64_encoded_len(LEN) characters to OUT, no NUL. */
void tl_base64_encode(const void *data, size_t len, char *out);

/* How many bytes TEXT stands for; TGC_EINVAL where its length or padding is wrong. Characters are not looked at yet. */
int tl_base64_decoded_len(const char *text, size_t text_len, size_t *ret_len) TGC_MUST;

/* Decodes TEXT into OUT, which has room for tl_base64_decoded_len(). Strict: TGC_EINVAL for another character, missing
 * or misplaced padding, or spare bits that are not zero; OUT is undefined then. */
int tl_base64_decode(const char *text, size_t text_len, void *out) TGC_MUST;

#endif
