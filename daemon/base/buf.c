#include "daemon/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/base/le.h"

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_init_secret(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max, .is_secret = true};
}

void buf_fini(struct buf *b)
{
    if (b->is_secret && b->data)
        sodium_memzero(b->data, b->cap);
    free(b->data);
    *b = (struct buf){0};
}

void buf_fini_secret(struct buf *b)
{
    b->is_secret = true;
    buf_fini(b);
}

/* realloc() would leave a copy behind. */
static uint8_t *resize(struct buf *b, size_t cap)
{
    if (!b->is_secret)
        return realloc(b->data, cap);
    uint8_t *data = malloc(cap);
    if (data && b->data) {
        memcpy(data, b->data, b->len);
        sodium_memzero(b->data, b->cap);
        free(b->data);
    }
    return data;
}

void buf_reset(struct buf *b)
{
    if (b->is_secret && b->len)
        sodium_memzero(b->data, b->len);
    b->len = 0;
    b->err = 0;
}

uint8_t *buf_make_room(struct buf *b, size_t n)
{
    if (b->err)
        return NULL;
    if (n > b->max - b->len) {
        b->err = TGC_ELIMIT;
        return NULL;
    }
    if (n > b->cap - b->len || !b->data) {
        size_t cap = b->cap < 64 ? 64 : b->cap;
        while (cap - b->len < n)
            cap *= 2;
        /* Not past the maximum, but always room for the NUL of buf_text(). */
        if (cap > b->max)
            cap = b->max + 1;
        uint8_t *data = resize(b, cap);
        if (!data) {
            b->err = TGC_ENOMEM;
            return NULL;
        }
        b->data = data;
        b->cap = cap;
    }
    return b->data + b->len;
}

int buf_put_zero(struct buf *b, size_t n)
{
    uint8_t *p = buf_room(b, n);

    if (p && n) {
        memset(p, 0, n);
        b->len += n;
    }
    return b->err;
}

int buf_printf(struct buf *b, const char *format, ...)
{
    char small[256];
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(small, sizeof(small), format, ap);
    va_end(ap);
    if (n < 0) {
        if (!b->err)
            b->err = TGC_EINVAL;
        return b->err;
    }
    if ((size_t)n < sizeof(small))
        return buf_put(b, small, (size_t)n);

    /* vsnprintf writes a NUL of its own behind the text, which must not need room beyond the maximum. */
    char *big = malloc((size_t)n + 1);
    if (!big) {
        if (!b->err)
            b->err = TGC_ENOMEM;
        return b->err;
    }
    va_start(ap, format);
    vsnprintf(big, (size_t)n + 1, format, ap);
    va_end(ap);
    buf_put(b, big, (size_t)n);
    free(big);
    return b->err;
}

int buf_put_u32(struct buf *b, uint32_t v)
{
    uint8_t raw[4];

    le32_store(raw, v);
    return buf_put(b, raw, sizeof(raw));
}

int buf_put_u64(struct buf *b, uint64_t v)
{
    uint8_t raw[8];

    le64_store(raw, v);
    return buf_put(b, raw, sizeof(raw));
}

void buf_drop_front(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
    if (b->is_secret)
        sodium_memzero(b->data + b->len, n);
}

void buf_cut(struct buf *b, size_t len)
{
    if (b->is_secret && len < b->len)
        sodium_memzero(b->data + len, b->len - len);
    b->len = len;
}

const char *buf_text(struct buf *b)
{
    if (b->err)
        return NULL;
    if (b->len == b->cap || !b->data) {
        uint8_t *data = resize(b, b->len + 1);
        if (!data) {
            b->err = TGC_ENOMEM;
            return NULL;
        }
        b->data = data;
        b->cap = b->len + 1;
    }
    b->data[b->len] = '\0';
    return (const char *)b->data;
}

uint8_t *buf_take(struct buf *b, size_t *ret_len)
{
    struct buf next = {.max = b->max, .is_secret = b->is_secret};

    if (b->err || b->len == 0) {
        *ret_len = 0;
        return NULL;
    }
    uint8_t *data = b->data;
    *ret_len = b->len;
    *b = next;
    return data;
}
