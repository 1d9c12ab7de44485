/* What an authorization key is logged in as, on its DC. */
#ifndef TGCALLD_SANDBOX_WORLD_ACCOUNT_H
#define TGCALLD_SANDBOX_WORLD_ACCOUNT_H

#include "daemon/sandbox/world/world.h"

struct account {
    uint64_t key_id;
    int dc;
    struct world_user *user;    /* NULL: nobody */
    struct world_user *pending; /* the code was right, the password is due */
    int64_t srp_id;             /* 0: none handed out; good for one try */
    uint8_t srp_b[256], srp_public[256];
};

#endif
