#include "daemon/mt/plain.h"

#include "daemon/base/le.h"

enum { PLAIN_HEADER = 20 };

void mt_plain_pack(struct buf *out, uint64_t msg_id, const void *body, size_t len)
{
    buf_put_u64(out, 0);
    buf_put_u64(out, msg_id);
    buf_put_u32(out, (uint32_t)len);
    buf_put(out, body, len);
}

int mt_plain_parse(const void *packet, size_t len, uint64_t *ret_msg_id, const uint8_t **ret_body, size_t *ret_len)
{
    const uint8_t *p = packet;

    if (len < PLAIN_HEADER || le64_load(p) != 0)
        return TGC_EPROTO;
    uint32_t body_len = le32_load(p + 16);
    if (body_len < 4 || body_len % 4 != 0 || body_len > len - PLAIN_HEADER)
        return TGC_EPROTO;
    *ret_msg_id = le64_load(p + 8);
    *ret_body = p + PLAIN_HEADER;
    *ret_len = body_len;
    return 0;
}
