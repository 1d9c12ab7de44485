/* What key exchanges cost a client by themselves, without a network, a store or anything else of the daemon's:
 * exchanges N KEY.pem (the server's, private). Prints "us N", the client's CPU for one. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/base/limits.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/handshake_server.h"

enum { LIFE_S = 86400, STEPS_MAX = 16 };

static int64_t cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static bool step_server(struct mt_handshake_server *server, struct buf *heard, struct buf *said)
{
    buf_reset(said);
    return mt_handshake_server_feed(server, heard->data, heard->len, said, NULL) >= 0;
}

/* Adds to *SPENT_NS what the client's side took. */
static bool talk(const struct mt_handshake_client_config *config, struct mt_handshake_server *server, int64_t *spent_ns)
{
    struct mt_handshake_client *client = NULL;
    struct buf up, down;
    int got = 0;

    buf_init(&up, LIMIT_PACKET);
    buf_init(&down, LIMIT_PACKET);
    int64_t begin = cpu_ns();
    if (mt_handshake_client_new(config, &client) || mt_handshake_client_start(client, &up))
        got = -1;
    *spent_ns += cpu_ns() - begin;
    for (int i = 0; got == 0 && i < STEPS_MAX; i++) {
        if (!step_server(server, &up, &down))
            break;
        buf_reset(&up);
        begin = cpu_ns();
        got = mt_handshake_client_feed(client, down.data, down.len, &up, NULL);
        if (got == 1)
            mt_auth_key_free(mt_handshake_client_take(client).key);
        *spent_ns += cpu_ns() - begin;
    }
    mt_handshake_client_free(client);
    buf_fini(&up);
    buf_fini(&down);
    return got == 1;
}

static bool exchange(const struct rsa_key *key, int64_t *spent_ns)
{
    const struct mt_handshake_client_config client = {
        .clock = &clock_system, .random = &random_system, .keys = &key, .keys_n = 1, .dc = 1, .expires_in = LIFE_S};
    const struct mt_handshake_server_config config = {
        .clock = &clock_system, .random = &random_system, .key = key, .dc = 1};
    struct mt_handshake_server *server;

    if (mt_handshake_server_new(&config, &server))
        return false;
    bool is_made = talk(&client, server, spent_ns);
    mt_auth_key_free(mt_handshake_server_take(server).key);
    mt_handshake_server_free(server);
    return is_made;
}

int main(int argc, char **argv)
{
    int n = argc == 3 ? atoi(argv[1]) : 0;
    struct rsa_key *key = NULL;
    struct fault fault;
    int64_t spent_ns = 0;

    fault_clear(&fault);
    if (n <= 0 || rsa_key_read(argv[2], &key, &fault)) {
        fprintf(stderr, "exchanges N KEY.pem%s%s\n", n > 0 ? ": " : "", fault.text);
        return 2;
    }
    for (int i = 0; i < n; i++) {
        if (!exchange(key, &spent_ns)) {
            fprintf(stderr, "exchange %d failed\n", i);
            return 1;
        }
    }
    printf("us %.1f\n", (double)spent_ns / 1000 / n);
    rsa_key_free(key);
    return 0;
}
