/* The encrypted message: raw packets, and plaintexts sealed with a right msg_key.
 * Input: how (u8: 0 a packet as it is, 1 a plaintext from the client, else from the server), bytes. */
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/crypto/kdf.h"
#include "daemon/mt/container.h"
#include "daemon/mt/packed.h"
#include "daemon/mt/plain.h"
#include "tests/fuzz/fuzz.h"

static struct mt_auth_key *key;

static void read_container(const struct mt_message *m)
{
    struct mt_message inner;
    struct tl_reader r;
    uint32_t count;

    if (mt_container_open(m->body, m->len, &r, &count) != 0)
        return;
    FUZZ_CHECK(count <= LIMIT_CONTAINER_READ);
    while (count-- > 0 && mt_container_next(&r, &inner) == 0)
        FUZZ_CHECK(inner.len % 4 == 0 && inner.body >= m->body && inner.body + inner.len <= m->body + m->len);
}

static void open_packet(const uint8_t *packet, size_t len, int x, bool is_ours)
{
    uint8_t *copy = malloc(len ? len : 1);
    struct mt_message m;
    uint64_t msg_id;
    const uint8_t *body;
    size_t body_len;

    FUZZ_CHECK(copy != NULL);
    memcpy(copy, packet, len);
    (void)mt_packed_key_id(copy, len);
    if (mt_plain_parse(copy, len, &msg_id, &body, &body_len) == 0)
        FUZZ_CHECK(body >= copy && body + body_len <= copy + len);
    int err = mt_packed_open(key, x, copy, len, &m);
    FUZZ_CHECK(err == 0 || err == TGC_EPROTO || err == TGC_ECRYPTO);
    FUZZ_CHECK(err != TGC_EPROTO || is_ours); /* only who has the key learns more */
    if (!err) {
        size_t padding = len - 24 - MT_HEADER_SIZE - m.len;
        FUZZ_CHECK(m.len % 4 == 0 && m.body >= copy && m.body + m.len <= copy + len);
        FUZZ_CHECK(padding >= MT_PADDING_MIN && padding <= MT_PADDING_MAX);
        read_container(&m);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t bytes[256] = {1, 2, 3};
    struct feed f = {data, data + len};
    struct buf packet;
    size_t n;

    fuzz_begin();
    if (!key)
        key = mt_auth_key_new(bytes);
    uint8_t how = feed_u8(&f);
    const uint8_t *rest = feed_take(&f, feed_left(&f), &n);
    if (how == 0) {
        open_packet(rest, n, KDF_TO_CLIENT, false);
    } else {
        int x = how == 1 ? KDF_TO_SERVER : KDF_TO_CLIENT;
        buf_init(&packet, LIMIT_PACKET);
        fuzz_seal(key, x, rest, n, &packet);
        open_packet(packet.data, packet.len, x, true);
        open_packet(packet.data, packet.len, KDF_TO_CLIENT - x, false);
        buf_fini(&packet);
    }
    return 0;
}
