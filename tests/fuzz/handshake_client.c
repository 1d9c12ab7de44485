/* The client's side of the key exchange against a server that is not honest.
 * Input: a lie (u8), then for each answer how it comes (u8):
 *   0 honest; 1 honest, with edits; 2 raw (u16 length, bytes);
 *   3 server_DH_params_ok whose encrypted inside has edits and a right SHA-1; 4 nothing happens, the query is repeated.
 */
#include <string.h>

#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/handshake_client_internal.h"
#include "tests/fuzz/edits.h"
#include "tests/unit/mt/exchange.h"

enum {
    STEPS_MAX = 12,
    ANSWER_AT = 20 + 4 + 32 + 4, /* plain header, id, nonces, the length of the bytes */
    INNER_LEN = 564,             /* server_DH_inner_data with two numbers of 256 bytes */
    SHA1 = 20,
};

/* The encrypted answer in E->to_client, edited inside. */
static void edit_inside(struct exchange *e, struct feed *f)
{
    uint8_t key[32], iv[32], *p = e->to_client.data + ANSWER_AT;
    struct buf inner;

    if (e->to_client.len < ANSWER_AT + 592)
        return;
    kdf_tmp_aes(e->client->new_nonce, e->client->server_nonce, key, iv);
    FUZZ_CHECK(ige_decrypt(key, iv, p, p, 592) == 0);
    buf_init(&inner, 4096);
    buf_put(&inner, p + SHA1, INNER_LEN);
    edits_apply(f, &inner);
    size_t len = inner.len < 592 - SHA1 ? inner.len : 592 - SHA1;
    hash_sha1(HASH_PIECES({inner.data, len}), p);
    memcpy(p + SHA1, inner.data, len);
    buf_fini(&inner);
    FUZZ_CHECK(ige_encrypt(key, iv, p, p, 592) == 0);
}

static void serve(struct exchange *e, struct feed *f)
{
    uint8_t how = feed_u8(f) % 5;
    size_t n;

    if (how == 2) {
        const uint8_t *raw = feed_take(f, feed_u16(f), &n);
        buf_reset(&e->to_client);
        buf_put(&e->to_client, raw, n);
        return;
    }
    if (how != 4)
        (void)exchange_serve(e);
    if (how == 1)
        edits_apply(f, &e->to_client);
    if (how == 3)
        edit_inside(e, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct feed f = {data, data + len};
    struct exchange e;
    int err = 0;

    fuzz_begin();
    exchange_init(&e, 7);
    e.server_config.lie = (enum mt_handshake_lie)(feed_u8(&f) % MT_LIE_COUNT);
    exchange_open(&e);
    for (int i = 0; i < STEPS_MAX && err == 0 && feed_left(&f); i++) {
        serve(&e, &f);
        err = exchange_take(&e);
        FUZZ_CHECK(err >= 0 || e.client_fault.err == err);
    }
    struct mt_handshake_result got = mt_handshake_client_take(e.client);
    FUZZ_CHECK((got.key != NULL) == (err == 1));
    mt_auth_key_free(got.key);
    if (err)
        FUZZ_CHECK(exchange_take(&e) < 0);
    exchange_fini(&e);
    return 0;
}
