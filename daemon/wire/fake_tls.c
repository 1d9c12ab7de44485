#include <string.h>

#include "daemon/base/digest.h"
#include "daemon/crypto/hmac.h"
#include "daemon/wire/fake_tls_internal.h"

static const uint8_t no_random[CLIENT_RANDOM_SIZE];

void fake_tls_server_random(const uint8_t key[static PROXY_KEY_SIZE], const uint8_t client_random[static 32],
                            const uint8_t *reply, size_t len, uint8_t out[static 32])
{
    size_t behind = CLIENT_RANDOM_AT + CLIENT_RANDOM_SIZE;
    const struct piece pieces[] = {{client_random, CLIENT_RANDOM_SIZE},
                                   {reply, CLIENT_RANDOM_AT},
                                   {no_random, sizeof(no_random)},
                                   {reply + behind, len - behind}};

    hmac_sha256(key, PROXY_KEY_SIZE, pieces, 4, out);
}

int record_head(const uint8_t p[static RECORD_HEAD], size_t *ret_len, struct fault *fault)
{
    size_t len = (size_t)p[3] << 8 | p[4];

    if (p[0] < RECORD_CHANGE_CIPHER || p[0] > RECORD_DATA || p[1] != 3)
        return fault_set(fault, TGC_EPROTO, "sends what is no TLS record: 0x%02x%02x", p[0], p[1]);
    if (len > RECORD_MAX)
        return fault_set(fault, TGC_EPROTO, "sends a TLS record of %zu bytes", len);
    *ret_len = len;
    return 0;
}

/* Where the record behind AT ends, if it is of TYPE and all there: 0 where it is not. */
static int find_end(const uint8_t *p, size_t len, size_t at, uint8_t type, size_t *ret_end, struct fault *fault)
{
    size_t size;

    if (len - at < RECORD_HEAD)
        return 0;
    int err = record_head(p + at, &size, fault);
    if (err)
        return err;
    if (p[at] == RECORD_ALERT)
        return fault_set(fault, TGC_EREFUSED, "refused: with a TLS alert");
    if (p[at] != type)
        return fault_set(fault, TGC_EPROTO, "sends a TLS record of type 0x%02x where 0x%02x belongs", p[at], type);
    if (len - at - RECORD_HEAD >= size)
        *ret_end = at + RECORD_HEAD + size;
    return 0;
}

/* Three records: the ServerHello, a change of ciphers, and data which look like the encrypted rest. */
static int take_server_hello(struct tunnel *t, const uint8_t *p, size_t len, size_t *ret_used, struct buf *out,
                             struct fault *fault)
{
    static const uint8_t types[] = {RECORD_HANDSHAKE, RECORD_CHANGE_CIPHER, RECORD_DATA};
    uint8_t digest[CLIENT_RANDOM_SIZE];
    size_t at = 0;

    (void)out;
    if (p[0] != RECORD_HANDSHAKE && p[0] != RECORD_ALERT)
        return tunnel_stranger(p[0], "TLS", fault);
    for (size_t i = 0; i < sizeof(types); i++) {
        size_t end = 0;
        int err = find_end(p, len, at, types[i], &end, fault);
        if (err || end == 0)
            return err;
        if (i == 0 && end <= CLIENT_RANDOM_AT + CLIENT_RANDOM_SIZE)
            return fault_set(fault, TGC_EPROTO, "sends a ServerHello of %zu bytes", end);
        at = end;
    }
    const struct proxy *proxy = t->config.proxy;
    fake_tls_server_random(proxy->key, t->client_random, p, at, digest);
    if (!digest_equal(digest, p + CLIENT_RANDOM_AT, sizeof(digest)))
        return fault_set(fault, TGC_EREFUSED,
                         "answers as %.60s itself would: the secret may be another, or a clock is wrong",
                         proxy->domain);
    *ret_used = at;
    t->step = NULL;
    return 0;
}

static const struct tunnel_step server_hello = {"the greeting", take_server_hello};

/* The random is a digest of the hello itself, and the time in its last bytes. */
void tunnel_begin_tls(struct tunnel *t, struct buf *out)
{
    size_t start = out->len;
    uint32_t time_s = (uint32_t)t->config.wall_s;

    client_hello_put(t->config.proxy->domain, t->config.random, out);
    if (buf_err(out))
        return;
    uint8_t *hello = out->data + start;
    hmac_sha256(t->config.proxy->key, PROXY_KEY_SIZE, HASH_PIECES({hello, out->len - start}), t->client_random);
    for (size_t i = 0; i < 4; i++)
        t->client_random[CLIENT_RANDOM_SIZE - 4 + i] ^= (uint8_t)(time_s >> 8 * i);
    memcpy(hello + CLIENT_RANDOM_AT, t->client_random, CLIENT_RANDOM_SIZE);
    t->in_records = true;
    t->step = &server_hello;
}
