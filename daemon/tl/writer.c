#include "daemon/tl/writer.h"

#include <string.h>

#include "daemon/base/limits.h"

void tl_write_u32(struct buf *b, uint32_t v)
{
    buf_put_u32(b, v);
}

void tl_write_i32(struct buf *b, int32_t v)
{
    buf_put_u32(b, (uint32_t)v);
}

void tl_write_u64(struct buf *b, uint64_t v)
{
    buf_put_u64(b, v);
}

void tl_write_i64(struct buf *b, int64_t v)
{
    buf_put_u64(b, (uint64_t)v);
}

void tl_write_double(struct buf *b, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof(bits));
    buf_put_u64(b, bits);
}

void tl_write_bool(struct buf *b, bool v)
{
    buf_put_u32(b, v ? TL_ID_BOOL_TRUE : TL_ID_BOOL_FALSE);
}

void tl_write_raw(struct buf *b, const void *data, size_t len)
{
    buf_put(b, data, len);
}

uint8_t *tl_write_bytes_room(struct buf *b, size_t len)
{
    if (len > LIMIT_TL_STRING) {
        if (!b->err)
            b->err = TGC_ELIMIT;
        return NULL;
    }
    size_t head = len < 254 ? 1 : 4, all = (head + len + 3) & ~(size_t)3;
    uint8_t *p = buf_room(b, all);
    if (!p)
        return NULL;
    if (head == 1) {
        p[0] = (uint8_t)len;
    } else {
        p[0] = 0xfe;
        p[1] = (uint8_t)len;
        p[2] = (uint8_t)(len >> 8);
        p[3] = (uint8_t)(len >> 16);
    }
    memset(p + head + len, 0, all - head - len);
    buf_add(b, all);
    return p + head;
}

void tl_write_bytes(struct buf *b, const void *data, size_t len)
{
    uint8_t *p = tl_write_bytes_room(b, len);

    if (p && len)
        memcpy(p, data, len);
}

void tl_write_text(struct buf *b, const char *text)
{
    tl_write_bytes(b, text, strlen(text));
}

void tl_write_vector(struct buf *b, uint32_t count)
{
    buf_put_u32(b, TL_ID_VECTOR);
    buf_put_u32(b, count);
}
