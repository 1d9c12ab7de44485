/* The account as the files of its own room see it. */
#ifndef TGCALLD_TG_ACCOUNT_INTERNAL_H
#define TGCALLD_TG_ACCOUNT_INTERNAL_H

#include "daemon/base/buf.h"
#include "daemon/base/table.h"
#include "daemon/mt/auth_key.h"
#include "daemon/mt/rpc_error.h"
#include "daemon/tg/account/flood.h"
#include "daemon/tg/account/state.h"
#include "daemon/tg/connection/client.h"
#include "daemon/tg/known/known.h"

struct tg_effect;

enum { ACCOUNT_RETIRED_MAX = 4 };

/* Where the account was before a move that has not come to its end. */
struct account_former {
    int32_t dc;
    struct mt_auth_key *key; /* owned; NULL: there is no way back */
    uint64_t salt;
    bool is_new; /* see tg_given_key */
};

struct tg_account {
    const struct tg_env *env;
    char name[40];
    struct tg_way *way; /* NULL: the daemon's own */
    enum tg_account_state state;
    enum tg_logout logout;         /* the last */
    char reason[192], remedy[256]; /* "" for none */
    int32_t home_dc;
    struct account_former former;
    struct tg_client *client;                       /* NULL until something is to be asked */
    struct tg_client *retired[ACCOUNT_RETIRED_MAX]; /* replaced while their own event ran: freed from the timer */
    unsigned retired_n;
    struct net_timer *timer;      /* the earliest deadline, wait or other work for later */
    int64_t wake_us;              /* when it fires */
    struct tg_request *requests;  /* utlist, in the order of asking */
    struct tg_request *by_number; /* uthash over those that are in the session */
    unsigned unknown_n;           /* sent, and not answered at their deadline */
    bool waits_for_room;          /* a request met a full session: the next that leaves it wakes the account */
    struct floods floods;
    int32_t moving_to;      /* the DC that a login is being moved to; 0 */
    int64_t stays_until_us; /* a move failed: it does not try again by itself before */
    unsigned moves_failed;  /* in a row */
    struct tg_known *known;
    int64_t self_id;     /* 0: not logged in */
    int64_t user_id;     /* who was logged in last; 0 */
    json_t *self;        /* the User of the REST contract; NULL before login */
    struct login *login; /* NULL until the first step */
    const struct account_login_ops *login_ops;
    bool closing;         /* being freed: nothing more is asked */
    bool login_unsettled; /* a step of the login may have been taken unheard */
    bool is_foreign;      /* its key is another program's login: it is nobody without, and no other is made */
    bool is_noted;        /* the keeper knows that there is something to keep */
    struct refresh *refresh;
    struct follow *follow;
    int64_t freeze_checked_us;
    int64_t standing_due_us, standing_asked_us; /* of standing.c; 0: not */
    bool was_answered; /* by its client: who had it connect asks for something in its first session */
    uint64_t undefined_flags;
    void *kept; /* of a room above */
    void (*end_kept)(void *kept);
};

/* frozen.c */
void account_frozen_begin(struct tg_account *a);
/* The account's timer. */
void account_frozen_tick(struct tg_account *a);
/* Somebody wants more than to read. */
void account_frozen_wanted(struct tg_account *a);

/* standing.c: the link was lost, or there is a new session, by the server's or by a move to another data centre: later
 * what was missed is asked for, and so whether the login still stands. */
void account_standing_doubted(struct tg_account *a);
void account_session_is_new(struct tg_account *a);
/* The account's timer. */
void account_standing_tick(struct tg_account *a);

/* follow.c: the login is over, nothing is known of its updates. */
void account_unfollow(struct tg_account *a);

/* config.c: what Telegram says of itself to all, and where its data centres are, learnt for the process. */
/* Bytes that have a config, or updateDcOptions, within; METHOD is NULL for an update. */
void account_config_told(struct tg_account *a, const struct tl_comb *method, const uint8_t *data, size_t len);
/* What was told is not so any more. */
void account_config_doubted(struct tg_account *a);

/* Connects to the home DC unless that is done. TGC_EUNKNOWN: no such DC is configured. */
int account_connect(struct tg_account *a) TGC_MUST;
/* Clients that were replaced in their own event go, once they have nothing more to say. */
void account_free_retired(struct tg_account *a);
/* The account goes: its clients and keys do too. */
void account_drop_client(struct tg_account *a);
/* Closes the connection and forgets the key; requests under way end with TGC_ESTATE. */
void account_disconnect(struct tg_account *a, const char *why);
/* Has the account's timer run at that time, or sooner where it already would. */
void account_wake_at(struct tg_account *a, int64_t at_us);

/* Learns from the answer to METHOD, asked at MARK, or (NULL, 0) an update: see tg_known_learn(). A fault means
 * that the bytes do not fit the layer. */
int account_learn(struct tg_account *a, const struct tl_comb *method, uint64_t mark, const uint8_t *data, size_t len,
                  struct tg_learnt *ret, struct fault *fault) TGC_MUST;
/* A request with this effect was sent and not answered: what it could have changed is asked again before it is relied
 * on. */
void account_unsettle(struct tg_account *a, const struct tg_effect *effect);
/* One with this effect was, or may have been, carried out; CALL_ID is its answer's. Other accounts that create in the
 * chat next ask it. */
void account_acted(struct tg_account *a, const struct tg_effect *effect, int64_t call_id);
/* One with this effect is sent: until account_undoubt() on what is given back, when its fate is known, no account
 * relies on what it knew of the chat that it acts in. */
struct tg_effect account_doubt(struct tg_account *a, const struct tg_effect *effect);
void account_undoubt(struct tg_account *a, const struct tg_effect *doubt);
void account_missed_updates(struct tg_account *a);
/* The link was lost, and updates with it. */
void account_link_lost(struct tg_account *a);
void account_on_update(struct tg_account *a, const uint8_t *data, size_t len);

/* invoke.c: events of the client, and the account's timer. */
void invoke_on_result(struct tg_account *a, uint64_t number, const uint8_t *data, size_t len);
void invoke_on_error(struct tg_account *a, uint64_t number, const struct mt_rpc_error *error);
void invoke_on_failed(struct tg_account *a, uint64_t number, int err);
/* Sends what waits and may go now. */
void invoke_send_waiting(struct tg_account *a);
/* What the askers knew may no longer hold: what they do not want sent again is not. */
void invoke_hold_all(struct tg_account *a);
/* The session is about to go: what it carried waits for the next, and what it owed an answer is lost. */
void invoke_unsend_all(struct tg_account *a);
/* Does what is due, and has the timer run for what is next. */
void invoke_tick(struct tg_account *a);
/* Ends every request with TG_NO_ANSWER. */
void invoke_fail_all(struct tg_account *a, int err, const char *detail);

#endif
