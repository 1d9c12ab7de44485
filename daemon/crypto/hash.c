#include "daemon/crypto/hash.h"

#include <stdbool.h>

#include <sodium.h>

#include "daemon/crypto/fetched.h"

static void digest(const EVP_MD *md, const struct piece *pieces, size_t n, uint8_t *out, size_t out_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && md && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

    for (size_t i = 0; ok && i < n; i++)
        ok = pieces[i].len == 0 || EVP_DigestUpdate(ctx, pieces[i].data, pieces[i].len) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok)
        randombytes_buf(out, out_len);
}

void hash_sha1(const struct piece *pieces, size_t n, uint8_t out[static 20])
{
    digest(fetched()->sha1, pieces, n, out, 20);
}

void hash_sha256(const struct piece *pieces, size_t n, uint8_t out[static 32])
{
    digest(fetched()->sha256, pieces, n, out, 32);
}

void hash_sha512(const struct piece *pieces, size_t n, uint8_t out[static 64])
{
    digest(fetched()->sha512, pieces, n, out, 64);
}
