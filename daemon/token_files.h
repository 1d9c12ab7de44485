/* The tokens in the state directory: tokens.json has the hashes of all, admin.token the text of the first one made. */
#ifndef TGCALLD_TOKEN_FILES_H
#define TGCALLD_TOKEN_FILES_H

#include <stdbool.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/bridge/tokens.h"
#include "daemon/state_dir.h"

/* Reads tokens.json into TOKENS; where no token exists yet, makes the admin token. A fault names the file. */
int token_files_load(const struct state_dir *d, struct tokens *tokens, bool *ret_made, struct fault *fault) TGC_MUST;

/* From now on each change of TOKENS is written to D, which outlives them, before it is in force. */
void token_files_keep(const struct state_dir *d, struct tokens *tokens);
/* When each was used last, at the end; what cannot be written is logged. */
void token_files_end(const struct state_dir *d, struct tokens *tokens);

/* Whether admin.token is there and opens the door. Somebody may have put it elsewhere, or lost it. */
bool token_files_has_admin(const struct state_dir *d, struct tokens *tokens);

/* Instead of the admin token, whether or not one exists, a new one; the others stay. */
int token_files_reset(const struct state_dir *d, struct fault *fault) TGC_MUST;

#endif
