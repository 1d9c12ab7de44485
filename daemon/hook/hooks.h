/* Webhooks: readers of the event log, each with a cursor of its own on the disk. One thread delivers for all; it is
 * there, and libcurl with it, from the first webhook on. Any thread may call; all functions but hooks_wake(),
 * hooks_forget() and hooks_each() wait for the disk, so that a loop calls them by its pool.
 *
 * What fails has a sentence in FAULT, and a pointer where it is a member's ("/url", "/types/2"). TGC_EUNKNOWN: there is
 * no webhook of that name. TGC_ENOMEM. TGC_ESYSTEM: the disk, a thread or libcurl. TGC_EAWAY: a
 * server's database does not answer. */
#ifndef TGCALLD_HOOK_HOOKS_H
#define TGCALLD_HOOK_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/hook/sign.h"
#include "daemon/hook/source.h"

struct hooks;
struct meter;
struct store;

enum { HOOK_NAME_MAX = 64, HOOK_ID_TEXT = 32 };

struct hooks_config {
    struct store *store;
    const struct clock_source *clock;
    const struct random_source *random;
    struct hook_source source;
    const char *const *allow; /* words of address_judge.h; none: loopback and public */
    size_t allow_n;
    unsigned parallel; /* deliveries at a time, from 1; those that take long go on beside them */
    struct meter *meter;
    const char *user_agent;
    /* For tests, which ask nobody for names and wait for nobody: send.h. */
    const char *resolve, *ca_file;
    int try_ms, slow_ms; /* SLOW_MS: who takes longer is slow; 0: a second */
};

/* Loads what the store has. TGC_EINVAL: a word of ALLOW. What CONFIG points to is borrowed, but for the words. */
int hooks_open(const struct hooks_config *config, struct hooks **ret, struct fault *fault) TGC_MUST;
/* From now on what is there is delivered. */
int hooks_start(struct hooks *h, struct fault *fault) TGC_MUST;
/* What is under way is given up, and is delivered again by the next process; cursors are written. */
void hooks_stop(struct hooks *h);
/* Stopped, or never started; NULL is fine. */
void hooks_free(struct hooks *h);

/* There are events. Does not block. */
void hooks_wake(struct hooks *h);
/* Nothing of that account's is sent any more of the events up to UP_TO, wherever they are still read. */
void hooks_forget(struct hooks *h, const char *account, uint64_t up_to);

struct hook_words {
    const char *name, *url;
    const char *const *types; /* names of event types; none: all */
    size_t types_n;
    const char *account; /* events of that one alone; NULL or "": of all, and of none */
};

/* It begins with what happens from now on. SECRET is shown here alone. TGC_EEXIST, TGC_ELIMIT (there are LIMIT_HOOKS),
 * TGC_EINVAL. */
int hooks_create(struct hooks *h, const struct hook_words *words, char secret[static HOOK_SECRET_TEXT],
                 struct fault *fault) TGC_MUST;

struct hook_edit {
    const char *url; /* NULL: stays */
    bool has_types;
    const char *const *types;
    size_t types_n;
    bool has_paused, paused; /* not paused: also one that was disabled is active again */
};
/* What waits to be tried again is tried at once. TGC_EINVAL. */
int hooks_edit(struct hooks *h, const char *name, const struct hook_edit *edit, struct fault *fault) TGC_MUST;
/* With its deliveries. */
int hooks_delete(struct hooks *h, const char *name, struct fault *fault) TGC_MUST;
/* A new secret; each before signs beside it until HOOK_ROTATION_S after it was replaced, HOOK_BEFORES of them at most,
 * and is then kept nowhere. */
int hooks_rotate(struct hooks *h, const char *name, char secret[static HOOK_SECRET_TEXT], struct fault *fault) TGC_MUST;
/* Sends an event "webhook.test", to this one alone and once, in whatever state it is; ID is its webhook-id. TGC_ELIMIT:
 * others are waiting. */
int hooks_test(struct hooks *h, const char *name, char id[static HOOK_ID_TEXT], struct fault *fault) TGC_MUST;

struct hook_replay {
    uint64_t after, until; /* ids of events; UNTIL 0: all */
    bool failed;           /* those alone that failed */
};
/* Sends again what was sent, or tried, before; *RET_N: so many events wait to be, of those asked for. */
int hooks_replay(struct hooks *h, const char *name, const struct hook_replay *replay, size_t *ret_n,
                 struct fault *fault) TGC_MUST;

enum hook_state { HOOK_ACTIVE, HOOK_PAUSED, HOOK_DISABLED };
/* "active", "paused", "disabled". */
const char *hook_state_name(enum hook_state state);

struct hook_view {
    const char *name, *url;
    const char *const *types;
    size_t types_n;
    const char *account; /* "": any */
    enum hook_state state;
    const char *reason; /* why it is disabled, or NULL */
    int64_t created_at; /* Unix seconds, as all here */
    /* Events that it has not come by yet, of whatever type; and when the one at its head happened, 0 where none waits
     * for another try. */
    uint64_t pending;
    int64_t oldest_pending_at;
    struct {
        int64_t at;        /* of the last try; 0: there was none */
        int status;        /* 0: no answer came */
        const char *error; /* NULL: it was delivered */
    } last;
};
/* Tells of the one with NAME, or of all (NULL) by their names, under a short lock: FN copies what it wants, and calls
 * nothing of this header. Returns how many there were. */
size_t hooks_each(struct hooks *h, const char *name, void (*fn)(void *ctx, const struct hook_view *view), void *ctx);

enum { HOOK_DELIVERIES_PAGE_MAX = 256, HOOK_DELIVERY_ANY = -1 };
struct hook_page {
    int state;      /* enum hook_delivery_state, or HOOK_DELIVERY_ANY */
    int64_t cursor; /* the number of the last one of the page before; 0: the newest */
    size_t limit;   /* 1..HOOK_DELIVERIES_PAGE_MAX */
};
enum hook_delivery_state {
    HOOK_DELIVERY_DELIVERED,
    HOOK_DELIVERY_RETRIED, /* it failed, and the event was or will be sent again */
    HOOK_DELIVERY_FAILED,  /* it failed, and was the last try */
};
/* "delivered", "retried", "failed". */
const char *hook_delivery_state_name(enum hook_delivery_state state);
/* -1: it is none. */
int hook_delivery_state_parse(const char *name);

struct hook_delivery {
    int64_t number; /* of the delivery: the cursor of what comes behind it */
    const char *id; /* webhook-id */
    int64_t try_;   /* of the event's tries, from 1 */
    int64_t at_us;  /* wall clock */
    int64_t took_ms;
    int status; /* 0: no answer came */
    enum hook_delivery_state state;
    const char *error; /* NULL: it was delivered */
};
/* The newest first. A try is listed a quarter of a second after it ended. */
int hooks_deliveries(struct hooks *h, const char *name, const struct hook_page *page,
                     void (*fn)(void *ctx, const struct hook_delivery *delivery), void *ctx,
                     struct fault *fault) TGC_MUST;

#endif
