/* What the files of this folder share. Everything here belongs to the loop's thread once it runs. */
#ifndef TGCALLD_SANDBOX_INTERNAL_H
#define TGCALLD_SANDBOX_INTERNAL_H

#include <uv.h>

#include "daemon/crypto/rsa.h"
#include "daemon/mt/handshake_server.h"
#include "daemon/sandbox/fault/inject.h"
#include "daemon/sandbox/keep.h"
#include "daemon/sandbox/keys.h"
#include "daemon/sandbox/fault/lint.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/sandbox/fault/trace.h"
#include "daemon/sandbox/world/world.h"

enum {
    SANDBOX_CONNS_MAX = 20000,
    SANDBOX_QUERY_MAX = 4 << 20, /* one query, unpacked */
    SANDBOX_ANSWER_MAX = 16 << 20,
    SANDBOX_READ_BUFFER = 64 << 10,
};

struct conn;
struct control;

/* Settings of a running sandbox: POST /opts. */
struct sandbox_options {
    bool any_dc;                     /* a key exchange may name any DC */
    unsigned transport_pad;          /* padded intermediate: at most this many bytes, 0..15 */
    unsigned gzip_min;               /* answers and updates of at least this many bytes go gzipped; 0: never */
    unsigned write_size;             /* bytes that go to a socket at once; 0: all */
    bool containers;                 /* every packet holds a container */
    enum mt_handshake_lie handshake; /* told in every key exchange */
};

struct listener {
    uv_tcp_t tcp;
    struct sandbox *s;
    int dc;
    char address[80];
};

struct sandbox {
    uv_loop_t loop;
    uv_thread_t thread;
    bool thread_runs, loop_is_open;
    uv_async_t stop, job;
    struct listener dc[2];
    struct conn *conns;
    size_t conns_n;
    char *read_buffer; /* SANDBOX_READ_BUFFER: reads are taken in at once */

    struct random_seeded seeded;
    struct random_source world_random;
    struct rsa_key *rsa;
    const struct tl_schema *const *schemas;
    size_t schemas_n;

    struct world world;
    struct keys keys;
    struct inject inject;
    struct lints lints;
    struct trace trace;
    struct sandbox_options options;
    struct session *acting; /* whose call runs now: its result carries the updates */
    struct control *control;
    struct keep keep;
};

/* The schema of this layer, else of the nearest one; NULL: it is no layer. */
const struct tl_schema *sandbox_schema(const struct sandbox *s, int layer);
int64_t sandbox_now_us(const struct sandbox *s);
/* Takes EVENT. */
void sandbox_trace(struct sandbox *s, json_t *event);
/* world.push: to every session of USER that wants updates, except the acting one. */
void sandbox_push(void *ctx, const struct world_user *user, const json_t *updates);
/* world.push_key: the same to the sessions of one key. */
void sandbox_push_key(void *ctx, int dc, uint64_t key_id, const json_t *updates);

#endif
