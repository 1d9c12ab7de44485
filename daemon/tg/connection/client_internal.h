/* The client as its two rooms see it: client.c (when to connect, what to send) and client_events.c (what comes in). */
#ifndef TGCALLD_TG_CLIENT_INTERNAL_H
#define TGCALLD_TG_CLIENT_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/session.h"
#include "daemon/net/link.h"
#include "daemon/tg/connection/backoff.h"
#include "daemon/tg/connection/client.h"

struct tg_client {
    const struct tg_env *env;
    const struct tg_dc *dc;
    const struct tg_client_handlers *handlers;
    void *ctx;
    struct net_link *link;
    struct net_timer *timer; /* the session's deadline, or the handshake's, or the wait before the next attempt */
    struct mt_handshake_client *handshake;
    struct mt_auth_key *key;
    struct mt_session *session;
    struct backoff backoff;
    size_t address; /* the one to begin with */
    unsigned key_denials;
    bool key_served;   /* the server has used it */
    uint64_t received; /* of the link, when last looked at */
    enum tg_connection connection;
    int64_t since_unix;
    char trouble[192];
    struct buf out; /* one packet at a time */
};

void client_set_connection(struct tg_client *c, enum tg_connection connection);
/* Closes the link; the next attempt comes after a while, at least AT_LEAST_US. */
void client_retry_later(struct tg_client *c, int64_t at_least_us, const char *why);
/* Sends all that is due and sets the timer to the session's next wish. */
void client_pump(struct tg_client *c);

extern const struct net_link_handlers client_link_handlers;
/* Without a call for its requests. */
void client_stop_session(struct tg_client *c);

#endif
