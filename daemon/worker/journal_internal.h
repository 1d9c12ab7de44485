/* An intent as the table of them (journal.c), who waits for it (journal_take.c, journal_tell.c), its attempts
 * (journal_run.c), its waits (journal_wait.c), what is written of it (journal_rows.c), whose it is (journal_place.c)
 * and what is told of it (journal_answer.c, op_job.c) share it.
 */
#ifndef TGCALLD_WORKER_JOURNAL_INTERNAL_H
#define TGCALLD_WORKER_JOURNAL_INTERNAL_H

#include "daemon/base/clock.h"
#include "daemon/base/table.h"
#include "daemon/net/loop.h"
#include "daemon/store/intent_rows.h"
#include "daemon/tg/account/gate.h"
#include "daemon/worker/journal.h"
#include "daemon/worker/journal_kind.h"
#include "daemon/worker/worker_internal.h"

#define JOURNAL_KEPT_US (24 * 3600 * SECOND_US)
#define JOURNAL_PRUNE_US (600 * SECOND_US)
/* So long a job is asked again that got no answer. */
#define JOURNAL_TRIES_US (3600 * SECOND_US)

/* As the store has them. */
enum intent_state {
    INTENT_QUEUED = 0,
    INTENT_RUNNING = 1,
    INTENT_WAITING = 2, /* Telegram asked to wait, until `until_us` */
    INTENT_DONE = 3,    /* the answer is final, and told again under the key */
    INTENT_FAILED = 4,  /* the same */
    INTENT_OPEN = 5,    /* it came to nothing, or to nothing that is known: who repeats the key takes it over */
};

struct intent {
    struct journal *journal;
    int64_t id;
    bool has_key;
    uint8_t key[STORE_INTENT_KEY], print[STORE_INTENT_KEY]; /* of the request's own words */
    enum job_method method;
    char token[TOKEN_NAME_MAX + 1], account[DIRECTORY_NAME_MAX], request_id[80];
    json_t *accounts; /* that the token is bound to; NULL */
    bool scope_admin, scope_secrets;
    int64_t user_id;             /* whom the account was logged in as; 0: nobody */
    unsigned scopes;             /* that asking for it takes, and hearing of its answer */
    json_t *path, *query, *body; /* until it has ended; BODY NULL where it is not to be kept and was handed on */
    enum intent_state state;
    bool sent, shown;
    bool is_sent_there; /* as the store was told last */
    bool defers;        /* it was asked for as a job: its waits are waited out */
    bool is_secret;     /* its answer */
    bool is_orphan;     /* its account went meanwhile: it is written no more */
    bool is_cancelled;
    bool is_ending;                 /* its end is not written yet, and told to nobody */
    struct job *canceller;          /* who is told of it then, beside the waiter */
    int64_t created_us, until_us;   /* wall */
    int64_t due_us;                 /* the same as until_us, monotonic: clocks are set */
    int64_t tried_since_us;         /* monotonic */
    int status;                     /* of the answer; 0 */
    json_t *answer;                 /* until the store has it */
    size_t bytes;                   /* of the words and the answer, as intent_weigh() found them */
    struct intent_attempt *attempt; /* under way */
    struct job *waiter;             /* who is told */
    bool waiter_defers;             /* and takes the job for an answer */
    int64_t waiter_until_us;        /* monotonic */
    struct net_timer *timer;
    int writes_n;  /* under way */
    int write_err; /* of the write that a written function hears of */
    struct intent *prev, *next;
    struct intent *wait_prev, *wait_next; /* NULL: it is not in the line of those that wait */
    int32_t random_id;                    /* that a create goes out with; 0 */
    UT_hash_handle hh, hh_key, hh_random_id;
};

/* Whose places one more would take. */
enum journal_places {
    JOURNAL_PLACES_OWN,  /* the daemon's own (own_job.h), whose token is "" */
    JOURNAL_PLACES_FEW,  /* a token's that has few */
    JOURNAL_PLACES_MANY, /* another's */
    JOURNAL_PLACES_COUNT
};

struct intent_attempt {
    struct intent *intent; /* NULL: nobody waits for it any more */
    struct journal *journal;
    struct tg_gate gate;
    int unwritten_err; /* 0, or why the store could not take it, as */
    char why[160];
};

struct journal {
    struct worker *worker;
    struct intent *list; /* utlist, the oldest first */
    struct intent *by_id, *by_key, *by_random_id;
    struct intent *waits; /* utlist, who goes on first in front */
    struct net_timer *waits_timer;
    size_t n;
    struct intent_holder *holders; /* how many each token has */
    size_t bytes;                  /* of all */
    size_t asked_n;                /* of the store, and not answered */
    struct net_timer *prune;
    int64_t full_until_us[JOURNAL_PLACES_COUNT]; /* monotonic: it was looked through, and nothing could go */
    size_t refused_n;                            /* since that was said last */
    int64_t said_us;                             /* monotonic: not again before */
    journal_changed_fn *changed;
    void *changed_ctx;
};

/* --- journal.c --- */
int64_t journal_wall(const struct journal *j);
struct intent *journal_find(struct journal *j, int64_t id);
struct intent *journal_find_key(struct journal *j, const uint8_t *key);
bool journal_has_random_id(const struct journal *j, int32_t random_id);
/* Into the tables, where its names are its worker's. TGC_EBUSY: they are another's; TGC_ENOMEM. */
int journal_add(struct journal *j, struct intent *i) TGC_MUST;
/* Whether words of one more are taken; an answer that is in memory alone goes for them. */
bool journal_has_room(struct journal *j);
struct intent *intent_new(struct journal *j);
/* Its words or its answer were changed. */
void intent_weigh(struct intent *i);
/* It is in the tables, and its words have the random_id of a create. TGC_ENOMEM. */
int intent_note_random_id(struct intent *i) TGC_MUST;
void intent_free(struct intent *i);
/* It is remembered no more. */
void intent_drop(struct intent *i);

/* --- journal_take.c --- */
/* The name of a key within its scope. TGC_ENOMEM. */
int journal_key_of(const char *token_id, enum job_method method, const json_t *path, const char *key,
                   uint8_t out[static STORE_INTENT_KEY]) TGC_MUST;

/* --- journal_room.c --- */
/* It has a place among its token's, until it gives that back. TGC_ENOMEM. */
int journal_room_take(struct intent *i) TGC_MUST;
void journal_room_give(struct intent *i);
/* Seconds until one more of TOKEN's can be remembered; 0: now. For it goes what is more than a day old, or spare. */
int64_t journal_make_room(struct journal *j, const char *token);
/* A journal's timer: what is more than a day old goes. */
void journal_prune(void *journal);

/* --- journal_tell.c --- */
void intent_set(struct intent *i, enum intent_state state);
bool intent_has_ended(const struct intent *i);
/* And that is on the disk, so that it may be told. */
bool intent_is_over(const struct intent *i);
/* Who is answered by whoever takes him; NULL. */
struct job *intent_take_waiter(struct intent *i);
/* The timer stands at the waiter's time. */
void intent_set_timer(struct intent *i);
/* Its end, with ATTEMPT's or another answer, which is moved out of FROM. FINAL: told again under the key. */
void intent_end(struct intent *i, struct job *from, bool final);
/* The same, with a problem. */
void intent_end_problem(struct intent *i, struct problem *p, bool final);
/* 202: the job is told of in the answer's place, once that it is one is on the disk. */
void intent_reply_deferred(struct intent *i);
/* 504, and the job goes on. P (taken; NULL: one is made) says why. */
void intent_reply_late(struct intent *i, struct problem *p);

/* --- journal_run.c --- */
void intent_run(struct intent *i);
/* The hash of the key that JOB, an operation's, was asked for under. False: there is none. */
bool journal_key_of_attempt(const struct job *job, uint8_t ret[static STORE_INTENT_KEY]);
/* Not yet sent: nothing of it goes out any more. False: it may have been. */
bool intent_cancel(struct intent *i);
/* Ends that nobody hears of any more. */
void intent_leave_attempt(struct intent *i);

/* --- journal_wait.c --- */
/* Into the line of those that wait: until UNTIL_US (wall), which is DUE_US (monotonic), or up to a second longer where
 * one that was asked for before waits for the same. */
void intent_wait(struct intent *i, int64_t until_us, int64_t due_us);
/* Out of it, where it is in. */
void intent_wait_no_more(struct intent *i);
/* A journal's timer: those whose wait is over go on. */
void journal_waits_over(void *journal);

/* --- journal_rows.c --- */
typedef void intent_written_fn(struct intent *i, const char *why_not);
/* As it is now, with ANSWER (borrowed; NULL: none). WRITTEN (may be NULL) hears, maybe at once; not where the intent
 * was dropped meanwhile. */
void intent_write(struct intent *i, const json_t *answer, intent_written_fn *written);
void intent_unwrite(struct intent *i);
void journal_unwrite(struct journal *j, int64_t id);
void journal_drop_old(struct journal *j);

/* --- journal_place.c --- */
/* Nothing of it went out, so that another worker's intent may stand in its place. */
bool intent_may_leave(const struct intent *i);
/* The store has its key for another's: this one is forgotten, and who waited for it is answered by that one. */
void intent_leave_to_other(struct intent *i);

/* --- journal_answer.c --- */
/* The answer of JOB as it is kept, a new reference; NULL where memory is gone. */
json_t *answer_of(const struct job *job);
/* What is told of an answer that has no text: it was too long to be kept. */
struct problem *answer_problem_of_length(void);
/* Answers JOB with what ANSWER says. */
void answer_give(struct job *job, const json_t *answer);
/* Answers JOB with the intent's answer, which may be asked for first; TELL makes it of that. */
typedef void answer_tell_fn(struct intent *i, struct job *job, const json_t *answer);
void answer_fetch(struct intent *i, struct job *job, answer_tell_fn *tell);
/* As GET /v1/jobs tells it. */
const char *intent_state_text(const struct intent *i);
/* Answers JOB with the intent as it is. */
void op_job_tell(struct intent *i, struct job *job);
/* Appends the job's members to OUT: `{"id":…` without the end. */
void job_text_begin(const struct intent *i, struct buf *out);

#endif
