#include "tests/support/fake_bind.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "daemon/tl/reader.h"

enum { METHOD = 0xcdd42a05, INNER_ID = 0x75a3f765, HEAD = 24, PLAIN = 72, PADDED = 80, INNER = 40 };

bool fake_bind_read(struct fake_bind *b, const uint8_t *query, size_t len)
{
    struct tl_reader r;

    *b = (struct fake_bind){0};
    tl_reader_init(&r, query, len);
    uint32_t id = tl_read_u32(&r);
    b->perm_id = tl_read_u64(&r);
    b->nonce = tl_read_u64(&r);
    b->expires_at = tl_read_i32(&r);
    b->message = tl_read_bytes(&r, &b->message_len);
    return !r.err && tl_reader_left(&r) == 0 && id == (uint32_t)METHOD;
}

bool fake_bind_open(struct fake_bind *b, const struct mt_auth_key *permanent)
{
    uint8_t key[32], iv[32], digest[20], plain[PADDED];
    struct tl_reader r;

    if (b->message_len != HEAD + PADDED || memcmp(b->message, permanent->id, 8) != 0)
        return false;
    kdf_aes_v1(permanent->key, b->message + 8, KDF_TO_SERVER, key, iv);
    if (ige_decrypt(key, iv, b->message + HEAD, plain, PADDED))
        return false;
    hash_sha1(HASH_PIECES({plain, PLAIN}), digest);
    if (memcmp(digest + 4, b->message + 8, 16) != 0)
        return false;
    tl_reader_init(&r, plain + 16, PLAIN - 16);
    b->msg_id = tl_read_u64(&r);
    b->seq_no = tl_read_u32(&r);
    b->length = tl_read_u32(&r);
    b->constructor = tl_read_u32(&r);
    b->inner_nonce = tl_read_u64(&r);
    b->temp_id = tl_read_u64(&r);
    b->inner_perm_id = tl_read_u64(&r);
    b->session_id = tl_read_u64(&r);
    b->inner_expires_at = tl_read_i32(&r);
    return true;
}

bool fake_bind_fits(const struct fake_bind *b, const struct mt_auth_key *temporary, uint64_t session_id,
                    uint64_t msg_id)
{
    return b->msg_id == msg_id && b->seq_no == 0 && b->length == INNER && b->constructor == (uint32_t)INNER_ID &&
           b->inner_nonce == b->nonce && b->temp_id == le64_load(temporary->id) && b->inner_perm_id == b->perm_id &&
           b->session_id == session_id && b->inner_expires_at == b->expires_at;
}
