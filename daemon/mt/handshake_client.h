/* The client's side of "Creating an Authorization Key", without I/O: packets (transport payloads) in and out. Every
 * MUST of the documents is a check here; a failed one ends the attempt. One thread; DH powers (2 ms) run inside
 * feed(). A query that may have been lost is sent again by its owner, byte by byte. */
#ifndef TGCALLD_MT_HANDSHAKE_CLIENT_H
#define TGCALLD_MT_HANDSHAKE_CLIENT_H

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/crypto/rsa.h"
#include "daemon/mt/auth_key.h"

struct mt_handshake_client;

struct mt_handshake_client_config {
    const struct clock_source *clock;
    const struct random_source *random;
    const struct rsa_key *const *keys; /* the server keys we trust; outlive the machine */
    size_t keys_n;
    int32_t dc;         /* as the handshake carries it: +10000 on test DCs */
    int32_t expires_in; /* seconds; 0 makes a permanent key */
};

struct mt_handshake_result {
    struct mt_auth_key *key; /* owned by who took the result */
    uint64_t salt;           /* the first server salt */
    int64_t time_offset_us;  /* server's Unix time minus the monotonic clock */
    int64_t expires_at;      /* Unix seconds on the server's clock; 0 for a permanent key */
};

int mt_handshake_client_new(const struct mt_handshake_client_config *config, struct mt_handshake_client **ret) TGC_MUST;
void mt_handshake_client_free(struct mt_handshake_client *h);

/* Appends the first packet to OUT. */
int mt_handshake_client_start(struct mt_handshake_client *h, struct buf *out) TGC_MUST;

/* Takes one received packet. 0: go on (a packet to send may have been appended to OUT); 1: done, take the result.
 * Errors, with a sentence in FAULT: TGC_ECRYPTO (a check failed), TGC_EPROTO (not the message that was due, or the
 * server refused), TGC_EUNKNOWN (none of the server's keys is ours), TGC_ENOMEM, TGC_ESTATE (over, or not begun). After
 * an error nothing of the attempt may be used: close, and start anew. */
int mt_handshake_client_feed(struct mt_handshake_client *h, const void *packet, size_t len, struct buf *out,
                             struct fault *fault) TGC_MUST;

/* After feed() returned 1, once. */
struct mt_handshake_result mt_handshake_client_take(struct mt_handshake_client *h);

#endif
