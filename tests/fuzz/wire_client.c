/* The client's end of each framing: the same stream in one piece and in many gives the same packets.
 * Input: splits (u8), framing (u8: the low two bits; from 4 on obfuscated), the server's bytes. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/ctr.h"
#include "daemon/wire/wire.h"
#include "tests/fuzz/fuzz.h"

enum { PACKET_MAX = 1 << 20, HEADER = 64 };

struct heard {
    struct buf bytes;
    unsigned n;
    int err;
    bool over; /* behind a transport error nothing means anything: the client closes */
};

static void take_all(struct wire *w, struct heard *h)
{
    struct wire_packet p;
    struct fault fault = {0};

    while (!h->err && !h->over) {
        int err = wire_next(w, &p, &fault);
        if (err) {
            FUZZ_CHECK(err == TGC_EPROTO || err == TGC_ELIMIT);
            FUZZ_CHECK(fault.err == err && fault.text[0] != '\0');
            h->err = err;
        } else if (p.kind == WIRE_NONE) {
            return;
        } else {
            h->n++;
            h->over = p.kind == WIRE_ERROR;
            buf_put_byte(&h->bytes, (uint8_t)p.kind);
            buf_put_u32(&h->bytes, p.kind == WIRE_PACKET ? (uint32_t)p.len : (uint32_t)p.value);
            if (p.kind == WIRE_PACKET) {
                FUZZ_CHECK(p.len > 0 && p.len <= PACKET_MAX);
                buf_put(&h->bytes, p.data, p.len);
                memset(p.data, 0xee, p.len);
            }
        }
    }
}

/* The server's stream is keyed by the client's header, read backwards. */
static void obfuscate(const struct buf *sent, const uint8_t *data, size_t len, uint8_t *out)
{
    uint8_t reversed[HEADER];
    struct ctr *ctr;

    FUZZ_CHECK(sent->len >= HEADER);
    for (size_t i = 0; i < HEADER; i++)
        reversed[i] = sent->data[HEADER - 1 - i];
    FUZZ_CHECK(ctr_new(reversed + 8, reversed + 40, &ctr) == 0);
    FUZZ_CHECK(ctr_apply(ctr, data, out, len) == 0);
    ctr_free(ctr);
}

static void hear(const uint8_t *data, size_t len, uint8_t splits, uint8_t framing, struct heard *h)
{
    static const uint8_t packet[40] = {1};
    uint32_t seed = 1, pieces = splits;
    struct random_source random = {fuzz_fill, &seed};
    struct wire_config config = {.random = &random, .packet_max = PACKET_MAX, .padding_max = 15};
    bool obfuscated = (framing & 4) != 0 && framing % 4 != WIRE_FULL;
    uint8_t *stream = malloc(len ? len : 1);
    size_t at = 0;
    struct wire *w;
    struct buf sent;

    FUZZ_CHECK(stream != NULL);
    buf_init(&h->bytes, 64 << 20);
    buf_init(&sent, LIMIT_PACKET);
    FUZZ_CHECK(wire_client_new(&config, (enum wire_framing)(framing % 4), obfuscated, &w) == 0);
    FUZZ_CHECK(wire_pack(w, packet, sizeof(packet), &sent) == 0);
    memcpy(stream, data, len);
    if (obfuscated)
        obfuscate(&sent, data, len, stream);
    while (at < len && !h->err && !h->over) {
        uint8_t step;
        fuzz_fill(&pieces, &step, 1);
        size_t n = splits ? step % (splits + 1u) + 1 : len;
        n = n < len - at ? n : len - at;
        h->err = wire_feed(w, stream + at, n);
        FUZZ_CHECK(h->err == 0 || h->err == TGC_ELIMIT);
        take_all(w, h);
        at += n;
    }
    FUZZ_CHECK(wire_pack_error(w, -404, &sent) == TGC_ESTATE);
    wire_free(w);
    buf_fini(&sent);
    free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct heard whole = {.n = 0}, split = {.n = 0};
    size_t n;

    fuzz_begin();
    uint8_t splits = feed_u8(&f), framing = feed_u8(&f);
    const uint8_t *stream = feed_take(&f, feed_left(&f), &n);
    hear(stream, n, 0, framing, &whole);
    hear(stream, n, splits ? splits : 1, framing, &split);
    FUZZ_CHECK(whole.n == split.n && whole.err == split.err && whole.bytes.len == split.bytes.len);
    FUZZ_CHECK(whole.bytes.len == 0 || memcmp(whole.bytes.data, split.bytes.data, whole.bytes.len) == 0);
    buf_fini(&whole.bytes);
    buf_fini(&split.bytes);
    return 0;
}
