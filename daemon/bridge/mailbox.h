/* The bounded queue between the front end and one worker. A slot is taken before the request is suspended (admit), so
 * that posting cannot fail; it is held until the answer. Any thread admits and posts; one worker takes. What that
 * worker's own thread posts needs no lock, and wakes nobody. */
#ifndef TGCALLD_BRIDGE_MAILBOX_H
#define TGCALLD_BRIDGE_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"
#include "daemon/bridge/job.h"

struct mailbox;

/* WAKE is called (on the poster's thread) when a job of another thread lands in an empty list: it must be thread-safe
 * and cheap. */
int mailbox_new(size_t slots, void (*wake)(void *ctx), void *ctx, struct mailbox **ret) TGC_MUST;
/* This thread is the worker's: what it posts is taken without a wake-up, at the next turn of its loop. */
void mailbox_own(struct mailbox *m);
/* When nobody can reach it any more: who only admits is still told that it is closed. */
void mailbox_free(struct mailbox *m);

/* Takes a slot: 0, TGC_EBUSY (full), TGC_ECLOSED. */
int mailbox_admit(struct mailbox *m) TGC_MUST;
/* Never fails, needs an admitted slot. The job now belongs to the worker. */
void mailbox_post(struct mailbox *m, struct job *job);

/* The worker: everything posted since, in each poster's order, as a list by job->next; NULL for nothing. */
struct job *mailbox_take(struct mailbox *m);

/* The worker: JOB has its answer (by job_reply()). Answers gather until they are delivered: the slots are free then,
 * and done() of each is called. Once a turn of the worker's loop is enough: each done() may wake a thread, and those
 * woken together are served together. */
void mailbox_answer(struct mailbox *m, struct job *job);
void mailbox_deliver(struct mailbox *m);
/* Whether some wait for that. */
bool mailbox_has_answers(const struct mailbox *m);

/* The worker: a job that has to be seen by another worker too goes on to it, and its slot here is free. TGC_EBUSY,
 * TGC_ECLOSED: it stays. */
int mailbox_pass(struct job *job, struct mailbox *to) TGC_MUST;

/* From now on admit says TGC_ECLOSED; jobs inside go on. */
void mailbox_close(struct mailbox *m);
/* It admits again. */
void mailbox_open(struct mailbox *m);
/* Slots in use: jobs posted whose answers were not delivered. */
size_t mailbox_used(struct mailbox *m);
/* How many there are. */
size_t mailbox_slots(const struct mailbox *m);

#endif
