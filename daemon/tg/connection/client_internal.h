/* The client as its rooms see it: client.c (when to connect, what to send), client_keys.c (how it comes to a key and a
 * session) and client_events.c (what comes in). */
#ifndef TGCALLD_TG_CLIENT_INTERNAL_H
#define TGCALLD_TG_CLIENT_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/session.h"
#include "daemon/net/link.h"
#include "daemon/tg/connection/backoff.h"
#include "daemon/tg/connection/client.h"
#include "daemon/tg/connection/keys.h"

struct tg_commit {
    struct tg_client *client; /* NULL: it is gone */
};

struct tg_client {
    const struct tg_env *env;
    const struct tg_dc *dc;
    const struct tg_client_handlers *handlers;
    void *ctx;
    struct net_link *link;
    struct net_timer *timer;               /* READY: the session's deadline; EXCHANGING: its own; WAITING: its end */
    struct mt_handshake_client *handshake; /* while EXCHANGING, until the key is made */
    struct tg_key_slot key;
    struct tg_commit *commit;   /* the key's, until it is answered; the committer's to free */
    struct mt_session *session; /* from the first time that the key was used, until it is given up */
    struct backoff backoff;
    size_t address;    /* the one to begin with */
    uint64_t received; /* of the link, when last looked at */
    struct tg_connection connection;
    char trouble[192];
    struct buf out; /* one packet at a time */
};

/* The one way from state to state: false where STATE may not follow. */
bool client_go(struct tg_client *c, enum tg_connection_state state);
/* Closes the link; the next attempt comes after a while, at least AT_LEAST_US. */
void client_retry_later(struct tg_client *c, int64_t at_least_us, const char *why);
/* Sends all that is due and sets the timer to the session's next wish. */
void client_pump(struct tg_client *c);

extern const struct net_link_handlers client_link_handlers;
extern const struct mt_session_handlers client_session_handlers;

/* client_keys.c. The link is up: does what the key needs, then speaks. */
void client_open(struct tg_client *c);
/* A packet of the exchange. */
void client_hear_exchange(struct tg_client *c, const uint8_t *data, size_t len);
/* The exchange's time is over. */
void client_exchange_timeout(struct tg_client *c);
/* The key goes, its session without a call for its requests, and what was offered goes unanswered. */
void client_drop_key(struct tg_client *c);

#endif
