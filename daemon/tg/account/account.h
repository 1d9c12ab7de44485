/* One Telegram account: its state, its connection to the home data centre, what it knows. An account lives on exactly
 * one worker's thread, which owns all of it. */
#ifndef TGCALLD_TG_ACCOUNT_H
#define TGCALLD_TG_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/tg/account/state.h"
#include "daemon/tg/env.h"
#include "daemon/tg/known/known.h"
#include "daemon/tg/way.h"

struct tg_account;

/* In state wait_login, with no connection yet. NAME is the caller's to judge. */
int tg_account_new(const struct tg_env *env, const char *name, struct tg_account **ret) TGC_MUST;
/* Ends every request under way (TGC_ECLOSED), closes, wipes. Not from inside an answer's callback. */
void tg_account_free(struct tg_account *a);

const char *tg_account_name(const struct tg_account *a);
enum tg_account_state tg_account_state(const struct tg_account *a);
/* One sentence each; NULL for none. */
const char *tg_account_reason(const struct tg_account *a);
const char *tg_account_remedy(const struct tg_account *a);
/* Of one that is logged out by auth.logOut, or by the loss of its key on purpose: whether Telegram said so. */
enum tg_logout tg_account_logout(const struct tg_account *a);
int64_t tg_account_self_id(const struct tg_account *a);
/* Why there is no connection right now; "" where there is one. */
const char *tg_account_trouble(const struct tg_account *a);
/* Whether it is logged in and connected. */
bool tg_account_is_online(const struct tg_account *a);
/* Telegram's Unix time, whatever the machine's clock says. False: nothing was heard of it since the start. */
bool tg_account_server_us(const struct tg_account *a, int64_t *ret_us);
/* So long it must not ask METHOD again, as Telegram said; 0: it may. */
int64_t tg_account_flood_us(struct tg_account *a, const char *method);

/* The ids of its permanent keys, as they are on the wire: of the one that it speaks or will speak by, and during a move
 * also of the one from before. Returns how many. */
enum { TG_ACCOUNT_KEYS_MAX = 2 };
size_t tg_account_key_ids(const struct tg_account *a, uint64_t ret[static TG_ACCOUNT_KEYS_MAX]);

const struct tg_env *tg_account_env(const struct tg_account *a);
struct tg_known *tg_account_known(struct tg_account *a);
/* Parts of it. */
struct tg_peers *tg_account_peers(struct tg_account *a);
struct tg_calls *tg_account_calls(struct tg_account *a);

/* By which way it connects; borrowed, NULL for the daemon's own. */
struct tg_way *tg_account_way(const struct tg_account *a);
/* What is dialled anew goes by WAY (kept) from now on: the first connection too, where there was none yet. */
void tg_account_set_way(struct tg_account *a, struct tg_way *way);
/* And so does what is there: each connection that goes by another way is closed, and dialled anew at once. What is
 * under way fares as after a link that was lost. Not from inside an event of the account's. */
void tg_account_go_its_way(struct tg_account *a);

/* One thing that a room above keeps with the account: END frees it when the account goes, after every request has
 * ended. NULL where nothing is kept. */
void *tg_account_kept(const struct tg_account *a);
void tg_account_keep(struct tg_account *a, void *kept, void (*end)(void *kept));

/* Asks for Telegram's config (help.getConfig) where it is time to, for the process (dc_learnt.h). To be called now and
 * then; it does so itself when something was answered in a new connection. */
void tg_account_look_at_config(struct tg_account *a);

/* The Account of the REST contract; a new reference. */
json_t *tg_account_json(struct tg_account *a);

#endif
