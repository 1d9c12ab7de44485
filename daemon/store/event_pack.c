#include "daemon/store/event_pack.h"

#include <string.h>

#include "daemon/base/le.h"

/* id, received_at, the lengths of account and type, that of the data. */
enum { HEAD = 8 + 8 + 2 + 2 + 4 };

void event_pack_add(struct buf *out, const struct store_event *e)
{
    size_t account_len = strlen(e->account), type_len = strlen(e->type);
    uint8_t head[HEAD];

    le64_store(head, (uint64_t)e->id);
    le64_store(head + 8, (uint64_t)e->received_at);
    le16_store(head + 16, (uint16_t)account_len);
    le16_store(head + 18, (uint16_t)type_len);
    le32_store(head + 20, (uint32_t)e->len);
    buf_put(out, head, HEAD);
    buf_put(out, e->account, account_len);
    buf_put(out, e->type, type_len);
    buf_put(out, e->data, e->len);
}

int event_pack_next(struct event_pack *p, struct event_packed *ret, bool *ret_more)
{
    size_t left = (size_t)(p->end - p->at);

    *ret_more = left > 0;
    if (!left)
        return 0;
    if (left < HEAD)
        return TGC_EDAMAGED;
    *ret = (struct event_packed){.id = (int64_t)le64_load(p->at),
                                 .received_at = (int64_t)le64_load(p->at + 8),
                                 .account_len = le16_load(p->at + 16),
                                 .type_len = le16_load(p->at + 18),
                                 .len = le32_load(p->at + 20),
                                 .bytes = p->at};
    ret->bytes_len = HEAD + ret->account_len + ret->type_len + ret->len;
    if (left < ret->bytes_len)
        return TGC_EDAMAGED;
    ret->account = (const char *)p->at + HEAD;
    ret->type = ret->account + ret->account_len;
    ret->data = ret->type + ret->type_len;
    p->at += ret->bytes_len;
    return 0;
}
