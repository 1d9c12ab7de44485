/* TL values appended to a buffer. Errors stick in the buffer (buf.h). */
#ifndef TGCALLD_TL_WRITER_H
#define TGCALLD_TL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"

#define TL_ID_VECTOR 0x1cb5c415u
#define TL_ID_BOOL_TRUE 0x997275b5u
#define TL_ID_BOOL_FALSE 0xbc799737u

void tl_write_u32(struct buf *b, uint32_t v);
void tl_write_i32(struct buf *b, int32_t v);
void tl_write_u64(struct buf *b, uint64_t v);
void tl_write_i64(struct buf *b, int64_t v);
void tl_write_double(struct buf *b, double v);
void tl_write_bool(struct buf *b, bool v);
void tl_write_raw(struct buf *b, const void *data, size_t len);
/* A string or bytes with length and zero padding; TGC_ELIMIT in the buffer past 2^24-1 bytes. */
void tl_write_bytes(struct buf *b, const void *data, size_t len);
/* The same, but the LEN bytes are the caller's to fill in, before the next write; NULL on error. */
uint8_t *tl_write_bytes_room(struct buf *b, size_t len);
void tl_write_text(struct buf *b, const char *text);
/* Id and count of a boxed vector. */
void tl_write_vector(struct buf *b, uint32_t count);

#endif
