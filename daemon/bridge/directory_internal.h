/* How the directory is kept: for its own files. Everything under its lock. */
#ifndef TGCALLD_BRIDGE_DIRECTORY_INTERNAL_H
#define TGCALLD_BRIDGE_DIRECTORY_INTERNAL_H

#include <pthread.h>

#include "daemon/base/table.h"
#include "daemon/bridge/directory.h"

/* That an account knows a call: in the call's list and in the account's. */
struct directory_known {
    struct directory_account *account;
    struct directory_call *call;
    bool created;
    struct directory_known *prev, *next;           /* of the account */
    struct directory_known *call_prev, *call_next; /* of the call */
};

struct directory_call {
    int64_t id;
    struct directory_known *known;
    enum directory_phase phase;
    UT_hash_handle hh;
};

struct directory_key {
    uint64_t id;
    struct directory_account *account;
    UT_hash_handle hh;
};

struct directory_schedule {
    char name[DIRECTORY_NAME_MAX];
    struct directory_account *account;
    struct directory_schedule *prev, *next; /* of the account */
    UT_hash_handle hh;
};

struct directory_account {
    char name[DIRECTORY_NAME_MAX];
    size_t worker;
    bool is_ready;
    struct directory_known *calls;
    struct directory_schedule *schedules;
    struct directory_key keys[DIRECTORY_KEYS_MAX];
    size_t keys_n;
    struct directory_account *prev, *next; /* among those that are ready */
    UT_hash_handle hh;
};

struct directory_intent {
    uint8_t name[DIRECTORY_INTENT];
    size_t worker;
    UT_hash_handle hh;
};

struct directory {
    pthread_mutex_t lock;
    struct directory_account *accounts;
    struct directory_account *ready;
    size_t ready_n;
    struct directory_call *calls;
    size_t calls_in[DIRECTORY_PHASES];
    struct directory_key *keys;
    struct directory_intent *intents;
    struct directory_schedule *schedules;
    size_t workers_n;
    size_t accounts_of[]; /* by worker */
};

/* NULL: not there. */
struct directory_account *directory_account(struct directory *d, const char *name);
struct directory_call *directory_call(struct directory *d, int64_t id);
struct directory_key *directory_key(struct directory *d, uint64_t id);
/* All of them, at the end. */
#define DIRECTORY_ALL_WORKERS SIZE_MAX
void directory_drop_intents(struct directory *d, size_t worker);
/* The account's. */
void directory_drop_schedules(struct directory *d, struct directory_account *e);
/* E (NULL for none) as the answer, where VISIBLE lets it be. */
bool directory_pick_account(const struct directory_account *e, const json_t *visible, struct directory_pick *ret);

#endif
