/* AES-256-CTR with a 128-bit big-endian counter: the keystream of the obfuscated transports. One thread a stream. */
#ifndef TGCALLD_CRYPTO_CTR_H
#define TGCALLD_CRYPTO_CTR_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

struct ctr;

int ctr_new(const uint8_t key[static 32], const uint8_t iv[static 16], struct ctr **ret) TGC_MUST;
void ctr_free(struct ctr *c);
/* Exactly LEN bytes, once, in order; IN and OUT may be the same place. */
int ctr_apply(struct ctr *c, const void *in, void *out, size_t len) TGC_MUST;

#endif
