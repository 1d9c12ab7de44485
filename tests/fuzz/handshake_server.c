/* The server's side of the key exchange against a client that is not honest.
 * Input: for each query how it comes (u8):
 *   0 honest; 1 honest, with edits; 2 raw (u16 length, bytes);
 *   3 req_DH_params whose encrypted inside has edits, padded as now; 4 the same, padded as before 2021;
 *   5 set_client_DH_params whose encrypted inside has edits and a right SHA-1; 6 the last one again. */
#include <string.h>

#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/mt/handshake_client_internal.h"
#include "tests/fuzz/edits.h"
#include "tests/unit/mt/exchange.h"

enum {
    STEPS_MAX = 12,
    RSA_LEN = 256,
    INNER_MAX = 144, /* of p_q_inner_data */
    DH_AT = 20 + 36 + 4,
    DH_LEN = 336, /* SHA-1, client_DH_inner_data, padding */
    DH_INNER_LEN = 304,
    SHA1 = 20,
};

static void edit_rsa(struct exchange *e, struct feed *f, bool old)
{
    const struct rsa_key *key = e->keys[0];
    uint8_t data[192], m[RSA_LEN] = {0};
    struct buf inner;

    if (e->to_server.len < RSA_LEN + 100)
        return;
    uint8_t *encrypted = e->to_server.data + e->to_server.len - RSA_LEN;
    if (rsa_pad_decrypt(key, encrypted, data) != 0)
        return;
    buf_init(&inner, 4096);
    buf_put(&inner, data, INNER_MAX);
    edits_apply(f, &inner);
    size_t len = inner.len < INNER_MAX ? inner.len : INNER_MAX;
    if (old) {
        size_t hashed = feed_u8(f) % (len + 1);
        hash_sha1(HASH_PIECES({inner.data, hashed}), m + 1);
        memcpy(m + 1 + SHA1, inner.data, len);
        FUZZ_CHECK(rsa_public_raw(key, m, encrypted) == 0);
    } else {
        FUZZ_CHECK(rsa_pad_encrypt(key, inner.data, len, &e->client_random.source, encrypted) == 0);
    }
    buf_fini(&inner);
}

static void edit_dh(struct exchange *e, struct feed *f)
{
    const struct handshake_tmp *tmp = &e->client->tmp;
    struct buf inner;

    if (e->to_server.len < DH_AT + DH_LEN)
        return;
    uint8_t *p = e->to_server.data + DH_AT;
    FUZZ_CHECK(ige_decrypt(tmp->key, tmp->iv, p, p, DH_LEN) == 0);
    buf_init(&inner, 4096);
    buf_put(&inner, p + SHA1, DH_INNER_LEN);
    edits_apply(f, &inner);
    size_t len = inner.len < DH_LEN - SHA1 ? inner.len : DH_LEN - SHA1;
    hash_sha1(HASH_PIECES({inner.data, len}), p);
    memcpy(p + SHA1, inner.data, len);
    buf_fini(&inner);
    FUZZ_CHECK(ige_encrypt(tmp->key, tmp->iv, p, p, DH_LEN) == 0);
}

/* What the honest client would say now; nothing where it waits for an answer it will not take. */
static void query(struct exchange *e, struct feed *f)
{
    uint8_t how = feed_u8(f) % 7;
    size_t n;

    if (how == 2) {
        const uint8_t *raw = feed_take(f, feed_u16(f), &n);
        buf_reset(&e->to_server);
        buf_put(&e->to_server, raw, n);
        return;
    }
    if (how != 6 && e->to_client.len)
        (void)exchange_take(e);
    if (how == 1)
        edits_apply(f, &e->to_server);
    else if (how == 3 || how == 4)
        edit_rsa(e, f, how == 4);
    else if (how == 5)
        edit_dh(e, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct exchange e;

    fuzz_begin();
    exchange_init(&e, 11);
    exchange_open(&e);
    for (int i = 0; i < STEPS_MAX && feed_left(&f); i++) {
        query(&e, &f);
        int err = exchange_serve(&e);
        FUZZ_CHECK(err == 0 || err == 1 || err == 404 || err == 444);
        FUZZ_CHECK((err == 0 || err == 1) == (e.to_client.len > 0));
        if (err == 1) {
            struct mt_handshake_server_result got = mt_handshake_server_take(e.server);
            FUZZ_CHECK(got.key != NULL && (!got.temporary || got.expires_in > 0));
            mt_auth_key_free(got.key);
        }
    }
    exchange_fini(&e);
    return 0;
}
