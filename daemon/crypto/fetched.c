#include "daemon/crypto/fetched.h"

#include <pthread.h>

static struct fetched all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
    all = (struct fetched){
        .sha1 = EVP_MD_fetch(NULL, "SHA1", NULL),
        .sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
        .sha512 = EVP_MD_fetch(NULL, "SHA512", NULL),
        .aes_cbc = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL),
        .aes_ecb = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL),
        .aes_ctr = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL),
    };
}

const struct fetched *fetched(void)
{
    pthread_once(&once, fetch_all);
    return &all;
}
