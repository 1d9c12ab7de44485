/* Constructor ids: the CRC-32 of the declaration in its normal form. */
#ifndef TGCALLD_TL_IDENT_H
#define TGCALLD_TL_IDENT_H

#include "daemon/base/buf.h"
#include "daemon/tl/lex.h"

/* The normal form of the declaration [START, END) without its semicolon: no `#id`, no `name:flags.N?true` (such a field
 * can be added later without a new id), `<` as a space, no `>`, `{`, `}`, `bytes` as `string`, single spaces. Errors
 * stick in OUT. */
void tl_ident_normalise(const char *start, const char *end, struct buf *out);

#endif
