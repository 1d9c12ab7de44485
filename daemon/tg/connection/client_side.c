/* What has to be said under the permanent key itself although temporary ones speak: whether the server knows it, since
 * a refused binding does not tell; and that it may be forgotten, since destroy_auth_key means the key that it comes
 * under, and so is said under both. */
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/log.h"
#include "daemon/mt/ids.h"
#include "daemon/tg/connection/client_internal.h"

static void on_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    (void)ctx, (void)request, (void)data, (void)len;
}

static void on_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    (void)ctx, (void)request, (void)error;
}

static void on_failed(void *ctx, uint64_t request, int err)
{
    (void)ctx, (void)request, (void)err;
}

static void on_update(void *ctx, const uint8_t *data, size_t len)
{
    (void)ctx, (void)data, (void)len;
}

static void on_new_session(void *ctx)
{
    (void)ctx;
}

static void on_salt(void *ctx, uint64_t salt)
{
    ((struct tg_client *)ctx)->key.salt = salt;
}

static const struct mt_session_handlers handlers = {on_result, on_error, on_failed, on_update, on_new_session, on_salt};

static int pump(struct tg_client *c, struct mt_session *session)
{
    for (;;) {
        buf_reset(&c->out);
        int more = mt_session_flush(session, &c->out);
        if (more <= 0)
            return more;
        int err = net_link_send(c->link, c->out.data, c->out.len);
        if (err)
            return err;
    }
}

int client_side_begin(struct tg_client *c, const void *query, size_t len)
{
    struct mt_session_config config = client_session_config(c, &c->key);
    uint64_t request;

    client_side_end(c);
    config.handlers = &handlers;
    if (c->session) {
        config.time_offset_us = mt_session_time_offset_us(c->session);
        config.time_is_trusted = true;
    }
    int err = mt_session_new(&config, &c->side);
    if (err)
        return err;
    err = mt_session_send(c->side, query, len, &request);
    mt_session_connected(c->side);
    return err ? err : pump(c, c->side);
}

void client_side_end(struct tg_client *c)
{
    mt_session_free(c->side);
    c->side = NULL;
}

bool client_side_hear(struct tg_client *c, uint8_t *data, size_t len)
{
    /* Whatever it is: only who has the key can have sealed it. */
    bool is_known = mt_session_feed(c->side, data, len, NULL) == 0;

    if (is_known && pump(c, c->side))
        log_debug("tg", "DC %d: the permanent key is not heard", c->dc->id);
    return is_known;
}

void client_ask_permanent(struct tg_client *c)
{
    uint8_t ping[12];

    le32_store(ping, MT_PING);
    le64_store(ping + 4, random_u64(c->env->random));
    int err = client_side_begin(c, ping, sizeof(ping));
    if (err)
        client_retry_later(c, 0, tgc_err_text(err));
    else
        net_timer_set(c->timer, tg_now(c->env) + CLIENT_EXCHANGE_S * SECOND_US);
}

/* The permanent key first: where the server ends the link with it, the other has no login any more and dies of age. */
void client_side_farewell(struct tg_client *c)
{
    uint8_t query[4];
    uint64_t request;

    le32_store(query, MT_DESTROY_AUTH_KEY);
    int err = client_side_begin(c, query, sizeof(query));
    if (err) {
        client_side_end(c);
    } else {
        mt_session_hold(c->session, false);
        err = mt_session_send(c->session, query, sizeof(query), &request);
    }
    if (!err)
        err = pump(c, c->session);
    if (err)
        log_debug("tg", "DC %d: the last words could not be sent", c->dc->id);
}

bool client_side_farewell_hear(struct tg_client *c, uint8_t *data, size_t len)
{
    bool is_permanent = len >= sizeof(c->key.key->id) && memcmp(data, c->key.key->id, sizeof(c->key.key->id)) == 0;
    struct mt_session *session = is_permanent ? c->side : c->session;

    /* As after salts that changed; what is settled is not acknowledged under a key that is gone. */
    if (mt_session_feed(session, data, len, NULL) == 0 && mt_session_pending(session) && pump(c, session))
        log_debug("tg", "DC %d: the last words are not heard", c->dc->id);
    return !mt_session_pending(c->side) && !mt_session_pending(c->session);
}
