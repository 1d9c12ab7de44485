/* A worker on a thread of its own: takes jobs out of a mailbox and answers each with what it was asked, or as told. */
#ifndef TGCALLD_TESTS_API_FAKE_WORKER_H
#define TGCALLD_TESTS_API_FAKE_WORKER_H

#include <stdbool.h>

#include "daemon/bridge/mailbox.h"

struct fake_worker;

struct fake_worker *fake_worker_start(size_t slots);
struct mailbox *fake_worker_mailbox(struct fake_worker *w);
/* Held jobs stay unanswered (and keep their slots) until held is false again. */
void fake_worker_hold(struct fake_worker *w, bool held);
/* Waits until it holds COUNT jobs. */
void fake_worker_await(struct fake_worker *w, size_t count);
/* Whether the client of the job that it took last is gone, as far as its job says. It holds one. */
bool fake_worker_sees_left(struct fake_worker *w);
/* Fills in the next answers instead of the echo; NULL is the echo again. */
void fake_worker_answer_with(struct fake_worker *w, void (*answer)(struct job *job));
/* Jobs answered since the start. */
size_t fake_worker_answered(struct fake_worker *w);
/* Answers what it holds, then ends and frees the mailbox too. */
void fake_worker_stop(struct fake_worker *w);

#endif
