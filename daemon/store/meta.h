/* What a database says of itself: whose it is, and which seal key opens it. */
#ifndef TGCALLD_STORE_META_H
#define TGCALLD_STORE_META_H

#include "daemon/store/store_internal.h"

/* In a new database, within a transaction. */
int store_meta_write(struct store *s, struct fault *fault) TGC_MUST;
/* In one that is there: TGC_EFOREIGN, TGC_EWRONGKEY, TGC_EDAMAGED. Makes the ring's key the one that opens it. */
int store_meta_check(struct store *s, struct fault *fault) TGC_MUST;
/* Beside another process, which may have changed the key: its files are read again where none that is known opens the
 * database. Where that fails the keys stay as they are: nothing may be sealed with them. */
int store_meta_follow(struct store *s, struct fault *fault) TGC_MUST;
/* It is KEY's from now on; within a transaction. */
int store_meta_seal(struct store *s, const struct seal_key *key, struct fault *fault) TGC_MUST;
/* A text that may not be there: then "", as in a new database; cut to SIZE. */
int store_meta_text(struct store *s, const char *name, char *ret, size_t size, struct fault *fault) TGC_MUST;
/* Within a transaction. */
int store_meta_put_text(struct store *s, const char *name, const char *text, struct fault *fault) TGC_MUST;
/* A number that no account had before; within a transaction. */
int store_meta_next_account(struct store *s, int64_t *ret, struct fault *fault) TGC_MUST;

#endif
