/* What live.c (the table, and when), live_hear.c (what is heard), live_move.c (where the chat is another one by now),
 * live_run.c (what is asked), live_attempt.c (under which keys), live_rows.c (what is written), live_text.c (what is
 * told) and op_live.c (who wishes) share. */
#ifndef TGCALLD_WORKER_LIVE_INTERNAL_H
#define TGCALLD_WORKER_LIVE_INTERNAL_H

#include <stdint.h>

#include <jansson.h>

#include "daemon/base/due.h"
#include "daemon/base/table.h"
#include "daemon/bridge/directory.h"
#include "daemon/worker/live.h"
#include "daemon/worker/live_rule.h"
#include "daemon/worker/own_job.h"
#include "daemon/worker/worker_internal.h"

enum live_end_how { LIVE_END_NONE, LIVE_END_ENDED, LIVE_END_ADMIN, LIVE_END_API, LIVE_END_REPLACED, LIVE_END_N };

struct live_key {
    char account[DIRECTORY_NAME_MAX]; /* zeroes behind it */
    int64_t peer_kind, peer_id;
};

enum { LIVE_WHY_SIZE = 384, LIVE_KEY_SIZE = 96 };

/* One create, from the moment when it is written down until it is known what it came to. */
struct live_attempt {
    json_t *body; /* what is asked for; NULL: there is none */
    int64_t at_s;
    bool counts;      /* it makes a call anew: its time is among TIMES_S */
    bool is_in_doubt; /* it may have been carried out */
    bool is_rotated;
    int rotations; /* tries to revoke the stream's key whose fate is not known */
};

struct live_wish {
    struct due due; /* in the line unless something is asked; the first member */
    struct live_key key;
    struct live *live;
    int64_t id; /* drawn: no two of one peer, one after the other, are taken for one */
    int64_t user_id;
    json_t *title; /* NULL for none */
    bool rtmp_stream, rotate_key;
    int max_per_hour;
    int64_t since_s;

    enum live_state state;
    enum live_why why;
    char reason[LIVE_WHY_SIZE], remedy[LIVE_WHY_SIZE]; /* "" for none */
    int64_t retry_at_s;                                /* 0 */
    int64_t call_id;                                   /* the last one that ran, or runs; 0 */
    int64_t times_s[LIVE_PER_HOUR_MAX];
    size_t times_n;
    int64_t total;
    struct {
        enum live_end_how how;
        int64_t at_s, call_id;
        bool has_by;
        enum peer_kind by_kind;
        int64_t by_id;
    } end;

    bool is_sure; /* it ran when it was last judged, which was in this process */
    bool must_look;
    unsigned refusals, tries;
    bool is_refused;
    int64_t look_at_us, looked_at_us, pause_until_us;
    int64_t number; /* of the next attempt, or the one that is under way */
    struct live_attempt attempt;

    struct own_job *job; /* under way */
    bool is_hinted;      /* while it was asked, something was heard of the account's rights */
    bool is_asked;       /* something is: a job, or the store about to have it written down */
    bool is_still;       /* not yet on the disk: nothing is done for it */
    bool is_going;       /* about to leave the disk: the same, and nothing is written of it */
    struct job *pending; /* while it is: the clients' that change it, by `next` */
    UT_hash_handle hh;
};

struct live {
    struct worker *worker;
    struct net_timer *timer;
    int64_t timer_us; /* what that is set to */
    bool is_stopped;
    struct live_wish *by_key;
    struct due_line line;
    size_t asked_n; /* of the store, and not answered */
    int write_err;  /* of the write, or the drop, that a written function hears of */
};

/* --- live.c --- */

/* NULL where there is none. */
struct live_wish *live_find(struct live *live, const char *account, enum peer_kind kind, int64_t peer_id);
/* A new one that does nothing yet (is_still). NULL: memory is gone. */
struct live_wish *live_add(struct live *live, const char *account, enum peer_kind kind, int64_t peer_id);
/* It goes. Nobody may have it any more. */
void live_drop(struct live_wish *w);
size_t live_count(const struct live *live, const char *account);
/* NULL: it is gone. */
struct tg_account *live_account(const struct live_wish *w);
/* The call that runs, NULL. */
struct tg_call *live_call(const struct live_wish *w);
/* Telegram's time where it is known, in Unix µs, and in seconds. */
int64_t live_now_us(const struct live_wish *w);
int64_t live_now_s(const struct live_wish *w);
/* It is judged anew at AT_US, from the timer; at once (0). */
void live_put(struct live_wish *w, int64_t at_us);
/* The same now. */
void live_look(struct live_wish *w);
/* WHAT is told, where that is news. */
void live_set(struct live_wish *w, enum live_state state, enum live_why why, int64_t retry_at_s, const char *what);
/* As the process before left it: told to nobody. */
void live_restore_state(struct live_wish *w, enum live_state state, enum live_why why);
/* Its reason in words; NULL for none. */
void live_explain(struct live_wish *w, const char *reason, const char *remedy);

/* --- live_run.c --- */

void live_ask_look(struct live_wish *w);
void live_ask_create(struct live_wish *w);

/* --- live_attempt.c --- */

void live_key_of_create(const struct live_wish *w, int64_t number, char out[static LIVE_KEY_SIZE]);
/* The same of a revoke of the stream's key. */
void live_key_of_rotation(const struct live_wish *w, int64_t number, int rotation, char out[static LIVE_KEY_SIZE]);
/* A job's, to its chat. NULL: memory is gone. */
json_t *live_path(const struct live_wish *w);
/* There is none any more, and the next one has another number. */
void live_end_attempt(struct live_wish *w);
/* The same, as the chat has a call, or Telegram's word is final. Whether it made that call anew, as far as is known:
 * what is in doubt has. */
bool live_settle(struct live_wish *w);
/* The wish is about to go: what was not sent for it will not be; what was goes its way. */
void live_withdraw(struct live_wish *w);
/* Another user wishes it from now on: what was asked for by the one before is neither counted nor taken back. */
void live_disown(struct live_wish *w);

/* --- live_move.c --- */

/* Whether its chat, a basic group, is known to have become a channel. */
bool live_has_moved(const struct live_wish *w);
/* Then the wish is of that from now on. False: not yet, or it is gone, since there is one already. */
bool live_follow(struct live_wish *w);

/* --- live_rows.c --- */

/* W is NULL where it is gone. */
typedef void live_written_fn(struct live *live, struct live_wish *w, void *ctx, const char *why_not);
/* WRITTEN (NULL: nobody) is called once, maybe from inside. One that is going is as good as gone, and is not written.
 */
void live_write(struct live_wish *w, live_written_fn *written, void *ctx);
void live_unwrite(struct live_wish *w, live_written_fn *written, void *ctx);
/* What is written under KEY goes, whoever has it. */
void live_unwrite_key(struct live *live, const struct live_key *key);

/* --- live_text.c --- */

/* As GET /v1/peers/{peer}/live tells it. */
json_t *live_json(const struct live_wish *w);
const char *live_state_text(enum live_state state);
/* Whom it is about, as a marked id. */
int64_t live_marked_id(const struct live_wish *w);

#endif
