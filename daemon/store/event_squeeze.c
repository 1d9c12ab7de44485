#include "daemon/store/event_squeeze.h"

#include <lz4.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"

enum { HEAD = 8 };

const struct buf *event_squeeze(const struct buf *page, struct buf *out)
{
    buf_reset(out);
    if (page->len <= HEAD + 1 || page->len > LIMIT_STORE_VALUE)
        return page;
    /* What does not fit into less than the page has is no gain. */
    size_t room = page->len - HEAD - 1;
    uint8_t *at = buf_room(out, HEAD + room);
    if (!at)
        return page;
    int n = LZ4_compress_default((const char *)page->data, (char *)at + HEAD, (int)page->len, (int)room);
    if (n <= 0)
        return page;
    le64_store(at, (uint64_t) - (int64_t)page->len);
    buf_add(out, HEAD + (size_t)n);
    return out;
}

int event_unsqueeze(const struct buf *page, struct buf *unpacked, struct event_pack *ret)
{
    int64_t head = page->len < HEAD ? 0 : (int64_t)le64_load(page->data);

    if (head >= 0) {
        *ret = page->len ? (struct event_pack){page->data, page->data + page->len} : (struct event_pack){0};
        return 0;
    }
    if (head < -LIMIT_STORE_VALUE || page->len > LIMIT_STORE_VALUE)
        return TGC_EDAMAGED;
    size_t len = (size_t)-head;
    buf_reset(unpacked);
    uint8_t *at = buf_room(unpacked, len);
    if (!at)
        return buf_err(unpacked);
    if (LZ4_decompress_safe((const char *)page->data + HEAD, (char *)at, (int)(page->len - HEAD), (int)len) != (int)len)
        return TGC_EDAMAGED;
    buf_add(unpacked, len);
    *ret = (struct event_pack){at, at + len};
    return 0;
}
