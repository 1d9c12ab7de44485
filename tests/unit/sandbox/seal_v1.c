#include "tests/unit/sandbox/seal_v1.h"

#include <string.h>

#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"

int seal_v1(const uint8_t k[static 256], const uint8_t plain[static SEAL_V1_PADDED],
            uint8_t out[static 16 + SEAL_V1_PADDED])
{
    uint8_t digest[20], a[20], b[20], c[20], d[20], key[32], iv[32];

    hash_sha1(HASH_PIECES({plain, SEAL_V1_PLAIN}), digest);
    memcpy(out, digest + 4, 16);
    hash_sha1(HASH_PIECES({out, 16}, {k, 32}), a);
    hash_sha1(HASH_PIECES({k + 32, 16}, {out, 16}, {k + 48, 16}), b);
    hash_sha1(HASH_PIECES({k + 64, 32}, {out, 16}), c);
    hash_sha1(HASH_PIECES({out, 16}, {k + 96, 32}), d);
    memcpy(key, a, 8);
    memcpy(key + 8, b + 8, 12);
    memcpy(key + 20, c + 4, 12);
    memcpy(iv, a + 8, 12);
    memcpy(iv + 12, b, 8);
    memcpy(iv + 20, c + 16, 4);
    memcpy(iv + 24, d, 8);
    return ige_encrypt(key, iv, plain, out + 16, SEAL_V1_PADDED);
}
