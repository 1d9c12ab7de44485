/* What went wrong → the problem that says so: what Telegram refused, what did not fit the layer, what is not known to
 * have happened. NULL where memory is gone. The worker's thread. */
#ifndef TGCALLD_WORKER_OP_PROBLEM_H
#define TGCALLD_WORKER_OP_PROBLEM_H

#include "daemon/base/limits.h"
#include "daemon/bridge/job.h"
#include "daemon/bridge/problem.h"
#include "daemon/tg/call/resolve.h"
#include "daemon/tg/call/trouble.h"

struct worker;

/* A peer of a request as a path or a query bears it. False: it has no such form, or is too long. */
enum { OP_PROBLEM_PEER_SIZE = 3 * LIMIT_PEER_TEXT + 1 };
bool op_problem_peer(const json_t *peer, char *out, size_t size);

/* What Telegram or the network said instead of a result. */
struct problem *op_problem_of(const struct worker *w, const struct tg_account *account,
                              const struct tg_answer *failure);
/* The parameters did not fit the layer, or nothing could be sent. METHOD may be NULL. */
struct problem *op_problem_of_fault(const struct worker *w, const struct tg_account *account,
                                    const struct tl_comb *method, int err, const struct fault *fault);
/* The members that PARAMS, a request's body, lack and METHOD needs, or have and it has not: all of them at once. False:
 * none. */
bool op_problem_of_members(const struct worker *w, const struct tl_comb *method, const json_t *params,
                           struct problem **ret);
/* The layer has no such method: 501 where another known layer has it, else 404. */
struct problem *op_problem_no_method(const struct worker *w, const char *name);
/* The same as is fitting, with "sent" or "executed" where something was to be changed. REMEDY: what to do about
 * something that may have happened, or did and is not told of. */
struct problem *op_problem_of_trouble(const struct worker *w, const struct tg_account *account,
                                      const struct tg_trouble *trouble, const char *remedy);
/* The same of an ANSWER, which is no result that can be used, to what a caller asked for himself. PARAMS may be NULL: a
 * step, of which reads are a part that changes nothing. */
struct problem *op_problem_of_asked(const struct worker *w, const struct tg_account *account,
                                    const struct tg_answer *answer, const json_t *params, const char *remedy);
/* A result that came, and cannot be told because of ERR and FAULT, as what stands in its place. FAULT gets a text where
 * it has none, and outlives it. */
struct tg_answer op_untold(const struct tg_answer *result, int err, struct fault *fault);
/* The problem of that where the request changed something, which it did. */
struct problem *op_problem_untold(const struct worker *w, const struct tg_account *account,
                                  const struct tg_answer *result, int err, struct fault *fault, const char *remedy);
/* The random_id of JOB, a create, is another call's, which has ended where that can be known. ANSWER: Telegram's word
 * for it; NULL where that is our own record's. */
struct problem *op_problem_of_spent(const struct job *job, const struct tg_answer *answer);
/* There is no api_id, as FAULT says. */
struct problem *op_problem_no_api_id(const struct worker *w, const struct fault *fault);
/* No peer was found. */
struct problem *op_problem_unresolved(const struct worker *w, const struct tg_account *account,
                                      const struct tg_resolved *r);
/* A peer of the request's member or parameter "peer" that is none, as tg_resolve_json() found. */
struct problem *op_problem_bad_peer(struct fault *fault);

/* Of what could not be written. */
#define OP_REMEDY_STATE_DIR                                                                                            \
    "Look at the state directory: it must have space, and belong to the daemon; or at the database server, if the "    \
    "store is one's"

/* Of a step of a login that a stop cuts short: the next process has the account, and asks who is logged in. */
#define OP_REMEDY_LOGIN_LEFT                                                                                           \
    "The daemon stops, and the step may have been taken: when it runs again, read the account or repeat the request"

#endif
