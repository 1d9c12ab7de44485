/* How a client comes to a key, and from the key to its session: what keys.h says that the slot needs is done here. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/tg/connection/client_internal.h"
#include "daemon/tg/connection/init_prefix.h"

/* --- the exchange --- */

static void await(struct tg_client *c)
{
    client_await(c, tg_now(c->env) + CLIENT_EXCHANGE_S * SECOND_US);
}

int client_exchange(struct tg_client *c, struct tg_key_slot *slot)
{
    struct mt_handshake_client_config config = {
        .clock = c->env->clock,
        .random = c->env->random,
        .keys = c->dc->keys,
        .keys_n = c->dc->keys_n,
        .dc = c->dc->handshake_id,
        .expires_in = slot->life_s,
    };
    int err = mt_handshake_client_new(&config, &c->handshake);

    buf_reset(&c->out);
    if (!err)
        err = mt_handshake_client_start(c->handshake, &c->out);
    if (!err)
        err = net_link_send(c->link, c->out.data, c->out.len);
    c->making = slot;
    return err;
}

static void exchange(struct tg_client *c, struct tg_key_slot *slot)
{
    tg_key_slot_clear(slot);
    /* It was had before the link was dialled, and may be over if that took long. */
    if (!client_take_turn(c))
        return;
    int err = client_exchange(c, slot);
    if (err)
        client_retry_later(c, 0, tgc_err_text(err));
    else
        await(c);
}

/* Without it: the link serves on where it is for the next key only. */
static void exchange_failed(struct tg_client *c, const char *why)
{
    if (c->making == &c->temporary.next)
        client_next_failed(c, why);
    else
        client_retry_later(c, 0, why);
}

static void key_made(struct tg_client *c)
{
    struct mt_handshake_result made = mt_handshake_client_take(c->handshake);

    mt_handshake_client_free(c->handshake);
    c->handshake = NULL;
    /* The temporary key that comes behind a permanent one is made in the same turn. */
    if (c->making != &c->key || !c->temporary.is_used)
        client_turn_over(c);
    tg_key_slot_put(c->making, &made);
    if (c->making == &c->temporary.next) {
        client_next_made(c);
        return;
    }
    c->temporary.has_changed |= c->making == &c->temporary.key;
    client_go_on(c);
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
        exchange_failed(c, why);
        return;
    }
    int err = c->out.len ? net_link_send(c->link, c->out.data, c->out.len) : 0;
    if (err)
        client_retry_later(c, 0, tgc_err_text(err));
    else if (done == 1)
        key_made(c);
}

void client_exchange_timeout(struct tg_client *c)
{
    if (client_gives_turn_up(c))
        return;
    client_retry_later(c, 0,
                       c->handshake ? "the key exchange took too long"
                       : c->side    ? "the server does not say whether it knows our key"
                                    : "keeping the new key takes too long");
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
    struct tg_made_key made = {.dc = c->dc->id, .key = c->key.key->key, .salt = c->key.salt};
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
        client_go_on(c);
}

/* --- using it --- */

struct mt_session_config client_session_config(struct tg_client *c, const struct tg_key_slot *slot)
{
    bool is_temporary = slot->kind == TG_KEY_TEMPORARY;

    return (struct mt_session_config){
        .clock = c->env->clock,
        .random = c->env->random,
        .handlers = &client_session_handlers,
        .ctx = c,
        .key = slot->key,
        .binding = {is_temporary ? c->key.key : NULL, slot->expires_at, client_on_bound},
        .salt = slot->salt,
        .time_offset_us = slot->time_offset_us,
        .time_is_trusted = slot->time_is_trusted,
    };
}

static int start_session(struct tg_client *c, const struct mt_session_config *config)
{
    struct mt_session *session = NULL;
    struct buf prefix;
    int err = mt_session_new(config, &session);

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
    c->is_new_session = !err;
    return err;
}

void client_is_ready(struct tg_client *c)
{
    bool is_new = c->is_new_session, was_away = c->was_away;

    if (c->connection.state != TG_CONNECTION_READY)
        client_go(c, TG_CONNECTION_READY);
    backoff_healthy(&c->backoff, tg_now(c->env));
    c->is_new_session = c->was_away = false;
    if (is_new)
        c->handlers->on_session(c->ctx);
    else if (was_away)
        c->handlers->on_link_back(c->ctx);
}

static void speak(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;
    struct mt_session_config config = client_session_config(c, t->is_used ? &t->key : &c->key);
    int err = 0;

    if (!c->session)
        err = start_session(c, &config);
    else if (t->has_changed)
        err = mt_session_rekey(c->session, &config);
    if (c->connection.state == TG_CONNECTION_OFF)
        return; /* retired by what it heard of requests that end here */
    if (err) {
        client_retry_later(c, 0, tgc_err_text(err));
        return;
    }
    t->has_changed = false;
    t->until_us = tg_now(c->env) + CLIENT_EXCHANGE_S * SECOND_US;
    mt_session_connected(c->session);
    c->is_speaking = true;
    bool is_bound = mt_session_is_bound(c->session);
    t->renew_us = is_bound ? tg_key_slot_renew_us(&t->key) : INT64_MAX;
    if (is_bound && c->connection.state != TG_CONNECTION_READY)
        client_go(c, TG_CONNECTION_READY);
    client_pump(c);
    if (is_bound && c->is_speaking)
        client_is_ready(c);
}

static void go_on_temporary(struct tg_client *c)
{
    if (c->temporary.doubts_permanent)
        client_ask_permanent(c);
    else if (client_temporary_need(c) == TG_KEY_MAKE)
        exchange(c, &c->temporary.key);
    else
        speak(c);
}

void client_go_on(struct tg_client *c)
{
    switch (tg_key_slot_need(&c->key, tg_now(c->env))) {
    case TG_KEY_MAKE:
        exchange(c, &c->key);
        break;
    case TG_KEY_COMMIT:
        offer(c);
        break;
    case TG_KEY_WAIT:
        await(c);
        break;
    case TG_KEY_USE:
    case TG_KEY_RENEW: /* never of the permanent key */
        if (c->temporary.is_used)
            go_on_temporary(c);
        else
            speak(c);
        break;
    }
}

bool client_makes_key(struct tg_client *c)
{
    const struct client_temporary *t = &c->temporary;

    return tg_key_slot_need(&c->key, tg_now(c->env)) == TG_KEY_MAKE ||
           (t->is_used && !t->doubts_permanent && client_temporary_need(c) == TG_KEY_MAKE);
}

/* Nothing is to be made, kept, bound or asked first. */
static bool can_speak(struct tg_client *c)
{
    const struct client_temporary *t = &c->temporary;

    if (tg_key_slot_need(&c->key, tg_now(c->env)) != TG_KEY_USE)
        return false;
    return !t->is_used || (!t->doubts_permanent && client_temporary_need(c) != TG_KEY_MAKE && !t->has_changed &&
                           c->session && mt_session_is_bound(c->session));
}

void client_open(struct tg_client *c)
{
    if (!can_speak(c))
        client_go(c, TG_CONNECTION_EXCHANGING);
    client_go_on(c);
}

void client_turn_came(void *client)
{
    struct tg_client *c = client;

    c->trouble[0] = '\0';
    c->remedy = NULL;
    if (c->connection.state == TG_CONNECTION_WAITING)
        client_connect(c);
    else if (c->is_speaking)
        client_next_may_be_made(c);
    else
        client_go_on(c);
}

bool tg_client_key(const struct tg_client *c, struct tg_given_key *ret)
{
    if (c->key.stage != TG_KEY_KEPT)
        return false;
    bool speaks = c->session && !c->temporary.is_used;
    *ret = (struct tg_given_key){.key = c->key.key->key, .salt = speaks ? mt_session_salt(c->session) : c->key.salt};
    return true;
}

bool tg_client_key_id(const struct tg_client *c, uint64_t *ret)
{
    if (!c->key.key)
        return false;
    *ret = le64_load(c->key.key->id);
    return true;
}

void client_drop_key(struct tg_client *c)
{
    if (c->commit)
        c->commit->client = NULL;
    c->commit = NULL;
    mt_session_free(c->session);
    c->session = NULL;
    client_side_end(c);
    client_temporary_fini(c);
    tg_key_slot_clear(&c->key);
}
