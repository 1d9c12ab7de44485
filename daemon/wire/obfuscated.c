/* The obfuscated form of a stream ("Transport obfuscation"): AES-256-CTR both ways, keyed by 64 random bytes that the
 * client sends first, and by the secret of an MTProxy where there is one between. */
#include <string.h>

#include "daemon/crypto/hash.h"
#include "daemon/wire/wire_internal.h"

enum {
    KEY_AT = 8,
    IV_AT = 40,
    TAG_AT = 56,
    DC_AT = 60,
    KEY_SIZE = IV_AT - KEY_AT,
    /* One draw in 240 or so is refused: a source that gives this many of those is broken. */
    DRAWS_MAX = 100,
};

/* Whether a server would take the header for something else. */
static bool is_ambiguous(const uint8_t init[static WIRE_HEADER_SIZE])
{
    static const uint8_t zero[4];

    return init[0] == wire_abridged.tag[0] || memcmp(init, wire_intermediate.tag, 4) == 0 ||
           memcmp(init, wire_padded.tag, 4) == 0 || memcmp(init + 4, zero, 4) == 0 || wire_is_foreign(init);
}

static int make_stream(const uint8_t init[static WIRE_HEADER_SIZE], const uint8_t *secret, struct ctr **ret)
{
    uint8_t key[KEY_SIZE];

    memcpy(key, init + KEY_AT, sizeof(key));
    if (secret)
        hash_sha256(HASH_PIECES({key, sizeof(key)}, {secret, WIRE_SECRET_SIZE}), key);
    int err = ctr_new(key, init + IV_AT, ret);
    explicit_bzero(key, sizeof(key));
    return err;
}

/* The client's stream from INIT as it is, the server's from INIT read backwards. Each end advances the client's one
 * over the header by itself. */
static int make_streams(const uint8_t init[static WIRE_HEADER_SIZE], const uint8_t *secret, struct ctr **ret_client,
                        struct ctr **ret_server)
{
    uint8_t reversed[WIRE_HEADER_SIZE];
    struct ctr *client, *server;

    for (size_t i = 0; i < sizeof(reversed); i++)
        reversed[i] = init[sizeof(reversed) - 1 - i];
    int err = make_stream(init, secret, &client);
    if (!err) {
        err = make_stream(reversed, secret, &server);
        if (err)
            ctr_free(client);
    }
    if (!err) {
        *ret_client = client;
        *ret_server = server;
    }
    return err;
}

int wire_obfuscate_client(struct wire *w)
{
    uint8_t init[WIRE_HEADER_SIZE];
    int draws = 0;

    do {
        if (draws++ == DRAWS_MAX)
            return TGC_ECRYPTO;
        random_fill(w->config.random, init, sizeof(init));
    } while (is_ambiguous(init));
    memcpy(init + TAG_AT, wire_framing_table(w->framing)->tag, 4);
    if (w->config.secret) {
        init[DC_AT] = (uint8_t)w->config.dc;
        init[DC_AT + 1] = (uint8_t)((uint16_t)w->config.dc >> 8);
    }

    int err = make_streams(init, w->config.secret, &w->to_peer, &w->from_peer);
    if (!err)
        err = ctr_apply(w->to_peer, init, w->init, sizeof(init));
    if (err)
        return err;
    memcpy(w->init, init, TAG_AT);
    w->init_len = sizeof(init);
    w->obfuscated = true;
    return 0;
}

int wire_obfuscate_server(struct wire *w, struct fault *fault)
{
    uint8_t clear[WIRE_HEADER_SIZE];
    size_t framing;

    int err = make_streams(w->in.data, w->config.secret, &w->from_peer, &w->to_peer);
    if (!err)
        err = ctr_apply(w->from_peer, w->in.data, clear, sizeof(clear));
    if (err)
        return fault_set(fault, err, "the stream could not be set up: %s", tgc_err_text(err));
    for (framing = WIRE_ABRIDGED; framing < WIRE_FULL; framing++)
        if (memcmp(clear + TAG_AT, wire_framing_table(framing)->tag, 4) == 0)
            break;
    if (framing == WIRE_FULL)
        return fault_set(fault, TGC_EPROTO, "the first bytes belong to no known framing");
    /* What came behind the header in the same read. */
    err = ctr_apply(w->from_peer, w->in.data + sizeof(clear), w->in.data + sizeof(clear), w->in.len - sizeof(clear));
    if (err)
        return fault_set(fault, err, "the stream could not be decrypted: %s", tgc_err_text(err));
    w->framing = (enum wire_framing)framing;
    w->at = sizeof(clear);
    w->obfuscated = true;
    w->known = true;
    return 0;
}
