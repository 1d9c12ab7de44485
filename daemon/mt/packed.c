#include "daemon/mt/packed.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"

enum { PACKET_HEADER = 24, BLOCK = 16, CIPHER_MIN = 48 };

/* Sizes of the plaintext with its padding: small messages of different kinds come out alike. */
static const uint16_t steps[] = {64, 128, 192, 256, 384, 512, 768, 1024, 1280};

static size_t padded_size(size_t len, const struct random_source *random)
{
    size_t least = (MT_HEADER_SIZE + len + MT_PADDING_MIN + BLOCK - 1) / BLOCK * BLOCK;

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (least <= steps[i])
            return steps[i];
    }
    return least + (size_t)BLOCK * random_below(random, 16);
}

/* Whatever the data, the same time: an early end would tell a forger how many bytes were right. */
static int differ(const uint8_t *a, const uint8_t *b, size_t n)
{
    volatile uint8_t d = 0;

    for (size_t i = 0; i < n; i++)
        d = (uint8_t)(d | (a[i] ^ b[i]));
    return d != 0;
}

int mt_packed_seal(const struct mt_auth_key *key, int x, const struct mt_message *m, const struct random_source *random,
                   struct buf *out)
{
    uint8_t large[32], aes_key[32], aes_iv[32];

    if (m->len % 4 != 0 || m->len > LIMIT_PACKET)
        return TGC_EINVAL;
    size_t total = padded_size(m->len, random);
    uint8_t *packet = buf_room(out, PACKET_HEADER + total);
    if (!packet)
        return buf_err(out);
    uint8_t *plain = packet + PACKET_HEADER;
    le64_store(plain, m->salt);
    le64_store(plain + 8, m->session_id);
    le64_store(plain + 16, m->msg_id);
    le32_store(plain + 24, m->seq_no);
    le32_store(plain + 28, (uint32_t)m->len);
    if (m->len)
        memcpy(plain + MT_HEADER_SIZE, m->body, m->len);
    random_fill(random, plain + MT_HEADER_SIZE + m->len, total - MT_HEADER_SIZE - m->len);

    kdf_msg_key_large(key->key, x, plain, total, large);
    memcpy(packet, key->id, 8);
    memcpy(packet + 8, large + 8, 16);
    kdf_aes(key->key, packet + 8, x, aes_key, aes_iv);
    int err = ige_encrypt(aes_key, aes_iv, plain, plain, total);
    explicit_bzero(aes_key, sizeof(aes_key));
    explicit_bzero(aes_iv, sizeof(aes_iv));
    if (!err)
        buf_add(out, PACKET_HEADER + total);
    return err;
}

static int check_key(const struct mt_auth_key *key, int x, uint8_t *packet, size_t len)
{
    uint8_t large[32], aes_key[32], aes_iv[32];
    uint8_t *cipher = packet + PACKET_HEADER;
    size_t cipher_len = len - PACKET_HEADER;

    kdf_aes(key->key, packet + 8, x, aes_key, aes_iv);
    int err = ige_decrypt(aes_key, aes_iv, cipher, cipher, cipher_len);
    explicit_bzero(aes_key, sizeof(aes_key));
    explicit_bzero(aes_iv, sizeof(aes_iv));
    if (err)
        return err;
    kdf_msg_key_large(key->key, x, cipher, cipher_len, large);
    return differ(large + 8, packet + 8, 16) ? TGC_ECRYPTO : 0;
}

int mt_packed_open(const struct mt_auth_key *key, int x, uint8_t *packet, size_t len, struct mt_message *ret)
{
    if (len < PACKET_HEADER + CIPHER_MIN || len > LIMIT_PACKET || (len - PACKET_HEADER) % BLOCK != 0 ||
        memcmp(packet, key->id, 8) != 0)
        return TGC_ECRYPTO;
    int err = check_key(key, x, packet, len);
    if (err)
        return err;

    const uint8_t *plain = packet + PACKET_HEADER;
    size_t room = len - PACKET_HEADER - MT_HEADER_SIZE;
    uint32_t body_len = le32_load(plain + 28);
    if (body_len % 4 != 0 || body_len > room)
        return TGC_EPROTO;
    if (room - body_len < MT_PADDING_MIN || room - body_len > MT_PADDING_MAX)
        return TGC_EPROTO;
    ret->salt = le64_load(plain);
    ret->session_id = le64_load(plain + 8);
    ret->msg_id = le64_load(plain + 16);
    ret->seq_no = le32_load(plain + 24);
    ret->body = plain + MT_HEADER_SIZE;
    ret->len = body_len;
    return 0;
}

uint64_t mt_packed_key_id(const void *packet, size_t len)
{
    return len < 8 ? 0 : le64_load(packet);
}
