/* The life of a temporary key ("Perfect Forward Secrecy"): bound before anything is asked under it, followed by the
 * next before its end, and given up at the server's first word against it. None of that touches the login, which is the
 * permanent key's. */
#include <stdio.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/tg/connection/client_internal.h"

enum { CLIENT_FAULT = 400, UNAUTHORIZED = 401, FLOOD = 420 };
/* No wait that a server asks for is longer in earnest. */
enum { WAIT_MOST_S = 14 * 86400 };

void client_temporary_init(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;

    t->is_used = c->env->temporary_key_life_s > 0;
    tg_key_slot_init(&t->key, TG_KEY_TEMPORARY);
    tg_key_slot_init(&t->next, TG_KEY_TEMPORARY);
    t->key.life_s = t->next.life_s = c->env->temporary_key_life_s;
    t->renew_us = INT64_MAX;
    t->refused_wait_us = -1;
}

void client_temporary_fini(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;

    tg_key_slot_clear(&t->key);
    tg_key_slot_clear(&t->next);
    t->has_changed = t->is_unbound = t->doubts_permanent = false;
    t->pause_us = 0;
    t->renew_us = INT64_MAX;
    t->refused_wait_us = -1;
}

/* --- its beginning --- */

/* The session still has the key before, which is not touched until it has this one. */
static void take_next(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;
    int32_t life_s = t->next.life_s;

    tg_key_slot_clear(&t->key);
    t->key = t->next;
    tg_key_slot_init(&t->next, TG_KEY_TEMPORARY);
    t->next.life_s = life_s;
    t->has_changed = true;
}

enum tg_key_need client_temporary_need(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;
    int64_t now = tg_now(c->env);

    if (tg_key_slot_need(&t->key, now) == TG_KEY_MAKE && tg_key_slot_need(&t->next, now) != TG_KEY_MAKE)
        take_next(c);
    return tg_key_slot_need(&t->key, now);
}

void client_on_bound(void *ctx, int err, const struct mt_rpc_error *refusal)
{
    struct tg_client *c = ctx;
    struct client_temporary *t = &c->temporary;
    int64_t now = tg_now(c->env);

    if (!err) {
        tg_key_slot_served(&c->key);
        t->renew_us = tg_key_slot_renew_us(&t->key);
        backoff_healthy(&t->backoff, now);
        client_is_ready(c);
        return;
    }
    int64_t wait_s = refusal && refusal->code == FLOOD && refusal->has_parameter ? refusal->parameter : 0;
    t->refused_wait_us = (wait_s < 0 ? 0 : wait_s > WAIT_MOST_S ? WAIT_MOST_S : wait_s) * SECOND_US;
    /* Of all that the message says only the permanent key is not fresh. */
    t->doubts_permanent |= refusal && strcmp(refusal->message, "ENCRYPTED_MESSAGE_INVALID") == 0;
    if (refusal)
        snprintf(t->refused, sizeof(t->refused), "%d %.60s", refusal->code, refusal->message);
    else
        snprintf(t->refused, sizeof(t->refused), "%.80s", tgc_err_text(err));
}

/* --- its end --- */

/* Returns the pause that is due before the next is made: of its own, and not forgotten because requests were answered,
 * since a server that forgets keys is not to be asked for one after the other. */
static int64_t give_up(struct tg_client *c, int64_t at_least_us)
{
    struct client_temporary *t = &c->temporary;
    int64_t least_us = at_least_us > SECOND_US ? at_least_us : SECOND_US;

    tg_key_slot_clear(&t->key);
    t->is_unbound = false;
    t->refused_wait_us = -1;
    t->renew_us = INT64_MAX;
    return backoff_next(&t->backoff, tg_now(c->env), least_us, c->env->random);
}

void client_temporary_lost(struct tg_client *c, int64_t at_least_us, const char *why)
{
    client_retry_later(c, give_up(c, at_least_us), why);
}

/* Some servers know no temporary keys. */
static void wait_refused(struct tg_client *c, int64_t pause_us, const char *why)
{
    client_retry_later(c, pause_us, why);
    c->remedy = "Where no temporary key is bound for long, set pfs = no in [telegram] and restart the daemon: the "
                "permanent key then speaks itself";
}

static void refused(struct tg_client *c)
{
    char why[sizeof(c->trouble)];

    snprintf(why, sizeof(why), "the server refuses to bind our temporary key: %s", c->temporary.refused);
    log_warning("tg", "DC %d: %s", c->dc->id, why);
    int64_t pause_us = give_up(c, c->temporary.refused_wait_us);
    if (!c->temporary.doubts_permanent || c->connection.state != TG_CONNECTION_EXCHANGING) {
        wait_refused(c, pause_us, why);
        return;
    }
    c->temporary.pause_us = pause_us;
    c->is_speaking = false;
    mt_session_disconnected(c->session);
    client_ask_permanent(c);
}

void client_permanent_known(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;
    char why[sizeof(c->trouble)];
    int64_t pause_us = t->pause_us;

    log_info("tg", "DC %d: the server knows our permanent key", c->dc->id);
    client_side_end(c);
    tg_key_slot_served(&c->key);
    t->doubts_permanent = false;
    t->pause_us = 0;
    if (!pause_us) {
        client_go_on(c);
        return;
    }
    snprintf(why, sizeof(why), "the server refuses to bind our temporary key: %s", t->refused);
    wait_refused(c, pause_us, why);
}

/* --- the next one --- */

void client_next_failed(struct tg_client *c, const char *why)
{
    struct client_temporary *t = &c->temporary;
    int64_t now = tg_now(c->env);

    mt_handshake_client_free(c->handshake);
    c->handshake = NULL;
    client_turn_over(c);
    t->renew_us = now + backoff_next(&t->backoff, now, SECOND_US, c->env->random);
    log_info("tg", "DC %d: the next temporary key: %s", c->dc->id, why);
    net_timer_set(c->timer, 0);
}

void client_next_may_be_made(struct tg_client *c)
{
    c->temporary.renew_us = tg_now(c->env);
    net_timer_set(c->timer, 0);
}

void client_next_made(struct tg_client *c)
{
    net_timer_set(c->timer, 0);
}

/* On the same link, while the key before speaks: nothing waits for it. */
static void make_next(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;

    if (!client_has_turn(c)) {
        t->renew_us = INT64_MAX; /* until it is */
        return;
    }
    tg_key_slot_clear(&t->next);
    t->turn_us = client_turn_end_us(c);
    t->until_us = tg_now(c->env) + CLIENT_EXCHANGE_S * SECOND_US;
    int err = client_exchange(c, &t->next);
    if (err)
        client_next_failed(c, tgc_err_text(err));
}

/* What is owed for the session that ends here is said first. */
static void part(struct tg_client *c)
{
    mt_session_settle(c->session);
    buf_reset(&c->out);
    if (mt_session_flush(c->session, &c->out) > 0 && net_link_send(c->link, c->out.data, c->out.len))
        log_debug("tg", "DC %d: the last words under a key could not be sent", c->dc->id);
}

static void go_over(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;

    mt_session_hold(c->session, true);
    part(c);
    take_next(c);
    log_debug("tg", "DC %d: the next temporary key", c->dc->id);
    struct mt_session_config config = client_session_config(c, &t->key);
    int err = mt_session_rekey(c->session, &config);
    if (!c->is_speaking)
        return; /* retired by what it heard of requests that end here */
    if (err) {
        client_retry_later(c, 0, tgc_err_text(err));
        return;
    }
    t->has_changed = false;
    t->renew_us = INT64_MAX; /* until it is bound */
    t->until_us = tg_now(c->env) + CLIENT_EXCHANGE_S * SECOND_US;
}

/* A request that is under way would lose its answer with the session, so the change waits for a moment with none. Where
 * none comes, what is new waits for a while; at the last nothing is waited for. */
static void look_at_next(struct tg_client *c, int64_t now)
{
    struct client_temporary *t = &c->temporary;

    if (mt_session_is_quiet(c->session) || now >= tg_key_slot_leave_us(&t->key))
        go_over(c);
    else
        mt_session_hold(c->session, now >= tg_key_slot_drain_us(&t->key));
}

/* --- looking --- */

static void look_at_exchange(struct tg_client *c, int64_t now)
{
    struct client_temporary *t = &c->temporary;

    if (now >= t->until_us) {
        client_next_failed(c, "the key exchange took too long");
    } else if (now >= t->turn_us) {
        client_turn_over(c);
        t->turn_us = INT64_MAX;
    }
}

bool client_temporary_look(struct tg_client *c)
{
    struct client_temporary *t = &c->temporary;
    int64_t now = tg_now(c->env);

    if (!t->is_used)
        return false;
    if (t->refused_wait_us >= 0)
        refused(c);
    else if (t->is_unbound)
        client_temporary_lost(c, 0, "the server says that our temporary key is bound to none");
    else if (!mt_session_is_bound(c->session)) {
        if (now >= t->until_us)
            client_temporary_lost(c, 0, "binding the temporary key took too long");
    } else if (c->handshake) {
        look_at_exchange(c, now);
    } else if (tg_key_slot_need(&t->next, now) != TG_KEY_MAKE)
        look_at_next(c, now);
    else if (now >= t->key.expires_us)
        client_retry_later(c, 0, "the temporary key's time is over");
    else if (now >= t->renew_us)
        make_next(c);
    return !c->is_speaking;
}

int64_t client_temporary_deadline(const struct tg_client *c)
{
    const struct client_temporary *t = &c->temporary;
    int64_t now = tg_now(c->env), at_us;

    if (!t->is_used)
        return INT64_MAX;
    if (c->handshake && t->turn_us < t->until_us)
        return t->turn_us;
    if (c->handshake || !mt_session_is_bound(c->session))
        return t->until_us;
    if (tg_key_slot_need(&t->next, now) == TG_KEY_MAKE)
        at_us = t->renew_us < t->key.expires_us ? t->renew_us : t->key.expires_us;
    else
        at_us = now < tg_key_slot_drain_us(&t->key) ? tg_key_slot_drain_us(&t->key) : tg_key_slot_leave_us(&t->key);
    return at_us;
}
