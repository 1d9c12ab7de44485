/* One decision table for every family of RPC errors: what the daemon does with it before anybody is told. */
#ifndef TGCALLD_TG_RETRY_H
#define TGCALLD_TG_RETRY_H

#include "daemon/mt/rpc_error.h"

enum tg_reaction {
    TG_REACT_GIVE,       /* the caller's to see */
    TG_REACT_WAIT,       /* a wait of `parameter` seconds was asked for */
    TG_REACT_TRY_AGAIN,  /* server trouble: again after a pause, where that is harmless */
    TG_REACT_INIT,       /* initConnection is missing: send it and repeat */
    TG_REACT_MIGRATE,    /* another data centre (`parameter`) */
    TG_REACT_REVOKED,    /* the login is gone */
    TG_REACT_DUPLICATED, /* the key was used from elsewhere and is dead */
    TG_REACT_BANNED,
    TG_REACT_FROZEN,
    TG_REACT_OLD_LAYER, /* logins from this layer are refused */
};

enum tg_reaction tg_retry_judge(const struct mt_rpc_error *error);

/* How long a TG_REACT_WAIT means, in seconds: at least 1 (FLOOD_WAIT_0 exists), at most 14 days. */
int64_t tg_retry_wait_s(const struct mt_rpc_error *error);

#endif
