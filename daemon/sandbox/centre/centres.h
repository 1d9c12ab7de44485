/* The data centres, both, as one thing without I/O: their world, keys, clients' connections (line.h), and what was
 * asked of them on the control port. Whoever owns it hands in bytes (hear.h) and time (late.h, line.h), and takes bytes
 * out. One thread. */
#ifndef TGCALLD_SANDBOX_CENTRE_CENTRES_H
#define TGCALLD_SANDBOX_CENTRE_CENTRES_H

#include "daemon/crypto/rsa.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/centre/keys.h"
#include "daemon/sandbox/fault/inject.h"
#include "daemon/sandbox/fault/lint.h"
#include "daemon/sandbox/fault/trace.h"
#include "daemon/sandbox/world/world.h"

enum {
    CENTRES_QUERY_MAX = 4 << 20, /* one query, unpacked */
    CENTRES_ANSWER_MAX = 16 << 20,
};

/* Settings that last: POST /opts. */
struct centres_options {
    bool any_dc;                     /* a key exchange may name any DC */
    unsigned transport_pad;          /* padded intermediate: at most this many bytes, 0..15 */
    unsigned gzip_min;               /* answers and updates of at least this many bytes go gzipped; 0: never */
    unsigned write_size;             /* bytes that go to a socket at once; 0: all */
    bool containers;                 /* every packet holds a container */
    enum mt_handshake_lie handshake; /* told in every key exchange */
};

struct centres {
    struct random_seeded seeded;
    struct random_source random;            /* of the world, keys and sessions */
    struct random_source noise;             /* of what no seed decides: padding */
    const struct rsa_key *rsa;              /* private; borrowed */
    const struct tl_schema *const *schemas; /* borrowed */
    size_t schemas_n;

    struct world world;
    struct keys keys;
    struct inject inject;
    struct lints lints;
    struct trace trace;
    struct centres_options options;

    size_t lines_n;
    uint64_t lines_ever;
    struct line *ready;    /* have something for their owner: line_next_ready() */
    struct late *late;     /* answers that leave later, the next one first */
    struct stored *stored; /* NULL: every answer is a true one */

    struct session *acting; /* whose call runs now: its result carries the updates */

    /* Something was done that may have changed the world; may be NULL. */
    void (*on_change)(void *ctx);
    void *on_change_ctx;
    /* Has data centre DC listen at TEXT instead, and says where that is; NULL: it listens nowhere. */
    int (*move)(void *ctx, int dc, const char *text, char *ret_address, size_t size, struct fault *fault);
    void *move_ctx;
};

/* The schema of this layer, else of the nearest one; NULL: it is no layer. */
const struct tl_schema *centres_schema(const struct centres *s, int layer);
/* The servers' time. */
int64_t centres_now_us(const struct centres *s);
/* Takes EVENT. */
void centres_trace(struct centres *s, json_t *event);

#endif
