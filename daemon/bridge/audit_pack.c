#include "daemon/bridge/audit_pack.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/utf8.h"

enum { TEXTS = 5, TEXT_MAX = 128 };
/* at_us, count, telegram_code, status, the path's length, family, the lengths of the texts. Behind them stand the
 * address, the texts and the path, with a NUL behind each of these. */
enum { HEAD = 8 + 4 + 4 + 2 + 2 + 1 + TEXTS };
_Static_assert(HEAD + 16 + TEXTS * (TEXT_MAX + 1) + AUDIT_PATH_MAX + 1 <= AUDIT_RECORD_MAX, "a record has its room");

static size_t address_size(unsigned family)
{
    static const uint8_t sizes[] = {[AUDIT_UNIX] = 0, [AUDIT_IP4] = 4, [AUDIT_IP6] = 16};

    return sizes[family];
}

static uint8_t *put(uint8_t *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    to[len] = '\0';
    return to + len + 1;
}

size_t audit_pack(const struct audit_record *r, uint8_t out[static AUDIT_RECORD_MAX])
{
    const char *const texts[TEXTS] = {r->method, r->request_id, r->who, r->account, r->telegram};
    size_t path_len = r->path_len < AUDIT_PATH_MAX ? r->path_len : AUDIT_PATH_MAX, of_address = address_size(r->family);
    uint8_t *to = out + HEAD;

    le64_store(out, (uint64_t)r->at_us);
    le32_store(out + 8, r->count);
    le32_store(out + 12, (uint32_t)r->telegram_code);
    le16_store(out + 16, r->status);
    le16_store(out + 18, (uint16_t)path_len);
    out[20] = (uint8_t)r->family;
    memcpy(to, r->address, of_address);
    to += of_address;
    for (size_t i = 0; i < TEXTS; i++) {
        size_t len = strnlen(texts[i], TEXT_MAX + 1);
        if (len > TEXT_MAX)
            len = utf8_cut(texts[i], TEXT_MAX);
        out[21 + i] = (uint8_t)len;
        to = put(to, texts[i], len);
    }
    return (size_t)(put(to, r->path, path_len) - out);
}

int audit_unpack(const uint8_t **at, const uint8_t *end, struct audit_record *ret)
{
    const uint8_t *in = *at;
    const char *texts[TEXTS];

    if (end - in < HEAD || in[20] > AUDIT_IP6)
        return TGC_EDAMAGED;
    *ret = (struct audit_record){.at_us = (int64_t)le64_load(in),
                                 .count = le32_load(in + 8),
                                 .telegram_code = (int32_t)le32_load(in + 12),
                                 .status = le16_load(in + 16),
                                 .path_len = le16_load(in + 18),
                                 .family = (enum audit_family)in[20]};
    size_t size = HEAD + address_size(in[20]) + ret->path_len + 1;
    for (size_t i = 0; i < TEXTS; i++)
        size += in[21 + i] + 1u;
    if ((size_t)(end - in) < size)
        return TGC_EDAMAGED;
    const uint8_t *next = in + HEAD;
    memcpy(ret->address, next, address_size(in[20]));
    next += address_size(in[20]);
    for (size_t i = 0; i < TEXTS; i++) {
        texts[i] = (const char *)next;
        next += in[21 + i];
        if (*next++ != '\0')
            return TGC_EDAMAGED;
    }
    ret->method = texts[0];
    ret->request_id = texts[1];
    ret->who = texts[2];
    ret->account = texts[3];
    ret->telegram = texts[4];
    ret->path = (const char *)next;
    if (next[ret->path_len] != '\0')
        return TGC_EDAMAGED;
    *at = in + size;
    return 0;
}
