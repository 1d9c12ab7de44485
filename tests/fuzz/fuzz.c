#include "tests/fuzz/fuzz.h"

#include <string.h>

#include <sodium.h>

#include "daemon/base/log.h"
#include "daemon/crypto/ige.h"
#include "daemon/crypto/kdf.h"

uint8_t feed_u8(struct feed *f)
{
    return f->at < f->end ? *f->at++ : 0;
}

uint16_t feed_u16(struct feed *f)
{
    uint16_t low = feed_u8(f);

    return (uint16_t)(low | feed_u8(f) << 8);
}

size_t feed_left(const struct feed *f)
{
    return (size_t)(f->end - f->at);
}

const uint8_t *feed_take(struct feed *f, size_t n, size_t *ret_n)
{
    const uint8_t *at = f->at;

    *ret_n = n < feed_left(f) ? n : feed_left(f);
    f->at += *ret_n;
    return at;
}

char *feed_text(struct feed *f)
{
    size_t n;
    const uint8_t *bytes = feed_take(f, feed_left(f), &n);
    char *text = malloc(n + 1);

    if (!text)
        abort();
    memcpy(text, bytes, n);
    text[n] = '\0';
    return text;
}

void fuzz_begin(void)
{
    static bool begun;

    if (begun)
        return;
    begun = true;
    if (sodium_init() < 0)
        abort();
    log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
}

void fuzz_fill(void *ctx, void *out, size_t len)
{
    uint32_t *state = ctx;
    uint8_t *bytes = out;

    for (size_t i = 0; i < len; i++) {
        *state = *state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(*state >> 24);
    }
}

const char *fuzz_config_path(const char *name)
{
    static char path[4096];
    const char *top = getenv("TGCALLD_SRCDIR");

    snprintf(path, sizeof(path), "%s/config/%s", top ? top : TGCALLD_SOURCE_DATADIR, name);
    return path;
}

const struct tl_schema *fuzz_schema(unsigned which)
{
    static const char *const names[] = {"schema/layer-138.tl", "schema/layer-229.tl"};
    static struct tl_schema *loaded[2];
    struct fault fault;

    which %= 2;
    if (!loaded[which] && tl_schema_read(fuzz_config_path(names[which]), &loaded[which], &fault)) {
        fprintf(stderr, "%s: %s\n", names[which], fault.text);
        exit(1);
    }
    return loaded[which];
}

void fuzz_seal(const struct mt_auth_key *key, int x, const void *plain, size_t len, struct buf *out)
{
    uint8_t large[32], aes_key[32], aes_iv[32];

    len -= len % 16;
    kdf_msg_key_large(key->key, x, plain, len, large);
    buf_put(out, key->id, 8);
    buf_put(out, large + 8, 16);
    kdf_aes(key->key, large + 8, x, aes_key, aes_iv);
    uint8_t *room = buf_room(out, len);
    FUZZ_CHECK(room != NULL || len == 0);
    FUZZ_CHECK(ige_encrypt(aes_key, aes_iv, plain, room, len) == 0);
    buf_add(out, len);
}
