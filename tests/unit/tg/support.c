#include "tests/unit/tg/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "daemon/tl/encode.h"

json_t *json_of(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;

    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *j = json_loads(copy, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
    ck_assert_msg(j != NULL, "%s: %s", text, error.text);
    free(copy);
    return j;
}

void bytes_of(int layer_n, const char *text, struct buf *out)
{
    struct fault fault = {0};
    json_t *j = json_of(text);

    buf_init(out, 1 << 20);
    int err = tl_encode_object(shipped_layer(layer_n), j, TL_ENCODE_LENIENT, out, &fault);
    ck_assert_msg(err == 0, "%s: %s: %s", text, fault.path, fault.text);
    json_decref(j);
}

void expect_json(json_t *got, const char *want)
{
    json_t *j = json_of(want);
    char *text = json_dumps(got, JSON_COMPACT);

    ck_assert_msg(json_equal(got, j), "got %s, want %s", text, want);
    free(text);
    json_decref(j);
    json_decref(got);
}

static struct tg_peer peer(enum peer_kind kind, int64_t id, int64_t hash)
{
    return (struct tg_peer){.kind = kind, .id = id, .access_hash = hash, .has_hash = hash != 0};
}

struct tg_peer user(int64_t id, int64_t hash)
{
    return peer(PEER_USER, id, hash);
}

struct tg_peer channel(int64_t id, int64_t hash)
{
    return peer(PEER_CHANNEL, id, hash);
}
