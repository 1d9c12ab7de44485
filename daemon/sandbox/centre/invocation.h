/* A query on its way from its bytes to its answer's. */
#ifndef TGCALLD_SANDBOX_CENTRE_INVOCATION_H
#define TGCALLD_SANDBOX_CENTRE_INVOCATION_H

#include "daemon/sandbox/centre/query.h"
#include "daemon/sandbox/centre/session.h"
#include "daemon/sandbox/rpc/rpc.h"

struct invocation {
    struct session *ss;
    const struct mt_message *m;
    struct query q;
    struct rpc rpc;
    const char *method; /* "" while it is not known */
    const struct tl_comb *comb;
    struct buf answer; /* the result or rpc_error, boxed */
    bool is_stored;    /* it was answered from stored.h */
};

/* Whether a fault on demand of TYPE strikes it; *RET_MS (may be NULL): its "ms". */
bool invocation_is_struck(struct invocation *v, const char *type, int64_t *ret_ms);
/* Its constructors are those of another layer, where they have not changed since. */
bool invocation_is_served_by_another(const struct invocation *v);

#endif
