/* Length, number and checksum around each packet. */
#include "daemon/base/crc32.h"
#include "daemon/base/le.h"
#include "daemon/wire/wire_internal.h"

enum { HEAD = 8, FRAME = HEAD + 4 };

/* An error code is the payload of a frame; but Telegram's servers were seen to send it (-429) three times over in place
 * of one. No frame has a negative length, and no frame can follow: the rest is not waited for. */
static int parse_bare_error(struct wire *w, const uint8_t *p, size_t len, struct frame *ret, struct fault *fault)
{
    ret->used = len;
    w->broken = TGC_EPROTO;
    return wire_take_error((int32_t)le32_load(p), &ret->packet, fault);
}

static int parse(struct wire *w, uint8_t *p, size_t len, struct frame *ret, struct fault *fault)
{
    if (len < 4)
        return 0;
    uint32_t size = le32_load(p);
    if (size >> 31 && !w->server)
        return parse_bare_error(w, p, len, ret, fault);
    if (size <= FRAME)
        return fault_set(fault, TGC_EPROTO, "the packet length %u is too small", size);
    int err = wire_check_size(w, size - FRAME, fault);
    if (err || len < HEAD)
        return err;
    if (le32_load(p + 4) != w->seq_in)
        return fault_set(fault, TGC_EPROTO, "packet number %u came where %u was expected", le32_load(p + 4), w->seq_in);
    if (len < size)
        return 0;
    if (crc32_of(p, size - 4) != le32_load(p + size - 4))
        return fault_set(fault, TGC_EPROTO, "the checksum of packet number %u is wrong", w->seq_in);
    w->seq_in++;
    ret->used = size;
    return wire_take_payload(w, p + HEAD, size - FRAME, &ret->packet, fault);
}

static void pack(struct wire *w, const void *packet, size_t len, struct buf *out)
{
    size_t start = out->len;

    buf_put_u32(out, (uint32_t)(len + FRAME));
    buf_put_u32(out, w->seq_out);
    buf_put(out, packet, len);
    if (buf_err(out))
        return;
    buf_put_u32(out, crc32_of(out->data + start, out->len - start));
    if (!buf_err(out))
        w->seq_out++;
}

const struct framing wire_full = {.name = "full", .parse = parse, .pack = pack};
