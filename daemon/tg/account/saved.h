/* What of an account outlives the process, and how the next one goes on with it. The account's thread. */
#ifndef TGCALLD_TG_SAVED_H
#define TGCALLD_TG_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/tg/account/state.h"
#include "daemon/tg/env.h"
#include "daemon/tg/keeper.h"

struct tg_account;

/* All borrowed. */
struct tg_saved {
    const char *name;
    enum tg_account_state state;
    const char *reason, *remedy; /* "" for none */
    enum tg_logout logout;
    int32_t home_dc; /* where the key that carries the login is; 0: none yet */
    int64_t self_id, user_id;
    const json_t *user;      /* NULL before login */
    struct tg_way *way;      /* NULL: the daemon's own */
    bool has_steps;          /* restoring: what the steps of a login left behind follows, see tg_login_restore() */
    bool is_import;          /* its key is another program's login, and who that is was not heard yet */
    struct tg_given_key key; /* of home_dc; its key NULL where there is none */
};

/* A wait that Telegram asked for; borrowed. */
struct tg_saved_flood {
    const char *method, *phone, *family; /* phone "" for none */
    bool has_peer, of_peer;
    enum peer_kind kind;
    int64_t peer_id;
    int32_t code;
    int64_t until_wall_us;
};

/* As it is now, but for the key, which went to the keeper when it was made. */
void tg_account_saved(const struct tg_account *a, struct tg_saved *ret);
/* The I-th of its waits; false: there is none. */
bool tg_account_saved_flood(struct tg_account *a, size_t i, struct tg_saved_flood *ret);

/* The account of an earlier process: as tg_account_new(), and in the state that it was in. A login that was under way
 * begins anew without what its steps left behind, but for one that only lacks its password; and always where a QR code
 * was shown, which is good for moments. Nothing is asked yet: see tg_login_resume(). */
int tg_account_restore(const struct tg_env *env, const struct tg_saved *saved, struct tg_account **ret) TGC_MUST;
/* A wait of an earlier process; one of a method that the layer lacks, or that is over, is none. */
void tg_account_restore_flood(struct tg_account *a, const struct tg_saved_flood *saved);

#endif
