/* What a journal may do with each kind of request: whether it can be asked again without its client. */
#ifndef TGCALLD_WORKER_JOURNAL_KIND_H
#define TGCALLD_WORKER_JOURNAL_KIND_H

#include "daemon/bridge/job.h"

struct worker;

enum journal_again {
    JOURNAL_NEVER,  /* not by itself: its body is not kept */
    JOURNAL_UNSENT, /* while it was certainly not carried out */
    JOURNAL_ALWAYS, /* it comes to the same, with the same random_id */
};

/* A request's, by its method, path and body. */
enum journal_again journal_again(const struct worker *w, enum job_method method, const json_t *path,
                                 const json_t *body);
/* Draws what the request's method takes for a random_id, where its body has none; for a create until it is not taken.
 * TGC_ENOMEM. */
int journal_fill_random_id(const struct worker *w, enum job_method method, const json_t *path, json_t *body,
                           bool (*is_taken)(void *ctx, int32_t id), void *ctx) TGC_MUST;

#endif
