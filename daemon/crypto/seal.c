#include "daemon/crypto/seal.h"

#include <string.h>

#include <sodium.h>

#include "daemon/base/hex.h"
#include "daemon/base/secret.h"

enum {
    VERSION = 1,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    HEAD = 1 + SEAL_ID_SIZE,
    PLACE_MAX = 256,
};

_Static_assert(SEAL_OVERHEAD == HEAD + NONCE + TAG, "the overhead is what is added");
_Static_assert(SEAL_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key is the cipher's");

struct seal_key {
    uint8_t bytes[SEAL_KEY_SIZE];
    uint8_t head[HEAD]; /* what its sealed values begin with */
};

/* The id tells keys from each other, and nothing of the key. */
static void set_head(struct seal_key *key)
{
    static const uint8_t what[] = "tgcalld seal key id";
    uint8_t hash[crypto_generichash_BYTES_MIN];

    crypto_generichash(hash, sizeof(hash), what, sizeof(what) - 1, key->bytes, sizeof(key->bytes));
    key->head[0] = VERSION;
    memcpy(key->head + 1, hash, SEAL_ID_SIZE);
}

int seal_key_make(const struct random_source *random, struct seal_key **ret)
{
    struct seal_key *key = secret_new(sizeof(*key));

    if (!key)
        return TGC_ENOMEM;
    random_fill(random, key->bytes, sizeof(key->bytes));
    set_head(key);
    *ret = key;
    return 0;
}

int seal_key_parse(const char *text, size_t len, struct seal_key **ret)
{
    if (len && text[len - 1] == '\n')
        len--;
    if (len && text[len - 1] == '\r')
        len--;
    if (len != (size_t)2 * SEAL_KEY_SIZE)
        return TGC_ESYNTAX;
    struct seal_key *key = secret_new(sizeof(*key));
    if (!key)
        return TGC_ENOMEM;
    if (hex_decode(text, len, key->bytes, sizeof(key->bytes)) != 0) {
        secret_free(key);
        return TGC_ESYNTAX;
    }
    set_head(key);
    *ret = key;
    return 0;
}

void seal_key_id(const struct seal_key *key, char out[static SEAL_ID_TEXT])
{
    hex_encode(key->head + 1, SEAL_ID_SIZE, out);
}

void seal_key_text(const struct seal_key *key, char out[static SEAL_KEY_TEXT])
{
    char digits[SEAL_KEY_TEXT];

    sodium_bin2hex(digits, sizeof(digits), key->bytes, sizeof(key->bytes));
    memcpy(out, digits, SEAL_KEY_TEXT - 1);
    out[SEAL_KEY_TEXT - 1] = '\n';
    sodium_memzero(digits, sizeof(digits));
}

bool seal_key_equal(const struct seal_key *a, const struct seal_key *b)
{
    return sodium_memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void seal_key_free(struct seal_key *key)
{
    secret_free(key);
}

/* The associated data; its length, or 0 where the names are too long. */
static size_t write_place(const struct seal_key *key, const struct seal_place *place, uint8_t out[static PLACE_MAX])
{
    const char *names[] = {place->table, place->column, place->row};
    size_t n = sizeof(key->head);

    memcpy(out, key->head, n);
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(names[i]) + (i < 2);
        if (len > PLACE_MAX - n)
            return 0;
        memcpy(out + n, names[i], len);
        n += len;
    }
    return n;
}

int seal(const struct seal_key *key, const struct random_source *random, const struct seal_place *place,
         const void *data, size_t len, uint8_t *out)
{
    uint8_t at[PLACE_MAX], *nonce = out + HEAD;
    size_t at_len = write_place(key, place, at);

    if (!at_len)
        return TGC_ELIMIT;
    memcpy(out, key->head, HEAD);
    random_fill(random, nonce, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE, NULL, data, len, at, at_len, NULL, nonce, key->bytes);
    return 0;
}

bool seal_is_of(const struct seal_key *key, const uint8_t *sealed, size_t len)
{
    return len >= SEAL_OVERHEAD && memcmp(sealed, key->head, HEAD) == 0;
}

int seal_open(const struct seal_key *key, const struct seal_place *place, const uint8_t *sealed, size_t len,
              uint8_t *out)
{
    uint8_t at[PLACE_MAX];

    if (len < SEAL_OVERHEAD || sealed[0] != VERSION)
        return TGC_EDAMAGED;
    if (!seal_is_of(key, sealed, len))
        return TGC_EWRONGKEY;
    const uint8_t *nonce = sealed + HEAD, *text = nonce + NONCE;
    size_t at_len = write_place(key, place, at), text_len = len - HEAD - NONCE;
    if (!at_len)
        return TGC_ELIMIT;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, text, text_len, at, at_len, nonce, key->bytes)) {
        sodium_memzero(out, text_len - TAG);
        return TGC_ECRYPTO;
    }
    return 0;
}
