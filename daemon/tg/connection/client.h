/* One account's connection to one data centre: dials, exchanges a key, keeps a session alive across drops. Belongs to
 * the loop's thread. */
#ifndef TGCALLD_TG_CLIENT_H
#define TGCALLD_TG_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/mt/auth_key.h"
#include "daemon/mt/rpc_error.h"
#include "daemon/tg/env.h"

struct tg_client;

enum tg_connection { TG_CONNECTION_OFF, TG_CONNECTION_CONNECTING, TG_CONNECTION_READY, TG_CONNECTION_WAITING };

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
    /* A session came to be: what waits can be sent. */
    void (*on_session)(void *ctx);
    /* The server does not know the key (any more). The session and its requests are there to be asked of, and gone
     * after this call, without a call for each. A new key is on its way unless the handler retires the client. */
    void (*on_key_lost)(void *ctx);
    /* The link was up and is not any more. Also from inside tg_client_send(): it only takes note. */
    void (*on_link_lost)(void *ctx);
};

/* Starts connecting. TGC_EUNKNOWN: no such DC. */
int tg_client_new(const struct tg_env *env, int32_t dc, const struct tg_client_handlers *handlers, void *ctx,
                  struct tg_client **ret) TGC_MUST;
/* Nobody needs the key any more: the server is asked to forget it, unless something else is under way. Its answer is
 * not waited for. */
void tg_client_destroy_key(struct tg_client *c);
/* Closes; requests end without a call. NULL is fine. Not from inside its own events. */
void tg_client_free(struct tg_client *c);
/* From inside its own events: closes it, and no further call comes; free it later. */
void tg_client_retire(struct tg_client *c);

int32_t tg_client_dc(const struct tg_client *c);

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
/* The next queries carry invokeWithLayer and initConnection again. */
void tg_client_init_again(struct tg_client *c);

enum tg_connection tg_client_connection(const struct tg_client *c, int64_t *ret_since_unix);
/* Why it is not connected, one sentence; "" where it is. */
const char *tg_client_trouble(const struct tg_client *c);

#endif
