#include "tests/unit/sandbox/seal_v1.h"

#include <string.h>

#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"

int seal_v1(const uint8_t k[static 256], const uint8_t plain[static SEAL_V1_PADDED],
            uint8_t out[static 16 + SEAL_V1_PADDED])
{
    uint8_t digest[20], key[32], iv[32];

    hash_sha1(HASH_PIECES({plain, SEAL_V1_PLAIN}), digest);
    memcpy(out, digest + 4, 16);
    kdf_aes_v1(k, out, KDF_TO_SERVER, key, iv);
    return ige_encrypt(key, iv, plain, out + 16, SEAL_V1_PADDED);
}
