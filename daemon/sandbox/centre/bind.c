#include "daemon/sandbox/centre/bind.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "daemon/tl/reader.h"

enum { BIND_TEMP_AUTH_KEY = 0xcdd42a05, BIND_AUTH_KEY_INNER = 0x75a3f765 };

/* key id, msg_key | random, msg_id, seqno, length, inner | padding */
enum { HEAD = 24, PLAIN = 72, PADDED = 80, INNER = 40 };

bool bind_is(const uint8_t *query, size_t len)
{
    return len >= 4 && le32_load(query) == (uint32_t)BIND_TEMP_AUTH_KEY;
}

static int open_message(const struct auth *perm, const uint8_t *message, uint8_t plain[static PADDED])
{
    uint8_t key[32], iv[32], digest[20];

    kdf_aes_v1(perm->key->key, message + 8, KDF_TO_SERVER, key, iv);
    int err = ige_decrypt(key, iv, message + HEAD, plain, PADDED);
    if (err)
        return err;
    hash_sha1(HASH_PIECES({plain, PLAIN}), digest);
    return memcmp(digest + 4, message + 8, 16) == 0 ? 0 : TGC_ECRYPTO;
}

/* Every number in the sealed message repeats one that is known from outside. */
static bool inner_fits(const struct session *ss, const uint8_t *plain, uint64_t msg_id, uint64_t perm_id,
                       uint64_t nonce, int32_t expires_at)
{
    struct tl_reader r;

    tl_reader_init(&r, plain + 16, PLAIN - 16);
    return tl_read_u64(&r) == msg_id && tl_read_u32(&r) == 0 && tl_read_u32(&r) == INNER &&
           tl_read_u32(&r) == BIND_AUTH_KEY_INNER && tl_read_u64(&r) == nonce && tl_read_u64(&r) == ss->auth->id &&
           tl_read_u64(&r) == perm_id && tl_read_u64(&r) == ss->id && tl_read_i32(&r) == expires_at;
}

const char *bind_run(struct session *ss, uint64_t msg_id, const uint8_t *query, size_t len)
{
    struct tl_reader r;
    uint8_t plain[PADDED];
    size_t message_len;

    tl_reader_init(&r, query + 4, len - 4);
    uint64_t perm_id = tl_read_u64(&r), nonce = tl_read_u64(&r);
    int32_t expires_at = tl_read_i32(&r);
    const uint8_t *message = tl_read_bytes(&r, &message_len);
    if (r.err || tl_reader_left(&r))
        return "INPUT_FETCH_ERROR";
    if (!ss->auth->temporary)
        return "TEMP_AUTH_KEY_EMPTY";
    if (expires_at <= centres_now_us(ss->s) / SECOND_US)
        return "EXPIRES_AT_INVALID";
    if (ss->auth->perm_id && ss->auth->perm_id != perm_id)
        return "TEMP_AUTH_KEY_ALREADY_BOUND";
    const struct auth *perm = keys_find(&ss->s->keys, ss->auth->dc, perm_id);
    if (!perm || perm->temporary || message_len != HEAD + PADDED || le64_load(message) != perm_id ||
        open_message(perm, message, plain) || !inner_fits(ss, plain, msg_id, perm_id, nonce, expires_at))
        return "ENCRYPTED_MESSAGE_INVALID";
    keys_bind(&ss->s->keys, ss->auth, perm_id);
    return NULL;
}
