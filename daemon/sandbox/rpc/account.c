#include <string.h>

#include "daemon/base/le.h"
#include "daemon/crypto/dh.h"
#include "daemon/sandbox/rpc/rpc.h"

static json_t *kdf_algo(const struct srp_algo *a)
{
    return json_pack("{s:s, s:o, s:o, s:i, s:o}", "_",
                     "passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow", "salt1",
                     json_from_bytes(a->salt1, a->salt1_len), "salt2", json_from_bytes(a->salt2, a->salt2_len), "g",
                     (int)a->g, "p", json_from_bytes(a->p, sizeof(a->p)));
}

/* A fresh srp_id and srp_B. */
static int srp_challenge(struct rpc *r, struct world_user *u)
{
    struct account *a = r->account;
    int err = world_user_verifier(r->w, u);

    if (err)
        return err;
    random_fill(r->w->random, a->srp_b, sizeof(a->srp_b));
    err = srp_server_public(&u->algo, u->verifier, a->srp_b, a->srp_public);
    if (!err)
        a->srp_id = (int64_t)(random_u64(r->w->random) >> 2 | 1);
    return err;
}

static json_t *get_password(struct rpc *r, const json_t *params)
{
    struct world_user *u = r->account->pending ? r->account->pending : r->account->user;
    struct srp_algo fresh = {.salt1_len = 8, .salt2_len = 16, .g = 3};
    uint8_t random[256];

    if (!u)
        return rpc_fail(r, 401, "AUTH_KEY_UNREGISTERED");
    random_fill(r->w->random, random, sizeof(random));
    memcpy(fresh.salt1, random, fresh.salt1_len);
    memcpy(fresh.salt2, random + 8, fresh.salt2_len);
    memcpy(fresh.p, dh_telegram_prime, sizeof(fresh.p));
    json_t *j = json_pack("{s:s, s:o, s:{s:s, s:o}, s:o}", "_", "account.password", "new_algo", kdf_algo(&fresh),
                          "new_secure_algo", "_", "securePasswordKdfAlgoPBKDF2HMACSHA512iter100000", "salt",
                          json_from_bytes(random + 24, 8), "secure_random", json_from_bytes(random, sizeof(random)));
    if (!*u->password)
        return j;
    if (srp_challenge(r, u)) {
        json_decref(j);
        return NULL;
    }
    json_put(j, "has_password", json_true());
    json_put(j, "current_algo", kdf_algo(&u->algo));
    json_put(j, "srp_B", json_from_bytes(r->account->srp_public, sizeof(r->account->srp_public)));
    json_put(j, "srp_id", json_integer(r->account->srp_id));
    if (*u->hint)
        json_put(j, "hint", json_string(u->hint));
    return j;
}

static json_t *yes(struct rpc *r, const json_t *params)
{
    return json_true();
}

const struct rpc_row rpc_account_rows[] = {
    {"account.getPassword", get_password, RPC_PUBLIC},
    {"account.updateStatus", yes, 0},
    {"account.updateDeviceLocked", yes, 0},
    {"account.registerDevice", yes, 0},
    {"account.unregisterDevice", yes, 0},
    /* A permanent key has one temporary key at a time here: binding it has let go of those that are to be dropped. */
    {"auth.dropTempAuthKeys", yes, 0},
    {NULL, NULL, 0},
};
