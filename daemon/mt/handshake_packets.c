#include "daemon/mt/handshake_packets.h"

#include <string.h>

#include "daemon/crypto/ige.h"
#include "daemon/tl/writer.h"

bool handshake_same(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;
    volatile uint8_t d = 0;

    for (size_t i = 0; i < n; i++)
        d = (uint8_t)(d | (x[i] ^ y[i]));
    return d == 0;
}

int handshake_hashed_put(struct buf *out, const struct handshake_tmp *tmp, const void *object, size_t len,
                         const struct handshake_spoilt *spoilt, const struct random_source *random)
{
    uint8_t data[HANDSHAKE_HASHED_MAX];
    size_t used = HANDSHAKE_SHA1 + len, total = (used + 15) / 16 * 16 + (spoilt ? spoilt->extra : 0);

    if (total > sizeof(data))
        return TGC_ELIMIT;
    hash_sha1(HASH_PIECES({object, len}), data);
    data[0] ^= spoilt ? spoilt->hash_xor : 0;
    memcpy(data + HANDSHAKE_SHA1, object, len);
    if (total > used)
        random_fill(random, data + used, total - used);
    int err = ige_encrypt(tmp->key, tmp->iv, data, data, total / 16 * 16);
    if (!err)
        tl_write_bytes(out, data, total);
    explicit_bzero(data, sizeof(data));
    return err ? err : buf_err(out);
}

int handshake_hashed_open(const struct handshake_tmp *tmp, const uint8_t *enc, size_t len, uint8_t *plain)
{
    if (len % 16 != 0 || len < HANDSHAKE_SHA1 + 4 || len > HANDSHAKE_HASHED_MAX)
        return TGC_ECRYPTO;
    return ige_decrypt(tmp->key, tmp->iv, enc, plain, len);
}

int handshake_hashed_check(const uint8_t *plain, size_t len, size_t object_len)
{
    uint8_t sha1[HANDSHAKE_SHA1];

    hash_sha1(HASH_PIECES({plain + HANDSHAKE_SHA1, object_len}), sha1);
    if (!handshake_same(sha1, plain, sizeof(sha1)))
        return TGC_ECRYPTO;
    return len - HANDSHAKE_SHA1 - object_len < 16 ? 0 : TGC_EPROTO;
}

bool handshake_read_nonce(struct tl_reader *r, const uint8_t expected[static 16])
{
    const uint8_t *nonce = tl_read_raw(r, 16);

    return nonce && handshake_same(nonce, expected, 16);
}
