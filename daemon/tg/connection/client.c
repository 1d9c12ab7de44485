#include "daemon/tg/connection/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/le.h"
#include "daemon/base/limits.h"
#include "daemon/base/log.h"
#include "daemon/base/meter.h"
#include "daemon/mt/ids.h"
#include "daemon/tg/connection/client_internal.h"

/* They are counted by their order. */
#define X(name) METER_CONNECTION_##name - METER_CONNECTION_OFF == (int)TG_CONNECTION_##name
_Static_assert(X(WAITING) && X(DIALING) && X(EXCHANGING) && X(READY), "a meter for each state, in the same order");
#undef X

enum { KEEP_OUT = 256 << 10 }; /* what the packet buffer may keep between packets */

/* A connection's state among all. */
static void count(struct tg_client *c, int by)
{
    meter_add(c->env->meter, METER_CONNECTION_OFF + c->connection.state, by);
}

bool client_go(struct tg_client *c, enum tg_connection_state state)
{
    enum tg_connection_state was = c->connection.state;

    count(c, -1);
    if (!tg_connection_go(&c->connection, state, clock_wall_us(c->env->clock) / SECOND_US)) {
        log_error("tg", "DC %d: a connection that is %s does not become %s", c->dc->id,
                  tg_connection_state_text(c->connection.state), tg_connection_state_text(state));
        count(c, 1);
        return false;
    }
    count(c, 1);
    if (was == TG_CONNECTION_READY && state == TG_CONNECTION_WAITING)
        meter_add(c->env->meter, METER_RECONNECTS, 1);
    if (state == TG_CONNECTION_READY) {
        c->trouble[0] = '\0';
        c->remedy = NULL;
    }
    return true;
}

static void drop_link(struct tg_client *c)
{
    client_turn_over(c);
    client_close_link(c);
    mt_handshake_client_free(c->handshake);
    c->handshake = NULL;
    client_side_end(c);
    c->is_speaking = false;
    c->was_away = true;
    c->temporary.pause_us = 0; /* the link's own comes in its place */
    if (c->session)
        mt_session_disconnected(c->session);
}

static void back_off(struct tg_client *c, int64_t at_least_us)
{
    int64_t now = tg_now(c->env), wait_us = backoff_next(&c->backoff, now, at_least_us, c->env->random);

    log_info("tg", "DC %d: %s; next attempt in %.1f s", c->dc->id, c->trouble, (double)wait_us / SECOND_US);
    net_timer_set(c->timer, now + wait_us);
}

/* No server has failed: however long it takes, the back-off is what it was. */
static void await_gate(struct tg_client *c)
{
    log_info("tg", "DC %d: %s; next attempt when it holds again", c->dc->id, c->trouble);
    c->awaits_gate = true;
    net_timer_stop(c->timer);
}

void client_retry_later(struct tg_client *c, int64_t at_least_us, const char *why)
{
    enum tg_connection_state was = c->connection.state;
    /* A pause that is due goes before the gate. */
    bool is_shut = !at_least_us && !net_gate_is_open(c->env->loop);

    if (!client_go(c, TG_CONNECTION_WAITING))
        return;
    /* It may have connected and not served: the next attempt begins elsewhere. */
    if (!is_shut && (was != TG_CONNECTION_READY || !c->is_heard))
        c->attempt++;
    snprintf(c->trouble, sizeof(c->trouble), "%s", is_shut ? NET_GATE_SHUT : why); /* it may be the link's */
    c->remedy = NULL;
    c->has_failed = true;
    drop_link(c);
    if (is_shut)
        await_gate(c);
    else
        back_off(c, at_least_us);
    if (was == TG_CONNECTION_READY)
        c->handlers->on_link_lost(c->ctx);
}

/* --- the one timer --- */

/* Sends all that is due and sets the timer to the session's next wish. */
void client_pump(struct tg_client *c)
{
    int more = 1;

    if (!c->is_speaking || client_temporary_look(c))
        return;
    while (more > 0) {
        buf_reset(&c->out);
        more = mt_session_flush(c->session, &c->out);
        if (more > 0) {
            int err = net_link_send(c->link, c->out.data, c->out.len);
            if (err) {
                client_retry_later(c, 0, tgc_err_text(err));
                return;
            }
        }
    }
    if (more < 0) {
        client_retry_later(c, 0, tgc_err_text(more));
        return;
    }
    /* One large result must not be paid for ever. */
    if (c->out.cap > KEEP_OUT) {
        buf_fini(&c->out);
        buf_init(&c->out, LIMIT_PACKET);
    }
    int64_t session_us = mt_session_deadline(c->session), key_us = client_temporary_deadline(c);
    net_timer_set(c->timer, session_us < key_us ? session_us : key_us);
}

static void hear_bytes(struct tg_client *c)
{
    uint64_t received = net_link_received(c->link);

    if (received != c->received)
        mt_session_heard(c->session);
    c->received = received;
}

static void tick(struct tg_client *c)
{
    hear_bytes(c);
    if (mt_session_tick(c->session) != 0 && c->is_speaking)
        client_retry_later(c, 0, "the server went silent");
    else
        client_pump(c);
}

/* What was received is acknowledged before leaving. */
static void settle(struct tg_client *c)
{
    mt_session_settle(c->session);
    buf_reset(&c->out);
    if (mt_session_flush(c->session, &c->out) > 0 && net_link_send(c->link, c->out.data, c->out.len))
        log_debug("tg", "DC %d: the last words could not be sent", c->dc->id);
}

static void on_timer(void *ctx)
{
    struct tg_client *c = ctx;

    if (c->is_speaking) {
        tick(c);
        return;
    }
    switch (c->connection.state) {
    case TG_CONNECTION_EXCHANGING:
        client_exchange_timeout(c);
        break;
    case TG_CONNECTION_WAITING:
        client_connect(c);
        break;
    case TG_CONNECTION_OFF: /* it has been leaving for long enough */
        drop_link(c);
        break;
    case TG_CONNECTION_DIALING: /* a dial has a deadline of its own */
        if (!client_gives_turn_up(c))
            net_timer_stop(c->timer);
        break;
    default:
        break;
    }
}

static void dial(struct tg_client *c)
{
    client_go(c, TG_CONNECTION_DIALING);
    client_await(c, INT64_MAX);
    const char *unfit = tg_way_unfit(c->way, c->env);
    if (unfit) {
        client_retry_later(c, 0, unfit);
        return;
    }
    int err = client_open_link(c);
    if (err)
        client_retry_later(c, 0, tgc_err_text(err));
}

void client_connect(struct tg_client *c)
{
    if (client_makes_key(c) && !client_take_turn(c)) {
        c->has_failed = false;
        if (c->connection.state != TG_CONNECTION_WAITING)
            client_go(c, TG_CONNECTION_WAITING);
        return;
    }
    dial(c);
}

/* --- the public part --- */

int tg_client_new(const struct tg_env *env, int32_t dc, struct tg_way *way, const struct tg_given_key *given,
                  const struct tg_client_handlers *handlers, void *ctx, struct tg_client **ret)
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
    tg_key_slot_init(&c->key, TG_KEY_PERMANENT);
    client_temporary_init(c);
    int err = given ? tg_key_slot_give(&c->key, given->key, given->salt, given->is_new) : 0;
    if (!err)
        err = net_timer_new(env->loop, on_timer, c, &c->timer);
    if (err) {
        tg_key_slot_clear(&c->key);
        free(c);
        return err;
    }
    c->way = tg_way_ref(way);
    c->turn = (struct handshake_place){.granted = client_turn_came, .ctx = c};
    count(c, 1);
    client_watch_gate(c);
    client_connect(c);
    *ret = c;
    return 0;
}

/* Not with a request under way: nothing may go out unheard. */
static bool can_part(const struct tg_client *c)
{
    return c->connection.state == TG_CONNECTION_READY && !mt_session_pending(c->session);
}

void tg_client_destroy_key(struct tg_client *c)
{
    uint8_t query[4];
    uint64_t request;

    le32_store(query, MT_DESTROY_AUTH_KEY);
    if (can_part(c) && c->temporary.is_used)
        client_side_farewell(c);
    else if (can_part(c) && mt_session_send(c->session, query, sizeof(query), &request) == 0)
        settle(c);
}

void tg_client_free(struct tg_client *c)
{
    if (!c)
        return;
    if (can_part(c))
        settle(c);
    drop_link(c);
    client_drop_key(c);
    net_gate_forget(&c->ear);
    count(c, -1);
    tg_way_unref(c->way);
    net_timer_free(c->timer);
    buf_fini(&c->out);
    free(c);
}

/* What failed before did so by the other way: it says nothing of this one. */
void tg_client_go_by(struct tg_client *c, struct tg_way *way)
{
    enum tg_connection_state was = c->connection.state;

    if (was == TG_CONNECTION_OFF || tg_way_is(c->way, way))
        return;
    if (was != TG_CONNECTION_WAITING && !client_go(c, TG_CONNECTION_WAITING))
        return;
    drop_link(c);
    tg_way_unref(c->way);
    c->way = tg_way_ref(way);
    c->backoff = (struct backoff){0};
    c->trouble[0] = '\0';
    c->remedy = NULL;
    net_timer_set(c->timer, tg_now(c->env));
    if (was == TG_CONNECTION_READY)
        c->handlers->on_link_lost(c->ctx);
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

static void mute_key(void *ctx, const struct tg_made_key *made, struct tg_commit *commit)
{
    (void)ctx, (void)made;
    tg_commit_done(commit, TGC_ESTATE, NULL);
}

static void mute(void *ctx)
{
    (void)ctx;
}

static const struct tg_client_handlers mute_handlers = {mute_result, mute_error, mute_failed, mute_update, mute,
                                                        mute_key,    mute,       mute,        mute,        mute};

void tg_client_retire(struct tg_client *c)
{
    bool leaves = c->connection.state == TG_CONNECTION_READY && c->side;

    c->handlers = &mute_handlers;
    /* The session may be in the middle of a packet: it stays until the client is freed. */
    client_turn_over(c);
    c->is_speaking = false;
    client_go(c, TG_CONNECTION_OFF);
    if (leaves) {
        net_timer_set(c->timer, tg_now(c->env) + TG_CLIENT_LEAVE_US);
        return;
    }
    client_close_link(c);
    net_timer_stop(c->timer);
}

bool tg_client_is_leaving(const struct tg_client *c)
{
    return c->connection.state == TG_CONNECTION_OFF && c->link;
}

int32_t tg_client_dc(const struct tg_client *c)
{
    return c->dc->id;
}

int tg_client_send(struct tg_client *c, const void *query, size_t len, uint64_t *ret_request)
{
    if (!c->session)
        return TGC_ESTATE;
    int err = mt_session_send(c->session, query, len, ret_request);
    /* Not flushed here: what is queued in one turn of the loop leaves in one packet. */
    if (!err && c->connection.state == TG_CONNECTION_READY)
        net_timer_set(c->timer, 0);
    return err;
}

void tg_client_repeat(struct tg_client *c, uint64_t request)
{
    if (!c->session)
        return;
    mt_session_repeat(c->session, request);
    if (c->connection.state == TG_CONNECTION_READY)
        net_timer_set(c->timer, 0);
}

void tg_client_forget(struct tg_client *c, uint64_t request)
{
    if (c->session)
        mt_session_forget(c->session, request);
}

void tg_client_once(struct tg_client *c, uint64_t request)
{
    if (c->session)
        mt_session_once(c->session, request);
}

int tg_client_expire(struct tg_client *c, uint64_t request)
{
    return c->session ? mt_session_expire(c->session, request) : TGC_ETIMEOUT;
}

bool tg_client_may_have_run(const struct tg_client *c, uint64_t request)
{
    return c->session && mt_session_may_have_run(c->session, request);
}

bool tg_client_in_doubt(const struct tg_client *c)
{
    return c->session && mt_session_in_doubt(c->session);
}

void tg_client_init_again(struct tg_client *c)
{
    if (c->session)
        mt_session_init_again(c->session);
}

bool tg_client_server_us(const struct tg_client *c, int64_t *ret_us)
{
    return c->session && mt_session_server_us(c->session, ret_us);
}

const struct tg_connection *tg_client_connection(const struct tg_client *c)
{
    return &c->connection;
}

const char *tg_client_trouble(const struct tg_client *c)
{
    return c->trouble;
}

const char *tg_client_remedy(const struct tg_client *c)
{
    return c->remedy;
}

bool tg_client_has_failed(const struct tg_client *c)
{
    return c->trouble[0] && c->has_failed;
}
