/* The server's end of every framing: the same stream in one piece and in many gives the same packets, and what it packs
 * into the framing it found is accepted.
 * Input: splits (u8), obfuscated (u8: 0 as it is; else the stream is what a client obfuscates), bytes. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/ctr.h"
#include "daemon/wire/wire.h"
#include "tests/fuzz/fuzz.h"

enum { PACKETS_MAX = 64, PACKET_MAX = 1 << 20, HEADER = 64, TAG_AT = 56 };

struct heard {
    struct buf bytes; /* of all packets and errors, one after the other */
    unsigned n;
    int err;
};

static void take_all(struct wire *w, struct heard *h)
{
    struct wire_packet p;
    struct fault fault = {0};

    while (!h->err) {
        int err = wire_next(w, &p, &fault);
        if (err) {
            FUZZ_CHECK(err == TGC_EPROTO || err == TGC_ELIMIT);
            FUZZ_CHECK(fault.err == err && fault.text[0] != '\0');
            h->err = err;
        } else if (p.kind == WIRE_NONE) {
            return;
        } else {
            h->n++;
            buf_put_byte(&h->bytes, (uint8_t)p.kind);
            buf_put_u32(&h->bytes, p.kind == WIRE_PACKET ? (uint32_t)p.len : (uint32_t)p.value);
            if (p.kind == WIRE_PACKET) {
                FUZZ_CHECK(p.len > 0 && p.len <= PACKET_MAX);
                buf_put(&h->bytes, p.data, p.len);
                memset(p.data, 0xee, p.len); /* it may be changed in place */
            }
        }
    }
}

static void answer(struct wire *w)
{
    static const uint8_t packet[40] = {1};
    struct buf out;

    buf_init(&out, LIMIT_PACKET);
    int err = wire_pack(w, packet, sizeof(packet), &out);
    FUZZ_CHECK(wire_is_known(w) ? err == 0 && out.len > sizeof(packet) : err == TGC_ESTATE && out.len == 0);
    err = wire_pack_error(w, -404, &out);
    FUZZ_CHECK(wire_is_known(w) ? err == 0 : err == TGC_ESTATE);
    if (wire_pack_quick_ack(w, 77, &out) != 0)
        FUZZ_CHECK(!wire_is_known(w) || wire_framing_of(w) == WIRE_FULL);
    buf_fini(&out);
}

static void hear(const uint8_t *data, size_t len, uint8_t splits, struct heard *h)
{
    uint32_t seed = 1, pieces = splits;
    struct random_source random = {fuzz_fill, &seed};
    struct wire_config config = {.random = &random, .packet_max = PACKET_MAX, .padding_max = 15};
    struct wire *w;

    buf_init(&h->bytes, 64 << 20);
    FUZZ_CHECK(wire_server_new(&config, &w) == 0);
    while (len && !h->err) {
        uint8_t step;
        fuzz_fill(&pieces, &step, 1);
        size_t n = splits ? step % (splits + 1u) + 1 : len;
        n = n < len ? n : len;
        int err = wire_feed(w, data, n);
        FUZZ_CHECK(err == 0 || err == TGC_ELIMIT);
        if (err)
            h->err = err;
        take_all(w, h);
        data += n;
        len -= n;
    }
    if (!h->err)
        answer(w);
    wire_free(w);
}

/* As a client does it: 64 bytes of which the last 8 are encrypted, then everything encrypted. */
static uint8_t *obfuscate(const uint8_t *data, size_t len, uint8_t how, size_t *ret_len)
{
    static const uint8_t tags[] = {0xef, 0xee, 0xdd};
    uint8_t *out = malloc(HEADER + len), tail[HEADER];
    uint32_t seed = how;
    struct ctr *ctr;

    FUZZ_CHECK(out != NULL);
    fuzz_fill(&seed, out, HEADER);
    out[0] = 0x11;
    out[4] |= 1;
    memset(out + TAG_AT, tags[how % 3], 4);
    FUZZ_CHECK(ctr_new(out + 8, out + 40, &ctr) == 0);
    FUZZ_CHECK(ctr_apply(ctr, out, tail, HEADER) == 0);
    memcpy(out + TAG_AT, tail + TAG_AT, HEADER - TAG_AT);
    FUZZ_CHECK(ctr_apply(ctr, data, out + HEADER, len) == 0);
    ctr_free(ctr);
    *ret_len = HEADER + len;
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct heard whole = {.n = 0}, split = {.n = 0};
    uint8_t *made = NULL;
    size_t n;

    fuzz_begin();
    uint8_t splits = feed_u8(&f), how = feed_u8(&f);
    const uint8_t *stream = feed_take(&f, feed_left(&f), &n);
    if (how)
        stream = made = obfuscate(stream, n, how, &n);
    hear(stream, n, 0, &whole);
    hear(stream, n, splits ? splits : 1, &split);
    FUZZ_CHECK(whole.n == split.n && whole.err == split.err && whole.bytes.len == split.bytes.len);
    FUZZ_CHECK(whole.bytes.len == 0 || memcmp(whole.bytes.data, split.bytes.data, whole.bytes.len) == 0);
    buf_fini(&whole.bytes);
    buf_fini(&split.bytes);
    free(made);
    return 0;
}
