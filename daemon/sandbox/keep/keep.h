/* What outlives the process, as one JSON file: written as it changes, once a second at most and for a small part of the
 * time, and by rename, so that who is killed in between leaves the last one whole. It knows nothing of what it keeps.
 */
#ifndef TGCALLD_SANDBOX_KEEP_KEEP_H
#define TGCALLD_SANDBOX_KEEP_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "daemon/base/err.h"
#include "daemon/base/fault.h"

struct keep {
    char *path; /* NULL: nothing is kept */
    json_t *(*pack)(void *ctx);
    void *ctx;
    uv_timer_t timer;
    uv_work_t work; /* the disk is waited for off the loop */
    bool is_due, is_writing;
    char *text;         /* under way */
    uint8_t digest[32]; /* of what is on the disk */
    uint64_t next_ms;   /* not again before; the loop's time */
    struct fault fault; /* what the last write ended with */
};

/* Keeps in DIR, which is made where it is missing; what is there goes to UNPACK. TGC_ESYSTEM; TGC_ESYNTAX: the file is
 * none of ours, and is left alone. */
int keep_open(struct keep *k, const char *dir, json_t *(*pack)(void *ctx), int (*unpack)(void *ctx, const json_t *kept),
              void *ctx, struct fault *fault) TGC_MUST;
/* On the loop, before it runs. */
void keep_start(struct keep *k, uv_loop_t *loop);
/* On the loop: no more until keep_close(). */
void keep_stop(struct keep *k);
/* Something may have changed. */
void keep_later(struct keep *k);
/* Writes what is due; after the loop has ended. 0, or why what was kept last is not on the disk. */
int keep_close(struct keep *k) TGC_MUST;

#endif
