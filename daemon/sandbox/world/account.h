/* What an authorization key is logged in as, on its DC, and how a login came to its end. */
#ifndef TGCALLD_SANDBOX_WORLD_ACCOUNT_H
#define TGCALLD_SANDBOX_WORLD_ACCOUNT_H

#include "daemon/sandbox/world/world.h"

struct account {
    uint64_t key_id;
    int dc;
    struct world_user *user;    /* NULL: nobody */
    struct world_user *pending; /* the code was right, the password is due */
    /* Why the login is over, where it was ended from elsewhere: the RPC error that its queries get, until the next
     * login on the key; 0: it was not. */
    int ended_code;
    char ended[32];
    int64_t srp_id; /* 0: none handed out; good for one try */
    uint8_t srp_b[256], srp_public[256];
};

/* The login is over: queries that need one get this error; of code 406 all do, since the key itself is dead. */
void account_end(struct account *a, int code, const char *error);

#endif
