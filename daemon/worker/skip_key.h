/* A skip of a schedule under an Idempotency-Key is one, over a kill too: the row that says what was skipped says by
 * which key. The worker's thread. */
#ifndef TGCALLD_WORKER_SKIP_KEY_H
#define TGCALLD_WORKER_SKIP_KEY_H

#include "daemon/worker/schedule_internal.h"

/* Before JOB waits for its turn: its intent may leave the attempt by then. */
void skip_key_note(struct job *job);
/* Whether this request skipped already, and its answer was lost with the process before, or with the attempt before. A
 * key is good for a day. */
bool skip_key_was_used(const struct schedule *s, const struct job *job);
/* JOB skips, which is about to be written. Without a key, that of the one before stays. */
void skip_key_remember(struct schedule *s, const struct job *job);

#endif
