/* How a client comes to a key, and from the key to its session: what keys.h says that the slot needs is done here. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/connection/client_internal.h"
#include "daemon/tg/connection/init_prefix.h"

enum { EXCHANGE_TIMEOUT_S = 15 };

static void go_on(struct tg_client *c);

/* --- the exchange --- */

static void await(struct tg_client *c)
{
    net_timer_set(c->timer, tg_now(c->env) + EXCHANGE_TIMEOUT_S * SECOND_US);
}

static void exchange(struct tg_client *c)
{
    struct mt_handshake_client_config config = {
        .clock = c->env->clock,
        .random = c->env->random,
        .keys = c->dc->keys,
        .keys_n = c->dc->keys_n,
        .dc = c->dc->handshake_id,
        .expires_in = tg_key_policies[c->key.kind].life_s,
    };
    int err = mt_handshake_client_new(&config, &c->handshake);

    buf_reset(&c->out);
    if (!err)
        err = mt_handshake_client_start(c->handshake, &c->out);
    if (!err)
        err = net_link_send(c->link, c->out.data, c->out.len);
    if (err)
        client_retry_later(c, 0, tgc_err_text(err));
    else
        await(c);
}

void client_hear_exchange(struct tg_client *c, const uint8_t *data, size_t len)
{
    struct fault fault = {0};

    if (!c->handshake)
        return; /* nothing was asked: the key is only waited for */
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
    if (err) {
        client_retry_later(c, 0, tgc_err_text(err));
        return;
    }
    if (done == 1) {
        struct mt_handshake_result made = mt_handshake_client_take(c->handshake);
        mt_handshake_client_free(c->handshake);
        c->handshake = NULL;
        tg_key_slot_put(&c->key, &made);
        go_on(c);
    }
}

void client_exchange_timeout(struct tg_client *c)
{
    client_retry_later(c, 0, c->handshake ? "the key exchange took too long" : "keeping the new key takes too long");
}

/* --- keeping what was made --- */

static void not_kept(struct tg_client *c, const char *cause)
{
    char why[sizeof(c->trouble)];

    snprintf(why, sizeof(why), "the new key could not be kept: %.150s", cause);
    log_error("tg", "DC %d: %s", c->dc->id, why);
    if (c->connection.state == TG_CONNECTION_EXCHANGING)
        client_retry_later(c, 0, why);
}

static void offer(struct tg_client *c)
{
    struct tg_made_key made = {.dc = c->dc->id, .key = c->key.key, .salt = c->key.salt};
    struct tg_commit *commit = malloc(sizeof(*commit));

    if (!commit) {
        not_kept(c, tgc_err_text(TGC_ENOMEM));
        return;
    }
    commit->client = c;
    c->commit = commit;
    tg_key_slot_offer(&c->key);
    await(c);
    c->handlers->on_key_made(c->ctx, &made, commit);
}

void tg_commit_done(struct tg_commit *commit, int err, const char *why)
{
    struct tg_client *c = commit->client;

    free(commit);
    if (!c)
        return;
    c->commit = NULL;
    tg_key_slot_committed(&c->key, err == 0);
    if (err)
        not_kept(c, why ? why : tgc_err_text(err));
    else if (c->connection.state == TG_CONNECTION_EXCHANGING)
        go_on(c);
}

/* --- using it --- */

static int start_session(struct tg_client *c)
{
    struct mt_session_config config = {
        .clock = c->env->clock,
        .random = c->env->random,
        .handlers = &client_session_handlers,
        .ctx = c,
        .key = c->key.key,
        .salt = c->key.salt,
        .time_offset_us = c->key.time_offset_us,
        .time_is_trusted = c->key.time_is_trusted,
    };
    struct mt_session *session = NULL;
    struct buf prefix;
    int err = mt_session_new(&config, &session);

    buf_init(&prefix, LIMIT_QUERY);
    if (!err)
        err = tg_init_prefix(c->env, &prefix);
    if (!err)
        err = mt_session_set_prefix(session, prefix.data, prefix.len);
    buf_fini(&prefix);
    if (err)
        mt_session_free(session);
    else
        c->session = session;
    return err;
}

static void speak(struct tg_client *c)
{
    bool is_new = !c->session;
    int err = is_new ? start_session(c) : 0;

    if (err) {
        client_retry_later(c, 0, tgc_err_text(err));
        return;
    }
    mt_session_connected(c->session);
    client_go(c, TG_CONNECTION_READY);
    backoff_healthy(&c->backoff, tg_now(c->env));
    client_pump(c);
    if (is_new)
        c->handlers->on_session(c->ctx);
}

static void go_on(struct tg_client *c)
{
    switch (tg_key_slot_need(&c->key, tg_now(c->env))) {
    case TG_KEY_MAKE:
        exchange(c);
        break;
    case TG_KEY_COMMIT:
        offer(c);
        break;
    case TG_KEY_WAIT:
        await(c);
        break;
    case TG_KEY_USE:
    case TG_KEY_RENEW: /* never of the permanent key, which is the only one here */
        speak(c);
        break;
    }
}

void client_open(struct tg_client *c)
{
    if (tg_key_slot_need(&c->key, tg_now(c->env)) != TG_KEY_USE)
        client_go(c, TG_CONNECTION_EXCHANGING);
    go_on(c);
}

bool tg_client_key(const struct tg_client *c, struct tg_given_key *ret)
{
    if (c->key.stage != TG_KEY_KEPT)
        return false;
    *ret =
        (struct tg_given_key){.key = c->key.key->key, .salt = c->session ? mt_session_salt(c->session) : c->key.salt};
    return true;
}

void client_drop_key(struct tg_client *c)
{
    if (c->commit)
        c->commit->client = NULL;
    c->commit = NULL;
    mt_session_free(c->session);
    c->session = NULL;
    tg_key_slot_clear(&c->key);
}
