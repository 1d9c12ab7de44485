/* The group calls an account knows: one record a call, folded together from answers and updates as the official clients
 * do. Only a table; which of them is its chat's call is judged in known.h. Belongs to the account's thread. */
#ifndef TGCALLD_TG_CALLS_H
#define TGCALLD_TG_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/table.h"

enum tg_call_state { TG_CALL_ACTIVE, TG_CALL_SCHEDULED, TG_CALL_DISCARDED };

/* Our own wish that a scheduled call be started at its date (auto_start.h); Telegram knows nothing of it. */
enum tg_auto_start { TG_AUTO_START_NONE, TG_AUTO_START_WISHED, TG_AUTO_START_MISSED };

struct tg_call {
    int64_t id, access_hash;
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    char *title; /* owned; any bytes, as on the wire; NULL for none */
    size_t title_len;
    bool conference;   /* a call of whoever has its link, and of no chat */
    char *invite_link; /* a conference's; owned; NULL where none was shown */
    enum tg_call_state state;
    int32_t schedule_date; /* 0 for none */
    int32_t duration;      /* of a discarded call; -1 where it is not known */
    bool rtmp_stream, join_muted;
    int32_t participants_count, version;
    int64_t seen_us;              /* when Telegram last told of it, monotonic */
    int64_t created_at, ended_at; /* Unix seconds by our clock; ended_at 0 while it runs */
    bool created_here;            /* by this account's own request */
    bool stale;                   /* ask before believing */
    uint64_t stale_mark;          /* since when: only what was asked for later settles it; see tg_known_mark() */
    int64_t ask_at_us;            /* stale: not to be asked for before, monotonic; 0: at once */
    unsigned asked_in_vain;       /* how often in a row that was */
    enum tg_auto_start auto_start;
    int64_t missed_at;           /* TG_AUTO_START_MISSED: when that was, Unix seconds */
    char *missed_why;            /* the same: owned, a sentence's end; else NULL */
    bool end_inferred;           /* nobody told of its end: another call took its chat, or the chat has none */
    uint64_t ended_mark;         /* when that was inferred: see tg_known_mark() */
    bool is_saved;               /* the keeper of records has one of it */
    UT_hash_handle hh;           /* in the order of creation */
    struct tg_call *prev, *next; /* among the stale ones, or among those that have ended */
};

/* A GroupCall or groupCallDiscarded as an answer or an update showed it. */
struct tg_call_seen {
    int64_t id, access_hash;
    bool discarded, min;
    bool from_update; /* else from an answer to phone.getGroupCall and its kin */
    uint64_t mark;    /* what was learnt when it was asked for; see tg_known_mark() */
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    const char *title; /* borrowed; not NUL-terminated; NULL for none */
    size_t title_len;
    const char *invite_link; /* the same */
    size_t invite_link_len;
    int32_t schedule_date, duration, participants_count, version;
    bool rtmp_stream, join_muted, conference;
    bool layer_lacks_rtmp; /* the schema's groupCall has no such flag: what is known stands */
};

struct tg_calls;

/* CLOCK is borrowed for its life. */
int tg_calls_new(const struct clock_source *clock, struct tg_calls **ret) TGC_MUST;
void tg_calls_free(struct tg_calls *c);
void tg_calls_clear(struct tg_calls *c);
size_t tg_calls_count(const struct tg_calls *c);
/* FORGOTTEN hears of each record that is about to go, but for tg_calls_free(). */
void tg_calls_on_forgotten(struct tg_calls *c, void (*forgotten)(void *ctx, const struct tg_call *call), void *ctx);

enum tg_fold {
    TG_FOLD_OLD = 0, /* nothing that was not known: an older version, of a call that has ended, or a min object of an
                        unknown one */
    TG_FOLD_MADE,    /* a new record */
    TG_FOLD_APPLIED, /* the record says what was seen */
    TG_FOLD_GAP,     /* so it does, but versions are missing in between: it is stale */
};

/* Folds it in, but for its peer; *RET (may be NULL) is the record, NULL where none is kept (a min object of an unknown
 * call). What has ended does not run again, unless its end was only inferred and a later question found it running.
 * Past LIMIT_CALLS the oldest of the ended goes, or simply the oldest that nobody wants started. */
int tg_calls_fold(struct tg_calls *c, const struct tg_call_seen *seen, struct tg_call **ret,
                  enum tg_fold *ret_fold) TGC_MUST;
/* A record of an earlier process, copied: what times there are of this one's clock, and what is asked, begins anew.
 * TGC_EEXIST. */
int tg_calls_restore(struct tg_calls *c, const struct tg_call *saved, struct tg_call **ret) TGC_MUST;
/* Nobody told of its end, but it must have ended. MARK: what was learnt so far. */
void tg_calls_infer_end(struct tg_calls *c, struct tg_call *call, uint64_t mark);
/* An end that was inferred is taken back: it is stale instead. */
void tg_calls_revive(struct tg_calls *c, struct tg_call *call);
/* Whose call it is; what is known stands, but for a basic group that became a channel. Whether that is news. */
bool tg_calls_set_peer(struct tg_call *call, enum peer_kind kind, int64_t id);

struct tg_call *tg_calls_find(struct tg_calls *c, int64_t id);
/* Whether it waits for its date. What ended by inference may turn out to be scheduled still: the wish stays with the
 * record, and holds no longer. */
static inline bool tg_call_is_to_start(const struct tg_call *call)
{
    return call->auto_start == TG_AUTO_START_WISHED && call->state == TG_CALL_SCHEDULED;
}
/* Whether its start came to nothing, and it does not run all the same. */
static inline bool tg_call_start_was_missed(const struct tg_call *call)
{
    return call->auto_start == TG_AUTO_START_MISSED && call->state != TG_CALL_ACTIVE;
}
/* The fields together; WHY (copied) and AT with TG_AUTO_START_MISSED alone. TGC_ENOMEM: nothing was changed. Tells
 * nobody. */
int tg_call_set_auto_start(struct tg_call *call, enum tg_auto_start to, int64_t at, const char *why) TGC_MUST;

/* In the order of creation; NULL starts. */
struct tg_call *tg_calls_next(struct tg_calls *c, struct tg_call *after);

/* It is stale, and no answer to what was asked for before MARK settles it. A call that has ended is never stale. */
void tg_calls_doubt(struct tg_calls *c, struct tg_call *call, uint64_t mark);
/* Those that run, all of them. */
void tg_calls_doubt_all(struct tg_calls *c, uint64_t mark);
/* The one that is stale longest, the others behind it (next); NULL. */
struct tg_call *tg_calls_first_stale(struct tg_calls *c);
/* Of the stale ones the one that is to be asked for first; NULL. */
struct tg_call *tg_calls_next_to_ask(struct tg_calls *c);
/* It was asked for and is stale still: not before AT_US again. */
void tg_calls_asked_in_vain(struct tg_call *call, int64_t at_us);

/* {"_": "inputGroupCall", …}; a new reference, NULL where memory is gone. */
json_t *tg_call_input(const struct tg_call *call);

const char *tg_call_state_text(enum tg_call_state state);

#endif
