/* The data centres and clients of theirs on a desk: no sockets, no threads, and a clock that is turned by hand. Each
 * end has the machines of its own side, and bytes go between them in pieces of any size. */
#ifndef TGCALLD_TESTS_SANDBOX_DESK_H
#define TGCALLD_TESTS_SANDBOX_DESK_H

#include "daemon/mt/session.h"
#include "daemon/sandbox/centre/line.h"
#include "tests/support/fake_clock.h"

enum { DESK_CLIENTS = 2 };

struct desk_client {
    struct desk *d;
    struct line *line; /* NULL: the server hung up, or nobody dialled */
    struct wire *wire;
    struct mt_auth_key *key;
    struct mt_session *session;
    bool is_mute; /* it sends nothing more, and its timers stand still */
    unsigned answers, errors, failures, updates;
    uint64_t answered;    /* the last request that was */
    uint8_t answer[4096]; /* the result */
    size_t answer_len;
};

struct desk {
    struct fake_clock clock;
    struct random_seeded seeded, server_seeded;
    struct random_source random, server_random; /* the clients', the servers' padding */
    struct rsa_key *rsa, *rsa_public;
    const struct tl_schema *schema;
    struct centres s;
    size_t piece;  /* bytes that come at once, in both directions; 0: all */
    uint64_t said; /* a digest of all that the servers said */
    struct desk_client clients[DESK_CLIENTS];
};

void desk_init(struct desk *d);
void desk_fini(struct desk *d);
/* A new connection to data centre 1; what it had is over. */
void desk_dial(struct desk_client *c, enum wire_framing framing, bool obfuscated);
/* Makes a key over it, with USER_ID logged in on it, and begins a session in layer 229. */
void desk_begin(struct desk_client *c, int64_t user_id);
/* METHOD with PARAMS (stolen): its request. It leaves with desk_settle(). */
uint64_t desk_ask(struct desk_client *c, const char *method, json_t *params);
/* Bytes go back and forth until nobody has any. */
void desk_settle(struct desk *d);
/* Time passes, from one deadline to the next. */
void desk_pass(struct desk *d, int64_t us);
/* A rule of the control port's. */
void desk_fault(struct desk *d, json_t *rule);
/* How often METHOD was executed. */
int desk_executed(const struct desk *d, const char *method);

#endif
