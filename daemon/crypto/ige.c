#include "daemon/crypto/ige.h"

#include <string.h>

#include <sodium.h>

#include "daemon/crypto/fetched.h"

enum { BLOCK = 16, CHUNK = 4096 };

static inline void xor_block(uint8_t *out, const uint8_t *a, const uint8_t *b)
{
    uint64_t x[2], y[2];

    memcpy(x, a, BLOCK);
    memcpy(y, b, BLOCK);
    x[0] ^= y[0];
    x[1] ^= y[1];
    memcpy(out, x, BLOCK);
}

/* IGE is c[i] = y[i] ^ p[i-1] with y[i] = E(p[i] ^ c[i-1]) = E(p[i] ^ p[i-2] ^ y[i-1]): the y are one CBC pass over
 * p[i] ^ p[i-2], with p[-1] = 0 and the first half of the iv for y[0]. BEFORE holds p[i-2] and p[i-1] of the chunk's
 * first i. */
static int encrypt_chunk(EVP_CIPHER_CTX *ctx, uint8_t before[static 2 * BLOCK], const uint8_t *in, uint8_t *out,
                         size_t len)
{
    uint8_t y[CHUNK], last[2 * BLOCK];
    int done;

    xor_block(y, in, before);
    if (len > BLOCK)
        xor_block(y + BLOCK, in + BLOCK, before + BLOCK);
    for (size_t i = 2 * BLOCK; i < len; i += BLOCK)
        xor_block(y + i, in + i, in + i - 2 * BLOCK);
    if (EVP_EncryptUpdate(ctx, y, &done, y, (int)len) != 1 || done != (int)len)
        return TGC_ECRYPTO;

    memcpy(last, len > BLOCK ? in + len - 2 * BLOCK : before + BLOCK, BLOCK);
    memcpy(last + BLOCK, in + len - BLOCK, BLOCK);
    /* From the end, as OUT may be IN and each block needs the plain one before it. */
    for (size_t i = len - BLOCK; i > 0; i -= BLOCK)
        xor_block(out + i, y + i, in + i - BLOCK);
    xor_block(out, y, before + BLOCK);
    memcpy(before, last, sizeof(last));
    sodium_memzero(y, len);
    sodium_memzero(last, sizeof(last));
    return 0;
}

int ige_encrypt(const uint8_t key[static 32], const uint8_t iv[static 32], const void *in, void *out, size_t len)
{
    uint8_t before[2 * BLOCK] = {0};
    int err = 0;

    if (len % BLOCK)
        return TGC_EINVAL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx)
        return TGC_ENOMEM;
    if (EVP_EncryptInit_ex2(ctx, fetched()->aes_cbc, key, iv, NULL) != 1 || !EVP_CIPHER_CTX_set_padding(ctx, 0))
        err = TGC_ECRYPTO;
    memcpy(before + BLOCK, iv + BLOCK, BLOCK);
    for (size_t at = 0; !err && at < len; at += CHUNK) {
        size_t n = len - at < CHUNK ? len - at : CHUNK;
        err = encrypt_chunk(ctx, before, (const uint8_t *)in + at, (uint8_t *)out + at, n);
    }
    EVP_CIPHER_CTX_free(ctx);
    sodium_memzero(before, sizeof(before));
    return err;
}

/* p[i] = D(c[i] ^ p[i-1]) ^ c[i-1]: each block waits for the one before it, so there is no pass over many to be had. */
int ige_decrypt(const uint8_t key[static 32], const uint8_t iv[static 32], const void *in, void *out, size_t len)
{
    const uint8_t *from = in;
    uint8_t *to = out;
    uint8_t cipher[BLOCK], plain[BLOCK], next[BLOCK];
    int err = 0;

    if (len % BLOCK)
        return TGC_EINVAL;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx)
        return TGC_ENOMEM;
    if (EVP_DecryptInit_ex2(ctx, fetched()->aes_ecb, key, NULL, NULL) != 1 || !EVP_CIPHER_CTX_set_padding(ctx, 0))
        err = TGC_ECRYPTO;
    memcpy(cipher, iv, BLOCK);
    memcpy(plain, iv + BLOCK, BLOCK);
    for (size_t at = 0; !err && at < len; at += BLOCK) {
        memcpy(next, from + at, BLOCK);
        xor_block(plain, plain, next);
        /* EVP_DecryptUpdate() costs more than the block itself. */
        if (EVP_Cipher(ctx, plain, plain, BLOCK) != BLOCK)
            err = TGC_ECRYPTO;
        xor_block(plain, plain, cipher);
        memcpy(cipher, next, BLOCK);
        memcpy(to + at, plain, BLOCK);
    }
    EVP_CIPHER_CTX_free(ctx);
    sodium_memzero(plain, sizeof(plain));
    return err;
}
