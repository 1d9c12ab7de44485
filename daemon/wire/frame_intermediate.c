/* Four bytes of length, of which bit 31 asks for a quick ack or makes the word one; padded: up to 15 more bytes. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/wire/wire_internal.h"

enum { PLAIN_HEAD = 20, CIPHER_HEAD = 24, CIPHER_BLOCK = 16, ACK_MARK = -1, ACK_MIN = 8, ACK_MAX = 16 };

/* The length word. Sets *ret_len where the whole frame is there; leaves it 0 otherwise and for a quick ack. */
static int parse_length(struct wire *w, const uint8_t *p, size_t len, size_t slack, struct frame *ret, size_t *ret_len,
                        struct fault *fault)
{
    if (len < 4)
        return 0;
    uint32_t word = le32_load(p), size = word & ~WIRE_TOKEN_BIT;
    if (word & WIRE_TOKEN_BIT && !w->server) {
        ret->packet.kind = WIRE_QUICK_ACK;
        ret->packet.value = (int32_t)word;
        ret->used = 4;
        return 0;
    }
    if (size < 4)
        return fault_set(fault, TGC_EPROTO, "the packet length %u is too small", size);
    int err = wire_check_size(w, size > slack ? size - slack : 0, fault);
    if (err)
        return err;
    if (!slack && size % 4)
        return fault_set(fault, TGC_EPROTO, "the packet length %u is not a multiple of 4", size);
    if (len - 4 < size)
        return 0;
    ret->packet.wants_quick_ack = word & WIRE_TOKEN_BIT;
    ret->used = 4 + (size_t)size;
    *ret_len = size;
    return 0;
}

static int parse_exact(struct wire *w, uint8_t *p, size_t len, struct frame *ret, struct fault *fault)
{
    size_t size = 0;
    int err = parse_length(w, p, len, 0, ret, &size, fault);

    if (err || size == 0)
        return err;
    return wire_take_payload(w, p + 4, size, &ret->packet, fault);
}

/* Less than a cipher header: an error code or, with a mark in front, a quick ack; both only from the server. */
static int take_short(const struct wire *w, const uint8_t *payload, size_t total, struct wire_packet *ret,
                      struct fault *fault)
{
    int32_t first = (int32_t)le32_load(payload);

    if (w->server)
        return fault_set(fault, TGC_EPROTO, "a padded packet of %zu bytes is too small", total);
    if (first == ACK_MARK && total >= ACK_MIN && total <= ACK_MAX) {
        ret->kind = WIRE_QUICK_ACK;
        ret->value = (int32_t)le32_load(payload + 4);
        return 0;
    }
    return wire_take_error(first, ret, fault);
}

/* What is left without the padding: a plain message says how long it is, an encrypted one ends with a whole block. */
static int strip(const uint8_t *payload, size_t total, size_t *ret_len, struct fault *fault)
{
    if (le64_load(payload) != 0) {
        *ret_len = CIPHER_HEAD + (total - CIPHER_HEAD) / CIPHER_BLOCK * CIPHER_BLOCK;
        return 0;
    }
    uint32_t inner = le32_load(payload + PLAIN_HEAD - 4);
    if (inner > total - PLAIN_HEAD)
        return fault_set(fault, TGC_EPROTO, "a plain message of %u bytes does not fit into a packet of %zu", inner,
                         total);
    *ret_len = PLAIN_HEAD + (size_t)inner;
    return 0;
}

static int parse_padded(struct wire *w, uint8_t *p, size_t len, struct frame *ret, struct fault *fault)
{
    size_t total = 0, size = 0;
    int err = parse_length(w, p, len, WIRE_PADDING_MAX, ret, &total, fault);

    if (err || total == 0)
        return err;
    if (total < CIPHER_HEAD)
        return take_short(w, p + 4, total, &ret->packet, fault);
    err = strip(p + 4, total, &size, fault);
    return err ? err : wire_take_payload(w, p + 4, size, &ret->packet, fault);
}

static void pack_exact(struct wire *w, const void *packet, size_t len, struct buf *out)
{
    buf_put_u32(out, (uint32_t)len);
    buf_put(out, packet, len);
}

static void put_padded(struct wire *w, const void *payload, size_t len, unsigned padding_max, struct buf *out)
{
    uint8_t padding[WIRE_PADDING_MAX];
    unsigned n = padding_max < w->config.padding_max ? padding_max : w->config.padding_max;

    n = random_below(w->config.random, n + 1);
    random_fill(w->config.random, padding, n);
    buf_put_u32(out, (uint32_t)(len + n));
    buf_put(out, payload, len);
    buf_put(out, padding, n);
}

static void pack_padded(struct wire *w, const void *packet, size_t len, struct buf *out)
{
    put_padded(w, packet, len, WIRE_PADDING_MAX, out);
}

static void quick_ack_exact(struct wire *w, uint32_t token, struct buf *out)
{
    buf_put_u32(out, token);
}

static void quick_ack_padded(struct wire *w, uint32_t token, struct buf *out)
{
    uint8_t payload[ACK_MIN];

    le32_store(payload, (uint32_t)ACK_MARK);
    le32_store(payload + 4, token);
    put_padded(w, payload, sizeof(payload), ACK_MAX - ACK_MIN, out);
}

const struct framing wire_intermediate = {
    .name = "intermediate",
    .tag = {0xee, 0xee, 0xee, 0xee},
    .tag_len = 4,
    .in_words = true,
    .parse = parse_exact,
    .pack = pack_exact,
    .pack_quick_ack = quick_ack_exact,
};

const struct framing wire_padded = {
    .name = "padded",
    .tag = {0xdd, 0xdd, 0xdd, 0xdd},
    .tag_len = 4,
    .parse = parse_padded,
    .pack = pack_padded,
    .pack_quick_ack = quick_ack_padded,
};
