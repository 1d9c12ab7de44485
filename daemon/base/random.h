/* Where random bytes come from, handed in so that tests and a seeded sandbox repeat themselves. */
#ifndef TGCALLD_BASE_RANDOM_H
#define TGCALLD_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random_source {
    void (*fill)(void *ctx, void *out, size_t len);
    void *ctx;
};

/* The kernel's, by libsodium. Any thread. */
extern const struct random_source random_system;

/* The same bytes for the same seed: for tests and `--seed`. One thread at a time. */
struct random_seeded {
    uint8_t seed[32];
    uint64_t counter;
};
void random_seeded_init(struct random_seeded *r, uint64_t seed);
struct random_source random_seeded_source(struct random_seeded *r);

/* Small draws of another source out of one larger one, which costs a system call. What was handed out is wiped. One
 * thread at a time. */
struct random_pool {
    const struct random_source *from;
    size_t left; /* the bytes at the front that were not handed out yet */
    uint8_t bytes[2048];
};
void random_pool_init(struct random_pool *p, const struct random_source *from);
struct random_source random_pool_source(struct random_pool *p);

static inline void random_fill(const struct random_source *r, void *out, size_t len)
{
    r->fill(r->ctx, out, len);
}

uint32_t random_u32(const struct random_source *r);
uint64_t random_u64(const struct random_source *r);
/* A random_id of TL, which names an intent: never 0. */
int32_t random_id32(const struct random_source *r);
/* Uniform in [0, BOUND); BOUND 0 gives 0. */
uint32_t random_below(const struct random_source *r, uint32_t bound);

#endif
