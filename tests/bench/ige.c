/* AES-256-IGE in pieces of 16 KiB, as `openssl speed` has them. Prints "encrypt N decrypt N", MB/s. */
#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/crypto/ige.h"

enum { PIECE = 16 << 10, ROUNDS = 64 };

typedef int ige(const uint8_t key[static 32], const uint8_t iv[static 32], const void *in, void *out, size_t len);

static double measure(ige *run)
{
    static uint8_t data[PIECE];
    static const uint8_t key[32] = {1}, iv[32] = {2};
    int64_t begin = clock_mono_us(&clock_system), now = begin;
    double bytes = 0;

    while (now - begin < SECOND_US) {
        for (int i = 0; i < ROUNDS; i++) {
            if (run(key, iv, data, data, sizeof(data)) != 0)
                return 0;
            bytes += sizeof(data);
        }
        now = clock_mono_us(&clock_system);
    }
    return bytes / (double)(now - begin);
}

int main(void)
{
    printf("encrypt %.0f decrypt %.0f\n", measure(ige_encrypt), measure(ige_decrypt));
    return 0;
}
