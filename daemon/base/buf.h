/* A growing byte buffer with a maximum. Errors stick: after the first failure every further put does nothing, so a
 * writer puts a whole message and looks at buf_err() once. The bytes are owned by the buffer. One thread at a time. */
#ifndef TGCALLD_BASE_BUF_H
#define TGCALLD_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/base/err.h"

struct buf {
    uint8_t *data; /* NULL while cap is 0 */
    size_t len, cap;
    size_t max;     /* len never passes it */
    int err;        /* 0, TGC_ENOMEM or TGC_ELIMIT */
    bool is_secret; /* what it leaves behind is wiped */
};

/* An empty buffer that will hold at most MAX bytes; allocates nothing. */
void buf_init(struct buf *b, size_t max);
/* The same for what is secret: whatever the buffer drops, moves or frees is wiped where it was. */
void buf_init_secret(struct buf *b, size_t max);
/* Frees the bytes; the buffer is empty with max 0 afterwards. Safe on a zeroed struct and twice. */
void buf_fini(struct buf *b);
/* The same, wiping the bytes first. */
void buf_fini_secret(struct buf *b);

/* Empties the buffer and clears its error; keeps the memory. */
void buf_reset(struct buf *b);

/* Room for N more bytes; a pointer to them (uninitialised), or NULL with the error set. buf_add() then takes them in.
 */
static inline uint8_t *buf_room(struct buf *b, size_t n);
static inline void buf_add(struct buf *b, size_t n);

/* Appends. Return 0 or the sticky error; callers that check buf_err() at the end may ignore it. */
static inline int buf_put(struct buf *b, const void *data, size_t n);
static inline int buf_put_byte(struct buf *b, uint8_t byte);
int buf_put_zero(struct buf *b, size_t n);
static inline int buf_put_text(struct buf *b, const char *text); /* without its NUL */
int buf_printf(struct buf *b, const char *format, ...) TGC_PRINTF(2, 3);

/* Little-endian integers. */
int buf_put_u32(struct buf *b, uint32_t v);
int buf_put_u64(struct buf *b, uint64_t v);

/* Removes the first N bytes (N <= len). */
void buf_drop_front(struct buf *b, size_t n);
/* Cuts to LEN (LEN <= len). */
void buf_cut(struct buf *b, size_t len);

static inline int buf_err(const struct buf *b)
{
    return b->err;
}

/* For buf_room(): where there is no room yet. */
uint8_t *buf_make_room(struct buf *b, size_t n);

/* There is at most one byte more than the maximum: where more than N are left, they may be taken. */
static inline uint8_t *buf_room(struct buf *b, size_t n)
{
    return b->cap - b->len > n && !b->err ? b->data + b->len : buf_make_room(b, n);
}

static inline void buf_add(struct buf *b, size_t n)
{
    if (!b->err)
        b->len += n;
}

static inline int buf_put(struct buf *b, const void *data, size_t n)
{
    uint8_t *p = buf_room(b, n);

    if (p && n) {
        memcpy(p, data, n);
        b->len += n;
    }
    return b->err;
}

static inline int buf_put_byte(struct buf *b, uint8_t byte)
{
    return buf_put(b, &byte, 1);
}

static inline int buf_put_text(struct buf *b, const char *text)
{
    return buf_put(b, text, strlen(text));
}

/* A NUL after the bytes (not counted in len) and the bytes as text; NULL on a sticky error. */
const char *buf_text(struct buf *b);

/* The bytes go to the caller, who frees them with free(); the buffer is empty. NULL where it was empty or in error. */
uint8_t *buf_take(struct buf *b, size_t *ret_len);

#endif
