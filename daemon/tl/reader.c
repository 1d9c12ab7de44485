#include "daemon/tl/reader.h"

#include <string.h>

#include "daemon/tl/writer.h"

void tl_reader_init(struct tl_reader *r, const void *data, size_t len)
{
    const uint8_t *start = data;

    /* An empty input may come as NULL, with which no pointer sums may be made. */
    if (!start)
        start = (const uint8_t *)"";
    *r = (struct tl_reader){.start = start, .at = start, .end = start + len};
}

void tl_reader_fail(struct tl_reader *r, int err)
{
    if (!r->err)
        r->err = err;
}

bool tl_reader_pass_walked(struct tl_reader *r)
{
    const struct tl_walked *walked = r->walked;

    for (uint32_t i = 0; walked && i < walked->n; i++)
        if (walked->list[i].at == tl_reader_offset(r)) {
            r->at = r->start + walked->list[i].end;
            return true;
        }
    return false;
}

double tl_read_double(struct tl_reader *r)
{
    uint64_t bits = tl_read_u64(r);
    double v;

    memcpy(&v, &bits, sizeof(v));
    return v;
}

bool tl_read_bool(struct tl_reader *r)
{
    uint32_t id = tl_read_u32(r);

    if (!r->err && id != TL_ID_BOOL_TRUE && id != TL_ID_BOOL_FALSE) {
        r->at -= 4;
        tl_reader_fail(r, TGC_EINVAL);
    }
    return !r->err && id == TL_ID_BOOL_TRUE;
}

const uint8_t *tl_read_raw(struct tl_reader *r, size_t len)
{
    if (r->err || tl_reader_left(r) < len) {
        tl_reader_fail(r, TGC_ETRUNCATED);
        return NULL;
    }
    r->at += len;
    return r->at - len;
}

const uint8_t *tl_read_bytes(struct tl_reader *r, size_t *ret_len)
{
    size_t left = tl_reader_left(r), head = 1, len;

    *ret_len = 0;
    if (r->err || left < 4)
        goto short_input;
    len = r->at[0];
    if (len == 255) { /* no length of this form exists */
        tl_reader_fail(r, TGC_EINVAL);
        return NULL;
    }
    if (len == 254) {
        head = 4;
        len = le32_load(r->at) >> 8;
    }
    size_t all = (head + len + 3) & ~(size_t)3;
    if (left < all)
        goto short_input;
    const uint8_t *data = r->at + head;
    r->at += all;
    *ret_len = len;
    return data;

short_input:
    tl_reader_fail(r, TGC_ETRUNCATED);
    return NULL;
}

uint32_t tl_read_count(struct tl_reader *r, size_t item_min)
{
    uint32_t count = tl_read_u32(r);

    if (r->err)
        return 0;
    if (item_min > 0 && count > tl_reader_left(r) / item_min) {
        r->at -= 4;
        tl_reader_fail(r, TGC_EINVAL);
        return 0;
    }
    return count;
}

uint32_t tl_read_vector(struct tl_reader *r, size_t item_min)
{
    uint32_t id = tl_read_u32(r);

    if (!r->err && id != TL_ID_VECTOR) {
        r->at -= 4;
        tl_reader_fail(r, TGC_EINVAL);
    }
    return tl_read_count(r, item_min);
}

uint32_t tl_peek_u32(const struct tl_reader *r)
{
    return r->err || tl_reader_left(r) < 4 ? 0 : le32_load(r->at);
}
