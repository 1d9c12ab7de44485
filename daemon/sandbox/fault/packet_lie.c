#include "daemon/sandbox/fault/packet_lie.h"

#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"

enum { BLOCK = 16, LENGTH_AT = 28, OLD_S = 400, FUTURE_S = 100 };

static const struct {
    enum packet_lie lie;
    const char *text;
} names[] = {
#define X(name, text) {PACKET_LIE_##name, text},
    PACKET_LIES(X)
#undef X
};

enum packet_lie packet_lie_find(const char *text)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strcmp(names[i].text, text) == 0)
            return names[i].lie;
    return PACKET_LIE_NONE;
}

static uint64_t msg_id_of(const struct mt_message *m, enum packet_lie lie)
{
    switch (lie) {
    case PACKET_LIE_EVEN_MSG_ID:
        return m->msg_id & ~UINT64_C(3);
    case PACKET_LIE_OLD_MSG_ID:
        return m->msg_id - ((uint64_t)OLD_S << 32);
    case PACKET_LIE_FUTURE_MSG_ID:
        return m->msg_id + ((uint64_t)FUTURE_S << 32);
    default:
        return m->msg_id;
    }
}

static uint32_t length_of(const struct mt_message *m, enum packet_lie lie)
{
    switch (lie) {
    case PACKET_LIE_LENGTH_LONG:
        return (uint32_t)m->len + MT_PADDING_MAX + BLOCK;
    case PACKET_LIE_LENGTH_NEGATIVE:
        return UINT32_MAX - 3;
    case PACKET_LIE_LENGTH_ODD:
        return (uint32_t)m->len - 1;
    default:
        return (uint32_t)m->len;
    }
}

/* Bytes behind a body so that all is whole blocks: 12 at least, unless that is the lie. */
static size_t padding_of(const struct mt_message *m, enum packet_lie lie)
{
    size_t missing = (BLOCK - (MT_HEADER_SIZE + m->len) % BLOCK) % BLOCK;

    if (lie == PACKET_LIE_PADDING_LONG)
        return missing + MT_PADDING_MAX + BLOCK;
    if (lie == PACKET_LIE_PADDING_SHORT && missing < MT_PADDING_MIN)
        return missing;
    return missing < MT_PADDING_MIN ? missing + BLOCK : missing;
}

static void put_plain(const struct mt_message *m, enum packet_lie lie, const struct random_source *random,
                      struct buf *b)
{
    uint8_t padding[MT_PADDING_MAX + 2 * BLOCK];
    size_t n = padding_of(m, lie);

    buf_put_u64(b, m->salt);
    buf_put_u64(b, lie == PACKET_LIE_SESSION_ID ? m->session_id ^ 1 : m->session_id);
    buf_put_u64(b, msg_id_of(m, lie));
    buf_put_u32(b, m->seq_no);
    buf_put_u32(b, length_of(m, lie));
    buf_put(b, m->body, m->len);
    random_fill(random, padding, n);
    buf_put(b, padding, n);
    /* A body whose blocks leave 12 bytes or more has no short padding: its length says so instead. */
    if (!b->err && lie == PACKET_LIE_PADDING_SHORT && n >= MT_PADDING_MIN)
        le32_store(b->data + LENGTH_AT, (uint32_t)(m->len + n - 4));
}

int packet_lie_seal(const struct mt_auth_key *key, const struct mt_message *m, enum packet_lie lie,
                    const struct random_source *random, struct buf *out)
{
    uint8_t large[32], aes_key[32], iv[32];
    struct buf plain;
    int err;

    buf_init(&plain, LIMIT_PACKET);
    put_plain(m, lie, random, &plain);
    err = buf_err(&plain);
    if (err)
        goto done;
    kdf_msg_key_large(key->key, KDF_TO_CLIENT, plain.data, plain.len, large);
    kdf_aes(key->key, large + 8, KDF_TO_CLIENT, aes_key, iv);
    err = ige_encrypt(aes_key, iv, plain.data, plain.data, plain.len);
    if (err)
        goto done;
    if (lie == PACKET_LIE_MSG_KEY)
        plain.data[plain.len - 1] ^= 1;
    buf_put(out, key->id, sizeof(key->id));
    buf_put(out, large + 8, 16);
    buf_put(out, plain.data, plain.len);
    if (lie == PACKET_LIE_NOT_16)
        buf_put_u32(out, 0);
    err = buf_err(out);
    if (!err && lie == PACKET_LIE_KEY_ID)
        out->data[0] ^= 1;
done:
    buf_fini(&plain);
    return err;
}
