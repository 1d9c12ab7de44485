/* Who may do what: an immutable snapshot of token hashes and scopes, swapped whole by the app; readers on any thread.
 * The tokens themselves are never kept. */
#ifndef TGCALLD_BRIDGE_TOKENS_H
#define TGCALLD_BRIDGE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/scope.h"
#include "daemon/bridge/token_entry.h"

struct tokens; /* a store that holds the current snapshot */

struct token_grant {
    char name[TOKEN_NAME_MAX + 1], id[TOKEN_ID_MAX + 1];
    unsigned scopes;  /* with admin's implications spelled out */
    json_t *accounts; /* an array of names, owned by who got the grant (json_decref); NULL: any */
};

int tokens_new(struct tokens **ret) TGC_MUST;
void tokens_free(struct tokens *t);

/* Replaces all by the members of JSON: {"tokens": [{"name", "hash" (hex of SHA-256), "scopes": [...], "accounts"?:
 * [...], "created_at", "expires_at"?, "last_used_at"?}]}. Those that were there go on with
 * their use, and with the rate they are kept to. On a fault nothing changes. */
int tokens_load(struct tokens *t, const json_t *json, struct fault *fault) TGC_MUST;
/* The same form; the caller owns it. NULL where memory is gone. */
json_t *tokens_save(struct tokens *t);
size_t tokens_count(struct tokens *t);

/* Who keeps each change before it is in force; what is refused is not done. Both may wait for a disk or a server, and
 * so may the functions that change something; one is called at a time, on any thread. ENTRY is the form of one in
 * tokens_load(). FAULT may be NULL. */
struct tokens_keeper {
    int (*put)(void *ctx, const json_t *entry, struct fault *fault);
    int (*drop)(void *ctx, const char *name, struct fault *fault);
    void *ctx;
};
/* In place of the one before; an empty one keeps nothing. Waits for a change that is under way. */
void tokens_keep(struct tokens *t, const struct tokens_keeper *keeper);

/* Makes a token "tgc_" + 43 characters of base64url (256 bits), adds it, writes it to RET_TOKEN once. EXPIRES_AT: Unix
 * seconds, 0 for never. TGC_EEXIST: the name is taken. FAULT may be NULL. */
enum { TOKEN_TEXT_SIZE = 48 };
int tokens_create(struct tokens *t, const char *name, unsigned scopes, const json_t *accounts, int64_t expires_at,
                  char ret_token[static TOKEN_TEXT_SIZE], struct fault *fault) TGC_MUST;
/* TGC_EUNKNOWN: there is none of that name; TGC_ESTATE: it is the last with the scope admin that does not expire. */
int tokens_drop(struct tokens *t, const char *name, struct fault *fault) TGC_MUST;
/* Those of all tokens, or of the one of that NAME, without their hashes: [{"name", "scopes", "accounts"?, "created_at",
 * "expires_at"?, "last_used_at"?}]; the caller owns it. NULL where memory is gone. */
json_t *tokens_list(struct tokens *t, const char *name);

/* What was found for one token, for whoever shows it again and again: without hashing it. All zero at first. It has the
 * token in it: token_memo_fini() wipes it. One thread at a time. */
struct token_memo {
    char token[TOKEN_TEXT_SIZE];
    uint64_t generation; /* of all tokens; 0: nothing was found */
    struct token_grant grant;
    int64_t expires_at;
    struct token_use *use;
};

void token_memo_fini(struct token_memo *m);

/* What a presented token may do; as long among 10,000 as among 1, and constant time in the secret. That it was used is
 * noted. false: not known, or expired. */
bool tokens_check(struct tokens *t, const char *token, size_t len, struct token_grant *ret);
/* The same, by what M remembers where that is still true. */
bool tokens_check_again(struct tokens *t, struct token_memo *m, const char *token, size_t len, struct token_grant *ret);
/* Whether the token may still do what it might when it was given SCOPES and ACCOUNTS (NULL: any); by M as above. */
bool tokens_holds(struct tokens *t, struct token_memo *m, const char *token, size_t len, unsigned scopes,
                  const json_t *accounts);

#endif
