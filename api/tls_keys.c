#include "api/tls_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

/* As "intermediate" of Mozilla's guide has them, without DHE, whose parameters would be one more file. */
#define CIPHERS_OF_1_2 "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls_keys {
    pthread_mutex_t lock;
    SSL_CTX *context; /* NULL: nothing was read yet */
    int64_t end;
};

struct tls_keys *tls_keys_new(void)
{
    struct tls_keys *k = calloc(1, sizeof(*k));

    if (k)
        pthread_mutex_init(&k->lock, NULL);
    return k;
}

void tls_keys_free(struct tls_keys *k)
{
    if (!k)
        return;
    SSL_CTX_free(k->context);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

/* Without it, OpenSSL would ask at the terminal. CTX is where it is noted that a passphrase is needed. */
static int no_passphrase(char *out, int size, int is_writing, void *ctx)
{
    *(bool *)ctx = true;
    return -1;
}

/* The one protocol that is spoken here. Who wants another alone is told so by TLS (RFC 7301, 3.2). */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in,
                           unsigned in_len, void *ctx)
{
    static const unsigned char ours[] = "\x8http/1.1";
    unsigned char *chosen;

    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (!context)
        return NULL;
    SSL_CTX_set_security_level(context, 2);
    /* What a client said is wiped from OpenSSL's buffers too. Nothing is resumed, by tickets or otherwise: a key that
     * lives for the process would undo forward secrecy, and who keeps a connection has no need of it. */
    SSL_CTX_set_options(context,
                        SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_set_cipher_list(context, CIPHERS_OF_1_2) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

/* The reason of the first error of OpenSSL's; it has none where memory is gone. */
static const char *why(void)
{
    unsigned long code = ERR_peek_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    return reason ? reason : "out of memory";
}

static int judge_file(const char *path, bool is_secret, struct fault *fault)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* nobody may be at a pipe's other end */

    if (fd < 0 || fstat(fd, &st) < 0) {
        int saved = errno;
        if (fd >= 0)
            close(fd);
        return fault_set(fault, TGC_EIO, "%s: %s", path, strerror(saved));
    }
    close(fd);
    if (!S_ISREG(st.st_mode))
        return fault_set(fault, TGC_EREFUSED, "%s: it is no regular file", path);
    if (is_secret && st.st_mode & (S_IRWXO | S_IWGRP))
        return fault_set(fault, TGC_EREFUSED,
                         "%s: others than its owner may read or change the key: chmod 600 it (or 640 for a group)",
                         path);
    return 0;
}

static int read_pair(SSL_CTX *context, const char *certificate, const char *key, struct fault *fault)
{
    bool is_locked = false;
    int err = judge_file(certificate, false, fault);

    if (!err)
        err = judge_file(key, true, fault);
    if (err)
        return err;
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &is_locked);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return fault_set(fault, TGC_EINVAL, "%s: no certificate in PEM can be used of it: %s", certificate, why());
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(context) != 1)
        return fault_set(fault, TGC_EINVAL, "%s: no key of %s in PEM can be used of it: %s", key, certificate,
                         is_locked ? "it has a passphrase, for which nobody could be asked: write it without one "
                                     "(openssl pkey -in OLD -out NEW)"
                                   : why());
    return 0;
}

/* Who shows none, or one that does not hold, is refused by TLS itself. */
static int ask_clients(SSL_CTX *context, const char *path, struct fault *fault)
{
    int err = judge_file(path, false, fault);

    if (err)
        return err;
    ERR_clear_error();
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
    if (!names || SSL_CTX_load_verify_file(context, path) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fault_set(fault, TGC_EINVAL, "%s: no certificate in PEM can be used of it: %s", path, why());
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return 0;
}

static int64_t end_of(SSL_CTX *context)
{
    struct tm end = {0};

    return ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &end) == 1 ? timegm(&end) : 0;
}

int tls_keys_read(struct tls_keys *k, const struct api_tls_files *files, struct fault *fault)
{
    SSL_CTX *fresh = make_context(), *old;
    int err =
        fresh ? read_pair(fresh, files->certificate, files->key, fault) : fault_set(fault, TGC_ENOMEM, "out of memory");

    if (!err && files->client_ca)
        err = ask_clients(fresh, files->client_ca, fault);
    if (err) {
        SSL_CTX_free(fresh);
        ERR_clear_error();
        return err;
    }
    int64_t end = end_of(fresh);
    pthread_mutex_lock(&k->lock);
    old = k->context;
    k->context = fresh;
    k->end = end;
    pthread_mutex_unlock(&k->lock);
    SSL_CTX_free(old);
    return 0;
}

SSL_CTX *tls_keys_hold(struct tls_keys *k)
{
    pthread_mutex_lock(&k->lock);
    SSL_CTX *context = k->context;
    if (context && SSL_CTX_up_ref(context) != 1)
        context = NULL;
    pthread_mutex_unlock(&k->lock);
    return context;
}

int64_t tls_keys_end(struct tls_keys *k)
{
    pthread_mutex_lock(&k->lock);
    int64_t end = k->end;
    pthread_mutex_unlock(&k->lock);
    return end;
}
