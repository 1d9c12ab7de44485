/* The inside of the webhooks, for the files of this room: one hook, all of them, and what the thread keeps. */
#ifndef TGCALLD_HOOK_HOOKS_INTERNAL_H
#define TGCALLD_HOOK_HOOKS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/base/limits.h"
#include "daemon/hook/address_judge.h"
#include "daemon/hook/hooks.h"
#include "daemon/hook/line.h"
#include "daemon/hook/types.h"
#include "daemon/store/store.h"

enum { HOOK_REASON_MAX = 160, HOOK_TESTS_MAX = 8, HOOK_FORGOTTEN_MAX = 256 };

struct hook_feed;
struct hook_thread;

/* What somebody waits for to be marked for being sent again: what is begun to be sent meanwhile, is too. */
struct hook_marking {
    uint64_t after, until;
    int err; /* that of the first which could not be noted */
    struct hook_marking *next;
};

struct hook {
    int64_t id;
    char name[HOOK_NAME_MAX + 1], account[HOOK_NAME_MAX + 1];
    char *url; /* owned */
    struct hook_types types;
    struct hook_secrets secrets;
    enum hook_state state;
    unsigned state_changes; /* how often it was changed */
    unsigned hurries;       /* how often it was told not to wait */
    char reason[HOOK_REASON_MAX];
    int64_t created_at;
    struct hook_line line;
    int64_t head_at;    /* when the head happened; 0: not known */
    int64_t deliveries; /* the newest one's number */
    int64_t last_at;
    int last_status;
    char last_error[HOOK_REASON_MAX];
    bool is_changed;               /* its place is not on the disk as it is */
    bool state_is_changed;         /* nor its state, or perhaps not */
    bool secrets_are_changed;      /* nor that a secret of its has ended */
    bool has_again;                /* events may wait to be sent again */
    struct hook_marking *markings; /* of who asks now; NULL: nobody does */
    int64_t tests[HOOK_TESTS_MAX]; /* that wait, by their numbers; the first is next */
    size_t tests_n;
    bool is_gone;           /* it was deleted, and the thread is still with it */
    struct hook_feed *feed; /* the thread's */
    struct hook *next_gone;
};

/* What is not sent any more. */
struct hook_forgotten {
    char account[HOOK_NAME_MAX + 1];
    uint64_t up_to;
};

struct hooks {
    struct hooks_config config;
    struct hook_allow allow;
    pthread_mutex_t edits;          /* held while a change goes to the disk: one at a time */
    pthread_mutex_t lock;           /* of all that follows; nobody waits for anything under it */
    struct hook *list[LIMIT_HOOKS]; /* by name */
    size_t n;
    struct hook *gone; /* that the thread has to let go */
    int64_t last_id;
    struct hook_forgotten forgotten[HOOK_FORGOTTEN_MAX];
    size_t forgotten_n; /* so many were; the oldest make room */
    bool is_started;
    struct hook_thread *thread; /* NULL: none yet */
    int wake_fd;                /* an eventfd that the thread waits for */
    atomic_bool is_woken;
};

/* Under the lock. *RET_AT: where it is, or belongs. */
struct hook *hooks_find(struct hooks *h, const char *name, size_t *ret_at);
void hooks_set_state(struct hooks *h, struct hook *hook, enum hook_state state, const char *reason);
void hook_free(struct hook *hook);

/* Whether what happened to that account up to there is not sent. Under the lock. */
bool hooks_is_forgotten(const struct hooks *h, const char *account, uint64_t id);
/* Events that it has not come by yet. Under the lock. */
uint64_t hooks_pending(const struct hooks *h, const struct hook *hook);
/* It waits for nothing, and its tries are counted anew. Under the lock. */
void hook_renew(struct hook *hook);

/* edit.c: the id of that one; TGC_EUNKNOWN. */
int hooks_id(struct hooks *h, const char *name, int64_t *ret, struct fault *fault) TGC_MUST;
/* There is none; returns TGC_EUNKNOWN. */
int hooks_unknown(struct fault *fault, const char *name);

/* Starts the thread where it is not there yet. */
int hook_thread_start(struct hooks *h, struct fault *fault) TGC_MUST;
void hook_thread_stop(struct hooks *h);

#endif
