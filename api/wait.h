/* The only file that suspends and resumes connections. */
#ifndef TGCALLD_API_WAIT_H
#define TGCALLD_API_WAIT_H

#include "api/request.h"

/* Sends JOB (taken) to the worker and suspends the connection, or queues a 503. 0 or a negative enum tgc_err. */
int wait_begin(struct request *r, struct job *job);
/* Suspends the connection until front_resume(). */
void wait_suspend(struct request *r);
/* The job is back, or the waiting over: queues the answer. */
int wait_finish(struct request *r);

#endif
