/* Intents of several nodes: of two that are asked by one key at once one is refused. */
#ifndef TGCALLD_STORE_INTENT_OPEN_H
#define TGCALLD_STORE_INTENT_OPEN_H

#include "daemon/store/store_internal.h"

/* For the opening by who leads: store_put_intent() says TGC_EEXIST from now on, at all nodes. Nothing for a store that
 * is no node's. */
int store_intents_open(struct store *s, struct fault *fault) TGC_MUST;

#endif
