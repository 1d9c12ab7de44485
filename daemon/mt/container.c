#include "daemon/mt/container.h"

#include "daemon/base/limits.h"
#include "daemon/mt/ids.h"

enum { MESSAGE_MIN = 16 };

int mt_container_open(const uint8_t *body, size_t len, struct tl_reader *r, uint32_t *ret_count)
{
    struct tl_reader at;

    tl_reader_init(&at, body, len);
    if (tl_read_u32(&at) != MT_MSG_CONTAINER)
        return TGC_EPROTO;
    uint32_t count = tl_read_count(&at, MESSAGE_MIN);
    if (at.err || count > LIMIT_CONTAINER_READ)
        return TGC_EPROTO;
    *r = at;
    *ret_count = count;
    return 0;
}

int mt_container_next(struct tl_reader *r, struct mt_message *ret)
{
    struct mt_message m = {0};

    m.msg_id = tl_read_u64(r);
    m.seq_no = tl_read_u32(r);
    m.len = tl_read_u32(r);
    if (r->err || m.len % 4 != 0)
        return TGC_EPROTO;
    m.body = tl_read_raw(r, m.len);
    if (r->err)
        return TGC_EPROTO;
    *ret = m;
    return 0;
}

void mt_container_begin(struct buf *out, uint32_t count)
{
    buf_put_u32(out, MT_MSG_CONTAINER);
    buf_put_u32(out, count);
}

void mt_container_put(struct buf *out, uint64_t msg_id, uint32_t seq_no, const void *body, size_t len)
{
    buf_put_u64(out, msg_id);
    buf_put_u32(out, seq_no);
    buf_put_u32(out, (uint32_t)len);
    buf_put(out, body, len);
}
