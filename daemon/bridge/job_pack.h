/* A job, and its answer, as bytes: on their way between two nodes, whose versions may differ. What comes in may be
 * anything. */
#ifndef TGCALLD_BRIDGE_JOB_PACK_H
#define TGCALLD_BRIDGE_JOB_PACK_H

#include "daemon/bridge/job.h"

enum { JOB_PACK_VERSION = 1 };

/* Whether it may be carried out by another node at all: what a node says of itself, or reads from the database itself,
 * may not. */
bool job_may_go(enum job_method method);
/* Whether it may be carried out again where nobody knows whether it was: it changes nothing, or has an
 * Idempotency-Key. */
bool job_may_repeat(const struct job *job);
/* The first half of that alone. */
bool job_changes_nothing(enum job_method method);

/* Appends all that a worker needs of it; of the deadline what is left at NOW_US. OUT ought to be secret. TGC_EINVAL: it
 * may not go, or cannot be written as JSON; TGC_ENOMEM, TGC_ELIMIT. */
int job_pack(const struct job *job, int64_t now_us, struct buf *out) TGC_MUST;
/* TGC_EPROTO: it is none that this version knows; TGC_ENOMEM. */
int job_unpack(const uint8_t *bytes, size_t len, int64_t now_us, struct job **ret) TGC_MUST;

/* The same of what the front end reads of an answer, and which account it was about. */
int job_pack_answer(const struct job *job, struct buf *out) TGC_MUST;
/* Into the job that was packed. After an error it has no answer. */
int job_unpack_answer(const uint8_t *bytes, size_t len, struct job *job) TGC_MUST;

#endif
