/* The peer of the path, read anew from Telegram. The worker's thread. */
#ifndef TGCALLD_WORKER_PEER_READ_H
#define TGCALLD_WORKER_PEER_READ_H

#include "daemon/worker/op.h"

struct peer_read {
    struct worker *worker;
    struct job *job;
    struct tg_account *account;
    struct tg_peer peer;
    json_t *found; /* the User or Chat; the reader's, as all of it, for the call */
};

/* Answers the job. */
typedef void peer_read_fn(const struct peer_read *read);

/* DONE is called with what Telegram shows; where it shows nothing the job is answered with why. */
void peer_read(struct worker *w, struct job *job, peer_read_fn *done);

#endif
