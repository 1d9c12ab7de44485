/* What is asked of webhooks and may wait for the disk: done off the loop, answered on it. The worker's thread, but for
 * the work itself, which runs on one of the pool's. */
#ifndef TGCALLD_WORKER_HOOK_ERRAND_H
#define TGCALLD_WORKER_HOOK_ERRAND_H

#include <jansson.h>

#include "daemon/hook/hooks.h"
#include "daemon/worker/op.h"

struct hook_errand {
    struct hooks *hooks;
    struct job *job;
    const char *name;                      /* of the webhook; the job's */
    int (*work)(struct hook_errand *e);    /* on the pool's thread; an error, with FAULT, is answered */
    void (*answer)(struct hook_errand *e); /* where it went well; ends the job */
    struct fault fault;
    int err;
    char secret[HOOK_SECRET_TEXT]; /* wiped with the errand */
    char id[HOOK_ID_TEXT];
    size_t n;
    json_t *list;   /* owned */
    int64_t cursor; /* of the last in it */
    bool has_more;
};

/* Has WORK done for JOB, unless its token may not (then it was answered). */
void hook_errand_start(struct worker *w, struct job *job, int (*work)(struct hook_errand *e),
                       void (*answer)(struct hook_errand *e));
/* The webhooks of this daemon; NULL: the job was answered, since its token is bound to accounts, or nothing is kept. */
struct hooks *hook_errand_hooks(struct worker *w, struct job *job);
/* There is no webhook of the path's name: the job's answer. */
void hook_errand_unknown(struct job *job, const char *name);

/* The webhook as JSON, NULL where there is none of that name, or memory is gone. */
json_t *hook_json(struct hooks *hooks, const char *name);
/* All of them by name, as an array; NULL where memory is gone. */
json_t *hook_json_all(struct hooks *hooks);
/* One try; NULL where memory is gone. */
json_t *hook_json_delivery(const struct hook_delivery *d);

#endif
