/* A worker's journal on a clock that is turned by hand, with a disk in memory (journal_disk.h) and operations that do
 * what the test says: dispatch.c's table is one of the test's. The account "anna" is logged in. */
#ifndef TGCALLD_TESTS_WORKER_JOURNAL_BED_H
#define TGCALLD_TESTS_WORKER_JOURNAL_BED_H

#include "daemon/worker/journal_internal.h"
#include "tests/support/fake_net.h"
#include "tests/unit/worker/journal_disk.h"

extern struct worker *bed_worker;
extern struct fake_net bed_net;

void bed_set_up(void);
void bed_tear_down(void);
/* The process is killed, and another one finds what is on the disk: it has loaded it, and goes on. Who waited hears
 * nothing. */
void bed_kill(void);
/* The same up to where it goes on; RET_ERR: how the load went. */
void bed_kill_and_load(int *ret_err);

/* --- clients --- */

struct client {
    bool is_answered;
    int status;
    int64_t retry_after;
    bool is_replayed;
    char text[2048]; /* an answer, or a problem without its instance */
    char location[128];
    atomic_bool has_left;
};

/* How a request is made: with a key (NULL: none) and a Prefer. */
enum { PREFER_NOTHING = -1, PREFER_ASYNC = -2 }; /* or wait=N */
/* POST /v1/calls for the chat PEER. */
void bed_create(struct client *c, const char *key, int prefer, const char *peer);
/* POST …/invitations: what cannot be repeated without harm. */
void bed_invite(struct client *c, const char *key, int prefer);
/* Any other, whose path is {"id": ID} where ID is not 0. */
void bed_ask(struct client *c, enum job_method method, const char *key, int prefer, int64_t id);
/* The id of the job that the answer or the problem names; the test fails where it names none. */
int64_t bed_job_of(const struct client *c);
/* GET and DELETE /v1/jobs/{id}. The disk runs in it. */
void bed_get_job(struct client *c, int64_t id);
void bed_cancel_job(struct client *c, int64_t id);
/* GET /v1/jobs; CURSOR may be NULL. */
void bed_list_jobs(struct client *c, int limit, const char *cursor);
/* A member of the answer or the problem, "" for none; numbers and truths as JSON writes them. One of four static texts.
 */
const char *client_says(const struct client *c, const char *member);

/* --- attempts, the last one --- */

/* How many have begun, and were not ended. */
extern size_t attempts_n, attempts_begun;
extern struct job *attempts[]; /* those under way, in the order in which they began */
/* Its job; the test fails where there is none. */
struct job *attempt(void);
/* It could be sent: asks its gate, as with phone.createGroupCall where RANDOM_ID is not 0. */
void attempt_wants(int32_t random_id);
/* It was let out, and went. */
bool attempt_may_go(void);
void attempt_goes(void);
/* It ends. */
void attempt_answers(int status, const char *text);
void attempt_refused(const char *message); /* by Telegram, 400 */
void attempt_has_to_wait(int64_t seconds); /* the same, 420 */
void attempt_times_out(bool sent);

#endif
