/* Stored answers, for measuring clients against a server that costs next to nothing: a create that was asked for
 * before, but for its random_id, is answered with the bytes of then, in which the ids of the call that begins and of
 * the one that ends are new. The world does not learn of it, and nobody is told. */
#ifndef TGCALLD_SANDBOX_CENTRE_STORED_H
#define TGCALLD_SANDBOX_CENTRE_STORED_H

#include "daemon/sandbox/centre/invocation.h"

enum {
    STORED_MAX = 1 << 16,     /* answers; the rest are true ones */
    STORED_QUERY_MAX = 512,   /* bytes of a create that is stored for */
    STORED_ANSWER_MAX = 4096, /* of its answer */
};

/* NULL: no memory. */
struct stored *stored_new(void);
void stored_free(struct stored *t);

/* Answers V, of USER, from what is stored; false: it is to be run. */
bool stored_answer(struct stored *t, struct invocation *v, const struct world_user *user);
/* V, which made CALL, was answered: that is kept where it ended another call, as each of its kind will. */
void stored_keep(struct stored *t, const struct invocation *v, const struct world_call *call);

#endif
