#include "daemon/crypto/ctr.h"

#include "daemon/crypto/fetched.h"

/* EVP counts in int. */
enum { STEP_MAX = 1 << 30 };

/* struct ctr is never defined: the cipher context of libcrypto is all of its state. */
static EVP_CIPHER_CTX *context(struct ctr *c)
{
    return (EVP_CIPHER_CTX *)c;
}

int ctr_new(const uint8_t key[static 32], const uint8_t iv[static 16], struct ctr **ret)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (!ctx)
        return TGC_ENOMEM;
    if (EVP_EncryptInit_ex2(ctx, fetched()->aes_ctr, key, iv, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return TGC_ECRYPTO;
    }
    *ret = (struct ctr *)ctx;
    return 0;
}

void ctr_free(struct ctr *c)
{
    EVP_CIPHER_CTX_free(context(c));
}

int ctr_apply(struct ctr *c, const void *in, void *out, size_t len)
{
    const uint8_t *from = in;
    uint8_t *to = out;

    while (len > 0) {
        int n = len < STEP_MAX ? (int)len : STEP_MAX, done;
        if (EVP_EncryptUpdate(context(c), to, &done, from, n) != 1 || done != n)
            return TGC_ECRYPTO;
        from += n;
        to += n;
        len -= (size_t)n;
    }
    return 0;
}
