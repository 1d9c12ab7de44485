/* What a node's store tells the other nodes, by NOTIFY within the transaction that it is about (follow_link.h hears
 * it). For the files of this room, on the store's thread; of a store that is no node's nothing is told. */
#ifndef TGCALLD_STORE_TELL_H
#define TGCALLD_STORE_TELL_H

#include "daemon/store/store_internal.h"

#define STORE_TOLD_EVENT "tgcalld_event"
#define STORE_TOLD_TOKEN "tgcalld_token"

/* Events came or went. */
int store_tell_event(struct store *s, struct fault *fault) TGC_MUST;
/* Tokens were made, changed or dropped, which is said in the database too, by whichever store: STORE_META_TOKENS has
 * another value then. */
#define STORE_META_TOKENS "tokens"
int store_tell_token(struct store *s, struct fault *fault) TGC_MUST;

#endif
