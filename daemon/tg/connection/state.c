#include "daemon/tg/connection/state.h"

#define BIT(name) (1u << TG_CONNECTION_##name)

/* Whatever fails waits, and from everywhere it may be closed. One that is not the first in line to make a key begins
 * with waiting, for its turn. */
static const unsigned legal[TG_CONNECTION_STATES] = {
    [TG_CONNECTION_OFF] = BIT(DIALING) | BIT(WAITING),
    [TG_CONNECTION_WAITING] = BIT(DIALING) | BIT(OFF),
    [TG_CONNECTION_DIALING] = BIT(EXCHANGING) | BIT(READY) | BIT(WAITING) | BIT(OFF),
    [TG_CONNECTION_EXCHANGING] = BIT(READY) | BIT(WAITING) | BIT(OFF),
    [TG_CONNECTION_READY] = BIT(WAITING) | BIT(OFF),
};

bool tg_connection_go(struct tg_connection *c, enum tg_connection_state state, int64_t now_unix)
{
    if (!(legal[c->state] & 1u << state))
        return false;
    c->state = state;
    c->since_unix = now_unix;
    return true;
}

const char *tg_connection_state_text(enum tg_connection_state state)
{
    static const char *const texts[TG_CONNECTION_STATES] = {"off", "waiting", "dialing", "exchanging", "ready"};

    return texts[state];
}
