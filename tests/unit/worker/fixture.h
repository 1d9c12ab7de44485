/* Accounts without a connection, and jobs as the front end makes them. */
#ifndef TGCALLD_TESTS_WORKER_FIXTURE_H
#define TGCALLD_TESTS_WORKER_FIXTURE_H

#include "daemon/bridge/job.h"
#include "daemon/tg/account/account.h"
#include "daemon/worker/worker_internal.h"

/* A worker's insides without its thread: loop, environment, no data centre, no account. */
struct worker *bare_worker(void);
/* The same on a loop of the test's, which goes with it. */
struct worker *bare_worker_on(struct net_loop *loop, const struct clock_source *clock);
void bare_worker_free(struct worker *w);

/* What worker_start() needs for one of WORKERS: no data centre, SLOTS jobs at once; LOCKS may be NULL. */
struct worker_config config_of(struct workers *workers, struct chat_locks *locks, size_t slots);

/* The store in DATABASE, made where there is none, with room for twenty events. */
struct store *small_store(const char *database);

/* An account in the worker's table: wait_login, ready (as user 1001) or logged_out. */
struct tg_account *account_in(struct worker *w, const char *name, enum tg_account_state state);

/* The user with that id is logged in, after whoever was. */
void log_in_as(struct tg_account *a, const char *user);

/* A job with a member of its query, path or body ("" for none). */
struct job *job_with(enum job_method method, const char *where, const char *member, const char *value);
/* The job's token is bound to these accounts (a JSON array with ' for "). */
void bind_job(struct job *job, const char *accounts);

/* The problem's member as a borrowed value of its JSON; the text is kept until the next call. */
json_t *problem_json(const struct problem *p);

#endif
