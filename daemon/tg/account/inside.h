/* The account as the room of logins (tg/login) sees it: who is logged in, and what may change that. The account's
 * thread. */
#ifndef TGCALLD_TG_INSIDE_H
#define TGCALLD_TG_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/tg/account/state.h"
#include "daemon/tg/connection/client.h"
#include "daemon/tl/model.h"

struct tg_account;

/* The one transition: false, and nothing is done, where STATE may not follow (state.h). {account} in REMEDY, here and
 * below, is the account's name. */
bool account_set_state(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy);
/* Logged in, frozen or not. */
bool account_is_inside(const struct tg_account *a);
/* Logged in as USER (taken), which the account then is READY as; what belonged to another user is forgotten. */
void account_enter(struct tg_account *a, int64_t user_id, json_t *user);
/* The login is gone for good: state, connection and what belonged to the key. */
void account_end_login(struct tg_account *a, enum tg_account_state state, const char *reason, const char *remedy);
/* The same by the user's own wish: the key goes too, and all that belonged to him. CONFIRMED: Telegram knows. */
void account_leave(struct tg_account *a, bool confirmed, const char *reason, const char *remedy);
/* Updates may have been missed, or the session is not known to be one that wants them: what was missed is asked for
 * now, until it is answered (follow.h). Nothing where nobody is logged in. */
void account_follow(struct tg_account *a);
/* A login that has not come to its end is given up: the key goes, and the account waits for another login. */
void account_begin_anew(struct tg_account *a);
/* The key is another program's, and was of no use here: the connection is closed and the key forgotten, without a word
 * to Telegram. What is under way ends with TGC_ESTATE and WHY; the state stays. */
void account_let_go(struct tg_account *a, const char *why);
/* The key that carries the login, and its data centre; borrowed until the account's next event. False: there is none.
 */
bool account_key(const struct tg_account *a, int32_t *ret_dc, struct tg_given_key *ret);
/* Moves the account, which nobody is logged in with, to another data centre: a new connection with a key of its own.
 * TGC_EUNKNOWN: there is no such. */
int account_move(struct tg_account *a, int32_t dc) TGC_MUST;
/* A move to another data centre came to nothing: home again, by the key from before. Nothing where there was no move.
 */
void account_move_back(struct tg_account *a);
/* A move was to the good: what was before it is forgotten. */
void account_stay(struct tg_account *a);
/* An answer of help.getAppConfig, whoever asked (frozen.c). */
void account_frozen_hear(struct tg_account *a, const struct tl_comb *method, const void *data, size_t len);

/* The account is being freed: nothing more is asked. */
bool account_is_closing(const struct tg_account *a);
/* Something was sent that could have logged somebody in, and it is not known whether it did. */
bool account_login_is_unsettled(const struct tg_account *a);
void account_login_settled(struct tg_account *a);
/* Something that could log somebody in, or out, is asked for, and who asks still waits. */
bool account_login_is_asked(const struct tg_account *a);
/* The same, and nobody waits any more: it may yet be carried out. */
bool account_login_is_late(const struct tg_account *a);

/* What the steps of a login keep with the account, and how the account asks them. */
struct login;
struct account_login_ops {
    void (*put_json)(const struct tg_account *a, json_t *account);
    /* Telegram said something by itself. */
    void (*on_update)(struct tg_account *a);
    /* The account is about to go: who waits off the loop is told now. */
    void (*abandon)(struct tg_account *a);
    void (*free)(struct tg_account *a);
};
struct login *account_login(const struct tg_account *a); /* NULL until it is set */
void account_set_login(struct tg_account *a, struct login *login, const struct account_login_ops *ops);

/* For the meter: it is there, in the state that it has (BY 1), or is there no more (-1). */
void account_count(struct tg_account *a, int by);

#endif
