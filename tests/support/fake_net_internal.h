/* The fake loop, as the fake links see it. */
#ifndef TGCALLD_TESTS_FAKE_NET_INTERNAL_H
#define TGCALLD_TESTS_FAKE_NET_INTERNAL_H

#include "daemon/net/gate.h"
#include "tests/support/fake_net.h"

/* Something that happens once, at a time; of equal times the earlier posted first. Memory of who posts it. */
struct fake_event {
    int64_t due_us;
    uint64_t number;
    void (*run)(void *ctx);
    void (*drop)(void *ctx); /* instead, when the loop goes first; NULL: nothing is to be done */
    void *ctx;
    struct fake_event *prev, *next;
};

struct fake_server {
    struct net_address address;
    enum fake_address state;
    unsigned dials;
    const struct fake_listener *listener;
    void *ctx;
    struct fake_server *next;
};

struct net_loop {
    const struct clock_source *clock;
    struct net_annex annex;
    struct fake_event *events; /* utlist, in their order */
    uint64_t last_number;
    bool (*turn)(void *ctx);
    void *turn_ctx;
    bool stopped;
    unsigned still; /* events since time passed */
    size_t handles; /* timers, wake-ups and links that are not freed */
    int64_t latency_us;
    bool is_dead;
    struct fake_server *servers;
};

static inline int64_t fake_now(const struct net_loop *loop)
{
    return clock_mono_us(loop->clock);
}

/* Not before now. */
void fake_post(struct net_loop *loop, struct fake_event *event, int64_t due_us);
void fake_unpost(struct net_loop *loop, struct fake_event *event);

#endif
