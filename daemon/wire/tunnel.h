/* What lies between a TCP connection to a proxy and the stream of a data centre: the words that a proxy wants to hear
 * first, and the records that the stream may travel in from then on. Sans-I/O, the client's end. One thread a tunnel.
 */
#ifndef TGCALLD_WIRE_TUNNEL_H
#define TGCALLD_WIRE_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/proxy.h"
#include "daemon/base/random.h"

struct tunnel;

/* Whom the proxy is to connect to, in network byte order; 4 bytes of the address are used without V6. */
struct tunnel_target {
    bool v6;
    uint8_t address[16];
    uint16_t port;
};

struct tunnel_config {
    const struct proxy *proxy;   /* borrowed for as long as the tunnel is */
    struct tunnel_target target; /* not for MTProxy, which knows the data centres */
    /* For an MTProxy that plays TLS: its greeting carries the time, in seconds since 1970. */
    const struct random_source *random;
    int64_t wall_s;
};

/* Whether PROXY wants words of its own at all. */
bool tunnel_is_needed(const struct proxy *proxy);

int tunnel_new(const struct tunnel_config *config, struct tunnel **ret) TGC_MUST;
void tunnel_free(struct tunnel *t);

/* Appends what is said first. TGC_ENOMEM, TGC_ELIMIT: OUT is full. */
int tunnel_begin(struct tunnel *t, struct buf *out) TGC_MUST;

/* Takes in received bytes, any split: appends what is to be answered to OUT (which may be NULL once it is open), and to
 * CLEAR what belongs to the stream.
 * TGC_EREFUSED: the proxy does not serve us. TGC_ECLOSED: it cannot reach the target, and may reach another.
 * TGC_EPROTO: what it says is none of its protocol. TGC_ELIMIT, TGC_ENOMEM. FAULT has a sentence whose subject is the
 * proxy: "refused: …", "speaks HTTP: …". */
int tunnel_feed(struct tunnel *t, const void *data, size_t len, struct buf *out, struct buf *clear,
                struct fault *fault) TGC_MUST;

/* The proxy has agreed: what is sent from now on is the stream's. */
bool tunnel_is_open(const struct tunnel *t);
/* The stream goes on in records: all that is sent from now on goes through tunnel_pack(), all that is received through
 * tunnel_feed(), which finds TGC_EPROTO, and TGC_ECLOSED where the proxy ends it. False: bytes are the stream's as they
 * are, and the tunnel is not needed any more. */
bool tunnel_has_records(const struct tunnel *t);
/* Appends DATA in records to OUT; TGC_ENOMEM, TGC_ELIMIT. */
int tunnel_pack(struct tunnel *t, const void *data, size_t len, struct buf *out) TGC_MUST;
/* What the proxy owes an answer to, for who waits in vain: "the greeting". */
const char *tunnel_awaits(const struct tunnel *t);

#endif
