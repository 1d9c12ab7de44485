#include "tests/unit/sandbox/pair.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sandbox/world/json.h"

struct server pair_server;
struct raw pair_client;
const uint8_t pair_ping[12] = {0xec, 0x77, 0xbe, 0x7a, 1, 2, 3, 4, 5, 6, 7, 8};

void pair_setup(void)
{
    server_start(&pair_server);
    raw_init(&pair_client, &pair_server, 1, 229, WIRE_INTERMEDIATE, false);
}

void pair_teardown(void)
{
    raw_fini(&pair_client);
    server_stop(&pair_server);
}

struct raw_message pair_next(uint32_t id)
{
    return raw_expect(&pair_client, id);
}

void pair_encode_nearest(struct buf *b)
{
    raw_encode(&pair_client, "help.getNearestDc", json_object(), b);
}

uint64_t pair_ask_nearest(void)
{
    struct buf b;

    buf_init(&b, 1024);
    pair_encode_nearest(&b);
    uint64_t id = raw_send(&pair_client, b.data, b.len, true);
    buf_fini(&b);
    return id;
}

void pair_fault(const char *rule)
{
    json_t *j = server_control(&pair_server, "POST", "/fault", rule);

    ck_assert_msg(json_object_get(j, "faults") != NULL, "%s", json_get_text(j, "detail"));
    json_decref(j);
}

void pair_opts(const char *members)
{
    json_t *j = server_control(&pair_server, "POST", "/opts", members);

    ck_assert_msg(json_object_get(j, "status") == NULL, "%s", json_get_text(j, "detail"));
    json_decref(j);
}

void pair_is_heard(struct raw *r)
{
    raw_send(r, pair_ping, sizeof(pair_ping), false);
    free(raw_expect(r, MT_PONG).body);
}

int pair_lints(const char *lint)
{
    json_t *j = server_control(&pair_server, "GET", "/lints", ""), *one;
    int n = 0;
    size_t i;

    json_array_foreach (json_object_get(j, "lints"), i, one)
        if (!strcmp(json_get_text(one, "lint"), lint))
            n = (int)json_get_long(one, "count");
    json_decref(j);
    return n;
}
