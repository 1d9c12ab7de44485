/* What comes in on a link: its own events, the key exchange, then the session's. */
#include <stdio.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/connection/client_internal.h"
#include "daemon/tg/connection/init_prefix.h"

enum {
    HANDSHAKE_TIMEOUT_S = 15,
    /* A key that has served is given up only when the server has denied it so often in a row. */
    KEY_DENIALS_MAX = 3,
    FLOOD_BACKOFF_S = 5,
    WRONG_DC_BACKOFF_S = 60,
};

/* --- the session's events go straight up --- */

static void session_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    struct tg_client *c = ctx;

    backoff_useful(&c->backoff);
    c->handlers->on_result(c->ctx, request, data, len);
}

static void session_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    struct tg_client *c = ctx;

    backoff_useful(&c->backoff);
    c->handlers->on_error(c->ctx, request, error);
}

static void session_failed(void *ctx, uint64_t request, int err)
{
    struct tg_client *c = ctx;

    c->handlers->on_failed(c->ctx, request, err);
}

static void session_update(void *ctx, const uint8_t *data, size_t len)
{
    struct tg_client *c = ctx;

    c->handlers->on_update(c->ctx, data, len);
}

static void session_new(void *ctx)
{
    struct tg_client *c = ctx;

    c->handlers->on_new_session(c->ctx);
}

static void session_salt(void *ctx, uint64_t salt)
{
    (void)ctx;
    (void)salt;
}

static const struct mt_session_handlers session_handlers = {session_result, session_error, session_failed,
                                                            session_update, session_new,   session_salt};

static int start_session(struct tg_client *c, uint64_t salt, int64_t time_offset_us)
{
    struct mt_session_config config = {
        .clock = c->env->clock,
        .random = c->env->random,
        .handlers = &session_handlers,
        .ctx = c,
        .key = c->key,
        .salt = salt,
        .time_offset_us = time_offset_us,
        .time_is_trusted = true,
    };
    struct buf prefix;
    int err = mt_session_new(&config, &c->session);

    if (err)
        return err;
    buf_init(&prefix, LIMIT_QUERY);
    err = tg_init_prefix(c->env, &prefix);
    if (!err)
        err = mt_session_set_prefix(c->session, prefix.data, prefix.len);
    buf_fini(&prefix);
    return err;
}

void client_stop_session(struct tg_client *c)
{
    mt_session_free(c->session);
    c->session = NULL;
    mt_auth_key_free(c->key);
    c->key = NULL;
    c->key_served = false;
    c->key_denials = 0;
}

/* --- the link's events --- */

static void session_ready(struct tg_client *c)
{
    mt_session_connected(c->session);
    client_set_connection(c, TG_CONNECTION_READY);
    backoff_healthy(&c->backoff, tg_now(c->env));
    client_pump(c);
}

static void on_open(void *ctx)
{
    struct tg_client *c = ctx;

    if (c->key) {
        session_ready(c);
        return;
    }
    struct mt_handshake_client_config config = {
        .clock = c->env->clock,
        .random = c->env->random,
        .keys = c->dc->keys,
        .keys_n = c->dc->keys_n,
        .dc = c->dc->handshake_id,
    };
    int err = mt_handshake_client_new(&config, &c->handshake);
    buf_reset(&c->out);
    if (!err)
        err = mt_handshake_client_start(c->handshake, &c->out);
    if (!err)
        err = net_link_send(c->link, c->out.data, c->out.len);
    if (err) {
        client_retry_later(c, 0, tgc_err_text(err));
        return;
    }
    net_timer_set(c->timer, tg_now(c->env) + HANDSHAKE_TIMEOUT_S * SECOND_US);
}

static void on_handshake_packet(struct tg_client *c, const uint8_t *data, size_t len)
{
    struct fault fault = {0};

    buf_reset(&c->out);
    int done = mt_handshake_client_feed(c->handshake, data, len, &c->out, &fault);
    if (done < 0) {
        char why[sizeof(c->trouble)];
        snprintf(why, sizeof(why), "the key exchange failed: %.150s", fault.text[0] ? fault.text : tgc_err_text(done));
        log_warning("tg", "DC %d: %s", c->dc->id, why);
        client_retry_later(c, 0, why);
        return;
    }
    int err = c->out.len ? net_link_send(c->link, c->out.data, c->out.len) : 0;
    if (!err && done == 1) {
        struct mt_handshake_result result = mt_handshake_client_take(c->handshake);
        mt_handshake_client_free(c->handshake);
        c->handshake = NULL;
        c->key = result.key;
        err = start_session(c, result.salt, result.time_offset_us);
        if (!err) {
            session_ready(c);
            c->handlers->on_session(c->ctx);
        }
    }
    if (err) {
        client_stop_session(c);
        client_retry_later(c, 0, tgc_err_text(err));
    }
}

static void on_packet(void *ctx, uint8_t *data, size_t len)
{
    struct tg_client *c = ctx;
    struct fault fault = {0};

    if (c->handshake) {
        on_handshake_packet(c, data, len);
        return;
    }
    int err = mt_session_feed(c->session, data, len, &fault);
    if (c->connection == TG_CONNECTION_OFF)
        return; /* retired by what it heard */
    if (err) {
        char why[sizeof(c->trouble)];
        snprintf(why, sizeof(why), "a packet was refused: %.150s", fault.text[0] ? fault.text : tgc_err_text(err));
        log_warning("tg", "DC %d: %s", c->dc->id, why);
        client_retry_later(c, 0, why);
        return;
    }
    c->key_denials = 0;
    c->key_served = true;
    /* All packets of one read are heard before anything is sent: under changing salts each answer counts. */
    net_timer_set(c->timer, 0);
}

static void on_error_code(void *ctx, int32_t code)
{
    struct tg_client *c = ctx;
    char why[64];

    snprintf(why, sizeof(why), "the server sent transport error %d", code);
    if (code == -404 && c->session)
        mt_session_denied(c->session);
    if (code == -404 && c->key && (++c->key_denials >= KEY_DENIALS_MAX || !c->key_served)) {
        client_retry_later(c, 0, "the server does not know our key");
        c->handlers->on_key_lost(c->ctx);
        client_stop_session(c);
        return;
    }
    int64_t at_least_us = code == -429   ? FLOOD_BACKOFF_S * SECOND_US
                          : code == -444 ? WRONG_DC_BACKOFF_S * SECOND_US
                                         : 0;
    if (code == -444)
        log_error("tg", "DC %d: the server is another data centre (-444): check the configuration", c->dc->id);
    client_retry_later(c, at_least_us, why);
}

static void on_closed(void *ctx, const char *why)
{
    client_retry_later(ctx, 0, why);
}

const struct net_link_handlers client_link_handlers = {on_open, on_packet, on_error_code, on_closed};
