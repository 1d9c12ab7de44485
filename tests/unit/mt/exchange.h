/* Both sides of a key exchange against each other. */
#ifndef TGCALLD_TESTS_MT_EXCHANGE_H
#define TGCALLD_TESTS_MT_EXCHANGE_H

#include "daemon/mt/handshake_client.h"
#include "daemon/mt/handshake_server.h"
#include "tests/unit/mt/support.h"

struct exchange {
    struct fake_clock clock;
    struct script client_random, server_random;
    const struct rsa_key *keys[1];
    struct mt_handshake_client_config client_config;
    struct mt_handshake_server_config server_config;
    struct mt_handshake_client *client;
    struct mt_handshake_server *server;
    struct buf to_server, to_client;
    struct fault client_fault, server_fault;
};

/* Fills in configurations for DC 2, which may be changed before exchange_open(). */
void exchange_init(struct exchange *e, uint64_t seed);
/* Makes both and starts: the first query lies in to_server. */
void exchange_open(struct exchange *e);
void exchange_fini(struct exchange *e);
/* One step each; the return of the server's feed, of the client's feed. */
int exchange_serve(struct exchange *e);
int exchange_take(struct exchange *e);
/* To the end: 1, or what the client (negative) or server (positive over 1) refused with. */
int exchange_run(struct exchange *e);

#endif
