/* What it costs to look a token up, among 1 and among 10,000: "one N many N", nanoseconds, in one run and by turns. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/digest.h"
#include "daemon/base/hex.h"
#include "daemon/bridge/tokens.h"

enum { MANY = 10000, TURNS = 20, ROUNDS = 20000 };

static struct tokens *with(int count)
{
    json_t *list = json_array(), *all = json_pack("{s:o}", "tokens", list);
    char name[32], hex[2 * DIGEST_SIZE + 1];
    uint8_t hash[DIGEST_SIZE];
    struct tokens *t;

    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "token-%d", i);
        digest_sha256(name, strlen(name), hash);
        hex_encode(hash, sizeof(hash), hex);
        json_array_append_new(list, json_pack("{s:s, s:s, s:[s]}", "name", name, "hash", hex, "scopes", "read"));
    }
    int err = tokens_new(&t);
    if (!err)
        err = tokens_load(t, all, NULL);
    json_decref(all);
    return err ? NULL : t;
}

static int64_t look_up(struct tokens *t, int count)
{
    int64_t begin = clock_mono_us(&clock_system);
    struct token_grant grant;
    char name[32];

    for (int i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof(name), "token-%d", i % count);
        if (!tokens_check(t, name, strlen(name), &grant))
            return -1;
    }
    return clock_mono_us(&clock_system) - begin;
}

int main(void)
{
    struct tokens *one = with(1), *many = with(MANY);
    int64_t one_us = 0, many_us = 0;

    if (!one || !many)
        return 1;
    for (int i = 0; i < TURNS; i++) {
        one_us += look_up(one, 1);
        many_us += look_up(many, MANY);
    }
    printf("one %.0f many %.0f\n", (double)one_us * 1000 / TURNS / ROUNDS, (double)many_us * 1000 / TURNS / ROUNDS);
    tokens_free(one);
    tokens_free(many);
    return 0;
}
