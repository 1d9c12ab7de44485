/* Tables of tokens for tests. */
#ifndef TGCALLD_TESTS_BRIDGE_TOKENS_BED_H
#define TGCALLD_TESTS_BRIDGE_TOKENS_BED_H

#include "daemon/bridge/tokens.h"

/* SHA-256 of "abc" */
#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* An empty one. */
struct tokens *new_tokens(void);
/* What tokens_load() says of the text of a file. */
int load_text(struct tokens *t, const char *text, struct fault *fault);

#endif
