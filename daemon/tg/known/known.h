/* All that one account knows of Telegram: users and chats, which call a chat has, the calls; how it comes to know, and
 * what of it is still to be believed. Belongs to the account's thread.
 *
 * What is told may be older than what is known: an answer says how things were somewhere between its question and its
 * arrival. So who asks takes a mark first and hands it in with the answer; where the answer contradicts what was learnt
 * since, nobody knows, and that is what is written down. */
#ifndef TGCALLD_TG_KNOWN_H
#define TGCALLD_TG_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/tg/known/calls.h"
#include "daemon/tg/known/changes.h"
#include "daemon/tg/known/chats.h"
#include "daemon/tg/known/peers.h"
#include "daemon/tg/known/rumours.h"
#include "daemon/tg/listener.h"
#include "daemon/tl/reader.h"
#include "daemon/tl/schema.h"

/* That a chat has no call is believed so long; then, or once the link was lost, the chat is asked. */
#define TG_KNOWN_EMPTY_US (60 * SECOND_US)
/* Updates keep true what was read; where none came for so long, they may have ended unnoticed. */
#define TG_KNOWN_QUIET_US (15 * 60 * SECOND_US)
/* The message of what became of a call may come a little before the update of it does: so long that is waited for
 * before anything is asked. */
#define TG_KNOWN_SAID_US SECOND_US

struct tg_known;

/* LISTENER (NULL for none) hears of every change, as one of ACCOUNT's. All arguments are borrowed for its life. */
int tg_known_new(const struct tl_schema *schema, const struct clock_source *clock, const struct tg_listener *listener,
                 struct tg_account *account, struct tg_known **ret) TGC_MUST;
void tg_known_free(struct tg_known *k);

struct tg_peers *tg_known_peers(struct tg_known *k);
struct tg_calls *tg_known_calls(struct tg_known *k);
/* Calls that are none of those yet, and are to be asked for. */
struct tg_rumours *tg_known_rumours(struct tg_known *k);

/* --- across processes --- */

/* From now on what changes of peers and calls is gathered; NOTED hears of the first, until it is taken. */
void tg_known_note(struct tg_known *k, void (*noted)(void *ctx), void *ctx);
struct tg_changes tg_known_take_peers(struct tg_known *k);
/* Of calls, `kind` is TG_CALL_IS_GONE where one was forgotten that the keeper of records has. */
enum { TG_CALL_IS_GONE = 1 };
struct tg_changes tg_known_take_calls(struct tg_known *k);
/* What was taken is not kept after all: all of it is to be told anew. */
void tg_known_untake(struct tg_known *k);
/* What an earlier process knew, before anything is asked. A call that ran then is stale. TGC_ENOMEM; TGC_EEXIST. */
int tg_known_restore_peer(struct tg_known *k, const struct tg_peer *peer) TGC_MUST;
int tg_known_restore_call(struct tg_known *k, const struct tg_call *call) TGC_MUST;

/* --- learning --- */

/* A point in the order of what was learnt, never 0: taken before a question is sent. */
uint64_t tg_known_mark(const struct tg_known *k);

/* What an answer or update said that is more than knowledge. */
struct tg_learnt {
    int64_t call_id;                  /* of the last updateGroupCall of a running call; 0 */
    int64_t ended_id;                 /* of the last one that tells of an end; 0 */
    bool missed;                      /* updates were missed: see tg_known_missed() */
    bool config_told, config_doubted; /* see tg_facts */
    uint64_t undefined_flags;
    struct tl_walked walked; /* of the bytes, for who reads them again */
};

/* The result of METHOD that was asked at MARK, or (NULL, 0) an update. Faults are those of tl_walk(): the bytes do not
 * fit the layer; what was said before the fault counts. TGC_ENOMEM. */
int tg_known_learn(struct tg_known *k, const struct tl_comb *method, uint64_t mark, const void *data, size_t len,
                   struct tg_learnt *ret, struct fault *fault) TGC_MUST;

/* One call, as an update tells of it. */
int tg_known_see_call(struct tg_known *k, const struct tg_call_seen *seen) TGC_MUST;

/* Some update came, which also proves that they do come. */
void tg_known_heard(struct tg_known *k);
/* Updates may have been lost: no chat is known to be empty, every running call is stale. */
void tg_known_missed(struct tg_known *k);
/* The link was lost: the same. */
void tg_known_link_lost(struct tg_known *k);

/* --- who is meant --- */

enum tg_name_word {
    TG_NAME_UNKNOWN, /* ask */
    TG_NAME_MISSED,  /* nobody: asked a moment ago */
    TG_NAME_PEER,
};

/* What is known of a name, a phone, an invite or an id; *RET is set with TG_NAME_PEER, and can be acted on. A basic
 * group that became a channel is that channel. */
enum tg_name_word tg_known_name(struct tg_known *k, const struct peer_text *asked, struct tg_peer *ret);
/* Whether its bearer was seen with it within the last minute. */
bool tg_known_name_is_fresh(struct tg_known *k, const struct peer_text *asked);
/* Telegram's answer to it. */
int tg_known_name_found(struct tg_known *k, const struct peer_text *asked, enum peer_kind kind, int64_t id) TGC_MUST;
int tg_known_name_missed(struct tg_known *k, const struct peer_text *asked) TGC_MUST;
/* It led astray: it is asked for anew. */
void tg_known_name_forget(struct tg_known *k, const struct peer_text *asked);
/* All of the account's chats were read, the first of them asked for at MARK: that holds for an hour, and where no link
 * was lost since. */
void tg_known_dialogs_read(struct tg_known *k, uint64_t mark);
bool tg_known_dialogs_are_read(const struct tg_known *k);

/* --- a chat's call --- */

/* What can be relied on right now. TG_CHAT_CALL sets *RET_CALL (may be NULL) to its record: told since the link was
 * last lost, and not stale. */
enum tg_chat_state tg_known_chat(struct tg_known *k, enum peer_kind kind, int64_t id, struct tg_call **ret_call);
/* The chat is about to be asked for its call: from now on what contradicts the answer is kept. */
int tg_known_chat_is_asked(struct tg_known *k, enum peer_kind kind, int64_t id) TGC_MUST;
/* Who asked for a call by its chat, at MARK, knows whose it is, where the answer did not say so. */
int tg_known_call_is_of(struct tg_known *k, struct tg_call *call, enum peer_kind kind, int64_t id,
                        uint64_t mark) TGC_MUST;
/* This account's own request created it. */
void tg_known_call_is_ours(struct tg_known *k, struct tg_call *call);
/* By an error's word (GROUPCALL_ALREADY_DISCARDED, …): over, running. */
int tg_known_call_ended(struct tg_known *k, struct tg_call *call) TGC_MUST;
int tg_known_call_started(struct tg_known *k, struct tg_call *call) TGC_MUST;

/* Something was sent whose fate is unknown: what it could have changed is asked for before it is believed again. */
void tg_known_unsettle_chat(struct tg_known *k, enum peer_kind kind, int64_t id);
void tg_known_unsettle_call(struct tg_known *k, int64_t call_id);

/* The login is over: access hashes belong to it. The calls stay as a record of what was. */
void tg_known_end_login(struct tg_known *k);
/* Another user: all of it goes. */
void tg_known_clear(struct tg_known *k);

#endif
