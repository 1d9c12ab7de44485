/* That a scheduled call is to be started at its date (tg/known/auto_start.h) is promised only where the next process
 * would know of it, too. The worker's thread. */
#ifndef TGCALLD_WORKER_WISH_H
#define TGCALLD_WORKER_WISH_H

#include "daemon/worker/op.h"

/* The answer, which stands in job->text, goes out with STATUS when what the account knows is on the disk; else the
 * problem that it is not. */
void wish_reply(struct worker *w, struct job *job, int status, struct tg_account *account);

#endif
