/* The framings of MTProto over TCP ("MTProto transports"): packets in and out of a byte stream, without I/O. Both
 * roles. One thread a stream. */
#ifndef TGCALLD_WIRE_WIRE_H
#define TGCALLD_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"

enum wire_framing { WIRE_ABRIDGED, WIRE_INTERMEDIATE, WIRE_PADDED, WIRE_FULL };

/* "abridged", "intermediate", "padded", "full"; -1 for another name. */
int wire_framing_parse(const char *name);
const char *wire_framing_name(enum wire_framing framing);

struct wire;

enum { WIRE_SECRET_SIZE = 16 };

struct wire_config {
    const struct random_source *random;
    size_t packet_max;    /* larger packets are refused: LIMIT_PACKET */
    unsigned padding_max; /* WIRE_PADDED: at most this many bytes behind a packet, 0..15 */
    /* Of an MTProxy, for obfuscated streams: WIRE_SECRET_SIZE bytes that the keys are hashed with, and the data centre
     * that the client asks it for (as the handshake names it). NULL: there is no such proxy. Borrowed until the stream
     * is known. */
    const uint8_t *secret;
    int16_t dc;
};

/* The client's end. The first wire_pack() puts the init tag in front. TGC_EINVAL: WIRE_FULL has no obfuscated form;
 * TGC_ECRYPTO: libcrypto failed, or the random source repeats itself. */
int wire_client_new(const struct wire_config *config, enum wire_framing framing, bool obfuscated,
                    struct wire **ret) TGC_MUST;
/* The server's end: framing and obfuscation are found from the first bytes. */
int wire_server_new(const struct wire_config *config, struct wire **ret) TGC_MUST;
void wire_free(struct wire *w);

/* Takes in received bytes, any split. TGC_ENOMEM; TGC_ELIMIT: more than packet_max and 1 MiB wait to be fetched. */
int wire_feed(struct wire *w, const void *data, size_t len) TGC_MUST;

enum wire_kind {
    WIRE_NONE,      /* more bytes are needed */
    WIRE_PACKET,    /* one MTProto packet; padding of WIRE_PADDED already stripped (see the documents' rule) */
    WIRE_ERROR,     /* a transport error code of the server: -404, -429, -444, … */
    WIRE_QUICK_ACK, /* a quick acknowledgement (client side); token in `value` */
};

struct wire_packet {
    enum wire_kind kind;
    uint8_t *data; /* WIRE_PACKET: borrowed, may be changed in place, valid until the next call on W */
    size_t len;
    int32_t value;        /* WIRE_ERROR: the code; WIRE_QUICK_ACK: the token */
    bool wants_quick_ack; /* server side: the client asked for one */
};

/* The next packet of what was fed. 0; or TGC_EPROTO (a framing fault; FAULT says which), TGC_ELIMIT (too large): the
 * connection is to be closed. */
int wire_next(struct wire *w, struct wire_packet *ret, struct fault *fault) TGC_MUST;

/* Appends one framed packet to OUT, or nothing where it fails. TGC_EINVAL: LEN is 0, or no multiple of 4 for abridged
 * and intermediate; TGC_ELIMIT: above packet_max, or OUT is full; TGC_ENOMEM; TGC_ESTATE: a server that does not know
 * the framing yet. */
int wire_pack(struct wire *w, const void *packet, size_t len, struct buf *out) TGC_MUST;
/* Server side: a transport error code, and a quick ack (bit 31 of the token is set by itself). TGC_ESTATE on a client,
 * before the framing is known, and for a quick ack over WIRE_FULL. */
int wire_pack_error(struct wire *w, int32_t code, struct buf *out) TGC_MUST;
int wire_pack_quick_ack(struct wire *w, uint32_t token, struct buf *out) TGC_MUST;

/* Once known (client: at once; server: after the first bytes). */
bool wire_is_known(const struct wire *w);
enum wire_framing wire_framing_of(const struct wire *w);
bool wire_is_obfuscated(const struct wire *w);

#endif
