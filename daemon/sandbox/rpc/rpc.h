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
    rpc_email_rows[], rpc_users_rows[], rpc_contacts_rows[], rpc_chats_rows[], rpc_updates_rows[], rpc_deletion_rows[],
    rpc_phone_rows[];

/* Runs METHOD (its name) on R. NULL: R's error is set. */
json_t *rpc_dispatch(struct rpc *r, const char *method, const json_t *params);
const struct rpc_row *rpc_find(const char *method);

/* The dcOptions of help.getConfig: where each data centre listens (help.c). */
json_t *rpc_dc_options(const struct world *w);

/* --- the codes of logins --- */

#define RPC_EMAIL_CODE "123456"
/* The code that PARAMS name by phone_number and phone_code_hash; NULL with the error set. */
struct world_code *rpc_code_of(struct rpc *r, const json_t *params);
/* auth.sentCode as the asker's layer has it; where it goes by e-mail (email.c). */
json_t *rpc_sent_code(const struct rpc *r, const struct world_code *code);
json_t *rpc_sent_email_code(const struct world_code *code);
/* The text in an EmailVerification; "" where it is none. */
const char *rpc_email_code(const json_t *verification);

/* Logs USER in on the asker's key: auth.authorization; or leaves the password to be proved: SESSION_PASSWORD_NEEDED. */
json_t *rpc_log_in(struct rpc *r, struct world_user *user);

/* Whether METHOD is refused whatever its parameters are: the key's login was ended, its user is frozen; R's error is
 * set then. */
bool rpc_is_refused(struct rpc *r, const char *method);
/* Sets the error of a query that needs a login, where there is none (any more). */
json_t *rpc_not_logged_in(struct rpc *r);

/* --- limit.c: what was done too often for a phone number --- */

enum rpc_limit { RPC_LIMIT_WRONG_CODES, RPC_LIMIT_CODES, RPC_LIMIT_WRONG_PASSWORDS };

/* Seconds until it may be done again; 0: now. */
int rpc_limit_left_s(struct world *w, const char *phone, enum rpc_limit limit);
void rpc_limit_note(struct world *w, const char *phone, enum rpc_limit limit);
void rpc_limit_forgive(struct world *w, const char *phone, enum rpc_limit limit);

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
