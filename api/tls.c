#include "api/tls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "api/tls_hello.h"
#include "api/tls_keys.h"
#include "daemon/base/limits.h"

enum {
    /* What may come without a byte of the client's words: a handshake with a chain of certificates, then of each record
     * all but its end. OpenSSL takes any number of new keys (RFC 8446, 4.6.3), each at the price of some records. */
    WORDLESS_MAX = 64 << 10,
    /* At a time: what comes is kept in whole records of OpenSSL's, and no second time in what it is read from. */
    FEED_MAX = 4 << 10,
    /* What was sent leaves no more room than that behind. */
    KEPT_MAX = 8 << 10,
};

struct tls {
    SSL *ssl;
    BIO *in, *out; /* SSL's */
    struct tls_hello hello;
    size_t wordless; /* bytes since the client's last words */
    bool is_over;    /* nothing is heard any more */
    bool has_ended;  /* as the client said */
};

/* Whoever speaks plain HTTP to a port of TLS is told in the words that it understands. */
static const char plain_answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 46\r\n"
                                   "Connection: close\r\n\r\nThis port speaks TLS: ask by https:// instead\n";

struct tls *tls_new(struct tls_keys *keys)
{
    struct tls *t = calloc(1, sizeof(*t));
    SSL_CTX *context = t ? tls_keys_hold(keys) : NULL;

    if (context)
        t->ssl = SSL_new(context);
    SSL_CTX_free(context);
    if (t && t->ssl) {
        t->in = BIO_new(BIO_s_mem());
        t->out = BIO_new(BIO_s_mem());
        if (t->in && t->out) {
            SSL_set_bio(t->ssl, t->in, t->out);
            SSL_set_accept_state(t->ssl);
            return t;
        }
        BIO_free(t->in);
        BIO_free(t->out);
    }
    tls_free(t);
    ERR_clear_error();
    return NULL;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    SSL_free(t->ssl);
    free(t);
}

static int fail(struct tls *t, const char **why)
{
    unsigned long code = ERR_peek_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;

    *why = reason ? reason : "the client does not keep to TLS";
    t->is_over = true;
    if (ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST)
        BIO_write(t->out, plain_answer, sizeof(plain_answer) - 1);
    ERR_clear_error();
    return TGC_EPROTO;
}

/* All that is whole by now. */
static int read_records(struct tls *t, struct buf *out, const char **why)
{
    for (;;) {
        size_t got = 0;
        uint8_t *room = buf_room(out, TLS_RECORD_MAX);
        if (!room)
            return buf_err(out);
        int ok = SSL_read_ex(t->ssl, room, TLS_RECORD_MAX, &got);
        buf_add(out, got);
        if (ok == 1)
            continue;
        int what = SSL_get_error(t->ssl, ok);
        if (what == SSL_ERROR_WANT_READ)
            return 0;
        if (what != SSL_ERROR_ZERO_RETURN)
            return fail(t, why);
        t->is_over = t->has_ended = true;
        return 0;
    }
}

static int give_up(struct tls *t, const char *says, const char **why)
{
    t->is_over = true;
    *why = says;
    return TGC_EPROTO;
}

/* Whether what comes next in the open is a ClientHello: the first, or the one that TLS 1.3 asks for with another key,
 * before which all else is encrypted. */
static bool awaits_hello(const struct tls *t)
{
    return !SSL_is_init_finished(t->ssl) && (SSL_in_before(t->ssl) || SSL_version(t->ssl) == TLS1_3_VERSION);
}

/* Some of the LEN bytes, of one record as long as the handshake is under way. */
static int feed_some(struct tls *t, const uint8_t *data, size_t len, size_t *ret_n, struct buf *out, const char **why)
{
    size_t before = out->len;
    bool ok = true;

    len = len < FEED_MAX ? len : FEED_MAX;
    *ret_n = awaits_hello(t) ? tls_hello_step(&t->hello, data, len, &ok) : len;
    if (!ok)
        return give_up(t, "the client's hello is too long", why);
    if (BIO_write(t->in, data, (int)*ret_n) != (int)*ret_n)
        return TGC_ENOMEM;
    int err = read_records(t, out, why);
    t->wordless = out->len > before ? 0 : t->wordless + *ret_n;
    return !err && t->wordless > WORDLESS_MAX ? give_up(t, "the client says nothing in many bytes", why) : err;
}

int tls_feed(struct tls *t, const void *data, size_t len, struct buf *out, const char **why)
{
    const uint8_t *waiting;
    size_t done = 0, n;
    int err = 0;

    ERR_clear_error();
    while (!err && done < len && !t->is_over) {
        if (tls_waiting(t, &waiting) > LIMIT_TLS_WAITING)
            return TGC_ELIMIT;
        err = feed_some(t, (const uint8_t *)data + done, len - done, &n, out, why);
        done += n;
    }
    return err;
}

bool tls_has_ended(const struct tls *t)
{
    return t->has_ended;
}

int tls_seal(struct tls *t, const void *data, size_t len)
{
    size_t done = 0;

    ERR_clear_error();
    int ok = SSL_is_init_finished(t->ssl) ? SSL_write_ex(t->ssl, data, len, &done) : 0;
    ERR_clear_error();
    return ok == 1 && done == len ? 0 : TGC_ESTATE;
}

void tls_end(struct tls *t)
{
    ERR_clear_error();
    if (SSL_is_init_finished(t->ssl))
        (void)SSL_shutdown(t->ssl);
    ERR_clear_error();
}

size_t tls_waiting(const struct tls *t, const uint8_t **ret)
{
    char *data;
    long n = BIO_get_mem_data(t->out, &data);

    *ret = (const uint8_t *)data;
    return n > 0 ? (size_t)n : 0;
}

/* A memory BIO gives nothing back. */
static void shrink(struct tls *t)
{
    BUF_MEM *memory = NULL;
    BIO *fresh;

    BIO_get_mem_ptr(t->out, &memory);
    if (!memory || memory->length > 0 || memory->max <= KEPT_MAX || !(fresh = BIO_new(BIO_s_mem())))
        return;
    t->out = fresh;
    SSL_set0_wbio(t->ssl, fresh);
}

void tls_sent(struct tls *t, size_t n)
{
    uint8_t gone[TLS_RECORD_MAX / 4];

    while (n > 0) {
        int step = BIO_read(t->out, gone, (int)(n < sizeof(gone) ? n : sizeof(gone)));
        if (step <= 0)
            return;
        n -= (size_t)step;
    }
    shrink(t);
}

const char *tls_version(const struct tls *t)
{
    return SSL_is_init_finished(t->ssl) ? SSL_get_version(t->ssl) : NULL;
}

/* The latest that all of the certificates hold. */
static int64_t end_of(const STACK_OF(X509) * chain)
{
    int64_t first = INT64_MAX;

    for (int i = 0; i < sk_X509_num(chain); i++) {
        struct tm end = {0};
        int64_t at = ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &end) == 1 ? timegm(&end) : 0;
        first = at < first ? at : first;
    }
    return first;
}

/* By the authorities of now: those that it was shown to may be gone. */
static bool holds(const struct tls *t, SSL_CTX *now, X509 *shown, int64_t *ret_end)
{
    X509_STORE_CTX *look = X509_STORE_CTX_new();
    bool is_good =
        look && X509_STORE_CTX_init(look, SSL_CTX_get_cert_store(now), shown, SSL_get_peer_cert_chain(t->ssl)) == 1 &&
        X509_STORE_CTX_set_default(look, "ssl_client") == 1;

    if (is_good) {
        X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(look), SSL_CTX_get_security_level(now));
        is_good = X509_verify_cert(look) == 1;
    }
    if (is_good)
        *ret_end = end_of(X509_STORE_CTX_get0_chain(look));
    X509_STORE_CTX_free(look);
    return is_good;
}

static bool write_subject(X509 *shown, char *ret, size_t size)
{
    BIO *text = BIO_new(BIO_s_mem());
    char *data;
    long len = -1;

    if (text && X509_NAME_print_ex(text, X509_get_subject_name(shown), 0, XN_FLAG_RFC2253) >= 0)
        len = BIO_get_mem_data(text, &data);
    bool fits = len >= 0 && (size_t)len < size;
    if (fits) {
        memcpy(ret, data, (size_t)len);
        ret[len] = '\0';
    }
    BIO_free(text);
    return fits;
}

bool tls_client(const struct tls *t, struct tls_keys *keys, struct tls_client *ret)
{
    X509 *shown = SSL_is_init_finished(t->ssl) ? SSL_get0_peer_certificate(t->ssl) : NULL;
    SSL_CTX *now = shown ? tls_keys_hold(keys) : NULL;
    bool is_good =
        now && holds(t, now, shown, &ret->ends_at) && write_subject(shown, ret->subject, sizeof(ret->subject));

    SSL_CTX_free(now);
    ERR_clear_error();
    return is_good;
}
