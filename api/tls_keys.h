/* The certificate and the key that https:// listeners show, as OpenSSL wants them: TLS 1.2 with forward secrecy and
 * authenticated ciphers, and 1.3. What is read anew counts for connections that come from then on; those that are there
 * go on with theirs. Any thread. */
#ifndef TGCALLD_API_TLS_KEYS_H
#define TGCALLD_API_TLS_KEYS_H

#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct ssl_ctx_st;
struct tls_keys;

/* In PEM. */
struct api_tls_files {
    const char *certificate; /* with those that lead from it to its authority */
    const char *key;
    const char *client_ca; /* who shows no certificate of one of these authorities is refused; NULL: nobody is asked */
};

/* With nothing in it. NULL where memory is gone. */
struct tls_keys *tls_keys_new(void);
/* NULL is fine. */
void tls_keys_free(struct tls_keys *k);

/* Reads the files; the key's nobody but its owner and a group may read. On a fault what was in force stays so: TGC_EIO
 * (cannot be read), TGC_EINVAL, TGC_EREFUSED (the key is open to others, or it is no
 * regular file), TGC_ENOMEM. */
int tls_keys_read(struct tls_keys *k, const struct api_tls_files *files, struct fault *fault) TGC_MUST;

/* What is in force, of which the caller has a reference (SSL_CTX_free()). NULL: nothing. */
struct ssl_ctx_st *tls_keys_hold(struct tls_keys *k);

/* When the certificate ends, in Unix seconds. 0: there is none. */
int64_t tls_keys_end(struct tls_keys *k);

#endif
