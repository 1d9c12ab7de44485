/* Which worker drives an account, which accounts are ready, which of them know a call, whose a key is: what must be
 * known to choose a worker before anything is asked of one. Workers keep it true, the front end reads it; any thread.
 *
 * A table under a lock that is held for a look-up, not a snapshot that is swapped: accounts become ready and calls come
 * and go far more often than a copy of thousands of names would be cheap. */
#ifndef TGCALLD_BRIDGE_DIRECTORY_H
#define TGCALLD_BRIDGE_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"

enum { DIRECTORY_NAME_MAX = 40, DIRECTORY_KEYS_MAX = 2, DIRECTORY_INTENT = 32 };

struct directory;

enum directory_phase { DIRECTORY_ENDED, DIRECTORY_SCHEDULED, DIRECTORY_ACTIVE, DIRECTORY_PHASES };

/* The answer to "which?". */
struct directory_pick {
    char account[DIRECTORY_NAME_MAX];
    size_t worker;
};

int directory_new(size_t workers, struct directory **ret) TGC_MUST;
void directory_free(struct directory *d);

/* --- what workers tell --- */

/* A new account, not ready. TGC_EEXIST: a name stands for one account among all workers; TGC_ELIMIT (LIMIT_ACCOUNTS,
 * or a name too long); TGC_ENOMEM. */
int directory_put(struct directory *d, const char *account, size_t worker) TGC_MUST;
/* It and its calls; one that is not there is fine. */
void directory_drop(struct directory *d, const char *account);
/* All that is WORKER's: accounts with what hangs on them, and intents. */
void directory_drop_worker(struct directory *d, size_t worker);
void directory_set_ready(struct directory *d, const char *account, bool ready);
/* The account knows the call; CREATED: by its own request. Told again, CREATED is added. TGC_EUNKNOWN, TGC_ENOMEM. */
int directory_put_call(struct directory *d, int64_t call, const char *account, bool created) TGC_MUST;
/* Where the call stands, as the account that heard of it last has it; one that is not there is fine. */
void directory_set_call(struct directory *d, int64_t call, enum directory_phase phase);
void directory_drop_call(struct directory *d, int64_t call, const char *account);
/* The account's keys are these N (the ids, at most DIRECTORY_KEYS_MAX), and no others. A key is one account's: Telegram
 * ends a login whose key speaks for two. TGC_EEXIST: another has one of them, and nothing is changed; TGC_EUNKNOWN;
 * TGC_ELIMIT; TGC_ENOMEM: none of them is known to be its own. */
int directory_set_keys(struct directory *d, const char *account, const uint64_t *ids, size_t n) TGC_MUST;
/* The schedule is the account's. TGC_EEXIST: a name stands for one schedule of the daemon; TGC_ELIMIT
 * (LIMIT_SCHEDULES); TGC_EUNKNOWN; TGC_ENOMEM. */
int directory_put_schedule(struct directory *d, const char *name, const char *account) TGC_MUST;
/* One that is not there, or another account's, is fine. */
void directory_drop_schedule(struct directory *d, const char *name, const char *account);
/* An intent's name (of its id, or of its key) is *WORKER's from now on, or *WORKER becomes whose it is already.
 * TGC_ENOMEM. */
int directory_claim_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT], size_t *worker) TGC_MUST;
/* One that is not there is fine. */
void directory_drop_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT]);

/* --- what is asked --- VISIBLE is an array of the names that may be seen, NULL for all; others are as if they did not
 * exist. A pick is untouched where there is none. */

/* Whether one of that name would be seen, whether or not it is there. */
bool directory_is_visible(const char *account, const json_t *visible);

/* The worker with the fewest accounts, for the next one. */
size_t directory_next_worker(struct directory *d);
bool directory_find(struct directory *d, const char *account, const json_t *visible, struct directory_pick *ret);
/* The account that created the call, else the only one that knows it. */
bool directory_find_call(struct directory *d, int64_t call, const json_t *visible, struct directory_pick *ret);

/* The account whose schedule it is. */
bool directory_find_schedule(struct directory *d, const char *name, const json_t *visible, struct directory_pick *ret);

/* How many the account has. */
size_t directory_count_schedules(struct directory *d, const char *account);

/* How many calls there are in each phase, however many accounts know them. */
void directory_count_calls(struct directory *d, size_t ret[static DIRECTORY_PHASES]);

/* The account whose key it is. */
bool directory_find_key(struct directory *d, uint64_t id, const json_t *visible, struct directory_pick *ret);

bool directory_find_intent(struct directory *d, const uint8_t name[static DIRECTORY_INTENT], size_t *ret_worker);

/* How many there are, as far as they may be seen. */
struct directory_census {
    size_t accounts, ready;
};

/* The only one that is ready; else, where there is but one account, that one. */
bool directory_find_only(struct directory *d, const json_t *visible, struct directory_pick *ret,
                         struct directory_census *ret_census);
/* The first MAX names in order, all or of those that are ready; a new reference, NULL where memory is gone. */
json_t *directory_names(struct directory *d, const json_t *visible, bool ready_only, size_t max);

#endif
