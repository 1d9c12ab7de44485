/* One account's connection to one data centre: dials, has a key made and kept, or is given one, and keeps a session
 * alive across drops. Where the environment wants temporary keys ("Perfect Forward Secrecy"), the session speaks under
 * such a one: made here, bound to the permanent key, known to this client alone, and followed by the next in time. Then
 * "the key" of all that follows is the permanent one all the same. Belongs to the loop's thread. */
#ifndef TGCALLD_TG_CLIENT_H
#define TGCALLD_TG_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/mt/rpc_error.h"
#include "daemon/tg/connection/state.h"
#include "daemon/tg/env.h"
#include "daemon/tg/keeper.h"
#include "daemon/tg/way.h"

struct tg_client;

/* Called from the loop, never from inside tg_client_new() or tg_client_send(). They may
 * retire the client, not free it. */
struct tg_client_handlers {
    /* One of these ends each request of tg_client_send(). DATA is one boxed value, borrowed. */
    void (*on_result)(void *ctx, uint64_t request, const uint8_t *data, size_t len);
    void (*on_error)(void *ctx, uint64_t request, const struct mt_rpc_error *error);
    void (*on_failed)(void *ctx, uint64_t request, int err);
    /* Updates that answer nothing. */
    void (*on_update)(void *ctx, const uint8_t *data, size_t len);
    /* The server kept no state: updates may be missing. */
    void (*on_new_session)(void *ctx);
    /* A key was made: it is to be kept where the next process will find it. Nothing is sent under it before
     * tg_commit_done(), which is owed once, from inside this call or later. */
    void (*on_key_made)(void *ctx, const struct tg_made_key *made, struct tg_commit *commit);
    /* A session came to be: what waits can be sent. */
    void (*on_session)(void *ctx);
    /* The server does not know the key (any more). The session and its requests are there to be asked of, and gone
     * after this call, without a call for each. A new key is on its way unless the handler retires the client. */
    void (*on_key_lost)(void *ctx);
    /* The link was up and is not any more. Also from inside tg_client_send(): it only takes note. */
    void (*on_link_lost)(void *ctx);
    /* It is up again, and the session speaks as before: what was not asked without a link can be. */
    void (*on_link_back)(void *ctx);
};

/* Starts connecting, by WAY: with the key that is GIVEN, or (NULL) with one that is made. TGC_EUNKNOWN: no such DC. */
int tg_client_new(const struct tg_env *env, int32_t dc, struct tg_way *way, const struct tg_given_key *given,
                  const struct tg_client_handlers *handlers, void *ctx, struct tg_client **ret) TGC_MUST;
/* Nobody needs the key any more: the server is asked to forget it, and the temporary one with it, unless something else
 * is under way. Its answer is not waited for; but where temporary keys speak, a client that is retired after this may
 * be leaving for a while. */
void tg_client_destroy_key(struct tg_client *c);
/* Closes; requests end without a call. NULL is fine. Not from inside its own events. */
void tg_client_free(struct tg_client *c);
/* From inside its own events: closes it, and no further call comes; free it later. */
void tg_client_retire(struct tg_client *c);
/* A retired one still has its key forgotten: its link is open, for TG_CLIENT_LEAVE_US at most. */
#define TG_CLIENT_LEAVE_US (5 * SECOND_US)
bool tg_client_is_leaving(const struct tg_client *c);

/* Another way: its link is closed, whatever it is at, and another dialled at once; the session goes on, as after a link
 * that was lost. Nothing where it goes by that way already. Not from inside its own events. */
void tg_client_go_by(struct tg_client *c, struct tg_way *way);

int32_t tg_client_dc(const struct tg_client *c);
/* The key that is in use, and the salt of now; borrowed until the client's next event. False: there is none. */
bool tg_client_key(const struct tg_client *c, struct tg_given_key *ret);

/* The id, as it is on the wire, of the key that the server is to know it by, kept or not. False: there is none. */
bool tg_client_key_id(const struct tg_client *c, uint64_t *ret);

/* Queues a query (copied); it waits while there is no connection. *RET_REQUEST is not 0 and unique in this session.
 * TGC_ESTATE: there is no session yet, wait for on_session. */
int tg_client_send(struct tg_client *c, const void *query, size_t len, uint64_t *ret_request) TGC_MUST;
/* See mt_session_repeat(). */
void tg_client_repeat(struct tg_client *c, uint64_t request);
void tg_client_forget(struct tg_client *c, uint64_t request);
/* See mt_session_once(), _expire() and _may_have_run(). */
void tg_client_once(struct tg_client *c, uint64_t request);
int tg_client_expire(struct tg_client *c, uint64_t request) TGC_MUST;
bool tg_client_may_have_run(const struct tg_client *c, uint64_t request);
/* Whether there is a request of which it is not known if the server has it. */
bool tg_client_in_doubt(const struct tg_client *c);
/* The next queries carry invokeWithLayer and initConnection again. */
void tg_client_init_again(struct tg_client *c);

/* The data centre's Unix time. False: it is not known yet. */
bool tg_client_server_us(const struct tg_client *c, int64_t *ret_us);

const struct tg_connection *tg_client_connection(const struct tg_client *c);
/* Why it is not connected, one sentence; "" where it is. */
const char *tg_client_trouble(const struct tg_client *c);
/* What to do about it, where that is more than to wait; else NULL. */
const char *tg_client_remedy(const struct tg_client *c);
/* Whether that is of an attempt that failed, and not only of one that waits for its turn. */
bool tg_client_has_failed(const struct tg_client *c);

#endif
