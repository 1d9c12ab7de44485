/* Made of what any loop has, so that the loops of tests keep to the gate in the same way. */
#include "daemon/net/gate.h"

#include <stdlib.h>

#include "daemon/base/lease_gate.h"
#include "daemon/base/table.h"

struct net_gate {
    struct net_loop *loop;
    const struct lease_gate *lease;
    const struct clock_source *clock;
    struct net_wake *moved;
    struct net_timer *look; /* at the gate's moment; while it is shut, now and then */
    struct net_gate_ear *ears;
    bool was_told_shut;
    bool was_seen_shut; /* by who asked, since the last look */
};

enum { LOOK_S = 1 };

/* Who is told may leave, may make others leave, and may begin to listen. */
static void tell(struct net_gate *g, bool is_open)
{
    struct net_gate_ear *left = g->ears, *ear;

    g->ears = NULL;
    DL_FOREACH (left, ear)
        ear->list = &left;
    while ((ear = left) != NULL) {
        DL_DELETE(left, ear);
        DL_APPEND(g->ears, ear);
        ear->list = &g->ears;
        void (*told)(void *ctx) = is_open ? ear->opened : ear->shut;
        if (told)
            told(ear->ctx);
    }
}

static void look(void *ctx)
{
    struct net_gate *g = ctx;
    int64_t until_us = lease_gate_until_us(g->lease), now_us = clock_mono_us(g->clock);
    bool is_open = until_us > now_us;

    net_timer_set(g->look, is_open ? until_us : now_us + LOOK_S * SECOND_US);
    bool is_news = is_open ? g->was_told_shut || g->was_seen_shut : !g->was_told_shut;
    g->was_seen_shut = false;
    g->was_told_shut = !is_open;
    if (is_news)
        tell(g, is_open);
}

static void free_gate(void *gate)
{
    struct net_gate *g = gate;

    net_wake_free(g->moved);
    net_timer_free(g->look);
    free(g);
}

int net_gate_set(struct net_loop *loop, const struct lease_gate *lease)
{
    struct net_gate *g = calloc(1, sizeof(*g));

    if (!g)
        return TGC_ENOMEM;
    g->loop = loop;
    g->lease = lease;
    g->clock = net_loop_fresh_clock(loop);
    int err = net_wake_new(loop, look, g, &g->moved);
    if (!err)
        err = net_timer_new(loop, look, g, &g->look);
    if (err) {
        free_gate(g);
        return err;
    }
    net_timer_set(g->look, 0);
    *net_loop_annex(loop) = (struct net_annex){g, free_gate};
    return 0;
}

void net_gate_moved(struct net_loop *loop)
{
    struct net_gate *g = net_loop_annex(loop)->what;

    if (g)
        net_wake_signal(g->moved);
}

int64_t net_gate_left_us(struct net_loop *loop)
{
    struct net_gate *g = net_loop_annex(loop)->what;

    if (!g)
        return INT64_MAX;
    int64_t left_us = lease_gate_left_us(g->lease, g->clock);
    if (left_us > 0)
        return left_us;
    /* All others are told, and who asked hears when it opens, even where that is before anybody looks. */
    if (!g->was_told_shut && !g->was_seen_shut)
        net_timer_set(g->look, 0);
    g->was_seen_shut = true;
    return 0;
}

void net_gate_listen(struct net_loop *loop, struct net_gate_ear *ear)
{
    struct net_gate *g = net_loop_annex(loop)->what;

    if (!g || ear->list)
        return;
    DL_APPEND(g->ears, ear);
    ear->list = &g->ears;
}

void net_gate_forget(struct net_gate_ear *ear)
{
    if (!ear->list)
        return;
    DL_DELETE(*ear->list, ear);
    ear->list = NULL;
}
