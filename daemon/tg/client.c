#include "daemon/tg/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/mt/handshake_client.h"
#include "daemon/mt/session.h"
#include "daemon/net/link.h"
#include "daemon/tg/backoff.h"
#include "daemon/tg/init_prefix.h"

enum {
    HANDSHAKE_TIMEOUT_S = 15,
    /* A permanent key is given up only when the server has denied it so often in a row. */
    KEY_DENIALS_MAX = 3,
    FLOOD_BACKOFF_S = 5,
    WRONG_DC_BACKOFF_S = 60,
    KEEP_OUT = 256 << 10, /* what the packet buffer may keep between packets */
};

struct tg_client {
    const struct tg_env *env;
    const struct tg_dc *dc;
    const struct tg_client_handlers *handlers;
    void *ctx;
    struct net_link *link;
    struct net_timer *timer; /* the session's deadline, or the handshake's, or the wait before the next attempt */
    struct mt_handshake_client *handshake;
    struct mt_auth_key *key;
    struct mt_session *session;
    struct backoff backoff;
    size_t address; /* the next to try */
    unsigned key_denials;
    bool logged_in;
    enum tg_connection connection;
    int64_t since_unix;
    char trouble[192];
    struct buf out; /* one packet at a time */
};

static void connect_now(struct tg_client *c);
static void pump(struct tg_client *c);

static void set_connection(struct tg_client *c, enum tg_connection connection)
{
    if (c->connection == connection)
        return;
    c->connection = connection;
    c->since_unix = clock_wall_us(c->env->clock) / SECOND_US;
    if (connection == TG_CONNECTION_READY)
        c->trouble[0] = '\0';
}

static void drop_link(struct tg_client *c)
{
    net_link_close(c->link);
    c->link = NULL;
    mt_handshake_client_free(c->handshake);
    c->handshake = NULL;
    if (c->session)
        mt_session_disconnected(c->session);
}

static void retry_later(struct tg_client *c, int64_t at_least_us, const char *why)
{
    int64_t now = tg_now(c->env);

    drop_link(c);
    snprintf(c->trouble, sizeof(c->trouble), "%s", why);
    int64_t wait_us = backoff_next(&c->backoff, now, at_least_us, c->env->random);
    log_info("tg", "DC %d: %s; next attempt in %.1f s", c->dc->id, c->trouble, (double)wait_us / SECOND_US);
    set_connection(c, TG_CONNECTION_WAITING);
    net_timer_set(c->timer, now + wait_us);
}

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

static void stop_session(struct tg_client *c)
{
    mt_session_free(c->session);
    c->session = NULL;
    mt_auth_key_free(c->key);
    c->key = NULL;
}

/* --- the link's events --- */

static void session_ready(struct tg_client *c)
{
    mt_session_connected(c->session);
    set_connection(c, TG_CONNECTION_READY);
    backoff_healthy(&c->backoff, tg_now(c->env));
    pump(c);
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
        retry_later(c, 0, tgc_err_text(err));
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
        retry_later(c, 0, why);
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
        stop_session(c);
        retry_later(c, 0, tgc_err_text(err));
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
        retry_later(c, 0, why);
        return;
    }
    c->key_denials = 0;
    /* All packets of one read are heard before anything is sent: under changing salts each answer counts. */
    net_timer_set(c->timer, 0);
}

static void on_error_code(void *ctx, int32_t code)
{
    struct tg_client *c = ctx;
    char why[64];

    snprintf(why, sizeof(why), "the server sent transport error %d", code);
    if (code == -404 && c->key && (!c->logged_in || ++c->key_denials >= KEY_DENIALS_MAX)) {
        retry_later(c, 0, "the server does not know our key");
        stop_session(c);
        c->handlers->on_key_lost(c->ctx);
        return;
    }
    int64_t at_least_us = code == -429   ? FLOOD_BACKOFF_S * SECOND_US
                          : code == -444 ? WRONG_DC_BACKOFF_S * SECOND_US
                                         : 0;
    if (code == -444)
        log_error("tg", "DC %d: the server is another data centre (-444): check the configuration", c->dc->id);
    retry_later(c, at_least_us, why);
}

static void on_closed(void *ctx, const char *why)
{
    retry_later(ctx, 0, why);
}

static const struct net_link_handlers link_handlers = {on_open, on_packet, on_error_code, on_closed};

/* --- the one timer --- */

/* Sends all that is due and sets the timer to the session's next wish. */
static void pump(struct tg_client *c)
{
    int more = 1;

    if (!c->session || c->connection != TG_CONNECTION_READY)
        return;
    while (more > 0) {
        buf_reset(&c->out);
        more = mt_session_flush(c->session, &c->out);
        if (more > 0) {
            int err = net_link_send(c->link, c->out.data, c->out.len);
            if (err) {
                retry_later(c, 0, tgc_err_text(err));
                return;
            }
        }
    }
    if (more < 0) {
        retry_later(c, 0, tgc_err_text(more));
        return;
    }
    /* One large result must not be paid for ever. */
    if (c->out.cap > KEEP_OUT) {
        buf_fini(&c->out);
        buf_init(&c->out, LIMIT_PACKET);
    }
    net_timer_set(c->timer, mt_session_deadline(c->session));
}

static void on_timer(void *ctx)
{
    struct tg_client *c = ctx;

    switch (c->connection) {
    case TG_CONNECTION_READY:
        if (mt_session_tick(c->session) != 0 && c->connection == TG_CONNECTION_READY)
            retry_later(c, 0, "the server went silent");
        else
            pump(c);
        break;
    case TG_CONNECTION_CONNECTING:
        retry_later(c, 0, "the key exchange took too long");
        break;
    case TG_CONNECTION_WAITING:
        connect_now(c);
        break;
    case TG_CONNECTION_OFF:
        break;
    }
}

static void connect_now(struct tg_client *c)
{
    const struct tg_address *a = &c->dc->addresses[c->address++ % c->dc->addresses_n];
    struct net_link_config config = {
        .host = a->host,
        .port = a->port,
        .framing = c->env->framing,
        .obfuscated = c->env->obfuscated,
        .random = c->env->random,
    };

    set_connection(c, TG_CONNECTION_CONNECTING);
    int err = net_link_new(c->env->loop, &config, &link_handlers, c, &c->link);
    if (err)
        retry_later(c, 0, tgc_err_text(err));
}

/* --- the public part --- */

int tg_client_new(const struct tg_env *env, int32_t dc, const struct tg_client_handlers *handlers, void *ctx,
                  struct tg_client **ret)
{
    const struct tg_dc *found = tg_dc_find(env->dcs, dc);
    struct tg_client *c;

    if (!found || found->addresses_n == 0)
        return TGC_EUNKNOWN;
    c = calloc(1, sizeof(*c));
    if (!c)
        return TGC_ENOMEM;
    c->env = env;
    c->dc = found;
    c->handlers = handlers;
    c->ctx = ctx;
    buf_init(&c->out, LIMIT_PACKET);
    int err = net_timer_new(env->loop, on_timer, c, &c->timer);
    if (err) {
        free(c);
        return err;
    }
    connect_now(c);
    *ret = c;
    return 0;
}

/* What was received is acknowledged before leaving. Not with a request under way: nothing may go out unheard. */
static void settle(struct tg_client *c)
{
    if (!c->session || c->connection != TG_CONNECTION_READY || mt_session_pending(c->session))
        return;
    mt_session_settle(c->session);
    buf_reset(&c->out);
    if (mt_session_flush(c->session, &c->out) > 0 && net_link_send(c->link, c->out.data, c->out.len))
        log_debug("tg", "DC %d: the last acknowledgements could not be sent", c->dc->id);
}

void tg_client_free(struct tg_client *c)
{
    if (!c)
        return;
    settle(c);
    drop_link(c);
    stop_session(c);
    net_timer_free(c->timer);
    buf_fini(&c->out);
    free(c);
}

static void mute_result(void *ctx, uint64_t request, const uint8_t *data, size_t len)
{
    (void)ctx, (void)request, (void)data, (void)len;
}

static void mute_error(void *ctx, uint64_t request, const struct mt_rpc_error *error)
{
    (void)ctx, (void)request, (void)error;
}

static void mute_failed(void *ctx, uint64_t request, int err)
{
    (void)ctx, (void)request, (void)err;
}

static void mute_update(void *ctx, const uint8_t *data, size_t len)
{
    (void)ctx, (void)data, (void)len;
}

static void mute(void *ctx)
{
    (void)ctx;
}

static const struct tg_client_handlers mute_handlers = {mute_result, mute_error, mute_failed, mute_update,
                                                        mute,        mute,       mute};

void tg_client_retire(struct tg_client *c)
{
    c->handlers = &mute_handlers;
    /* The session may be in the middle of a packet: it stays until the client is freed. */
    net_link_close(c->link);
    c->link = NULL;
    net_timer_stop(c->timer);
    set_connection(c, TG_CONNECTION_OFF);
}

void tg_client_set_logged_in(struct tg_client *c, bool logged_in)
{
    c->logged_in = logged_in;
}

int32_t tg_client_dc(const struct tg_client *c)
{
    return c->dc->id;
}

bool tg_client_has_session(const struct tg_client *c)
{
    return c->session != NULL;
}

int tg_client_send(struct tg_client *c, const void *query, size_t len, uint64_t *ret_request)
{
    if (!c->session)
        return TGC_ESTATE;
    int err = mt_session_send(c->session, query, len, ret_request);
    /* Not flushed here: what is queued in one turn of the loop leaves in one packet. */
    if (!err && c->connection == TG_CONNECTION_READY)
        net_timer_set(c->timer, 0);
    return err;
}

void tg_client_forget(struct tg_client *c, uint64_t request)
{
    if (c->session)
        mt_session_forget(c->session, request);
}

void tg_client_init_again(struct tg_client *c)
{
    if (c->session)
        mt_session_init_again(c->session);
}

enum tg_connection tg_client_connection(const struct tg_client *c, int64_t *ret_since_unix)
{
    *ret_since_unix = c->since_unix;
    return c->connection;
}

const char *tg_client_trouble(const struct tg_client *c)
{
    return c->trouble;
}
