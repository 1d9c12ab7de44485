/* gzip as gzip_packed carries it, with a bound on what comes out. The only user of zlib besides crc32.h. Any thread. */
#ifndef TGCALLD_BASE_GZIP_H
#define TGCALLD_BASE_GZIP_H

#include <stddef.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"

/* Appends what the gzip or zlib stream IN unpacks to; *ret_zlib (may be NULL) tells whether it was zlib rather than
 * gzip. OUT's own maximum is the bound: a bomb ends with TGC_ELIMIT before memory grows past it. TGC_ESYNTAX: not such
 * a stream, or a wrong checksum; TGC_ETRUNCATED: it ends early; TGC_ETRAILING: bytes behind it. On failure OUT is as
 * long as before and its sticky error is clear. */
int gzip_unpack(const void *in, size_t len, struct buf *out, int *ret_zlib) TGC_MUST;

/* Appends IN as one gzip stream. TGC_ENOMEM or TGC_ELIMIT. */
int gzip_pack(const void *in, size_t len, struct buf *out) TGC_MUST;

#endif
