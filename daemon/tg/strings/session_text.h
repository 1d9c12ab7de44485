/* The base64 of session strings: RFC 4648 section 4 or 5. Padding may be missing, as it gets lost on the way, but not
 * half of it; spare bits are zero. */
#ifndef TGCALLD_TG_SESSION_TEXT_H
#define TGCALLD_TG_SESSION_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/limits.h"

enum session_alphabet { SESSION_BASE64, SESSION_BASE64URL };

enum { SESSION_BYTES_MAX = LIMIT_SESSION_STRING / 4 * 3 };

/* TGC_EINVAL, with why. OUT is undefined then. */
int session_text_decode(enum session_alphabet alphabet, const char *text, size_t len,
                        uint8_t out[static SESSION_BYTES_MAX], size_t *ret_len, struct fault *fault) TGC_MUST;
/* Appends; LEN at most SESSION_BYTES_MAX. The buffer's error. */
int session_text_encode(enum session_alphabet alphabet, bool padded, const void *data, size_t len,
                        struct buf *out) TGC_MUST;

#endif
