/* The client as its rooms see it: client.c (when to connect, what to send), client_dial.c (its link), client_keys.c
 * (how it comes to its keys), client_turn.c (when it may make one), client_temporary.c (the life of a temporary key),
 * client_side.c (what is said under the permanent one all the same) and client_events.c (what comes in). */
#ifndef TGCALLD_TG_CLIENT_INTERNAL_H
#define TGCALLD_TG_CLIENT_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/session.h"
#include "daemon/net/gate.h"
#include "daemon/net/link.h"
#include "daemon/tg/connection/backoff.h"
#include "daemon/tg/connection/client.h"
#include "daemon/tg/connection/keys.h"
#include "daemon/tg/handshakes.h"

struct tg_commit {
    struct tg_client *client; /* NULL: it is gone */
};

struct client_temporary {
    bool is_used;            /* else the permanent key speaks, and all below lies idle */
    struct tg_key_slot key;  /* the one that speaks */
    struct tg_key_slot next; /* made before that one's end, and waiting for a quiet moment */
    bool has_changed;        /* the session is to go over to it before it speaks */
    bool is_unbound;         /* the server says so */
    bool doubts_permanent;   /* a binding was refused: does the server know the permanent key at all? */
    int64_t renew_us;        /* when to make the next */
    int64_t turn_us;         /* READY: when the turn to make it has taken too long */
    int64_t until_us;        /* READY: when what is under way, an exchange or a binding, has taken too long */
    int64_t refused_wait_us; /* a binding was refused: -1 for no; else the pause that was asked for */
    int64_t pause_us;        /* due once it is known that the server knows the permanent key; 0 for none */
    char refused[96];        /* why */
    struct backoff backoff;  /* between the keys */
};

struct tg_client {
    const struct tg_env *env;
    const struct tg_dc *dc;
    struct tg_way *way; /* what its link borrows the proxy of */
    const struct tg_client_handlers *handlers;
    void *ctx;
    struct net_link *link;
    struct net_timer *timer; /* where it speaks: the session's deadline, or what is due before; WAITING: its end; else
                                client_await() */
    int64_t deadline_us;     /* of client_await() */
    struct handshake_place turn;           /* to make a key */
    struct mt_handshake_client *handshake; /* until the key is made: while EXCHANGING, or READY to make the next */
    struct tg_key_slot *making;            /* where that key is to stand */
    struct tg_key_slot key;                /* the permanent one */
    struct tg_commit *commit;              /* the key's, until it is answered; the committer's to free */
    struct mt_session *session;            /* from the first time that the key was used, until it is given up */
    bool is_speaking;                      /* on this link */
    bool is_new_session;                   /* nobody was told of it yet */
    bool was_away;                         /* the link, since somebody was told that the session speaks */
    struct mt_session *side; /* under the permanent key, where a temporary one speaks; see client_side.c */
    struct client_temporary temporary;
    struct backoff backoff;
    struct net_gate_ear ear;
    bool awaits_gate;  /* WAITING: for it to open, whatever the timer says */
    unsigned attempt;  /* what dc_way.h is to begin with: those that failed so far, by the addresses of now */
    unsigned edition;  /* of what was learnt of addresses, when last dialled */
    struct proxy *via; /* the link's, where it is to an address that has a secret; else NULL */
    bool is_heard;     /* the link brought something that only who knows the key can say */
    uint64_t received; /* of the link, when last looked at */
    struct tg_connection connection;
    char trouble[192];
    const char *remedy; /* for that; NULL for none */
    bool has_failed;    /* and trouble says why; else it says what is waited for */
    struct buf out;     /* one packet at a time */
};

/* The one way from state to state: false where STATE may not follow. */
bool client_go(struct tg_client *c, enum tg_connection_state state);
/* Closes the link; the next attempt comes after a while, at least AT_LEAST_US. */
void client_retry_later(struct tg_client *c, int64_t at_least_us, const char *why);
/* Sends all that is due and sets the timer to the session's next wish. */
void client_pump(struct tg_client *c);

extern const struct net_link_handlers client_link_handlers;
extern const struct mt_session_handlers client_session_handlers;

/* client.c. Begins an attempt, when it is the client's turn where a key is to be made. */
void client_connect(struct tg_client *c);

/* client_dial.c. Begins to dial. */
int client_open_link(struct tg_client *c) TGC_MUST;
void client_close_link(struct tg_client *c);
/* Hears of the loop's gate from now on, and dials soon after it has opened where it waits for that. */
void client_watch_gate(struct tg_client *c);

/* client_turn.c. Whether a key may be made now; false: it stands in line, and client_turn_came() is called. */
bool client_has_turn(struct tg_client *c) TGC_MUST;
/* The same where nothing else can be done before: the client waits for it, and where its link is up before all others.
 */
bool client_take_turn(struct tg_client *c) TGC_MUST;
/* No key is being made (any more). */
void client_turn_over(struct tg_client *c);
/* When a turn that is had now has taken too long. */
int64_t client_turn_end_us(const struct tg_client *c);
/* Has the timer run at the deadline, and before it where the turn would take too long. */
void client_await(struct tg_client *c, int64_t deadline_us);
/* The timer ran: true where it was for the turn, and the client goes on without. */
bool client_gives_turn_up(struct tg_client *c) TGC_MUST;

enum { CLIENT_EXCHANGE_S = 15 }; /* an exchange, a binding, a question may take so long */

/* client_keys.c. It is the client's turn. */
void client_turn_came(void *client);
/* The link is up: does what the keys need, then speaks. */
void client_open(struct tg_client *c);
/* The same from where it stands. */
void client_go_on(struct tg_client *c);
/* Whether a key is to be made on the next link, as far as can be told. */
bool client_makes_key(struct tg_client *c);
/* Begins to make a key for SLOT. */
int client_exchange(struct tg_client *c, struct tg_key_slot *slot) TGC_MUST;
/* A packet of the exchange. */
void client_hear_exchange(struct tg_client *c, const uint8_t *data, size_t len);
/* The time of what is done while EXCHANGING is over. */
void client_exchange_timeout(struct tg_client *c);
/* The session may ask what it likes. */
void client_is_ready(struct tg_client *c);
/* What the session is to have of SLOT's key. */
struct mt_session_config client_session_config(struct tg_client *c, const struct tg_key_slot *slot);
/* The key goes, its session without a call for its requests, and what was offered goes unanswered. */
void client_drop_key(struct tg_client *c);

/* client_temporary.c */
void client_temporary_init(struct tg_client *c);
void client_temporary_fini(struct tg_client *c);
/* What it needs before it can be used; takes the next where that is there already. */
enum tg_key_need client_temporary_need(struct tg_client *c);
/* It is no good, for the reason WHY: another is made after a pause. */
void client_temporary_lost(struct tg_client *c, int64_t at_least_us, const char *why);
/* After packets were heard, or time has passed: a binding that was refused, one that takes too long; a key whose end is
 * near. True: the link is gone, or waits to be. */
bool client_temporary_look(struct tg_client *c);
/* When to look again. */
int64_t client_temporary_deadline(const struct tg_client *c);
/* The server knows the permanent key, as it was asked. */
void client_permanent_known(struct tg_client *c);
/* The next one: it may be made now; it is made, or could not be. */
void client_next_may_be_made(struct tg_client *c);
void client_next_made(struct tg_client *c);
void client_next_failed(struct tg_client *c, const char *why);
/* The session's word on its binding. */
void client_on_bound(void *ctx, int err, const struct mt_rpc_error *refusal);

/* client_side.c: one query (bare) under the permanent key itself. */
int client_side_begin(struct tg_client *c, const void *query, size_t len) TGC_MUST;
void client_side_end(struct tg_client *c);
/* A packet of it. True: it came from somebody who knows the key. */
bool client_side_hear(struct tg_client *c, uint8_t *data, size_t len);
/* Asks whether the server knows the key at all; the word is client_go_on(), or a denial. */
void client_ask_permanent(struct tg_client *c);
/* Nobody needs the keys: see tg_client_destroy_key(). */
void client_side_farewell(struct tg_client *c);
/* A packet after that. True: both were answered. */
bool client_side_farewell_hear(struct tg_client *c, uint8_t *data, size_t len);

#endif
