/* Where a connection stands, and what may follow. */
#ifndef TGCALLD_TG_CONNECTION_STATE_H
#define TGCALLD_TG_CONNECTION_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum tg_connection_state {
    TG_CONNECTION_OFF,        /* not begun, or at its end */
    TG_CONNECTION_WAITING,    /* until the next attempt, or for the turn to make a key */
    TG_CONNECTION_DIALING,    /* for a link */
    TG_CONNECTION_EXCHANGING, /* the link is up; a key is being made, kept, bound or asked after */
    TG_CONNECTION_READY,      /* the session speaks */
    TG_CONNECTION_STATES,
};

struct tg_connection {
    enum tg_connection_state state; /* changed by tg_connection_go() alone */
    int64_t since_unix;             /* 0: since it is there */
};

/* The one transition: false, and nothing is done, where STATE may not follow. */
bool tg_connection_go(struct tg_connection *c, enum tg_connection_state state, int64_t now_unix);
const char *tg_connection_state_text(enum tg_connection_state state);

#endif
