/* How a TL method is answered: a handler gets its parameters as TL JSON and returns the result as TL JSON, or
 * rpc_in_bytes() where it has put it into the asker's buffer itself, or NULL with an RPC error set. Handlers know the
 * world and who asks, no connection and no bytes. */
#ifndef TGCALLD_SANDBOX_RPC_RPC_H
#define TGCALLD_SANDBOX_RPC_RPC_H

#include "daemon/base/buf.h"
#include "daemon/base/limits.h"
#include "daemon/sandbox/world/account.h"
#include "daemon/sandbox/world/json.h"
#include "daemon/sandbox/world/world.h"
#include "daemon/tl/schema.h"

struct rpc {
    struct world *w;
    struct account *account;
    struct world_user *user; /* account->user, borrowed */
    int layer;
    /* Where a handler may leave its answer's bytes, whole; NULL: they are not made here. */
    const struct tl_schema *schema; /* of LAYER */
    struct buf *bytes;
    const char *method;
    bool is_executed; /* its handler was called */
    int code;         /* the RPC error; 0: none */
    char message[LIMIT_RPC_ERROR];
};

typedef json_t *rpc_handler(struct rpc *r, const json_t *params);

enum rpc_flags { RPC_PUBLIC = 1 }; /* answered before login too */

struct rpc_row {
    const char *method; /* NULL ends a table */
    rpc_handler *handler;
    unsigned flags;
};

extern const struct rpc_row rpc_help_rows[], rpc_auth_rows[], rpc_login_token_rows[], rpc_account_rows[],
    rpc_users_rows[], rpc_contacts_rows[], rpc_chats_rows[], rpc_updates_rows[], rpc_phone_rows[];

/* Runs METHOD (its name) on R. NULL: R's error is set. */
json_t *rpc_dispatch(struct rpc *r, const char *method, const json_t *params);
const struct rpc_row *rpc_find(const char *method);

/* Logs USER in on the asker's key: auth.authorization; or leaves the password to be proved: SESSION_PASSWORD_NEEDED. */
json_t *rpc_log_in(struct rpc *r, struct world_user *user);

/* The answer stands in R's bytes. */
json_t *rpc_in_bytes(void);
/* Sets the error and returns NULL. */
json_t *rpc_fail(struct rpc *r, int code, const char *format, ...) TGC_PRINTF(3, 4);

/* Peers of a call; NULL with the error set: PEER_ID_INVALID, CHANNEL_PRIVATE, CHANNEL_INVALID, USER_ID_INVALID, … */
struct world_chat *rpc_input_peer_chat(struct rpc *r, const json_t *peer);
struct world_chat *rpc_input_channel(struct rpc *r, const json_t *channel);
struct world_user *rpc_input_user(struct rpc *r, const json_t *user);

/* [user] and [chat] lists as the asker sees them. */
json_t *rpc_users(struct rpc *r, struct world_user *const *users, size_t n);
json_t *rpc_chat_list(struct rpc *r, struct world_chat *const *chats, size_t n);

#endif
