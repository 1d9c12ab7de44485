#include "tests/unit/mt/exchange.h"

#include <string.h>

void exchange_init(struct exchange *e, uint64_t seed)
{
    memset(e, 0, sizeof(*e));
    fake_clock_init(&e->clock);
    script_init(&e->client_random, seed * 2);
    script_init(&e->server_random, seed * 2 + 1);
    e->keys[0] = test_server_key();
    e->client_config = (struct mt_handshake_client_config){
        .clock = &e->clock.source, .random = &e->client_random.source, .keys = e->keys, .keys_n = 1, .dc = 2};
    e->server_config = (struct mt_handshake_server_config){
        .clock = &e->clock.source, .random = &e->server_random.source, .key = e->keys[0], .dc = 2};
    buf_init(&e->to_server, 1 << 16);
    buf_init(&e->to_client, 1 << 16);
}

void exchange_open(struct exchange *e)
{
    ck_assert_int_eq(mt_handshake_client_new(&e->client_config, &e->client), 0);
    ck_assert_int_eq(mt_handshake_server_new(&e->server_config, &e->server), 0);
    ck_assert_int_eq(mt_handshake_client_start(e->client, &e->to_server), 0);
}

void exchange_fini(struct exchange *e)
{
    mt_handshake_client_free(e->client);
    mt_handshake_server_free(e->server);
    buf_fini(&e->to_server);
    buf_fini(&e->to_client);
}

int exchange_serve(struct exchange *e)
{
    buf_reset(&e->to_client);
    return mt_handshake_server_feed(e->server, e->to_server.data, e->to_server.len, &e->to_client, &e->server_fault);
}

int exchange_take(struct exchange *e)
{
    buf_reset(&e->to_server);
    return mt_handshake_client_feed(e->client, e->to_client.data, e->to_client.len, &e->to_server, &e->client_fault);
}

int exchange_run(struct exchange *e)
{
    for (int i = 0; i < 20; i++) {
        int err = exchange_serve(e);
        if (err != 0 && err != 1)
            return err;
        err = exchange_take(e);
        if (err)
            return err;
    }
    ck_abort_msg("the exchange has no end");
}
