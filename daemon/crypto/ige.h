/* AES-256-IGE. LEN is a multiple of 16; IN and OUT may be the same place. IV is 32 bytes: the previous cipher block,
 * then the previous plain block; it is left as it was. Any thread. TGC_ECRYPTO where libcrypto fails, TGC_ENOMEM. */
#ifndef TGCALLD_CRYPTO_IGE_H
#define TGCALLD_CRYPTO_IGE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

int ige_encrypt(const uint8_t key[static 32], const uint8_t iv[static 32], const void *in, void *out,
                size_t len) TGC_MUST;
int ige_decrypt(const uint8_t key[static 32], const uint8_t iv[static 32], const void *in, void *out,
                size_t len) TGC_MUST;

#endif
