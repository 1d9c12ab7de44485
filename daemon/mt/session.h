/* The client's session machine ("Mobile Protocol: Detailed Description", "Service Messages"): message ids, sequence
 * numbers, salts, acks, containers, gzip, resends, pings, state requests. Without I/O: received packets in, packets to
 * send out, events by handlers; clock and random are handed in. One session belongs to one thread.
 *
 * The owner's loop, after each connected, feed, send or tick:
 *     while (mt_session_flush(s, &packet) > 0) send(packet);
 *     set one timer to mt_session_deadline(s) and call mt_session_tick(s) then.
 *
 * It outlives connections: mt_session_disconnected() keeps requests, mt_session_connected() goes on with them in the
 * same session.
 */
#ifndef TGCALLD_MT_SESSION_H
#define TGCALLD_MT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/err.h"
#include "daemon/base/fault.h"
#include "daemon/base/random.h"
#include "daemon/mt/auth_key.h"
#include "daemon/mt/rpc_error.h"

struct mt_session;

/* Called from feed() and tick(). A handler may call mt_session_send(), _forget() and _flush(), but must not free the
 * session. Bytes are borrowed for the call. */
struct mt_session_handlers {
    /* The result of a request: one boxed value, unpacked where it came gzipped. The request is over. */
    void (*on_result)(void *ctx, uint64_t request, const uint8_t *data, size_t len);
    /* Its rpc_error. The request is over. */
    void (*on_error)(void *ctx, uint64_t request, const struct mt_rpc_error *error);
    /* The session gave the request up. TGC_EPROTO: its answer cannot be read; TGC_ELIMIT: it is too large; TGC_ENOMEM;
     * TGC_ESTATE: the server refuses to take it, and it did not run; TGC_ELOST: it may have run and is not sent again
     * (for mt_session_once(), mt_session_expire(), or because it was refused too often); TGC_ETIMEOUT: it expired and
     * did not run. The request is over. */
    void (*on_failed)(void *ctx, uint64_t request, int err);
    /* An object outside any result: Updates. */
    void (*on_update)(void *ctx, const uint8_t *data, size_t len);
    /* Updates may be missing: the server has no state from before, or messages were dropped for their time. */
    void (*on_new_session)(void *ctx);
    /* A new salt, or a time offset that moved by more than a second, for who stores them. */
    void (*on_salt)(void *ctx, uint64_t salt);
};

/* What a session begins with whose key is a temporary one: auth.bindTempAuthKey is its first query, and nothing else is
 * asked before that is answered. */
struct mt_binding {
    const struct mt_auth_key *permanent; /* outlives the session's use of it; NULL: the key is the permanent one */
    int32_t expires_at;                  /* of the temporary key: Unix seconds on the server's clock */
    /* The word on it, from inside feed(), tick() or rekey(). 0: it is bound. TGC_EREFUSED, with the server's error
     * (else NULL): it is not; other errors as those of on_failed. Then nothing more is asked until mt_session_rekey().
     */
    void (*on_bound)(void *ctx, int err, const struct mt_rpc_error *refusal);
};

struct mt_session_config {
    const struct clock_source *clock;
    const struct random_source *random;
    const struct mt_session_handlers *handlers;
    void *ctx;
    const struct mt_auth_key *key; /* outlives the session, or its use of it: see mt_session_rekey() */
    struct mt_binding binding;
    uint64_t salt;            /* 0 where none is known */
    int64_t time_offset_us;   /* server's Unix time minus the monotonic clock */
    bool time_is_trusted;     /* the offset comes from the server; else the first good message sets it */
    unsigned ping_interval_s; /* 0 means 60 */
    unsigned answer_wait_s;   /* without ack or answer for so long the state is asked for; 0 means 10 */
};

int mt_session_new(const struct mt_session_config *config, struct mt_session **ret) TGC_MUST;
/* Requests that are not over end without a call. */
void mt_session_free(struct mt_session *s);

/* What goes in front of the first queries of every session until one of them is answered (destroy_auth_key and
 * destroy_session go without): the bytes of invokeWithLayer and initConnection up to their query. Copied; at most 4096
 * bytes, a multiple of 4 (TGC_ELIMIT, TGC_EINVAL). Set before the first send; mt_session_init_again() has it sent anew
 * (CONNECTION_NOT_INITED). */
int mt_session_set_prefix(struct mt_session *s, const void *prefix, size_t len) TGC_MUST;
void mt_session_init_again(struct mt_session *s);

/* From now on under another key, in a new session: of WITH its key, binding, salt and time (where that is trusted).
 * What was on its way is sent again where that is harmless, else on_failed() is called for it. Packets under the key
 * before are dropped. The key before is not touched any more, and may be gone already where nothing was fed or flushed
 * since. Not from inside a handler. TGC_ENOMEM: the session can only be tried again, or freed. */
int mt_session_rekey(struct mt_session *s, const struct mt_session_config *with) TGC_MUST;
/* False: the binding of its temporary key has not come to an end, or was refused. */
bool mt_session_is_bound(const struct mt_session *s);
/* Nothing of ours is on its way: no answer would be lost with the session. */
bool mt_session_is_quiet(const struct mt_session *s);
/* Queries that are not on their way wait until they may go, or until mt_session_rekey(). */
void mt_session_hold(struct mt_session *s, bool hold);

/* Queues one query (a boxed method call, copied, at most LIMIT_QUERY). *RET_REQUEST is never 0 and unique in the life
 * of the session. TGC_ELIMIT: too large or LIMIT_SESSION_REQUESTS; TGC_EINVAL: empty, or no multiple of 4. It is sent
 * again by the rules of the protocol until its answer came: what must happen only once carries a random_id. */
int mt_session_send(struct mt_session *s, const void *query, size_t len, uint64_t *ret_request) TGC_MUST;
/* Nobody waits any more: a late answer is acked and dropped. */
void mt_session_forget(struct mt_session *s, uint64_t request);
/* Sends it again under a new id, where it is on its way and an answer may have been lost; whichever answer comes first
 * counts. */
void mt_session_repeat(struct mt_session *s, uint64_t request);
/* It must not run twice: it is sent again only where the server is known not to have taken it. */
void mt_session_once(struct mt_session *s, uint64_t request);
/* It is too late for it to run: it is not sent any more. 0: it is on its way, and its answer still counts. Else it is
 * over, without a call: TGC_ETIMEOUT: it did not run; TGC_ELOST: it may have, and waited to be sent again. */
int mt_session_expire(struct mt_session *s, uint64_t request) TGC_MUST;
/* Whether the server may have taken it: it was put on a wire, and no word came that this was in vain. */
bool mt_session_may_have_run(const struct mt_session *s, uint64_t request);

/* The server said on this link that it does not know the key (transport error -404): what was sent on it behind the
 * last message of ours that it is known to have heard was sent in vain. A word that names a message of ours proves
 * those up to it; any other may have been said of all that were on their way. What went over an earlier link may have
 * run. */
void mt_session_denied(struct mt_session *s);

/* A transport is up: what was sent and not answered is asked for (msgs_state_req), what was not sent goes out. */
void mt_session_connected(struct mt_session *s);
void mt_session_disconnected(struct mt_session *s);
/* The owner is about to leave: acknowledgements that are owed do not wait for company, the next flush() has them. */
void mt_session_settle(struct mt_session *s);

/* One received packet (decrypted in place). 0; TGC_ECRYPTO or TGC_EPROTO: the packet was dropped and the connection is
 * to be closed, and dialled again with back-off; TGC_ENOMEM: the same. A fault in one inner message does not stop the
 * others. Packets for an older session of ours, duplicates and what is too old or too new are dropped with 0. */
int mt_session_feed(struct mt_session *s, uint8_t *packet, size_t len, struct fault *fault) TGC_MUST;

/* Bytes came, though no whole packet yet: a large one may be on its way, and the pong behind it. */
void mt_session_heard(struct mt_session *s);

/* Appends the next packet to send to OUT: 1; 0 where there is none now; or an error (TGC_ENOMEM; nothing is lost, OUT
 * is in its sticky error where it was the one without room). Nothing while disconnected. */
int mt_session_flush(struct mt_session *s, struct buf *out) TGC_MUST;

/* When to call tick() (monotonic microseconds), INT64_MAX for never. */
int64_t mt_session_deadline(const struct mt_session *s);
/* Does what is due. TGC_ETIMEOUT: the link is dead, close it; the session counts as disconnected from then on. */
int mt_session_tick(struct mt_session *s) TGC_MUST;

uint64_t mt_session_salt(const struct mt_session *s);
int64_t mt_session_time_offset_us(const struct mt_session *s);
/* The server's Unix time. False: it did not tell yet. */
bool mt_session_server_us(const struct mt_session *s, int64_t *ret_us);
uint64_t mt_session_id(const struct mt_session *s);
size_t mt_session_pending(const struct mt_session *s); /* requests that are not over */
/* Whether there is one of which it is not known if the server has it. */
bool mt_session_in_doubt(const struct mt_session *s);

#endif
