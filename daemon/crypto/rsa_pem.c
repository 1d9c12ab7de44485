/* Keys as text. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>

#include "daemon/crypto/rsa_internal.h"

/* Far above any 2048-bit key with remarks around it. */
enum { PEM_MAX = 64 << 10 };

/* Without this, libcrypto asks the terminal for the passphrase of an encrypted key. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    return -1;
}

int rsa_key_parse(const char *pem, size_t len, struct rsa_key **ret, struct fault *fault)
{
    int err = TGC_ENOMEM;
    EVP_PKEY *pkey = NULL;
    OSSL_DECODER_CTX *ctx = NULL;

    if (len > PEM_MAX)
        return fault_set(fault, TGC_ESYNTAX, "the text is too long for a key");
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    if (bio)
        ctx = OSSL_DECODER_CTX_new_for_pkey(&pkey, "PEM", NULL, NULL, 0, NULL, NULL);
    if (!ctx || !OSSL_DECODER_CTX_set_pem_password_cb(ctx, no_passphrase, NULL)) {
        fault_set(fault, err, "%s", tgc_err_text(err));
    } else if (OSSL_DECODER_from_bio(ctx, bio) != 1) {
        err = fault_set(fault, TGC_ESYNTAX, "there is no readable key in PEM form");
    } else if (!EVP_PKEY_is_a(pkey, "RSA") || (err = rsa_key_wrap(pkey, ret)) == TGC_EINVAL) {
        err = fault_set(fault, TGC_EINVAL, "the key is not an RSA key of 2048 bits");
    } else if (err) {
        fault_set(fault, err, "%s", tgc_err_text(err));
    }
    if (err)
        EVP_PKEY_free(pkey);
    OSSL_DECODER_CTX_free(ctx);
    BIO_free(bio);
    return err;
}

int rsa_key_read(const char *path, struct rsa_key **ret, struct fault *fault)
{
    FILE *f = fopen(path, "re");

    if (!f)
        return fault_set(fault, TGC_EIO, "%s: %s", path, strerror(errno));
    int err = TGC_ENOMEM;
    char *text = malloc(PEM_MAX);
    if (text) {
        size_t len = fread(text, 1, PEM_MAX, f);
        err = ferror(f) ? TGC_EIO : 0;
        if (!err)
            err = rsa_key_parse(text, len, ret, fault);
        else
            fault_set(fault, err, "%s could not be read", path);
        OPENSSL_cleanse(text, PEM_MAX);
        free(text);
    } else {
        fault_set(fault, err, "%s", tgc_err_text(err));
    }
    fclose(f);
    return err;
}

int rsa_key_public_pem(const struct rsa_key *key, char **ret_text)
{
    int err = TGC_ENOMEM;
    unsigned char *encoded = NULL;
    size_t len = 0;
    OSSL_ENCODER_CTX *ctx = OSSL_ENCODER_CTX_new_for_pkey(key->pkey, EVP_PKEY_PUBLIC_KEY, "PEM", "type-specific", NULL);

    if (ctx && OSSL_ENCODER_to_data(ctx, &encoded, &len) == 1) {
        char *text = malloc(len + 1);
        if (text) {
            memcpy(text, encoded, len);
            text[len] = '\0';
            *ret_text = text;
            err = 0;
        }
    }
    OPENSSL_free(encoded);
    OSSL_ENCODER_CTX_free(ctx);
    return err;
}
