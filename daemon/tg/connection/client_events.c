/* What comes in on a link: its own events, then the session's. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/mt/packed.h"
#include "daemon/tg/connection/client_internal.h"

enum { FLOOD_BACKOFF_S = 5, WRONG_DC_BACKOFF_S = 60 };

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

    /* It was not carried out, and whoever asked asks again. */
    if (c->temporary.is_used && strcmp(error->message, "AUTH_KEY_PERM_EMPTY") == 0)
        c->temporary.is_unbound = true;
    else
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

const struct mt_session_handlers client_session_handlers = {session_result, session_error, session_failed,
                                                            session_update, session_new,   session_salt};

/* --- the link's events --- */

static void on_open(void *ctx)
{
    client_open(ctx);
}

static void hear_session(struct tg_client *c, uint8_t *data, size_t len)
{
    struct fault fault = {0};
    int err = mt_session_feed(c->session, data, len, &fault);

    if (c->connection.state == TG_CONNECTION_OFF)
        return; /* retired by what it heard */
    if (err) {
        char why[sizeof(c->trouble)];
        snprintf(why, sizeof(why), "a packet was refused: %.150s", fault.text[0] ? fault.text : tgc_err_text(err));
        log_warning("tg", "DC %d: %s", c->dc->id, why);
        client_retry_later(c, 0, why);
        return;
    }
    c->is_heard = true;
    tg_key_slot_served(c->temporary.is_used ? &c->temporary.key : &c->key);
    /* All packets of one read are heard before anything is sent: under changing salts each answer counts. */
    net_timer_set(c->timer, 0);
}

/* A retired client hears whether its keys were forgotten, and nothing else. The timer closes the link. */
static void hear_farewell(struct tg_client *c, uint8_t *data, size_t len)
{
    if (c->side && client_side_farewell_hear(c, data, len))
        net_timer_set(c->timer, 0);
}

static void hear_side(struct tg_client *c, uint8_t *data, size_t len)
{
    if (!client_side_hear(c, data, len)) {
        client_retry_later(c, 0, "the permanent key was asked after, and the answer was refused");
        return;
    }
    client_permanent_known(c);
}

/* What the server still says to a question under the permanent key that is settled already. */
static bool is_aside(const struct tg_client *c, const uint8_t *data, size_t len)
{
    return c->temporary.is_used && !c->side && c->key.key && len >= 8 && memcmp(data, c->key.key->id, 8) == 0;
}

/* What the server still says to an exchange for the next temporary key that took too long. */
static bool is_late_exchange(const struct tg_client *c, const uint8_t *data, size_t len)
{
    return c->temporary.is_used && c->is_speaking && !c->handshake && mt_packed_key_id(data, len) == 0;
}

static void on_packet(void *ctx, uint8_t *data, size_t len)
{
    struct tg_client *c = ctx;

    if (is_aside(c, data, len) || is_late_exchange(c, data, len))
        return;
    if (c->is_speaking && !(c->handshake && mt_packed_key_id(data, len) == 0))
        hear_session(c, data, len);
    else if (c->connection.state == TG_CONNECTION_OFF)
        hear_farewell(c, data, len);
    else if (c->side)
        hear_side(c, data, len);
    else
        client_hear_exchange(c, data, len);
}

static void on_permanent_denied(struct tg_client *c, const char *why)
{
    if (!tg_key_slot_denied(&c->key)) {
        client_retry_later(c, 0, why);
        return;
    }
    client_retry_later(c, 0, "the server does not know our key");
    c->handlers->on_key_lost(c->ctx);
    client_drop_key(c);
}

/* -404, of the key that spoke last. */
static void on_key_denied(struct tg_client *c, const char *why)
{
    if (c->is_speaking)
        mt_session_denied(c->session);
    if (!c->is_speaking || !c->temporary.is_used)
        on_permanent_denied(c, why);
    else if (tg_key_slot_denied(&c->temporary.key))
        client_temporary_lost(c, 0, "the server does not know our temporary key");
    else
        client_retry_later(c, 0, why);
}

/* The word that a leaving client waits for; any end of its link is one too. */
static void end_farewell(struct tg_client *c)
{
    client_side_end(c);
    net_timer_set(c->timer, 0);
}

static void on_error_code(void *ctx, int32_t code)
{
    struct tg_client *c = ctx;
    char why[64];

    if (c->connection.state == TG_CONNECTION_OFF) {
        end_farewell(c);
        return;
    }
    snprintf(why, sizeof(why), "the server sent transport error %d", code);
    if (code == -404 && (c->is_speaking || c->side)) {
        on_key_denied(c, why);
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
    struct tg_client *c = ctx;

    if (c->connection.state == TG_CONNECTION_OFF)
        end_farewell(c);
    else
        client_retry_later(c, 0, why);
}

const struct net_link_handlers client_link_handlers = {on_open, on_packet, on_error_code, on_closed};
