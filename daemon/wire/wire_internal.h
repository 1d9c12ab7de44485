/* What the files of daemon/wire share: the stream and the table of framings. */
#ifndef TGCALLD_WIRE_WIRE_INTERNAL_H
#define TGCALLD_WIRE_WIRE_INTERNAL_H

#include "daemon/crypto/ctr.h"
#include "daemon/wire/wire.h"

enum {
    WIRE_HEADER_SIZE = 64, /* the init of an obfuscated stream */
    WIRE_PADDING_MAX = 15,
    WIRE_WORDS_MAX = 0xffffff, /* what abridged can say: no packet of any framing is longer */
};

/* Set in every quick-ack token, and in a length with a quick-ack request. */
#define WIRE_TOKEN_BIT 0x80000000u

struct wire {
    struct wire_config config;
    bool server, known, obfuscated;
    enum wire_framing framing;
    int broken;    /* the first error of wire_next(), given again from then on */
    struct buf in; /* received; clear text once the framing is known */
    size_t at;     /* how much of it is used up */
    struct ctr *from_peer, *to_peer;
    uint8_t init[WIRE_HEADER_SIZE]; /* what the client's first wire_pack() sends in front */
    size_t init_len;
    uint32_t seq_in, seq_out; /* WIRE_FULL */
};

/* What one look at the received bytes found. `used` is 0 together with WIRE_NONE: nothing to take away yet. */
struct frame {
    struct wire_packet packet;
    size_t used;
};

struct framing {
    const char *name;
    uint8_t tag[4];
    size_t tag_len; /* of `tag` as the init of a plain stream; 0: there is none, and no obfuscated form either */
    bool in_words;  /* packets have a multiple of 4 bytes */
    /* Finds the first frame of the LEN bytes at P. 0, TGC_EPROTO, TGC_ELIMIT. */
    int (*parse)(struct wire *w, uint8_t *p, size_t len, struct frame *ret, struct fault *fault);
    /* Appends a frame of a packet that fits the framing; errors stick to OUT. */
    void (*pack)(struct wire *w, const void *packet, size_t len, struct buf *out);
    /* The same for a quick ack; NULL: there is none. */
    void (*pack_quick_ack)(struct wire *w, uint32_t token, struct buf *out);
};

extern const struct framing wire_abridged, wire_intermediate, wire_padded, wire_full;
const struct framing *wire_framing_table(enum wire_framing framing);

/* Judges LEN of a payload against the maximum; TGC_ELIMIT. */
int wire_check_size(const struct wire *w, size_t len, struct fault *fault) TGC_MUST;
/* A whole payload as the packet that it is: on the client's end four bytes are an error code. TGC_EPROTO. */
int wire_take_payload(const struct wire *w, uint8_t *payload, size_t len, struct wire_packet *ret,
                      struct fault *fault) TGC_MUST;
/* An error code of the server; TGC_EPROTO where it is not negative. */
int wire_take_error(int32_t code, struct wire_packet *ret, struct fault *fault) TGC_MUST;

/* obfuscated.c: the client's header, and the server's reading of one. */
int wire_obfuscate_client(struct wire *w) TGC_MUST;
/* Reads the header at the front of w->in: sets framing and streams, TGC_EPROTO where the header names no framing. */
int wire_obfuscate_server(struct wire *w, struct fault *fault) TGC_MUST;

/* detect.c: finds out what the client speaks. 0, with w->known set where the bytes were enough; TGC_EPROTO. */
int wire_detect(struct wire *w, struct fault *fault) TGC_MUST;
/* First bytes that a client of another protocol sends; P has at least 4 bytes. */
bool wire_is_foreign(const uint8_t *p);

#endif
