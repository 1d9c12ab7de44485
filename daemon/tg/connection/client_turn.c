/* A client's turn to make a key. It is asked for before the link is dialled, so that nobody holds connections open only
 * to stand in line; and it is one's own for a short while only: a server or a proxy that is slow to answer is waited
 * for, but costs the others nothing. Whose link came up too late for his turn has the next one. */
#include <stdio.h>

#include "daemon/tg/connection/client_internal.h"

enum { TURN_MOST_S = 3 };

static bool take(struct tg_client *c, bool has_link)
{
    return !c->env->handshakes || handshake_take(c->env->handshakes, &c->turn, has_link);
}

bool client_has_turn(struct tg_client *c)
{
    return take(c, false);
}

bool client_take_turn(struct tg_client *c)
{
    if (take(c, c->link != NULL))
        return true;
    net_timer_stop(c->timer);
    c->remedy = NULL;
    snprintf(c->trouble, sizeof(c->trouble),
             "it waits for its turn to make a key: as many are made at once as [telegram] handshakes_max allows");
    return false;
}

void client_turn_over(struct tg_client *c)
{
    handshake_leave(&c->turn);
}

int64_t client_turn_end_us(const struct tg_client *c)
{
    return handshake_is_held(&c->turn) ? tg_now(c->env) + TURN_MOST_S * SECOND_US : INT64_MAX;
}

void client_await(struct tg_client *c, int64_t deadline_us)
{
    int64_t turn_us = client_turn_end_us(c);

    c->deadline_us = deadline_us;
    net_timer_set(c->timer, turn_us < deadline_us ? turn_us : deadline_us);
}

bool client_gives_turn_up(struct tg_client *c)
{
    if (!handshake_is_held(&c->turn))
        return false;
    client_turn_over(c);
    net_timer_set(c->timer, c->deadline_us);
    return true;
}
