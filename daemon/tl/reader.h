/* Cursor over TL bytes. Errors stick: after the first fault every read gives zeros, so a reader reads a whole message
 * and looks at `err` once. Nothing is copied; strings are borrowed from the input. */
#ifndef TGCALLD_TL_READER_H
#define TGCALLD_TL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/le.h"

/* Stretches of bytes that were walked to their ends, as offsets. */
enum { TL_WALKED_MAX = 8 };
struct tl_walked {
    uint32_t n;
    struct {
        uint32_t at, end;
    } list[TL_WALKED_MAX];
};

struct tl_reader {
    const uint8_t *start, *at, *end;
    int err; /* 0, TGC_ETRUNCATED, TGC_EINVAL (a Bool that is none, a non-zero count past the end, …) */
    const struct tl_walked *walked; /* of these very bytes, by the same schema; NULL */
};

void tl_reader_init(struct tl_reader *r, const void *data, size_t len);
static inline size_t tl_reader_left(const struct tl_reader *r)
{
    return (size_t)(r->end - r->at);
}
/* Whether LEN bytes are there, and nothing failed before. */
static inline bool tl_reader_has(const struct tl_reader *r, size_t len)
{
    return !r->err && tl_reader_left(r) >= len;
}
static inline size_t tl_reader_offset(const struct tl_reader *r)
{
    return (size_t)(r->at - r->start);
}

/* Remembers ERR, unless an error came before it. */
void tl_reader_fail(struct tl_reader *r, int err);

static inline uint32_t tl_read_u32(struct tl_reader *r)
{
    if (!tl_reader_has(r, 4)) {
        tl_reader_fail(r, TGC_ETRUNCATED);
        return 0;
    }
    r->at += 4;
    return le32_load(r->at - 4);
}
static inline int32_t tl_read_i32(struct tl_reader *r)
{
    return (int32_t)tl_read_u32(r);
}
static inline uint64_t tl_read_u64(struct tl_reader *r)
{
    if (!tl_reader_has(r, 8)) {
        tl_reader_fail(r, TGC_ETRUNCATED);
        return 0;
    }
    r->at += 8;
    return le64_load(r->at - 8);
}
static inline int64_t tl_read_i64(struct tl_reader *r)
{
    return (int64_t)tl_read_u64(r);
}
double tl_read_double(struct tl_reader *r);
bool tl_read_bool(struct tl_reader *r);
/* Whether a stretch that was walked begins here: then the reader stands behind it. */
bool tl_reader_pass_walked(struct tl_reader *r);
/* LEN raw bytes, borrowed; NULL past the end. */
const uint8_t *tl_read_raw(struct tl_reader *r, size_t len);
/* A string or bytes, borrowed, its padding skipped; NULL (and *RET_LEN 0) past the end. Both length forms are taken
 * for any length; padding bytes may have any value. */
const uint8_t *tl_read_bytes(struct tl_reader *r, size_t *ret_len);
/* The id of a boxed vector, then its count; refuses a count whose items (ITEM_MIN bytes each at least, >= 4) cannot
 * fit. */
uint32_t tl_read_vector(struct tl_reader *r, size_t item_min);
/* The count alone (bare vectors). */
uint32_t tl_read_count(struct tl_reader *r, size_t item_min);
/* Looks at the next u32 without taking it; 0 past the end. */
uint32_t tl_peek_u32(const struct tl_reader *r);

#endif
