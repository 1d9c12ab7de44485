/* What the state directory has of the tokens: admin.token, the text of the first one made, and tokens.json, where an
 * older version kept the hashes of all. */
#ifndef TGCALLD_TOKEN_FILES_H
#define TGCALLD_TOKEN_FILES_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/state_dir.h"
#include "daemon/tokens_kept.h"

/* Reads K's tokens from its store. Where that has none, it takes what tokens.json has, all or nothing, and that file
 * is tokens.json.taken from then on; where no token exists at all, it makes the admin token, and an admin.token of
 * before is admin.token.former. A fault of a file names it. */
int token_files_load(const struct state_dir *d, struct tokens_kept *k, bool *ret_made, struct fault *fault) TGC_MUST;

/* Whether there is an admin.token, whatever it has. */
bool token_files_is_there(const struct state_dir *d);
/* Whether admin.token is there and opens the door. Somebody may have put it elsewhere, or lost it. */
bool token_files_has_admin(const struct state_dir *d, struct tokens *tokens);

/* The same as a load, but that instead of the admin token, whether or not one exists, there is a new one; the others
 * stay. */
int token_files_reset(const struct state_dir *d, struct tokens_kept *k, struct fault *fault) TGC_MUST;

#endif
