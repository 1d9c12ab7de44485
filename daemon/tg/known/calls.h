/* The group calls an account knows: one record a call, folded together from answers and updates as the official clients
 * do. Belongs to the account's thread. */
#ifndef TGCALLD_TG_CALLS_H
#define TGCALLD_TG_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/base/err.h"
#include "daemon/base/peer_text.h"
#include "daemon/base/table.h"

enum tg_call_state { TG_CALL_ACTIVE, TG_CALL_SCHEDULED, TG_CALL_DISCARDED };

struct tg_call {
    int64_t id, access_hash;
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    struct tg_chat_key {
        int64_t kind, id;
    } chat;      /* the same, as the key of the running call of a chat */
    char *title; /* owned; any bytes, as on the wire; NULL for none */
    size_t title_len;
    enum tg_call_state state;
    int32_t schedule_date; /* 0 for none */
    int32_t duration;      /* of a discarded call; -1 where it is not known */
    bool rtmp_stream, join_muted;
    int32_t participants_count, version;
    int64_t seen_at;              /* when Telegram last told of it, Unix seconds by our clock */
    int64_t created_at, ended_at; /* Unix seconds by our clock; ended_at 0 while it runs */
    bool created_here;            /* by this account's own request */
    bool stale;                   /* updates may have been missed: ask before believing */
    bool in_chat;                 /* it is its chat's running call */
    UT_hash_handle hh;            /* in the order of creation */
    UT_hash_handle by_chat;
};

/* A GroupCall or groupCallDiscarded as an answer or an update showed it. */
struct tg_call_seen {
    int64_t id, access_hash;
    bool discarded, min;
    bool from_update; /* else from an answer to phone.getGroupCall and its kin: the truth at that moment */
    bool has_peer;
    enum peer_kind peer_kind;
    int64_t peer_id;
    const char *title; /* borrowed; not NUL-terminated; NULL for none */
    size_t title_len;
    int32_t schedule_date, duration, participants_count, version;
    bool rtmp_stream, join_muted;
    bool layer_lacks_rtmp; /* the schema's groupCall has no such flag: what is known stands */
};

struct tg_calls;

int tg_calls_new(struct tg_calls **ret) TGC_MUST;
void tg_calls_free(struct tg_calls *c);
void tg_calls_clear(struct tg_calls *c);
/* KNOWN is told of each call that comes to be known, or that turns out to be the account's own; FORGOTTEN of each that
 * is forgotten. */
void tg_calls_listen(struct tg_calls *c, void (*known)(void *ctx, int64_t id, bool created_here),
                     void (*forgotten)(void *ctx, int64_t id), void *ctx);

/* Folds it in; *RET (may be NULL) is the record, NULL where none is kept (a min object of an unknown call). *RET_GAP
 * (may be NULL): versions are missing in between, the call is to be read again. NOW is in Unix seconds. */
int tg_calls_fold(struct tg_calls *c, const struct tg_call_seen *seen, int64_t now, struct tg_call **ret,
                  bool *ret_gap) TGC_MUST;

void tg_calls_set_created_here(struct tg_calls *c, struct tg_call *call);

/* Whose call it is, where no update said so; what is known stands, but for a basic group that became a channel. */
void tg_calls_set_peer(struct tg_calls *c, struct tg_call *call, enum peer_kind kind, int64_t id);

struct tg_call *tg_calls_find(struct tg_calls *c, int64_t id);
/* The call of a chat that is active or scheduled, as far as is known. */
struct tg_call *tg_calls_find_running(struct tg_calls *c, enum peer_kind kind, int64_t id);
/* In the order of creation; NULL starts. */
struct tg_call *tg_calls_next(struct tg_calls *c, struct tg_call *after);
void tg_calls_mark_stale(struct tg_calls *c);

/* {"_": "inputGroupCall", …}; a new reference, NULL where memory is gone. */
json_t *tg_call_input(const struct tg_call *call);

const char *tg_call_state_text(enum tg_call_state state);

#endif
