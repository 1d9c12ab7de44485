/* One byte of length in words, or 0x7f and three; bit 7 of the first byte asks for a quick ack or begins one. */
#include "daemon/base/le.h"
#include "daemon/wire/wire_internal.h"

enum { LONG_FORM = 0x7f, QUICK_ACK = 0x80 };

static int parse(struct wire *w, uint8_t *p, size_t len, struct frame *ret, struct fault *fault)
{
    if (len < 4)
        return 0; /* no frame is shorter */
    if (p[0] & QUICK_ACK && !w->server) {
        ret->packet.kind = WIRE_QUICK_ACK;
        ret->packet.value = (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
        ret->used = 4;
        return 0;
    }

    size_t words = p[0] & LONG_FORM, head = 1;
    if (words == LONG_FORM) {
        words = le32_load(p) >> 8;
        head = 4;
    }
    if (words == 0)
        return fault_set(fault, TGC_EPROTO, "an abridged packet has no length");
    int err = wire_check_size(w, words * 4, fault);
    if (err || len < head + words * 4)
        return err;
    err = wire_take_payload(w, p + head, words * 4, &ret->packet, fault);
    ret->packet.wants_quick_ack = p[0] & QUICK_ACK;
    ret->used = head + words * 4;
    return err;
}

static void pack(struct wire *w, const void *packet, size_t len, struct buf *out)
{
    size_t words = len / 4;

    if (words < LONG_FORM)
        buf_put_byte(out, (uint8_t)words);
    else
        buf_put_u32(out, (uint32_t)words << 8 | LONG_FORM);
    buf_put(out, packet, len);
}

/* Big-endian, unlike anything else: so the first byte has bit 7. */
static void pack_quick_ack(struct wire *w, uint32_t token, struct buf *out)
{
    buf_put_u32(out, __builtin_bswap32(token));
}

const struct framing wire_abridged = {
    .name = "abridged",
    .tag = {0xef, 0xef, 0xef, 0xef},
    .tag_len = 1,
    .in_words = true,
    .parse = parse,
    .pack = pack,
    .pack_quick_ack = pack_quick_ack,
};
