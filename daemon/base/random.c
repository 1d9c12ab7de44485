#include "daemon/base/random.h"

#include <string.h>

#include <sodium.h>

#include "daemon/base/le.h"

static void system_fill(void *ctx, void *out, size_t len)
{
    (void)ctx;
    randombytes_buf(out, len);
}

const struct random_source random_system = {system_fill, NULL};

void random_seeded_init(struct random_seeded *r, uint64_t seed)
{
    memset(r, 0, sizeof(*r));
    le64_store(r->seed, seed);
}

/* Each draw has a stream of its own: the counter is part of the key. */
static void seeded_fill(void *ctx, void *out, size_t len)
{
    struct random_seeded *r = ctx;
    uint8_t key[randombytes_SEEDBYTES];

    _Static_assert(sizeof(key) == sizeof(r->seed), "a seed fills the generator's key");
    memcpy(key, r->seed, sizeof(key));
    le64_store(key + 8, r->counter++);
    randombytes_buf_deterministic(out, len, key);
}

struct random_source random_seeded_source(struct random_seeded *r)
{
    return (struct random_source){seeded_fill, r};
}

void random_pool_init(struct random_pool *p, const struct random_source *from)
{
    *p = (struct random_pool){.from = from};
}

static void pool_fill(void *ctx, void *out, size_t len)
{
    struct random_pool *p = ctx;

    if (len > sizeof(p->bytes) / 4) {
        random_fill(p->from, out, len);
        return;
    }
    if (len > p->left) {
        random_fill(p->from, p->bytes, sizeof(p->bytes));
        p->left = sizeof(p->bytes);
    }
    p->left -= len;
    memcpy(out, p->bytes + p->left, len);
    sodium_memzero(p->bytes + p->left, len);
}

struct random_source random_pool_source(struct random_pool *p)
{
    return (struct random_source){pool_fill, p};
}

uint32_t random_u32(const struct random_source *r)
{
    uint32_t v;

    random_fill(r, &v, sizeof(v));
    return v;
}

int32_t random_id32(const struct random_source *r)
{
    uint32_t v;

    do
        v = random_u32(r);
    while (v == 0);
    return (int32_t)v;
}

uint64_t random_u64(const struct random_source *r)
{
    uint64_t v;

    random_fill(r, &v, sizeof(v));
    return v;
}

uint32_t random_below(const struct random_source *r, uint32_t bound)
{
    if (bound < 2)
        return 0;
    /* Values below 2^32 mod BOUND would be drawn once too often. */
    uint32_t skip = -bound % bound, v;
    do
        v = random_u32(r);
    while (v < skip);
    return v % bound;
}
