#include "daemon/base/gzip.h"

#include <limits.h>
#include <string.h>

#include <zlib.h>

enum { STEP = 16 << 10 };

int gzip_unpack(const void *in, size_t len, struct buf *out, int *ret_zlib)
{
    const uint8_t *bytes = in;
    size_t before = out->len;
    int err = 0, z = Z_OK;
    z_stream s = {0};

    if (out->err)
        return out->err;
    if (len > UINT_MAX)
        return TGC_ELIMIT;
    /* 32: zlib looks at the header and takes gzip or zlib. */
    if (inflateInit2(&s, 15 + 32) != Z_OK)
        return TGC_ENOMEM;
    s.next_in = (Bytef *)(uintptr_t)bytes;
    s.avail_in = (uInt)len;
    while (z != Z_STREAM_END) {
        size_t room = out->max - out->len < STEP ? out->max - out->len : STEP;
        uint8_t extra[1]; /* room for the byte that would be one too many */
        uint8_t *p = room ? buf_room(out, room) : extra;
        if (!p) {
            err = TGC_ENOMEM;
            break;
        }
        s.next_out = p;
        s.avail_out = room ? (uInt)room : 1;
        z = inflate(&s, Z_NO_FLUSH);
        size_t got = (room ? room : 1) - s.avail_out;
        if (!room && got) {
            err = TGC_ELIMIT;
            break;
        }
        if (room)
            buf_add(out, got);
        if (z == Z_MEM_ERROR) {
            err = TGC_ENOMEM;
            break;
        }
        if (z == Z_NEED_DICT || z == Z_DATA_ERROR || z == Z_STREAM_ERROR) {
            err = TGC_ESYNTAX;
            break;
        }
        if (z != Z_STREAM_END && s.avail_in == 0 && s.avail_out != 0) {
            err = TGC_ETRUNCATED;
            break;
        }
    }
    if (!err && s.avail_in)
        err = TGC_ETRAILING;
    inflateEnd(&s);
    if (err) {
        out->err = 0;
        buf_cut(out, before);
    } else if (ret_zlib) {
        *ret_zlib = !(len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b);
    }
    return err;
}

int gzip_pack(const void *in, size_t len, struct buf *out)
{
    z_stream s = {0};

    if (len > UINT_MAX / 2)
        return TGC_ELIMIT;
    /* 16: a gzip header and trailer. */
    if (deflateInit2(&s, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return TGC_ENOMEM;
    size_t bound = deflateBound(&s, (uLong)len);
    uint8_t *p = buf_room(out, bound);
    if (!p) {
        deflateEnd(&s);
        return buf_err(out);
    }
    s.next_in = (Bytef *)(uintptr_t)in;
    s.avail_in = (uInt)len;
    s.next_out = p;
    s.avail_out = (uInt)bound;
    int z = deflate(&s, Z_FINISH);
    size_t got = bound - s.avail_out;
    deflateEnd(&s);
    if (z != Z_STREAM_END)
        return TGC_ENOMEM;
    buf_add(out, got);
    return 0;
}
