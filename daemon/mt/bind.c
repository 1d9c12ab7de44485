#include "daemon/mt/bind.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/hash.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/ids.h"
#include "daemon/tl/writer.h"

/* key id, msg_key | random, msg_id, seqno, length, inner | padding */
enum { HEAD = 24, RANDOM = 16, INNER = 40, PLAIN = RANDOM + 16 + INNER, PADDED = 80 };

static void write_plain(const struct mt_bind *b, const struct random_source *random, uint8_t plain[static PADDED])
{
    uint8_t *at = plain + RANDOM;

    random_fill(random, plain, RANDOM); /* where others have salt and session */
    le64_store(at, b->msg_id);
    le32_store(at + 8, 0);
    le32_store(at + 12, INNER);
    at += 16;
    le32_store(at, MT_BIND_AUTH_KEY_INNER);
    le64_store(at + 4, b->nonce);
    memcpy(at + 12, b->temporary->id, 8);
    memcpy(at + 20, b->permanent->id, 8);
    le64_store(at + 28, b->session_id);
    le32_store(at + 36, (uint32_t)b->expires_at);
    random_fill(random, plain + PLAIN, PADDED - PLAIN);
}

static int seal(const struct mt_bind *b, const struct random_source *random, uint8_t message[static HEAD + PADDED])
{
    uint8_t digest[20], key[32], iv[32];
    uint8_t *plain = message + HEAD;

    write_plain(b, random, plain);
    hash_sha1(HASH_PIECES({plain, PLAIN}), digest); /* of 1.0: without the padding */
    memcpy(message, b->permanent->id, 8);
    memcpy(message + 8, digest + 4, 16);
    kdf_aes_v1(b->permanent->key, message + 8, KDF_TO_SERVER, key, iv);
    int err = ige_encrypt(key, iv, plain, plain, PADDED);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(iv, sizeof(iv));
    return err;
}

int mt_bind_write(const struct mt_bind *b, const struct random_source *random, struct buf *out)
{
    uint8_t message[HEAD + PADDED];
    int err = seal(b, random, message);

    if (err)
        return err;
    tl_write_u32(out, MT_BIND_TEMP_AUTH_KEY);
    tl_write_raw(out, b->permanent->id, 8);
    tl_write_u64(out, b->nonce);
    tl_write_i32(out, b->expires_at);
    tl_write_bytes(out, message, sizeof(message));
    return buf_err(out);
}
