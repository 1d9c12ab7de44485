/* One schedule as the room of them (schedule.c), what is carried out (schedule_run.c, schedule_turn.c,
 * schedule_make.c, schedule_late.c, schedule_back.c, schedule_hold.c), what is written
 * (schedule_rows.c) and what is told of it (schedule_text.c, op_schedule*.c) share it. */
#ifndef TGCALLD_WORKER_SCHEDULE_INTERNAL_H
#define TGCALLD_WORKER_SCHEDULE_INTERNAL_H

#include "daemon/base/clock.h"
#include "daemon/base/due.h"
#include "daemon/base/table.h"
#include "daemon/store/intent_rows.h"
#include "daemon/worker/op.h"
#include "daemon/worker/own_job.h"
#include "daemon/worker/schedule.h"
#include "daemon/worker/schedule_rule.h"
#include "daemon/worker/schedule_spec.h"

struct schedule;

enum { SCHEDULE_KEY_SIZE = 128 };

/* WHY_NOT: NULL: it is on the disk. */
typedef void schedule_written_fn(struct schedule *s, const char *why_not);

/* Those of one account, whose time they go by. */
struct schedule_owner {
    char account[DIRECTORY_NAME_MAX];
    int64_t ahead_us; /* the time was so far ahead of the monotonic clock when they were judged last */
    struct schedule *list;
    UT_hash_handle hh;
};

struct schedule {
    struct due due; /* in the line while it is to be looked at; the first member */
    struct schedules *room;
    struct schedule_owner *owner;
    struct schedule *prev, *next; /* of the owner */
    int64_t id;
    int64_t user_id; /* whose it is; 0: not known yet */
    char name[DIRECTORY_NAME_MAX];
    struct schedule_spec spec;
    enum schedule_phase phase;
    int64_t cursor, at, started_at, call_id, turn, skipped_at;
    /* The Idempotency-Key that the last skip came by (a hash, as hex), and when: its answer may have been lost; "". */
    char skip_key[2 * STORE_INTENT_KEY + 1];
    int64_t skip_asked_at;
    json_t *order;                 /* MAKING, BACK: the body that is asked for, the same each time; NULL */
    json_t *last;                  /* NULL */
    char spent[SCHEDULE_KEY_SIZE]; /* the key of a create that is needed no more when this is written; "" */
    bool is_writing, is_unwritten;
    int write_err;          /* of the write, or the drop, that a written function hears of */
    int64_t cursor_if_kept; /* while it is about to be forgotten: where it goes on if the disk refuses */
    bool is_held;           /* as it was told last */
    bool is_new;            /* not yet written, and nobody's */
    bool is_gone;           /* forgotten, but for what is to be taken back: its name is another's to take */
    schedule_written_fn *written;
    bool is_in_doubt;       /* ANNOUNCED: its start may have been carried out */
    enum own_job_rest rest; /* BACK: of its create */
    unsigned tries;         /* in a row that came to nothing */
    char *why;              /* the last of them as a problem's JSON text; NULL */
    struct schedule_news {
        const char *what; /* NULL: none; else what is told when it is on the disk */
        int64_t at;
        int outcome; /* the meter's number; -1: it is none */
        int n;
    } news;
    struct own_job *own;
    own_job_fn *then; /* who hears of THEN_METHOD, once it is known whose call that is */
    enum job_method then_method;
    struct job *asked;   /* the client's that the withdrawal under way is for; NULL */
    struct job *pending; /* clients' that wait for what is under way, by `next` */
    int counted;         /* the meter's number that it is counted in; -1 */
    UT_hash_handle hh, hh_id;
};

struct schedules {
    struct worker *worker;
    struct net_timer *timer;
    int64_t timer_us, look_us;
    struct due_line line;
    struct schedule *by_name, *by_id;
    struct schedule_owner *owners;
    size_t asked_n; /* of the store, and not answered */
    bool is_stopped;
};

/* --- schedule.c --- */
struct schedule *schedules_find(struct schedules *room, const char *name);
struct schedule *schedules_find_id(struct schedules *room, int64_t id);
/* SPEC is taken; the name is the directory's already. NULL where memory is gone. */
struct schedule *schedules_add(struct schedules *room, const char *account, const char *name, int64_t id,
                               struct schedule_spec *spec);
/* It is remembered no more. */
void schedule_drop(struct schedule *s);
/* Clients that wait are answered that it is gone. */
void schedule_answer_gone(struct schedule *s);
/* Nobody finds it any more by its name, which ORDER remembers. TGC_ENOMEM. */
int schedule_give_name_up(struct schedule *s) TGC_MUST;
void schedule_take_name_back(struct schedule *s);
/* The same of one that was loaded so. */
void schedule_be_gone(struct schedule *s);
/* The name that it was made by. */
const char *schedule_own_name(const struct schedule *s);
/* Unix µs, by schedule_time(). */
int64_t schedule_now_us(const struct schedule *s);
/* It is judged in so long. */
void schedule_put(struct schedule *s, int64_t in_us);
/* The seconds that hold for it. */
int32_t schedule_late_max(const struct schedule *s);
/* Something is under way. */
bool schedule_is_busy(const struct schedule *s);
enum schedule_state {
    SCHEDULE_SAYS_WAITING,
    SCHEDULE_SAYS_ANNOUNCED,
    SCHEDULE_SAYS_RUNNING,
    SCHEDULE_SAYS_DONE,
    SCHEDULE_SAYS_PAUSED
};
enum schedule_state schedule_state(const struct schedule *s);
/* Its state may have changed: it is counted where it belongs. */
void schedule_recount(struct schedule *s);

/* --- schedule_time.c --- */
/* Telegram's, in Unix µs, as the account knows it. False: it has not heard it since the start, or has nobody to
 * hear it (logged out), and *RET is the machine's, by which nothing is said to be over. */
bool schedule_time(struct worker *w, const char *account, int64_t *ret);

/* --- schedule_hold.c --- */
struct schedule_why {
    char reason[320];
    const char *remedy;
};
/* Whether it is "paused", and why. */
bool schedule_hold_why(const struct schedule *s, struct schedule_why *ret);
/* Nothing is to be judged: it is paused, or the time is not known yet. It is looked at again when that may have
 * changed. False: *RET are its dates, open; none where what is to be done goes by none. */
bool schedule_is_held(struct schedule *s, struct schedule_dates *ret);
/* The account is logged in as another user than its own. */
bool schedule_is_of_another(const struct schedule *s);
/* It is the user's who is logged in. */
void schedule_be_of_user(struct schedule *s);

/* --- schedule_turn.c --- */
enum { SCHEDULE_NO_OUTCOME = -1 };
int64_t schedule_now_s(const struct schedule *s);
/* What was told of is on the disk. */
void schedule_tell_news(struct schedule *s);
/* As it is now is written; then it is judged again. */
void schedule_keep(struct schedule *s);
/* It could not be, as WRITE_ERR and WHY_NOT say: after a while that is tried again, and clients' jobs that wait are
 * answered with that. */
void schedule_stand_still(struct schedule *s, const char *why_not);
/* The same, and WHAT is told, of the occurrence AT (0: none), N times; OUTCOME: the meter's number,
 * SCHEDULE_NO_OUTCOME. */
void schedule_keep_and_tell(struct schedule *s, const char *what, int64_t at, int outcome, int n);
void schedule_forget_trouble(struct schedule *s);
/* What is under way is no more; the next look takes up what comes after. */
void schedule_set_idle(struct schedule *s);
/* The occurrence under way has CALL ("existing"), or had ("ended_early"), which is not this schedule's to end; NUMBER:
 * the meter's. */
void schedule_end_by(struct schedule *s, const char *outcome, int number, int64_t call);
/* It comes to nothing; what is there of it is taken back. */
void schedule_end_refused(struct schedule *s, const struct problem *p);
/* Its call runs; CALL 0: which one is not known. */
void schedule_start_run(struct schedule *s, int64_t call, json_t *problem);
/* What was never taken up. */
void schedule_miss(struct schedule *s, const struct schedule_verdict *v);
/* As schedule_end_refused(). */
void schedule_end_missed(struct schedule *s);

/* --- schedule_make.c --- */
struct schedule_made {
    int64_t call, schedule_date;
    bool is_existing, is_scheduled;
};
/* False: the answer has no call. */
bool schedule_read_made(const struct job *job, struct schedule_made *ret);
/* What is asked for has its date. */
bool schedule_is_announcing(const struct schedule *s);
/* Why the occurrence under way could not be announced, so that its call is made at its date; NULL: it could, or none is
 * under way. */
const char *schedule_unannounced(const struct schedule *s);
/* A call that was there is this schedule's: an answer of before was lost. */
bool schedule_is_own(const struct schedule *s, const struct schedule_made *made);
/* Takes up the occurrence. */
void schedule_begin(struct schedule *s, const struct schedule_verdict *v);
void schedule_make(struct schedule *s);
/* Asks for the call by the words and the key of the occurrence under way. */
void schedule_ask_create(struct schedule *s, own_job_fn *answered);
/* What came of that is known, and is about to be written. */
void schedule_spend(struct schedule *s);
/* It was: the journal need not remember it. */
void schedule_settle(struct schedule *s);
/* Nobody waits for that any more. */
enum own_job_rest schedule_withdraw(const struct schedule *s);

/* --- schedule_late.c --- */
void schedule_give_up(struct schedule *s);

/* --- schedule_back.c --- */
/* Nobody wants any more what is announced, or may have been: that is the phase from now on, to be written. */
void schedule_take_back(struct schedule *s);
/* What is under way is not to be any more: what may be there of it is taken back. To be written. */
void schedule_leave(struct schedule *s);
/* SCHEDULE_TAKE_BACK: its call is ended where it is there, and has not been started by anybody. */
void schedule_go_on_back(struct schedule *s);
/* One that is gone, and another user is logged in, who can take nothing back: it is remembered no more. */
void schedule_forget_back(struct schedule *s);

/* --- schedule_run.c --- */
/* Judges it, and does what is to be done. */
void schedule_look(struct schedule *s);

/* --- schedule_ask.c --- */
/* Asks METHOD of the account, with PATH or BODY (taken); KEY NULL: it may be repeated. TGC_ENOMEM: nothing was asked.
 */
int schedule_ask(struct schedule *s, enum job_method method, json_t *path, json_t *body, const char *key,
                 own_job_fn *answered) TGC_MUST;
/* The call's discard. */
int schedule_ask_end(struct schedule *s, own_job_fn *answered) TGC_MUST;
/* METHOD of its call; where the account does not know that, the chat is read first. TGC_ENOMEM, as above. */
int schedule_ask_of_call(struct schedule *s, enum job_method method, own_job_fn *answered) TGC_MUST;
/* What runs in its chat (preflight), or in that which was asked for a call. TGC_ENOMEM, as above. */
int schedule_ask_of_chat(struct schedule *s, own_job_fn *answered) TGC_MUST;
struct schedule_chat {
    int64_t call, schedule_date; /* 0: none */
    bool runs;                   /* it does not wait to be started */
};
/* JOB is that answer. */
void schedule_read_chat(const struct job *job, struct schedule_chat *ret);
/* It is judged again after a while, a longer one each time in a row, or after what was asked for (0: nothing was). */
void schedule_pause(struct schedule *s, int64_t retry_after_s);
/* Whether JOB's problem stands; one that passes is remembered, and waited out. */
bool schedule_is_refused(struct schedule *s, const struct job *job);
/* The daemon stops, and the next one asks again. */
bool schedule_is_left(const struct schedule *s, const struct job *job);

/* --- schedule_rows.c --- */
/* As it is now. WRITTEN hears once, maybe at once. */
void schedule_write(struct schedule *s, schedule_written_fn *written);
/* DONE hears, maybe at once. TGC_ENOMEM and the like: it does not. */
int schedule_unwrite(struct schedule *s, schedule_written_fn *done) TGC_MUST;

/* --- schedule_text.c --- */
const char *schedule_state_text(enum schedule_state state);
/* As GET /v1/schedules/{name} shows it; NULL where memory is gone. */
json_t *schedule_json(const struct schedule *s);
/* P as it is kept and told, without what only its own request's client needs. NULL: none, or memory is gone. */
json_t *schedule_problem_json(const struct problem *p);
/* How the occurrence AT went; CALL 0, PROBLEM (taken) NULL: none; MISSED: how many, with "missed". */
void schedule_note(struct schedule *s, int64_t at, const char *outcome, int64_t call, json_t *problem, int missed);
/* An event, by what happened to it, or to its occurrence AT (0: none), of which N were. */
void schedule_tell(const struct schedule *s, const char *what, int64_t at, int n);

/* --- op_schedule_change.c --- */
/* The first client that waited, now that nothing is under way. */
void schedule_serve(struct schedule *s);

#endif
